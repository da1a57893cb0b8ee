"""How many tokens a model counts for text, as far as a session's log tells: sums to fit an estimate to.

Between two messages of a model its context grows by what it said and by what answered it: results of tools,
and prompts. A log gives the usage of a message when the message is complete, after the results that it asked
for; so the growth up to a usage is that of the text before the usage ahead of it. For each model the sums of
a linear least squares fit are kept, which add up over sessions and hold no text.
"""

from __future__ import annotations

import math
import string
from collections.abc import Iterable, Sequence

import msgspec

from holdfast.hook.patterns import regex
from holdfast.transcripts.events import AnyEvent, Call, Compaction, Prompt, Result, Say, Usage

FEATURES = 6
"""Counts of a text: letters, capitals, digits, words, line ends, punctuation."""
SHORTEST, LONGEST = 800, 6000
"""Characters of a text that is counted: a shorter one says little beside what surrounds it, a longer one
may have been cut."""
MAX_PAIRS = 12
"""Texts of one stretch that are counted for a model: enough, and quick."""
_LEAST, _MOST = 1.2, 9.0
"""Characters that a token holds; outside these something else was counted."""

_WORD = regex(r"\w+")
_IDEOGRAPH = regex("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


_ASCII = bytes(range(128))
_NO_CAPITALS = _ASCII.translate(None, string.ascii_uppercase.encode())
_NO_SMALL = _ASCII.translate(None, string.ascii_lowercase.encode())
_NO_DIGITS = _ASCII.translate(None, string.digits.encode())
_PLAIN = "".join(char for char in map(chr, range(128)) if char.isalnum() or char.isspace()).encode()


class TokenSums(msgspec.Struct, frozen=True):
    """The sums of a weighted least squares fit of tokens on the six counts of texts.

    Each text weighs by the inverse square of its tokens, so that errors count in shares.

    Attributes:
        n: Texts.
        squares: The upper triangle of Σ xxᵀ by rows, 21 numbers.
        products: Σ xy, 6 numbers.
    """

    n: int = 0
    squares: tuple[float, ...] = (0.0,) * 21
    products: tuple[float, ...] = (0.0,) * 6

    def __add__(self, other: TokenSums) -> TokenSums:
        """Return the sums of both."""
        return TokenSums(
            self.n + other.n,
            tuple(map(sum, zip(self.squares, other.squares, strict=True))),
            tuple(map(sum, zip(self.products, other.products, strict=True))),
        )

    def flat(self) -> tuple[float, ...]:
        """Return all numbers in one row, as a segment keeps them."""
        return (float(self.n), *self.squares, *self.products)


def read_sums(numbers: Sequence[float]) -> TokenSums:
    """Return the sums that `TokenSums.flat` gave; empty ones for anything else."""
    if len(numbers) != 28 or not all(map(math.isfinite, numbers)) or not 0 < numbers[0] < 1e9:
        return TokenSums()
    return TokenSums(int(numbers[0]), tuple(numbers[1:22]), tuple(numbers[22:]))


def features(text: str) -> tuple[int, int, int, int, int, int]:
    """Return letters, capitals, digits, words, line ends and punctuation of a text.

    Each character of a script without spaces counts as a word.
    """
    words = len(_WORD.findall(text))
    if text.isascii():
        data = text.encode()
        capitals, digits, rest = (
            len(data.translate(None, kept)) for kept in (_NO_CAPITALS, _NO_DIGITS, _PLAIN)
        )
        small = len(data.translate(None, _NO_SMALL))
        return capitals + small, capitals, digits, words, data.count(b"\n"), rest
    letters = sum(map(str.isalpha, text))
    capitals = sum(map(str.isupper, text))
    digits = sum(map(str.isdigit, text))
    others = len(text) - sum(map(str.isalnum, text)) - sum(map(str.isspace, text))
    return letters, capitals, digits, words + len(_IDEOGRAPH.findall(text)), text.count("\n"), others


def sums_of(pairs: Iterable[tuple[str, int]]) -> TokenSums:
    """Return the sums of texts with their tokens."""
    n, squares, products = 0, [0.0] * 21, [0.0] * 6
    for text, tokens in pairs:
        row = [count / tokens for count in features(text)]
        place = 0
        for first in range(FEATURES):
            products[first] += row[first]
            for second in range(first, FEATURES):
                squares[place] += row[first] * row[second]
                place += 1
        n += 1
    return TokenSums(
        n, tuple(round(number, 5) for number in squares), tuple(round(number, 5) for number in products)
    )


class TokenCounter:
    """Find the texts of a session whose tokens are known: feed it every event, then take `sums`."""

    def __init__(self) -> None:
        self._pairs: dict[str, list[tuple[str, int]]] = {}
        self._last: Usage | None = None
        self._texts: list[str] = []
        self._before: list[str] = []

    def feed(self, event: AnyEvent) -> None:
        """Take the next event."""
        if isinstance(event, Compaction):
            self._last, self._texts, self._before = None, [], []
        elif event.subagent is not None:
            return
        elif isinstance(event, Usage):
            self._note(event)
        elif isinstance(event, Result | Prompt | Say):
            self._texts.append(event.text)
        elif isinstance(event, Call):
            self._texts.extend([event.command or "", *event.paths])
            self._texts.extend(text for edit in event.edits for text in (edit.removed, edit.added))

    def _note(self, usage: Usage) -> None:
        last, texts = self._last, self._before
        self._last, self._before, self._texts = usage, self._texts, []
        if last is None or not usage.model or last.model != usage.model:
            return
        known = self._pairs.setdefault(usage.model, [])
        size = sum(map(len, texts))
        tokens = usage.context - last.context
        fits = SHORTEST <= size <= LONGEST and tokens > 0 and _LEAST <= size / tokens <= _MOST
        if fits and len(known) < MAX_PAIRS:
            known.append(("\n".join(texts), tokens))

    def sums(self) -> dict[str, TokenSums]:
        """Return the sums by model."""
        return {model: sums_of(pairs) for model, pairs in sorted(self._pairs.items()) if pairs}
