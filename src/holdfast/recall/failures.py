"""Answer a failing command with what ended that failure before, or with nothing.

By the exact signature first; by the family only when a fix ended it in two or more sessions, because a
family says what kind of failure it is, not which.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from holdfast.hook import signature
from holdfast.index.documents import Document, Occurrence
from holdfast.learn.neutral import neutral_text
from holdfast.learn.view import View
from holdfast.recall.items import HIDDEN, Confidence, Known

MAX_FIXES = 3
"""Fixes that are shown at one failure."""
NEEDED_BY_FAMILY = 2
"""Sessions in which a fix must have worked before the family alone brings it up."""


class Fixed(msgspec.Struct, frozen=True, kw_only=True):
    """What ended a failure before.

    Attributes:
        worked: Sessions in which it ended the failure: this very one when ``exact``, else one of its family.
        seen: Sessions in which that failure occurred.
        exact: True when it ended this very failure, False when one of its family.
        origin: Where it comes from, as for `Item`.
    """

    id: str
    text: str
    worked: int
    seen: int
    exact: bool
    confidence: Confidence
    origin: str


class FailureAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What is known about a failure.

    Attributes:
        family: Its family.
        specific: The digest of its exact signature.
        message: The error line it was recognised by.
        seen: Sessions in which its family occurred; 0 for one that says only that something failed.
        fixes: At most three, best first; empty when nothing is known.
        match: How the best fix was found.
    """

    family: str
    specific: str
    message: str
    seen: int
    fixes: list[Fixed]
    match: Literal["exact", "family", "none"] = "none"


def recall_failure(
    view: View, command: str, output: str, tool: str = "Bash", *, strangers: bool = False
) -> FailureAnswer:
    """Return what ended the failure of ``command`` before, fit to be put before an agent.

    A failure that says only that something failed is never answered.

    Args:
        view: The repository's view.
        command: The command line that failed.
        output: What it printed.
        tool: The tool, when it was no shell command.
        strangers: Also give what people recorded who were not accepted here, for a person who asks.
    """
    signed = signature.sign(tool, command if tool == "Bash" else None, output)
    family = neutral_text(signed.family)
    message = neutral_text(signed.line)
    if signed.generic:  # the sessions that met it need not share a cause
        return FailureAnswer(family=family, specific=signed.specific, message=message, seen=0, fixes=[])
    exact = view.index.occurrences(specific=signed.specific)
    rows = [*view.index.occurrences(family=family), *(row for row in exact if row.family != family)]
    found = _fixes(Known(view), signed.specific, family, exact, rows, strangers=strangers)
    fixes = [fix for fix in found if fix.text not in output][:MAX_FIXES]
    match: Literal["exact", "family", "none"] = "none"
    if fixes:
        match = "exact" if fixes[0].exact else "family"
    return FailureAnswer(
        family=family,
        specific=signed.specific,
        message=message,
        seen=len(_seen(rows)),
        fixes=fixes,
        match=match,
    )


def _fixes(
    known: Known,
    specific: str,
    family: str,
    exact: list[Occurrence],
    rows: list[Occurrence],
    *,
    strangers: bool,
) -> list[Fixed]:
    """Return the fixes of a failure, those of this very one first, then by how often they worked."""
    found: dict[str, Fixed] = {}
    ended, ended_family = known.worked_in(exact), known.worked_in(rows)
    for document in known.view.index.by_signature(specific, family):
        shown = known.shown(document)
        if document.source != "record" or shown is None or shown.state in HIDDEN or shown.id in found:
            continue
        if not strangers and not known.may_tell(shown):
            continue
        if specific in document.specifics or shown.id in ended:
            found[shown.id] = _fixed(known, shown, len(ended.get(shown.id, ())), exact, is_exact=True)
        elif len(ended_family.get(shown.id, ())) >= NEEDED_BY_FAMILY:
            found[shown.id] = _fixed(known, shown, len(ended_family[shown.id]), rows, is_exact=False)
    return sorted(
        found.values(), key=lambda fix: (not fix.exact, -fix.worked / max(fix.seen, 1), -fix.worked, fix.id)
    )


def _fixed(known: Known, document: Document, worked: int, rows: list[Occurrence], *, is_exact: bool) -> Fixed:
    shown = known.item(document)
    return Fixed(
        id=shown.id,
        text=shown.text,
        worked=worked,
        seen=len(_seen(rows)),
        exact=is_exact,
        confidence=shown.confidence,
        origin=shown.origin,
    )


def _seen(rows: list[Occurrence]) -> set[str]:
    return {row.session for row in rows if row.count or row.resolved}
