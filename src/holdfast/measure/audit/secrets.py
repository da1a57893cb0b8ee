"""Find what looks like a live secret in a memory; what is told of it never holds the secret."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

from holdfast.measure.audit.credentials import secrets_in
from holdfast.measure.audit.finding import Finding
from holdfast.measure.audit.memory import Memory
from holdfast.measure.audit.quote import quote


def secret_findings(memory: Memory) -> Iterator[Finding]:
    """Yield the secrets of a memory, in order; several on one line are one finding."""
    starts = [0, *(match.end() for match in re.finditer("\n", memory.text))]
    kinds: dict[tuple[int, int], list[str]] = {}
    for found in secrets_in(memory.text):
        first = bisect_right(starts, found.start)
        last = bisect_right(starts, max(found.start, found.end - 1))
        kinds.setdefault((first, last), []).append(found.kind.replace("-", " "))
    for (first, last), named in kinds.items():
        what = ", ".join(dict.fromkeys(named))
        yield Finding(
            kind="secret", path=memory.path, line=first, end=last, text=quote(memory, first, last), what=what,
            why=f"It holds what looks like a live secret ({what}).",
            do="Rotate it: whoever read this file has it. Keep only the name of where it is stored.",
        )  # fmt: skip
