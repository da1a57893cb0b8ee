"""Pair the failures of a session with what resolved them, as fingerprints that can be compared over sessions.

A failure is resolved by the next success of the same command, or of the same tool on a file of the same
name, by the same agent. What was done for it are its fingerprints: a directive for a linter or compiler, a
line added to the file that the failure names, a path put right, or the words of the command that changed.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from bench.replay.gold_failures import Finding, findings, program
from bench.replay.gold_logs import Call, Session

DIRECTIVE = re.compile(
    r"(nolint:[\w,]+|#nosec(?: G\d+)?|eslint-disable[\w-]*(?: [\w/@-]+)?|biome-ignore [\w/]+"
    r"|# noqa(?:: ?[\w, ]+)?"
    r"|type: ?ignore(?:\[[\w,-]+\])?|@ts-(?:expect-error|ignore|nocheck)|pylint: ?disable=[\w,-]+)"
)
WORD = re.compile(r"[A-Za-z]{3}")


@dataclass
class Failure:
    """Hold one failing call with its findings, and the end of each that was reached in the session.

    Attributes:
        at: Place among the session's calls.
        fixes: By specific signature, the fingerprints of what resolved it.
        resolved: Place of the call that succeeded; -1 when none did.
    """

    at: int
    call: Call
    found: list[Finding]
    resolved: int = -1
    fixes: dict[str, set[str]] = field(default_factory=dict)


def added(call: Call) -> Iterator[tuple[str, str]]:
    """Yield the lines that an edit added, each with its file: those in the new text that the old had not."""
    if call.failed or call.rejected:
        return
    for edit in call.edits:
        old = edit.old.splitlines()
        had = {line.strip() for line in old}
        for line in edit.new.splitlines():
            if line.strip() and line.strip() not in had:
                yield edit.path, line.strip()


def prints_of(call: Call) -> set[str]:
    """Return every fingerprint of what a call did, for how common it is and whether it was done already."""
    found: set[str] = set()
    for _, line in added(call):
        found.update(f"directive:{mark}" for mark in directives(line))
        if len(line) >= 12 and WORD.search(line):
            found.add(f"line:{' '.join(line.split())[:200]}")
    if call.command and call.answered and not call.failed:
        found.add(f"ran:{' '.join(call.command.split())[:300]}")
    if call.path and call.answered and not call.failed:
        found.add(f"path:{tail(call.path)}")
    return found


def directives(line: str) -> set[str]:
    """Return the directives in a line, one for each linter that they name."""
    out: set[str] = set()
    for mark in DIRECTIVE.findall(line):
        name, colon, rest = mark.partition(":")
        if name == "nolint":
            out.update(f"{name}{colon}{one}" for one in rest.split(",") if one)
        else:
            out.add(" ".join(mark.split()))
    return out


def tail(path: str) -> str:
    """Return the last three parts of a path: what is the same on every machine."""
    return "/".join(path.rstrip("/").split("/")[-3:])


def failures_of(session: Session) -> list[Failure]:
    """Return the failing calls of a session in order, each with how it was resolved."""
    out = []
    for place, call in enumerate(session.calls):
        found = findings(call)
        if found:
            failure = Failure(place, call, found)
            _resolve(session.calls, failure)
            out.append(failure)
    return out


def _resolve(calls: list[Call], failure: Failure) -> None:
    call = failure.call
    edits: list[Call] = []
    for place in range(failure.at + 1, min(len(calls), failure.at + 120)):
        later = calls[place]
        if later.agent != call.agent or not later.answered or later.rejected:
            continue
        if not findings(later) and not later.failed and _same_aim(call, later):
            failure.resolved = place
            for finding in failure.found:
                if prints := set(_prints(finding, call, later, edits)):
                    failure.fixes.setdefault(finding.specific, set()).update(prints)
            return
        if later.edits and not later.failed:
            edits.append(later)


def _same_aim(failed: Call, later: Call) -> bool:
    if failed.tool == "Bash":
        return later.tool == "Bash" and bool(program(failed.command) == program(later.command))
    if failed.tool != later.tool:
        return False
    if failed.path and later.path:
        return failed.path.rsplit("/", 1)[-1] == later.path.rsplit("/", 1)[-1]
    return not failed.path


def _prints(finding: Finding, failed: Call, success: Call, edits: list[Call]) -> Iterator[str]:
    """Yield what was done between a failure and its success, as far as it bears on this finding."""
    name = finding.path.rsplit("/", 1)[-1]
    if finding.kind == "code":
        if finding.generic:
            return
        for edit in edits:
            for path, line in added(edit):
                if name and path.rsplit("/", 1)[-1] != name:
                    continue
                for mark in directives(line):
                    linter = mark.removeprefix("nolint:") if mark.startswith("nolint:") else ""
                    if not linter or finding.family.startswith(f"{linter}:"):
                        yield f"directive:{mark}"
                if name and len(line) >= 12 and WORD.search(line):
                    yield f"line:{' '.join(line.split())[:200]}"
    elif failed.tool == "Bash":
        words, before = success.command.split(), failed.command.split()
        alike = difflib.SequenceMatcher(None, before, words).ratio()
        new = [word for word in words if word not in before]
        if alike >= 0.4 and 0 < len(new) <= 8:
            yield f"command:{' '.join(new)[:200]}"
    elif failed.path and success.path and failed.path != success.path:
        yield f"path:{tail(success.path)}"
