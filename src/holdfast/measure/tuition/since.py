"""What ended since it was mended: instruction lines that git's history or `tuition --fix` took away.

A mended line is taken from the history of the instruction files, so it counts whoever mended it. Sessions
before and after are compared by how many of them met the failure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from math import comb
from typing import Literal, NamedTuple

import msgspec

from holdfast.evidence import resolution
from holdfast.evidence.session_facts import SessionFacts
from holdfast.hook import commands
from holdfast.measure.tuition.sessions import ReadSession
from holdfast.repo.chain import day_of
from holdfast.repo.git import disk_problem
from holdfast.repo.location import Repository
from holdfast.repo.replacing import replace

NOTES = "cures.json"
"""The file of local state that remembers which cures `tuition --fix` made."""
FEWEST = 2
"""Sessions that must have met a failure before its line was mended."""
SURE = 0.05
"""The chance of so few failures, had nothing changed, below which a failure counts as ended."""

Verdict = Literal["ended", "less often", "not ended", "too early to tell"]


class Mended(msgspec.Struct, frozen=True, kw_only=True):
    """A cure that was made.

    Attributes:
        at: When, in seconds since the epoch.
        where: The file that was changed, with its line where known, or the commit.
        command: The command that failed.
        family: The family of its failure, when it was a cure of one; else empty.
    """

    at: float
    where: str
    command: str
    family: str = ""


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a failure since its cause was mended.

    Attributes:
        command: The command that failed.
        where: What was changed; ``day`` the UTC day.
        before, before_of: Sessions that met it before, of how many.
        after, after_of: Sessions that met it since, of how many.
        verdict: ``too early to tell`` while the sessions since are too few to say.
    """

    command: str
    where: str
    day: str
    before: int
    before_of: int
    after: int
    after_of: int
    verdict: Verdict


def ended(sessions: Sequence[ReadSession], mended: Iterable[Mended]) -> list[Ended]:
    """Return what became of each failure that a mended line caused, the most frequent before first."""
    found: dict[str, Ended] = {}
    for cure in sorted(mended, key=lambda cure: cure.at):
        one = _compared(sessions, cure)
        if one.before >= FEWEST:
            found.setdefault(one.command, one)
    return sorted(found.values(), key=lambda one: (-one.before, one.command))


def _compared(sessions: Sequence[ReadSession], cure: Mended) -> Ended:
    counts = {False: [0, 0], True: [0, 0]}
    for session in sessions:
        facts = session.facts
        if facts.started is None or not facts.runs:
            continue
        side = counts[facts.started >= cure.at]
        side[0] += _met(facts, cure)
        side[1] += 1
    (before, before_of), (after, after_of) = counts[False], counts[True]
    return Ended(
        command=cure.command,
        where=cure.where,
        day=day_of(int(cure.at)),
        before=before,
        before_of=before_of,
        after=after,
        after_of=after_of,
        verdict=_verdict(before, before_of, after, after_of),
    )


def _met(facts: SessionFacts, cure: Mended) -> bool:
    if cure.family:
        return any(episode.failure.family == cure.family for episode in facts.episodes)
    return any(
        begins_with(commands.main_text(episode.failure.command, episode.failure.owner), cure.command)
        and resolution.is_usage(episode.failure.message)
        for episode in facts.episodes
    )


def begins_with(command: str, start: str) -> bool:
    """Tell whether a command is another one, or that one with further words."""
    return command == start or command.startswith(start + " ")


def _verdict(before: int, before_of: int, after: int, after_of: int) -> Verdict:
    if chance(before, before_of, after, after_of) >= SURE:
        return "not ended" if after else "too early to tell"
    return "less often" if after else "ended"


def chance(before: int, before_of: int, after: int, after_of: int) -> float:
    """Return the chance of so few failures since, had nothing changed.

    Fisher's exact test, one-sided: as many failures as there were in all, spread over all sessions by chance
    (R. A. Fisher, The Design of Experiments, 1935). It does not take the rate before for known, of which two
    or three sessions say little.
    """
    met = before + after
    spreads = comb(before_of + after_of, met)
    return sum(comb(after_of, hits) * comb(before_of, met - hits) for hits in range(after + 1)) / spreads


class _Removed(NamedTuple):
    at: float
    commit: str
    path: str
    line: str


def mended_in_history(
    repository: Repository,
    paths: Sequence[str],
    named: Callable[[str], Iterable[str]],
    still: Iterable[str],
    limit: int = 300,
) -> Iterator[Mended]:
    """Yield the commands that a commit took out of the instruction files for good.

    Args:
        repository: Where.
        paths: The instruction files, relative to the top.
        named: Gives the commands that a line of them names.
        still: The commands that they name now.
        limit: Commits to look at, the newest first.
    """
    standing = set(still)
    for removed in _removed_lines(repository, paths, limit):
        for command in named(removed.line):
            if command not in standing:
                yield Mended(at=removed.at, where=f"{removed.path} in {removed.commit}", command=command)


def _removed_lines(repository: Repository, paths: Sequence[str], limit: int) -> Iterator[_Removed]:
    out = repository.git(
        "log", f"--max-count={limit}", "--no-merges", "--unified=0", "--no-color", "--no-ext-diff",
        "--no-textconv", "--format=%x01%h %ct", "--", *paths, check=False,
    )  # fmt: skip
    for chunk in out.decode("utf-8", "replace").split("\x01")[1:]:
        head, _, patch = chunk.partition("\n")
        commit, _, at = head.partition(" ")
        path = ""
        for line in patch.split("\n"):
            if line.startswith("--- "):
                path = line[4:].removeprefix("a/")
            elif line.startswith("-") and at.isdigit():
                yield _Removed(float(at), commit, path, line[1:])


def notes(repository: Repository) -> list[Mended]:
    """Return the cures that `tuition --fix` made in this clone."""
    try:
        return msgspec.json.decode((repository.state_dir / NOTES).read_bytes(), type=list[Mended])
    except (OSError, msgspec.MsgspecError):
        return []


def note(repository: Repository, cure: Mended) -> None:
    """Remember a cure that was made, in local state.

    Raises:
        EnvironmentProblem: Local state cannot be written.
    """
    path = repository.ensure_state() / NOTES
    try:
        replace(path, msgspec.json.encode([*notes(repository), cure]))
    except OSError as error:
        raise disk_problem(error, f"Cannot write {path}") from error
