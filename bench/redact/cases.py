"""Load the labelled cases that measure how well secrets are redacted.

A case file holds one JSON object a line. Written cases carry their text. Real cases carry only the
place of a slice in a transcript, the digest of that slice, and what to plant in it, so the text of
other people's sessions never enters this repository. README.md says how the cases were labelled.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

#: Splits every planted key in the stored files, so that no scanner takes one for a live credential.
MARKER = "\u27c2"


@dataclass(frozen=True)
class Case:
    """Hold one labelled text: what must be gone from it, and what must be untouched."""

    id: str
    text: str
    secrets: tuple[str, ...]
    keep: tuple[str, ...]
    kind: str
    origin: str


def load(path: Path, transcripts: Path | None) -> list[Case]:
    """Read the cases of one file, in file order.

    `path` is a JSON Lines case file. `transcripts` is the folder that the `source` of a real case
    is relative to; without it real cases are skipped. Raises FileNotFoundError when a transcript is
    missing, and ValueError when a line is not JSON or a slice is not the one that was labelled.
    """
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]
    slices = _slices([row for row in rows if row["origin"] == "real"], transcripts) if transcripts else {}
    cases = []
    for row in rows:
        if row["origin"] == "written":
            cases.append(_case(row, _plain(row["text"]), map(_plain, row["keep"])))
        elif row["id"] in slices:
            cut = slices[row["id"]]
            keep = [cut[start:end] for start, end in row["keep_at"]]
            cases.append(_case(row, _planted(cut, row.get("plant", [])), keep))
    return cases


def _case(row: Mapping[str, Any], text: str, keep: Iterable[str]) -> Case:
    """Build the case of one row from its finished text."""
    secrets = tuple(_plain(secret) for secret in row["secrets"])
    return Case(row["id"], text, secrets, tuple(keep), row["kind"], row["origin"])


def _plain(stored: str) -> str:
    """Take the markers out of a stored string."""
    return stored.replace(MARKER, "")


def _planted(cut: str, plants: Iterable[Mapping[str, Any]]) -> str:
    """Insert each plant in order; its offset counts in the text left by the plants before it."""
    for plant in plants:
        at = plant["at"]
        cut = cut[:at] + _plain(plant["value"]) + cut[at:]
    return cut


def _slices(rows: Iterable[Mapping[str, Any]], transcripts: Path) -> dict[str, str]:
    """Cut the slice of every real row, by case id, reading each transcript once."""
    by_source: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        by_source.setdefault(row["source"], []).append(row)
    slices: dict[str, str] = {}
    for source, wanted in by_source.items():
        lines = (transcripts / source).read_bytes().split(b"\n")
        for row in wanted:
            slices[row["id"]] = _cut(row, lines)
    return slices


def _cut(row: Mapping[str, Any], lines: list[bytes]) -> str:
    """Cut one slice out of its line, re-encoded as JSON without ASCII escapes, and check it."""
    where = f"{row['source']}:{row['line']}"
    if not 1 <= row["line"] <= len(lines):
        raise ValueError(f"case {row['id']}: there is no {where}; use the transcripts it was labelled on")
    text = json.dumps(json.loads(lines[row["line"] - 1]), ensure_ascii=False)
    cut = text[row["start"] : row["end"]]
    digest = hashlib.sha256(cut.encode()).hexdigest()[:16]
    if digest != row["digest"]:
        raise ValueError(
            f"case {row['id']}: the slice at {where} has digest {digest}, not {row['digest']};"
            " use the transcripts it was labelled on"
        )
    return cut
