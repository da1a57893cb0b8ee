"""What a shell command line is about: its family, and whether it can hide a failure or only shows text."""

from __future__ import annotations

from functools import lru_cache

from .patterns import regex
from .shell_line import (
    BARE_REDIRECTION,
    LIMIT,
    NESTED,
    REDIRECTION,
    inner_script,
    split,
    unwrapped,
    without_heredocs,
)

__all__ = [
    "directory",
    "family",
    "family_of",
    "hides_failure",
    "main_part",
    "main_text",
    "main_words",
    "mains",
    "normalized",
    "only_views",
    "part_of",
    "same_family",
    "shows_text",
    "split",
    "unwrapped",
]

_WORD = regex(r"[A-Za-z][A-Za-z0-9:_.-]*\Z")
_SETUP = frozenset(
    "cd export source . set unset echo printf sleep true false pushd popd ulimit umask alias eval wait "
    "clear test [ [[ if then else elif fi for while until do done case esac { } ! : mkdir pwd date exit "
    "return rm cp mv touch ln chmod trap read local declare function kill break continue shift".split()
)
_SUBCOMMANDS = frozenset(
    "git go cargo npm pnpm yarn bun deno docker kubectl gh glab terraform helm make just mise task pip "
    "pip3 uv poetry pdm hatch dotnet swift mvn gradle gradlew bundle rails rake mix composer aws gcloud az "
    "brew apt apt-get systemctl golangci-lint ruff conda nx turbo lerna bazel buck cmake ninja podman "
    "flutter dart bd entire holdfast claude codex".split()
)
_TWO_LEVELS = {
    "npm": ("run", "run-script"),
    "pnpm": ("run",),
    "yarn": ("run",),
    "bun": ("run",),
    "deno": ("task",),
    "docker": ("compose",),
    "gh": ("pr", "issue", "run", "repo", "api", "release", "workflow"),
    "mise": ("run",),
    "go": ("tool", "mod"),
    "git": ("stash", "worktree", "submodule", "remote"),
    "uv": ("pip", "tool"),
}
_KNOWN = {
    "claude": frozenset("mcp plugin config doctor update install agents setup-token".split()),
    "codex": frozenset("exec review resume apply mcp login logout cloud sandbox".split()),
}
"""Subcommands of programs whose first plain word may as well be a prompt."""
_PYTHON = regex(r"python[0-9.]*\Z|py\Z")
_FILTERS = frozenset(
    "head tail grep egrep rg sed awk tee less more cat sort uniq wc cut tr jq column fold select-string "
    "select-object out-string".split()
)
_VIEWERS = frozenset(
    "cat head tail grep egrep rg ag sed awk less more ls find fd tree wc sort jq diff echo printf bat "
    "strings od xxd stat file which type man history column cut uniq nl cmp comm pgrep command test [ [[ "
    "get-content get-childitem select-string where".split()
)
_VIEWING_GIT = frozenset(
    "log show diff blame grep status branch reflog shortlog cat-file ls-files check-ignore show-ref "
    "merge-base".split()
)
_OPTIONS_WITH_VALUE = frozenset(
    "-C -c --git-dir --work-tree --prefix --dir --cwd --project -f --file -w --filter -X --method -H -F -R "
    "--repo --output-format --input-format --model --permission-mode".split()
)
_GIVING_UP = frozenset("exit return false".split())


def _name(words: list[str]) -> str:
    return words[0].rsplit("/", 1)[-1].rsplit("\\", 1)[-1] if words else ""


def mains(command: str) -> list[list[str]]:
    """Return the words of what each pipeline of the line is about: its first command that is no set-up.

    Wrappers and assignments are included. The viewing commands (``git status``, ``cat``) are left out when
    there are others; a line of set-up alone gives its first command.
    """
    found: list[tuple[list[str], bool]] = []
    fallback: list[str] = []
    begun = False
    for operator, words in split(command):
        bare = unwrapped(words)
        begun = begun and operator in ("|", "|&")
        if not bare:
            continue
        if _name(bare) in _SETUP:
            fallback = fallback or words
        elif not begun:
            found.append((words, _views(bare)))
            begun = True
        elif found[-1][1] and not _views(bare):
            found[-1] = words, False
    doing = [words for words, views in found if not views]
    return doing or [words for words, _ in found] or ([fallback] if fallback else [])


def part_of(command: str, of: str) -> list[str]:
    """Return the words of the first command of family ``of``, wrappers included; empty without one."""
    return next((words for family, words in _by_family(command[:LIMIT]) if same_family(family, of)), [])


@lru_cache(maxsize=256)
def _by_family(command: str) -> tuple[tuple[str, list[str]], ...]:
    """Return each part of the line, the main ones first, with its family; change no word list."""
    parts = [*mains(command), *(words for _, words in split(command))]
    return tuple((family_of(unwrapped(words)), words) for words in parts)


def main_words(command: str, of: str = "") -> list[str]:
    """Return the words of the simple command that the line is about, its assignments and wrappers included.

    Args:
        command: A command line.
        of: The family of the part that is meant, when the line does several things.
    """
    return (part_of(command, of) if of else []) or next(iter(mains(command)), [])


def main_part(command: str, of: str = "") -> list[str]:
    """Return the words of the simple command that the line is about: the first that is no set-up."""
    return unwrapped(main_words(command, of))


