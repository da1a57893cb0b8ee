"""Answer a failing command with what ended that failure before, or with nothing.

By the exact signature first; by the family only with enough evidence, because a family says what kind of
failure it is, not which. Of a linter that reports many things each is looked up.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec

from holdfast.evidence.findings import findings
from holdfast.evidence.fixes import Kind
from holdfast.hook import signature
from holdfast.hook.patterns import regex
from holdfast.hook.quoting import quoted
from holdfast.index.documents import Document
from holdfast.learn.gate import is_safe
from holdfast.learn.neutral import neutral_text
from holdfast.learn.view import View
from holdfast.recall.figures import figures_of
from holdfast.recall.fix_counts import EXACT, NEEDED, FixCount, Met, fix_counts, met
from holdfast.recall.items import HIDDEN, Confidence, Known
from holdfast.recall.situation import Situation
from holdfast.recall.told_already import ToldAlready
from holdfast.recall.worth import Worth, weigh

MAX_FIXES = 3
"""Fixes that are shown at one failure."""
NEEDED_BY_FAMILY = NEEDED
"""Sessions in which a fix must have worked before the family alone brings it up."""
MAX_FINDINGS = 12
"""Findings of a linter that are looked up: the first ones."""
_SHORTEST = 8
"""Characters of an error line by which a learning that quotes it is known to be about it."""
_LOOKED_AT = 20
_MASKED = regex(r"\[redacted:|…/")
"""What stands where something private was taken out: nobody can do that again."""


class Fixed(msgspec.Struct, frozen=True, kw_only=True):
    """What ended a failure before.

    Attributes:
        worked: Sessions in which it ended the failure: this very one when ``exact``, else one of its family.
        seen: Sessions in which that failure occurred.
        exact: True when it ended this very failure, False when one of its family.
        origin: Where it comes from, as for `Item`; ``counted`` for what was seen to end it
            and is no learning.
        kind: What it is: a ``learning``, or a directive, path, command or line.
        p: Estimated chance that it ends this one too.
    """

    id: str
    text: str
    worked: int
    seen: int
    exact: bool
    confidence: Confidence
    origin: str
    kind: Literal["learning", "directive", "path", "command", "line"] = "learning"
    p: float = 0.0


class FailureAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What is known about a failure.

    Attributes:
        family: Its family.
        specific: The digest of its exact signature.
        message: The error line it was recognised by.
        seen: Sessions in which its family occurred; 0 for one that says only that something failed.
        fixes: At most three, best first; empty when nothing is known.
        others: Ids of learnings about its family that ended too few of it to be told, when none is told.
        match: How the best fix was found.
        worth: Whether telling it pays; None when there is nothing to tell.
    """

    family: str
    specific: str
    message: str
    seen: int
    fixes: list[Fixed]
    match: Literal["exact", "family", "none"] = "none"
    worth: Worth | None = None
    others: list[str] = []


def recall_failure(
    view: View,
    command: str,
    output: str,
    tool: str = "Bash",
    *,
    strangers: bool = False,
    situation: Situation | None = None,
) -> FailureAnswer:
    """Return what ended the failure of ``command`` before, fit to be put before an agent.

    A failure that says only that something failed is never answered. What the session that asks did, what
    it was told, and what the error or the instructions say already, is left out.

    Args:
        view: The repository's view.
        command: The command line that failed, or what a file tool was asked to do.
        output: What it printed.
        tool: The tool, when it was no shell command.
        strangers: Also give what people recorded who were not accepted here, for a person who asks.
        situation: What the asker knows of its session.
    """
    signed = signature.sign(tool, command if tool == "Bash" else None, output)
    family = neutral_text(signed.family)
    session = situation.session if situation else ""
    failures = [] if signed.generic else [met(view.index, signed.specific, family, without=session)]
    seen = len(_counted(failures[0])) if failures else 0
    if tool == "Bash":
        failures += [
            met(view.index, found.specific, neutral_text(found.family), without=session)
            for found in findings(output)[:MAX_FINDINGS]
        ]
    known = Known(view)
    found = []
    if not signed.generic:
        quoting = _quoting(known, signed)
        found = _learned(known, failures[0], quoting, strangers=strangers)
    found += [
        fix
        for fix in _counted_fixes(view, failures)
        if fix.kind != "path" or place_of(fix) in f"{command}\n{output}"
    ]
    fixes = _telling(view, found, output, situation, asked=strangers)
    return FailureAnswer(
        family=family,
        specific=signed.specific,
        message=neutral_text(signed.line),
        seen=seen,
        fixes=fixes,
        match=("exact" if fixes[0].exact else "family") if fixes else "none",
        worth=_worth(view, fixes, failures, situation),
        others=_others(known, family, strangers=strangers) if not (fixes or signed.generic) else [],
    )


