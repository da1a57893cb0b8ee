"""Load the labelled scenarios that the finding of faulty instruction lines is measured on.

A scenario is one project: its instruction files, what else is in its tree, what sessions ran there, and which
lines are at fault. Lines taken from real instruction files are not stored: a case says where they are in the
reader's own transcript folder, with a digest, as in `bench/gate/cases.py`.
"""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from bench.gate.cases import _at_pointer, _checked_text, _documents

Kind = Literal["followed and failed", "read and broken", "stale"]
Origin = Literal["written", "real"]


@dataclass(frozen=True)
class Run:
    """Hold one command of a session and how it ended."""

    command: str
    exit_code: int
    output: str


@dataclass(frozen=True)
class Session:
    """Hold what one session ran, in order, and which files it edited."""

    runs: tuple[Run, ...]
    edited: tuple[str, ...]


@dataclass(frozen=True)
class Fault:
    """Hold one line at fault.

    Attributes:
        line: The number of the line in its file, from 1.
        kind: What is wrong with it, as the sessions show; `stale` where no session shows anything.
        also: Further kinds that are true of the same line.
    """

    path: str
    line: int
    kind: Kind
    also: tuple[Kind, ...]


@dataclass(frozen=True)
class Case:
    """Hold one scenario.

    Attributes:
        files: The instruction files, by path.
        tree: What exists in the project, the instruction files among it: path to content, or None where the
            content does not matter.
    """

    id: str
    origin: Origin
    files: dict[str, str]
    tree: dict[str, str | None]
    sessions: tuple[Session, ...]
    faults: tuple[Fault, ...]

    @property
    def lines(self) -> int:
        """Return how many lines there are to judge."""
        return sum(is_judged(line) for text in self.files.values() for line in text.split("\n"))


def is_judged(line: str) -> bool:
    """Tell whether a line of an instruction file counts: it has text and is no fence."""
    return bool(line.strip()) and not line.lstrip().startswith("```")


def load(path: Path, transcripts: Path | None) -> list[Case]:
    """Return the scenarios of a case file in file order.

    Args:
        path: The case file, JSON lines.
        transcripts: The folder the sources of real lines are relative to. None leaves real lines empty, so
            that the numbers of the others stay; faults on real lines are then left out.

    Raises:
        OSError: The case file or a source cannot be read.
        ValueError: A real line is no longer what was labelled, or cannot be found.
    """
    records = [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]
    return [_case(record, transcripts) for record in records]


def _case(record: dict[str, Any], transcripts: Path | None) -> Case:
    name = str(record["id"])
    files = {path: _text(name, value, transcripts) for path, value in record["files"].items()}
    tree: dict[str, str | None] = {}
    for entry in record["tree"]:
        tree |= _entry(name, entry, transcripts)
    tree |= dict(files)
    faults = tuple(
        Fault(fault["path"], fault["line"], cast("Kind", fault["kind"]), tuple(fault.get("also", ())))
        for fault in record["faults"]
        if is_judged(files[fault["path"]].split("\n")[fault["line"] - 1])
    )
    return Case(
        id=name,
        origin=cast("Origin", record["origin"]),
        files=files,
        tree=tree,
        sessions=tuple(_session(session) for session in record["sessions"]),
        faults=faults,
    )


def _session(record: dict[str, Any]) -> Session:
    runs = tuple(Run(run["command"], run["exit_code"], run["output"]) for run in record["runs"])
    return Session(runs, tuple(record["edited"]))


def _text(name: str, value: str | list[str | dict[str, Any]], transcripts: Path | None) -> str:
    """Return the text of a file: a string, or pieces that are joined by line breaks."""
    if isinstance(value, str):
        return value
    return "\n".join(_piece(name, piece, transcripts) for piece in value) + "\n"


def _piece(name: str, piece: str | dict[str, Any], transcripts: Path | None) -> str:
    if isinstance(piece, str):
        return piece
    if transcripts is None:
        return "\n" * (int(piece["lines"]) - 1)
    documents = _documents(transcripts / piece["source"], {piece["line"]})
    return _checked_text({"id": name, **piece}, documents)


def _entry(name: str, entry: str | dict[str, Any], transcripts: Path | None) -> dict[str, str | None]:
    """Return an entry of the tree: a path, a path with its content, or where a real path is found.

    Raises:
        ValueError: The real path is not the one that was labelled.
    """
    if isinstance(entry, str):
        return {entry: None}
    if "source" not in entry:
        return {str(path): str(content) for path, content in entry.items()}
    if transcripts is None:
        return {}
    document = _documents(transcripts / entry["source"], {entry["line"]})[entry["line"]]
    path = _at_pointer(document, entry["pointer"])
    if hashlib.sha256(path.encode()).hexdigest()[:16] != entry["digest"]:
        raise ValueError(f"case {name}: {entry['source']}, line {entry['line']}: not the path labelled")
    return {path: None}
