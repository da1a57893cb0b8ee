"""From a person's correction to a candidate. The words stay on this machine until a person accepts them."""

from __future__ import annotations

import re

from holdfast.evidence.corrections import Correction
from holdfast.hook import commands, signature
from holdfast.learn.candidates import Candidate
from holdfast.learn.documents import split_lead
from holdfast.learn.redact import redact
from holdfast.repo.records import Applies, Evidence

_PASTED = re.compile(r"^(?:```|\s*[+\-@]{1,3}\s|\s*at \S+\(|\$ |> |#)|^\S*\s*git:\(", re.MULTILINE)
_QUESTIONS = ("AskUserQuestion", "ExitPlanMode", "request_user_input")


def candidate(correction: Correction) -> Candidate | None:
    """Return what a correction teaches; None when its words are pasted output or say nothing alone."""
    words = _cleaned(correction.words)
    if not words or correction.tool in _QUESTIONS:
        return None
    lead, more = split_lead(words)
    about = correction.command and commands.family(correction.command)
    context = _context(correction, about)
    return Candidate(
        kind="decision",
        text="\n\n".join(part for part in (lead, more, f"## Details\n\n### Context\n\n{context}") if part),
        same=("decision", words),
        applies=Applies(commands=(about,) if about else (), paths=correction.paths[:5]),
        evidence=Evidence(line=correction.line, failed=redact(correction.command or "")[:400] or None),
        quotes_person=True,
    )


def _context(correction: Correction, about: str | None) -> str:
    if not correction.rejected:
        return "A person said this on stopping the agent."
    paths = ", ".join(f"`{path}`" for path in correction.paths[:2])
    what = f"`{about}`" if about else paths or correction.tool or "a call"
    return f"A person said this when rejecting {what}."


def _cleaned(words: str) -> str:
    text = signature.plain(words).strip()
    if not text or len(text) > 2500 or len(_PASTED.findall(text)) > 2:
        return ""
    return " ".join(text.split())
