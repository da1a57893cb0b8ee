"""What ended a failure, in a form that is the same wherever it is done again.

A fix is kept as ``kind text``: the directive that silenced a linter, the path that was meant, the command
that worked or had to come first, the line that was added. These are found in the log alone, without judging
whether they are worth telling: that takes several sessions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from holdfast.evidence import resolution
from holdfast.evidence.episodes import Episode, Failure, Fix
from holdfast.evidence.findings import directives
from holdfast.hook import commands
from holdfast.hook.patterns import regex
from holdfast.transcripts.events import Edit

Kind = Literal["directive", "path", "command", "line"]
KINDS: tuple[Kind, ...] = ("directive", "path", "command", "line")
"""Kinds of fixes, the ones that say most first."""

MAX_FIXES = 8
"""Fixes of one failure that are kept."""
MAX_TEXT = 160
"""Characters of a fix; a longer one is of this session alone."""
_MAX_LINES = 3
_MAX_ADDED = 12
"""Lines that an edit may add, so that one of them is what it was made for."""

_WORDS = regex(r"[A-Za-z_][\w.-]{3,}")
_REMARK = regex(r"\s*(?://(?!\s?nolint|go:)|#(?!\s*(?:noqa|type:|nosec|!?\[))|/?\*|<!--|\"\"\"|--\s)")
_REMARK_BEHIND = regex(r"\s+(?:#|//)\s[^\"'`]*\Z")
"""What a person says behind a line of code: it ended nothing, and may name somebody."""
_STRUCTURE = regex(r"[\s{}()\[\];,]*(?:return|else|end|pass|break|continue)?[\s{}()\[\];,]*\Z")
_OF_ONE_SESSION = regex(r"--help\b|/tmp/|\bscratch|\$\(|--(?:continue|abort|skip|quit)\b|<<|--version\b")
_PROGRAM = regex(r"[\w./@+-]+\Z")


def fixes_of(episode: Episode) -> list[str]:
    """Return what ended a failure as ``kind text``, what says most first; empty while it has not ended."""
    fix = episode.fix
    if fix is None:
        return []
    found: list[tuple[Kind, str]] = [("directive", text) for text in fix.directives]
    found += [("path", text) for text in _paths(episode.failure, fix)]
    found += [("command", text) for text in _commands(episode.failure, fix)]
    found += [("line", text) for text in _lines(episode.failure.message, fix.edits)]
    kept = [
        f"{kind} {text}"
        for kind, text in found
        if text and len(text) <= MAX_TEXT and "\n" not in text and text not in episode.failure.message
    ]
    return list(dict.fromkeys(kept))[:MAX_FIXES]


def read_fix(fix: str) -> tuple[Kind, str] | None:
    """Return kind and text of what `fixes_of` gave; None for anything else."""
    name, _, text = fix.partition(" ")
    return next(((kind, text) for kind in KINDS if kind == name and text), None)


def _paths(failure: Failure, fix: Fix) -> Iterable[str]:
    if failure.tool == "Bash" or not resolution.is_usage(failure.message):
        return ()
    return [path for path in fix.paths[:1] if path not in failure.paths and not path.startswith("/")]


def _commands(failure: Failure, fix: Fix) -> Iterator[str]:
    """Yield the call that worked when it is another, and the steps that were taken before it."""
    if failure.tool != "Bash" or commands.only_views(failure.command):
        return
    owner = "" if failure.owner == "cd" else failure.owner
    failed, worked = commands.main_text(failure.command, owner), commands.main_text(fix.command, owner)
    if failed != worked:
        if resolution.is_usage(failure.message) and _again(worked):
            yield worked
    elif not fix.edits:
        folder = commands.directory(fix.command)
        if folder and folder != commands.directory(failure.command) and not folder.startswith("/"):
            yield f"cd {folder} && {worked}"
    steps = [commands.main_text(line) for line in reversed(fix.between)]
    steps = [step for step in steps if _again(step) and step not in (failed, worked)]
    yield from [step for step in steps if _PREPARING.search(step)][:2]
    if not fix.edits:
        yield from steps[:1]


_PREPARING = regex(
    r"\b(?:install|sync|tidy|download|generate|codegen|fmt|format|--fix|-w|build|fetch|migrate|init|setup)\b"
    r"|\b(?:gofmt|goimports|gofumpt|prettier|black|isort)\b|\+x\b|\btrust\b"
)


def _again(command: str) -> bool:
    """Tell whether a command could be run again in another session as it stands."""
    words = command.split()
    return bool(words and _PROGRAM.match(words[0]) and not _OF_ONE_SESSION.search(command))


def _lines(message: str, edits: Iterable[Edit]) -> list[str]:
    """Return added lines that have to do with the message: they share a word with it."""
    told = {word.casefold() for word in _WORDS.findall(message)}
    found: dict[str, int] = {}
    for edit in edits:
        before = {_REMARK_BEHIND.sub("", line.strip()) for line in edit.removed.splitlines()}
        added = [
            _REMARK_BEHIND.sub("", line.strip())
            for line in edit.added.splitlines()
            if not any(directives(line))
        ]
        new = [line for line in added if line and line not in before and not _STRUCTURE.match(line)]
        if len(new) > _MAX_ADDED:
            continue
        for line in new:
            shared = len(told.intersection(word.casefold() for word in _WORDS.findall(line)))
            if shared and len(line) > 5 and not _REMARK.match(line):
                found[line] = max(found.get(line, 0), shared)
    return sorted(found, key=lambda line: (-found[line], line))[:_MAX_LINES]
