"""Sources of other packages: taken in by name, held to their own documents, passed over when they fail."""

from __future__ import annotations

import fcntl
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from holdfast.learn import sources
from holdfast.learn.view import View
from holdfast.repo.location import Repository
from holdfast.testing.repositories import commit

SOURCE = """
from pathlib import Path
from holdfast.index.documents import Document
from holdfast.learn.sources import Filled

class Notes:
    name = "notes"
    def changes(self, repository, held, budget):
        lines = (Path(__file__).parent / "notes.txt").read_text().splitlines()
        if "fail" in lines:
            raise RuntimeError("no notes today")
        add = [Document(f"notes:{line}", "notes", "note", "", line) for line in lines]
        foreign = [Document("record0", "notes", "note", "", "foreign")]
        gone = [f"notes:{line}" for line in held.get("lines", "").split("|") if line and line not in lines]
        return Filled(add=add + foreign, remove=gone, state={"lines": "|".join(lines)})
"""


@pytest.fixture
def notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package that registers a source; the file from which it reads."""
    folder = tmp_path / "packages"
    info = folder / "notes_source-1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: notes-source\nVersion: 1\n")
    (info / "entry_points.txt").write_text(
        "[holdfast.sources]\nnotes = notes_source:Notes\nbroken = notes_source:Missing\n"
    )
    (folder / "notes_source.py").write_text(SOURCE)
    (folder / "notes.txt").write_text("zebra one\nzebra two\n")
    monkeypatch.syspath_prepend(str(folder))
    sources.registered.cache_clear()
    yield folder / "notes.txt"
    sys.modules.pop("notes_source", None)
    sources.registered.cache_clear()


def texts(repository: Repository) -> list[str]:
    with View(repository) as view:
        return sorted(hit.document.text for hit in view.index.search("zebra foreign", sources=["notes"]))


def test_a_registered_source_is_searched_with_its_own_documents_alone(empty: Repository, notes: Path) -> None:
    assert texts(empty) == ["zebra one", "zebra two"]
    notes.write_text("zebra two\n")
    assert texts(empty) == ["zebra two"]
    with View(empty) as view:
        assert "notes" in view.everywhere
        assert any("broken" in problem for problem in view.failures)


def test_one_that_raises_is_named_and_what_it_gave_stays(empty: Repository, notes: Path) -> None:
    assert len(texts(empty)) == 2
    notes.write_text("fail\n")
    assert len(texts(empty)) == 2
    with View(empty) as view:
        assert any("no notes today" in problem for problem in view.failures)
    notes.write_text("zebra three\n")
    assert texts(empty) == ["zebra three"]
    with View(empty) as view:
        assert not any("no notes today" in problem for problem in view.failures)


def test_what_a_source_gave_goes_with_it(
    empty: Repository, notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(texts(empty)) == 2
    monkeypatch.setattr(sys, "path", [part for part in sys.path if part != str(notes.parent)])
    sources.registered.cache_clear()
    assert texts(empty) == []
    with View(empty) as view:
        assert "notes" not in view.everywhere
        assert view.index.values("from:notes:") == {}


WORK = """
import json, random, subprocess, sys
from pathlib import Path
from holdfast.learn import write
from holdfast.learn.view import open_view
number, top = int(sys.argv[1]), Path(sys.argv[2])
for step in range(6):
    with open_view(top) as view:
        if step % 3 == number % 3:
            text = f"Run `make gen{number}{step}` after editing `api/v{step}.proto`: CI fails."
            write.learn_text(view, text, anyway="for the test")
        else:
            (top / "docs" / "learnings").mkdir(parents=True, exist_ok=True)
            (top / "docs" / "learnings" / f"{number}{step}.md").write_text(f"- Zebra {number} {step}.\\n")
        view.refresh()
        view.index.search("make gen zebra")
"""


def test_many_processes_end_with_the_index_that_filling_anew_gives(
    empty: Repository, everything: Callable[[Repository], object]
) -> None:
    assert empty.root is not None
    commit(empty.root, {"a": "1"}, "One")
    running = [
        subprocess.Popen(
            [sys.executable, "-c", WORK, str(number), str(empty.root)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for number in range(4)
    ]
    failures = [process.communicate()[1].decode() for process in running]
    assert failures == [""] * 4
    together = everything(empty)
    for path in empty.state_dir.glob("index.db*"):
        path.unlink()
    assert everything(empty) == together


@pytest.fixture
def everything() -> Callable[[Repository], object]:
    def answers(repository: Repository) -> object:
        with View(repository) as view:
            hits = view.index.search("make gen zebra", 50)
            return view.index.all(), [(hit.document.id, hit.score) for hit in hits]

    return answers


def test_an_index_that_another_process_keeps_locked_still_answers(empty: Repository) -> None:
    assert empty.root is not None
    commit(empty.root, {"a": "1"}, "Before the lock")
    with View(empty) as view:
        path = view.index.path
    commit(empty.root, {"a": "2"}, "Behind the lock")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        with View(empty) as view:
            assert view.stale
            assert [hit.document.title for hit in view.index.search("lock")] == ["Before the lock"]
    finally:
        other.execute("ROLLBACK")
        other.close()
    with View(empty) as view:
        assert not view.stale
        assert len(view.index.search("lock")) == 2


def test_an_index_whose_file_lock_another_process_keeps_still_answers_and_is_written(
    empty: Repository,
) -> None:
    assert empty.root is not None
    with View(empty) as view:
        path = view.index.path
    commit(empty.root, {"a": "1"}, "Behind the lock")
    with path.with_name("index.db.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with View(empty) as view:
            assert not view.stale
            assert view.index.persistent
            assert len(view.index.search("lock")) == 1


def test_an_index_that_cannot_be_made_behind_a_lock_is_answered_from_memory(empty: Repository) -> None:
    assert empty.root is not None
    commit(empty.root, {"a": "1"}, "Behind the lock")
    empty.ensure_state()
    with (empty.state_dir / "index.db.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with View(empty) as view:
            assert view.stale
            assert len(view.index.search("lock")) == 1


def test_once_a_lock_outlasted_the_patience_later_changes_do_not_wait_again(empty: Repository) -> None:
    with View(empty) as view:
        other = sqlite3.connect(view.index.path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        view.index.keep("figure", b"1")
        assert view.index.busy
        assert view.index.patience == 0
        other.execute("ROLLBACK")
        other.close()
        view.index.keep("figure", b"1")
        assert not view.index.busy
        assert view.index.kept("figure") == b"1"


def test_filling_reads_on_until_nothing_is_left(empty: Repository) -> None:
    assert empty.root is not None
    for number in range(60):
        commit(empty.root, {"a": str(number)}, f"Change {number}")
    with View(empty, seconds=0.0) as view:
        assert view.unread == ["commit"]
        before, came = view.index.count(), list[int]()
        assert view.commits_left() > 0
        view.fill(60.0, came.append)
        assert view.unread == []
        assert view.commits_left() == 0
        assert before + sum(came) == view.index.count()
