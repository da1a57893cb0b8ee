"""Make text safe to show to a person who decides on it: nothing hidden, nothing that moves the cursor."""

from __future__ import annotations

import unicodedata

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_HIDDEN_LETTERS = frozenset("\u00ad\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_VARIATIONS = (range(0xFE00, 0xFE0F), range(0xE0100, 0xE01F0))


def visible(text: str) -> str:
    r"""Return text with every character that a terminal would not show written out, such as ``⟨U+202E⟩``.

    Control characters, escapes, direction marks, zero-width and tag characters are written out, since
    in a text that a person is asked to accept they can only hide something. Line ends and tabs stay;
    ``\r\n`` is a line end.
    """
    text = text.replace("\r\n", "\n")
    if text.isascii() and text.replace("\n", "").replace("\t", "").isprintable():
        return text
    return "".join(character if _shows(character) else f"⟨U+{ord(character):04X}⟩" for character in text)


def visible_line(text: str) -> str:
    """Return text as `visible` does, on one line: line ends and tabs are written out too."""
    return visible(text).replace("\n", "⟨U+000A⟩").replace("\t", " ")


def _shows(character: str) -> bool:
    if character in "\n\t":
        return True
    if unicodedata.category(character) in _HIDDEN or character in _HIDDEN_LETTERS:
        return False
    return not any(ord(character) in variations for variations in _VARIATIONS)
