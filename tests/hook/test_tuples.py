from __future__ import annotations

import pickle
from typing import NamedTuple as TypingNamedTuple

from holdfast.hook import signature, tuples


class Made(tuples.NamedTuple):
    """What it is."""

    one: str
    two: int = 2

    @property
    def both(self) -> str:
        return f"{self.one}{self.two}"


class Meant(TypingNamedTuple):
    """What it is."""

    one: str
    two: int = 2

    @property
    def both(self) -> str:
        return f"{self.one}{self.two}"


def test_it_is_made_as_typing_makes_it() -> None:
    made, meant = Made("a"), Meant("a")
    assert made == meant == ("a", 2)
    assert (made._fields, made._field_defaults) == (meant._fields, meant._field_defaults)  # type: ignore[attr-defined]
    assert (made.both, Made.__doc__) == (meant.both, "What it is.")
    assert made._replace(two=3) == ("a", 3)  # type: ignore[attr-defined]


def test_what_uses_it_can_be_kept_and_read_again() -> None:
    signed = signature.sign("Bash", "pytest -q", "E   ModuleNotFoundError: No module named 'shop'")
    assert pickle.loads(pickle.dumps(signed)) == signed
