"""One `git fast-import` process: how commits get onto the records branch.

The format is that of git-fast-import(1). The stream is read from a file, so that a writer that dies
cannot truncate it, and ends with ``done``, so that a truncated one is refused whole. fast-import
updates the ref by compare-and-swap: a tip that moved meanwhile is reported as `Moved`.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO, NamedTuple

from holdfast.errors import GitError
from holdfast.hook import clock
from holdfast.hook.patterns import regex
from holdfast.repo import git
from holdfast.repo.location import Repository

NOBODY = ("holdfast", "holdfast@localhost")
"""Name and address when the user told git neither: never the login or the name of the machine."""


_ELSEWHERE = regex(r"is at [0-9a-f]+ but expected|reference already exists")


class Moved(Exception):  # noqa: N818 - control flow: the caller reads the new tip and tries again
    """Tell that the ref was not where the stream began."""


class Person(NamedTuple):
    """Who a commit is by."""

    name: str
    email: str

    @classmethod
    def of(cls, settings: Mapping[str, str], variables: Mapping[str, str]) -> Person:
        """Return the identity the user told git, by git's own precedence (git-commit(1), COMMIT INFORMATION).

        Args:
            settings: git's configuration, keys in lower case.
            variables: The process's environment.
        """
        name = variables.get("GIT_AUTHOR_NAME") or settings.get("author.name") or settings.get("user.name")
        email = (
            variables.get("GIT_AUTHOR_EMAIL") or settings.get("author.email") or settings.get("user.email")
        )
        email = email or variables.get("EMAIL")
        return cls(_plain(name or "") or NOBODY[0], _plain(email or "") or NOBODY[1])


@dataclass
class Commit:
    """A commit to be written."""

    subject: str
    parents: tuple[str, ...] = ()
    """Commits, or marks of earlier commits of the same stream (``:1``)."""
    files: Mapping[str, bytes] = field(default_factory=dict)
    """New files by path."""
    blobs: Mapping[str, str] = field(default_factory=dict)
    """Files by path whose content git already has, by its blob."""
    without: Iterable[str] = ()
    """Paths to leave out."""
    signed: bytes = b""
    """Raw author and committer lines, to write a commit again as it was; else by the person, today."""
    message: bytes = b""
    """The whole message, to write a commit again as it was; else the subject."""


def write(
    repository: Repository,
    ref: str,
    commits: Iterable[Commit],
    person: Person,
    lock: int,
    *,
    force: bool = False,
) -> list[str]:
    """Write commits onto ``ref`` and return their ids, in order.

    Args:
        repository: Where.
        ref: The ref that the last of the commits becomes.
        commits: Each names its parents; the n-th may be named as ``:n`` by later ones.
        person: Author and committer.
        lock: Descriptor of our own lock, held by git for as long as it writes.
        force: Move the ref even when it would lose history; for a purge alone.

    Raises:
        Moved: The ref moved meanwhile; nothing was changed.
        GitError: git failed; nothing was changed.
        EnvironmentProblem: The disk is full, read-only, or not writable for this user.
    """
    midnight = midnight_of(clock.today())
    try:
        with tempfile.TemporaryFile(dir=repository.ensure_state()) as stream:
            for mark, commit in enumerate(commits, 1):
                _write_commit(stream, ref, mark, commit, _signature(person, midnight))
            stream.write(b"done\n")
            stream.flush()
            stream.seek(0)
            return _import(repository, stream, person, midnight, lock, force)
    except OSError as error:
        raise git.disk_problem(error, f"Cannot write records in {repository.state_dir}") from error


def move(repository: Repository, ref: str, new: str, old: str | None, person: Person) -> None:
    """Move a ref of ours from ``old`` (None: it must not exist) to a commit that git has.

    Raises:
        Moved: It was not at ``old``.
        GitError: git failed.
    """
    env = _identity(person, midnight_of(clock.today()))
    args = ["update-ref", "-m", "holdfast", ref, new, old or "0" * len(new)]
    try:
        git.run(args, cwd=repository.directory, env=env)
    except GitError as error:
        if _lost_the_race(error.stderr):
            raise Moved from error
        raise


def midnight_of(day: str) -> int:
    """Return the epoch second at which a UTC day begins; records carry no time of day."""
    return max(0, int(datetime.fromisoformat(f"{day}T00:00:00+00:00").timestamp()))  # git has none earlier


def _import(
    repository: Repository, stream: IO[bytes], person: Person, midnight: int, lock: int, force: bool
) -> list[str]:
    args = ["fast-import", "--quiet", "--done", "--date-format=raw", *(["--force"] if force else [])]
    env = _identity(person, midnight)
    with git.start(args, cwd=repository.directory, stdin=stream, env=env, pass_fds=(lock,)) as process:
        out, err = process.communicate()
    if process.returncode == 0:
        return out.decode("ascii").split()
    _sweep(repository, process)
    words = err.decode("utf-8", "replace")
    if _lost_the_race(words):
        raise Moved
    error = git.failure(args, process.returncode, err, repository.directory)
    if isinstance(error, GitError):
        error.hint = "The records are as they were before. Run `holdfast doctor`, or try again."
    raise error


def _identity(person: Person, midnight: int) -> dict[str, str]:
    """Return the variables under which git writes the reflog of our ref."""
    return {
        "GIT_COMMITTER_NAME": person.name,
        "GIT_COMMITTER_EMAIL": person.email,
        "GIT_COMMITTER_DATE": f"@{midnight} +0000",
    }


def _lost_the_race(words: str) -> bool:
    if "Unable to create" in words and ".lock': File exists" in words:
        return True
    return "Not updating " in words or _ELSEWHERE.search(words) is not None


def _sweep(repository: Repository, process: subprocess.Popen[bytes]) -> None:
    """Remove the report that fast-import leaves in the git directory when it fails."""
    for folder in {repository.git_dir, repository.common_dir}:
        folder.joinpath(f"fast_import_crash_{process.pid}").unlink(missing_ok=True)


def _write_commit(stream: IO[bytes], ref: str, mark: int, commit: Commit, signature: bytes) -> None:
    message = commit.message or (commit.subject.split("\n")[0] + "\n").encode()
    lines = commit.signed or b"author %s\ncommitter %s\n" % (signature, signature)
    stream.write(b"commit %s\nmark :%d\n%sdata %d\n%s\n" % (ref.encode(), mark, lines, len(message), message))
    for position, parent in enumerate(commit.parents):
        stream.write(b"%s %s\n" % (b"merge" if position else b"from", parent.encode()))
    for path in commit.without:
        stream.write(b"D %s\n" % path.encode())
    for path, blob in commit.blobs.items():
        stream.write(b"M 100644 %s %s\n" % (blob.encode(), path.encode()))
    for path, data in commit.files.items():
        stream.write(b"M 100644 inline %s\ndata %d\n%s\n" % (path.encode(), len(data), data))
    stream.write(b"\nget-mark :%d\n" % mark)


def _signature(person: Person, midnight: int) -> bytes:
    return f"{person.name} <{person.email}> {midnight} +0000".encode("utf-8", "replace")


def _plain(text: str) -> str:
    """Return a name as git would write it: without what would end the field (git's ident.c)."""
    return re.sub(r"[\x00-\x1f\x7f<>]", "", text).strip(" .,:;\"'\\")
