"""What the replay asks, and the simple policies that the product is measured against.

A policy is told of each session when it has ended, and is asked at a session's start, at its first prompt and
at each failure. The simple ones read the failures, families and edits that the gold's own readers find, which
favours them: they make no mistake in reading.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

from bench.replay.gold_fixes import Failure, added
from bench.replay.past import Case

WARNED, FILES, FIX_TOKENS = 5, 10, 300
HALF_LIFE = 5 * 86400.0
"""Of the frequency that decays: five days."""


@dataclass
class Warned:
    """Hold one failure that a session is warned of.

    Attributes:
        families: The families of the gold that it is about.
        own: The policy's own name for it.
        rate: The chance told, if one is.
        text: What is said.
        sessions: Sessions that met it before.
        pays: Whether the policy itself would say it.
    """

    families: tuple[str, ...]
    own: str
    rate: float | None = None
    text: str = ""
    sessions: int = 0
    pays: bool = True


@dataclass
class Answers:
    """Hold what a policy said in one session.

    Attributes:
        warned: At the start, best first.
        start: The start's text as it is shipped, when the policy ships one.
        files: At the first prompt, best first.
        prompt: The first prompt's text as shipped.
        fixes: At each failing call, by its id: the text, within the budget.
    """

    warned: list[Warned] = field(default_factory=list)
    start: str = ""
    files: list[str] = field(default_factory=list)
    prompt: str = ""
    fixes: dict[str, str] = field(default_factory=dict)


class Policy(Protocol):
    """Something that remembers sessions and is asked."""

    name: str

    def ended(self, case: Case) -> None:
        """Learn from a session that has ended."""

    def warn(self, case: Case) -> list[Warned]:
        """Say what to beware of in a session that starts."""
        ...

    def files(self, case: Case) -> list[str]:
        """Say which files the first prompt will touch."""
        ...

    def fix(self, case: Case, failure: Failure, at: float) -> str:
        """Say what ended this failure before."""
        ...


def family_text(family: str) -> str:
    """Return the line that a simple policy warns with."""
    return f"- This failed before: {family}"


class Nothing:
    """Say nothing."""

    name = "nothing"

    def ended(self, case: Case) -> None:
        """Learn nothing."""

    def warn(self, case: Case) -> list[Warned]:  # noqa: ARG002 - it is what a policy is asked
        """Warn of nothing."""
        return []

    def files(self, case: Case) -> list[str]:  # noqa: ARG002
        """Name no file."""
        return []

    def fix(self, case: Case, failure: Failure, at: float) -> str:  # noqa: ARG002
        """Give no fix."""
        return ""


class Counted(Nothing):
    """Rank by a weight of when each thing happened: the latest first, or the oftenest with decay.

    Args:
        name: Of the policy.
        half_life: Seconds in which an occurrence loses half its weight; 0 ranks by the last one alone.
        tokens: Estimates the tokens of a text.
    """

    def __init__(self, name: str, half_life: float, tokens: Callable[[str], int]) -> None:
        self.name = name
        self.half_life = half_life
        self.tokens = tokens
        self.met: dict[str, list[float]] = defaultdict(list)
        self.edited: dict[str, list[float]] = defaultdict(list)
        self.fixed: dict[str, list[float]] = defaultdict(list)

    def ended(self, case: Case) -> None:
        """Note when the session met each family, edited each file, and found each fix."""
        for family in case.gold["met"]:
            self.met[family].append(case.session.start)
        for path in case.gold["edited"]:
            self.edited[path].append(case.session.end)
        for text in {text for failure in case.failures for text in fixes_of(failure)}:
            self.fixed[text].append(case.session.end)

    def _ranked(self, seen: dict[str, list[float]], now: float) -> list[str]:
        def weight(name: str) -> float:
            if not self.half_life:
                return max(seen[name])
            return sum(2 ** ((at - now) / self.half_life) for at in seen[name])

        return sorted(seen, key=lambda name: (-weight(name), name))

    def warn(self, case: Case) -> list[Warned]:
        """Warn of the first five."""
        best = self._ranked(self.met, case.session.start)[:WARNED]
        return [Warned((name,), name, text=family_text(name), sessions=len(self.met[name])) for name in best]

    def files(self, case: Case) -> list[str]:
        """Name the first ten that the prompt does not name."""
        low = case.prompt.lower()
        ranked = self._ranked(self.edited, case.session.start)
        return [path for path in ranked if path.rsplit("/", 1)[-1].lower() not in low][:FILES]

    def fix(self, case: Case, failure: Failure, at: float) -> str:  # noqa: ARG002
        """Give the first fixes that fit, whatever failed."""
        return within(self._ranked(self.fixed, at), self.tokens)


def fixes_of(failure: Failure) -> list[str]:
    """Return, for each resolved finding of a failure, in words what is wrong and each thing done for it."""
    return [
        f"- {found.specific[:160]} -> {mark.partition(':')[2]}"[:400]
        for found in failure.found
        for mark in sorted(failure.fixes.get(found.specific, ()))[:4]
    ]


def within(
    lines: Iterable[str], tokens: Callable[[str], int], budget: int = FIX_TOKENS, most: int = 3
) -> str:
    """Return the first lines that together keep to a budget."""
    chosen: list[str] = []
    for line in lines:
        if len(chosen) == most:
            break
        if tokens("\n".join([*chosen, line])) <= budget:
            chosen.append(line)
    return "\n".join(chosen)


class Searched(Nothing):
    """Search the raw text of earlier sessions: BM25 over chunks, and over whole sessions for files."""

    name = "text search"

    def __init__(self, tokens: Callable[[str], int]) -> None:
        self.tokens = tokens
        self.failed = Ranked()
        self.sessions = Ranked()
        self.chunks = Ranked()

    def ended(self, case: Case) -> None:
        """Take in a session: its failures, its words with the files edited, its calls in chunks."""
        session = case.session
        for failure in case.failures:
            for found in failure.found:
                if found.kind != "code":
                    self.failed.add(f"{failure.call.command} {found.line}", found.family)
        edited: list[str] = case.gold["edited"]
        if edited:
            self.sessions.add(f"{case.prompt[:1500]} {session.branch} {' '.join(edited)}", edited)
        texts = [_text(call) for call in session.calls]
        for place in range(0, len(texts), 2):
            chunk = "\n".join(texts[place : place + 3])
            self.chunks.add(chunk, chunk)

    def warn(self, case: Case) -> list[Warned]:
        """Warn of the failures nearest to the first prompt."""
        families = dict.fromkeys(family for family, _ in self.failed.find(case.prompt[:1500], 60))
        return [Warned((name,), name, text=family_text(name)) for name in list(families)[:WARNED]]

    def files(self, case: Case) -> list[str]:
        """Name the files of the sessions nearest to the first prompt."""
        low, found = case.prompt.lower(), Counter[str]()
        for edited, score in self.sessions.find(f"{case.prompt[:1500]} {case.session.branch}", 20):
            for path in edited:
                found[path] += score / math.sqrt(len(edited))  # type: ignore[assignment]
        ranked = sorted(found, key=lambda path: (-found[path], path))
        return [path for path in ranked if path.rsplit("/", 1)[-1].lower() not in low][:FILES]

    def fix(self, case: Case, failure: Failure, at: float) -> str:  # noqa: ARG002
        """Give the chunks nearest to the failure, cut to the budget."""
        query = " ".join([failure.call.command[:300], *(found.line for found in failure.found[:6])])
        found = [text for text, _ in self.chunks.find(query, 3)]
        text = "\n".join(found)
        while text and self.tokens(text) > FIX_TOKENS:
            text = text[: int(len(text) * FIX_TOKENS / max(self.tokens(text), 1) * 0.98)]
        return text


def _text(call: Any) -> str:
    new = " ".join(line for _, line in added(call))
    return f"{call.tool} {call.command or call.path} {new[:600]} {call.output[:300]}"[:1200]


WORD = re.compile(r"[A-Za-z][a-z]+|[A-Z]+(?![a-z])|\d+")


class Ranked:
    """A small full-text index: BM25 (k1 1.2, b 0.75), identifiers split, 64 rarest words of a query."""

    def __init__(self) -> None:
        self.held: list[Any] = []
        self.lengths: list[int] = []
        self.postings: dict[str, list[tuple[int, int]]] = defaultdict(list)

    def add(self, text: str, value: Any) -> None:
        """Add a document that stands for a value."""
        words = Counter(word.lower() for word in WORD.findall(text))
        for word, times in words.items():
            self.postings[word].append((len(self.held), times))
        self.held.append(value)
        self.lengths.append(sum(words.values()))

    def find(self, query: str, limit: int) -> list[tuple[Any, float]]:
        """Return the best values with their scores."""
        n = len(self.held)
        if not n:
            return []
        mean = sum(self.lengths) / n
        words = {word.lower() for word in WORD.findall(query)} & self.postings.keys()
        rarest = sorted(words, key=lambda word: (len(self.postings[word]), word))[:64]
        scores: dict[int, float] = defaultdict(float)
        for word in rarest:
            rows = self.postings[word]
            idf = math.log(1 + (n - len(rows) + 0.5) / (len(rows) + 0.5))
            for place, times in rows:
                norm = 1.2 * (0.25 + 0.75 * self.lengths[place] / mean)
                scores[place] += idf * times * 2.2 / (times + norm)
        best = sorted(scores, key=lambda place: (-scores[place], place))[:limit]
        return [(self.held[place], scores[place]) for place in best]
