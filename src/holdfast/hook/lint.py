"""What a linter reports: many things in one output, each with the rule by which it can be silenced."""

from __future__ import annotations

from . import signature
from .patterns import regex

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

TOOL = "lint"
"""What stands for the linter in a finding's signature: the same rule is reported through many commands."""
MAX_FINDINGS = 40
"""Findings of one run that are looked at, and that wait to end: the first ones."""
_LINES = 4000
"""Lines of one output that are looked at."""

_PLACE = regex(r"\s{0,8}(?:\S+\.\w{1,5}(?::\d+(?::\d+)?:?|\(\d+,\d+\):?)|\d+:\d+)\s+(?=\S)")
_NAMED_RULE = regex(r"[(\[]([a-z][\w/@.-]{2,60})[)\]]$|\s{2}(@?[a-z][a-z0-9]*(?:[/-][a-z0-9-]+)+)$")
_CODE = regex(r"(?:^|\s)((?:TS|SC|DL|CS|[A-Z]{1,4})\d{3,5})\b")
_NO_RULES = frozenset(["typecheck", "error", "warning", "deprecated", "state"])
"""What stands where a rule does and cannot be silenced, or is none."""


def findings(output: str, most: int = MAX_FINDINGS) -> list[tuple[str, str, tuple[str, ...]]]:
    """Return what linters report in an output, each message once: its family, its digest, its rules."""
    found: dict[str, tuple[str, str, tuple[str, ...]]] = {}
    for line in signature.plain(output).split("\n")[:_LINES]:
        place = _PLACE.match(line)
        text = line[place.end() :].strip() if place else ""
        if not text or len(text) > signature.MAX_LINE:
            continue
        rules = tuple(dict.fromkeys(_rules(text)))
        if rules:
            signed = signature.sign(TOOL, None, text)
            found.setdefault(signed.specific, (signed.family, signed.specific, rules))
            if len(found) >= most:
                break
    return list(found.values())


def _rules(line: str) -> Iterator[str]:
    named = _NAMED_RULE.search(line)
    if named:
        name = named.group(1) or named.group(2)
        if name not in _NO_RULES:
            yield name
    for match in _CODE.finditer(line):
        yield match.group(1)
