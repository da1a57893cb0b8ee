"""Match a shell line that an agent is about to run against patterns of words, in time linear in the line.

A pattern is the words of a command: those that are no options must begin the command in this order, its
options may stand anywhere in it. ``*`` in a word stands for any characters, ``?`` for one; a word ``*`` of
its own for any one word. ``NAME=*`` in front asks for a variable that is set before the command.
"""

from __future__ import annotations

import os
from itertools import islice

from .globs import LONGEST, fits_glob

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

LIMIT = 1 << 20
"""Characters of a command that are looked at."""
MOST_RUNS = 400
"""Simple commands of one line that are looked at."""
_TOP = "$(git rev-parse --show-toplevel"
"""What a ``cd`` to the top of the repository is usually written as."""
_DEEPEST = 3

_NEUTRAL = frozenset(
    "sudo doas time nohup command exec nice env timeout stdbuf caffeinate coproc setsid ionice unbuffer "
    "strace ltrace".split()
)
_KEYWORDS = frozenset("do then else if elif while until ! { } done fi & esac".split())
_RUNNERS = frozenset("npx bunx pnpx uvx xargs watch".split())
_RUNNER_PAIRS = frozenset([("pnpm", "dlx"), ("pnpm", "exec"), ("yarn", "dlx"), ("npm", "exec")])
_TEXT_BEHIND = frozenset("-m --message --body --title -e -c --grep -F --file".split())
"""Options whose value is text or a name, and never an option, even when it begins with a dash."""
_VALUED = {
    "git": frozenset("-C -c --git-dir --work-tree --namespace --exec-path".split()),
    "npm": frozenset("--prefix -C -w --workspace --registry".split()),
    "pnpm": frozenset("--dir -C --filter -F --registry".split()),
    "yarn": frozenset(["--cwd"]),
    "docker": frozenset("-f --file -p --project-name --context -H --host --profile --env-file".split()),
    "kubectl": frozenset("-n --namespace --context --kubeconfig --cluster".split()),
    "helm": frozenset("-n --namespace --kube-context".split()),
    "make": frozenset("-C -f -j --directory --file".split()),
    "uv": frozenset("--directory --project --python -p".split()),
    "cargo": frozenset("--manifest-path -C --config".split()),
    "terraform": frozenset(),
}
"""Options that take their value as the next word, by program: the value is no word of the command."""
_ONE_DASH = frozenset("go find java javac terraform tofu gcc clang ffmpeg openssl xcodebuild swift".split())
"""Programs whose long options begin with one dash, so that their letters are no options of their own."""
_FILTERS = frozenset(
    "head tail grep egrep rg sed awk tee less more cat sort uniq wc cut tr jq column fold".split()
)
"""Programs that behind a pipe only show less of what stands before it: no rule that names them means that."""
_PRINTERS = frozenset("cat echo printf tee".split())
_EDIT_IN_PLACE = frozenset("sed perl gsed ruby".split())


class Run:
    """One simple command of a line.

    Attributes:
        words: Its words in the forms in which it can be named: as it stands, and behind ``npx`` and the like.
        settings: What is set before it, as ``NAME=value``.
        elsewhere: Whether the line left the repository before it.
        writes: Files that it writes by hand: what `cat`, `echo` and `tee` print into, what `sed -i` changes.
    """

    __slots__ = ("elsewhere", "settings", "words", "writes")

    def __init__(
        self, words: list[list[str]], settings: list[str], elsewhere: bool, writes: list[str]
    ) -> None:
        self.words, self.settings, self.elsewhere, self.writes = words, settings, elsewhere, writes


def fits_run(pattern: str, run: Run) -> bool:
    """Tell whether a simple command is one that a pattern names."""
    if len(pattern) > LONGEST:
        return False
    wanted = pattern.split()
    while wanted and _is_setting(wanted[0]):
        asked = wanted.pop(0)
        if not any(fits_glob(asked, setting) for setting in run.settings):
            return False
        if not wanted:
            return True
    return bool(wanted) and any(_fits_words(wanted, words) for words in run.words)


def _fits_words(wanted: Sequence[str], words: Sequence[str]) -> bool:
    plain = [word for word in wanted if not word.startswith("-")]
    options = [word for word in wanted if word.startswith("-") and word != "--"]
    if not plain or not words or ("--" in wanted and "--" not in words):
        return False
    program = _name(words[0])
    ran = _positional(words, program)
    if len(ran) < len(plain) or not _is_program(plain[0], ran[0]):
        return False
    if not all(fits_glob(each, word) for each, word in zip(plain[1:], ran[1:], strict=False)):
        return False
    given = _options(words)
    return all(_has(given, option, program) for option in options)


def _is_program(wanted: str, word: str) -> bool:
    if "/" in wanted:
        return fits_glob(wanted.removeprefix("./"), word.removeprefix("./"))
    return fits_glob(wanted, _name(word))


