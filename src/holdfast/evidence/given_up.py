"""What was given up: an approach that waits for the end, and what it is then found to have been."""

from __future__ import annotations

import re
from collections import Counter
from typing import Literal

import msgspec

from holdfast.evidence.detours import GivenUp
from holdfast.evidence.endings import Ending
from holdfast.evidence.hunks import Hunk, is_data, is_debugging, left_of, names_in, span
from holdfast.evidence.libraries import libraries_in
from holdfast.evidence.outcomes import FailedCommand
from holdfast.evidence.prose import words
from holdfast.hook import commands
from holdfast.hook.patterns import regex

STANDING = 0.4
"""Share of an approach's lines that may stand elsewhere at the end; with more it was only moved."""
_ASIDE = regex(
    r"(?:^|/)(?:tests?|__tests__|testdata|fixtures?|spec|e2e|integration_test)/|[._-](?:test|spec)s?\.|(?:^|/)test_[^/]*$"
    r"|\.(?:md|mdx|txt|rst|lock|log|snap)$|(?:^|/)\.?(?:claude|codex|cursor)/plans/|(?:^|/)conftest\.py$"
)
"""Files whose changes are no approach: tests, prose, plans."""

_CODE = regex(r"[a-z][A-Z]|_|\d")
_FAILED = words(
    """won't work, doesn't work, didn't work, does not work, cannot work, wrong approach, was correct,
    was actually correct, was wrong, revert"""
)

Kind = Literal["undone", "rewritten", "switched"]


