"""From what a person and an agent settled to a candidate. It quotes the person, so it waits for their review.

What a person said is taken as confirmed (`Candidate.proven`): nothing but their word could confirm it.
Only what `decisions` takes for lasting becomes one: a go-ahead, a remark on one change, a question or an
order for the next step does not.
"""

from __future__ import annotations

import re

from holdfast.evidence.agreements import Agreement
from holdfast.hook import commands, signature
from holdfast.hook.patterns import regex
from holdfast.learn.candidates import Candidate
from holdfast.learn.decisions import Decision, judge_decision
from holdfast.learn.documents import split_lead
from holdfast.learn.redact import redact
from holdfast.repo.records import Applies, Evidence

MAX_WORDS = 2500
"""Characters of a person's words; longer ones are pasted."""
SURE = 0.8
"""The chance from which on it is put before a person: in sessions fewer words are decisions than in the
labelled passages that the weights were fitted on."""
MAX_PATHS = 5
"""Files that a candidate applies to."""

_PASTED = regex(r"^(?:```|\s*[+\-@]{1,3}\s|\s*at \S+\(|\$ |> |#)|^\S*\s*git:\(", re.MULTILINE)
_CONVENTION = regex(
    r"\b(?:conventions?|naming|named|styles?|spelling|format(?:ted|ting)?|indent\w*|tabs|spaces|snake_case|camelCase"
    r"|kebab-case|PascalCase|prefix|suffix|docstrings?|comments?|imports?)\b",
    re.IGNORECASE,
)


def candidate(agreement: Agreement) -> Candidate | None:
    """Return what an agreement teaches; None when it holds for one moment only, or is pasted output."""
    words = signature.plain(agreement.answer).strip()
    if not words or len(words) > MAX_WORDS or (agreement.kind != "plan" and len(_PASTED.findall(words)) > 2):
        return None
    about = agreement.command and commands.family(agreement.command)
    decision = judge_decision(
        words,
        source=_source(agreement),
        question=agreement.question,
        context=about or "",
        options=agreement.options,
    )
    if decision is None or decision.chance < SURE:
        return None
    return Candidate(
        kind="convention" if _CONVENTION.search(words) else "decision",
        text=_text(agreement, decision, words, about),
        same=("decision", " ".join(words.split()), *_asked(agreement)),
        applies=Applies(commands=(about,) if about else (), paths=agreement.paths[:MAX_PATHS]),
        evidence=Evidence(line=agreement.line, failed=redact(agreement.command or "")[:400] or None),
        quotes_person=True,
        proven=True,
    )


def _source(agreement: Agreement) -> str:
    if agreement.kind == "answered":
        return "answer"
    if agreement.kind == "corrected" and agreement.survived:
        return "prompt"
    return agreement.kind


def _asked(agreement: Agreement) -> tuple[str, ...]:
    """Return what makes the same answer to another question another decision."""
    return (agreement.question,) if agreement.kind == "answered" else ()


def _text(agreement: Agreement, decision: Decision, words: str, about: str | None) -> str:
    lead, more = split_lead(decision.text)
    context = _context(agreement, about)
    said = " ".join(words.split())
    if said.rstrip(".").lower() not in decision.text.lower():
        context = f"{context}\n\nIn the person's words: {said}"
    return "\n\n".join(part for part in (lead, more, f"## Details\n\n### Context\n\n{context}") if part)


def _context(agreement: Agreement, about: str | None) -> str:
    if agreement.kind == "answered":
        offered = "; ".join(agreement.options)
        told = f"A person answered the question “{' '.join(agreement.question.split())}”."
        return f"{told} Offered were: {offered}" if offered else told
    if agreement.kind == "plan":
        return f"A person said or changed this in the plan “{agreement.question}”."
    paths = ", ".join(f"`{path}`" for path in agreement.paths[:2])
    if agreement.kind == "rejected":
        what = f"`{about}`" if about else paths or "a call"
        return f"A person said this when rejecting {what}."
    if agreement.survived:
        return f"A person said this between turns; the edits that followed in {paths} stayed."
    return "A person said this on stopping the agent."
