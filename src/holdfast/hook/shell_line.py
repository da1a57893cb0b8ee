"""Shell command lines as lists of simple commands, read to compare them and never to run them.

Quoting, lists, pipes, here-documents, ``bash -c`` and wrappers such as ``sudo`` are understood well
enough for that; what is not understood stands as plain words. Every step is linear in the line.
"""

from __future__ import annotations

from functools import lru_cache

from .patterns import regex

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import NamedTuple
else:
    from .tuples import NamedTuple

LIMIT = 20_000
"""Characters of a command line that are looked at."""
NESTED = 3
"""How deep a ``bash -c`` inside a ``bash -c`` is read."""

_OPERATORS = regex(r"&&|\|\||\|&|[;|\n]|&(?![>\d])")
_PLAIN = regex(r"[\w./:=@%,+~{}\[\]*?-]+")
_ASSIGNMENT = regex(r"[A-Za-z_][A-Za-z0-9_]*\+?=")
_UNESCAPED_BACKTICK = regex(r"(?<!\\)`")
_HEREDOC = regex(r"(?<!<)<<-?[ \t]*(['\"]?)([A-Za-z_]\w*)\1")
SHELL = regex(r"(?:ba|z|da|k|a)?sh\Z")
_POWERSHELL = frozenset(["powershell", "pwsh", "powershell.exe", "pwsh.exe"])
REDIRECTION = regex(r"\d*(?:>>?|<)(?:&?\S*)?\Z|&>")
"""A word that redirects; what it redirects to may stand in the next word."""
BARE_REDIRECTION = regex(r"\d*&?>>?|<")
_KEYWORDS = frozenset("do then else if elif while until ! { } done fi &".split())

WRAPPERS: dict[str, frozenset[str]] = {
    "sudo": frozenset("-u -g -C -h -p --user --group".split()),
    "doas": frozenset(["-u"]),
    "env": frozenset("-u -C -S --unset --chdir".split()),
    "timeout": frozenset("-k -s --signal --kill-after".split()),
    "nice": frozenset(["-n"]),
    "stdbuf": frozenset("-i -o -e".split()),
    "xargs": frozenset("-I -P -L -n -d -a -s -E".split()),
    "npx": frozenset("-p --package".split()),
    "uvx": frozenset("-p --python --from --with".split()),
    "time": frozenset("-f -o".split()),
    "ionice": frozenset("-c -n".split()),
    "strace": frozenset("-o -e -p".split()),
    **dict.fromkeys("nohup command exec bunx pnpx watch caffeinate setsid unbuffer".split(), frozenset()),
}
"""Programs that run another one, with their options that take a value."""
_RUN_OPTIONS = frozenset(
    "-p --python --with --extra --group --package --directory --project --env-file -e -w -u --user "
    "--workdir".split()
)
_WRAPPER_PAIRS = {
    ("uv", "run"), ("poetry", "run"), ("pipenv", "run"), ("pdm", "run"), ("hatch", "run"), ("rye", "run"),
    ("bundle", "exec"), ("mise", "exec"), ("direnv", "exec"), ("pnpm", "exec"), ("yarn", "exec"),
    ("pnpm", "dlx"), ("yarn", "dlx"), ("npm", "exec"), ("dotenv", "run"), ("docker", "exec"),
    ("podman", "exec"),
}  # fmt: skip


class Part(NamedTuple):
    """A simple command: the operator before it (empty for the first) and its words, without quotes."""

    operator: str
    words: list[str]


def split(command: str, *, inside: bool = True) -> list[tuple[str, list[str]]]:
    """Split a command line into simple commands. The last few lines are remembered: change no word list.

    Args:
        command: The command line.
        inside: Whether to read what a shell runs that ``uv run`` or ``docker exec`` starts.

    Returns:
        Pairs of the operator before the simple command (empty for the first) and its words, without quotes.
        Bodies of here-documents are left out, ``bash -c`` is replaced by what it runs. Substitutions stay
        inside their word.
    """
    return list(_remembered(command[:LIMIT], inside))


@lru_cache(maxsize=64)
def _remembered(command: str, inside: bool) -> tuple[Part, ...]:
    return tuple(_split(command, NESTED, inside))


