"""Histories of sessions, written in the agents' own formats and read as any other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from holdfast.measure.tuition.merge import merged
from holdfast.measure.tuition.sessions import ReadSession, read_sessions
from holdfast.testing.sessions import ClaudeSession
from holdfast.transcripts.transcript import expand

START, DAY = 1782000000.0, 86_400.0


class Ran(NamedTuple):
    """One command of a session: what it printed, and how it ended."""

    command: str
    output: str = "ok"
    exit_code: int = 0


History = Callable[[Sequence[Sequence[Ran]]], list[ReadSession]]

RED = Ran("bun test", "error: Cannot find module '@/setup' from '/home/ada/shop/a.test.ts'", 1)
GREEN = Ran("bun run test", "12 passed")


def write(folder: Path, number: int, ran: Sequence[Ran], *, root: str = "/home/ada/shop") -> Path:
    """Write one session that runs some commands, a day after the one before it."""
    talk = ClaudeSession(
        f"5f0c{number:04x}-0000-4000-8000-{number:012d}", root=root, start=START + number * DAY
    )
    talk.prompt("go on")
    for one in ran:
        talk.bash(*one)
    return talk.write(folder / f"{number:03d}.jsonl")


@pytest.fixture
def history(tmp_path: Path) -> History:
    """Write sessions a day apart and read them, in order of time."""

    def read(sessions: Sequence[Sequence[Ran]]) -> list[ReadSession]:
        folder = tmp_path / f"logs-{len(list(tmp_path.iterdir()))}"
        for number, ran in enumerate(sessions):
            write(folder, number, ran)
        origins = list(expand([folder]))
        return merged(session for read in read_sessions(origins) for session in read.sessions)

    return read
