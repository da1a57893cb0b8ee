"""What a session settled, gave up and left failing, each as a line for the next one."""

from __future__ import annotations

import re

from holdfast.evidence.agreements import Agreement
from holdfast.evidence.approaches import AbandonedApproach
from holdfast.evidence.episodes import Episode
from holdfast.flow import handoff_words as words
from holdfast.flow.handoff_events import SessionEvents
from holdfast.hook import commands
from holdfast.learn.gate import is_safe

LATE_STEPS = 30
"""Calls before a session's end within which a failure that was not got past is still open."""
LONG_WAY = 5
"""Calls that getting past a failure took, from which on the next session should know of it."""
_OUTSIDE = re.compile(
    r"permission denied|not permitted|unauthori[sz]ed|forbidden|\b40[13]\b|authenticat|credential"
    r"|not logged in|token (?:has )?expired|could not resolve|connection (?:refused|reset|timed out)"
    r"|network is unreachable|no space left|disk quota|rate limit|quota exceeded|too many requests"
    r"|command not found|ECONNREFUSED|ENOTFOUND|ETIMEDOUT|CONFLICT \(|merge conflict|protected branch"
    r"|access denied",
    re.IGNORECASE,
)
"""What an error says that no change of code mends."""


def decided(found: list[Agreement]) -> list[str]:
    """Return what was asked and answered, and the plans that were agreed, oldest first."""
    settled = []
    for one in found:
        if one.kind == "plan":
            agreed = " ".join(one.answer.split())
            settled.append(f"plan agreed: {one.question}" + (f": {agreed}" if agreed else ""))
        elif one.kind == "answered" and words.settles(one.question, one.answer):
            question = words.shortened(one.question.strip("#*_ "), 24)
            settled.append(f"{question} → {words.shortened(_chosen(one), 24)}")
    return settled


def _chosen(one: Agreement) -> str:
    """Return the answer with the option it names by a letter or number: "B", "2. yes"."""
    match = re.match(r"\s*(?:option\s+)?(?P<label>[A-Ha-h]|\d)(?:[.):\s]|$)", one.answer, re.IGNORECASE)
    if match is None or len(one.answer.split()) > 6:
        return one.answer
    label = f"{match['label'].upper()}. "
    return next((option for option in one.options if option.startswith(label)), one.answer)


def refused(found: list[Agreement]) -> list[str]:
    """Return what a person said on refusing a call or on stopping the agent."""
    said = []
    for one in found:
        if not words.steers(one.answer):
            continue
        if one.kind == "rejected":
            what = f"`{words.shortened(one.command, 12)}`" if one.command else ", ".join(one.paths[:2])
            said.append(f"refused {what}: {one.answer}" if what else one.answer)
        elif one.kind == "corrected" and one.survived is None:
            said.append(words.wanted(one.answer))
    return said


def tried(events: SessionEvents) -> list[str]:
    """Return what took long to get past, and what was tried and given up."""
    far = [one for one in events.episodes.closed if _was_hard(one)]
    hard = sorted(far, key=lambda one: one.fix.tokens if one.fix else 0)[-2:]
    return [*map(_hard_won, hard), *map(_given_up, events.approaches.found)]


def _was_hard(episode: Episode) -> bool:
    failure, fix = episode.failure, episode.fix
    if fix is None or fix.steps < LONG_WAY or failure.generic or len(failure.message.split()) < 3:
        return False
    return failure.tool == "Bash" and not commands.only_views(failure.command)


def _hard_won(episode: Episode) -> str:
    assert episode.fix is not None
    edited = list(dict.fromkeys(edit.path for edit in episode.fix.edits))[:2]
    by = f"edits in {', '.join(edited)}" if edited else f"`{words.shortened(episode.fix.command, 12)}`"
    failure = episode.failure
    return (
        f"`{words.shortened(failure.command, 10)}` failed: {words.shortened(failure.message, 14)}; "
        f"got past after {episode.fix.steps} calls by {by}"
    )


def _given_up(approach: AbandonedApproach) -> str:
    where = f" in {approach.paths[0]}" if approach.paths else ""
    why = words.shortened(approach.failure or approach.because, 16)
    instead = f"; in its place `{words.shortened(approach.replacement, 10)}`" if approach.replacement else ""
    return f"`{words.shortened(approach.approach, 10)}`{where}" + (f": {why}" if why else "") + instead


def failing(events: SessionEvents) -> tuple[list[str], list[str]]:
    """Return what failed to the end, and what of it no code mends."""
    open_ones: list[str] = []
    blocking: list[str] = []
    for episode in events.episodes.state.open:
        failure = episode.failure
        if failure.tool != "Bash" or failure.subagent or episode.moved_on or not failure.message:
            continue
        if not _is_late(events, events.failed_at.get(failure.specific, 0)):
            continue
        times = f", {episode.occurrences} times" if episode.occurrences > 1 else ""
        text = f"`{words.shortened(failure.command, 12)}` fails{times}{_told(failure.message)}"
        (blocking if _OUTSIDE.search(failure.message) else open_ones).append(text)
    return open_ones, blocking


def _is_late(events: SessionEvents, failed_at: int) -> bool:
    """Tell whether a failure was met near the end, and not before a commit with which the turn was ended."""
    if not events.stopped and events.committed_at > failed_at:
        return False
    return events.calls - failed_at <= LATE_STEPS


def _told(message: str) -> str:
    """Return what a program printed as it is handed over; nothing when it orders harm."""
    return f": {words.shortened(message, 18)}" if is_safe(message) else ""
