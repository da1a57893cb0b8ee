"""Judge a candidate learning by its content alone, on five criteria, and say how to mend what is refused.

Each name is imported when it is first used: to tell whether a text is safe takes none of the judge.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from holdfast.learn.gate.judging import CRITERIA, Verdict, judge
    from holdfast.learn.gate.safety import is_safe
    from holdfast.learn.gate.weights import THRESHOLD

__all__ = ["CRITERIA", "THRESHOLD", "Verdict", "is_safe", "judge"]

_HOMES = {"THRESHOLD": "weights", "is_safe": "safety"}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES.get(name, 'judging')}"), name)
