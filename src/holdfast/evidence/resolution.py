"""When a success counts as the end of an earlier failure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import SequenceMatcher

from holdfast.hook import commands
from holdfast.hook.patterns import regex
from holdfast.hook.shell_line import BARE_REDIRECTION, REDIRECTION
from holdfast.transcripts.events import Call

_TEXT_OPTIONS = frozenset("-m --message --body --body-file --title --notes --description --prompt".split())
"""Options whose value is text of the user's own, such as a commit message."""

_USAGE = regex(
    r"unknown (?:\w+ )?(?:option|flag|command|revision|argument|shorthand)|unrecognized|not found"
    r"|no such (?:file|option|command)|does not exist|cannot find|can't find"
    r"|could not (?:find|read|determine)|usage:|must be |must provide|requires? |required|invalid "
    r"|permission denied|not a git repository"
    r"|not supported|no module named|missing|not in |outside|too many|no matches found|already exists"
    r"|not permitted|refus|ENOENT|EACCES|unable to|unexpected argument"
    r"|no .{0,30}(?:script|target|rule|task)s? |command failed|ambiguous|denied|parse error",
    re.IGNORECASE,
)
_CONTENT = regex(
    r"^\s*\S+\.\w{1,5}[:(]\d+|--- FAIL|\bFAILED\b|undefined: |assert|expected .* (?:got|but)|panic:"
    r"|imported and not used|error TS\d+|error\[E\d+\]"
)
_COMPILER = regex(r"^\s*\S+\.\w{1,5}(?::\d+:\d+|\(\d+,\d+\))|error\[E\d+\]")
_BROAD = frozenset([".", "./...", "...", "./", "all", "tests", "test", "tests/", "src", "src/"])
_TESTS = regex(r"test|jest|mocha|playwright|rspec|nextest")
_SELECTORS = frozenset(
    "-run --run -k -t --testNamePattern --test-name-pattern -g --grep --filter --tests --only -only".split()
)
_CODE_OPTIONS = frozenset("-c -e -p -pe -ne -E --eval --print -".split())
_INTERPRETERS = regex(r"(?:python[\d.]*|node|bun|deno|ruby|perl|php|awk|gawk|osascript|sqlite3|psql|jq)\Z")
_NAMES = regex(r"\w{3,}")
_COMPARED = 8
"""Words of a call that are compared letter by letter; those of a longer one are not what was mistyped."""


def is_usage(message: str) -> bool:
    """Tell whether an error line blames how the tool was called or set up, not the code it looked at."""
    return bool(_USAGE.search(message)) and not _CONTENT.search(message)


def resolves(
    tool: str, failed: str, message: str, paths: tuple[str, ...], call: Call, owner: str = ""
) -> bool:
    """Tell whether the success of ``call`` ends the failure of ``failed``.

    A shell command is ended by the next success of its family that looks at what failed: the same target,
    a wider one, or one that the message names; where the call itself was at fault, by one that keeps or
    mends the word that the message names. A file tool is ended by a success of that tool on the same file,
    or, where the path was wrong, on a file of the same name.

    Args:
        tool: The tool that failed.
        failed: Its command line, for a shell command.
        message: The error line.
        paths: The files that a file tool named.
        call: The call that succeeded.
        owner: The family of the part of the command that failed; its main part when empty.
    """
    if call.command is not None:
        return tool == "Bash" and _command_resolves(failed, message, call.command, owner)
    if tool != call.tool:
        return False
    if set(paths) & set(call.paths):
        return True
    names = {path.rsplit("/", 1)[-1] for path in paths}
    return is_usage(message) and any(path.rsplit("/", 1)[-1] in names for path in call.paths)


def _command_resolves(failed: str, message: str, succeeded: str, owner: str) -> bool:
    family = owner if owner and owner != "cd" else commands.family(failed)
    after = commands.unwrapped(commands.part_of(succeeded, family))
    if not after:
        return False
    before = commands.main_part(failed, family)
    if not before or before == after:
        return _same_input(failed, succeeded, before)
    if _runs_code(before) or _runs_code(after):
        return _alike_code(failed, succeeded)
    if owner == "cd":
        return _half_shared(before, after)
    mended = is_usage(message) and _mends(_targets(before), _targets(after), message)
    if commands.only_views(failed):
        return _half_shared(_targets(before), _targets(after)) or (
            mended and _names_a_target(before, message)
        )
    if is_usage(message):
        return mended
    return _covers(before, after, message)


