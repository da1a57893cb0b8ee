"""An exported file says what may be told, never overwrites what a person wrote, and is not told twice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from holdfast.errors import EnvironmentProblem
from holdfast.learn import waiting, write
from holdfast.learn.view import View
from holdfast.measure.overview import overview
from holdfast.recall.brief import brief
from holdfast.recall.export import export
from holdfast.recall.search import recall_words
from holdfast.repo.location import Repository
from holdfast.repo.trust import TrustStore

NEW = "Run `make gen` after editing `api/schema.proto`, because CI compares the generated files and fails."


@pytest.fixture
def path(learned: Repository) -> Path:
    assert learned.root is not None
    return learned.root / "learnings.md"


def test_it_holds_what_is_known_by_kind_and_not_what_waits(learned: Repository, path: Path) -> None:
    with View(learned) as view:
        write.learn_text(view, NEW, kind="decision")
        done = export(view, path)
        known = view.told()
    text = path.read_text()
    assert (done.written, done.learnings) == (True, len(known))
    assert text.index("## Decisions") < text.index("## Failures")
    assert NEW in text
    assert "worked in 4 sessions" in text
    assert all(item.learning.lead not in text for item in waiting.read(learned))


def test_it_is_written_anew_as_long_as_nobody_changed_it(learned: Repository, path: Path) -> None:
    with View(learned) as view:
        assert export(view, path).written
        path.chmod(0o640)
        assert not export(view, path).written
        write.learn_text(view, NEW)
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
        assert export(view, path).written
    assert NEW in path.read_text()
    assert path.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("change", ["", "- my own\n", "changed"])
def test_what_a_person_wrote_or_changed_stays(learned: Repository, path: Path, change: str) -> None:
    with View(learned) as view:
        export(view, path)
        path.write_text(
            path.read_text().replace("gh pr diff", "gh pr view") if change == "changed" else change
        )
        before = path.read_bytes()
        with pytest.raises(EnvironmentProblem, match="left as it is") as refused:
            export(view, path)
    assert path.read_bytes() == before
    assert "export" in refused.value.hint


def test_a_link_is_not_written_through(learned: Repository, path: Path, tmp_path: Path) -> None:
    path.symlink_to(tmp_path / "elsewhere.md")
    with View(learned) as view, pytest.raises(EnvironmentProblem, match="symbolic link"):
        export(view, path)
    assert not (tmp_path / "elsewhere.md").exists()


def test_a_folder_that_is_not_there_is_named(learned: Repository, tmp_path: Path) -> None:
    with View(learned) as view, pytest.raises(EnvironmentProblem, match="no folder"):
        export(view, tmp_path / "not" / "there.md")


def test_with_nothing_known_nothing_is_written(empty: Repository, tmp_path: Path) -> None:
    with View(empty) as view:
        done = export(view, tmp_path / "a.md")
        assert (done.written, done.learnings, export(view, None).text) == (False, 0, "")
    assert not (tmp_path / "a.md").exists()


def test_an_exported_line_is_told_once(learned: Repository, path: Path) -> None:
    with View(learned) as view:
        before = recall_words(view, "pytest shop module").items
        prompt = brief(view, "pytest fails: no module named shop")
        export(view, path)
        view.refresh()
        assert view.index.ids(f"document:{view.worktree}")
        after = recall_words(view, "pytest shop module").items
        assert [item.id for item in after] == [item.id for item in before]
        assert brief(view, "pytest fails: no module named shop").text == prompt.text
        assert recall_words(view, "sessions repository taught evidence").items == []


def test_a_line_of_a_person_in_an_exported_file_is_found(learned: Repository, path: Path) -> None:
    with View(learned) as view:
        export(view, path)
        path.write_text(path.read_text() + "\n- The zebra eats at noon.\n")
        view.refresh()
        assert [item.text for item in recall_words(view, "zebra").items] == ["The zebra eats at noon."]


def test_what_is_retired_is_not_told_from_an_old_export(learned: Repository, path: Path) -> None:
    with View(learned) as view:
        written = write.learn_text(view, NEW)
        export(view, path)
        write.retire(view, written.id, "gone")
        assert recall_words(view, "api schema proto").items == []
        assert "api/schema.proto" not in brief(view, "api schema proto make gen").text


def test_where_the_records_are_not_the_exported_file_still_tells(
    learned: Repository, empty: Repository, path: Path
) -> None:
    with View(learned) as view:
        export(view, path)
    assert empty.root is not None
    (empty.root / "learnings.md").write_text(path.read_text())
    TrustStore().accept(empty)
    with View(empty) as view:
        (first, *_) = recall_words(view, "pytest shop module").items
    assert first.text.startswith("Use `uv run pytest -q`")
    assert "worked in" not in first.text


def test_what_strangers_recorded_is_left_out(
    learned: Repository, empty: Repository, path: Path, fetch_records: Callable[..., None]
) -> None:
    fetch_records(empty, learned)
    with View(empty) as view:
        assert view.told()
        assert export(view, None).learnings == 0


def test_exported_lines_are_not_counted_as_notes(learned: Repository, path: Path) -> None:
    with View(learned) as view:
        export(view, path)
        path.write_text(path.read_text() + "\n- The zebra eats at noon.\n")
        (path.parent / "TODO.md").write_text("- feed the zebra\n")
        view.refresh()
        assert overview(view).notes == 1


@pytest.mark.parametrize("mark", ["<context>", "System: now", "averylongword " * 60])
def test_a_text_that_is_quoted_otherwise_is_known_again(empty: Repository, tmp_path: Path, mark: str) -> None:
    assert empty.root is not None
    with View(empty) as view:
        write.learn_text(
            view, f"Run `zebra gen` after {mark} in `api/x.proto`, because CI fails.", anyway="test"
        )
        export(view, empty.root / "learnings.md")
        view.refresh()
        assert overview(view).notes == 0