def _positional(words: Sequence[str], program: str) -> list[str]:
    """Return the words that are neither options nor the values of those that stand before a subcommand."""
    valued = _VALUED.get(program, frozenset())
    found: list[str] = []
    skip = False
    for word in words:
        if skip:
            skip = False
        elif word.startswith("-") and word != "-":
            skip = word in valued
        else:
            found.append(word)
    return found


def _options(words: Sequence[str]) -> list[str]:
    """Return the words that may be options: not what stands behind ``--``, nor the text behind ``-m``."""
    found: list[str] = []
    skip = False
    for word in words[1:]:
        if word == "--":
            break
        if not skip and word.startswith("-"):
            found.append(word)
        skip = word in _TEXT_BEHIND or (word[:1] == "-" and word[1:2] != "-" and word.endswith("m"))
    return found


def _has(given: Sequence[str], option: str, program: str) -> bool:
    """Tell whether an option is given: as it stands, with a value, or among letters in one word."""
    if any(fits_glob(option, word) or fits_glob(option, word.partition("=")[0]) for word in given):
        return True
    letters = option[1:]
    if option.startswith("--") or not letters.isalpha() or len(letters) > 4 or program in _ONE_DASH:
        return False
    short = [word[1:] for word in given if word[1:2] != "-" and word[1:].isalpha() and len(word) <= 6]
    return set(letters) <= set("".join(short))


def runs(command: str, cwd: str = "", root: str = "") -> list[Run]:
    """Return the simple commands of a line, those of ``bash -c``, of ``$(…)`` and of backticks too.

    Args:
        command: The line.
        cwd: Where it starts; empty when it is not known.
        root: The top of the repository; empty when it is not known.
    """
    return list(islice(_runs(command[:LIMIT], cwd or root, root, _DEEPEST), MOST_RUNS))


def _runs(command: str, folder: str, root: str, depth: int) -> Iterator[Run]:
    from .shell_line import backticked, split
    from .shell_scripts import opened, scripts

    line, bodies = opened(command)
    behind: list[str] = []
    for operator, words in split(line, inside=False):
        behind = behind if operator in ("|", "|&") else []
        if depth:
            for word in words:
                for inner in _substituted(word):
                    yield from _runs(inner, folder, root, depth - 1)
            for inner in scripts(_without_lead(words)[1], behind, bodies):
                yield from _runs(inner, folder, root, depth - 1)
        behind = words
        run = _run(words, folder, root)
        if run is None:
            continue
        first = run.words[0]
        if operator in ("|", "|&") and _name(first[0]) in _FILTERS and not run.writes:
            continue
        if first[0] in ("cd", "pushd") and len(first) > 1:
            folder = _changed(folder, first[1], root)
        yield run
    for inner in backticked(line) if depth else ():
        yield from _runs(inner, folder, root, depth - 1)


def _substituted(word: str) -> list[str]:
    """Return what stands in the ``$(…)`` of a word, but no text: ``"$(cat <<'EOF' …)"`` is a quotation."""
    start = word.find("$(")
    if start < 0:
        return []
    end = word.rfind(")")
    inner = word[start + 2 : end if end > start else len(word)]
    pieces = [piece.replace(")", " ") for piece in inner.split("$(")] if "$(" in inner else [inner]
    return [piece for piece in pieces if piece.split()[:2] != ["cat"] and not _is_quotation(piece)]


def _is_quotation(text: str) -> bool:
    program, _, rest = text.strip().partition(" ")
    return program == "cat" and rest.lstrip().startswith("<<")


def _run(words: Sequence[str], folder: str, root: str) -> Run | None:
    from .shell_line import unwrapped

    settings, bare = _without_lead(words)
    bare, targets = _without_redirections(bare)
    if not bare:
        return None
    forms = [_without_version(bare)]
    inner, _ = _without_redirections(unwrapped(bare)) if _hands_on(bare) else ([], [])
    if inner and inner != bare:
        forms.append([inner[0][:1] + inner[0][1:].partition("@")[0], *inner[1:]])
    away = _is_outside(folder, root) or _names_another_place(bare, folder, root)
    return Run(forms, settings, away, _written(bare, targets, folder, root))


def _hands_on(words: Sequence[str]) -> bool:
    """Tell whether a command runs another as it is; what ``uv run`` runs is what rules ask for instead."""
    return _name(words[0]) in _RUNNERS or tuple(words[:2]) in _RUNNER_PAIRS


