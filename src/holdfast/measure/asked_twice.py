"""Questions that were put to a person again: what was settled once and written down nowhere.

Two questions are the same when enough of their telling words are (Jaccard likeness of word sets). A question
about how to go on ("Want me to commit this?") is asked anew each time and does not count; nor does a copy in
the log of a forked session.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

import msgspec

from holdfast.evidence.agreements import Agreement
from holdfast.learn.decisions.asked import settles
from holdfast.learn.gate.likeness import words

SAME = 0.6
"""Likeness from which on two questions count as one."""
FEWEST = 3
"""Telling words of the shortest question."""
MAX_QUESTIONS = 2000
"""Questions that are compared: the first ones."""
_EMPTY = frozenset(
    "which what should would how where when do does did you want use i me my can could if and from".split()
)


class AskedTwice(msgspec.Struct, frozen=True, kw_only=True):
    """A question that was put to a person in two sessions or more. Nothing in it is redacted.

    Attributes:
        question: As it was put last.
        answers: The different answers, in the order in which they were first given.
        sessions: Where it was put, in order of time.
    """

    question: str
    answers: tuple[str, ...]
    sessions: tuple[str, ...]

    @property
    def agree(self) -> bool:
        """Tell whether every answer was the same."""
        return len(self.answers) == 1


class _Asked(msgspec.Struct, frozen=True):
    session: str
    question: str
    answer: str
    words: frozenset[str]


def asked_twice(per_session: Iterable[tuple[str, float | None, list[Agreement]]]) -> list[AskedTwice]:
    """Return the questions that were put in two sessions or more: those put in most first.

    Args:
        per_session: For each session its name, when it began (seconds since the epoch) and its agreements.
    """
    found = _questions(per_session)
    again = [told for group in _groups(found) if (told := _told(group)) is not None]
    return sorted(again, key=lambda told: (-len(told.sessions), told.agree, told.question))


def _questions(per_session: Iterable[tuple[str, float | None, list[Agreement]]]) -> list[_Asked]:
    """Return the questions in order of time; sessions without a time come last."""
    ordered = sorted(per_session, key=lambda one: (one[1] is None, one[1] or 0.0))
    seen: set[tuple[str, str, str]] = set()
    found: list[_Asked] = []
    for session, _, agreements in ordered:
        for agreement in agreements:
            if agreement.kind != "answered" or not settles(agreement.question):
                continue
            copy = agreement.question, agreement.answer, agreement.context
            telling = words(agreement.question) - _EMPTY
            if len(telling) < FEWEST or (agreement.context and copy in seen):
                continue
            seen.add(copy)
            found.append(_Asked(session, agreement.question, agreement.answer, telling))
            if len(found) == MAX_QUESTIONS:
                return found
    return found


def _groups(found: list[_Asked]) -> list[list[_Asked]]:
    """Put each question with the first group whose first question it is like."""
    groups: list[list[_Asked]] = []
    by_word: dict[str, list[int]] = defaultdict(list)
    for asked in found:
        shared = Counter(number for word in asked.words for number in by_word[word])
        same = [number for number, count in shared.items() if _alike(asked, groups[number][0], count)]
        if same:
            groups[min(same)].append(asked)
            continue
        for word in asked.words:
            by_word[word].append(len(groups))
        groups.append([asked])
    return groups


def _alike(one: _Asked, other: _Asked, shared: int) -> bool:
    return shared / (len(one.words) + len(other.words) - shared) >= SAME


def _told(group: list[_Asked]) -> AskedTwice | None:
    sessions = tuple(dict.fromkeys(asked.session for asked in group))
    if len(sessions) < 2:
        return None
    answers = {" ".join(asked.answer.lower().split()).rstrip(".!"): asked.answer for asked in reversed(group)}
    return AskedTwice(
        question=group[-1].question, answers=tuple(reversed(answers.values())), sessions=sessions
    )
