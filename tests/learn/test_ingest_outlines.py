"""That an ingest keeps the outlines of what it reads, whatever was read before and in whatever pieces."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import msgspec

from holdfast.learn import outlines
from holdfast.learn.ingest import ingest
from holdfast.learn.view import View, open_view
from holdfast.repo.location import Repository
from holdfast.testing.sessions import ClaudeSession


def session() -> ClaudeSession:
    made = ClaudeSession("0badcafe-0000-4000-8000-000000000001", root="/home/ada/shop", start=1_772_359_200.0)
    made.prompt("Add a cache to the shop")
    made.edit("shop/cache.py", "x", "y")
    made.prompt("We never keep prices in it because they change by the hour.")
    made.edit("shop/prices.py", "x", "y")
    made.reject("npm install", "No new dependency here, please")
    return made


def kept(view: View) -> list[outlines.Outline]:
    return list(outlines.read(view.repository).values())


def test_what_was_said_and_edited_is_kept(empty: Repository, tmp_path: Path) -> None:
    with open_view(empty.directory) as view:
        ingest(view, [session().write(tmp_path / "s.jsonl")])
        (outline,) = kept(view)
    assert [(turn.kind, turn.text, turn.edited) for turn in outline.turns] == [
        ("prompt", "Add a cache to the shop", ["shop/cache.py"]),
        ("prompt", "We never keep prices in it because they change by the hour.", ["shop/prices.py"]),
        ("rejection", "No new dependency here, please", []),
    ]
    assert list(outline.edited) == ["shop/cache.py", "shop/prices.py"]
    assert outline.agent == "claude-code"


def test_a_log_read_line_by_line_leaves_the_outline_of_the_whole(empty: Repository, tmp_path: Path) -> None:
    whole = session().write(tmp_path / "whole.jsonl")
    lines = whole.read_bytes().splitlines(keepends=True)
    growing = tmp_path / "growing.jsonl"
    with open_view(empty.directory) as view:
        for count in range(1, len(lines) + 1):
            growing.write_bytes(b"".join(lines[:count]))
            ingest(view, [growing])
        in_pieces = kept(view)
        (view.repository.state_dir / outlines.FILE).unlink()
        (view.repository.state_dir / "reading.db").unlink()
        ingest(view, [growing])
        assert kept(view) == in_pieces


def test_what_was_read_before_outlines_were_kept_gets_its_own(learned: Repository, samples: Path) -> None:
    with open_view(learned.directory) as view:
        before = {outline.session: outline for outline in kept(view)}
        (learned.state_dir / outlines.FILE).unlink()
        with contextlib.closing(sqlite3.connect(learned.state_dir / "reading.db")) as reading, reading:
            rows = reading.execute("SELECT path, position FROM transcripts").fetchall()
            for path, data in rows:
                position = msgspec.json.decode(data)
                position.pop("outline", None)
                reading.execute(
                    "UPDATE transcripts SET position = ? WHERE path = ?",
                    [msgspec.json.encode(position), path],
                )
        segments = view.branch.tips()
        ingest(view, [samples])
        assert {outline.session: outline for outline in kept(view)} == before
        assert view.branch.tips() == segments, "nothing is counted twice"
        read_at = (learned.state_dir / outlines.FILE).stat().st_mtime_ns
        ingest(view, [samples])
        assert (learned.state_dir / outlines.FILE).stat().st_mtime_ns == read_at


def test_reading_everything_again_adds_nothing(learned: Repository, samples: Path) -> None:
    with open_view(learned.directory) as view:
        before = kept(view)
        (learned.state_dir / "reading.db").unlink()
        ingest(view, [samples])
        assert kept(view) == before
