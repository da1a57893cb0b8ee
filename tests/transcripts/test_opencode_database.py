from __future__ import annotations

import importlib.util
import json
import random
import shutil
import sqlite3
import uuid
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from holdfast.errors import EnvironmentProblem, HoldfastError, TranscriptError
from holdfast.transcripts import opencode_database
from holdfast.transcripts.events import Call, Prompt, Result
from holdfast.transcripts.opencode_database import lines, sessions
from holdfast.transcripts.origin import DatabaseOrigin
from holdfast.transcripts.transcript import open_transcript

SPEC = importlib.util.spec_from_file_location("made", Path(__file__).parent / "opencode_databases.py")
assert SPEC
assert SPEC.loader
made = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(made)
FIXTURES = Path(__file__).parent / "fixtures"
SLOW = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "opencode.db"


def beside(path: Path) -> set[str]:
    return {file.name for file in path.parent.iterdir()}


def running(message: dict[str, Any]) -> dict[str, Any]:
    """Return a message as it was while its tool ran."""
    parts = json.loads(json.dumps(message["parts"]))
    for part in parts:
        if "state" in part:
            part["state"]["status"] = "running"
            part["state"].pop("output", None)
    time = {"created": message["info"]["time"]["created"]}
    return {"info": message["info"] | {"time": time}, "parts": parts}


class TestLines:
    def test_a_session_is_given_as_the_fixture_holds_it(self, place: Path) -> None:
        made.fill(place, made.exported())
        given = [json.loads(line) for line in lines(place, made.SESSION)]
        held = [json.loads(line) for line in (FIXTURES / "opencode-session.jsonl").read_bytes().splitlines()]
        for record in [*given, *held]:
            for part in record.get("parts", []):
                part.pop("id")
        assert given == held

    def test_the_lines_say_what_the_export_says(self, place: Path) -> None:
        made.fill(place, made.exported())
        of_lines = list(open_transcript(DatabaseOrigin(place, made.SESSION)).events())
        assert of_lines == list(open_transcript(FIXTURES / "opencode-export.json").events())

    @SLOW
    @given(cuts=st.lists(st.integers(1, 19), max_size=4), chance=st.randoms(use_true_random=False))
    def test_the_lines_of_a_session_only_grow(
        self, tmp_path: Path, cuts: list[int], chance: random.Random
    ) -> None:
        path = tmp_path / f"{uuid.uuid4().hex}.db"
        messages = made.exported()
        database = made.create(path)
        before = b""
        for cut in [*sorted(cuts), len(messages)]:
            for message in messages[:cut]:
                made.put(database, message)
            if cut < len(messages) and messages[cut]["info"]["role"] == "assistant" and chance.random() < 0.7:
                made.put(database, running(messages[cut]))
            now = b"".join(lines(path, made.SESSION))
            assert now.startswith(before)
            before = now
        database.close()
        assert before.count(b"\n") == len(messages) + 1

    def test_a_message_that_is_being_written_ends_the_lines(self, place: Path) -> None:
        messages = made.exported()
        database = made.create(place)
        for message in [messages[0], running(messages[1])]:
            made.put(database, message)
        assert len(list(lines(place, made.SESSION))) == 2
        made.put(database, messages[17])  # a prompt that waits for its turn
        assert len(list(lines(place, made.SESSION))) == 2
        made.put(database, messages[18])
        assert len(list(lines(place, made.SESSION))) == 5
        database.close()

    def test_what_opencode_changes_later_changes_no_line(self, place: Path) -> None:
        messages = made.exported()
        made.fill(place, messages)
        before = list(lines(place, made.SESSION))
        messages[0]["info"]["summary"] = {"title": "Mend", "diffs": [{"file": "a"}]}
        messages[1]["parts"][3]["state"]["time"]["compacted"] = made.START
        made.fill(place, messages)
        assert list(lines(place, made.SESSION)) == before

    def test_a_transcript_goes_on_where_it_was_left(self, place: Path) -> None:
        messages = made.exported()
        database = made.create(place)
        for message in messages[:6]:
            made.put(database, message)
        first = open_transcript(DatabaseOrigin(place, made.SESSION))
        events = list(first.events())
        for message in messages[6:]:
            made.put(database, message)
        second = open_transcript(DatabaseOrigin(place, made.SESSION), since=first.checkpoint())
        events += list(second.events())
        database.close()
        assert second.resumed
        assert events == list(open_transcript(FIXTURES / "opencode-export.json").events())

    def test_long_output_is_cut(self, place: Path) -> None:
        [prompt, message] = made.exported()[:2]
        message["parts"][3]["state"]["output"] = "x" * 5_000_000
        made.fill(place, [prompt, message])
        assert sum(map(len, lines(place, made.SESSION))) < 100_000


