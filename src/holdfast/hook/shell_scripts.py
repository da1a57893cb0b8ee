"""What a shell line hands to a shell to be run: by ``eval``, ``find -exec``, a pipe or a here-document.

Text that is written to a file, or handed to another program, is none: it stands and is not run.
"""

from __future__ import annotations

from .shell_line import SHELL, taken_apart, unwrapped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_MARK = "<<<\1"
_HERE = "<<<"
_EXEC = frozenset("-exec -execdir -ok -okdir".split())
_WITH_SCRIPT = frozenset("su runuser script flock".split())
_PRINTERS = frozenset(["echo", "printf"])
_CARRIERS = frozenset(["cat", "tee"])


def opened(command: str) -> tuple[str, list[str]]:
    """Return a line with a mark for each of its here-documents, and what these hold."""
    return taken_apart(command.replace("\1", " "), _MARK)


def scripts(words: Sequence[str], behind: Sequence[str], bodies: Sequence[str]) -> Iterator[str]:
    """Yield the lines that a simple command has run.

    Args:
        words: Its words.
        behind: The words of the command whose output it reads; empty without one.
        bodies: The here-documents of the line, from `opened`.
    """
    bare = unwrapped(list(words), inside=False)
    name = bare[0].rsplit("/", 1)[-1] if bare else ""
    if name == "eval":
        yield " ".join(bare[1:])
    elif name == "trap":
        yield from bare[1:2]
    elif name == "find":
        yield from _executed(bare)
    elif name in ("flock", "parallel"):
        yield _quoted(_behind_options(bare[1:], 1 if name == "flock" else 0))
    if name in _WITH_SCRIPT and "-c" in bare[:-1]:
        yield bare[bare.index("-c") + 1]
    if _reads_commands(bare):
        yield from _here(words, bodies)
        yield from _printed(unwrapped(list(behind)), bodies)
    at = next((at for at, word in enumerate(words) if word.startswith(("<(", ">("))), -1)
    if at >= 0:
        yield " ".join([words[at][2:], *words[at + 1 :]])


def _reads_commands(words: Sequence[str]) -> bool:
    """Tell whether a command is a shell that runs what it reads: no ``-c``, and no file of commands."""
    if not words or not SHELL.match(words[0].rsplit("/", 1)[-1]):
        return False
    value = ""
    for word in words[1:]:
        if word.startswith("<") or value == _HERE:
            value = word
        elif word.startswith("-") and "c" in word and not word.startswith("--"):
            return False
        elif word == "-s" or word == "-":
            return True
        elif not word.startswith(("-", ">", "2>", "&>")) and value not in ("-o", "-O", ">", "<", "2>"):
            return False
        else:
            value = word
    return True


def _here(words: Sequence[str], bodies: Sequence[str]) -> Iterator[str]:
    """Yield what a command is given to read in the line itself."""
    for at, word in enumerate(words):
        if word.startswith(_MARK):
            number = word[len(_MARK) :]
            if number.isdecimal() and int(number) < len(bodies):
                yield bodies[int(number)]
        elif word.startswith(_HERE):
            yield word[len(_HERE) :] or " ".join(words[at + 1 : at + 2])


def _printed(words: Sequence[str], bodies: Sequence[str]) -> Iterator[str]:
    name = words[0].rsplit("/", 1)[-1] if words else ""
    if name in _CARRIERS:
        yield from _here(words, bodies)
    elif name in _PRINTERS:
        yield " ".join(word for word in words[1:] if not word.startswith("-")).replace("\\n", "\n")


def _executed(words: Sequence[str]) -> Iterator[str]:
    begun = -1
    for at, word in enumerate([*words, ";"]):
        if begun < 0 and word in _EXEC:
            begun = at + 1
        elif begun >= 0 and word in (";", "+", "\\;"):
            yield _quoted(words[begun:at])
            begun = -1


def _behind_options(words: Sequence[str], more: int) -> Sequence[str]:
    at = 0
    while at < len(words) and words[at].startswith("-"):
        at += 1
    return words[at + more :]


def _quoted(words: Sequence[str]) -> str:
    """Return words as a line that says just them."""
    return " ".join("'" + word.replace("'", "'\\''") + "'" for word in words)