def _split(command: str, depth: int, inside: bool) -> list[Part]:
    found = []
    for part in _parts(command):
        script = inner_script(unwrapped(part.words, inside=inside)) if depth else None
        inner = _split(script, depth - 1, inside) if script else []
        if inner:
            found.append(Part(part.operator, inner[0].words))
            found.extend(inner[1:])
        else:
            found.append(part)
    return found


def _parts(command: str) -> list[Part]:
    parts = [Part("", [])]
    for kind, text in _Tokens(without_heredocs(command)).read():
        if text == ")" and kind == "operator":
            del parts[-1].words[_length_of_case(parts[-1].words) :]
            parts.append(Part(";", []))
        elif kind == "operator":
            parts.append(Part(text, []))
        else:
            parts[-1].words.append(text)
    parts = [part for part in parts if part.words]
    return [Part("", parts[0].words), *parts[1:]] if parts else []


def _length_of_case(words: list[str]) -> int:
    """Return how many words stand before a pattern of ``case WORD in PATTERN)``: none in a later pattern."""
    return words.index("in") + 1 if "case" in words and "in" in words else 0


def backticked(command: str) -> list[str]:
    """Return what a command line runs in backticks, also between double quotes."""
    if "`" not in command:
        return []
    tokens = _Tokens(without_heredocs(command[:LIMIT]))
    tokens.read()
    return tokens.backticked


def inner_script(words: list[str]) -> str | None:
    """Return what ``bash -lc``, ``cmd /c`` or ``powershell -Command`` runs; None for another command."""
    if len(words) < 3:
        return None
    name = words[0].rsplit("/", 1)[-1].lower()
    if name in ("cmd", "cmd.exe"):
        return " ".join(words[2:]) if words[1].lower() in ("/c", "/s") else None
    if name in _POWERSHELL:
        flags = [word.lower() for word in words[:8]]
        at = next((flags.index(flag) for flag in ("-command", "-c") if flag in flags), 0)
        return " ".join(words[at + 1 :]) if at else None
    if not SHELL.match(name):
        return None
    position = 1
    while position < len(words) - 1 and words[position].startswith("-"):
        if "c" in words[position] and not words[position].startswith("--"):
            return words[position + 1]
        position += 2 if words[position] in ("-o", "-O") else 1
    return None


def without_heredocs(command: str) -> str:
    """Return the command without the bodies of its here-documents."""
    return taken_apart(command)[0]


def taken_apart(command: str, mark: str = "") -> tuple[str, list[str]]:
    """Return a command without the bodies of its here-documents, and these.

    Args:
        command: The command.
        mark: What stands in place of ``<<END``, before the number of the body; empty for nothing at all.
    """
    if "<<" not in command:
        return command, []
    lines = command.split("\n")
    last = {line.strip(): position for position, line in enumerate(lines)}
    kept: list[str] = []
    bodies: list[list[str]] = []
    ends: list[tuple[str, int]] = []
    for position, line in enumerate(lines):
        if ends:
            if line.strip() == ends[-1][0]:
                ends.pop()
            else:
                bodies[ends[-1][1]].append(line)
            continue
        opened = [match.group(2) for match in _HEREDOC.finditer(line)]
        # Without its closing line it is no here-document but, say, a shift or a commit message.
        opened = [end for end in opened if last.get(end, -1) > position]
        numbers = range(len(bodies), len(bodies) + len(opened))
        bodies += [[] for _ in opened]
        ends = list(zip(opened, numbers, strict=True))[::-1]
        if ends:
            left = iter(numbers if mark else ())
            line = _HEREDOC.sub(lambda _, left=left: _marked(mark, left), line)  # type: ignore[misc]
        kept.append(line)
    return "\n".join(kept), ["\n".join(body) for body in bodies]


def _marked(mark: str, numbers: Iterator[int]) -> str:
    number = next(numbers, None)
    return "" if number is None else f"{mark}{number}"


