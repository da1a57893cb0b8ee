"""Logs to read: the fixtures, made for these tests in the agents' formats, and ones made on the spot."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from holdfast.transcripts.events import AnyEvent
from holdfast.transcripts.transcript import open_transcript

FIXTURES = Path(__file__).parent / "fixtures"
SESSIONS = sorted(path.name for path in FIXTURES.glob("*.jsonl") if not path.name.endswith(".events.jsonl"))

Writer = Callable[..., Path]
Reading = Callable[[Iterable[dict[str, Any]]], list[AnyEvent]]


@pytest.fixture
def write_log(tmp_path: Path) -> Writer:
    """Write records, or lines as they are, into a log."""

    def write(records: Iterable[dict[str, Any] | bytes], name: str = "log.jsonl") -> Path:
        lines = [
            record if isinstance(record, bytes) else json.dumps(record).encode() + b"\n" for record in records
        ]
        path = tmp_path / name
        path.write_bytes(b"".join(lines))
        return path

    return write


@pytest.fixture
def read(write_log: Writer) -> Reading:
    """Return the events of some records."""
    return lambda records: list(open_transcript(write_log(records)).events())


def golden(name: str) -> list[AnyEvent]:
    """Return the events that a fixture is known to hold."""
    lines = (FIXTURES / name).with_suffix(".events.jsonl").read_bytes().splitlines()
    return [msgspec.json.decode(line, type=AnyEvent) for line in lines]
