"""Answer a failing command with what ended that failure before, or with nothing.

By the exact signature first; by the family only when a fix ended it in two or more sessions, because a
family says what kind of failure it is, not which.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Literal

import msgspec

from holdfast.hook import signature
from holdfast.index.documents import Document, Occurrence
from holdfast.learn.neutral import neutral_text
from holdfast.learn.view import View
from holdfast.recall.items import HIDDEN, item, short_ids

MAX_FIXES = 3
"""Fixes that are shown at one failure."""
NEEDED_BY_FAMILY = 2
"""Sessions in which a fix must have worked before the family alone brings it up."""


class Fixed(msgspec.Struct, frozen=True, kw_only=True):
    """What ended a failure before.

    Attributes:
        worked: Sessions in which it ended the failure.
        seen: Sessions in which the failure occurred.
        exact: True when it ended this very failure, False when one of its family.
    """

    id: str
    text: str
    worked: int
    seen: int
    exact: bool
    confidence: str


class FailureAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What is known about a failure.

    Attributes:
        family: Its family.
        message: The error line it was recognised by.
        seen: Sessions in which its family occurred.
        fixes: At most three, best first; empty when nothing is known.
    """

    family: str
    specific: str
    message: str
    seen: int
    fixes: list[Fixed]
    match: Literal["exact", "family", "none"] = "none"


def recall_failure(view: View, command: str, output: str, tool: str = "Bash") -> FailureAnswer:
    """Return what ended the failure of ``command`` before.

    Args:
        view: The repository's view.
        command: The command line that failed.
        output: What it printed.
        tool: The tool, when it was no shell command.
    """
    signed = signature.sign(tool, command if tool == "Bash" else None, output)
    family = neutral_text(signed.family)
    exact_rows = view.index.occurrences(specific=signed.specific)
    rows = [*view.index.occurrences(family=family), *(row for row in exact_rows if row.family != family)]
    seen = {row.session for row in rows if row.count}
    fixes: list[Fixed] = []
    if not signed.generic:
        short = short_ids(view)
        for document in view.index.by_signature(signed.specific, family):
            fixed = _fixed(view, document, signed.specific, rows, exact_rows, short)
            if fixed is not None and fixed.text not in output:
                fixes.append(fixed)
    fixes.sort(key=lambda fix: (not fix.exact, -fix.worked / max(fix.seen, 1), -fix.worked, fix.id))
    match: Literal["exact", "family", "none"] = "none"
    if fixes:
        match = "exact" if fixes[0].exact else "family"
    return FailureAnswer(
        family=family,
        specific=signed.specific,
        message=neutral_text(signed.line),
        seen=len(seen),
        fixes=fixes[:MAX_FIXES],
        match=match,
    )


def _fixed(
    view: View,
    document: Document,
    specific: str,
    rows: list[Occurrence],
    exact_rows: list[Occurrence],
    short: dict[str, str],
) -> Fixed | None:
    if document.source != "record" or document.state in HIDDEN:
        return None
    by_learning: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        if row.learning and row.resolved:
            by_learning[row.learning].add(row.session)
    times = len(by_learning[document.id])
    exact = specific in document.specifics or any(row.learning == document.id for row in exact_rows)
    if not exact and times < NEEDED_BY_FAMILY:
        return None
    shown = item(view, document, times, short)
    seen = {row.session for row in (exact_rows if exact else rows) if row.count}
    return Fixed(
        id=shown.id,
        text=shown.text,
        worked=times,
        seen=max(len(seen), times),
        exact=exact,
        confidence=shown.confidence,
    )
