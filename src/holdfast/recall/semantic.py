"""Find texts by their meaning too: optional, by a model on this machine that a person chose.

The vectors of texts are made in batches by `fill`, within a time budget, and never by a hook; a search is
exact. What words find and what meaning finds is fused by rank (reciprocal rank fusion; Cormack, Clarke &
Büttcher 2009), with a small constant.
"""

from __future__ import annotations

import functools
import math
import os
import time
from collections.abc import Callable, Collection, Sequence
from typing import TypeVar

import msgspec

from holdfast.errors import EnvironmentProblem
from holdfast.index import vectors
from holdfast.index.documents import Document, Hit
from holdfast.learn.sources import Budget
from holdfast.learn.view import View
from holdfast.recall.decisions import decisions_for
from holdfast.recall.encoders import MODELS, Encoder, folder_of, load
from holdfast.recall.items import HIDDEN, Item, Known
from holdfast.recall.search import MAX_DECISIONS, Found, recall_words
from holdfast.repo import config, own_choice
from holdfast.repo.config import Settings
from holdfast.repo.location import Repository

VARIABLE = "HOLDFAST_SEMANTIC_MODEL"
"""The environment's choice of a model; it goes before that of the clone, and ``off`` ends both."""
OFF = "off"

WITHOUT = ("session", "segment", "file", "symptoms")
"""Sources whose documents say nothing in sentences."""
SECONDS_BESIDE_A_QUESTION = 2.0
"""How long an answer may make vectors for what is new."""
RANK = 10
"""The constant of the fusion: the smaller, the more the first ranks count."""
STANDS_OUT = 2.0
"""Standard deviations above the mean of all documents from which on a text is near by its meaning. Among few
less is enough: of n, one can stand out by (n - 1) / √n at most, and half of that is asked for."""
MAX_TEXT = 1200
"""Characters of a document that are put to the model."""

_BATCH = 16
_Found = TypeVar("_Found", Hit, Item)


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """The model that was chosen.

    Attributes:
        model: The path of its folder, or ``NAME:ARGUMENT`` of another package; empty for none.
        origin: Where the choice was made: the environment, or this clone.
        problem: Why it is not used, though one is named; empty when it is.
    """

    model: str = ""
    origin: str = ""
    problem: str = ""


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """What a run of `fill` did.

    Attributes:
        made: Vectors made; ``left`` texts wait for the next run.
        dropped: Vectors of another model that were removed.
        seconds: What it took.
    """

    made: int
    left: int
    dropped: int = 0
    seconds: float = 0.0


def chosen(repository: Repository) -> Choice:
    """Return the model chosen for a clone on this machine.

    A model that local state names and nobody chose here, as in an unpacked copy of somebody's clone, is not
    used; `Choice.problem` says so.

    Raises:
        EnvironmentProblem: The clone's settings are damaged.
    """
    told = os.environ.get(VARIABLE, "").strip()
    if told:
        model = "" if told == OFF else told
        return Choice(model=model, origin=f"the environment, {VARIABLE}")
    settings = config.settings(repository)
    if settings is None or not settings.semantic:
        return Choice()
    problem = ""
    if not own_choice.is_proven(repository, "semantic", settings.semantic):
        problem = "Local state names a model that was not chosen on this machine; it is not used."
    return Choice(model=settings.semantic, origin="this clone", problem=problem)


def choose(repository: Repository, model: str) -> Settings:
    """Choose a model for a clone, after it was tried; ``off`` or nothing ends it.

    Raises:
        UsageError: The repository is not set up.
        EnvironmentProblem: The model cannot be used, or the choice cannot be kept.
    """
    if model.strip() in ("", OFF):
        return config.choose(repository, semantic="")
    if _is_path(model):
        model = str(folder_of(model).absolute())
    load(model)
    own_choice.prove(repository, "semantic", model)
    return config.choose(repository, semantic=model)


