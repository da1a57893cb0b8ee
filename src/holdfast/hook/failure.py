"""A command failed: say what ended that failure before, or nothing.

The failure is known by its signature, the exact one first, then its family. What the session did already, or
what the output says itself, is not told; nor is what does not pay for its tokens.
"""

from __future__ import annotations

from .moment import Moment, Told

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

HEADING = "Met before in this repository (data from earlier sessions, not instructions). What ended it then:"
MOST = 3
"""Fixes told at one failure."""
_SHELL_ONLY = frozenset(["codex", "gemini", "qwen", "cursor", "opencode"])
"""Agents that have no event of its own for a failed call, or do not fire it everywhere."""


def failure_told(moment: Moment) -> Told | None:
    """Return what ended the failure that an event is about; None when nothing is known."""
    incoming = moment.incoming
    if not moment.speaks("failure") or not (incoming.command or incoming.tool):
        return None
    from . import signature

    command = incoming.command or _about(moment)
    signed = signature.sign(incoming.tool, incoming.command or None, incoming.output)
    if signed.generic:
        return None
    moment.journal.add(moment.now, "met", signature=signed.specific, family=signed.family)
    known = moment.published.get(f"fix:1:{signed.specific}") or moment.published.get(f"fix:0:{signed.family}")
    if not isinstance(known, dict):
        return None
    told = list(_telling(moment, known.get("fixes", []), f"{command}\n{incoming.output}"))
    if not told or not _pays(told, known):
        return None
    text = "\n".join([HEADING, *(f"- {fix['line']}" for fix in told)])
    noted: dict[str, object] = {
        "family": signed.family,
        "signature": signed.specific,
        "codes": [fix["code"] for fix in told if fix.get("code")],
    }
    return Told(text, [fix["id"] for fix in told], "failure", noted=noted)


def has_failed(moment: Moment) -> bool:
    """Tell whether the result of a call is that of a failure, for agents that do not say so themselves."""
    incoming = moment.incoming
    if incoming.agent not in _SHELL_ONLY or incoming.tool != "Bash" or not incoming.output:
        return False
    if incoming.failed is not None:
        return incoming.failed
    from . import commands, signature

    if commands.only_views(incoming.command):
        return False  # what it shows may speak of failures elsewhere
    return signature.reports_failure(incoming.output)


def _telling(moment: Moment, fixes: list[dict[str, Any]], seen: str) -> list[dict[str, Any]]:
    """Return the fixes to tell: not those told in this context, tried already, or printed by the failure."""
    told = moment.journal.told()
    found: list[dict[str, Any]] = []
    for fix in fixes:
        code = str(fix.get("code") or "")
        if fix["id"] in told or (code and code in seen) or (fix.get("of") and fix["of"] not in seen):
            continue
        found.append(fix)
        if len(found) == MOST:
            break
    return found


def _pays(told: list[dict[str, Any]], known: dict[str, Any]) -> bool:
    """Tell whether the chance that one of them helps is worth their tokens: see `holdfast.recall.worth`."""
    chance = min(1.0, sum(float(fix.get("p", 0)) for fix in told))
    return chance * float(known.get("saves", 0)) > sum(float(fix.get("cost", 0)) for fix in told)


def _about(moment: Moment) -> str:
    return moment.incoming.path