def directory(command: str) -> str:
    """Return where the line changes directory to before its main command; empty when it does not."""
    found = ""
    for _, words in split(command):
        bare = unwrapped(words)
        if bare and bare[0] not in _SETUP:
            break
        if len(bare) > 1 and bare[0] in ("cd", "pushd"):
            found = bare[1]
    return found


def main_text(command: str, of: str = "") -> str:
    """Return the main command as one line to type: no redirections, quotes only where a shell needs them."""
    shown = []
    skip = False
    for word in main_words(command, of):
        if skip or REDIRECTION.match(word):
            skip = not skip and bool(BARE_REDIRECTION.fullmatch(word))
            continue
        needs_quotes = any(char in word for char in " \t\n'\"|&;()<>") or not word
        shown.append("'" + word.replace("'", "'\\''") + "'" if needs_quotes else word)
    return " ".join(shown)


def family(command: str) -> str:
    """Return the command family: the program and what it is to do (``go test``, ``npm run build``).

    Empty when the line holds no command.
    """
    return family_of(main_part(command))


def family_of(words: list[str]) -> str:
    """Return the family of one simple command given as unwrapped words: printable text."""
    return "".join(char for char in _family_of(words, NESTED) if char.isprintable())


def _family_of(words: list[str], depth: int) -> str:
    if not words:
        return ""
    script = inner_script(words) if depth else None
    if script:
        return _family_of(main_part(script), depth - 1) or _name(words)
    program = _name(words)
    if _PYTHON.match(program):
        return _python_family(words[1:])
    if program not in _SUBCOMMANDS:
        program = _unversioned(program)[:60]
        behind = len(words) > 1 and words[1] in _SUBCOMMANDS and program not in _VIEWERS
        return f"{program} {family_of(words[1:])}" if behind else program
    names = _positional(words[1:])
    if not names or names[0] not in _KNOWN.get(program, names):
        return program
    depth = 2 if names[0] in _TWO_LEVELS.get(program, ()) else 1
    return " ".join([program, *names[:depth]])[:80]


def _python_family(rest: list[str]) -> str:
    for position, word in enumerate(rest):
        if word == "-m" and position + 1 < len(rest):
            return f"python -m {rest[position + 1]}"[:80]
        if not word.startswith("-"):
            return f"python {word.rsplit('/', 1)[-1]}"[:80] if word.endswith(".py") else "python"
        if word == "-c":
            break
    return "python"


def _unversioned(program: str) -> str:
    """Return ``eslint`` for ``eslint@9``; a scoped name keeps its scope."""
    name, at, _ = program.rpartition("@")
    return name if at and name else program


def _positional(words: list[str]) -> list[str]:
    names: list[str] = []
    skip = False
    for word in words:
        if skip:
            skip = False
        elif word.startswith(("-", "+")):
            skip = word in _OPTIONS_WITH_VALUE
        elif _WORD.match(word):
            names.append(word)
        else:
            break
    return names


def same_family(one: str, other: str) -> bool:
    """Tell whether two families name the same work: equal, or one is the other behind a wrapper word."""
    one, other = one.removeprefix("python -m "), other.removeprefix("python -m ")
    if one == other:
        return bool(one)
    short, long = sorted((one.split(), other.split()), key=len)
    return len(short) > 1 and long[-len(short) :] == short


def hides_failure(command: str) -> bool:
    """Tell whether the line can exit 0 although its main command failed (``| tail``, ``|| true``)."""
    strict = piped = seen_main = False
    for operator, words in split(command):
        bare = unwrapped(words)
        name = _name(bare)
        if name == "set":
            flags = [word for word in bare[1:] if word.startswith("-")]
            strict = strict or any("e" in flag for flag in flags)
            piped = piped or "pipefail" in bare
        if seen_main:
            if operator in ("|", "|&") and name.lower() in _FILTERS and not piped:
                return True
            if operator == "||" and name not in _GIVING_UP:
                return True
            if operator in (";", "\n") and name and name not in _GIVING_UP and not strict:
                return True
        if name and name not in _SETUP:
            seen_main = True
    return False


def only_views(command: str) -> bool:
    """Tell whether the line only shows text or answers a question (``cat``, ``grep``, ``git log``, ``test``).

    Its output then reports nothing, and its exit code 1 says "no" instead of "failed".
    """
    return all(_views(unwrapped(words)) for words in mains(command))


def shows_text(command: str) -> bool:
    """Tell whether any part of the line shows text from elsewhere, which may then stand in its output."""
    return any(
        operator not in ("|", "|&") and _name(bare) not in _SETUP and _views(bare)
        for operator, words in split(command)
        if (bare := unwrapped(words))
    )


def _views(words: list[str]) -> bool:
    name = _name(words)
    if name == "holdfast" or (_PYTHON.match(name) and words[1:3] == ["-m", "holdfast"]):
        return True  # what it says comes from earlier sessions, and 1 is its answer "no"
    if name == "git":
        return next(iter(_positional(words[1:])), "") in _VIEWING_GIT
    if name == "gh":
        return "view" in words or "list" in words or "--log" in words or "api" in words
    return name.lower() in _VIEWERS


def normalized(command: str) -> str:
    """Return the command with its white space folded and here-documents left out, for comparing."""
    return " ".join(without_heredocs(command[:LIMIT]).split())
