"""Open a file in a person's own editor."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

from holdfast.errors import EnvironmentProblem
from holdfast.repo.location import Repository

_HINT = 'Name one with EDITOR, or give the text: holdfast learn --decision "…"'
_USERS = ("system", "global", "command")


def editor(repository: Repository) -> str:
    """Return the command that edits a file, as a shell line, in the order that git has.

    ``GIT_EDITOR``, ``core.editor``, ``VISUAL`` (not on a dumb terminal), ``EDITOR``, ``vi``. Unlike git's,
    ``core.editor`` counts only where the user set it for all repositories: a copied one may bring its own.
    """
    named = os.environ.get("GIT_EDITOR") or _core_editor(repository)
    if not named and os.environ.get("TERM", "dumb") != "dumb":
        named = os.environ.get("VISUAL", "")
    return named or os.environ.get("EDITOR") or "vi"


def edit(repository: Repository, path: Path) -> str:
    """Open a file in the person's editor, wait for its end, and return what it holds then.

    Raises:
        EnvironmentProblem: The editor could not be started or said that it failed; the file stays.
    """
    command = editor(repository)
    # as git does: the variable may hold options, and the shell finds the words
    arguments = ["sh", "-c", f'{command} "$@"', command, str(path)]
    try:
        with subprocess.Popen(arguments) as process:
            before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C there is the editor's
            try:
                code = process.wait()
            finally:
                signal.signal(signal.SIGINT, before)
        text = path.read_bytes().decode("utf-8", "replace")
    except OSError as error:
        raise EnvironmentProblem(f"Cannot edit {path}: {error.strerror}.", _HINT) from error
    if code != 0:
        raise EnvironmentProblem(
            f"The editor `{command}` ended with exit {code}; nothing was recorded.", _HINT
        )
    return text


def _core_editor(repository: Repository) -> str:
    out = repository.git("config", "-z", "--show-scope", "--get-all", "core.editor", check=False)
    parts = out.decode("utf-8", "replace").split("\0")
    found = [value for scope, value in zip(parts[::2], parts[1::2], strict=False) if scope in _USERS]
    return found[-1] if found else ""
