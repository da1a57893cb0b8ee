"""Hunks: what each edit of a session put in, how much of it is left, and what its code names.

Lines are compared with their white space folded; lines that hold no word (braces) are passed over. Sizes are
bounded, so that a long session's hunks can be carried over between two readings.
"""

from __future__ import annotations

import re
from collections import Counter

import msgspec

from holdfast.hook.patterns import regex
from holdfast.transcripts.events import Edit

MAX_LINES = 30
"""Lines of a hunk that are kept: the first."""
MAX_LINE = 120
"""Characters of a line that are kept."""
MAX_TOTAL = 1200
"""Lines of all hunks of a session that are kept; the oldest hunks are forgotten first."""
MAX_SPAN = 100
"""Characters of a code span that is shown."""

_WORD = regex(r"[A-Za-z]{3}")
_GAP = regex(r"\s\s|[^\S ]")
_NAME = regex(r"[A-Za-z_][A-Za-z0-9_]{3,}")
_STRING = regex(r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|`[^`\n]*`")
_COMMENT = regex(r"^(?://|#(?!\[|!)|/?\*|<!--|--\s|\"\"\"|''')")
_TRAILING = regex(r"\s(?://|#)\s.*$")
_DATA = regex(r"\.(?:json|jsonc|ya?ml|toml|ini|cfg|env|sh|bash)$|(?:^|/)(?:Dockerfile|Makefile|\.[\w-]+)$")
_DEBUG = regex(
    r"debug|console\.(?:log|debug|error)|println?\(|print!|dbg!|\blog(?:ger|ging)?\.|log[A-Z]\w*\("
    r"|Fprintf\(os\.Std"
    r"|\[timing\]|time\.(?:Now|Since)|t\.Log|pprint|breakpoint\(|set -x|\bTODO\b|\bFIXME\b|\bXXX\b",
    re.IGNORECASE,
)
_TALKS = regex(r"(?:echo|printf?|println|console\.\w+|log(?:ger|ging)?\.\w+|fmt\.F?[Pp]rint\w*)\b")
_COMMON = frozenset(
    "return func function const import export from string bool boolean number void null undefined "
    "true false none self "
    "this that else elif case break continue default switch while async await type interface struct "
    "class public "
    "private static with pass raise except finally throw catch error errors errorf err_ context "
    "append range make "
    "float double char list dict tuple print printf println sprintf string0 nolint errcheck array "
    "object value values "
    "data name names path paths file files result results test tests assert expect index length".split()
)


class Hunk(msgspec.Struct, kw_only=True):
    """What one edit put into one file.

    Attributes:
        added: The lines that it made new; ``left`` the places in it of those that no later edit took out.
        removed: The lines that it took out.
        said: What the agent said just before.
        turn, commits: Prompts and commits of the session so far.
        stashed: True while ``git stash`` has put it aside.
    """

    path: str
    line: int
    turn: int
    commits: int = 0
    added: list[str] = []
    left: list[int] = []
    removed: list[str] = []
    said: str = ""
    stashed: bool = False


def lines_of(text: str) -> list[str]:
    """Return the lines of a text that hold a word, white space folded, cut."""
    found = []
    for line in text.splitlines():
        bare = line.strip()
        if len(bare) > 3 and _WORD.search(bare):
            found.append((" ".join(bare.split()) if _GAP.search(bare) else bare)[:MAX_LINE])
    return found


def changed(edit: Edit) -> tuple[list[str], list[str]]:
    """Return the lines that an edit made new and those that it took out."""
    before, after = lines_of(edit.removed), lines_of(edit.added)
    return _without(after, before), _without(before, after)


def take_out(hunk: Hunk, gone: Counter[str]) -> int:
    """Take lines out of what is left of a hunk, and out of ``gone``; return how many."""
    kept = []
    for place in hunk.left:
        line = hunk.added[place]
        if gone[line] > 0:
            gone[line] -= 1
        else:
            kept.append(place)
    count = len(hunk.left) - len(kept)
    hunk.left = kept
    return count


def left_of(hunk: Hunk) -> list[str]:
    """Return the lines of a hunk that no later edit took out."""
    return [hunk.added[place] for place in hunk.left]


def names_in(lines: list[str], path: str = "") -> list[str]:
    """Return the names in code lines, in order: no comments, no text in quotes (but in files of settings)."""
    found: dict[str, None] = {}
    data = is_data(path)
    for line in lines:
        if _COMMENT.match(line):
            continue
        if len(line) == MAX_LINE:
            line = line.rpartition(" ")[0]  # the last word may be cut
        code = line if data else _STRING.sub('""', _TRAILING.sub("", line))
        found.update(dict.fromkeys(name for name in _NAME.findall(code) if name.lower() not in _COMMON))
    return list(found)


def is_data(path: str) -> bool:
    """Tell whether a file holds settings or commands, whose names stand in quotes too."""
    return bool(_DATA.search(path))


def is_debugging(hunk: Hunk) -> bool:
    """Tell whether most of a hunk prints or times something, which is put in to be taken out again."""
    code = [line for line in hunk.added if not _COMMENT.match(line)] or hunk.added
    return 2 * sum(bool(_DEBUG.search(line)) for line in code) >= len(code)


def span(lines: list[str], names: list[str]) -> str:
    """Return the code line that holds most of ``names``, as it is shown; the first without names."""
    best, most = "", 0 if names else -1
    for line in lines:
        if _COMMENT.match(line) or _TALKS.match(line):
            continue
        own = set(_NAME.findall(line))
        held = sum(name in own for name in names)
        if held > most:
            best, most = line, held
    shown = best.lstrip("} ").removeprefix("else ").removesuffix("; then").rstrip(" {(,[\\")
    return "" if len(shown) > MAX_SPAN or "`" in shown else shown


def _without(lines: list[str], others: list[str]) -> list[str]:
    left = Counter(others)
    found = []
    for line in lines:
        if left[line] > 0:
            left[line] -= 1
        else:
            found.append(line)
    return found
