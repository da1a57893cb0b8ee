"""Audit memories: read them, look for each class, and put what was found in order."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from pathlib import Path

from holdfast.measure.audit.collect import Collected
from holdfast.measure.audit.contradictions import contradiction_findings
from holdfast.measure.audit.duplicates import duplicate_findings
from holdfast.measure.audit.finding import CLASSES, Audit, Class, Finding
from holdfast.measure.audit.junk import junk_findings
from holdfast.measure.audit.memory import Memory
from holdfast.measure.audit.secrets import secret_findings
from holdfast.measure.audit.stale import stale_findings


def _each(find: Callable[[Memory], Iterator[Finding]]) -> Callable[[Sequence[Memory]], Iterator[Finding]]:
    return lambda memories: (finding for memory in memories for finding in find(memory))


_SEARCHES: dict[Class, Callable[[Sequence[Memory]], Iterator[Finding]]] = {
    "secret": _each(secret_findings),
    "junk": _each(junk_findings),
    "duplicate": duplicate_findings,
    "contradiction": contradiction_findings,
    "stale": stale_findings,
}


def audit(
    paths: Iterable[Path] = (),
    *,
    here: Path,
    only: Collection[Class] = (),
    progress: Callable[[str], None] | None = None,
) -> Audit:
    """Return what is wrong with some memories; nothing is written.

    Args:
        paths: Files and folders; none for the records and memory files of the repository of ``here``.
        here: The folder that paths are relative to, and are named from.
        only: The classes that are looked for; empty for all.
        progress: Called with what is done next, in a few words.
    """
    say = progress or (lambda _: None)
    say("Reading")
    collected = Collected(paths, here)
    memories = list(collected.memories())
    return audit_of(memories, collected, only=only or CLASSES, progress=say)


def audit_of(
    memories: Sequence[Memory],
    collected: Collected,
    *,
    only: Collection[Class] = CLASSES,
    progress: Callable[[str], None] = lambda _: None,
) -> Audit:
    """Return what is wrong with memories that were read."""
    found: list[Finding] = []
    for kind, search in _SEARCHES.items():
        if kind in only:
            progress(f"Looking for {_NAMES[kind]}")
            found += search(memories)
    order = {memory.path: number for number, memory in enumerate(memories)}
    ranked = sorted(
        _once(found), key=lambda one: (order[one.path], one.line, CLASSES.index(one.kind), one.what)
    )
    return Audit(
        files=len(memories),
        lines=sum(memory.count for memory in memories),
        findings=ranked,
        not_read=collected.not_read,
    )


_NAMES: dict[Class, str] = {
    "secret": "secrets",
    "junk": "junk",
    "duplicate": "duplicates",
    "contradiction": "contradictions",
    "stale": "stale references",
}


def _once(found: list[Finding]) -> Iterator[Finding]:
    """Yield the findings but for those about lines that can go as junk: they need no other mending."""
    junk = {
        (one.path, line)
        for finding in found
        if finding.kind == "junk"
        for one in finding.goes
        for line in range(one.line, one.end + 1)
    }
    for one in found:
        if one.kind in ("stale", "contradiction") and (one.path, one.line) in junk:
            continue
        yield one
