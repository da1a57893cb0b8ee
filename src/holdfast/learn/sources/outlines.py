"""The outlines of sessions as documents: each session, and what people stated in it.

What was taken in is kept as the name of the file's content and an offset; only sessions of the lines beyond
it are made anew, the last added first. When the file was written anew, all are.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from holdfast.evidence.outline import Turn
from holdfast.hook import clock
from holdfast.index.documents import Document
from holdfast.learn.decisions import asked, sentences
from holdfast.learn.documents import split_lead
from holdfast.learn.outlines import FILE, NAMED, Outline, decode, heading_of, merged
from holdfast.learn.sources import Budget, Filled
from holdfast.repo.location import Repository

SESSION, STATEMENT = "session", "statement"
_STATED = frozenset({"rule", "fact", "fault"})
"""Sorts of sentences that state something; orders and stories do where they give a reason."""
_MAX_SENTENCES = 12
"""Sentences of something said that are looked at; what goes on longer is a plan or pasted text."""
_MAX_DETAIL = 1000
"""Characters of what was said after the first prompt that a session is found by."""
_LONG = 8
"""Words of a sentence of no sort that may state something all the same."""
_HEADING = 1024
_BATCH = 200
"""Sessions that are made between looks at the clock."""
_FEWEST_WORDS = 3
"""Words of a rejection that is taken for a statement."""


class Outlines:
    """Give the index the sessions of this machine, and what people said in them."""

    name = "outline"

    def changes(self, repository: Repository, held: Mapping[str, str], budget: Budget) -> Filled:
        """Return what changed in the outlines since ``held`` was returned as state."""
        was = _State.of(held)
        log = _Log.open(repository.state_dir / FILE, was)
        if log is None:
            return Filled()
        todo = [*reversed(_sessions(log.added))]
        if not log.anew:
            todo += [key for key in was.todo if key not in todo]
        made = {key: count for key, count in was.made.items() if not log.anew or key in set(todo)}
        now = _State(content=log.content, offset=log.end, made=made)
        stretches = _stretches(log.whole(), todo)
        add: list[Document] = []
        while todo and (not add or budget.seconds_left() > 0):
            batch, todo = todo[:_BATCH], todo[_BATCH:]
            for key in batch:
                documents = list(documents_of(stretches[key]))
                add += documents
                now.made[key] = len(documents)
        now.todo = todo
        gone, state = list(_gone(was.made, now.made)), now.changed_from(held)
        return Filled(add=add, remove=gone, state=state, more=bool(todo))


class _Log(msgspec.Struct):
    """The file as it is now: its content's name, where its last whole line ends, and what was added."""

    path: Path
    content: str
    end: int
    added: bytes
    anew: bool

    @classmethod
    def open(cls, path: Path, was: _State) -> _Log | None:
        """Return it, or None when nothing is to be done."""
        heading, size, added = b"", 0, b""
        with contextlib.suppress(OSError), path.open("rb") as file:
            heading, size = file.readline(_HEADING), os.fstat(file.fileno()).st_size
            file.seek(was.offset if heading_of(heading) == was.content and was.offset <= size else 0)
            added = file.read()
        content = heading_of(heading)
        anew = content != was.content or was.offset > size
        added = added[: added.rfind(b"\n") + 1] if content else b""
        if not (added or anew or was.todo):
            return None
        end = (0 if anew else was.offset) + len(added)
        return cls(path=path, content=content, end=end, added=added, anew=anew)

    def whole(self) -> bytes:
        """Return all whole lines."""
        if self.anew:
            return self.added
        with contextlib.suppress(OSError), self.path.open("rb") as file:
            return file.read(self.end)
        return b""


