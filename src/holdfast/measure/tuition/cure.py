"""What a cure is: its form, what to do in one sentence, and the change that does it."""

from __future__ import annotations

from typing import Literal

import msgspec

from holdfast.measure.tuition.change import Change

Form = Literal["instruction line", "script", "guard", "test", "hint"]
"""The forms of cures, the cheapest that lasts first."""


class Cure(msgspec.Struct, frozen=True, kw_only=True):
    """What ends a repeated cost.

    Attributes:
        form: What sort of cure.
        text: What to do, in one sentence.
        change: The change that does it; None when a person has to word it.
        adds: The line that the change adds to an instruction file; empty for another change.
        denies: The rules of Claude Code's settings that the change adds; empty for another change.
    """

    form: Form
    text: str
    change: Change | None = None
    adds: str = ""
    denies: tuple[str, ...] = ()
