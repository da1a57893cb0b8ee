"""The token that a client must show over HTTP: one a user, made once, readable by that user alone."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path

from holdfast.errors import EnvironmentProblem
from holdfast.repo.git import disk_problem
from holdfast.repo.trust_file import default_folder

NAME = "mcp-token"
_LONGEST = 1000


def path() -> Path:
    """Return where the token is kept: in the user's XDG state directory."""
    return default_folder() / NAME


def token() -> str:
    """Return the token; make it when there is none yet.

    Raises:
        EnvironmentProblem: It cannot be written, or others could have read or written it.
    """
    file = path()
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            made = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        except FileExistsError:
            return _read(file)
        text = secrets.token_urlsafe(32)
        with os.fdopen(made, "w", encoding="ascii") as opened:
            opened.write(text + "\n")
        return text
    except OSError as error:
        raise disk_problem(error, f"Cannot keep the token in {file}") from error


def _read(file: Path) -> str:
    hint = f"Remove it; a new one is made: rm {file}"
    with os.fdopen(os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb") as opened:
        state = os.fstat(opened.fileno())
        if state.st_uid != os.geteuid() or state.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise EnvironmentProblem(f"Others could read or write the token in {file}.", hint)
        text = opened.read(_LONGEST).decode("ascii", "replace").strip()
    if len(text) < 20:
        raise EnvironmentProblem(f"There is no token in {file}.", hint)
    return text
