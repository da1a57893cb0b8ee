"""Where a repository is: its worktree, its git directory, and Holdfast's own state in it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from holdfast.errors import EnvironmentProblem, GitError, RepositoryError
from holdfast.hook import place
from holdfast.repo import git, own_state


@dataclass(frozen=True)
class Repository:
    """A git repository as seen from one of its worktrees."""

    root: Path | None
    """Top of the worktree; None in a bare repository or inside a git directory."""
    git_dir: Path
    """Git directory of this worktree."""
    common_dir: Path
    """Git directory that all worktrees share; the same as ``git_dir`` in the main one."""
    is_known: bool | None = field(default=True, compare=False)
    """Whether the git directory says that this is its worktree: see `holdfast.hook.place.knows`."""

    @classmethod
    def find(cls, path: Path | str = ".") -> Repository:
        """Return the repository that ``path`` lies in.

        Raises:
            RepositoryError: There is none, or git refuses it; the hint says what to do.
        """
        start = Path(path)
        if start.exists() and not start.is_dir():
            start = start.parent
        if "\n" in str(start.resolve()):  # git answers with a path a line
            raise RepositoryError(f"{str(start.resolve())!r} holds a line break.", "Rename that folder.")
        try:
            # one call: --show-toplevel fails in a bare repository, so the rest is asked before it
            out = git.run(
                ["rev-parse", "--absolute-git-dir", "--git-common-dir", "--show-toplevel"],
                cwd=start,
                check=False,
            )
            lines = out.decode("utf-8", "surrogateescape").removesuffix("\n").split("\n")
            if len(lines) < 2:
                git.run(["rev-parse", "--absolute-git-dir"], cwd=start)
        except GitError as error:
            if "not a git repository" not in error.stderr:
                raise
            raise RepositoryError(
                f"There is no git repository at {start.resolve()} or above it.",
                "Go to your project, or make one here: `git init`.",
            ) from error
        git_dir = Path(lines[0]).resolve()
        common_dir = (start / lines[1]).resolve()
        root = Path(lines[2]).resolve() if len(lines) > 2 else None
        known: bool | None = start.resolve().is_relative_to(root or git_dir)
        if known and root is not None:
            known = place.knows(str(git_dir), str(common_dir), str(root))
        return cls(root=root, git_dir=git_dir, common_dir=common_dir, is_known=known)

    @cached_property
    def state_dir(self) -> Path:
        """Directory of this user's local state, shared by all worktrees; may not exist yet.

        See `holdfast.repo.own_state`. Where there is no room for it, this is a path that nobody can have put
        anything at.
        """
        try:
            return own_state.folder(self)
        except EnvironmentProblem:
            return self.common_dir / f"{place.STATE}.none-{secrets.token_hex(8)}"

    @property
    def directory(self) -> Path:
        """Directory to run git in: the worktree, else the git directory."""
        return self.root or self.git_dir

    def ensure_state(self) -> Path:
        """Make the directory of local state, readable by its owner alone, and return it.

        Raises:
            EnvironmentProblem: It cannot be made.
        """
        try:
            made = own_state.make(self)
        except OSError as error:
            raise git.disk_problem(error, f"Cannot make local state in {self.common_dir}") from error
        self.__dict__["state_dir"] = made  # another process may have taken the place that was free before
        return made

    def git(self, *args: str, input: bytes | None = None, check: bool = True) -> bytes:  # noqa: A002
        """Run git in this repository and return its output; see `holdfast.repo.git.run`."""
        return git.run(args, cwd=self.directory, input=input, check=check)

    def worktrees(self) -> list[Path]:
        """Return the top of every worktree, the main one first; a bare repository has none of its own."""
        tops: list[Path] = []
        out = self.git("worktree", "list", "--porcelain").decode("utf-8", "surrogateescape")
        for block in out.split("\n\n"):
            top, *told = block.split("\n")
            if top and "bare" not in told:
                tops.append(Path(top.removeprefix("worktree ")))
        return tops

    def head(self) -> str | None:
        """Return the commit that HEAD is at, or None when nothing was committed yet."""
        out = self.git("rev-parse", "--verify", "--quiet", "HEAD^{commit}", check=False)
        return out.decode("ascii").strip() or None
