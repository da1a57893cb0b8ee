"""The issues that a text names: ``#12``, ``GH-12``, ``ABC-7``, or a branch such as ``fix/12-login``."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

_WORD = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")
_NUMBERED = ("gh", "issue", "issues", "pr", "bug", "fix", "task", "ticket")
"""Words before a number by which a branch, and the first three a text, mean an issue of that number."""
_NO_KEYS = frozenset(
    "AES BASE CRC CVE ES FEAT GMT GPT HTTP IPV ISO MD PART PEP PHASE PYTHON RC RELEASE RFC RSA SHA STEP TEST "
    "UCS UTC UTF WIN WIP X".split()
)
"""Words that stand before a number and a dash and are no project's key."""
_MOST = 8
_LONGEST_NUMBER = 7


def names_in(text: str) -> list[str]:
    """Return the issues that a prompt or a commit message names, in order, each once."""
    return _collected(_named(word) for word in _words(text))


def names_in_branch(branch: str) -> list[str]:
    """Return the issues that a branch is named after: also by a number alone, or a key in small letters."""
    return _collected(_named(word) or _meant(word) for word in _words(branch))


def _collected(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(name for name in names if name))[:_MOST]


def _words(text: str) -> list[str]:
    spaced = "".join(each if each in _WORD else " #" if each == "#" else " " for each in text)
    return [word.strip(".-_") for word in spaced.split()]


def _named(word: str) -> str:
    if word[:1] == "#":
        return word if _number(word[1:]) == word[1:] and len(word) > 1 else ""
    key, dash, rest = word.partition("-")
    number = _number(rest)
    if not dash or number != rest:
        return ""
    if key.lower() in _NUMBERED[:3]:
        return f"#{number}"
    return f"{key}-{number}" if key.isupper() and _is_key(key) else ""


def _meant(word: str) -> str:
    """Return what a part of a branch's name means: ``12-login``, ``fix-12``, ``abc-7-login``."""
    number = _number(word)
    if number:
        rest = word[len(number) :]
        return f"#{number}" if not rest or (rest[0] in "-_" and not rest[1:2].isdigit()) else ""
    key, dash, rest = word.partition("-")
    number = _number(rest)
    if not dash or not number or rest[len(number) :][:1] not in ("", "-", "_"):
        return ""
    if key.lower() in _NUMBERED:
        return f"#{number}"
    return f"{key.upper()}-{number}" if _is_key(key) else ""


def _is_key(key: str) -> bool:
    return 2 <= len(key) <= 10 and key.isascii() and key.isalpha() and key.upper() not in _NO_KEYS


def _number(text: str) -> str:
    """Return the number that a text begins with; empty for none, and for one too long for an issue's."""
    count = 0
    while count < len(text) and text[count] in "0123456789":
        count += 1
    return text[:count] if 0 < count <= _LONGEST_NUMBER else ""
