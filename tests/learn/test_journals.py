"""What a session was told is taken into its segment once, whatever is lost in between."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from holdfast.connect import setup
from holdfast.errors import HoldfastError
from holdfast.evidence import journal
from holdfast.evidence.holdouts import held_out
from holdfast.evidence.segments import session_key
from holdfast.hook.journal import Journal
from holdfast.learn.ingest import ingest
from holdfast.learn.view import View
from holdfast.repo import records
from holdfast.repo.location import Repository
from holdfast.repo.records import ItemEvidence, Segment
from holdfast.repo.trust import TrustStore
from holdfast.testing import repositories
from holdfast.testing.sessions import ClaudeSession
from holdfast.transcripts.events import SessionInfo

START = 1_772_359_200.0
ID = "0badcafe-0000-4000-8000-000000000001"
KEY = session_key(SessionInfo(agent="claude-code", id=ID))
FAILURE = "E   ModuleNotFoundError: No module named 'shop'"
FAMILY = "pytest: E ModuleNotFoundError: No module named <q>"
COUNTED = "family-0123abcd"


def session(repository: Repository) -> ClaudeSession:
    return ClaudeSession(ID, root=str(repository.root), start=START)


def note(repository: Repository, **entry: Any) -> Path:
    folder = repository.state_dir / journal.FOLDER
    folder.mkdir(exist_ok=True)
    path = folder / f"{KEY}.jsonl"
    with path.open("a") as file:
        file.write(json.dumps(entry) + "\n")
    return path


def told(repository: Repository, at: float, *ids: str, do: str = "told", surface: str = "start") -> Path:
    return note(repository, at=at, do=do, surface=surface, ids=list(ids), family=FAMILY)


def segments(view: View) -> list[Segment]:
    paths = sorted({entry.path for entry in view.branch.added() if entry.path.startswith("segments/")})
    found = []
    for path in paths:
        read = view.read_record(path)
        assert read is not None
        record = records.decode(path, read[1])
        assert isinstance(record, Segment)
        found.append(record)
    return sorted(found, key=lambda segment: segment.transcript.start)


def items(view: View) -> list[ItemEvidence]:
    return [row for segment in segments(view) for row in segment.items]


def test_what_was_told_and_what_came_of_it_are_in_the_segment(empty: Repository, tmp_path: Path) -> None:
    told(empty, START, COUNTED)
    log = session(empty)
    log.bash("pytest -q", FAILURE, exit_code=1)
    with View(empty) as view:
        ingest(view, [log.write(tmp_path / "log.jsonl")])
        assert items(view) == [
            ItemEvidence(item=COUNTED, surface="start", family=FAMILY, eligible=1, shown=1, met=1)
        ]


def test_a_session_that_a_warning_spared_leaves_a_segment_too(empty: Repository, tmp_path: Path) -> None:
    log = session(empty)
    log.bash("uv run pytest -q", "3 passed")
    path = log.write(tmp_path / "log.jsonl")
    told(empty, START, COUNTED)
    with View(empty) as view:
        assert ingest(view, [path]).segments == 1
        assert [row.met for row in items(view)] == [0]


def test_each_line_counts_once_when_a_session_is_read_on(empty: Repository, tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    told(empty, START, COUNTED)
    log = session(empty)
    log.edit("a.py", "x", "y")
    with View(empty) as view:
        ingest(view, [log.write(path)])
        log.bash("pytest -q", FAILURE, exit_code=1)
        told(empty, START + 60, "fix-0123abcd", surface="failure")
        ingest(view, [log.write(path)])
        assert [[(row.item, row.shown, row.met) for row in segment.items] for segment in segments(view)] == [
            [(COUNTED, 1, 0)],
            [(COUNTED, 0, 1), ("fix-0123abcd", 1, 0)],
        ]


def test_a_fold_that_was_broken_off_is_done_again(empty: Repository, tmp_path: Path) -> None:
    told(empty, START, COUNTED)
    log = session(empty)
    log.edit("a.py", "x", "y")
    path = log.write(tmp_path / "log.jsonl")
    in_the_way = "refs/heads/holdfast/x"
    empty.git("update-ref", in_the_way, "HEAD")
    with View(empty) as view:
        with pytest.raises(HoldfastError):
            ingest(view, [path])
        empty.git("update-ref", "-d", in_the_way)
        ingest(view, [path])
        assert [row.shown for row in items(view)] == [1]


def test_folding_does_not_make_a_session_look_alive(empty: Repository, tmp_path: Path) -> None:
    path = told(empty, START, COUNTED)
    os.utime(path, (START, START))
    log = session(empty)
    log.edit("a.py", "x", "y")
    with View(empty) as view:
        ingest(view, [log.write(tmp_path / "log.jsonl")])
    assert '"folded"' in path.read_text()
    assert path.stat().st_mtime == START


def test_a_shortened_id_is_recorded_whole(learned: Repository, tmp_path: Path) -> None:
    with View(learned) as view:
        known = next(found for found in view.learnings() if found.families)
        told(learned, START, known.id[:5])
        log = session(learned)
        log.bash(f"holdfast cite {known.id[:4]} --outcome helped", "Noted.")
        log.edit("a.py", "x", "y")
        ingest(view, [log.write(tmp_path / "log.jsonl")])
        (row,) = items(view)
        assert (row.item, row.cited) == (known.id, 1)


@pytest.mark.parametrize(
    ("item", "name"),
    [
        ("statement:0011223344556677:2", "statement"),
        ("handoff:1772359200", "handoff"),
        ("secret/plans-of-ada.md", "file"),
        ("learnings.md:12@ab12cd34ef56", "document"),
        ("guard:no-push-by-ada", "guard"),
        ("commit:0123456789ab", "commit:0123456789ab"),
        ("fix-0123abcd", "fix-0123abcd"),
        ("call-npm test", "call"),
    ],
)
def test_what_may_name_somebody_is_recorded_by_its_kind_alone(
    empty: Repository, tmp_path: Path, item: str, name: str
) -> None:
    told(empty, START, item, surface="prompt")
    log = session(empty)
    log.edit("a.py", "x", "y")
    with View(empty) as view:
        ingest(view, [log.write(tmp_path / "log.jsonl")])
        assert [row.item for row in items(view)] == [name]


def test_a_session_without_a_journal_has_no_items(empty: Repository, tmp_path: Path) -> None:
    log = session(empty)
    log.edit("a.py", "x", "y")
    with View(empty) as view:
        ingest(view, [log.write(tmp_path / "log.jsonl")])
        assert items(view) == []
        (segment,) = segments(view)
        assert b"items" not in records.encode(segment)


STEPS = st.lists(st.sampled_from(["tell", "work", "read", "put away", "resume"]), min_size=1, max_size=12)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_whatever_is_put_away_and_resumed_between_each_line_counts_once(
    steps: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = tmp_path_factory.mktemp("resumed")
    repository = repositories.make_repository(root / "project")
    setup.init(repository, private=False)
    log, given_, now = session(repository), 0, START
    with View(repository) as view:
        for step in [*steps, "work", "read"]:
            now += 60
            if step == "tell":
                given_ += 1
                Journal(str(repository.state_dir), KEY).add(
                    now, "told", surface="failure", ids=["fix-0123abcd"], family=FAMILY
                )
            elif step == "resume":
                Journal(str(repository.state_dir), KEY).add(now, "start", session=ID)
            elif step == "put away":
                for path in repository.state_dir.glob("journal/*.jsonl"):
                    os.utime(path, (START, START))
                journal.put_away(repository, START + journal.AGE + 1)
            elif step == "work":
                log.edit("a.py", f"x{now}", f"y{now}")
            else:
                ingest(view, [log.write(root / "log.jsonl")])
        rows = items(view)
        assert sum(row.shown for row in rows) == given_
        assert sum(row.eligible for row in rows) == given_


def test_what_cannot_be_marked_as_counted_is_not_counted_now(
    empty: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told(empty, START, COUNTED)
    log = session(empty)
    log.edit("a.py", "x", "y")
    with View(empty) as view:
        with monkeypatch.context() as patched:
            patched.setattr(journal, "mark_folded", lambda *_: False)
            ingest(view, [log.write(tmp_path / "log.jsonl")])
        log.edit("a.py", "y", "z")
        ingest(view, [log.write(tmp_path / "log.jsonl")])
        assert sum(row.shown for row in items(view)) == 1


def test_a_fresh_clone_counts_the_same_of_what_was_told_and_withheld(
    empty: Repository, tmp_path: Path
) -> None:
    told(empty, START, COUNTED)
    told(empty, START, "family-89abcdef", do="withheld", surface="call")
    log = session(empty)
    log.bash("pytest -q", FAILURE, exit_code=1)
    log.bash("uv run pytest -q", "3 passed")
    with View(empty) as view:
        ingest(view, [log.write(tmp_path / "log.jsonl")])
        here, rows = held_out(empty, view.told_in_sessions()), items(view)
        author = view.branch.person().email
    assert here is not None
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", str(empty.directory), str(clone)], check=True)
    there = Repository.find(clone)
    TrustStore().accept(there, [author])  # what strangers counted counts for nothing
    with View(there) as view:
        view.refresh()
        assert sorted(items(view), key=str) == sorted(rows, key=str)
        found = held_out(there, view.told_in_sessions())
    assert found is not None
    assert (found.told, found.withheld) == (here.told, here.withheld)
    assert (found.told.units, found.told.met, found.withheld.units) == (1, 1, 1)
