"""Take what the sources give into the index: each in a transaction of its own, as far as time allows."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from holdfast.index.documents import Document
from holdfast.index.store import Index
from holdfast.learn.sources import Budget, Filled, Source, built_in, described, registered
from holdfast.repo.location import Repository

FROM, FAILED, LEFT = "from:", "failed:", "left:"
"""How the names of the state's values begin: what a source keeps, why it failed, that it has more to read."""
_CALLED = {"commit": "commits", "outline": "sessions of this machine"}

_READING = 0.25
"""The share of the time for reading: cutting into words and writing take two or three times as long."""

NAMES = "sources"
"""Names the sources of other packages that the index was filled from."""


def take_all(repository: Repository, index: Index, heads: Iterable[str], budget: Budget) -> bool:
    """Bring the index up to date with every source.

    Args:
        repository: Where.
        index: The index, up to date with the records.
        heads: What the worktrees stand on.
        budget: The time that reading may take.

    Returns:
        False when another process changed the index meanwhile, so that it must be done again.
    """
    others = registered().sources
    if not _forget_others(index, [source.name for source in others]):
        return False
    mine = all(_take(repository, index, source, budget, own=True) for source in built_in(heads))
    return mine and all(_take(repository, index, source, budget, own=False) for source in others)


def names(index: Index) -> list[str]:
    """Return the names of the sources of other packages that the index holds."""
    return (index.value(NAMES) or "").split()


def unread(index: Index) -> list[str]:
    """Return the names of sources that have more to read."""
    return sorted(index.values(LEFT))


def in_words(names: Iterable[str]) -> str:
    """Return names of sources as people call what they read."""
    return ", ".join(_CALLED.get(name, name) for name in names)


def failures(index: Index) -> list[str]:
    """Return, in a line each, which sources could not be used and why."""
    return [*registered().problems, *(problem for _, problem in sorted(index.values(FAILED).items()))]


def _forget_others(index: Index, present: list[str]) -> bool:
    """Remove what sources gave that are no longer installed."""
    held = names(index)
    if held == present:
        return True
    revision = index.revision()
    gone = [name for name in held if name not in present]
    state: dict[str, str | None] = {NAMES: " ".join(present) or None}
    for name in gone:
        state |= {f"{FROM}{name}:{key}": None for key in index.values(f"{FROM}{name}:")}
        state |= {FAILED + name: None, LEFT + name: None}
    return index.apply(
        remove=[each for name in gone for each in index.ids(prefix=f"{name}:")], state=state, since=revision
    )


def _take(repository: Repository, index: Index, source: Source, budget: Budget, *, own: bool) -> bool:
    """Take in what one source gives, part after part while there is time; one that raises is passed over."""
    while True:
        revision, left = index.revision(), budget.seconds_left()
        kept = f"{FROM}{source.name}:"
        held = index.values(kept)
        problem: str | None = None
        try:
            filled = source.changes(repository, held, Budget(left * _READING))
            if not own:
                filled = msgspec.convert(filled, Filled, from_attributes=True)
                filled.add = [found for found in filled.add if found.id.startswith(f"{source.name}:")]
                filled.remove = [name for name in filled.remove if name.startswith(f"{source.name}:")]
        except Exception as fault:  # a stranger's code may raise anything, and no source is worth an answer
            filled, problem = Filled(), described(source.name, fault)
        if not _apply(index, source.name, filled, problem, held, revision):
            return False
        took = left - budget.seconds_left()
        if not filled.more or problem or budget.seconds_left() <= took / 2:
            return True


def _apply(
    index: Index, name: str, filled: Filled, problem: str | None, held: dict[str, str], revision: str
) -> bool:
    before = dict.fromkeys(held) if filled.anew else {}
    state = {f"{FROM}{name}:{key}": value for key, value in {**before, **filled.state}.items()}
    marks = {FAILED + name: problem, LEFT + name: "1" if filled.more else None}
    state |= {key: value for key, value in marks.items() if value != index.value(key)}
    remove = list(filled.remove)
    if filled.anew:
        remove += index.ids(prefix=f"{name}:")
    going = set(remove)
    changed = _changed(index, ((name, state) for name, state in filled.states.items() if name not in going))
    if not (filled.add or remove or changed or state):
        return True
    return index.apply(add=[*changed, *filled.add], remove=remove, state=state, since=revision)


def _changed(index: Index, states: Iterable[tuple[str, str]]) -> list[Document]:
    """Return the documents whose state is another one now."""
    found = ((index.get(name), state) for name, state in states)
    return [
        msgspec.structs.replace(document, state=state)
        for document, state in found
        if document is not None and document.state != state
    ]