class AbandonedApproach(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was tried and given up within a session.

    Attributes:
        kind: ``undone`` by git, ``rewritten`` by a later edit, ``switched`` to another library or command.
        approach: What was tried: a short code span, library or command, never prose.
        names: The names that went with it.
        paths: The files it was in.
        why: What the agent said before it tried: private prose.
        failure: The error line or the words that ended it; private prose unless ``ended_by`` is ``error``.
        ended_by: Whose words ``failure`` are.
        because: What the agent said on changing over: private prose.
        replacement: What came in its place, as ``approach``; empty when it was only taken out.
        survived: The replacement was still there at the end, or worked.
        owner, family, specific: The command that failed, and its signature; empty unless ended by an error.
        line, end_line: Where it was tried and where it ended.
    """

    kind: Kind
    approach: str
    names: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    why: str = ""
    failure: str = ""
    ended_by: Literal["error", "person", "agent"] = "agent"
    because: str = ""
    replacement: str = ""
    survived: bool = False
    owner: str = ""
    family: str = ""
    specific: str = ""
    line: int = 0
    end_line: int = 0


class Waiting(msgspec.Struct, kw_only=True):
    """An approach that was given up, until the end tells whether its replacement stayed.

    Attributes:
        put_in: The lines that came in its place, in the file of its first hunk.
        come, gone: The library that came instead, and the one that it took the place of, if any.
        confirmed: True once the command whose error ended it succeeded.
    """

    kind: Kind
    ending: Ending
    hunks: list[Hunk]
    put_in: list[str]
    turn: int
    end_line: int
    gone: str = ""
    come: str = ""
    confirmed: bool = False


def may_be_approach(hunk: Hunk) -> bool:
    """Tell whether a hunk is more than a line of code, and neither a test nor debugging output."""
    if _ASIDE.search(hunk.path) or hunk.path.startswith(("/", "~", "..")) or is_debugging(hunk):
        return False
    return len(hunk.added) >= 2 or len(hunk.removed) >= 2


def given_up(
    kind: Kind, ending: Ending, hunks: list[Hunk], put_in: list[str], turn: int, line: int
) -> Waiting:
    """Return an approach that was given up at ``line``; a switch when another library came in its place."""
    before, after = libraries_in([text for hunk in hunks for text in hunk.added]), libraries_in(put_in)
    gone = next((name for name in before if name not in after), "")
    come = next((name for name in after if name not in before), "")
    return Waiting(
        kind="switched" if gone and come else kind,
        ending=ending,
        hunks=hunks,
        put_in=list(put_in),
        turn=turn,
        end_line=line,
        gone=gone if come else "",
        come=come,
    )


def made(waiting: Waiting, live: list[Hunk]) -> AbandonedApproach | None:
    """Return what a waiting approach was; None when it was only moved or refined.

    Args:
        waiting: The approach.
        live: The hunks of the session of which something is left.
    """
    added = [line for hunk in waiting.hunks for line in hunk.added]
    standing = {line for hunk in live for line in left_of(hunk)}
    if sum(line in standing for line in added) > STANDING * len(added):
        return None
    path = waiting.hunks[0].path
    before = {name for hunk in waiting.hunks for name in names_in(hunk.removed, hunk.path)}
    brought = [name for name in names_in(added, path) if name not in before]
    after = set(names_in(waiting.put_in, path))
    gone = [name for name in brought if name not in after]
    restored = _restores(waiting)
    if not restored and 2 * len(gone) < max(len(brought), 1) and not _is_named(waiting.ending, added):
        return None
    new = [name for name in names_in(waiting.put_in, path) if name not in brought]
    ending = waiting.ending
    return AbandonedApproach(
        kind=waiting.kind,
        approach=waiting.gone or _span(added, gone or brought, ending),
        names=tuple(_mentioned(gone, ending) or gone)[:6],
        paths=tuple(dict.fromkeys(hunk.path for hunk in waiting.hunks)),
        why=waiting.hunks[0].said,
        failure=ending.words,
        ended_by=ending.by,
        because=ending.because,
        replacement=_replacement(waiting, new, restored=restored),
        survived=restored or _survived(waiting, standing),
        owner=ending.owner,
        family=ending.family,
        specific=ending.specific,
        line=waiting.hunks[0].line,
        end_line=waiting.end_line,
    )


def _replacement(waiting: Waiting, new: list[str], *, restored: bool) -> str:
    """Return what came instead; a line of settings that was only put back tells nothing."""
    if waiting.come:
        return waiting.come
    if restored and is_data(waiting.hunks[0].path):
        return ""
    return _span(waiting.put_in, new, waiting.ending)


def _span(lines: list[str], names: list[str], ending: Ending) -> str:
    """Return the code line that shows best what the ending speaks of."""
    mentioned = _mentioned(names, ending)
    return (span(lines, mentioned) if mentioned else "") or span(lines, names)


def _mentioned(names: list[str], ending: Ending) -> list[str]:
    for text in (ending.because, ending.words):
        code = " ".join(re.findall(r"`([^`]+)`", text))
        spoken_of = {
            *re.findall(r"\w+", code),
            *(word for word in re.findall(r"\w+", text) if _CODE.search(word)),
        }
        mentioned = [name for name in names if name in spoken_of]
        if mentioned:
            return mentioned
    return []


def _is_named(ending: Ending, lines: list[str]) -> bool:
    """Tell whether the ending says outright that it did not work, or quotes a line that went."""
    if ending.by == "agent" and _FAILED.search(ending.because):
        return True
    quoted = re.findall(r"`([^`]{4,80})`", f"{ending.because} {ending.words}")
    return any(code in line for code in quoted for line in lines if " " in code or "(" in code)


def _restores(waiting: Waiting) -> bool:
    taken = Counter(line for hunk in waiting.hunks for line in hunk.removed)
    back = taken & Counter(waiting.put_in)
    return bool(taken) and 2 * back.total() >= taken.total()


def _survived(waiting: Waiting, standing: set[str]) -> bool:
    if not waiting.put_in:
        return True
    return 2 * sum(line in standing for line in waiting.put_in) >= len(waiting.put_in)


def detour(given_up: GivenUp, failure: FailedCommand) -> AbandonedApproach:
    """Return a command that was given up for another one."""
    return AbandonedApproach(
        kind="switched",
        approach=commands.main_text(failure.command, given_up.family),
        paths=tuple(given_up.targets),
        failure=failure.message,
        ended_by="error",
        replacement=given_up.instead,
        survived=True,
        owner=given_up.family,
        family=failure.family,
        specific=failure.specific,
        line=failure.line,
        end_line=given_up.end_line,
    )