def answer_text(fixes: Sequence[Fixed]) -> str:
    """Return what an agent is shown of fixes: a line each, with how often it worked."""
    return "\n".join(f"- {fix.text} ({_worked(fix)})" for fix in fixes)


def _worked(fix: Fixed) -> str:
    if not fix.worked:
        return "written down for it"
    return f"worked in {fix.worked} of {fix.seen} sessions" if fix.seen > 1 else "worked in the one session"


def _worth(
    view: View, fixes: Sequence[Fixed], failures: Sequence[Met], situation: Situation | None
) -> Worth | None:
    if not fixes:
        return None
    steps = [min(8.0, row.steps / row.resolved) for row in failures[0].rows if row.steps and row.resolved]
    return weigh(
        figures_of(view),
        "failure",
        min(1.0, sum(fix.p for fix in fixes)),
        answer_text(fixes),
        surface="failure",
        steps=sum(steps) / len(steps) if steps else None,
        situation=situation,
    )


def _telling(
    view: View, found: list[Fixed], output: str, situation: Situation | None, *, asked: bool
) -> list[Fixed]:
    """Return the best fixes, without what is known to whoever asks."""
    already = ToldAlready(view, situation)
    told: list[Fixed] = []
    for fix in sorted(found, key=best_first):
        text = _bare(fix)
        if len(told) >= MAX_FIXES:
            break
        if text in output or already.was_told(fix.id) or (fix.kind != "learning" and already.was_done(text)):
            continue
        if not asked and already.is_instructed(fix.text):
            continue
        told.append(fix)
    return told


def _bare(fix: Fixed) -> str:
    return fix.text if fix.kind == "learning" else fix.text.split("`")[1]


def place_of(fix: Fixed) -> str:
    """Return the name of the file that a fix points to, which must have been asked for."""
    return _bare(fix).rsplit("/", 1)[-1]


def best_first(fix: Fixed) -> tuple[float, bool]:
    """Return what fixes are sorted by: this very failure before its family, the likelier first."""
    return -fix.p - EXACT * fix.exact, fix.kind != "learning"


def fixes_of(known: Known, already: ToldAlready, failure: Met) -> list[Fixed]:
    """Return what ended a failure before and may be told, best first, whoever asks and in which session.

    Learnings that only quote an error are not among them: these are found by the error's own line.
    """
    found = _learned(known, failure, [], strangers=False) + _counted_fixes(known.view, [failure])
    return sorted((fix for fix in found if not already.is_instructed(fix.text)), key=best_first)


# -- learnings


def _learned(known: Known, failure: Met, written: Sequence[Document], *, strangers: bool) -> list[Fixed]:
    """Return the learnings about a failure, and those ``written`` about it without having met it."""
    exact = [row for row in failure.rows if row.specific == failure.specific]
    ended, ended_family = known.worked_in(exact), known.worked_in(list(failure.rows))
    found: dict[str, Fixed] = {}
    quoting = {document.id: document for document in written}
    for document in [*known.view.index.by_signature(failure.specific, failure.family), *quoting.values()]:
        shown = known.shown(document)
        if document.source != "record" or shown is None or shown.state in HIDDEN or shown.id in found:
            continue
        if not strangers and not known.may_tell(shown):
            continue
        if failure.specific in document.specifics or shown.id in ended or document.id in quoting:
            seen = _counted(failure, exact=True)
            found[shown.id] = _fixed(known, shown, len(ended.get(shown.id, ())), len(seen), exact=True)
        elif len(ended_family.get(shown.id, ())) >= NEEDED_BY_FAMILY:
            seen = _counted(failure)
            found[shown.id] = _fixed(known, shown, len(ended_family[shown.id]), len(seen), exact=False)
    return sorted(found.values(), key=lambda fix: (not fix.exact, -fix.p, -fix.worked, fix.id))


