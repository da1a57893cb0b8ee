"""Put sessions, their gold, and commits on one line of time, and walk along it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from bench.replay.gold_fixes import Failure, failures_of
from bench.replay.gold_logs import Session, read_all


@dataclass
class Commit:
    """Hold one commit of the repository's history."""

    at: float
    author: str
    subject: str
    body: str
    files: list[str]


@dataclass
class Case:
    """Hold one session with its gold, and its failures by call."""

    session: Session
    gold: dict[str, Any]
    failures: list[Failure] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Return the name of its file."""
        return self.session.file

    @property
    def prompt(self) -> str:
        """Return the first thing said in it."""
        return self.session.prompts[0][1] if self.session.prompts else ""

    def told(self, failure: dict[str, Any]) -> Failure:
        """Return the failure that an entry of the gold is about."""
        return next(one for one in self.failures if one.call.id == failure["id"])


@dataclass(order=True)
class Moment:
    """Hold one thing that happens: a commit, an end, or something to ask about."""

    at: float
    order: int
    place: int
    kind: str = field(compare=False)
    case: Case | None = field(compare=False, default=None)
    commit: Commit | None = field(compare=False, default=None)
    failure: dict[str, Any] | None = field(compare=False, default=None)


def cases_of(folder: Path, gold: dict[str, Any]) -> dict[str, list[Case]]:
    """Return the sessions of each repository in order of start, with their gold."""
    entries = {entry["file"]: entry for entry in gold["sessions"]}
    out: dict[str, list[Case]] = {}
    for session in read_all(folder):
        session.branch = branch_at_start(folder / session.file) or session.branch
        case = Case(session, entries[session.file], failures_of(session))
        out.setdefault(session.repo, []).append(case)
    return out


def branch_at_start(path: Path) -> str:
    """Return the branch that a log says first, which its agent could tell then; empty when it says none."""
    with path.open("rb") as file:
        found = (re.search(rb'"gitBranch":"([^"\\\\]+)"', line) for line in file)
        return next((match[1].decode() for match in found if match), "")


def commits_of(folder: Path, repo: str) -> list[Commit]:
    """Return the commits of a repository, oldest first: those beside the folder that its sessions lie in."""
    listed = json.loads((folder / "manifest.json").read_text())
    beside = {one["file"].partition("/")[0] for one in listed if one["repo"] == repo}
    paths = [folder / f"{name}-commits.jsonl" for name in sorted(beside)]
    rows = [json.loads(line) for path in paths if path.exists() for line in path.read_text().splitlines()]
    commits = [
        Commit(
            datetime.fromisoformat(row["date"]).timestamp(),
            row["author"],
            row["subject"],
            row["body"],
            row["files"],
        )
        for row in rows
    ]
    return sorted(commits, key=lambda commit: commit.at)


def moments(cases: list[Case], commits: list[Commit], last: float) -> Iterator[Moment]:
    """Yield what happens up to a time, in order: at the same moment ends and commits before questions."""
    found = [Moment(one.at, 0, place, "commit", commit=one) for place, one in enumerate(commits)]
    for place, case in enumerate(cases):
        found.append(Moment(case.session.end, 1, place, "end", case=case))
        found.append(Moment(case.session.start, 2, place, "start", case=case))
        if case.session.prompts:
            found.append(Moment(case.session.prompts[0][0], 3, place, "prompt", case=case))
        found.extend(
            Moment(failure["at"], 4, place, "failure", case=case, failure=failure)
            for failure in case.gold["failures"]
        )
    for moment in sorted(found):
        if moment.at > last:
            return
        yield moment
