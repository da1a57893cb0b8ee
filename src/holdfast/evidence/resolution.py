"""When a success counts as the end of an earlier failure."""

from __future__ import annotations

import re

from holdfast.hook import commands
from holdfast.transcripts.events import Call

_USAGE = re.compile(
    r"unknown (?:\w+ )?(?:option|flag|command|revision|argument|shorthand)|unrecognized|no such (?:file|option|command)"
    r"|not found|does not exist|cannot find|can't find|could not (?:find|read|determine)|usage:|must be |must provide"
    r"|requires? |required|invalid |permission denied|not a git repository|not supported|no module named|missing"
    r"|not in |outside|too many|no matches found|already exists|not permitted|refus|ENOENT|EACCES|unable to"
    r"|unexpected argument|no .{0,30}(?:script|target|rule|task)s? |command failed|ambiguous|denied|parse error",
    re.IGNORECASE,
)
_CONTENT = re.compile(
    r"^\s*\S+\.\w{1,5}[:(]\d+|--- FAIL|\bFAILED\b|undefined: |assert|expected .* (?:got|but)|panic:|imported and not used"
    r"|error TS\d+|error\[E\d+\]"
)
_BROAD = frozenset([".", "./...", "...", "./", "all", "tests", "test", "tests/", "src", "."])


def is_usage(message: str) -> bool:
    """Tell whether an error line blames how the tool was called or set up, not the code it looked at."""
    return bool(_USAGE.search(message)) and not _CONTENT.search(message)


def resolves(tool: str, failed: str, message: str, paths: tuple[str, ...], call: Call) -> bool:
    """Tell whether the success of ``call`` ends the failure of ``failed``.

    A shell command is ended by the next success of its family, unless code was at fault and the two look at
    different targets. A file tool is ended by a success of that tool on the same file, or, where the path
    was wrong, on a file of the same name.
    """
    if call.command is not None:
        return tool == "Bash" and _command_resolves(failed, message, call.command)
    if tool != call.tool:
        return False
    if set(paths) & set(call.paths):
        return True
    names = {path.rsplit("/", 1)[-1] for path in paths}
    return is_usage(message) and any(path.rsplit("/", 1)[-1] in names for path in call.paths)


def _command_resolves(failed: str, message: str, succeeded: str) -> bool:
    if not commands.same_family(commands.family(failed), commands.family(succeeded)):
        return False
    if is_usage(message):
        return True
    before, after = targets(failed), targets(succeeded)
    return before == after or not before or not after or bool(before & _BROAD) or bool(after & _BROAD) or bool(before & after)


def targets(command: str) -> frozenset[str]:
    """Return the words of a command's main part that name what it works on: no options, no redirections."""
    words = commands.main_part(command)
    family = set(commands.family_of(words).split())
    found = []
    for word in words[1:]:
        if word.startswith(("-", ">", "<", "2>", "&>", "1>")) or word in family or word.isdigit():
            continue
        found.append(word)
    return frozenset(found)