class _State(msgspec.Struct, kw_only=True):
    """What was taken in: of which content, up to where, how many documents of each session; what is to do."""

    content: str = ""
    offset: int = 0
    made: dict[str, int] = {}
    todo: list[str] = []

    @classmethod
    def of(cls, held: Mapping[str, str]) -> _State:
        try:
            return msgspec.convert({name: msgspec.json.decode(value) for name, value in held.items()}, cls)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return cls()

    def changed_from(self, held: Mapping[str, str]) -> dict[str, str | None]:
        values = {name: msgspec.json.encode(value).decode() for name, value in _fields(self)}
        return {name: value for name, value in values.items() if held.get(name) != value}


def _fields(state: _State) -> Iterator[tuple[str, object]]:
    """Yield the values as they are stored: equal states as equal bytes."""
    yield "content", state.content
    yield "offset", state.offset
    yield "made", dict(sorted(state.made.items()))
    yield "todo", state.todo


def documents_of(outline: Outline) -> Iterator[Document]:
    """Yield the document of a session, then one for each thing that somebody stated in it."""
    said = [turn.text for turn in outline.turns if turn.kind == "prompt"]
    if outline.removed == "all" or not (outline.turns or outline.edited):
        return
    at = outline.ended
    yield Document(
        id=f"{SESSION}:{outline.session}",
        source=SESSION,
        kind="session",
        title=outline.branch,
        text=said[0] if said else "",
        detail="\n\n".join(said[1:])[:_MAX_DETAIL],
        day=clock.recorded_day(at),
        author=outline.developer or None,
        trusted=False,
        paths=tuple(outline.edited),
        at=at,
        branch=outline.branch,
        session=outline.session,
    )
    for number, turn in enumerate(turn for turn in outline.turns if states_something(turn)):
        yield _statement(outline, number, turn)


def states_something(turn: Turn) -> bool:
    """Tell whether something said may hold for longer than the moment: not all questions and orders."""
    words = len(turn.text.split())
    if turn.kind == "answer" and turn.asked:
        return words > 0
    if turn.kind == "rejection":
        return words >= _FEWEST_WORDS
    answers = False
    for part in sentences.split(turn.text)[:_MAX_SENTENCES] if words > 1 else ():
        sentence = sentences.sort(part)
        if _states(sentence):
            return True
        answers = answers or sentence.sort != "question"
    return answers and bool(turn.asked) and asked.settles(turn.asked)


def _states(sentence: sentences.Sentence) -> bool:
    if sentence.sort == "scrap":
        return len(sentence.text.split()) >= _LONG
    return sentence.sort in _STATED or (sentence.sort in ("order", "story") and sentence.reasoned)


def _statement(outline: Outline, number: int, turn: Turn) -> Document:
    lead, more = split_lead(turn.text)
    at = turn.at if turn.at is not None else outline.ended
    return Document(
        id=f"{STATEMENT}:{outline.session}:{number}",
        source=STATEMENT,
        kind="statement",
        title=turn.asked,
        text=lead,
        detail=more,
        day=clock.recorded_day(at),
        author=outline.developer or None,
        trusted=False,
        paths=tuple(turn.edited),
        tags=(turn.kind,),
        at=at,
        branch=outline.branch,
        session=outline.session,
    )


def _gone(was: Mapping[str, int], made: Mapping[str, int]) -> Iterator[str]:
    """Yield the ids of documents that are not made any more."""
    for key, count in was.items():
        for number in range(made.get(key, 0), count):
            yield f"{STATEMENT}:{key}:{number - 1}" if number else f"{SESSION}:{key}"


def _sessions(data: bytes) -> list[str]:
    """Return the sessions of the lines, each once, in the order of their last line."""
    found: dict[str, None] = {}
    for line in data.split(b"\n"):
        if line.startswith(b'{"session":"'):
            key = line[NAMED - 16 : NAMED].decode("ascii", "replace")
            found.pop(key, None)
            found[key] = None
    return list(found)


def _stretches(data: bytes, wanted: Sequence[str]) -> dict[str, Outline]:
    begins = {f'{{"session":"{key}'.encode() for key in wanted}
    lines = (line for line in data.split(b"\n") if line[:NAMED] in begins)
    made = merged(decode(line) for line in lines)
    return {key: made.get(key) or Outline(session=key) for key in wanted}
