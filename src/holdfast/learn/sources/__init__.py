"""Sources of documents beside the records: each tells what changed since it was asked last.

Other packages register sources by the entry point group ``holdfast.sources``. A source is made without
arguments; the ids of its documents begin with its name and a colon.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from functools import cache
from typing import NamedTuple, Protocol, runtime_checkable

import msgspec

from holdfast.index.documents import Document
from holdfast.repo.location import Repository

GROUP = "holdfast.sources"


class Budget:
    """Tell how much time is left for reading what is new.

    Args:
        seconds: From now; None for as long as it takes.
    """

    def __init__(self, seconds: float | None) -> None:
        self._end = float("inf") if seconds is None else time.monotonic() + seconds

    def seconds_left(self) -> float:
        """Return the seconds that are left, 0 when none are."""
        return max(0.0, self._end - time.monotonic())


class Filled(msgspec.Struct):
    """Hold what a source changes in the index.

    Attributes:
        add: Documents; each replaces the one of its id. They are redacted.
        remove: Ids of documents.
        state: What to keep until the source is asked again; None removes a value.
        states: New states of documents that stand in the index, by id; others are passed over.
        anew: Whether all that the source gave before is removed first, its state included.
        more: Whether something is left to be read at the next use.
    """

    add: list[Document] = []
    remove: list[str] = []
    state: dict[str, str | None] = {}
    states: dict[str, str] = {}
    anew: bool = False
    more: bool = False


@runtime_checkable
class Source(Protocol):
    """Something that documents come from.

    Attributes:
        name: One word; what the ids of its documents begin with.
    """

    name: str

    def changes(self, repository: Repository, held: Mapping[str, str], budget: Budget) -> Filled:
        """Return what changed since ``held`` was kept.

        A source that cannot finish within the budget keeps where it stopped, and goes on at the next use.
        Whatever the steps, the documents must be those that an empty index is given.

        Args:
            repository: Where.
            held: What it kept last time; empty at first.
            budget: The time it may take.
        """
        ...


class Registered(NamedTuple):
    """The sources of other packages, and what kept some of them from loading."""

    sources: tuple[Source, ...]
    problems: tuple[str, ...]


def built_in(heads: Iterable[str] | None = None) -> tuple[Source, ...]:
    """Return the sources that are part of Holdfast.

    Args:
        heads: What the worktrees stand on, when it is known already.
    """
    from holdfast.learn.sources.commits import Commits
    from holdfast.learn.sources.outlines import Outlines
    from holdfast.learn.sources.symptoms import Symptoms

    return (Commits(heads), Outlines(), Symptoms())


@cache
def registered() -> Registered:
    """Load the sources that other packages register."""
    from importlib.metadata import entry_points  # slow to import, and not needed to read the index

    sources: list[Source] = []
    problems: list[str] = []
    taken = {source.name for source in built_in()} | {
        "record",
        "candidate",
        "document",
        "guidance",
        "segment",
    }
    for point in entry_points(group=GROUP):
        try:
            source = point.load()()
            if not isinstance(source, Source) or not isinstance(source.name, str):
                raise TypeError("it is not a Source")
            if not source.name.isidentifier() or source.name in taken:
                raise ValueError(f"the name {source.name!r} is taken or no word")
            taken.add(source.name)
            sources.append(source)
        except Exception as problem:  # a stranger's code may raise anything
            problems.append(described(point.name, problem))
    return Registered(tuple(sources), tuple(problems))


def described(name: str, problem: Exception) -> str:
    """Return a problem of a source in one line."""
    return f"source {name} could not be used: {type(problem).__name__}: {problem}"[:500]
