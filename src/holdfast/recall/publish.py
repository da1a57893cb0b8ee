"""Publish what hooks may tell: the answers themselves, computed here, so that a hook only looks them up.

The file lies in local state and is replaced as a whole. It is derived like the index: delete it, and the next
command writes it again, with the same answers for the same knowledge. What it may hold was decided here:
trust in identities, safety of texts, what the instructions say already, and what pays for its tokens.
"""

from __future__ import annotations

import hashlib
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from holdfast.evidence import holdouts
from holdfast.hook import levels, published, quotes
from holdfast.index.documents import Occurrence
from holdfast.learn.instruction_files import instruction_files
from holdfast.learn.view import View
from holdfast.recall.before_call import published_calls
from holdfast.recall.failures import Fixed, answer_text, fixes_of, place_of, written_of
from holdfast.recall.figures import Figures, figures_of
from holdfast.recall.fix_counts import Met
from holdfast.recall.guarding import published_guards
from holdfast.recall.hazards import hazards_of
from holdfast.recall.items import Known
from holdfast.recall.told_already import ToldAlready
from holdfast.recall.worth import EFFECT, weigh
from holdfast.repo import config
from holdfast.repo.replacing import replace
from holdfast.repo.trust import TrustStore

FORMAT = 4
"""Raise it when what is published changes without a change of what is known."""
MOST_FIXES = 6
"""Fixes that are published of one failure; a hook tells three of them at most."""
MOST_HAZARDS = 12
"""Failures that are published for a session's start; a hook tells five at most."""


def publish(view: View) -> bool:
    """Write what hooks may tell, when anything changed since it was last written; tell whether it did.

    In a repository that was not set up, is not trusted or cannot be written to, nothing is published, and
    what was is left: hooks themselves look whether the repository is trusted.
    """
    settings = config.settings(view.repository)
    state = TrustStore().state(view.repository)
    if settings is None or not state.trusted or view.stale:
        return False
    path = view.repository.state_dir / published.NAME
    revision, level = view.index.revision(), settings.level
    share = holdouts.share(view.repository)
    guards = published_guards(view)
    state_of = _digest(
        [
            revision,
            level,
            instructed(view),
            str(share),
            *sorted(view.believed()),
            *(item.digest for item in state.items),
            *(data for _, data in guards),
        ],
    )
    if published.meta_of(str(path)).get("of") == state_of:
        return False
    started = time.monotonic()
    settled = config.load(state).config
    answers = {key: _encoded(value) for key, value in _answers(view, settled.brief.start_tokens)}
    values = {
        "meta": _encoded(
            {
                "of": state_of,
                "revision": revision,
                "level": level,
                "instructed": instructed(view),
                "surfaces": list(levels.spoken(level)),
                "seed": _seed(view),
                "held_out": share,
                "windows": settled.context.windows,
                "seconds": int(time.monotonic() - started),
            }
        ),
        "guards": f"[{','.join(data for _, data in guards)}]",
        **answers,
    }
    replace(path, published.lines_of(values))
    return True


def instructed(view: View) -> str:
    """Return a digest of what the worktree's instructions say, since that is not published."""
    root = view.repository.root
    return _digest(text for _, text in instruction_files(root)) if root else ""


def _digest(parts: Iterable[str]) -> str:
    told = "\n".join([str(FORMAT), *parts])
    return hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()[:16]


def _seed(view: View) -> str:
    """Return what hold-outs are drawn by: the same in every clone that shares the first commit."""
    first = view.repository.git("rev-list", "--max-parents=0", "--max-count=1", "HEAD", check=False)
    return first.decode("ascii", "replace").strip()[:16]


def _encoded(value: object) -> str:
    return msgspec.json.encode(value).decode("utf-8", "replace")


def _answers(view: View, budget: int) -> Iterator[tuple[str, Any]]:
    known, figures, already = Known(view), figures_of(view), ToldAlready(view, None)
    yield "start", _start(view, figures, budget)
    for failure in _failures(view):
        told = _fixes(known, already, figures, failure)
        if told:
            yield f"fix:{1 if failure.specific else 0}:{failure.specific or failure.family}", told
    yield from _quotes(known, already, figures)
    programs = set()
    for key, program, value in published_calls(known):
        programs.add(program)
        yield key, value
    yield "programs", sorted(programs)


