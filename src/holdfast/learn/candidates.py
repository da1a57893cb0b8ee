"""Candidates: what might be worth learning, before the gate has judged it."""

from __future__ import annotations

import hashlib
from typing import Literal

import msgspec

from holdfast.repo.records import Applies, Evidence, Kind

Form = Literal["call", "directory", "step", "setting"]
"""How a fix differs from what failed: another call, another directory, a step before, a setting."""


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """Something that an event suggests is worth learning.

    Attributes:
        text: The learning's text: its first paragraph is what an agent would be shown.
        same: What makes two candidates the same; see `key_of`.
        quotes_person: True when the text holds a person's words. Such a candidate stays on this machine
            until a person accepts it.
        proven: True when an outcome confirmed it (a failure, then a success), or a person said it: nothing
            but their word could.
        form: What sort of fix it words, when it words one; ``instead`` is the fix as it is typed.
    """

    kind: Kind
    text: str
    same: tuple[str, ...]
    applies: Applies = Applies()
    evidence: Evidence = Evidence()
    quotes_person: bool = False
    proven: bool = False
    form: Form | None = None
    instead: str = ""


def key_of(*parts: str) -> str:
    """Return the key of a learning: 20 hex digits over what identifies it, white space and case folded.

    It stands in shared records, so the parts must be neutral: a digest lets a short secret be guessed.
    """
    folded = "\n".join(" ".join(part.lower().split()) for part in parts)
    return hashlib.sha256(folded.encode("utf-8", "replace")).hexdigest()[:20]