def _without_lead(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return what is set before a command, and its words without that, ``sudo`` and the like."""
    settings: list[str] = []
    at = 0
    while at < len(words):
        word = words[at]
        following = words[at + 1] if at + 1 < len(words) else ""
        if _is_setting(word):
            settings.append(word)
        elif word == "command" and following in ("-v", "-V"):
            break
        elif _name(word) in _NEUTRAL and following:
            at = _behind_options(words, at)
        elif word == "case" and "in" in words[at:]:
            at = words.index("in", at) + 1  # and its first pattern, which stood in brackets of its own
        elif word == "function":
            at += 1
        elif word and word not in _KEYWORDS and not _begins_function(word, following):
            break
        at += 1
    return settings, list(words[at:])


def _behind_options(words: Sequence[str], at: int) -> int:
    """Return where the last option of a program that runs another stands, its value included."""
    from .shell_line import WRAPPERS

    valued = WRAPPERS.get(_name(words[at]), frozenset())
    while at + 1 < len(words) and (words[at + 1][:1] == "-" or words[at + 1][:1].isdigit()):
        at += 2 if words[at + 1] in valued else 1
    return at


def _begins_function(word: str, following: str) -> bool:
    """Tell whether a word names a function whose body follows: ``f() …``, ``f () {``, ``coproc NAME {``."""
    if word.endswith("("):
        return True
    return following == "{" and word.replace("-", "_").isidentifier() and word not in _PRINTERS


def _without_redirections(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the words of a command without redirections, and the files that it writes to."""
    from .shell_line import BARE_REDIRECTION, REDIRECTION

    kept: list[str] = []
    targets: list[str] = []
    pending = ""
    for word in words:
        if pending:
            if ">" in pending:
                targets.append(word)
            pending = ""
        elif REDIRECTION.match(word):
            name = word.lstrip("0123456789&").lstrip("<>")
            if BARE_REDIRECTION.fullmatch(word):
                pending = word
            elif ">" in word and not name.startswith("&"):
                targets.append(name)
        else:
            kept.append(word)
    return kept, targets


def _without_version(words: list[str]) -> list[str]:
    """Return ``npx prisma migrate`` for ``npx -y prisma@5 migrate``."""
    ahead = 1 if _name(words[0]) in _RUNNERS else 2 if tuple(words[:2]) in _RUNNER_PAIRS else 0
    if not ahead:
        return words
    rest = list(words[ahead:])
    while rest and rest[0] in ("-y", "--yes", "-q", "--no-install"):
        rest.pop(0)
    if rest:
        rest[0] = rest[0][:1] + rest[0][1:].partition("@")[0]
    return [*words[:ahead], *rest]


def _written(words: Sequence[str], targets: Sequence[str], folder: str, root: str) -> list[str]:
    name, found = _name(words[0]), []
    if name in _PRINTERS:
        found = list(targets)
        if name == "tee":
            found += [word for word in words[1:] if not word.startswith("-")]
    elif name in _EDIT_IN_PLACE and any(_edits_in_place(word) for word in words[1:]):
        found = [word for word in words[1:] if not word.startswith("-")]
    inside = (relative(os.path.join(folder, word), root) for word in found)
    return [path for path in inside if path]


def _edits_in_place(word: str) -> bool:
    """Tell whether a word is an option such as ``-i.bak`` or ``-pi``, and not one whose value has an i."""
    if word[:2] in ("", "-", "--") or word[:1] != "-":
        return word.startswith("--in-place")
    return "i" in word[1:5].partition(".")[0] and not any(each in word.partition("i")[0] for each in "IMmef")


def relative(path: str, root: str) -> str:
    """Return a path relative to the top of the repository; empty when it lies outside."""
    if not root or not os.path.isabs(path):
        path = os.path.normpath(path)
        return "" if path.startswith(("..", "/")) else path
    found = os.path.normpath(path)
    top = root.rstrip("/")
    if found.startswith(top + "/"):
        return found[len(top) + 1 :]
    real = os.path.join(os.path.realpath(os.path.dirname(found)), os.path.basename(found))
    return real[len(top) + 1 :] if real.startswith(top + "/") else ""


def _changed(folder: str, to: str, root: str) -> str:
    """Return the folder that ``cd`` changes to; one that nobody can tell counts as outside."""
    if to.startswith(_TOP):
        return root
    if to in ("$PWD", "${PWD}"):
        return folder
    if to.startswith(("~", "$")) or to == "-":
        return "/"
    return os.path.normpath(os.path.join(folder, to))


def _is_outside(folder: str, root: str) -> bool:
    if not root:
        return folder.startswith(("/", "..")) and folder != ""
    return folder != root and not folder.startswith(root.rstrip("/") + "/")


def _names_another_place(words: Sequence[str], folder: str, root: str) -> bool:
    """Tell whether a command says itself that it works outside, as ``git -C`` does."""
    place = next((words[at + 1] for at, word in enumerate(words[:-1][:6]) if word in ("-C", "--prefix")), "")
    return bool(place) and _is_outside(_changed(folder, place, root), root)


def _is_setting(word: str) -> bool:
    name, equals, _ = word.partition("=")
    return bool(equals) and name.replace("_", "a").isalnum() and not name[:1].isdigit()


def _name(word: str) -> str:
    return word.rsplit("/", 1)[-1]
