"""Signs that a text is no learning, by the criterion they count against."""

from holdfast.learn.gate.signs import commonplace, passing, tasks, telling
from holdfast.learn.gate.signs.sign import Sign, Words

SIGNS: tuple[Sign, ...] = (*telling.SIGNS, *tasks.SIGNS, *passing.SIGNS, *commonplace.SIGNS)

__all__ = ["SIGNS", "Sign", "Words"]
