"""Write mended files so that nothing is lost: what git does not hold is kept as a copy first."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from holdfast.errors import EnvironmentProblem, HoldfastError, Refused
from holdfast.measure.audit.mend import Mended
from holdfast.repo import git, safe_read
from holdfast.repo.ids import new_id
from holdfast.repo.location import Repository

_WRITES = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH
FOLDER = "audit"
"""Folder of kept copies, in local state."""
SUFFIX = ".before-audit"
"""Ending of a copy that is kept beside a file outside any repository."""


def apply(mended: Mended) -> Path | None:
    """Make a change and return where the old text is kept, None when git has it; nothing is staged.

    Raises:
        Refused: The file is no longer what was audited.
        EnvironmentProblem: It is read-only, or it or the copy cannot be written; the file is as it was.
    """
    file = mended.memory.file
    assert file is not None
    before = mended.memory.text.encode("utf-8", "surrogateescape")
    if safe_read.read(file.parent, file.name, len(before) + 1) != before:
        raise Refused(
            f"{mended.memory.path} changed meanwhile; nothing was written.",
            "Run `holdfast audit --fix` again.",
        )
    if not stat.S_IMODE(file.stat().st_mode) & _WRITES:
        raise EnvironmentProblem(
            f"{mended.memory.path} is read-only; nothing was written.", "Make it writable."
        )
    kept = None if _is_committed(file, before) else _keep(file, before)
    safe_read.overwrite(file.parent, file.name, mended.after.encode("utf-8", "surrogateescape"))
    return kept


def _is_committed(file: Path, data: bytes) -> bool:
    """Tell whether the last commit holds a file as it is; no filter of the repository's is run for it."""
    try:
        held = git.run(["rev-parse", "--verify", "--quiet", f"HEAD:./{file.name}"], cwd=file.parent)
        now = git.run(["hash-object", "--no-filters", "--stdin"], cwd=file.parent, input=data)
    except HoldfastError:
        return False
    return held == now


def _keep(file: Path, data: bytes) -> Path:
    """Write a copy that its owner alone may read: in local state, or beside a file outside any repository."""
    try:
        folder = Repository.find(file.parent).ensure_state() / FOLDER
    except HoldfastError:
        folder = None
    place = folder / f"{new_id()}-{file.name}" if folder else file.with_name(file.name + SUFFIX)
    for number in range(2, 1000):
        try:
            if folder is not None:
                folder.mkdir(mode=0o700, exist_ok=True)
            descriptor = os.open(
                place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600
            )
        except FileExistsError:
            place = file.with_name(f"{file.name}{SUFFIX}-{number}")
            continue
        except OSError as error:
            raise git.disk_problem(error, f"Cannot keep a copy of {file}") from error
        with os.fdopen(descriptor, "wb") as copy:
            copy.write(data)
        return place
    raise EnvironmentProblem(f"There are too many copies of {file} beside it.", f"Remove its {SUFFIX} files.")
