"""A worktree of one's own, beside the checkout, so that two sessions do not change the same files.

It is an ordinary worktree of git's, on a branch of its own. It is made and prepared here, and never removed:
``git worktree remove`` does that, and refuses while it holds changes that are not committed.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from pathlib import Path

import msgspec

from holdfast.crew import filters, preparing
from holdfast.errors import EnvironmentProblem, GitError, RepositoryError, UsageError
from holdfast.hook import clock, live
from holdfast.repo import config, git, history
from holdfast.repo.branch import SHARED
from holdfast.repo.location import Repository
from holdfast.repo.trust import TrustStore

_HEADS = "refs/heads/"
_REMOTES = "refs/remotes/"
_TAKEN = ("already exists", "already checked out", "already used by worktree")
"""What git says where a branch or a place is taken: the last since 2.42."""


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """A worktree that was made, or was there already.

    Attributes:
        path: Where it is.
        branch: The branch that is checked out in it.
        new: Whether it was made now; ``new_branch`` whether the branch was.
        start: What a new branch starts at: the name that was given or found, and the commit.
        copied: Untracked files that it got a copy of.
        notes: Sentences: what is worth knowing before one goes on there.
        cd: The command that goes there.
    """

    path: str
    branch: str
    new: bool
    new_branch: bool
    start: str
    copied: tuple[str, ...]
    notes: tuple[str, ...]
    cd: str


def make(repository: Repository, name: str, *, start: str = "", folder: Path | None = None) -> Made:
    """Make a worktree on a branch of its own, and prepare it; one that is there already is given as it is.

    A branch that exists is checked out; one that a remote has is followed; else it is made, at the commit
    that the current worktree stands on.

    Args:
        repository: As seen from the worktree that one comes from.
        name: The branch, which also names the folder.
        start: What a new branch starts at instead.
        folder: Where to make it instead of where the settings say.

    Raises:
        UsageError: The name is none that a branch can have, or is taken; the place is in the way.
        RepositoryError: Nothing was committed yet.
        EnvironmentProblem: It cannot be written there.
    """
    _refuse_name(repository, name)
    loaded = config.load(TrustStore().state(repository))
    trees = history.worktrees(repository)
    top = _folder(repository, trees, loaded.config.worktree, folder)
    path = top / name
    here = next((tree for tree in trees if tree.branch.removeprefix(_HEADS) == name), None)
    if here is not None:
        if not here.root.is_dir():
            raise _gone(here.root)
        if _same(here.root, path):
            return _made(repository, path, name, notes=_at_work(repository, path))
        raise UsageError(
            f"The branch `{name}` is checked out in {here.root}.",
            f"Work there, `cd {shlex.quote(str(here.root))}`, or choose another name.",
        )
    _refuse_place(path, trees)
    begin, options = _branch(repository, name, start)
    unused = filters.of_repository(repository)
    _add(repository, path, options, filters.without(unused))
    prepared = preparing.prepare(repository, path, loaded.config.worktree.copy, unused)
    return _made(
        repository, path, name, start=begin, new_branch="-b" in options, copied=prepared.copied,
        notes=[*(() if loaded.used else loaded.warnings), *prepared.notes],
    )  # fmt: skip


def _made(
    repository: Repository,
    path: Path,
    name: str,
    *,
    start: str = "",
    new_branch: bool = False,
    copied: list[str] | None = None,
    notes: Sequence[str] = (),
) -> Made:
    at = repository.git("rev-parse", "--short", f"{_HEADS}{name}", check=False).decode().strip()
    return Made(
        path=str(path),
        branch=name,
        new=copied is not None,
        new_branch=new_branch,
        start=f"{start} ({at})" if start else at,
        copied=tuple(copied or ()),
        notes=tuple(notes),
        cd=f"cd {shlex.quote(str(path))}",
    )


def _at_work(repository: Repository, path: Path) -> list[str]:
    """Say who works in a worktree that was there already: it is nobody else's own then."""
    found = live.at_work(str(repository.state_dir), str(path.resolve()), clock.now())
    if not found:
        return []
    agents = " and ".join(dict.fromkeys(one.agent or "an agent" for one in found))
    return [f"Another session is at work in it ({agents}). For one of your own choose another name."]


def _refuse_name(repository: Repository, name: str) -> None:
    if name in ("", SHARED.removeprefix(_HEADS), "HEAD") or name.startswith("-"):
        raise UsageError(f"A worktree cannot be named {name!r}.", "Choose another name.")
    try:
        told = repository.git("check-ref-format", "--branch", name).decode("utf-8", "replace").strip()
    except (GitError, ValueError):
        told = ""
    if told != name:
        raise UsageError(
            f"No branch can be named {name!r}.",
            "Use letters, digits, `-`, `_`, `.` and `/`, such as fix-login.",
        )


