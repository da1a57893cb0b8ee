"""Choose, among all documents, the few that can score best, in a time that common words do not stretch.

Weights of words are rounded to small integers and added up for all documents at once: the binary digits of
the sums stand in one bitmap each, so that adding a word costs a few operations on bitmaps. The best are then
read off from the highest digit down. Length is left out of the sums, and the best of each class of length are
chosen instead; their exact scores are computed afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

_LARGEST = 48
"""The weight of the heaviest word, when it counts once."""
_TEXT, _TITLE = 0.375, 0.317
"""What text, and a title beyond that, add to the score of a word that counts once, where K1 is 1.2."""


class Sums:
    """Add up weights for all documents at once."""

    def __init__(self, heaviest: float) -> None:
        self._scale = _LARGEST / heaviest
        self._digits: list[int] = []

    def add(self, weight: float, anywhere: int, in_text: int, in_title: int) -> None:
        """Add the weight of a word to the documents that hold it, more to those in text and title."""
        whole = max(1, round(weight * self._scale))
        self._add(whole, anywhere)
        self._add(round(whole * _TEXT), in_text)
        self._add(round(whole * _TITLE), in_title)

    def _add(self, weight: int, bitmap: int) -> None:
        digits, place = self._digits, 0
        while weight and bitmap:
            if weight & 1:
                carry, at = bitmap, place
                while carry:
                    while at >= len(digits):
                        digits.append(0)
                    digits[at], carry = digits[at] ^ carry, digits[at] & carry
                    at += 1
            weight >>= 1
            place += 1

    @property
    def digits(self) -> Sequence[int]:
        """Return the bitmaps of the sums' digits, the highest first."""
        return self._digits[::-1]


def best(group: int, digits: Iterable[int], most: int, equal: Callable[[int, int], int]) -> int:
    """Return the documents of a group whose number, written in digits, is largest.

    Args:
        group: The documents.
        digits: A bitmap for each digit, the highest first.
        most: How many are wanted.
        equal: Chooses so many of documents that no digit tells apart.
    """
    chosen, left = 0, most
    size = group.bit_count()
    for digit in digits:
        if size <= left:
            return chosen | group
        top = group & digit
        count = top.bit_count()
        if count <= left:
            chosen |= top
            group ^= top
            left -= count
            size -= count
        else:
            group, size = top, count
        if not left:
            return chosen
    return chosen | (group if size <= left else equal(group, left))