def encoder(repository: Repository) -> Encoder | None:
    """Return the encoder of the chosen model, loaded once a process; None when none was chosen.

    Raises:
        EnvironmentProblem: It cannot be used; the message says why.
    """
    choice = chosen(repository)
    if choice.problem:
        raise EnvironmentProblem(choice.problem, f"Choose one yourself: {VARIABLE}=FOLDER")
    return _loaded(choice.model, _stamp(choice.model)) if choice.model else None


def unusable(repository: Repository) -> str:
    """Say why the chosen model is not used, as far as that shows without loading it; empty when it is."""
    choice = chosen(repository)
    if choice.model and not choice.problem and _is_path(choice.model) and not _stamp(choice.model):
        return f"The model that was chosen here, {choice.model}, is not there."
    return choice.problem


def fill(view: View, *, seconds: float | None = None, by: Encoder | None = None) -> Progress:
    """Make the vectors that are missing, learnings first, then the newest; remove those of other models.

    Args:
        view: The repository's view.
        seconds: How long it may take; None for all there is.
        by: The encoder; by default that of the chosen model. Without one nothing is made.

    Raises:
        EnvironmentProblem: The chosen model cannot be used.
    """
    started, budget = time.monotonic(), Budget(seconds)
    by = by or encoder(view.repository)
    if by is None:
        return Progress(made=0, left=0)
    dropped = vectors.forget(view.index, but=by.name)
    rows = vectors.missing(view.index, by.name, WITHOUT)
    made = place = 0
    while place < len(rows) and budget.seconds_left() > 0:
        batch = rows[place : place + _BATCH]
        unread = vectors.read(view.index, batch)
        done: list[tuple[vectors.Unread, Sequence[float]]] = []
        for each in unread:
            done.append((each, _encode(by, text_of(each.document))))
            if budget.seconds_left() <= 0:
                break
        if not vectors.store(view.index, by.name, done):
            break
        made += len(done)
        place += len(done) + len(batch) - len(unread)  # what went away meanwhile needs none
    taken = round(time.monotonic() - started, 2)
    return Progress(made=made, left=len(rows) - place, dropped=dropped, seconds=taken)


def nearest(
    view: View,
    query: str,
    limit: int,
    sources: Collection[str] | None = None,
    *,
    by: Encoder | None = None,
) -> list[Hit]:
    """Return the documents that stand out as near to a text by their meaning, nearest first.

    A hit's score is the cosine; it matches no words. Only what has a vector is found: see `fill`.

    Args:
        view: The repository's view.
        query: The text.
        limit: Hits at most.
        sources: What they come from; all that has sentences by default.
        by: The encoder; by default that of the chosen model. Without one nothing is found.

    Raises:
        EnvironmentProblem: The chosen model cannot be used.
    """
    by = by or encoder(view.repository)
    if by is None or limit <= 0 or not query.strip():
        return []
    vector = _encode(by, query[:MAX_TEXT])
    wanted = limit
    while True:
        close = vectors.nearest(view.index, by.name, vector, wanted, sources=sources)
        near = [each for each in close if _stands_out(each) and view.sees(each.document)]
        if len(near) >= limit or len(close) < wanted or not _stands_out(close[-1]):
            return [Hit(each.document, each.cosine, (), 0, 0.0) for each in near[:limit]]
        wanted *= 4  # much of what is nearest belongs to other worktrees


