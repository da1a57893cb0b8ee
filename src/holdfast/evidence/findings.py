"""A linter's findings, and the directives that ended them.

A lint run reports many things in one output, each with its rule. A directive written between two runs that
names the rule of a finding (``//nolint:nilerr``, ``# noqa: E501``) ended that finding once it is reported no
more. Findings without a rule are left to `episodes`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import msgspec

from holdfast.hook import commands, lint
from holdfast.hook.lint import TOOL as TOOL
from holdfast.hook.patterns import regex
from holdfast.transcripts.events import Call

MAX_RUNS = 8
"""Commands whose findings wait at one time; the oldest are given up."""
MAX_ADDED = 20
"""Directives of one call that are looked at."""
_DIRECTIVES: tuple[tuple[re.Pattern[str], str], ...] = (
    (regex(r"//\s?nolint:([\w,-]+)"), "//nolint:{}"),
    (regex(r"#\s*noqa:\s*([A-Z]+\d+(?:,\s*[A-Z]+\d+)*)"), "# noqa: {}"),
    (regex(r"#\s*type:\s*ignore\[([\w,\s-]+)\]"), "# type: ignore[{}]"),
    (regex(r"#\s*pyright:\s*ignore\[([\w,\s]+)\]"), "# pyright: ignore[{}]"),
    (regex(r"#\s*pylint:\s*disable=([\w,-]+)"), "# pylint: disable={}"),
    (regex(r"eslint-disable-next-line\s+([@\w/-]+(?:,\s*[@\w/-]+)*)"), "// eslint-disable-next-line {}"),
    (regex(r"eslint-disable(?:-line)?\s+([@\w/-]+(?:,\s*[@\w/-]+)*)"), "/* eslint-disable {} */"),
    (regex(r"biome-ignore\s+([\w/]+)"), "// biome-ignore {}"),
    (regex(r"#\s*nosec\s+(G\d+)"), "#nosec {}"),
    (regex(r"#!?\[allow\(([\w:,\s]+)\)\]"), "#[allow({})]"),
    (regex(r"#\s*rubocop:disable\s+([\w/]+(?:,\s*[\w/]+)*)"), "# rubocop:disable {}"),
    (regex(r"#\s*shellcheck\s+disable=(SC\d+(?:,SC\d+)*)"), "# shellcheck disable={}"),
    (regex(r"swiftlint:disable(?::\w+)?\s+(\w+)"), "// swiftlint:disable:next {}"),
)


_MARKS = ("nolint", "noqa", "ignore", "disable", "nosec", "allow(")
"""One of these stands in every directive."""


class Finding(msgspec.Struct, frozen=True):
    """What a linter reported at one place.

    Attributes:
        family, specific: As of a failure's signature (`holdfast.hook.signature`), wherever it stands.
        rules: The names by which a directive can silence it.
    """

    family: str
    specific: str
    rules: tuple[str, ...]


class Ended(msgspec.Struct, frozen=True):
    """A finding that was met, and the directive that ended it; none when it was only met."""

    family: str
    specific: str
    directive: str = ""


class Waiting(msgspec.Struct):
    """A finding that is still reported, and the directives that were written about it since."""

    finding: Finding
    written: list[str] = []


class FindingState(msgspec.Struct, kw_only=True):
    """What must be carried over when a transcript is read on: by command family, what it reported last."""

    runs: dict[str, list[Waiting]] = {}


class FindingTracker:
    """Follow the findings of a session: feed it what calls gave, in order, and take `found`."""

    def __init__(self, state: FindingState) -> None:
        self.state = state
        self.found: dict[Ended, None] = {}

    def failed(self, output: str, owner: str) -> None:
        """Take what a shell command that failed printed; ``owner`` is the family of the part that did."""
        reported = findings(output)
        if not reported:
            return
        left = {finding.specific for finding in reported}
        waiting = self.state.runs.pop(owner, [])
        self._end(item for item in waiting if item.finding.specific not in left)
        kept = {item.finding.specific: item for item in waiting}
        self.state.runs[owner] = [kept.get(finding.specific, Waiting(finding)) for finding in reported]
        self.found.update(dict.fromkeys(Ended(finding.family, finding.specific) for finding in reported))
        if len(self.state.runs) > MAX_RUNS:
            del self.state.runs[next(iter(self.state.runs))]

    def passed(self, call: Call, written: Iterable[str]) -> None:
        """Take a call that succeeded and the directives that it writes; a command may end all findings."""
        if not self.state.runs:
            return
        for text in written:
            self._note(text)
        if call.command is None:
            return
        for owner in [owner for owner in self.state.runs if commands.part_of(call.command, owner)]:
            self._end(self.state.runs.pop(owner))

    def _note(self, text: str) -> None:
        rules = {rule for _, rule in directives(text)}
        for waiting in self.state.runs.values():
            for item in waiting:
                if rules.intersection(item.finding.rules) and text not in item.written:
                    item.written.append(text)

    def _end(self, gone: Iterable[Waiting]) -> None:
        for item in gone:
            for text in item.written:
                self.found[Ended(item.finding.family, item.finding.specific, text)] = None


def findings(output: str) -> list[Finding]:
    """Return what linters report in an output, each message once."""
    return [Finding(*found) for found in lint.findings(output)]


def added_directives(call: Call) -> tuple[str, ...]:
    """Return the directives that a call's edits write and did not take away."""
    found: dict[str, None] = {}
    for edit in call.edits:
        before = {text for text, _ in directives(edit.removed)}
        found.update(dict.fromkeys(text for text, _ in directives(edit.added) if text not in before))
    return tuple(found)[:MAX_ADDED]


def directives(text: str) -> Iterator[tuple[str, str]]:
    """Yield each directive of a text that silences a rule, as one writes it without its reason, and the rule.

    One that silences several rules is given once for each.
    """
    if not any(mark in text for mark in _MARKS):
        return
    for pattern, form in _DIRECTIVES:
        for match in pattern.finditer(text):
            for rule in re.split(r"[,\s]+", match.group(1)):
                if rule and len(rule) <= 60:
                    yield form.format(rule), rule
