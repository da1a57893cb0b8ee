"""What git alone tells of work that was done twice: reverts, and fixes of fixes.

It needs no transcript, so it is what there is to say where the history of sessions is thin.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from holdfast.errors import EnvironmentProblem
from holdfast.hook.patterns import regex
from holdfast.learn.neutral import neutral_text
from holdfast.repo.location import Repository

COMMITS = 1000
"""Commits that are looked at: the newest ones."""
WITHIN = 7 * 86_400
"""Seconds after a fix in which another fix of the same file counts as a fix of that fix."""
MOST_FILES = 6
"""Files of a commit that is taken as one fix; a larger one is about many things."""

_REVERT = regex(r"(?i)^revert\b[ :]*[\"“]?(?P<what>.+?)[\"”]?$")
_FIX = regex(r"(?i)^(?:fix|hotfix|bugfix)(?:\([^)]*\))?!?[: ]")
_REASON = regex(r"(?im)^(?:this reverts commit [0-9a-f]+\.?|(?:co-authored|signed-off)-by:.*)$")
_QUIET = regex(r"(?i)(?:^|/)(?:changelog|package-lock|pnpm-lock|go)\.\w+$|\.lock$")


class Undone(msgspec.Struct, frozen=True, kw_only=True):
    """A commit that undid an earlier one.

    Attributes:
        commit: Its abbreviated id; ``day`` its UTC day.
        what: The subject of what was undone.
        why: The reason given; empty when none was.
    """

    commit: str
    day: str
    what: str
    why: str


class FixedAgain(msgspec.Struct, frozen=True, kw_only=True):
    """A file that was fixed again and again, each time within a week of the fix before.

    Attributes:
        path: The file.
        fixes: Fixes of it that followed another one within a week.
        commits: Their abbreviated ids, newest first, at most five.
    """

    path: str
    fixes: int
    commits: tuple[str, ...]


class _Commit(NamedTuple):
    id: str
    at: int
    day: str
    subject: str
    body: str
    files: tuple[str, ...]


class History(msgspec.Struct, frozen=True, kw_only=True):
    """What git's history tells of work done twice.

    Attributes:
        commits: Commits that were looked at.
        reverts: The newest first.
        fixed_again: The files with most such fixes first.
    """

    commits: int = 0
    reverts: tuple[Undone, ...] = ()
    fixed_again: tuple[FixedAgain, ...] = ()


def history(repository: Repository) -> History:
    """Return what the history of HEAD tells; nothing in a repository without commits."""
    try:
        commits = list(_commits(repository))
    except EnvironmentProblem:
        return History()
    return History(
        commits=len(commits),
        reverts=tuple(undone for commit in commits if (undone := _undone(commit))),
        fixed_again=_fixed_again(commits),
    )


def _commits(repository: Repository) -> Iterator[_Commit]:
    out = repository.git(
        "log", f"--max-count={COMMITS}", "--no-merges", "--no-renames", "--name-only", "--date=short-local",
        "--format=%x01%h%x00%ct%x00%cd%x00%s%x00%b%x00", check=False,
    )  # fmt: skip
    for chunk in out.decode("utf-8", "replace").split("\x01")[1:]:
        fields = chunk.split("\0")
        if len(fields) == 6 and fields[1].isdigit():
            id_, at, day, subject, body, files = fields
            yield _Commit(id_, int(at), day, subject, body, tuple(filter(None, files.split("\n"))))


def _undone(commit: _Commit) -> Undone | None:
    match = _REVERT.match(commit.subject)
    if match is None:
        return None
    why = " ".join(_REASON.sub("", commit.body).split())
    return Undone(
        commit=commit.id, day=commit.day, what=neutral_text(match["what"])[:120], why=neutral_text(why)[:200]
    )


def _fixed_again(commits: list[_Commit]) -> tuple[FixedAgain, ...]:
    newer: dict[str, _Commit] = {}
    found: dict[str, list[str]] = {}
    for commit in commits:  # the newest first
        if not _FIX.match(commit.subject) or len(commit.files) > MOST_FILES:
            continue
        for path in commit.files:
            after = newer.get(path)
            if after is not None and after.at - commit.at <= WITHIN and not _QUIET.search(path):
                found.setdefault(path, []).append(after.id)
            newer[path] = commit
    counted = Counter({path: len(ids) for path, ids in found.items() if len(ids) > 1})
    return tuple(
        FixedAgain(path=path, fixes=fixes, commits=tuple(found[path][:5]))
        for path, fixes in counted.most_common(5)
    )