class TestBesideItsOwner:
    def test_what_was_not_yet_written_back_is_read_while_the_owner_is_there(self, place: Path) -> None:
        database = made.create(place)
        for message in made.exported()[:3]:
            made.put(database, message)
        names = beside(place)
        assert names == {"opencode.db", "opencode.db-wal", "opencode.db-shm"}
        assert len(list(lines(place, made.SESSION))) == 4
        assert beside(place) == names
        assert place.with_name("opencode.db-wal").stat().st_size > 0
        database.close()

    @pytest.mark.parametrize("left", [(), ("-wal",), ("-wal", "-shm")])
    def test_no_file_is_made_beside_a_database_and_none_is_changed(
        self, tmp_path: Path, left: tuple[str, ...]
    ) -> None:
        database = made.create(tmp_path / "live.db")
        for message in made.exported()[:3]:
            made.put(database, message)
        if not left:
            database.close()
        folder = tmp_path / "left"
        folder.mkdir()
        path = folder / "opencode.db"
        for suffix in ("", *left):
            shutil.copyfile(tmp_path / f"live.db{suffix}", folder / f"opencode.db{suffix}")
        database.close()
        contents = {file: file.read_bytes() for file in folder.iterdir() if not file.name.endswith("-shm")}
        folder.chmod(0o555)
        try:
            assert len(list(lines(path, made.SESSION))) == 4
            assert [session[0] for session in sessions(path)] == [made.SESSION]
        finally:
            folder.chmod(0o755)
        assert beside(path) == {f"opencode.db{suffix}" for suffix in ("", *left)}
        assert {file: file.read_bytes() for file in contents} == contents

    def test_a_database_that_its_owner_locks_is_said(
        self, place: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("holdfast.transcripts.opencode_database._WAIT", 0.01)
        database = made.create(place)
        made.put(database, made.exported()[0])
        database.execute("PRAGMA locking_mode = EXCLUSIVE")
        database.execute("BEGIN EXCLUSIVE")
        with pytest.raises(EnvironmentProblem, match="is being written") as caught:
            sessions(place)
        assert "Try again" in caught.value.hint
        database.close()


class TestSessions:
    def test_each_session_is_named_with_its_directory_and_time(self, place: Path) -> None:
        database = made.create(place)
        made.put(database, made.exported()[0])
        other = made.create(place, "ses_2", "/home/ada/garden")
        other.close()
        database.close()
        [(_, directory, updated, size), (identity, elsewhere, _, empty)] = sessions(place)
        assert (directory, updated, size > 0) == ("/home/ada/shop", (made.START + 30_000) / 1000, True)
        assert (identity, elsewhere, empty) == ("ses_2", "/home/ada/garden", 0)

    def test_a_database_that_must_be_copied_is_copied_once_for_all_its_sessions(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        database = made.create(tmp_path / "live.db")
        for message in made.exported():
            made.put(database, message)
        for suffix in ("", "-wal"):
            shutil.copyfile(tmp_path / f"live.db{suffix}", tmp_path / f"opencode.db{suffix}")
        database.close()
        copied: list[Path] = []
        copyfile = shutil.copyfile

        def noting(source: Path, target: Path) -> Path:
            copied.append(source)
            return copyfile(source, target)

        monkeypatch.setattr(shutil, "copyfile", noting)
        path = tmp_path / "opencode.db"
        once = list(lines(path, sessions(path)[0][0]))
        assert list(lines(path, made.SESSION)) == once
        assert len(once) > 1
        assert copied == [path, tmp_path / "opencode.db-wal"]


class TestBadDatabases:
    def test_a_missing_database_is_said(self, place: Path) -> None:
        with pytest.raises(EnvironmentProblem, match="no such file"):
            sessions(place)
        assert beside(place) == set()

    def test_a_directory_is_said(self, place: Path) -> None:
        place.mkdir()
        with pytest.raises(EnvironmentProblem):
            sessions(place)

    def test_a_database_of_another_program_is_said(self, place: Path) -> None:
        database = sqlite3.connect(place)
        database.execute("CREATE TABLE goods (id TEXT)")
        database.close()
        for reading in (sessions, lambda path: list(lines(path, "x"))):
            with pytest.raises(TranscriptError, match="not a database that this Holdfast can read") as caught:
                reading(place)
            assert "opencode export" in caught.value.hint

    def test_a_database_that_would_compute_for_ever_is_said(
        self, place: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        database = made.create(place)
        endless = "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT n"
        database.executescript(f"DROP TABLE part; CREATE VIEW Part AS {endless} AS message_id FROM r;")
        database.close()
        with pytest.raises(TranscriptError, match="Part is no table"):
            sessions(place)
        place.unlink()
        made.fill(place, made.exported())
        monkeypatch.setattr(opencode_database, "_STEPS", 0)
        monkeypatch.setattr(opencode_database, "_MILLION", 10)
        with pytest.raises(TranscriptError, match="takes too long"):
            sessions(place)

    def test_a_session_that_is_gone_is_said(self, place: Path) -> None:
        made.fill(place, [])
        with pytest.raises(TranscriptError, match="has no session ses_none"):
            list(lines(place, "ses_none"))

    @pytest.mark.parametrize(
        "content", [b"", b"SQLite format 3\0", b"SQLite format 3\0" + b"\xff" * 4096, b"text"]
    )
    def test_a_file_that_is_no_database_is_said(self, place: Path, content: bytes) -> None:
        place.write_bytes(content)
        with pytest.raises(TranscriptError):
            sessions(place)

    def test_rows_of_any_shape_are_tolerated(self, place: Path) -> None:
        database = made.create(place)
        rows = [
            None,
            "",
            "null",
            "[1]",
            '{"role":',
            b"\xff\x00",
            7,
            '{"role":"assistant","time":7,"error":[]}',
        ]
        for number, data in enumerate(rows):
            row = (f"msg_{number}", made.SESSION, number if number % 2 else None, None, data)
            database.execute("INSERT INTO message VALUES (?, ?, ?, ?, ?)", row)
            part = (f"prt_{number}", f"msg_{number}", made.SESSION, None, None, data)
            database.execute("INSERT INTO part VALUES (?, ?, ?, ?, ?, ?)", part)
        database.execute("INSERT INTO session VALUES (NULL, 1, 2, 3, 4, 5, 'never', 'x')")
        database.commit()
        database.close()
        assert [session[0] for session in sessions(place)] == [made.SESSION]
        transcript = open_transcript(DatabaseOrigin(place, made.SESSION))
        assert list(transcript.events()) == []
        assert transcript.counts.malformed == 0

    def test_what_is_readable_of_a_damaged_database_is_read_and_the_rest_is_said(
        self, fuzz: Any, tmp_path: Path
    ) -> None:
        whole = made.fill(tmp_path / "whole.db", made.exported()).read_bytes()
        outcomes = set()
        for number in range(150):
            chance = random.Random(f"database/{number}")
            path = tmp_path / "mutant.db"
            path.write_bytes(fuzz.mutate(whole, chance))
            try:
                for session in sessions(path):
                    transcript = open_transcript(DatabaseOrigin(path, session[0]))
                    outcomes.add(bool(list(transcript.events())))
            except HoldfastError as problem:
                outcomes.add(type(problem) if problem.hint else "no hint")
        assert outcomes >= {True, TranscriptError}
        assert "no hint" not in outcomes

    def test_a_database_that_is_damaged_in_the_middle_is_said_by_whoever_reads_it(self, place: Path) -> None:
        messages = made.exported()
        for message in messages:
            message["parts"].append({"type": "text", "text": "filler " * 2_000})
        whole = bytearray(made.fill(place, messages).read_bytes())
        whole[len(whole) // 4 : -4096] = b"\xff" * len(whole[len(whole) // 4 : -4096])
        place.write_bytes(whole)
        with pytest.raises(HoldfastError):
            open_transcript(DatabaseOrigin(place, made.SESSION))


def test_the_events_of_a_live_session_are_typed(place: Path) -> None:
    database = made.create(place)
    for message in made.exported()[:2]:
        made.put(database, message)
    events = list(open_transcript(DatabaseOrigin(place, made.SESSION)).events())
    database.close()
    kinds = [type(event) for event in events]
    assert [kind for kind in kinds if kind in (Prompt, Call, Result)] == [Prompt, Prompt, Call, Result]
