"""Find what somebody wrote about a failure by the error line that it quotes.

Such a learning has no signature, since nobody met the failure in a session that was read. It is published
under each of its telling words; one whose text holds the whole error line and names the program is about it.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .published import Published

MOST_TEXT = 4000
"""Characters of a text in which an error line is looked for."""
MOST_OF_A_WORD = 60
"""Texts that a word may stand in to be looked up by; commoner ones tell little."""
_SHORTEST, _LONGEST, _LOOKED_UP = 5, 40, 12
_LEAST = 8
"""Characters of an error line that says what it is about."""


def words_of(text: str) -> list[str]:
    """Return the telling words of a text in lower case, each once."""
    letters = "".join(letter if letter.isalnum() else " " for letter in text[:MOST_TEXT])
    return list(dict.fromkeys(word for word in letters.split() if _SHORTEST <= len(word) <= _LONGEST))


def written_about(published: Published, line: str, owner: str) -> dict[str, Any] | None:
    """Return what was written about a failure; None when nothing was.

    Args:
        published: What may be told.
        line: The error line.
        owner: The command that failed.
    """
    folded = " ".join(line.casefold().split())
    program = owner.split(" ")[0].casefold()
    if len(folded) < _LEAST or not program:
        return None
    seen: set[int] = set()
    for word in words_of(folded)[:_LOOKED_UP]:
        numbers = published.get(f"quote:{word}")
        for number in numbers if isinstance(numbers, list) else ():
            if number in seen:
                continue
            seen.add(number)
            known = published.get(f"written:{number}")
            text = known.get("text", "") if isinstance(known, dict) else ""
            if folded in text and program in text:
                return dict(known)
    return None
