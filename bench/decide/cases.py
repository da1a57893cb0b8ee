"""Load the labelled passages that the judging of decisions is measured on.

A case file is JSON lines. A written passage holds its own text; a real one holds where it is in the reader's
own transcript folder and a digest, as in `bench/gate/cases.py`, one level down: ``text`` and ``question``.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from bench.gate.cases import _checked_text, _documents

Label = Literal["decision", "not"]
Origin = Literal["written", "real"]


@dataclass(frozen=True)
class Case:
    """Hold one passage and what a person says it is.

    Attributes:
        kind: Where it stands: answer, plan, rejected, corrected, prompt, revert, commit, adr or review.
        place: What cases must share to be kept together when fitting: their transcript or their commit.
    """

    id: str
    text: str
    question: str
    context: str
    kind: str
    label: Label
    why: str
    origin: Origin
    place: str


def load(path: Path, transcripts: Path | None) -> list[Case]:
    """Return the cases of a case file in file order.

    Args:
        path: The case file, JSON lines.
        transcripts: The folder the sources of real cases are relative to; None leaves real cases out.

    Raises:
        OSError: The case file or a source cannot be read.
        ValueError: A real case's text is no longer what was labelled, or cannot be found.
    """
    records: list[dict[str, Any]] = [
        json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line
    ]
    return [
        _case(record, transcripts)
        for record in records
        if record["origin"] == "written" or transcripts is not None
    ]


def _case(record: dict[str, Any], transcripts: Path | None) -> Case:
    where = record["text"] if isinstance(record["text"], dict) else {}
    place = str(where.get("source", record["id"]))
    return Case(
        id=record["id"],
        text=_text(record, "text", transcripts),
        question=_text(record, "question", transcripts),
        context=str(record.get("context") or ""),
        kind=record["source_kind"],
        label=cast("Label", record["label"]),
        why=record["why"],
        origin=cast("Origin", record["origin"]),
        place=f"{place}:{where['line']}" if "commits" in place else place,
    )


def _text(record: dict[str, Any], name: str, transcripts: Path | None) -> str:
    """Return a text that stands in the record, or where it says."""
    value = record.get(name) or ""
    if isinstance(value, str):
        return value
    assert transcripts is not None, "real cases are left out without transcripts"
    reference = {**value, "id": f"{record['id']} {name}"}
    return _checked_text(reference, _documents(transcripts / value["source"], {value.get("line")}))
