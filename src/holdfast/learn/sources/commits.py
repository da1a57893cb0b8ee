"""The commits that the worktrees stand on, as documents: what was done, and what was taken back.

Newest first, a part at each use when there are many. What is still to be read is kept as jobs: commits to
start from, and commits whose history stands in the index already. A commit that a later one takes back, which
is not itself taken back, is superseded by it.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from holdfast.errors import GitError
from holdfast.hook.patterns import regex
from holdfast.hook.signature import plain
from holdfast.index.documents import Document
from holdfast.learn.documents import split_lead
from holdfast.learn.kept_names import COMMIT as COMMIT
from holdfast.learn.kept_names import UNSEEN
from holdfast.learn.redact import redact
from holdfast.learn.sources import Budget, Filled
from holdfast.repo import history
from holdfast.repo.history import Commit
from holdfast.repo.location import Repository

MOST = 2000
"""Commits that are taken in at once."""
MAX_TITLE = 300
"""Characters of a subject."""

_BATCH = 50
_MOST_TARGETS = 8
_SHORTEST = 7
_TAKES_BACK = regex(
    r"^(?:this )?reverts? (?:(?:merge )?commits? )?"
    r"(?P<ids>[0-9a-f]{7,64}(?:(?:,?\s+and\s+|,\s*|\s+)[0-9a-f]{7,64})*)\b",
    re.IGNORECASE | re.MULTILINE,
)
_BY_GIT = regex(
    r"^This reverts commit [0-9a-f]{7,64}(?:, reversing\nchanges made to [0-9a-f]{7,64})?\.[^\S\n]*$",
    re.MULTILINE,
)
"""What git writes of a revert, of which a reader learns nothing."""
_ID = regex(r"\b[0-9a-f]{7,64}\b", re.IGNORECASE)
_FULL = (40, 64)
_BARE = regex(r'^revert:? "(?P<subject>.+)"(?: \(#\d+\))?\s*$', re.IGNORECASE)
_NUMBER = regex(r" \(#\d+\)$")
_MOST_NAME = 60
_MOST_BEFORE = 900_000
"""Seconds between writing and committing that count when commits are put in order."""
_ENDED = ".!?:;,…\"'”’"

_Reverts = dict[str, list[str]]
"""By the id of a commit that takes others back: which."""


class _Job(msgspec.Struct, array_like=True):
    start: list[str]
    known: list[str]


class Commits:
    """Give the index the commits reachable from the head of any worktree.

    Args:
        heads: What the worktrees stand on, when it is known already.
    """

    name = COMMIT

    def __init__(self, heads: Iterable[str] | None = None) -> None:
        self._heads = None if heads is None else sorted(set(heads))

    def changes(self, repository: Repository, held: Mapping[str, str], budget: Budget) -> Filled:
        """Return what changed in the commits since ``held`` was returned as state."""
        try:
            return self._changes(repository, held, budget)
        except GitError:
            if not held:
                raise
        # a commit to go on from is gone
        filled = self._changes(repository, {}, budget)
        filled.anew = True
        return filled

    def _changes(self, repository: Repository, held: Mapping[str, str], budget: Budget) -> Filled:
        heads = self._heads
        if heads is None:
            heads = sorted({tree.head for tree in history.worktrees(repository) if tree.head})
        edge = history.boundary(repository)
        reading = _Reading.of(held)
        filled = Filled()
        if reading.heads != heads or reading.edge != edge:
            gone = _gone(repository, reading, heads, edge)
            if gone is None:
                filled.anew, held, reading = True, {}, _Reading(edge=edge)
            else:
                filled.remove = [f"{COMMIT}:{each}" for each in gone]
                for each in gone:
                    reading.reverts.pop(each, None)
            fresh = [head for head in heads if head not in reading.heads]
            if fresh:
                reading.jobs.insert(0, _Job(fresh, reading.heads))
            reading.heads, reading.edge = heads, edge
            filled.state |= _unseen(repository, heads, held)
        before = _taken_back(_Reading.of(held).reverts)
        # made while reading, so that the clock counts it
        found = {commit.id: document(commit) for commit in reading.read(repository, budget)}
        after = _taken_back(reading.reverts)
        filled.add = [
            msgspec.structs.replace(made, state="superseded") if each in after else made
            for each, made in found.items()
        ]
        filled.states = {
            f"{COMMIT}:{each}": "superseded" if each in after else ""
            for each in sorted(before ^ after)
            if each not in found
        }
        filled.more = bool(reading.jobs)
        filled.state |= reading.changed_from(held)
        return filled


class _Reading(msgspec.Struct, kw_only=True):
    """What was read: of which heads, cut short where, what is left to do, and what takes what back."""

    heads: list[str] = []
    edge: str = ""
    jobs: list[_Job] = []
    reverts: _Reverts = {}

    @classmethod
    def of(cls, held: Mapping[str, str]) -> _Reading:
        try:
            values = {name: msgspec.json.decode(held[name]) for name in cls.__struct_fields__ if name in held}
            return msgspec.convert(values, cls)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return cls()

    def read(self, repository: Repository, budget: Budget) -> Iterator[Commit]:
        """Yield commits, newest first, as long as there is time; at least a few."""
        count = 0
        while self.jobs and count < MOST and (not count or budget.seconds_left() > 0):
            job = self.jobs.pop(0)
            open_ = dict.fromkeys(job.start)
            ended = True
            for commit in history.commits(repository, job.start, job.known):
                open_.pop(commit.id, None)
                open_.update(dict.fromkeys(commit.parents))
                count += 1
                targets = list(_targets(repository, commit))
                if targets:
                    self.reverts[commit.id] = targets
                yield commit
                # to find out what is taken back costs as much as many commits
                look = bool(targets) or count % _BATCH == 0
                if count >= MOST or (look and budget.seconds_left() <= 0):
                    ended = False
                    break
            if not ended and open_:
                self.jobs.insert(0, _Job(list(open_), job.known))

    def changed_from(self, held: Mapping[str, str]) -> dict[str, str | None]:
        self.reverts = dict(sorted(self.reverts.items()))
        values = {name: msgspec.json.encode(getattr(self, name)).decode() for name in self.__struct_fields__}
        return {name: value for name, value in values.items() if held.get(name) != value}


def document(commit: Commit) -> Document:
    """Return a commit, whose message and files may say anything, as the index holds it."""
    message = redact(plain(commit.message))
    subject, _, body = message.partition("\n")
    said = _BY_GIT.sub("", body)
    stop = "." if said.strip() and not subject.rstrip().endswith(tuple(_ENDED)) else ""
    lead, more = split_lead(f"{subject.rstrip()}{stop}\n{said}")
    told = {"revert": _is_revert(subject, body), "merge": len(commit.parents) > 1, "wide": commit.wide}
    return Document(
        id=f"{COMMIT}:{commit.id}",
        source=COMMIT,
        kind="commit",
        title=subject[:MAX_TITLE],
        text=lead,
        detail=more,
        day=_day(commit.at),
        at=_moment(commit),
        paths=tuple(dict.fromkeys(redact(plain(path)) for path in commit.files)),
        tags=tuple(tag for tag, holds in told.items() if holds),
        by=redact(" ".join(plain(commit.author).split()))[:_MOST_NAME],
    )


def _moment(commit: Commit) -> float:
    """Return when a commit was made; of those that a rebase made in one second the older remain the older.

    Who wrote it when then counts in millionths of a second, less than one in all.
    """
    authored = commit.at if commit.authored is None else commit.authored
    return commit.at - min(max(commit.at - authored, 0), _MOST_BEFORE) / 1e6


def _is_revert(subject: str, body: str) -> bool:
    return subject.lower().startswith(('revert "', "revert:", "revert(")) or bool(_TAKES_BACK.search(body))


def _targets(repository: Repository, commit: Commit) -> Iterator[str]:
    """Yield the full ids of the commits that a message says it takes back, by id or by subject alone."""
    subject, _, message = (
        commit.message.partition("\n") if "revert" in commit.message.lower() else ("", "", "")
    )
    named = [each.lower() for found in _TAKES_BACK.finditer(message) for each in _ID.findall(found["ids"])]
    for each in list(dict.fromkeys(named))[:_MOST_TARGETS]:
        if len(each) in _FULL:
            yield each
        elif full := repository.git("rev-parse", "--verify", "--quiet", f"{each}^{{commit}}", check=False):
            yield full.decode("ascii", "replace").strip()
    bare = None if named else _BARE.match(subject)
    if bare:
        of = bare["subject"]
        found = history.newest(
            repository, commit.parents, lambda each: each == of or _NUMBER.sub("", each) == of
        )
        if found:
            yield found


def _taken_back(reverts: _Reverts) -> set[str]:
    """Return the commits that are taken back by one that is not taken back itself."""
    by: dict[str, list[str]] = {}
    for each, targets in sorted(reverts.items()):
        for target in targets:
            by.setdefault(target, []).append(each)
    gone: dict[str, bool] = {}
    for name in by:
        waiting = {} if name in gone else {name: iter(by[name])}
        while waiting:
            last = next(reversed(waiting))
            unknown = (each for each in waiting[last] if each in by and each not in gone)
            following = next((each for each in unknown if each not in waiting), None)
            if following is not None:
                waiting[following] = iter(by[following])
            else:
                # one that waits for this one cannot have taken it back: no commit names a later one
                gone[last] = any(not gone.get(each, each in by) for each in by[last])
                del waiting[last]
    return {name for name, is_gone in gone.items() if is_gone}


def _gone(repository: Repository, was: _Reading, heads: list[str], edge: str) -> list[str] | None:
    """Return the commits that cannot be reached any more; None when that cannot be told step by step."""
    if was.edge and was.edge != edge:
        return None
    if set(was.heads) <= set(heads):
        return []
    gone = history.beyond(repository, was.heads, heads)
    return None if gone is None or (gone and was.jobs) else gone


def _unseen(repository: Repository, heads: list[str], held: Mapping[str, str]) -> dict[str, str | None]:
    """Return, for each head, the commits that only other worktrees stand on."""
    found: dict[str, str | None] = {key: None for key in held if key.startswith(UNSEEN)}
    for head in heads:
        others = [each for each in heads if each != head]
        beyond = history.beyond(repository, others, [head]) if others else []
        if beyond:
            found[UNSEEN + head] = " ".join(sorted(beyond))
    return found


def _day(at: int) -> str | None:
    if not -2e9 < at < 2e11:
        return None
    return datetime.datetime.fromtimestamp(at, datetime.UTC).date().isoformat()
