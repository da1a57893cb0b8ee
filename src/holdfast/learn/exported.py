"""The form of a file that `holdfast learn export` wrote: its first line, and what ends each item.

The first line bears a digest of what follows, so that a file which a person changed is told from one that
may be written anew. It is the same whichever way lines end, since git may change that.
"""

from __future__ import annotations

import hashlib

from holdfast.hook.patterns import regex

INTRODUCTION = "What sessions in this repository taught; `holdfast why ID` shows the evidence."
"""The paragraph that an export begins with; it is no learning."""

_MARK = regex(
    r"\A\ufeff?<!-- Written by `holdfast learn export`, digest ([0-9a-f]{16})\b[^\n]*-->[ \t]*\r?\n"
)
_ORIGIN = regex(r"_\([^()]*`[a-z2-7]{4,16}`\)_")


def marked(body: str) -> str:
    """Return the text of a file: the first line, then the body."""
    first = (
        f"<!-- Written by `holdfast learn export`, digest {_digest(body)}: it is written anew as long as "
        "nobody changes it. -->"
    )
    return f"{first}\n{body}"


def is_export(text: str) -> bool:
    """Tell whether a text began as an export, changed since or not."""
    return _MARK.match(text) is not None


def is_unchanged(text: str) -> bool:
    """Tell whether a text is an export that nobody changed."""
    found = _MARK.match(text)
    return found is not None and found.group(1) == _digest(text[found.end() :])


def origin(words: str, short: str) -> str:
    """Return what an exported item ends with: where it comes from in a few words, and its short id."""
    return f" _({words.replace('(', '').replace(')', '')}, `{short}`)_"


def without_origin(text: str) -> str:
    """Return an item without what `origin` ended it with."""
    text = text.rstrip()
    start = text.rfind("_(")
    return text[:start].rstrip() if start >= 0 and _ORIGIN.fullmatch(text, start) else text


def _digest(body: str) -> str:
    lines = [line.rstrip() for line in body.replace("\r\n", "\n").strip().split("\n")]
    return hashlib.sha256("\n".join(lines).encode("utf-8", "replace")).hexdigest()[:16]
