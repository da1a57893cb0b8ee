"""Shell command lines: their simple commands, their family, and whether a pipe hides a failure.

This reads commands to compare them, never to run them. It understands quoting, pipes, lists,
assignments and wrappers well enough for that, and treats what it does not understand as plain words.
"""

import re

_OPERATORS = re.compile(r"&&|\|\||\|&|[;|\n]|&(?![>\d])")
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")
_HEREDOC = re.compile(r"<<-?\s*(['\"]?)(\w+)\1")
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9:_.-]*\Z")

_SETUP = frozenset(
    "cd export source . set unset echo printf sleep true false pushd popd ulimit umask alias eval wait "
    "clear test [ [[ if then else elif fi for while until do done case esac { } ( ) ! mkdir pwd date".split()
)
_WRAPPERS = frozenset(
    "sudo time nice nohup env command exec timeout stdbuf xargs npx bunx pnpx uvx watch doas caffeinate".split()
)
_WRAPPER_PAIRS = {
    ("uv", "run"), ("poetry", "run"), ("pipenv", "run"), ("pdm", "run"), ("hatch", "run"), ("rye", "run"),
    ("bundle", "exec"), ("mise", "exec"), ("direnv", "exec"), ("pnpm", "exec"), ("yarn", "exec"),
    ("pnpm", "dlx"), ("yarn", "dlx"), ("npm", "exec"), ("dotenv", "run"), ("docker", "exec"),
}  # fmt: skip
_SUBCOMMANDS = frozenset(
    "git go cargo npm pnpm yarn bun deno docker kubectl gh glab terraform helm make just mise task pip pip3 uv "
    "poetry pdm hatch dotnet swift mvn gradle gradlew bundle rails rake mix composer aws gcloud az brew apt "
    "apt-get systemctl golangci-lint ruff conda nx turbo lerna bazel buck cmake ninja podman flutter dart "
    "bd entire holdfast claude codex".split()
)
_TWO_LEVELS = {
    "npm": ("run", "run-script"), "pnpm": ("run",), "yarn": ("run",), "bun": ("run",), "deno": ("task",),
    "docker": ("compose",), "gh": ("pr", "issue", "run", "repo", "api", "release", "workflow"),
    "mise": ("run",), "go": ("tool", "mod"), "git": ("stash", "worktree", "submodule", "remote"),
    "aws": (), "gcloud": (), "uv": ("pip", "tool"), "cargo": ("run",), "kubectl": (),
}  # fmt: skip
_MODULE_RUNNERS = re.compile(r"python[0-9.]*\Z|py\Z")
_REDIRECTION = re.compile(r"\d*(?:>>?|<)(?:&?\S*)?\Z|&>")
_KEYWORDS = frozenset(["do", "then", "else", "if", "elif", "while", "until", "!", "{", "}", "done", "fi"])
_SHELL = re.compile(r"(?:/\S*/)?(?:ba|z|da|k)?sh\Z")
_FILTERS = frozenset(
    "head tail grep egrep rg sed awk tee less more cat sort uniq wc cut tr jq column fold".split()
)
_VIEWERS = frozenset(
    "cat head tail grep egrep rg ag sed awk less more ls find fd tree wc sort jq diff echo printf bat strings od "
    "xxd stat file which type man history column cut uniq".split()
)
_VIEWING_GIT = frozenset("log show diff blame grep status branch reflog shortlog cat-file ls-files".split())
_OPTIONS_WITH_VALUE = frozenset(
    "-C -c --git-dir --work-tree --prefix --dir --cwd --project -f --file -w --filter".split()
)


def split(command: str) -> list[tuple[str, list[str]]]:
    """Split a command line into simple commands.

    Returns:
        Pairs of the operator before the simple command (empty for the first) and its words, without quotes.
        Bodies of here-documents are left out. Substitutions stay inside their word.
    """
    parts: list[tuple[str, list[str]]] = []
    operator = ""
    for kind, text in _tokens(_without_heredocs(command[:20000])):
        if kind == "operator":
            operator = text
            parts.append((operator, []))
        elif parts:
            parts[-1][1].append(text)
        else:
            parts.append(("", [text]))
    return [(op, words) for op, words in parts if words]


def _without_heredocs(command: str) -> str:
    if "<<" not in command:
        return command
    lines = command.split("\n")
    kept: list[str] = []
    ends: list[str] = []
    for line in lines:
        if ends:
            if line.strip() == ends[0]:
                ends.pop(0)
            continue
        kept.append(_HEREDOC.sub("", line))
        ends.extend(match.group(2) for match in _HEREDOC.finditer(line))
    return "\n".join(kept)


def _tokens(command: str) -> list[tuple[str, str]]:
    tokens: list[tuple[str, str]] = []
    word: list[str] = []
    started = False
    depth = 0
    position, end = 0, len(command)
    while position < end:
        char = command[position]
        if char == "\\" and position + 1 < end:
            if command[position + 1] != "\n":
                word.append(command[position + 1])
                started = True
            position += 2
            continue
        if char in "'\"`" and not (char == "'" and depth):
            close = _closing(command, position)
            word.append(command[position + 1 : close])
            started = True
            position = close + 1
            continue
        if command.startswith("$(", position):
            depth += 1
        elif char == ")" and depth:
            depth -= 1
        if not depth:
            operator = _OPERATORS.match(command, position)
            if operator or char.isspace():
                if started or word:
                    tokens.append(("word", "".join(word)))
                word, started = [], False
                if operator:
                    tokens.append(("operator", operator.group()))
                    position = operator.end()
                else:
                    position += 1
                continue
            if char == "#" and not (started or word):
                newline = command.find("\n", position)
                position = end if newline < 0 else newline
                continue
        word.append(char)
        position += 1
    if started or word:
        tokens.append(("word", "".join(word)))
    return tokens


