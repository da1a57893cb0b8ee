"""Decisions that stand in a repository already: why commits were reverted, what commit messages state, ADRs.

They are evidence to be indexed, not records to be written. Only commit messages and the worktree are read, so
it costs one ``git log`` and never the network; in a partial clone nothing is fetched.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

import msgspec

from holdfast.errors import EnvironmentProblem
from holdfast.hook.patterns import regex
from holdfast.learn.decisions.adr import stated_in_documents
from holdfast.learn.decisions.judge import MAX_LENGTH, Decision, judge_decision
from holdfast.repo.location import Repository

MAX_BODY = 8000
"""Characters of a commit message that are read."""
MAX_PATHS = 20
"""Files of a commit that are named."""
SURE, SURE_WITH_REASON = 0.95, 0.8
"""The chance from which on a paragraph of a commit message counts, and a rule that gives its reason: most
commits only tell what they did."""

_REVERTED = regex(r"^(?:revert\b|this reverts commit\b)", re.IGNORECASE)
_BARE_REVERT = regex(r"^(?:this )?reverts? (?:commits? )?[0-9a-f]{7,40}(?:,? and [0-9a-f]{7,40})*\.?$", re.I)
_TRAILER = regex(
    r"^(?:[A-Z][A-Za-z]*(?:-[A-Za-z]+)+: \S|(?:closes|fixes|resolves|refs?|see|part of) #\d+|-{3,}$)", re.I
)
_NUMBER = regex(r"\s*\(#\d+\)$")


class StatedDecision(msgspec.Struct, frozen=True, kw_only=True):
    """A decision that git or a document of the worktree states. Its text is not redacted.

    Attributes:
        ref: The commit's id, or the document's path with the line of an item.
        day: ISO date; "" when a document says none.
        paths: Files of the commit, or those that the document names.
    """

    text: str
    source: Literal["revert", "commit", "adr"]
    ref: str
    day: str = ""
    paths: tuple[str, ...] = ()


class _Commit(msgspec.Struct, frozen=True):
    id: str
    day: str
    subject: str
    body: str


def decisions_in_history(repository: Repository, limit: int = 2000) -> list[StatedDecision]:
    """Return the decisions of the newest commits and of the worktree's documents; documents first.

    At most one a commit. A repository whose history cannot be read gives those of its documents.

    Args:
        repository: The repository.
        limit: Commits that are read.
    """
    found = [
        StatedDecision(text=stated.text, source="adr", ref=stated.ref, day=stated.day, paths=stated.paths)
        for stated in (stated_in_documents(repository.root) if repository.root else ())
    ]
    told = [decision for commit in _commits(repository, limit) if (decision := _told(commit))]
    paths = _paths(repository, [decision.ref for decision in told])
    found.extend(msgspec.structs.replace(decision, paths=paths.get(decision.ref, ())) for decision in told)
    return found


def _told(commit: _Commit) -> StatedDecision | None:
    """Return the surest decision of a commit's message; for a revert the reason, with what was taken back."""
    paragraphs = list(_paragraphs(commit.body))
    if _REVERTED.match(commit.subject) or _REVERTED.match(commit.body):
        reason = "\n\n".join(part for part in paragraphs if not _BARE_REVERT.match(part))
        text = f"{_NUMBER.sub('', commit.subject)}. {reason}"
        judged = judge_decision(text, source="revert") if reason else None
        said = f"{_NUMBER.sub('', commit.subject)}: {judged.text}" if judged else ""
        return StatedDecision(text=said, source="revert", ref=commit.id, day=commit.day) if judged else None
    judgements = [judge_decision(part, source="commit") for part in paragraphs]
    sure = [judged for judged in judgements if judged is not None and _sure(judged)]
    best = max(sure, key=lambda judged: judged.chance, default=None)
    if best is None:
        return None
    return StatedDecision(text=best.text, source="commit", ref=commit.id, day=commit.day)


def _sure(judged: Decision) -> bool:
    return judged.chance >= (SURE_WITH_REASON if judged.reasoned else SURE)


def _paragraphs(body: str) -> Iterator[str]:
    """Yield the paragraphs of a commit message, trailers left out."""
    for part in re.split(r"\n[ \t]*\n", body):
        lines = [line for line in part.split("\n") if line.strip() and not _TRAILER.match(line.strip())]
        if lines:
            yield "\n".join(lines)[:MAX_LENGTH]


def _commits(repository: Repository, limit: int) -> Iterator[_Commit]:
    try:
        out = repository.git(
            "log",
            "--no-mailmap",  # of a bare repository it is read from HEAD's tree, which may not be here
            f"--max-count={max(0, limit)}",
            "--date=short",
            "-z",  # a message may hold any other character
            "--format=%H%x1f%ad%x1f%s%x1f%b",
            "HEAD",
            "--",
            check=False,
        )
    except EnvironmentProblem:
        return
    for record in out.decode("utf-8", "replace").split("\0"):
        fields = record.split("\x1f", 3)
        if len(fields) == 4:
            yield _Commit(fields[0], fields[1], fields[2].strip(), fields[3].strip()[:MAX_BODY])


def _paths(repository: Repository, commits: list[str]) -> dict[str, tuple[str, ...]]:
    """Return the files of commits; none for those whose trees are not here."""
    found: dict[str, tuple[str, ...]] = {}
    for start in range(0, len(commits), 100):  # one missing tree ends a call, so only its part is lost
        out = repository.git(
            "log",
            "--no-mailmap",
            "--no-walk=unsorted",
            "--stdin",
            "--name-only",
            "-z",
            "--format=%x1e%H",
            input="\n".join(commits[start : start + 100]).encode(),
            check=False,
        )
        for record in out.decode("utf-8", "replace").split("\x1e")[1:]:
            commit, _, names = record.partition("\0")
            paths = [name.strip("\n") for name in names.split("\0") if name.strip("\n")]
            found[commit] = tuple(paths[:MAX_PATHS])
    return found
