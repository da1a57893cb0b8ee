"""What an instruction line should say instead: from what worked in the sessions that it failed."""

from __future__ import annotations

import re
import shlex

import msgspec

from holdfast.evidence.episodes import Episode
from holdfast.hook import commands
from holdfast.hook.patterns import regex
from holdfast.measure.following import folded, words_of

_Words = tuple[str, ...]
_SETS_UP = regex(
    r"\b(?:install|ci|sync|build|bootstrap|setup|set-up|generate|gen|codegen|up|start|migrate|restore"
    r"|prepare|init"
    r"|download|vendor|compile|link|trust|activate|bundle|deps|get|export|source|use)\b"
)
_PATH = regex(r"[/\\]|\.\w{1,5}(?:::\S*)?\Z|::")
_SELECTORS = frozenset("-k -t -run -g --grep --tests --test-name-pattern --testNamePattern".split())
_WORKSPACES = frozenset("npm pnpm yarn bun turbo nx rush lerna".split())
_INTERPRETERS = regex(r"(?:python[\d.]*|node|bash|sh|ruby|perl|php|deno|bun|tsx|make|just|mise)\Z")
_RUN_FILES = frozenset("bun deno go uv".split())
_WITH_PATH = frozenset(
    "-C --prefix --cwd --dir --filter -F --manifest-path -f --file -c --config --project -p --package "
    "--config-file --settings --directory --workspace -w --env-file --root --rootDir --chdir".split()
)
_UNSAFE = regex(
    r"--no-verify|--force\b|--yes-i|\brm -|--no-check|--skip|--allow-dirty|--legacy-peer|--no-strict|--ignore"
    r"|\bHUSKY=0|\bSKIP=|--exit-zero|--passWithNoTests|\bsudo\b|--break-system|--hard\b|\|\| true"
)
_NO_CURE = regex(r"\|\||\bfalse\b|^\S*(?:cat|ls|which|echo)\b")


class Cure(msgspec.Struct, frozen=True):
    """What worked instead: another command, another folder, or a command that has to run before.

    Attributes:
        words: The command; empty when it is the line's own.
        folder: Where it ran, relative to the repository; empty for where the line runs it.
        first: The command that was run before.
    """

    words: _Words = ()
    folder: str = ""
    first: str = ""

    def worded(self, line_words: _Words) -> str:
        """Return the cure as one line to type, for a line that names ``line_words``."""
        text = " ".join(quoted(word) for word in (self.words or line_words))
        if self.folder:
            text = f"cd {self.folder} && {text}"
        return f"{self.first} && {text}" if self.first else text


def quoted(word: str) -> str:
    """Return a word as it is typed: in quotes only where a shell needs them."""
    return shlex.quote(word) if re.search(r"[\s|&;()<>\"']", word) else word


def is_safe(cure: Cure) -> bool:
    """Tell whether a cure takes no check away and destroys nothing."""
    return not _UNSAFE.search(" ".join([cure.first, *cure.words]))


def cure_of(episode: Episode, line_words: _Words, run_words: _Words, root: str | None) -> Cure | None:
    """Return what ended a failure, when that was another call and not an edit."""
    fix, failure = episode.fix, episode.failure
    if fix is None or fix.edits:
        return None
    text = commands.main_text(fix.command, failure.owner)
    words = fitting(words_of(text), line_words, run_words)
    before, after = folder_of(failure.command, root), folder_of(fix.command, root)
    folder = after if after != before else ""
    if before and not after and after != before:
        folder = "." if words == line_words else ""
    if words != line_words or folder:
        return Cure(words if words != line_words else (), folder if folder != "." else "")
    changed = next((command for command in reversed(fix.between) if _only_changes_folder(command)), "")
    if changed:
        return Cure(folder=folder_of(changed, root))
    first = _set_up(fix.between, line_words)
    return Cure(first=first) if first else None


def _only_changes_folder(command: str) -> bool:
    return commands.family(command) == "cd" and bool(commands.directory(command))


def _set_up(between: tuple[str, ...], line_words: _Words) -> str:
    """Return the last command before the success that sets something up."""
    for command in reversed(between):
        text = " ".join(commands.main_text(command).split())
        sets_up = _SETS_UP.search(text) and not _NO_CURE.search(text)
        if sets_up and len(text) <= 80 and words_of(text) != line_words:
            return text
    return ""


def fitting(words: _Words, line_words: _Words, run_words: _Words) -> _Words:
    """Return a command that worked as the line would name it: without what the session asked for besides.

    Options and their values stay, since they may be what made it work; targets and selected tests go.
    """
    extra = set(run_words[len(line_words) :])
    if "--" in words and "--" not in line_words:
        at = words.index("--")
        if not any(word.startswith("-") for word in words[at + 1 :]):
            words = words[:at]
    kept: list[str] = []
    skip = False
    for position, word in enumerate(words):
        if skip:
            skip = False
        elif word in line_words or position == 0:
            kept.append(word)
        elif _selects(word, words):
            skip = "=" not in word
        elif word in extra or (
            _PATH.search(word) and position > 1 and not _has_option_before(words, position)
        ):
            continue
        else:
            kept.append(word)
    return tuple(kept)


def _is_target(words: _Words, position: int) -> bool:
    return position > 1 or not _INTERPRETERS.match(words[0])


def _selects(word: str, words: _Words) -> bool:
    if word == "--filter":
        return words[0] not in _WORKSPACES
    if word == "-m":
        return words[-1] != word and "pytest" in words[: words.index(word)]
    if word in ("-p", "--package"):
        return words[0] == "cargo"
    return word.partition("=")[0] in _SELECTORS


def _has_option_before(words: _Words, position: int) -> bool:
    """Tell whether a path is the value of an option, or what a runner runs, and no target."""
    before = words[position - 1]
    return before in _WITH_PATH or (before == "run" and position == 2 and words[0] in _RUN_FILES)


def folder_of(command: str, root: str | None) -> str:
    """Return where a command line changes to, relative to the session's root; empty for the root itself."""
    return within(commands.directory(command), root)


def within(folder: str, root: str | None) -> str:
    """Return a folder as it was typed relative to the session's root; empty for the root itself."""
    folder = folder.strip("'\"")
    if root and f"{folder}/".startswith(f"{root.rstrip('/')}/"):
        folder = folder[len(root) :].lstrip("/")
    return folder.removeprefix("./").rstrip("/") if folder != "." else ""


def mended_line(text: str, line_words: _Words, cure: Cure) -> str | None:
    """Return the line with its command replaced, all else as it stands; None when that changes nothing."""
    pattern = r"[ \t]+".join(re.escape(word) for word in line_words)
    found = re.search(rf"(?<![\w./-]){pattern}(?![\w./:-])", text)
    if found is None and line_words[:1] in (("npm",), ("pnpm",), ("yarn",)):
        rest = r"[ \t]+".join(re.escape(word) for word in line_words[1:])
        found = re.search(rf"(?<![\w./-]){line_words[0]}[ \t]+(?:run[ \t]+)?{rest}(?![\w./:-])", text)
    if found is None:
        return None
    mended = text[: found.start()] + cure.worded(folded(list(line_words))) + text[found.end() :]
    return mended if mended != text else None
