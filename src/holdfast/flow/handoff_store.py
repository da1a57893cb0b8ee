"""Where handoffs are kept: a folder a branch in local state, a record and a patch a session.

Beside them stands what the next start is told, for the branch and for each issue. Records are private
originals; what is told is made from them. Files are replaced as a whole, so that a hook never sees half.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from holdfast.flow.handoff_record import Handoff
from holdfast.flow.handoff_text import short
from holdfast.hook import handoff as told
from holdfast.repo import git
from holdfast.repo.location import Repository
from holdfast.repo.replacing import replace

MOST_READ = 100
"""Handoffs of one branch that are read: the latest."""
MAX_RECORD = 1 << 18
"""Bytes of a record; what is larger was not written by Holdfast."""


class _Heading(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The first line of what is told, for the hook; ``open`` is False when there is nothing to tell."""

    branch: str
    session: str
    ended: float
    place: int
    open: bool
    head: str = ""
    issue: str = ""


def read(repository: Repository, branch: str) -> list[Handoff]:
    """Return the handoffs of a branch, the latest first; those that a copied state brought along are none."""
    folder = Path(told.folder(str(repository.state_dir), branch))
    return [one for one in _in_folder(repository, folder, MOST_READ) if one.branch == branch]


def of_issue(repository: Repository, name: str) -> list[Handoff]:
    """Return the handoffs of an issue on whatever branch, the latest first."""
    return [one for one in every(repository) if name.casefold() in {each.casefold() for each in one.issues}]


def every(repository: Repository) -> list[Handoff]:
    """Return the handoffs of all branches, the latest first."""
    found: list[Handoff] = []
    for folder in _folders(repository):
        found += _in_folder(repository, folder)
    return sorted(found, key=_when, reverse=True)


def patch_path(repository: Repository, handoff: Handoff) -> Path:
    """Return where the uncommitted work of a handoff is kept."""
    folder = Path(told.folder(str(repository.state_dir), handoff.branch))
    return folder / f"{handoff.session}.patch"


def known(repository: Repository, branch: str, session: str) -> Handoff | None:
    """Return what a session handed over on a branch before; None for nothing."""
    folder = told.folder(str(repository.state_dir), branch)
    found = None if told.is_linked(folder) else _decoded(Path(folder, f"{session}.json"))
    return found if found is not None and _is_here(repository, found) else None


def write(repository: Repository, handoff: Handoff, patch: bytes) -> Path:
    """Keep a handoff and the session's uncommitted work; return the path of the record.

    Nothing is written through a link. A patch that was kept before stays when there is none now: the work may
    have been thrown away since.

    Raises:
        EnvironmentProblem: It cannot be written.
    """
    folder = Path(told.folder(str(repository.ensure_state()), handoff.branch))
    path = folder / f"{handoff.session}.json"
    if told.is_linked(str(folder)):
        return path
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if patch:
            replace(patch_path(repository, handoff), patch)
        replace(path, msgspec.json.format(msgspec.json.encode(handoff)) + b"\n")
    except OSError as error:
        raise git.disk_problem(error, f"Cannot write {path}") from error
    return path


def tell(repository: Repository, branch: str, handoff: Handoff) -> None:
    """Write what the next start on a branch is told, and the next that names one of the issues.

    Raises:
        EnvironmentProblem: It cannot be written.
    """
    _write_told(Path(told.folder(str(repository.state_dir), branch)), handoff, "")
    for name in handoff.issues:
        tell_issue(repository, name, handoff)


def tell_issue(repository: Repository, name: str, handoff: Handoff) -> None:
    """Write what a session that names an issue is told.

    Raises:
        EnvironmentProblem: It cannot be written.
    """
    _write_told(Path(told.issue_folder(str(repository.state_dir), name)), handoff, name)


def _write_told(folder: Path, handoff: Handoff, issue: str) -> None:
    heading = _Heading(
        branch=handoff.branch,
        session=handoff.session,
        ended=handoff.ended or 0.0,
        place=handoff.place,
        open=handoff.left_open,
        head=handoff.head,
        issue=issue,
    )
    text = short(handoff) if handoff.left_open else ""
    path = folder / told.LATEST
    if told.is_linked(str(folder)):
        return
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        replace(path, msgspec.json.encode(heading) + b"\n" + text.encode("utf-8", "replace") + b"\n")
    except OSError as error:
        raise git.disk_problem(error, f"Cannot write {path}") from error


def _folders(repository: Repository) -> Iterator[Path]:
    top = repository.state_dir / told.FOLDER
    try:
        yield from (path for path in sorted(top.iterdir()) if path.is_dir() and path.name != told.ISSUES)
    except OSError:
        return


def _in_folder(repository: Repository, folder: Path, most: int | None = None) -> list[Handoff]:
    if told.is_linked(str(folder)):
        return []
    records = sorted((path for path in folder.glob("*.json") if not path.is_symlink()), key=_changed)[::-1]
    found = (_decoded(path) for path in records[:most])
    mine = [one for one in found if one is not None and _is_here(repository, one)]
    return sorted(mine, key=_when, reverse=True)


def _is_here(repository: Repository, handoff: Handoff) -> bool:
    return handoff.place == told.place_of(str(repository.common_dir))


def _decoded(path: Path) -> Handoff | None:
    """Return the record in a file; None for what is damaged, too large, or of a newer version."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_RECORD + 1)
        known: Any = Handoff(session="", agent="").schema
        found = msgspec.json.decode(data, type=Handoff) if len(data) <= MAX_RECORD else None
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return found if found is not None and found.schema <= known else None


def _changed(path: Path) -> float:
    try:
        return path.lstat().st_mtime
    except OSError:
        return 0.0


def _when(handoff: Handoff) -> float:
    return handoff.ended or handoff.started or 0.0
