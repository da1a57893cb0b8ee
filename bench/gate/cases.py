"""Load the labelled cases the learning gate is measured on.

A case file is JSON lines. A written case holds its own text. A case from a real session holds only where
its text is: the text stays in the reader's own transcript folder and is checked against a digest, so that
nothing of it is published here.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

Kind = Literal["failure", "gotcha", "decision", "pattern", "convention", "model"]
Label = Literal["accept", "reject"]
Origin = Literal["written", "real"]


@dataclass(frozen=True)
class Case:
    """Hold one candidate text and what a person thinks the gate must say to it."""

    id: str
    text: str
    kind: Kind
    label: Label
    why: str
    origin: Origin


def load(path: Path, transcripts: Path | None) -> list[Case]:
    """Return the cases of a case file in file order.

    Args:
        path: the case file, JSON lines.
        transcripts: the folder the sources of real cases are relative to; None leaves real cases out.

    Raises:
        OSError: the case file or a source cannot be read.
        ValueError: a real case's text is no longer what was labelled, or cannot be found.
    """
    records: list[dict[str, Any]] = [
        json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line
    ]
    real = [record for record in records if record["origin"] == "real"]
    texts = {record["id"]: record["text"] for record in records if record["origin"] == "written"}
    if transcripts is not None:
        texts |= _real_texts(real, transcripts)
    return [_case(record, texts[record["id"]]) for record in records if record["id"] in texts]


def _case(record: dict[str, Any], text: str) -> Case:
    return Case(
        id=record["id"],
        text=text,
        kind=cast("Kind", record["kind"]),
        label=cast("Label", record["label"]),
        why=record["why"],
        origin=cast("Origin", record["origin"]),
    )


def _real_texts(records: list[dict[str, Any]], transcripts: Path) -> dict[str, str]:
    """Return the text of each real case by id, reading each source once."""
    by_source: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for record in records:
        by_source[record["source"]].append(record)
    texts: dict[str, str] = {}
    for source, wanted in by_source.items():
        documents = _documents(transcripts / source, {record.get("line") for record in wanted})
        for record in wanted:
            texts[record["id"]] = _checked_text(record, documents)
    return texts


def _documents(source: Path, lines: set[int | None]) -> dict[int | None, Any]:
    """Return the JSON documents at the wanted 1-based lines; the key None is the file as a whole."""
    if None in lines:
        return {None: json.loads(source.read_text(encoding="utf-8"))}
    with source.open(encoding="utf-8", newline="\n") as stream:
        return {number: json.loads(line) for number, line in enumerate(stream, 1) if number in lines}


def _checked_text(record: dict[str, Any], documents: dict[int | None, Any]) -> str:
    """Return a real case's text.

    Raises:
        ValueError: the text is not there or differs from the one that was labelled.
    """
    where = f"case {record['id']}: {record['source']}, line {record.get('line', 'none')}"
    try:
        document = documents[record.get("line")]
        text = _at_pointer(document, record["pointer"]) if "pointer" in record else _slice(document, record)
    except (KeyError, IndexError, ValueError) as error:
        raise ValueError(f"{where}: no text found there; use the transcripts it was labelled on") from error
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    if digest != record["digest"]:
        raise ValueError(f"{where}: the text has digest {digest}, the labelled one {record['digest']}")
    return text


def _at_pointer(document: Any, pointer: str) -> str:
    """Return the string at a JSON pointer (RFC 6901)."""
    value = document
    for token in pointer.split("/")[1:]:
        key = token.replace("~1", "/").replace("~0", "~")
        value = value[int(key)] if isinstance(value, list) else value[key]
    return str(value)


def _slice(document: Any, record: dict[str, Any]) -> str:
    """Return the characters start to end of the document written as JSON, unescaped if asked."""
    piece = json.dumps(document, ensure_ascii=False)[record["start"] : record["end"]]
    return str(json.loads(f'"{piece}"')) if record.get("unescape") else piece