def _quoting(known: Known, signed: signature.Signature) -> list[Document]:
    """Return the learnings written about this very failure: they quote its error and name its program."""
    line = _folded(signed.line)
    if len(line) < _SHORTEST:
        return []
    program = signed.owner.split(" ")[0].casefold()
    hits = known.view.index.search(signed.line, _LOOKED_AT, kinds=["failure", "gotcha"], sources=["record"])
    written = [hit.document for hit in hits if not hit.document.families]
    said = [(document, _folded(f"{document.text}\n{document.detail}")) for document in written]
    return [
        document
        for document, text in said
        if line in text and (program in text or any(program in one for one in document.commands))
    ]


def written_of(known: Known, already: ToldAlready) -> Iterator[tuple[str, Fixed]]:
    """Yield the learnings that somebody wrote of a failure without its signature, each with its whole text.

    A failure whose error line stands in the text is what it is about: see `holdfast.hook.quotes`.
    """
    for document in known.view.index.all(kinds=["failure", "gotcha"], sources=["record"]):
        shown = None if document.families or document.specifics else known.shown(document)
        if shown is None or shown.id != document.id or shown.state in HIDDEN or not known.may_tell(shown):
            continue
        if not already.is_instructed(shown.text):
            told = "\n".join([document.text, document.detail, *document.commands])
            yield _folded(told), _fixed(known, shown, 0, 0, exact=True)


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _others(known: Known, family: str, *, strangers: bool) -> list[str]:
    """Return the learnings about a family that are not told at this failure."""
    about = [known.shown(document) for document in known.view.index.by_signature(None, family)]
    found = {
        document.id: known.item(document).id
        for document in about
        if document is not None and document.source == "record" and document.state not in HIDDEN
        if strangers or known.may_tell(document)
    }
    return sorted(found.values())[:MAX_FIXES]


def _fixed(known: Known, document: Document, worked: int, seen: int, *, exact: bool) -> Fixed:
    shown = known.item(document)
    return Fixed(
        id=shown.id,
        text=shown.text,
        worked=worked,
        seen=seen,
        exact=exact,
        confidence=shown.confidence,
        origin=shown.origin,
        p=round((worked + 0.5) / (seen + 1), 4),
    )


def _counted(failure: Met, *, exact: bool = False) -> set[str]:
    """Return the sessions in which a failure occurred or was got past."""
    return {
        row.session
        for row in failure.rows
        if (row.count or row.resolved) and (not exact or row.specific == failure.specific)
    }


# -- what was seen to end it


def _counted_fixes(view: View, failures: Sequence[Met]) -> list[Fixed]:
    """Return what ended such failures and is no learning, not even one that was retired."""
    worded = [
        f"{document.text}\n{document.detail}"
        for failure in failures
        for document in view.index.by_signature(failure.specific, failure.family)
    ]
    found = []
    for counted in fix_counts(view.index, failures):
        text = counted.text
        if any(text in learning for learning in worded) or "`" in text or not is_safe(text):
            continue
        if _MASKED.search(text):
            continue
        found.append(_counted_fix(counted))
    return found


_SAID: dict[Kind, str] = {
    "directive": "Where it cannot be mended, `{}` at its line ended it.",
    "path": "The file is `{}`.",
    "command": "`{}` worked after it.",
    "line": "The line `{}` ended it.",
}


def _counted_fix(counted: FixCount) -> Fixed:
    digest = hashlib.sha256(f"{counted.kind} {counted.text}".encode("utf-8", "replace")).hexdigest()[:8]
    return Fixed(
        id=f"fix-{digest}",
        text=quoted(_SAID[counted.kind].format(counted.text)),
        worked=counted.worked,
        seen=counted.seen,
        exact=counted.exact,
        confidence="proven" if counted.worked > 1 else "seen once",
        origin="counted",
        kind=counted.kind,
        p=counted.p,
    )
