"""Whether one command does what another one was to do: the same work, in another way.

Red tests must not convict a line only because something else in the project passes. So where the failure was
a finding, only the very same work called otherwise counts (``uv run pytest`` for ``pytest``); where it was
an error of another kind, a command for the same purpose in the same language or behind a task runner.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher

from holdfast.evidence.purposes import language_of
from holdfast.evidence.session_facts import CommandRun
from holdfast.hook import commands
from holdfast.hook.patterns import regex
from holdfast.measure.following import follows, words_of
from holdfast.measure.line_cures import fitting

_Words = tuple[str, ...]
_PURPOSES = tuple(
    (name, regex(pattern))
    for name, pattern in (
        (
            "test",
            r"(?:^|[\s:_/-])(?:tests?|pytest|jest|vitest|rspec|mocha|nextest|gotestsum|phpunit|tox|nox)\b",
        ),
        ("lint", r"\b(?:lint|eslint|ruff|clippy|golangci-lint|biome|rubocop|flake8|pylint)\b"),
        ("format", r"\b(?:fmt|format|prettier|black|gofmt|rustfmt|goimports)\b"),
        ("types", r"\b(?:type-?check|types|tsc|mypy|pyright)\b"),
        ("build", r"\b(?:build|compile|bundle)\b"),
        ("install", r"\b(?:install|ci|sync|setup|bootstrap)\b"),
        ("serve", r"\b(?:dev|serve|start|server|runserver)\b"),
        ("generate", r"\b(?:gen|generate|codegen)\b"),
        ("migrate", r"\bmigrat\w*\b"),
    )
)
_KINDS = regex(
    r"(?<![a-z])(?:integration|e2e|unit|smoke|acceptance|canary|fix|watch|coverage|css|docs|race|short"
    r"|release)"
    r"(?![a-z])"
)
_FINDINGS = frozenset(["lint", "format"])
"""Purposes whose commands fail on what they find, and which another call of the same tool then mends."""
_HISTORY = frozenset("git gh glab hg jj".split())
"""Programs that fail on the state of the history, not on how they are called."""
_VERSION = regex(r"[\d.]+$")
_ALIKE = 0.6


def purpose_of(words: _Words) -> tuple[str, frozenset[str]] | None:
    """Return what a command is for (``test``, ``lint`` …) and which kind of it; None when not known."""
    text = " ".join(words[:4])
    kinds = frozenset(_KINDS.findall(text))
    return next(((name, kinds) for name, pattern in _PURPOSES if pattern.search(text)), None)


def fails_by_nature(words: _Words) -> bool:
    """Tell whether the command's failures say nothing of how it is called: a linter, a formatter, git."""
    purpose = purpose_of(words)
    return words[0] in _HISTORY or (purpose is not None and purpose[0] in _FINDINGS)


def other_way(
    runs: Sequence[CommandRun], first: CommandRun, words: _Words, *, finding: bool = False
) -> CommandRun | None:
    """Return the next success of another command that does the work of the line's, as wide as it.

    Args:
        runs: The runs of the session, in order.
        first: The run that failed.
        words: The words of the line's command.
        finding: True when it failed on what it found.
    """
    for run in runs:
        if run.step <= first.step or run.status != "ok":
            continue
        other = words_of(run.text)
        if other and not follows(other, words) and does_the_same(other, words, finding=finding):
            return run
    return None


def does_the_same(other: _Words, words: _Words, *, finding: bool = False) -> bool:
    """Tell whether a command does the work of another one, in another way."""
    if _is_wrapped(other, words):
        return True
    if finding or other != fitting(other, words, words):
        return False
    purpose, language = purpose_of(words), language_of(words[0])
    of_other = language_of(other[0])
    if language and of_other and language != of_other:
        return False
    if purpose is not None and purpose_of(other) == purpose:
        return True
    return _adds_options(other, words) or _is_alike(other, words)


def next_of_program(runs: Sequence[CommandRun], first: CommandRun, words: _Words) -> _Words | None:
    """Return what the session had the same program do instead, when it did so within two commands."""
    later = [run for run in runs if run.step > first.step and not commands.only_views(run.text)]
    for run in later[:2]:
        other = words_of(run.text)
        if run.status == "ok" and other[:1] == words[:1] and not follows(other, words):
            return fitting(other, words, words)
    return None


def only_commands_between(runs: Sequence[CommandRun], first: CommandRun, other: CommandRun) -> bool:
    """Tell whether nothing but commands lies between, so that no edit can have made the difference."""
    steps = {run.step for run in runs if first.step < run.step < other.step}
    return other.step - first.step - 1 <= len(steps)


def _is_wrapped(other: _Words, words: _Words) -> bool:
    """Tell whether one is the other behind a wrapper, as a script, or by another name of the program."""
    bare, wanted = commands.unwrapped(list(other)), commands.unwrapped(list(words))
    if bare[:1] and bare[: len(wanted)] == wanted and not _is_narrower(bare[len(wanted) :]):
        return True
    if len(words) > 1 and other[: len(words) + 1] == (words[0], "run", *words[1:]):
        return True
    one, two = " ".join(other), " ".join(words)
    if one.replace("-", " ") == two.replace("-", " "):
        return True
    return _VERSION.sub("", other[0]) == _VERSION.sub("", words[0]) and other[1:] == words[1:]


def _adds_options(other: _Words, words: _Words) -> bool:
    """Tell whether a command is the line's own with options put in: its words stand in it in their order."""
    rest = iter(other)
    return other[0] == words[0] and all(word in rest for word in words)


def _is_narrower(extra: list[str]) -> bool:
    return any("/" in word or "." in word or word in ("-k", "-t", "-run", "-g", "--grep") for word in extra)


def _is_alike(other: _Words, words: _Words) -> bool:
    """Tell whether the same program is asked for the same thing in another spelling."""
    if other[0] != words[0] or len(words) < 2 or len(other) < 2 or purpose_of(other) != purpose_of(words):
        return False
    shared = next((at for at, pair in enumerate(zip(other, words, strict=False)) if pair[0] != pair[1]), 0)
    one, two = " ".join(other[shared:]), " ".join(words[shared:])
    if one.startswith((f"{two}:", f"{two}-")) or two.startswith((f"{one}:", f"{one}-")):
        return False  # `test` and `test:ci` are two things
    return shared > 0 and len(two) > 3 and SequenceMatcher(None, one, two, autojunk=False).ratio() >= _ALIKE
