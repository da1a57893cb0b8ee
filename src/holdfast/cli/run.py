"""``holdfast run``: work that runs side by side; for now, a worktree of one's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from holdfast.cli.output import dim, emit, good, json_option, plain, repository_option, strong, wrapped

if TYPE_CHECKING:
    from holdfast.crew.worktree import Made


@click.group(
    "run",
    epilog="""\b
Example:
  holdfast run worktree fix-login
""",
)
def command() -> None:
    """Work side by side with other sessions."""


@command.command(
    "worktree",
    short_help="Make a worktree of your own, beside the checkout.",
    epilog="""\b
Example:
  holdfast run worktree fix-login
  holdfast run worktree fix-login --from origin/main
  eval "$(holdfast run worktree fix-login | tail -n 1)"   make it and go there
""",
)
@click.argument("name")
@click.option(
    "--from", "start", default="", metavar="COMMIT", help="Where a new branch starts. [default: HEAD]"
)
@click.option(
    "--folder", type=click.Path(path_type=Path, file_okay=False), default=None,
    help="Make it in this folder. [default: ../REPOSITORY-worktrees]",
)  # fmt: skip
@json_option
@repository_option
def worktree(name: str, start: str, folder: Path | None, as_json: bool, directory: Path | None) -> int:
    """Make a worktree of your own, beside the checkout, on the branch NAME.

    Untracked files that the settings list (`copy` under [worktree]) are copied into it. The last line
    printed goes there. It is never removed for you: `git worktree remove` does that, and refuses while it
    holds changes that are not committed.
    """
    from holdfast.crew.worktree import make
    from holdfast.repo.location import Repository

    made = make(Repository.find(directory or "."), name, start=start, folder=folder)
    emit(made, "holdfast.run-worktree/1", as_json, _show)
    return 0


def _show(made: Made) -> Iterator[str]:
    what = "A worktree of your own" if made.new else "That worktree is there already"
    branch = (
        f"on the new branch `{made.branch}`, from"
        if made.new_branch
        else f"on the branch `{made.branch}`, at"
    )
    yield f"{good(what)}, {branch} {plain(made.start)}: {plain(made.path)}"
    if made.copied:
        yield wrapped(f"Copied into it: {', '.join(made.copied)}", first="")
    for note in made.notes:
        yield dim(wrapped(note, first="- "))
    yield ""
    yield strong(made.cd)