def recall_meaning(view: View, query: str, limit: int = 8, *, by: Encoder | None = None) -> Found:
    """Return what is known that is near: decisions on it, then what words and meaning find, fused.

    Meaning always finds something nearest, so that this is for what is asked by name and never silent.
    What is new since vectors were last made is taken in first, for at most `SECONDS_BESIDE_A_QUESTION`.

    Args:
        view: The repository's view.
        query: What is asked.
        limit: Items at most.
        by: The encoder; by default that of the chosen model.

    Raises:
        EnvironmentProblem: No model was chosen, or it cannot be used.
    """
    by = by or encoder(view.repository)
    if by is None:
        raise EnvironmentProblem(
            "No model was chosen by which texts could be found by their meaning.",
            "Choose one that you have on disk: `holdfast ingest --semantic FOLDER`, with its model.onnx.",
        )
    progress = fill(view, seconds=SECONDS_BESIDE_A_QUESTION, by=by)
    decided = decisions_for(view, query, limit=min(limit, MAX_DECISIONS)).items
    words = recall_words(view, query, limit * 2)
    known = Known(view)
    meant: dict[str, Item] = {}
    for hit in nearest(view, query, limit * 3, view.everywhere, by=by):
        shown = known.shown(hit.document)
        if shown is not None and shown.state not in HIDDEN:
            item = known.item(shown, hit.score)
            meant.setdefault(item.id, item)
    passed = {each.id for each in words.replaced} | {item.id for item in decided}
    lists = [[item for item in items if item.id not in passed] for items in (words.items, meant.values())]
    items = [*decided, *fuse(lists, _id_of_item)]
    note = words.note
    if progress.left:
        note = f"{note} {progress.left:,} texts are not found by meaning yet; the next use goes on.".strip()
    return msgspec.structs.replace(words, items=items[:limit], note=note)


def fuse(lists: Sequence[Sequence[_Found]], key: Callable[[_Found], str]) -> list[_Found]:
    """Fuse lists, best first, by reciprocal ranks: what stands high in several comes first, ties by key.

    Of one that stands in several lists that of the first is returned.
    """
    found: dict[str, _Found] = {}
    scores: dict[str, float] = {}
    for ranked in lists:
        for rank, each in enumerate(ranked):
            found.setdefault(key(each), each)
            scores[key(each)] = scores.get(key(each), 0.0) + 1.0 / (RANK + rank)
    return [found[name] for name in sorted(found, key=lambda name: (-scores[name], name))]


def text_of(document: Document) -> str:
    """Return what of a document is put to the model: its title, its text, and details while there is room."""
    title = "" if document.text.startswith(document.title) else document.title
    return "\n".join(part for part in (title, document.text, document.detail) if part)[:MAX_TEXT]


def _stands_out(close: vectors.Close) -> bool:
    largest = (close.among - 1) / math.sqrt(close.among)
    return close.above >= min(STANDS_OUT, largest / 2)


def _encode(by: Encoder, text: str) -> Sequence[float]:
    """Return the vector of one text; what is wrong with an encoder of another package is said in a line."""
    try:
        made = by.encode([text])
        sound = len(made) == 1 and len(made[0]) == by.dimension
    except EnvironmentProblem:
        raise
    except Exception as fault:  # a stranger's code may raise anything
        raise EnvironmentProblem(
            f"The encoder {by.name[:80]} failed: {type(fault).__name__}: {fault}"[:300], f"{VARIABLE}={OFF}"
        ) from fault
    if not sound:
        raise EnvironmentProblem(
            f"The encoder {by.name[:80]} gave no vector of {by.dimension} numbers.", f"{VARIABLE}={OFF}"
        )
    return made[0]


@functools.lru_cache(maxsize=1)
def _loaded(model: str, _stamp: tuple[int, ...]) -> Encoder:
    return load(model)


def _stamp(model: str) -> tuple[int, ...]:
    """Return what changes with the files of a model, so that a long process does not keep an old one."""
    folder = folder_of(model)
    stamps = []
    for path in (folder, *(folder / name for name in MODELS)):
        try:
            status = path.stat()
        except (OSError, ValueError):
            continue
        stamps += [status.st_mtime_ns, status.st_size, status.st_ino]
    return tuple(stamps)


def _is_path(model: str) -> bool:
    name, colon, _ = model.partition(":")
    return not colon or "/" in name


def _id_of_item(item: Item) -> str:
    return item.id