def _quotes(known: Known, already: ToldAlready, figures: Figures) -> Iterator[tuple[str, Any]]:
    """Yield what somebody wrote of failures, each under a number, and the numbers under their words."""
    found: dict[str, list[int]] = defaultdict(list)
    saves = round(EFFECT * weigh(figures, "failure", 1.0, "", surface="failure").saved)
    for number, (text, fix) in enumerate(sorted(written_of(known, already), key=lambda each: each[1].id)):
        for word in quotes.words_of(text):
            found[word].append(number)
        told = {"text": text[: quotes.MOST_TEXT], "saves": saves, "fixes": [_fix(figures, fix, None)]}
        yield f"written:{number}", told
    for word, numbers in found.items():
        if len(numbers) <= quotes.MOST_OF_A_WORD:
            yield f"quote:{word}", numbers


def _start(view: View, figures: Figures, budget: int) -> dict[str, Any]:
    lines = [
        {
            "id": hazard.item.id,
            "family": hazard.family,
            "line": hazard.line,
            "tokens": figures.tokens(hazard.line),
            "hold": hazard.item.confidence != "stated",  # what a person stated is always told
        }
        for hazard in hazards_of(view)
        if hazard.worth is not None and hazard.worth.pays
    ]
    return {"budget": budget, "lines": lines[:MOST_HAZARDS]}


def _failures(view: View) -> Iterator[Met]:
    """Yield each failure that was met or learned of: first each exact one, then each family."""
    by_family: dict[str, list[Occurrence]] = defaultdict(list)
    by_specific: dict[str, list[Occurrence]] = defaultdict(list)
    families: dict[str, str] = {}
    for row in view.index.occurrences():
        if row.family:
            by_family[row.family].append(row)
        if row.specific:
            by_specific[row.specific].append(row)
            families.setdefault(row.specific, row.family or "")
    learned: set[str] = set()
    for document in view.index.all(sources=["record"]):
        learned.update(document.families)
        for specific in document.specifics:
            families.setdefault(specific, document.families[0] if document.families else "")
    worth_a_look = {family for family, rows in by_family.items() if _is_answered(rows)} | learned
    for specific, family in sorted(families.items()):
        if family in worth_a_look or _is_answered(by_specific[specific]):
            others = [row for row in by_specific[specific] if row.family != family]
            yield Met(specific, family, [*by_family.get(family, ()), *others])
    for family in sorted(worth_a_look):
        yield Met("", family, by_family.get(family, []))


def _is_answered(rows: Iterable[Occurrence]) -> bool:
    return any(row.learning or row.fixes not in (None, "{}") for row in rows)


def _fixes(known: Known, already: ToldAlready, figures: Figures, failure: Met) -> Mapping[str, Any] | None:
    fixes = fixes_of(known, already, failure)[:MOST_FIXES]
    if not fixes:
        return None
    steps = [min(8.0, row.steps / row.resolved) for row in failure.rows if row.steps and row.resolved]
    of = sum(steps) / len(steps) if steps else None
    told = [_fix(figures, fix, of) for fix in fixes]
    saved = weigh(figures, "failure", 1.0, "", surface="failure", steps=of).saved
    return {"family": failure.family, "saves": round(EFFECT * saved), "fixes": told}


def _fix(figures: Figures, fix: Fixed, steps: float | None) -> dict[str, Any]:
    line = answer_text([fix]).removeprefix("- ")
    worth = weigh(figures, "failure", fix.p, line, surface="failure", steps=steps)
    told: dict[str, Any] = {"id": fix.id, "line": line, "p": fix.p, "cost": worth.cost}
    if fix.kind != "learning" or ("`" in fix.text and fix.text.count("`") > 1):
        told["code"] = fix.text.split("`")[1]
    if fix.kind == "path":
        told["of"] = place_of(fix)
    return told