def _closing(command: str, opening: int) -> int:
    quote = command[opening]
    position = opening + 1
    while position < len(command) and command[position] != quote:
        position += 2 if command[position] == "\\" and quote != "'" else 1
    return min(position, len(command))


def unwrapped(words: list[str]) -> list[str]:
    """Return the words of a simple command without assignments and wrappers such as ``sudo`` or ``uv run``."""
    position = 0
    while position < len(words):
        word = words[position].lstrip("(")
        if not word or word in _KEYWORDS:
            position += 1
            continue
        name = word.rsplit("/", 1)[-1]
        following = words[position + 1] if position + 1 < len(words) else ""
        if _ASSIGNMENT.match(word):
            position += 1
        elif name in _WRAPPERS:
            position += 1
            while position < len(words) and (
                words[position].startswith("-")
                or words[position][:1].isdigit()
                or _ASSIGNMENT.match(words[position])
            ):
                position += 1
        elif (name, following) in _WRAPPER_PAIRS:
            position += 2
            while position < len(words) and words[position].startswith("-"):
                position += 1
        else:
            break
    return words[position:]


def main_words(command: str) -> list[str]:
    """Return the words of the simple command that the line is about, its assignments and wrappers included."""
    fallback: list[str] = []
    for _, words in split(command):
        bare = unwrapped(words)
        if not bare:
            continue
        if bare[0].lstrip("({!") not in _SETUP:
            return words
        fallback = fallback or words
    return fallback


def main_part(command: str) -> list[str]:
    """Return the words of the simple command that the line is about: the first that is no set-up."""
    return unwrapped(main_words(command))


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


def main_text(command: str) -> str:
    """Return the main command as one line to type, without redirections; quoted only where a shell needs it."""
    shown = []
    skip = False
    for word in main_words(command):
        if skip or _REDIRECTION.match(word):
            skip = not skip and bool(re.fullmatch(r"\d*&?>>?|<", word))
            continue
        needs_quotes = any(char in word for char in " \t\n'\"|&;()<>") or not word
        shown.append("'" + word.replace("'", "'\\''") + "'" if needs_quotes else word)
    return " ".join(shown)


def family(command: str) -> str:
    """Return the command family: the program and what it is asked to do, such as ``go test`` or ``npm run build``.

    Empty when the line holds no command.
    """
    return family_of(main_part(command))


def family_of(words: list[str]) -> str:
    """Return the family of one simple command given as unwrapped words."""
    if not words:
        return ""
    if len(words) > 2 and _SHELL.match(words[0]) and words[1].startswith("-") and "c" in words[1]:
        return family(words[2])
    program = words[0].lstrip("({!").rsplit("/", 1)[-1].rsplit("\\", 1)[-1]
    rest = words[1:]
    if _MODULE_RUNNERS.match(program):
        if len(rest) > 1 and rest[0] == "-m":
            return f"python -m {rest[1]}"
        script = next((word for word in rest if word.endswith(".py")), "")
        return f"python {script.rsplit('/', 1)[-1]}" if script else "python"
    if program not in _SUBCOMMANDS:
        behind = rest and rest[0] in _SUBCOMMANDS and program not in _VIEWERS
        return f"{program[:60]} {family_of(rest)}" if behind else program[:60]
    names = _positional(rest)
    if not names:
        return program
    depth = 2 if names[0] in _TWO_LEVELS.get(program, ()) else 1
    return " ".join([program, *names[:depth]])[:80]


def _positional(words: list[str]) -> list[str]:
    names: list[str] = []
    skip = False
    for word in words:
        if skip:
            skip = False
        elif word.startswith("-"):
            skip = word in _OPTIONS_WITH_VALUE
        elif _WORD.match(word):
            names.append(word)
        else:
            break
    return names


def same_family(one: str, other: str) -> bool:
    """Tell whether two families name the same work: equal, or one is the other behind one more wrapper word."""
    if one == other:
        return bool(one)
    short, long = sorted((one.split(), other.split()), key=len)
    return len(short) > 1 and long[-len(short) :] == short


def hides_failure(command: str) -> bool:
    """Tell whether the line can exit 0 although its main command failed (a pipe to a filter, ``|| true``, ``;``)."""
    parts = split(command)
    seen_main = False
    for operator, words in parts:
        bare = unwrapped(words)
        name = bare[0].rsplit("/", 1)[-1] if bare else ""
        if seen_main and (operator in ("|", "|&") and name in _FILTERS):
            return "pipefail" not in command
        if seen_main and operator in ("||", ";", "\n"):
            return True
        if name and name not in _SETUP:
            seen_main = True
    return False


def only_views(command: str) -> bool:
    """Tell whether the line only shows text (``cat``, ``grep``, ``git log`` …), so that its output reports nothing."""
    words = main_part(command)
    if not words:
        return True
    name = words[0].rsplit("/", 1)[-1]
    if name == "git":
        return next(iter(_positional(words[1:])), "") in _VIEWING_GIT
    if name == "gh":
        return "view" in words or "list" in words or "--log" in words or "api" in words
    return name in _VIEWERS


def normalized(command: str) -> str:
    """Return the command with its white space folded and here-documents left out, for comparing."""
    return " ".join(_without_heredocs(command).split())