def _folder(
    repository: Repository, trees: list[history.Worktree], chosen: config.Worktree, told: Path | None
) -> Path:
    """Return the folder that worktrees are made in."""
    if told is not None:
        return Path(os.path.abspath(told.expanduser()))  # noqa: PTH100 - links stay as they are named
    main = next((tree.root for tree in trees), repository.common_dir)
    if main.name in (".git", ".bare"):  # a bare repository hidden in the folder of its worktrees
        main = main.parent
    name = main.name.removesuffix(".git")
    place = Path(chosen.folder.replace("{repository}", name)).expanduser()
    return Path(os.path.abspath(main / place))  # noqa: PTH100 - it need not exist yet


def _refuse_place(path: Path, trees: list[history.Worktree]) -> None:
    real = path.resolve()
    for tree in trees:
        if not tree.bare and tree.root.is_dir() and real.is_relative_to(tree.root.resolve()):
            raise UsageError(
                f"{path} lies inside the worktree {tree.root}, which would take its files for its own.",
                "Make it elsewhere: `--folder DIRECTORY`, or `folder` under [worktree] in the settings.",
            )
    if os.path.lexists(path) and (not path.is_dir() or any(path.iterdir())):
        raise UsageError(
            f"{path} is there already, and is no worktree of `{path.name}`.", "Choose another name."
        )


def _branch(repository: Repository, name: str, start: str) -> tuple[str, list[str]]:
    """Return what the branch starts at, and the arguments that check it out or make it."""
    if repository.git("rev-parse", "--verify", "--quiet", f"{_HEADS}{name}", check=False):
        if start:
            raise UsageError(
                f"The branch `{name}` is there already.", "Leave out --from, or choose another name."
            )
        return "", [name]
    if not start:
        followed = _of_remotes(repository, name)
        if followed:
            return followed, ["--track", "-b", name, followed]
        if repository.head() is None:
            raise RepositoryError(
                "Nothing is committed here yet, so a worktree would be empty.", "Commit first: `git commit`."
            )
        start = repository.git("branch", "--show-current").decode("utf-8", "replace").strip() or "HEAD"
        return start, ["--no-track", "-b", name, "HEAD"]
    found = repository.git(
        "rev-parse", "--verify", "--quiet", "--end-of-options", f"{start}^{{commit}}", check=False
    )
    if not found:
        raise UsageError(f"There is no commit {start!r} here.", "See `git log` and `git branch --all`.")
    return start, ["--no-track", "-b", name, found.decode().strip()]


def _of_remotes(repository: Repository, name: str) -> str:
    """Return the remote branch of that name, as ``origin/NAME``; empty when no remote has one."""
    out = repository.git("for-each-ref", "--format=%(refname)", f"{_REMOTES}*/{name}")
    found = [line.removeprefix(_REMOTES) for line in out.decode("utf-8", "replace").splitlines()]
    if len(found) > 1 and f"origin/{name}" not in found:
        raise UsageError(
            f"Several remotes have `{name}`: {', '.join(found)}.", f"Say which: --from {found[0]}"
        )
    return f"origin/{name}" if f"origin/{name}" in found else "".join(found)


def _add(repository: Repository, path: Path, options: list[str], environment: dict[str, str]) -> None:
    arguments = ["worktree", "add", "--quiet", *_placed(options, path)]
    try:
        git.run(arguments, cwd=repository.directory, env=environment)
    except GitError as error:
        if "already registered" in error.stderr:
            raise _gone(path) from error
        if any(sign in error.stderr for sign in _TAKEN):
            raise UsageError(
                f"Somebody else made {path} just now.", "For a worktree of your own choose another name."
            ) from error
        raise EnvironmentProblem(
            f"git could not make a worktree at {path}: {error.stderr}",
            f"Try it by hand, to see more: `git worktree add {shlex.quote(str(path))}`.",
        ) from error
    except EnvironmentProblem as error:
        raise EnvironmentProblem(
            error.message, f"{error.hint} Or make it elsewhere: `--folder DIRECTORY`."
        ) from error


def _gone(path: Path) -> UsageError:
    return UsageError(
        f"git still knows a worktree at {path}, whose folder is gone.",
        "Let git forget it, `git worktree prune`, and try again.",
    )


def _placed(options: list[str], path: Path) -> list[str]:
    """Return the arguments of ``git worktree add`` with the path before what is checked out."""
    return [*options[:-1], "--", str(path), options[-1]]


def _same(one: Path, other: Path) -> bool:
    return one.resolve() == other.resolve()