class _Tokens:
    """The words and operators of a command line, in one pass, and what it runs in backticks."""

    def __init__(self, command: str) -> None:
        self.backticked: list[str] = []
        self._command = command
        self._found: list[tuple[str, str]] = []
        self._word: list[str] = []
        self._started = False
        self._depth = 0
        self._open = 0

    def read(self) -> list[tuple[str, str]]:
        """Return pairs of ``word`` or ``operator`` and its text."""
        position, end = 0, len(self._command)
        while position < end:
            position = self._step(position)
        self._end_word()
        return self._found

    def _step(self, position: int) -> int:
        command, char = self._command, self._command[position]
        plain = None if self._depth else _PLAIN.match(command, position)
        if plain:
            self._add(plain.group())
            position = plain.end()
            if not command.startswith(" ", position):
                return position
            self._end_word()
            return position + 1
        if char == "\\" and position + 1 < len(command):
            if command[position + 1] != "\n":
                self._add(command[position + 1])
            return position + 2
        if char in "'\"`" and not (char == "'" and self._depth):
            close = _closing(command, position)
            self._add_quoted(char, command[position + 1 : close])
            return close + 1
        if command.startswith("$(", position):
            self._depth += 1
            self._add("$(")
            return position + 2
        if self._depth:
            self._depth += (char == "(") - (char == ")")
            self._add(char)
            return position + 1
        return self._outside(position, char)

    def _outside(self, position: int, char: str) -> int:
        """Take one character outside quotes and substitutions."""
        operator = _OPERATORS.match(self._command, position)
        if char in "<>" or (char == "&" and self._command.startswith(">", position + 1)):
            if not self._may_redirect(char):
                self._end_word()
            self._add(char)
            return position + 1
        if operator:
            self._end_word()
            self._found.append(("operator", operator.group()))
            return operator.end()
        self._open += char == "("
        if char == ")" and not self._open:  # behind a pattern of `case`
            self._end_word()
            self._found.append(("operator", char))
        elif char.isspace() or char == ")" or (char == "(" and not self._started):
            self._open -= char == ")"
            self._end_word()
        elif char == "#" and not self._started:
            newline = self._command.find("\n", position)
            return len(self._command) if newline < 0 else newline
        else:
            self._add(char)
        return position + 1

    def _may_redirect(self, char: str) -> bool:
        """Tell whether a redirection goes on with this: behind a file's number or its own first signs alone.

        Behind any other word it begins, without a space between them (``make>log``).
        """
        word = self._word
        if not word or char == "&":
            return not word
        return word[-1] in ("<", ">") or (len(word) == 1 and (word[0] == "&" or word[0].isdecimal()))

    def _add_quoted(self, quote: str, text: str) -> None:
        if quote == "`":
            self.backticked.append(text)
        elif quote == '"' and "`" in text:
            self.backticked.extend(_UNESCAPED_BACKTICK.split(text)[1::2])
        self._add(text)

    def _add(self, text: str) -> None:
        self._word.append(text)
        self._started = True

    def _end_word(self) -> None:
        if self._started:
            self._found.append(("word", "".join(self._word)))
        self._word, self._started = [], False


def _closing(command: str, opening: int) -> int:
    quote = command[opening]
    position = opening + 1
    while position < len(command) and command[position] != quote:
        position += 2 if command[position] == "\\" and quote != "'" else 1
    return min(position, len(command))


def unwrapped(words: list[str], *, inside: bool = True) -> list[str]:
    """Return a simple command without assignments and wrappers: ``sudo``, with ``inside`` also ``uv run``."""
    position = 0
    while position < len(words):
        after = _behind_wrapper(words, position, inside)
        if after == position:
            break
        position = after
    return words[position:]


def _behind_wrapper(words: list[str], position: int, inside: bool) -> int:
    """Return the position behind one assignment, keyword, redirection or wrapper; the same without one."""
    word = words[position]
    if not word or word in _KEYWORDS or _ASSIGNMENT.match(word):
        return position + 1
    if REDIRECTION.match(word):
        return position + (2 if BARE_REDIRECTION.fullmatch(word) else 1)
    name = word.rsplit("/", 1)[-1]
    following = words[position + 1] if position + 1 < len(words) else ""
    if name == "command" and following in ("-v", "-V"):
        return position
    if name in WRAPPERS and following:
        return _behind_options(words, position + 1, WRAPPERS[name])
    if inside and (name, following) in _WRAPPER_PAIRS:
        behind = _behind_options(words, position + 2, _RUN_OPTIONS)
        return behind + 1 if name in ("docker", "podman") else behind
    return position


def _behind_options(words: list[str], position: int, with_value: frozenset[str]) -> int:
    while position < len(words):
        word = words[position]
        if word in with_value:
            position += 2
        elif word.startswith("-") or word[:1].isdigit() or word == "{}" or _ASSIGNMENT.match(word):
            position += 1
        else:
            break
    return min(position, len(words))
