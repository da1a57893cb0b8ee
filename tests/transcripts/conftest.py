"""Logs that are made on the spot; the fixtures beside are made by hand, in the agents' formats."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from holdfast.transcripts.events import AnyEvent
from holdfast.transcripts.transcript import open_transcript

Writer = Callable[..., Path]
Reading = Callable[[Iterable[dict[str, Any]]], list[AnyEvent]]


@pytest.fixture(scope="session")
def fuzz() -> ModuleType:
    """Return the program that mutates logs."""
    spec = importlib.util.spec_from_file_location("transcript_fuzz", Path(__file__).parent / "fuzz.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


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
