"""Read the commits that the worktrees of a repository stand on: messages, files, and which were taken back.

Messages and names of files are a stranger's text, handed on as they are: whoever stores them redacts them.
Nothing is fetched: in a partial clone that left out trees, commits come without files.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import IO

import msgspec

from holdfast.errors import EnvironmentProblem, GitError
from holdfast.repo import git
from holdfast.repo.location import Repository

MAX_BODY = 8000
"""Characters of a message that are read."""
MAX_FILES = 40
"""Files of a commit that are named; one with more is wide."""

MAX_LOOKED = 1000
"""Commits among which one is looked for by its subject."""

_BLOCK = 1 << 16
_ENOUGH = 4 * MAX_BODY
"""Bytes of a message that are decoded: no character takes more than four."""


class Worktree(msgspec.Struct, frozen=True):
    """One worktree: its top, the commit it stands on (empty before the first), and its branch.

    A bare repository counts as one that holds no files.
    """

    root: Path
    head: str = ""
    branch: str = ""
    bare: bool = False


class Commit(msgspec.Struct, frozen=True, kw_only=True):
    """One commit.

    Attributes:
        at: When it was committed, in seconds since the epoch.
        authored: When it was first written, the same way; a rebase leaves that as it was. None when unknown.
        author: The author's name, as the commit has it.
        message: At most `MAX_BODY` characters.
        files: The first `MAX_FILES` by order; none of a merge.
        wide: Whether it changed more.
    """

    id: str
    at: int
    authored: int | None = None
    parents: tuple[str, ...] = ()
    author: str = ""
    message: str = ""
    files: tuple[str, ...] = ()
    wide: bool = False


def worktrees(repository: Repository) -> list[Worktree]:
    """Return the worktrees of a repository, the main one first.

    Raises:
        EnvironmentProblem: git cannot say.
    """
    found = []
    out = repository.git("worktree", "list", "--porcelain").decode("utf-8", "surrogateescape")
    for block in out.split("\n\n"):
        told = dict(line.partition(" ")[::2] for line in block.split("\n"))
        if "worktree" in told:
            top = Path(told["worktree"]).resolve()
            if "bare" in told:
                found.append(Worktree(top, _head_of_bare(top), bare=True))
                continue
            head = told.get("HEAD", "")
            branch = told.get("branch", "").removeprefix("refs/heads/")
            found.append(Worktree(top, head.strip("0") and head, branch))
    return found


def _head_of_bare(directory: Path) -> str:
    arguments = ["rev-parse", "--verify", "--quiet", "HEAD^{commit}"]
    return git.run(arguments, cwd=directory, check=False).decode("ascii", "replace").strip()


def boundary(repository: Repository) -> str:
    """Return a digest of what cuts history short here: the ends of a shallow clone, and grafts."""
    seen = hashlib.sha256()
    for name in ("shallow", "info/grafts"):
        try:
            seen.update((repository.common_dir / name).read_bytes())
        except OSError:
            continue
        seen.update(b"\0" + name.encode())
    return seen.hexdigest()[:16]


def commits(repository: Repository, start: Collection[str], known: Collection[str] = ()) -> Iterator[Commit]:
    """Yield the commits reachable from ``start`` and not from ``known``, newest first.

    Leave the iterator as early as wanted.

    Raises:
        EnvironmentProblem: git could not read them: one that is named here is gone, or the repository is
            damaged.
    """
    done: set[str] = set()
    try:
        for commit in _log(repository, start, known, files=True):
            done.add(commit.id)
            yield commit
    except GitError:
        # a tree that is not here ends git at the first commit that needs it
        for commit in _log(repository, start, known, files=False):
            if commit.id not in done:
                yield commit


def beyond(repository: Repository, start: Collection[str], known: Collection[str]) -> list[str] | None:
    """Return the ids of commits reachable from ``start`` and not from ``known``; None when one is gone."""
    try:
        out = git.run(["rev-list", "--stdin"], cwd=repository.directory, input=_names(start, known))
    except EnvironmentProblem:
        return None
    return out.decode("ascii", "replace").split()


def newest(repository: Repository, start: Collection[str], wanted: Callable[[str], bool]) -> str | None:
    """Return the id of the newest commit whose subject is wanted, of the last `MAX_LOOKED`; else None."""
    arguments = ["log", "--stdin", "-z", f"--max-count={MAX_LOOKED}", "--encoding=UTF-8", "--format=%H %s"]
    try:
        out = git.run(arguments, cwd=repository.directory, input=_names(start, ()))
    except EnvironmentProblem:
        return None
    for line in out.decode("utf-8", "replace").split("\0"):
        name, _, subject = line.partition(" ")
        if wanted(subject):
            return name
    return None


def count(repository: Repository, start: Collection[str]) -> int:
    """Return how many commits are reachable from ``start``; 0 when git cannot say."""
    try:
        out = git.run(["rev-list", "--count", "--stdin"], cwd=repository.directory, input=_names(start, ()))
    except EnvironmentProblem:
        return 0
    return int(out)


def _names(start: Collection[str], known: Collection[str]) -> bytes:
    return "".join([*(f"{each}\n" for each in start), *(f"^{each}\n" for each in known)]).encode()


def _log(
    repository: Repository, start: Collection[str], known: Collection[str], *, files: bool
) -> Iterator[Commit]:
    mark = secrets.token_hex(12)  # a name of a file may hold anything but what nobody can foresee
    names = ("--name-only", "--no-renames", "--no-ext-diff", "--no-textconv") if files else ("--no-patch",)
    arguments = [
        *("-c", "diff.relative=false", "-c", "diff.orderFile=/dev/null", "-c", "log.showRoot=true"),
        *("log", "--stdin", "--no-mailmap", "--no-notes", "--no-color", "-z"),
        *("--no-show-signature", "--encoding=UTF-8", "--diff-algorithm=default", *names),
        f"--format={mark}%H %ct %at %P%x00%an%x00%B%x00",
    ]
    try:
        with git.stream(arguments, cwd=repository.directory, input=_names(start, known)) as out:
            yield from _parsed(out, mark.encode())
    except GeneratorExit:
        return


def _parsed(out: IO[bytes], mark: bytes) -> Iterator[Commit]:
    head: list[str] | None = None
    author, message, files, place, more = "", "", list[str](), 0, False
    for token in _tokens(out):
        if token.startswith(mark):
            if head:
                yield _commit(head, author, message, files, more)
            head = token[len(mark) :].decode("ascii", "replace").split()
            author, message, files, place, more = "", "", [], 0, False
            continue
        place += 1
        if place == 1:
            author = token[:_ENOUGH].decode("utf-8", "replace")
        elif place == 2:
            message = token[:_ENOUGH].decode("utf-8", "replace")[:MAX_BODY]
        elif len(files) == MAX_FILES:
            more = more or bool(token)
        elif name := token.removeprefix(b"\n"):
            files.append(name.decode("utf-8", "replace"))
    if head:
        yield _commit(head, author, message, files, more)


def _commit(head: list[str], author: str, message: str, files: list[str], more: bool) -> Commit:
    return Commit(
        id=head[0],
        at=int(head[1]),
        authored=int(head[2]),
        parents=tuple(head[3:]),
        author=author,
        message=message.strip(),
        files=tuple(files),
        wide=more,
    )


def _tokens(out: IO[bytes]) -> Iterator[bytes]:
    """Yield what stands between NULs; of what is longer than anything that is read, about the beginning."""
    pieces: list[bytes] = []
    size = 0
    while block := out.read1(_BLOCK) if hasattr(out, "read1") else out.read(_BLOCK):
        first, *others = block.split(b"\0")
        if size < _ENOUGH:
            pieces.append(first)
            size += len(first)
        for other in others:
            yield b"".join(pieces)
            pieces, size = [other], len(other)
    if rest := b"".join(pieces):
        yield rest
