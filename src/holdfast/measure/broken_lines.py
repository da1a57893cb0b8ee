"""Prohibitions that sessions break: a line forbids a command, and it was run all the same."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

import msgspec

from holdfast.hook.patterns import regex
from holdfast.learn.instruction_commands import PLACE, PROGRAMS, assignments, parts
from holdfast.learn.instructions import InstructionLine
from holdfast.measure.following import asked, behind_runner, breaks, folded, follows, words_of
from holdfast.measure.line_cures import within
from holdfast.measure.line_fault import MAX_EVIDENCE, MIN_SESSIONS, FaultEvidence, InstructionFault
from holdfast.measure.line_runs import Ordered, since

_Words = tuple[str, ...]
_PROJECT_VERBS = frozenset(
    "install i ci add remove uninstall update upgrade run test t start build exec dlx create init lock sync "
    "dev link dedupe".split()
)
"""What a package manager does to a project: a file that forbids ``npm`` does not mean ``npm view``."""
_MANAGERS = frozenset("npm pnpm yarn bun pip pip3 pipenv poetry uv conda".split())
_OWN_OPTION = {
    "--no-verify": "git",
    "--amend": "git commit",
    "--force-with-lease": "git push",
    "--no-edit": "git",
}
"""Options that belong to one program, whatever the line says besides."""
_ORDER = regex(r"(?:\b(?:run|use|with|is|are|allowed)|:|\|)[\s`*_]*\Z", re.IGNORECASE)
_GIT_VERBS = regex(
    r"\b(push|commit|merge|rebase|checkout|reset|add|clean|stash)(?:es|ing|ed|s)?\b", re.IGNORECASE
)


def broken_lines(lines: Sequence[InstructionLine], known: Ordered) -> Iterator[InstructionFault]:
    """Yield the prohibitions that at least `MIN_SESSIONS` sessions broke."""
    advised = [
        words
        for line in lines
        if not line.forbidden
        for one in line.commands
        if _is_plain(line, one)
        for words in asked(one)
    ]
    done: set[tuple[str, int]] = set()
    for line in lines:
        if not line.forbidden or line.conditional or (line.path, line.line) in done:
            continue
        readers = since(known, line.since)
        changed = _changed(line, readers)
        if changed is not None:
            done.add((line.path, line.line))
            yield changed
            continue
        for command in line.commands:
            fault = _fault(line, command, lines, advised, readers)
            if fault is not None:
                done.add((line.path, line.line))
                yield msgspec.structs.replace(fault, instead=_instead(line, lines))
                break


def _changed(line: InstructionLine, known: Ordered) -> InstructionFault | None:
    """Return the fault of a line that forbids to change a path which sessions changed."""
    by_key = {one.facts.key: one.facts for one in known}
    for path in line.kept_off:
        rows = [
            FaultEvidence(session.name, 0, f"edit {hits[0]}")
            for session in by_key.values()
            if (hits := [edited for edited in session.edited if _lies_in(edited, path)])
        ]
        if len(rows) >= MIN_SESSIONS:
            return InstructionFault(
                path=line.path,
                line=line.line,
                text=line.text,
                kind="read and broken",
                command=f"edit {path}",
                kept_off=path,
                sessions=len(rows),
                of=len(by_key),
                times=len(rows),
                example=(rows[0].session, 0),
                evidence=tuple(rows[:MAX_EVIDENCE]),
            )
    return None


def _lies_in(edited: str, path: str) -> bool:
    """Tell whether an edited file is the path, lies below it, or fits it as a pattern."""
    bare = path.removeprefix("./").rstrip("/")
    if "*" in bare:
        return PurePosixPath(edited).match(bare.replace("**/", "").removesuffix("/**") or "*")
    return (
        edited == bare or edited.startswith(bare + "/") or ("/" not in path and edited.endswith("/" + bare))
    )


def _is_plain(line: InstructionLine, command: str) -> bool:
    """Tell whether a line is there to name the command, so that running it cannot be wrong."""
    before = line.text.partition(command)[0]
    return not before.strip(" \t-*+`$0123456789.)|") or bool(_ORDER.search(before))


def _fault(
    line: InstructionLine,
    command: str,
    lines: Sequence[InstructionLine],
    advised: list[_Words],
    known: Ordered,
) -> InstructionFault | None:
    forbidden = _forbidden(command)
    program = _owner(line, command) if forbidden and forbidden[0].startswith("-") else ""
    if not forbidden or (forbidden[0].startswith("-") and not program) or forbidden in advised:
        return None
    bare = _only_bare(line, forbidden, lines)
    rows: list[FaultEvidence] = []
    times = broken = 0
    first = next(iter((program or " ".join(forbidden)).split()))
    for session in known:
        hits = [
            run
            for run in session.by_program.get(first, [])
            if run.status != "rejected"
            and not _is_elsewhere(run.folder, session.facts.root)
            and _is_broken_by(words_of(run.text), forbidden, program, advised)
            and not (bare and _has_more(words_of(run.text), forbidden))
            and not any(name in line.text for name in assignments(run.text))
        ]
        times += len(hits)
        broken += bool(hits)
        if hits:
            rows.append(FaultEvidence(session.facts.name, hits[0].line, hits[0].text))
    if broken < MIN_SESSIONS:
        return None
    return InstructionFault(
        path=line.path,
        line=line.line,
        text=line.text,
        kind="read and broken",
        command=command,
        sessions=broken,
        of=len(known),
        times=times,
        example=(rows[0].session, rows[0].line),
        evidence=tuple(rows[:MAX_EVIDENCE]),
    )


def _is_elsewhere(folder: str, root: str | None) -> bool:
    """Tell whether a run left the repository first: what the line forbids is forbidden here."""
    return within(folder, root).startswith(("/", "~", "..", "$"))


def _forbidden(command: str) -> _Words:
    """Return the words that must not be run; empty when they say too little."""
    found = [folded(words) for words in parts(command)]
    if len(found) != 1:
        return ()
    words = found[0]
    words = words[: words.index(PLACE)] if PLACE in words else words
    if any(PLACE in word for word in words):
        return ()
    return words


def _owner(line: InstructionLine, option: str) -> str:
    """Return the command that a forbidden option belongs to, from the line's own words; empty if unsure."""
    own = _OWN_OPTION.get(option)
    if own is not None:
        return own
    if not option.startswith("--"):
        return ""
    named = {word for word in re.findall(r"[a-z][\w-]+", line.text) if word in PROGRAMS - _MANAGERS}
    if named and named != {"git"}:
        return next(iter(named)) if len(named) == 1 else ""
    verbs = {match.lower() for match in _GIT_VERBS.findall(line.text)}
    return f"git {next(iter(verbs))}" if len(verbs) == 1 and ("force" in option or named) else ""


def _is_broken_by(run: _Words, forbidden: _Words, program: str, advised: list[_Words]) -> bool:
    if not any(breaks(form, forbidden, program=program) for form in (run, behind_runner(run))):
        return False
    if len(forbidden) == 1 and forbidden[0] in _MANAGERS and (len(run) < 2 or run[1] not in _PROJECT_VERBS):
        return False
    longer = [words for words in advised if len(words) > len(forbidden)]
    return not any(follows(run, words) for words in longer)


def _only_bare(line: InstructionLine, forbidden: _Words, lines: Sequence[InstructionLine]) -> bool:
    """Tell whether only the bare command is meant: "`npm ci`, not `npm install`" lets packages be added."""
    instead = words_of(_instead(line, lines) or "")
    return forbidden[1:] in (("install",), ("i",)) and instead[:1] == forbidden[:1]


def _has_more(run: _Words, forbidden: _Words) -> bool:
    return any(not word.startswith("-") for word in run[len(forbidden) :])


def _instead(line: InstructionLine, lines: Sequence[InstructionLine]) -> str | None:
    same = [one for one in lines if (one.path, one.line) == (line.path, line.line) and not one.forbidden]
    return next((one.commands[0] for one in same if one.commands), None)
