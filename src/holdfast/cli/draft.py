"""Have a learning written in an editor, record it, and keep what was typed when it is refused."""

from __future__ import annotations

import contextlib
import shlex
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from holdfast.errors import EnvironmentProblem, HoldfastError, UsageError

if TYPE_CHECKING:
    from holdfast.learn.view import View
    from holdfast.learn.write import Written
    from holdfast.repo.records import Kind

FOLDER = "drafts"


def drafted(view: View, kind: Kind, filled: Mapping[str, str], write: Callable[[str], Written]) -> Written:
    """Open a template in a person's editor and record what they write.

    Raises:
        UsageError: There is no terminal to ask at; or the template came back as it was, or empty.
        HoldfastError: It was refused; the hint names the file that keeps the text.
    """
    from holdfast.cli.editor import edit
    from holdfast.learn import template

    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(
            f"There is no text to learn, and no terminal to ask for a {kind} in an editor.",
            f'Say it: holdfast learn --kind {kind} "use X because Y; Z failed with …"',
        )
    view.refuse_newer()
    blank = template.template(kind, filled=filled)
    path = write_draft(view, kind, blank)
    try:
        said = template.read(edit(view.repository, path), kind)
        if said and said != template.read(blank, kind):
            view.refresh()
            written = write(_with_lead(said))
            path.unlink(missing_ok=True)
            return written
    except HoldfastError as error:
        raise _kept(error, path, kind, blank) from error
    path.unlink(missing_ok=True)
    nothing = UsageError(
        "Nothing was written, so nothing is recorded.",
        "An editor that returns at once must be told to wait, such as: EDITOR='code --wait'",
    )
    nothing.exit_code = 1
    raise nothing


def recorded_from(view: View, piped: str, kind: Kind, write: Callable[[], Written]) -> Written:
    """Record a text from standard input; one that was typed there is kept when it is refused.

    A draft that holds the same text is removed once it is recorded.

    Raises:
        HoldfastError: It was refused; for a typed text the hint names the file that keeps it.
    """
    try:
        written = write()
    except HoldfastError as error:
        if not sys.stdin.isatty() or not piped.strip():
            raise
        raise _kept(error, write_draft(view, kind, piped), kind, "") from error
    for draft in (view.repository.state_dir / FOLDER).glob("*.md"):
        with contextlib.suppress(OSError):
            if draft.read_bytes().decode("utf-8", "replace") == piped:
                draft.unlink()
    return written


def write_draft(view: View, kind: Kind, text: str) -> Path:
    """Write a draft in local state that its owner alone may read, and return where.

    Raises:
        EnvironmentProblem: It cannot be written.
    """
    from holdfast.repo import git
    from holdfast.repo.ids import new_id
    from holdfast.repo.replacing import replace

    folder = view.repository.ensure_state() / FOLDER
    if folder.is_symlink():  # in an unpacked copy of somebody's clone it may lead anywhere
        raise EnvironmentProblem(f"{folder} is a symbolic link; no text is written there.", "Remove it.")
    path = folder / f"{kind}-{new_id()[:6]}.md"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        replace(path, text.encode("utf-8", "replace"))
    except OSError as error:
        raise git.disk_problem(error, f"Cannot write {path}") from error
    return path


def _with_lead(said: str) -> str:
    if said.startswith("## Details"):
        raise UsageError(
            "The first paragraph is missing: it is what an agent is shown.",
            "Say in a sentence or two what to do, above the sections.",
        )
    return said


def _kept(error: HoldfastError, path: Path, kind: Kind, blank: str) -> HoldfastError:
    """Return an error whose hint names the draft, unless nothing was written in it."""
    with contextlib.suppress(OSError):
        if blank and path.read_text("utf-8", "replace") == blank:
            path.unlink()
            return error
    again = f"holdfast learn --kind {kind} - < {shlex.quote(str(path))}"
    error.hint = f"{error.hint}\nYour text is kept in {path}\nMend it there, then: {again}".strip()
    return error
