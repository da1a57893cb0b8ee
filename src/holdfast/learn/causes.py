"""From a confirmed root cause to a candidate: why something fails here, for whoever meets the same failure.

Most causes are bugs of the code under work, gone once they are mended. What stays true is what the tests, the
settings or the call were changed for, and what comes from outside: defaults, limits, cycles, environments.
"""

from __future__ import annotations

import re

from holdfast.evidence.causes import RootCause
from holdfast.hook import commands
from holdfast.hook.patterns import regex
from holdfast.learn.candidates import Candidate
from holdfast.learn.failures import showable, shown
from holdfast.learn.redact import redact
from holdfast.repo.records import Applies, Evidence

_BESIDE = regex(
    r"(?:^|/)(?:tests?|__tests__|testdata|fixtures?|spec|e2e|integration_test|scripts?|ci)/"
    r"|[._-](?:test|spec)s?\."
    r"|(?:^|/)(?:test_|conftest|testenv|testutil|helpers_test)[^/]*$"
    r"|\.(?:json|jsonc|ya?ml|toml|ini|cfg|env|sh|bash|mod|lock|md)$|(?:^|/)(?:Dockerfile|Makefile"
    r"|\.[\w-]+)[^/]*$"
)
"""Files beside the code under work: tests, scripts, settings."""
_OUTSIDE = regex(
    r"\bcycl\w+|\bby default\b|\bdefault\b|\brequires?\b|\bmust be\b|\bonly (?:works?|supports?"
    r"|allows?|accepts?|runs?)\b"
    r"|\bnot support\w*|\bmacOS\b|\bWindows\b|\bLinux\b|\bconcurrently\b|\brace condition\b"
    r"|\binterfer\w+|\bcach\w+|\btime-?out\b|\benvironment\b"
    r"|\bpermissions?\b|\bsandbox\b|\bresolves to\b|\benforces?\b|\ballows? (?:one|only)\b"
    r"|\babsolute path\b|\bPATH\b",
)
_PASSING = regex(
    r"\bexpect(?:s|ed|ation\w*|ing)?\b.*\b(?:old|updat\w+|chang\w+|previous|legacy)\b"
    r"|\bneeds? (?:to be )?(?:updat|chang|adjust)\w*"
    r"|\bmy (?:change|edit|fix|test|patch|new|earlier|code)\w*|\b(?:first|last|previous) (?:patch"
    r"|edit|attempt)\b|\bline \d+"
    r"|\btypo\b|\bi (?:used|forgot|was|had|missed|need)\b|\bnew (?:behaviou?r|code|format"
    r"|structure)\b|\bno longer\b"
    r"|\bunused\b|\bnot used\b|\bmissing import\b|\bnow (?:reads?|returns?|uses?|correctly|exits?"
    r"|creates?|gets|extracts?)\b"
    r"|\bwe (?:now|already|changed|renamed|removed|just)\b|\bnow we\b|\bold\b|\bthe (?:diff|patch)\b"
    r"|\bintentional\b"
    r"|\b(?:properly|correctly|unrelated|hard-?coded)\b|[\"'][^\"']+[\"'] instead of [\"']"
    r"|\bone more\b|\banother (?:issue|bug|problem)\b",
    re.IGNORECASE,
)
_VAGUE = regex(r"^(?:it|this|that|they|these|those|or|which)\b|^\W*$", re.IGNORECASE)


def candidate(found: RootCause) -> Candidate | None:
    """Return what a root cause teaches; None when it was a bug that is gone, or says nothing alone."""
    cause = found.cause.strip().rstrip(".:;!") + "."
    if found.generic or _PASSING.search(cause):
        return None
    if _VAGUE.match(cause) and "because" not in cause:
        return None
    beside = all(_BESIDE.search(path) for path in found.edits)
    if not beside and not _OUTSIDE.search(cause):
        return None
    lead = f"When `{found.owner}` fails with “{shown(found.message)}”: {cause}"
    if not found.edits and found.fixed and found.owner:
        lead += _worked(found)
    return Candidate(
        kind="failure",
        text=f"{lead}\n\n## Details\n\n{_details(found)}",
        same=("cause", found.family, cause),
        applies=Applies(
            commands=(found.owner,),
            paths=found.edits[:5],
            families=(found.family,),
            specifics=(found.specific,),
        ),
        evidence=Evidence(
            line=found.line,
            fixed_line=found.fixed_line,
            failed=redact(commands.normalized(found.command))[:400],
            failed_exit=found.exit_code,
            fixed=redact(commands.normalized(found.fixed))[:400],
            edited=found.edits[:20],
        ),
        quotes_person=True,
        proven=True,
    )


def _worked(found: RootCause) -> str:
    """Return which call then worked, when it was called in another way."""
    failed = commands.main_text(found.command, found.owner)
    fixed = commands.main_text(found.fixed, found.owner)
    return f" `{fixed}` worked." if fixed != failed and showable(fixed) else ""


def _details(found: RootCause) -> str:
    lines = [
        f"- Tried: `{redact(commands.normalized(found.command))[:300]}`",
        f"- Symptom: {shown(found.message, 300)}",
        f"- Cause: {redact(found.cause)}",
    ]
    if found.edits:
        lines.append("- Mended in: " + ", ".join(f"`{path}`" for path in found.edits[:5]))
    return "\n".join(lines)
