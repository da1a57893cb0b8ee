"""The four questions at the end of a session: what was decided, what failed, what worked, what cost most.

The answers are made of what the trackers found in the session, nothing else; nothing is recorded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain

import msgspec

from holdfast.evidence.episodes import Episode, EpisodeTracker
from holdfast.hook import commands
from holdfast.learn import agreements, approaches, causes, failures
from holdfast.learn.candidates import Candidate
from holdfast.learn.gate import judge
from holdfast.learn.observations import Observations
from holdfast.learn.redact import redact
from holdfast.transcripts.events import AnyEvent, Call, Result

MOST = 3
"""Answers to one question."""
LEAST_TIMES = 3
"""Times that a sequence of commands must have worked."""
LONGEST = 4
"""Commands of a sequence."""
LEAST_STEPS = 5
"""Calls that getting past a failure must have taken to be worth telling."""
PAUSED = 120
"""Minutes beyond which the session must have been left alone between, so that they are not told."""
MAX_COMMAND = 80
"""Characters of a command in a sequence; a longer one is not told."""

_PASSING = frozenset("git gh tmux kill open".split())
"""Programs whose order in a session is no pattern of the project."""


class Answer(msgspec.Struct, frozen=True):
    """One answer.

    Attributes:
        text: It, without secrets.
        line: The line of the transcript where it is seen.
        private: True when it holds words of a person or prose of an agent.
    """

    text: str
    line: int
    private: bool = False


class FourAnswers(msgspec.Struct, frozen=True, kw_only=True):
    """The answers to the four questions, at most `MOST` each, the surest first.

    Attributes:
        decided: What a person and the agent settled.
        failed: What was tried and given up, and why it failed.
        pattern: Sequences of commands that worked again and again.
        tripped: What cost most calls before it worked.
    """

    decided: list[Answer]
    failed: list[Answer]
    pattern: list[Answer]
    tripped: list[Answer]


def answers(events: Iterable[tuple[AnyEvent, int]]) -> FourAnswers:
    """Answer the four questions from a session's events, each with the line it stands at."""
    episodes, observed, worked = EpisodeTracker(), Observations(), _Worked()
    for event, line in events:
        failed = episodes.feed(event, line) is not None
        observed.feed(event, line)
        worked.feed(event, line, failed=failed)
    observed.finish()
    unsolved = [episode for episode in episodes.finish() if episode.occurrences > 1]
    told = chain(
        _accepted(approaches.candidate(found) for found in observed.approaches.found),
        _accepted(causes.candidate(found) for found in observed.causes.found),
        _accepted(failures.candidate(episode) for episode in episodes.closed),
        (_unsolved(episode) for episode in unsolved if _tells(episode)),
    )
    return FourAnswers(
        decided=_first(
            _accepted(agreements.candidate(found) for found in reversed(observed.agreements.found))
        ),
        failed=_first(told),
        pattern=_first(worked.sequences()),
        tripped=_first(_costly(episodes.closed)),
    )


def _first(found: Iterable[Answer]) -> list[Answer]:
    """Return the first answers that differ."""
    kept: dict[str, Answer] = {}
    for answer in found:
        kept.setdefault(answer.text, answer)
        if len(kept) == MOST:
            break
    return list(kept.values())


def _accepted(made: Iterable[Candidate | None]) -> Iterator[Answer]:
    """Yield what the gate lets pass."""
    for candidate in made:
        if candidate is None:
            continue
        lead = redact(candidate.text.split("\n\n")[0])
        if judge(lead, kind=candidate.kind, proven=candidate.proven).accepted:
            yield Answer(lead, candidate.evidence.line or 0, candidate.quotes_person)


def _tells(episode: Episode) -> bool:
    failure = episode.failure
    told = bool(failure.message) and not failure.generic
    return told and failure.tool == "Bash" and not commands.only_views(failure.command)


def _unsolved(episode: Episode) -> Answer:
    failure = episode.failure
    return Answer(
        f"`{failure.owner}` fails with “{failures.shown(failure.message)}”: {episode.occurrences} tries, and "
        "no fix was found.",
        failure.line,
    )


def _costly(closed: list[Episode]) -> Iterator[Answer]:
    """Yield what took most calls from its first failure to its success."""
    worth = [
        episode for episode in closed if _tells(episode) and episode.fix and episode.fix.steps >= LEAST_STEPS
    ]
    worth.sort(key=lambda episode: -episode.fix.steps if episode.fix else 0)
    for episode in worth:
        assert episode.fix is not None
        times = f", {episode.occurrences} times" if episode.occurrences > 1 else ""
        minutes = round(episode.fix.seconds / 60)
        took = f"{episode.fix.steps} calls" + (f" and {minutes} minutes" if 1 < minutes <= PAUSED else "")
        yield Answer(
            f"`{episode.failure.owner}` fails with “{failures.shown(episode.failure.message)}”{times}: "
            f"getting past it took {took}.",
            episode.failure.line,
        )


class _Worked:
    """The commands that worked, in order, and which of them worked in the same order again and again."""

    def __init__(self) -> None:
        self._calls: dict[str, str] = {}
        self._ran: list[tuple[str, int]] = []

    def feed(self, event: AnyEvent, line: int, *, failed: bool) -> None:
        """Take the next event; ``failed`` when it is a failure."""
        if isinstance(event, Call):
            if event.command is not None:
                self._calls[event.id] = event.command
            elif event.edits:
                self._ran.append(("", line))
        elif isinstance(event, Result):
            command = self._calls.pop(event.call_id, None)
            if command is None or commands.only_views(command):
                return
            if failed or event.status != "ok":
                self._ran.append(("", line))
            else:
                self._ran.extend((text, line) for text in _texts(command))

    def sequences(self) -> Iterator[Answer]:
        """Yield the sequences that worked at least `LEAST_TIMES` times, the longest and most frequent first.

        Of the same commands in another order only the most frequent order is given.
        """
        found: Counter[tuple[str, ...]] = Counter()
        last: dict[tuple[str, ...], int] = {}
        for size in range(2, LONGEST + 1):
            for start in range(len(self._ran) - size + 1):
                part = self._ran[start : start + size]
                texts = tuple(text for text, _ in part)
                if "" not in texts and len(set(texts)) == size:
                    found[texts] += 1
                    last[texts] = part[-1][1]
        often = {texts: times for texts, times in found.items() if times >= LEAST_TIMES}
        told: list[set[str]] = []
        for texts in sorted(often, key=lambda texts: (-len(texts) * often[texts], texts)):
            longer = any(_within(texts, other) and often[other] >= often[texts] - 1 for other in often)
            if not longer and not any(set(texts) <= other for other in told):
                told.append(set(texts))
                first, then = redact(" && ".join(texts[:-1])), redact(texts[-1])
                times = often[texts]
                yield Answer(
                    f"Run `{first}` before `{then}`: it worked {times} times in this order.", last[texts]
                )


def _within(texts: tuple[str, ...], longer: tuple[str, ...]) -> bool:
    size = len(texts)
    return len(longer) > size and any(
        longer[start : start + size] == texts for start in range(len(longer) - size + 1)
    )


def _texts(command: str) -> Iterator[str]:
    """Yield the commands of a line that do something, as they are typed."""
    for words in commands.mains(command):
        family = commands.family_of(commands.unwrapped(words))
        if not family or family.split()[0] in _PASSING or commands.only_views(" ".join(words)):
            continue
        text = " ".join(commands.main_text(command, family).split())
        if text and len(text) <= MAX_COMMAND:
            yield text
