"""Positions are a cache: they come back, hold no secret, and their loss is nobody's error."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from holdfast.evidence.episodes import EpisodeState, PendingCall
from holdfast.learn.observations import ObservationState
from holdfast.learn.reading_position import Position, ProgressStore, encode, redacted
from holdfast.transcripts.events import Call, SessionInfo
from holdfast.transcripts.origin import FileOrigin
from holdfast.transcripts.transcript import Checkpoint

TOKEN = "ghp_" + "Ab3dEf6hIj9lMn2pQr5tUv8xYz1C" + "3e5G7i9K"


def position(command: str = "make", offset: int = 10) -> Position:
    call = Call(id="toolu_0123456789abcdef", tool="Bash", name="Bash", command=command)
    return Position(
        checkpoint=Checkpoint(
            reader="codex", offset=offset, size=offset, head="a" * 64, tail="b" * 64,
            state={"seen": "xyz", "running": {"calls": {"7": ["call_1", f"printed {TOKEN}"]}}},
            session=SessionInfo(agent="codex", id="s", root="/home/ada/shop"),
        ),
        episodes=EpisodeState(pending={call.id: PendingCall(call, 3)}),
        observations=ObservationState(),
    )  # fmt: skip


@pytest.fixture
def log(tmp_path: Path) -> FileOrigin:
    path = tmp_path / "log.jsonl"
    path.write_text('{"first": "line"}\n{"second": 2}\n')
    return FileOrigin(path)


def test_a_position_comes_back_once_it_is_committed(tmp_path: Path, log: FileOrigin) -> None:
    store = ProgressStore(tmp_path / "reading.db")
    store.note(log, position())
    assert list(store.positions(log)) == []
    store.commit()
    store.close()
    again = ProgressStore(tmp_path / "reading.db")
    (found,) = again.positions(log)
    again.close()
    assert found.checkpoint.offset == 10
    assert found.checkpoint.session.root == "/home/ada/shop"
    assert (tmp_path / "reading.db").stat().st_mode & 0o077 == 0


def test_a_moved_transcript_is_known_by_its_first_line(tmp_path: Path, log: FileOrigin) -> None:
    store = ProgressStore(tmp_path / "reading.db")
    store.note(log, position())
    store.commit()
    other = tmp_path / "other.jsonl"
    other.write_text('{"another": "line"}\n')
    assert len(list(store.positions(FileOrigin(log.path.rename(tmp_path / "moved.jsonl"))))) == 1
    assert list(store.positions(FileOrigin(other))) == []
    store.close()


def test_calls_are_remembered_with_the_transcript_they_stand_in(tmp_path: Path, log: FileOrigin) -> None:
    store = ProgressStore(tmp_path / "reading.db")
    assert store.add("call_a")
    assert not store.add("call_a")
    store.forget()
    assert store.add("call_a"), "the transcript was not read to its end"
    store.note(log, position())
    assert not store.add("call_a")
    store.commit()
    store.close()
    again = ProgressStore(tmp_path / "reading.db")
    assert not again.add("call_a")
    assert again.add("call_b")
    again.close()


def test_what_is_kept_holds_no_secret() -> None:
    kept = encode(position(f"curl -H 'Authorization: Bearer {TOKEN}' https://example.com"))
    assert TOKEN.encode() not in kept
    assert b"toolu_0123456789abcdef" in kept
    assert b"/home/ada/shop" in kept, "the session's root is needed to go on"


def test_redaction_keeps_home_directories_apart() -> None:
    assert redacted(f"cd /home/ada/shop && gh {TOKEN}") == "cd /home/ada/shop && gh [redacted:github-token]"


@pytest.mark.parametrize("data", [b"", b"garbage" * 1000, b"SQLite format 3\0" + b"\0" * 2000])
def test_a_damaged_file_is_made_anew(tmp_path: Path, log: FileOrigin, data: bytes) -> None:
    path = tmp_path / "reading.db"
    path.write_bytes(data)
    store = ProgressStore(path)
    store.note(log, position())
    store.commit()
    store.close()
    assert sqlite3.connect(path).execute("SELECT count(*) FROM transcripts").fetchone() == (1,)


def test_where_it_cannot_be_written_it_lasts_as_long_as_the_process(tmp_path: Path, log: FileOrigin) -> None:
    store = ProgressStore(tmp_path / "no-such-folder" / "reading.db")
    store.note(log, position())
    store.commit()
    assert len(list(store.positions(log))) == 1
    store.close()


def test_a_position_of_another_version_is_left_out(tmp_path: Path, log: FileOrigin) -> None:
    store = ProgressStore(tmp_path / "reading.db")
    store.note(log, position())
    store.commit()
    store.close()
    database = sqlite3.connect(tmp_path / "reading.db")
    database.execute("UPDATE transcripts SET position = '{\"checkpoint\": 3}'")
    database.commit()
    database.close()
    again = ProgressStore(tmp_path / "reading.db")
    assert list(again.positions(log)) == []
    again.close()
