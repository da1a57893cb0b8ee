"""Match words and paths against globs, in time at most their product; there are no regular expressions.

``*`` stands for any characters and ``?`` for one; everything else, brackets too, for itself. A pattern for a
path is read as git reads its ignore files: without a slash it holds in every folder, with one from the top;
``*`` stays within a folder, ``**`` does not; a folder stands for all that lies below it.
"""

from __future__ import annotations

LONGEST = 300
"""Characters of a pattern; a longer one fits nothing."""
_SHORT = 4096
"""Characters of a path, and of a word that is matched character by character."""


def fits_glob(pattern: str, text: str) -> bool:
    """Tell whether a text is what a glob says: ``*`` is any characters, ``?`` is one, all else itself."""
    if "?" in pattern:
        return len(text) <= _SHORT and _fits_each(pattern, text)
    if "*" not in pattern:
        return pattern == text
    first, *middle, last = pattern.split("*")
    if len(text) < len(first) + len(last) or not text.startswith(first) or not text.endswith(last):
        return False
    at, end = len(first), len(text) - len(last)
    for piece in middle:
        at = text.find(piece, at, end)
        if at < 0:
            return False
        at += len(piece)
    return True


def _fits_each(pattern: str, text: str) -> bool:
    """Match character by character, going back to the last ``*`` alone: the product of both at most."""
    at = place = 0
    star, behind = -1, 0
    while place < len(text):
        if at < len(pattern) and pattern[at] == "*":
            star, behind = at, place
            at += 1
        elif at < len(pattern) and pattern[at] in ("?", text[place]):
            at += 1
            place += 1
        elif star >= 0:
            behind += 1
            at, place = star + 1, behind
        else:
            return False
    return not pattern[at:].strip("*")


def fits_path(pattern: str, path: str) -> bool:
    """Tell whether a path, relative to the top of the repository, is one that a pattern names."""
    anchored = pattern.startswith(("/", "./"))
    bare = pattern.removeprefix("./").strip("/")
    if not bare or len(pattern) > LONGEST:
        return False
    parts = path[:_SHORT].removeprefix("./").strip("/").split("/")
    if "/" not in bare and not anchored:
        return any(fits_glob(bare, part) for part in parts)
    return _fit_parts([*(each for each in bare.split("/") if each), "**"], parts)


def _fit_parts(wanted: list[str], parts: list[str]) -> bool:
    """Tell whether the parts of a path are those of a pattern, ``**`` being any number of them."""
    at = place = 0
    star, behind = -1, 0
    while place < len(parts):
        if at < len(wanted) and wanted[at] == "**":
            star, behind = at, place
            at += 1
        elif at < len(wanted) and fits_glob(wanted[at], parts[place]):
            at += 1
            place += 1
        elif star >= 0:
            behind += 1
            at, place = star + 1, behind
        else:
            return False
    return all(part == "**" for part in wanted[at:])
