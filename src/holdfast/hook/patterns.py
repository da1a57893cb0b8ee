"""Regular expressions that are compiled when they are first used, not when their module is imported.

To compile the expressions of all rooms takes longer than most commands do, and of those a command uses few.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class _Pattern:
    """Stands for a compiled expression: whatever is asked of it, the compiled one answers."""

    def __init__(self, text: str, flags: int) -> None:
        self._told = text, flags

    def __getattr__(self, name: str) -> Any:
        text, flags = object.__getattribute__(self, "_told")
        found = getattr(re.compile(text, flags), name)
        self.__dict__[name] = found
        return found


def regex(text: str, flags: int = 0) -> re.Pattern[str]:
    """Return a regular expression, as `re.compile` does; it is compiled at its first use."""
    made: Any = _Pattern(text, flags)
    return made  # type: ignore[no-any-return]