def targets(command: str, of: str = "") -> frozenset[str]:
    """Return the words of a command's main part that name what it works on: no options, no redirections."""
    return frozenset(_in_order(commands.main_part(command, of)))


def _targets(words: list[str]) -> frozenset[str]:
    return frozenset(_in_order(words))


def _in_order(words: list[str]) -> list[str]:
    family = set(commands.family_of(words).split())
    found = []
    value = False
    for word in words[1:]:
        if value:
            value = False
        elif word in _SELECTORS or word in _TEXT_OPTIONS or BARE_REDIRECTION.fullmatch(word):
            value = True
        elif not (word.startswith("-") or REDIRECTION.match(word) or word in family or word.isdigit()):
            found.append(word)
    return found


def _runs_code(words: list[str]) -> bool:
    """Tell whether the command is an interpreter given its program in the call, or on its input."""
    if not _INTERPRETERS.match(words[0].rsplit("/", 1)[-1]):
        return False
    return len(words) == 1 or any(word in _CODE_OPTIONS for word in words[1:4])


def _same_input(failed: str, succeeded: str, words: list[str]) -> bool:
    return not words or not _runs_code(words) or "<<" not in failed or _alike_code(failed, succeeded)


def _alike_code(failed: str, succeeded: str) -> bool:
    """Tell whether two calls run about the same program: half of their names are shared."""
    return _half_shared(_NAMES.findall(failed), _NAMES.findall(succeeded))


def _half_shared(one: Iterable[str], other: Iterable[str]) -> bool:
    before, after = set(one), set(other)
    return bool(before & after) and 2 * len(before & after) >= len(before | after)


def _names_a_target(words: list[str], message: str) -> bool:
    return any(len(word) > 2 and word in message for word in _targets(words))


def _mends(before: frozenset[str], after: frozenset[str], message: str) -> bool:
    """Tell whether a word that the message blames was kept, dropped or replaced by one like it."""
    blamed = {word for word in before if len(word) > 2 and word in message}
    if not blamed or blamed & after or after <= before:
        return True
    replaced = sorted(after - before)[:_COMPARED]
    return any(_alike(old, new) for old in sorted(blamed)[:_COMPARED] for new in replaced)


def _alike(old: str, new: str) -> bool:
    old, new = _folder(old[:200]), _folder(new[:200])
    if old.rsplit("/", 1)[-1] == new.rsplit("/", 1)[-1]:
        return True
    if old.startswith(new + "/") or new.startswith(old + "/"):
        return True
    return SequenceMatcher(None, old, new, autojunk=False).ratio() >= 0.8


def _covers(before: list[str], after: list[str], message: str) -> bool:
    """Tell whether a success of ``after`` shows that what failed in ``before`` is past."""
    if _TESTS.search(commands.family_of(after)) and not _COMPILER.search(message):
        old, new = _selected(before), _selected(after)
        if new and any(name in message for name in new):
            return True
        if new and (not old or not old <= new):
            return False
    old_targets, new_targets = _targets(before), _targets(after)
    if not new_targets or new_targets & _BROAD or (old_targets and old_targets <= new_targets):
        return True
    old_paths, new_paths = _paths(old_targets), _paths(new_targets)
    if old_paths or not old_targets or old_targets & _BROAD:
        return bool((old_paths - _BROAD) & new_paths) or any(_named(path, message) for path in new_targets)
    # The first word of a program that is not known to have subcommands may well be one.
    return bool(old_targets & new_targets) and _in_order(before)[0] == _in_order(after)[0]


def _selected(words: list[str]) -> frozenset[str]:
    """Return the names of the tests that a command selects (``-run``, ``-k`` …); empty for all."""
    found: list[str] = []
    for word, following in zip(words, [*words[1:], ""], strict=True):
        option, _, value = word.partition("=")
        if option in _SELECTORS:
            found.extend(_NAMES.findall(value or following))
    return frozenset(found)


def _paths(words: frozenset[str]) -> frozenset[str]:
    return frozenset(word for word in words if "/" in word or "." in word)


def _named(target: str, message: str) -> bool:
    folder = _folder(target)
    return len(folder) > 1 and folder in message


def _folder(target: str) -> str:
    return target.removeprefix("./").removesuffix("...").rstrip("/")
