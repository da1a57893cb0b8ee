"""Put the command that a rule asks for in place of the one that it forbids, where that is sure to be right.

A line is changed as text, so that quotes, pipes and variables stay as the agent wrote them. What comes out is
read again: every other command of the line must be what it was, else nothing is changed.
"""

from __future__ import annotations

from .matching import Run, fits_run, runs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_BEFORE = " \t\n;&|("
_BEHIND = " \t\n;&|)"


def rewritten(
    command: str, patterns: Sequence[str], unless: Sequence[str], put: str, cwd: str = "", root: str = ""
) -> str:
    """Return a line with what patterns name replaced; empty where that cannot be done for sure.

    Args:
        command: The line.
        patterns: What is forbidden.
        unless: What is not, although it fits.
        put: What stands in its place; empty to take the options of the pattern away.
        cwd: Where the line starts; empty when it is not known.
        root: The top of the repository: what runs outside is not meant.
    """
    if "<<" in command:
        return ""  # what stands in a here-document is text, and looks the same
    before = runs(command, cwd, root)
    changed = command
    for pattern in patterns:
        if any(_is_stopped(run, [pattern], unless) for run in before):
            gone = _gone(pattern, put)
            if not gone or any("*" in piece or "?" in piece for piece in gone):
                return ""
            for piece in gone:
                changed = _replaced(changed, piece, put)
    after = runs(changed, cwd, root)
    if changed == command or len(after) != len(before):
        return ""
    for old, new in zip(before, after, strict=True):
        stopped = _is_stopped(old, patterns, unless)
        if not stopped and (old.words, old.settings) != (new.words, new.settings):
            return ""
        if _is_stopped(new, patterns, unless) or (stopped and not _is_close(old, new, put)):
            return ""
    return changed


def _is_stopped(run: Run, patterns: Sequence[str], unless: Sequence[str]) -> bool:
    fits = not run.elsewhere and any(fits_run(each, run) for each in patterns)
    return fits and not any(fits_run(each, run) for each in unless)


def _gone(pattern: str, put: str) -> list[str]:
    """Return what is taken out: the words that name the command, or its options when nothing is put in."""
    words = pattern.split()
    options = [word for word in words if word.startswith("-")]
    if put:
        return [] if options else [" ".join(words)]
    return options


def _is_close(old: Run, new: Run, put: str) -> bool:
    """Tell whether only the words that name a command changed, and what is handed to it stayed."""
    asked = put.split()
    if put and new.words[0][: len(asked)] != asked:
        return False
    kept = new.words[0][len(asked) :] if put else new.words[0]
    rest = list(old.words[0])
    return all(word in rest for word in kept)


def _replaced(text: str, piece: str, put: str) -> str:
    """Return a text with each piece that stands as words of its own replaced."""
    found: list[str] = []
    at = 0
    while (place := text.find(piece, at)) >= 0:
        end = place + len(piece)
        alone = (place == 0 or text[place - 1] in _BEFORE) and (end == len(text) or text[end] in _BEHIND)
        found.append(text[at:place])
        if not alone:
            found.append(piece)
        elif put:
            found.append(put)
        elif found[-1].endswith(" "):
            found[-1] = found[-1][:-1]
        at = end
    return "".join([*found, text[at:]])
