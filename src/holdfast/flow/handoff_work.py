"""What git says of a session's work: its commits, what it left uncommitted, and that as a patch."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import msgspec

from holdfast.errors import GitError
from holdfast.flow.handoff_events import CommitRun
from holdfast.flow.handoff_record import Commit
from holdfast.hook.handoff import DETACHED, detached, whereabouts
from holdfast.hook.place import find
from holdfast.repo import git
from holdfast.repo.location import Repository
from holdfast.transcripts.paths import is_absolute, is_below

MAX_PATCH = 8 << 20
"""Bytes of a patch; a larger one is not kept."""
MAX_FILES = 200
"""Uncommitted files that are looked at."""
MAX_COMMITS = 500
"""Commits of a branch that are looked at for those of the session: the latest."""
_SLACK = 1.0
"""Seconds by which a commit's time may stand behind the end of the command that made it."""
MAX_NEW = 5000
"""New files that are looked at; among more of them only those that the session edited are known."""
_AFTERWARDS = 60.0
"""Seconds after a session's last record in which a file it wrote may still change."""
_NEW = ("ls-files", "--others", "--exclude-standard", "-z")
_SECRET = re.compile(
    r"(?:^|/)(?:\.env(?:\.(?!example$|sample$|template$|dist$)[\w.-]+)?|\.netrc|\.npmrc|\.pypirc"
    r"|id_(?:rsa|dsa|ecdsa|ed25519)|credentials(?:\.json)?|[^/]+\.(?:pem|key|p12|pfx|jks|keystore))\Z",
    re.IGNORECASE,
)
"""Names of files that usually hold secrets."""
_PLAIN = ("--no-ext-diff", "--no-textconv", "--no-color", "--src-prefix=a/", "--dst-prefix=b/", "--binary")


class Work(msgspec.Struct, kw_only=True):
    """What a session left in a worktree.

    Attributes:
        head: The commit that the branch is at; empty when nothing was committed yet.
        commits: Its commits on the branch, oldest first.
        uncommitted: Its changes that are in no commit; None when the worktree is not on the branch, or gone.
        patch: These changes as a patch that ``git apply`` takes.
    """

    head: str = ""
    commits: list[Commit] = []
    uncommitted: list[str] | None = None
    patch: bytes = b""


def worktree_of(repository: Repository, root: str | None) -> Path | None:
    """Return the worktree that a session worked in; None when it is not one of the repository, or is gone."""
    tops = [top for top in repository.worktrees() if top.is_dir()]
    if root is None:
        return tops[0] if len(tops) == 1 else None
    real = str(Path(root).resolve())
    inside = [top for top in tops if is_below(real, str(top)) or is_below(root, str(top))]
    return max(inside, key=lambda top: len(str(top)), default=None)


def branch_of(worktree: Path) -> str:
    """Return the branch that work in a worktree belongs to; without one what `holdfast.hook.handoff` says."""
    place = find(str(worktree))
    return checked_out(worktree) or (whereabouts(place) if place is not None else "")


def detached_of(worktree: Path) -> str:
    """Return what work in a worktree goes by while no branch is checked out there."""
    place = find(str(worktree))
    return detached(place) if place is not None else ""


def checked_out(worktree: Path) -> str:
    """Return the branch that is checked out, as git has it; empty without one, as in a rebase."""
    out = git.run(["symbolic-ref", "--quiet", "HEAD"], cwd=worktree, check=False)
    return out.decode("utf-8", "replace").strip().removeprefix("refs/heads/")


def is_at(worktree: Path, branch: str) -> bool:
    """Tell whether the files of a worktree are those of a branch, or of work without one that began there."""
    return branch in (branch_of(worktree), detached_of(worktree))


def work_of(
    repository: Repository,
    worktree: Path | None,
    branch: str,
    *,
    edited: Iterable[str],
    runs: Iterable[CommitRun],
    started: float | None,
    ended: float | None,
) -> Work:
    """Return what git knows of a session's work.

    Args:
        repository: The repository.
        worktree: Where it worked, if that is still there.
        branch: The branch it ended on.
        edited: The files it edited, relative to the worktree.
        runs: The commands by which it committed.
        started: When it began, in seconds since the epoch.
        ended: When it ended.
    """
    work = Work(head=tip_of(repository, worktree, branch))
    if work.head:
        work.commits = _commits(repository, work.head, list(runs))
    if worktree is None or (branch and not is_at(worktree, branch)):
        return work
    names = [path for path in edited if _is_inside(path)]
    work.uncommitted = uncommitted(worktree, names, started, ended)
    if work.uncommitted:
        work.patch = patch_of(worktree, work.uncommitted)
    return work


