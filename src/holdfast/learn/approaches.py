"""From an abandoned approach to a candidate: what not to do again here, why, and what to do instead."""

from __future__ import annotations

import re

from holdfast.evidence.approaches import AbandonedApproach
from holdfast.evidence.prose import intent, pruned, sentences
from holdfast.hook import commands
from holdfast.hook.patterns import regex
from holdfast.learn.candidates import Candidate
from holdfast.learn.failures import same_fix, showable, shown
from holdfast.learn.redact import redact
from holdfast.repo.records import Applies, Evidence

MAX_QUOTED = 42
"""Words of a person that the first paragraph quotes."""
MAX_INTENT = 24
"""Words of what the agent was about to do."""

_PARTS = regex(r"[A-Z]?[a-z]{2,}|[A-Z]{3,}")
_EVERYWHERE = frozenset(
    "update function file code helper check change method call caller callers logic test tests "
    "handler main line "
    "lines error errors import imports package section other with this that from into each when also "
    "then".split()
)
_ASKS = regex(r"\?|\b(?:i(?:'| a)?m wondering|i wonder|not sure|maybe|perhaps|what if)\b", re.IGNORECASE)
"""A person who asks or wonders has not said what is wrong."""
_NAME = regex(r"[\w@./:-]{2,80}")
_SHRUG = regex(r"^(?:that|this|it) (?:won't|doesn't|didn't|does not) work(?: either)?\s*[-–—:,]+\s*", re.I)
_BY = regex(r"\s+(?:by|with|as follows|to)$")
_VERBS = regex(
    r"(?:fix(?! this by| it by)|update|check|see|look|read|run|verify|dispatch|create|view|find"
    r"|commit|continue|proceed)\b"
)


def candidate(found: AbandonedApproach) -> Candidate | None:
    """Return what an abandoned approach teaches, or None when it says nothing to another session."""
    if not found.survived:
        return None
    if found.kind == "switched" and not found.because and found.ended_by == "error":
        return _other_command(found)
    reason, tried = _reason(found), _tried(found)
    path = found.paths[0] if found.paths else ""
    if not (reason and tried and path and showable(path)):
        return None
    lead = f"In `{path}`, do not {tried}" + _then(found, reason)
    return Candidate(
        kind="failure",
        text=f"{lead}\n\n## Details\n\n{_details(found)}",
        same=("approach", path, found.approach or " ".join(found.names)),
        applies=Applies(
            commands=(found.owner,) if found.owner else (),
            paths=found.paths[:5],
            families=(found.family,) if found.family else (),
            specifics=(found.specific,) if found.specific else (),
        ),
        evidence=Evidence(line=found.line, fixed_line=found.end_line, edited=found.paths[:20]),
        quotes_person=True,
        proven=found.ended_by == "error",
    )


def _other_command(found: AbandonedApproach) -> Candidate | None:
    failed, worked = found.approach, found.replacement
    if not showable(failed) or not showable(worked):
        return None
    lead = f"Use `{worked}`, not `{failed}`, which failed with “{shown(found.failure)}”."
    tried, instead = redact(commands.normalized(failed)), redact(commands.normalized(worked))
    return Candidate(
        kind="failure",
        text=f"{lead}\n\n## Details\n\n- Tried: `{tried}`\n- Symptom: {shown(found.failure, 300)}\n"
        f"- Instead: `{instead}`",
        same=same_fix(found.family, instead),
        applies=Applies(
            commands=(found.owner,),
            paths=found.paths[:5],
            families=(found.family,),
            specifics=(found.specific,),
        ),
        evidence=Evidence(
            line=found.line, fixed_line=found.end_line, failed=tried[:400], fixed=instead[:400]
        ),
        proven=True,
    )


def _tried(found: AbandonedApproach) -> str:
    """Return what was tried as a phrase that follows "do not"."""
    code = (
        f"`{found.approach}`"
        if found.approach
        else ", ".join(f"`{name}`" for name in sorted(found.names, key=len)[-2:])
    )
    said = _BY.sub("", intent(found.why))
    about = _stems(" ".join((found.approach, *found.names)))
    if said and 3 <= len(said.split()) <= MAX_INTENT and about & _stems(said) and not _VERBS.match(said):
        return f"{said} ({code})" if code else said
    return f"use {code}" if code else ""


def _stems(text: str) -> set[str]:
    return {part.lower().rstrip("s") for part in _PARTS.findall(text)} - _EVERYWHERE


def _then(found: AbandonedApproach, reason: str) -> str:
    """Return the end of the first paragraph: why, and what to do instead."""
    # a line of code that stands in its place now is part of the change, not the reason for it
    named = _NAME.fullmatch(found.replacement) or found.kind == "switched"
    instead = f"use `{found.replacement}` instead" if found.replacement and named else ""
    if found.ended_by == "agent" and instead:
        return f"; {instead}: {reason}"
    return f": {reason}" + (f" {instead[0].upper()}{instead[1:]}." if instead else "")


def _reason(found: AbandonedApproach) -> str:
    said = pruned(_SHRUG.sub("", found.because))
    because = said.rstrip(" .:;!") + "." if said else ""
    if found.ended_by == "error":
        return f"it failed with “{shown(found.failure)}”. {because}".rstrip()
    if found.ended_by == "agent":
        return because
    quoted = _quoted(found.failure)
    if not quoted or _ASKS.search(quoted):
        return because
    return f"“{quoted}” {because}".rstrip()


def _quoted(words: str) -> str:
    """Return the first sentences of a person's words that fit."""
    told: list[str] = []
    for sentence in sentences(words):
        said = pruned(sentence)
        if len(said.split()) < 3:
            continue
        if told and len(" ".join([*told, said]).split()) > MAX_QUOTED:
            break
        told.append(said)
    text = " ".join(told).split()
    return " ".join(text[:MAX_QUOTED]) + ("…" if len(text) > MAX_QUOTED else "")


def _details(found: AbandonedApproach) -> str:
    lines = []
    if found.why:
        lines.append(f"- Tried because: {' '.join(found.why.split())[-300:]}")
    if found.failure:
        whose = {"error": "Symptom", "person": "A person said", "agent": "Said"}[found.ended_by]
        lines.append(f"- {whose}: {found.failure[:600]}")
    if found.because:
        lines.append(f"- Given up because: {found.because}")
    if found.replacement:
        lines.append(f"- Instead: `{found.replacement}`")
    if len(found.paths) > 1:
        lines.append("- Files: " + ", ".join(f"`{path}`" for path in found.paths[:5]))
    return redact("\n".join(lines))
