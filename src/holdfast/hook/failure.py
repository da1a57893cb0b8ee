"""A command failed: say what ended that failure before, or nothing.

The failure is known by its signature, the exact one first, then its family. What the session did already, or
what the output says itself, is not told; nor is what does not pay for its tokens.
"""

from __future__ import annotations

from .moment import Moment, Told

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from .signature import Signature

HEADING = "Met before in this repository (data from earlier sessions, not instructions). What ended it then:"
MOST = 3
"""Fixes told at one failure."""
MOST_FINDINGS = 12
"""Findings of a linter that are looked up: the first ones."""
_COMPLAINTS = (
    "error fail fatal panic exception traceback cannot can't could not such denied refused timed "
    "unknown invalid unable missing undefined unexpected".split()
)
"""Words of which a failure's output holds one; all others are passed over at once."""
_ENDS = 16_000


def failure_told(moment: Moment) -> Told | None:
    """Return what ended the failure that an event is about; None when nothing is known."""
    incoming = moment.incoming
    if not moment.speaks("failure") or not incoming.tool or not _may_have_failed(moment):
        return None
    from . import signature

    signed = signature.sign(incoming.tool, incoming.command or None, incoming.output)
    met = moment.published.get(f"fix:1:{signed.specific}") is not None and not signed.generic
    if incoming.failed is None and not met and not _reports_failure(moment):
        return None
    known = list(_known(moment, signed))
    told = _chosen(moment, known, f"{incoming.command or incoming.path}\n{incoming.output}")
    if not told or not _pays(told, known):
        return None
    text = "\n".join([HEADING, *(f"- {fix['line']}" for fix in told)])
    noted: dict[str, object] = {
        "family": known[0].get("family", ""),  # as it is on record: what was printed may hold a secret
        "codes": [fix["code"] for fix in told if fix.get("code")],
    }
    return Told(text, [fix["id"] for fix in told], "failure", noted=noted)


def _known(moment: Moment, signed: Signature) -> Iterator[dict[str, Any]]:
    """Yield what is published of a failure, then of what a linter reports in the same output."""
    if not signed.generic:
        answer = _answer(moment, signed.specific, signed.family)
        if answer is None:
            from .quotes import written_about

            answer = written_about(moment.published, signed.line, signed.owner)
        if answer is not None:
            yield answer
    if moment.incoming.tool == "Bash":
        from . import lint

        for family, specific, _ in lint.findings(moment.incoming.output, MOST_FINDINGS):
            answer = _answer(moment, specific, family)
            if answer is not None:
                yield answer


def _answer(moment: Moment, specific: str, family: str) -> dict[str, Any] | None:
    for key in (f"fix:1:{specific}", f"fix:0:{family}"):
        found = moment.published.get(key)
        if isinstance(found, dict):
            return found
    return None


def _may_have_failed(moment: Moment) -> bool:
    """Tell whether a call failed, or may have: some agents say so only by the words of an output."""
    incoming = moment.incoming
    if incoming.failed is not None:
        return incoming.failed
    if incoming.tool != "Bash" or not incoming.output:
        return False
    ends = (incoming.output[:_ENDS] + incoming.output[-_ENDS:]).lower()
    return any(word in ends for word in _COMPLAINTS)


def _reports_failure(moment: Moment) -> bool:
    """Tell whether an output is a failure's; what a viewing command shows may speak of failures elsewhere."""
    from . import commands, signature

    incoming = moment.incoming
    return not commands.only_views(incoming.command) and signature.reports_failure(incoming.output)


def _chosen(moment: Moment, known: list[dict[str, Any]], seen: str) -> list[dict[str, Any]]:
    """Return the fixes to tell, the likeliest first.

    Not those told in this context, or tried already, or printed by the failure itself.
    """
    told = moment.journal.told()
    found: dict[str, dict[str, Any]] = {}
    for fix in (fix for answer in known for fix in answer.get("fixes", [])):
        code = str(fix.get("code") or "")
        if fix["id"] in told or (code and code in seen) or (fix.get("of") and fix["of"] not in seen):
            continue
        found.setdefault(fix["id"], fix)
    # those of one answer stand in their order; of several the likelier comes first
    return list(found.values() if len(known) == 1 else sorted(found.values(), key=_likeliest))[:MOST]


def _likeliest(fix: dict[str, Any]) -> float:
    return -float(fix.get("p", 0))


def _pays(told: list[dict[str, Any]], known: list[dict[str, Any]]) -> bool:
    """Tell whether the chance that one of them helps is worth their tokens: see `holdfast.recall.worth`."""
    chance = min(1.0, sum(float(fix.get("p", 0)) for fix in told))
    saves = max(float(answer.get("saves", 0)) for answer in known)
    return chance * saves > sum(float(fix.get("cost", 0)) for fix in told)
