"""Whether some worktree has the records branch checked out, where a write would look like a deletion."""

from __future__ import annotations

from pathlib import Path

from holdfast.errors import RecordsError
from holdfast.repo.location import Repository

_HELD_DURING = ("rebase-merge/head-name", "rebase-apply/head-name", "BISECT_START")
"""Files of a worktree's git directory that name the branch an operation will come back to."""


def worktrees_at(repository: Repository, ref: str) -> list[Path]:
    """Return the worktrees that have ``ref`` checked out, or will have when a rebase or bisect ends."""
    if repository.common_dir.joinpath("reftable").is_dir():
        return _listed(repository, ref)
    found = []
    if _holds(repository.common_dir, ref) and not _bare(repository):
        found.append(_main(repository))
    linked = sorted(repository.common_dir.glob("worktrees/*"))
    found.extend(Path(_line(one / "gitdir")).parent for one in linked if _holds(one, ref))
    return found


def refuse_if_checked_out(repository: Repository, ref: str) -> None:
    """Refuse to write a ref that is checked out.

    Raises:
        RecordsError: It is; the message names the worktree.
    """
    found = worktrees_at(repository, ref)
    if found:
        name = ref.removeprefix("refs/heads/")
        raise RecordsError(
            f"The branch `{name}` is checked out in {found[0]}: a write would look like deletions there.",
            f"Switch that worktree to a branch of yours: `git -C {found[0]} switch -`.",
        )


def _holds(git_dir: Path, ref: str) -> bool:
    if _line(git_dir / "HEAD") == f"ref: {ref}":
        return True
    short = ref.removeprefix("refs/heads/")
    return any(_line(git_dir / name) in (ref, short) for name in _HELD_DURING)


def _main(repository: Repository) -> Path:
    if repository.git_dir == repository.common_dir and repository.root is not None:
        return repository.root
    return next(iter(repository.worktrees()), repository.common_dir.parent)


def _bare(repository: Repository) -> bool:
    if repository.root is not None and repository.git_dir == repository.common_dir:
        return False
    out = repository.git(
        "config", "--type=bool", "--file", str(repository.common_dir / "config"), "core.bare", check=False
    )
    return out.strip() == b"true"


def _line(path: Path) -> str:
    try:
        return path.read_text("utf-8", "surrogateescape").rstrip("\n")
    except OSError:
        return ""


def _listed(repository: Repository, ref: str) -> list[Path]:
    out = repository.git("worktree", "list", "--porcelain").decode("utf-8", "surrogateescape")
    blocks = [block.split("\n") for block in out.split("\n\n")]
    return [Path(lines[0].removeprefix("worktree ")) for lines in blocks if f"branch {ref}" in lines]
