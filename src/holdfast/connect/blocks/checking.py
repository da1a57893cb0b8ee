"""How the blocks of a repository stand: what is missing, changed or of an older version."""

from __future__ import annotations

from typing import Literal

import msgspec

from holdfast.connect.blocks import record
from holdfast.connect.blocks.places import AGENTS, EVERY
from holdfast.connect.blocks.text import IMPORT, VERSION, Kind, find, state
from holdfast.errors import EnvironmentProblem
from holdfast.repo import safe_read
from holdfast.repo.location import Repository

How = Literal["current", "newer", "missing", "changed", "stale", "broken", "unreadable"]
_GOOD = ("current", "newer")


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How one block stands.

    Attributes:
        path: The file, relative to the repository.
        how: ``current``; ``newer`` (a newer Holdfast wrote it); ``missing``, ``changed`` (its text is not
            what Holdfast wrote), ``stale`` (of an older version), ``broken`` (its marks are not a pair),
            ``unreadable``.
        why: What is wrong, in words; empty when nothing is.
    """

    path: str
    how: How
    why: str = ""


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """How the blocks of a repository stand.

    Attributes:
        version: The version that this Holdfast writes.
    """

    ok: bool
    version: int
    blocks: list[Standing]


def check(repository: Repository) -> Checked:
    """Look at every block that was written from this clone, or that stands in its instruction files.

    Nothing is written. A clone that wrote none expects those that it finds, and in ``AGENTS.md`` one where
    another file brings that in.

    Raises:
        EnvironmentProblem: The record of what was written cannot be read.
    """
    if repository.root is None:
        return Checked(ok=True, version=VERSION, blocks=[])
    expected: dict[str, Kind | None] = {
        one.path: one.kind for one in record.read(repository) if one.root == str(repository.root)
    }
    found: list[Standing] = []
    imported = False
    for path in dict.fromkeys((*EVERY, *expected)):
        standing, body = _look(repository, path, expected.get(path), wanted=path in expected)
        if standing is not None:
            found.append(standing)
            imported = imported or body == IMPORT
    if imported and not any(one.path == AGENTS for one in found):
        found.append(Standing(path=AGENTS, how="missing", why="another file brings it in for the block"))
    found.sort(key=lambda one: one.path)
    return Checked(ok=all(one.how in _GOOD for one in found), version=VERSION, blocks=found)


def _look(
    repository: Repository, path: str, kind: Kind | None, *, wanted: bool
) -> tuple[Standing | None, str]:
    """Return how the block of a file stands, and what it holds; None when none is there or wanted."""
    assert repository.root is not None
    try:
        data = safe_read.read(repository.root, path)
    except EnvironmentProblem as problem:
        why = problem.message.removeprefix(f"{path} is not read: ").rstrip(".")
        return (Standing(path=path, how="unreadable", why=why) if wanted else None), ""
    if data is None:
        return (Standing(path=path, how="missing", why="the file is not there") if wanted else None), ""
    how = state(data, kind)
    if how == "absent":
        why = "the file holds no block"
        return (Standing(path=path, how="missing", why=why) if wanted else None), ""
    try:
        block = find(data)
    except ValueError as error:
        return Standing(path=path, how="broken", why=str(error)), ""
    assert block is not None
    return Standing(path=path, how=how, why=_why(how, block.version)), block.body


def _why(how: str, version: int) -> str:
    if how == "stale":
        return f"its text is of version {version}, and {VERSION} is the newest"
    if how == "newer":
        return f"a newer Holdfast wrote it: version {version}"
    return "its text is not what Holdfast writes" if how == "changed" else ""