def uncommitted(
    worktree: Path, edited: Iterable[str], started: float | None = None, ended: float | None = None
) -> list[str]:
    """Return the changed files that a session edited, or that changed while it ran, in no commit yet.

    What git ignores is left out: it was never meant to be committed.
    """
    names = list(dict.fromkeys(edited))[: MAX_FILES * 2]
    changed = _listed(worktree, "diff", "--name-only", "--no-renames", "-z", _base(worktree))
    known = set(names)
    found = [path for path in changed if path in known or _changed_within(worktree / path, started, ended)]
    new = _listed(worktree, *_NEW)
    if len(new) > MAX_NEW:
        new = [path for path in new if path in known]
    found += [path for path in new if path in known or _changed_within(worktree / path, started, ended)]
    return sorted(dict.fromkeys(found))[:MAX_FILES]


def patch_of(worktree: Path, paths: list[str]) -> bytes:
    """Return the uncommitted changes of some files as one patch; empty when it would be too large.

    New files that usually hold secrets are left out, and those too large by themselves.
    """
    new = set(_listed(worktree, *_NEW, "--", *paths))
    tracked = [path for path in paths if path not in new]
    new = {path for path in new if not is_secret(path) and _size(worktree / path) <= MAX_PATCH}
    parts = []
    if tracked:
        parts.append(_run(worktree, "diff", *_PLAIN, "--no-renames", _base(worktree), "--", *tracked))
    size = len(parts[0]) if parts else 0
    for path in paths:
        if path in new and size <= MAX_PATCH:
            parts.append(_run(worktree, "diff", *_PLAIN, "--no-index", "--", "/dev/null", path))
            size += len(parts[-1])
    return b"".join(parts) if size <= MAX_PATCH else b""


def is_secret(path: str) -> bool:
    """Tell whether a file usually holds secrets, by its name."""
    return _SECRET.search(path) is not None


def _size(path: Path) -> int:
    try:
        return path.lstat().st_size
    except OSError:
        return 0


def commits_since(repository: Repository, branch: str, head: str) -> int | None:
    """Return how many commits a branch has that it had not at ``head``; None when that cannot be told."""
    if not head:
        return None
    ref = f"refs/heads/{branch}" if branch else "HEAD"
    try:
        return int(repository.git("rev-list", "--count", f"{head}..{ref}"))
    except (GitError, ValueError):
        return None


def tip_of(repository: Repository, worktree: Path | None, branch: str) -> str:
    """Return the commit that a branch is at, or a worktree without one; empty for none."""
    has_branch = branch and not branch.startswith(DETACHED)
    ref = f"refs/heads/{branch}" if has_branch else "HEAD"
    args = ["rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}"]
    out = git.run(args, cwd=worktree or repository.directory, check=False)
    return out.decode("ascii", "replace").strip()


def _commits(repository: Repository, head: str, runs: list[CommitRun]) -> list[Commit]:
    """Return the commits on a branch that some commands made: by the id they told, else by their time."""
    if not runs:
        return []
    form = "--format=%H%x1f%ct%x1f%s"
    out = repository.git("log", f"--max-count={MAX_COMMITS}", "--no-merges", form, head, "--", check=False)
    found = []
    for line in out.decode("utf-8", "replace").splitlines():
        parts = line.split("\x1f", 2)
        if len(parts) == 3 and parts[1].isdigit() and _is_made(parts[0], float(parts[1]), runs):
            found.append(Commit(parts[0][:10], parts[2]))
    return found[::-1]


def _is_made(commit: str, at: float, runs: list[CommitRun]) -> bool:
    for run in runs:
        if any(commit.startswith(told) for told in run.ids):
            return True
        if run.ids or run.called is None or run.ended is None:
            continue
        if int(run.called) <= at <= run.ended + _SLACK:  # git counts in whole seconds
            return True
    return False


def _base(worktree: Path) -> str:
    """Return what uncommitted work is compared with: the last commit, or nothing at all before the first."""
    out = git.run(["rev-parse", "--verify", "--quiet", "HEAD"], cwd=worktree, check=False)
    return (
        out.decode("ascii").strip()
        or git.run(["hash-object", "-t", "tree", "--stdin"], cwd=worktree, input=b"").decode("ascii").strip()
    )


def _run(worktree: Path, *args: str) -> bytes:
    return git.run(["--literal-pathspecs", *args], cwd=worktree, check=False)


def _listed(worktree: Path, *args: str) -> list[str]:
    out = _run(worktree, *args)
    return [path for path in out.decode("utf-8", "surrogateescape").split("\0") if path]


def _changed_within(path: Path, started: float | None, ended: float | None) -> bool:
    if started is None or ended is None:
        return False
    try:
        return started <= path.lstat().st_mtime <= ended + _AFTERWARDS
    except OSError:
        return False


def _is_inside(path: str) -> bool:
    return bool(path) and not is_absolute(path) and not path.startswith(("..", "~"))
