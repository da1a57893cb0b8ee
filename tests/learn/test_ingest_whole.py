"""A transcript that is one document, rewritten as it grows, counts as if it had been read once."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from holdfast.learn.ingest import IngestReport, ingest
from holdfast.learn.view import View
from holdfast.repo import records
from holdfast.repo.location import Repository
from holdfast.repo.records import Segment
from holdfast.testing import repositories

EXACT = ("failures", "resolved")
Know = Callable[[Repository], Any]


def read(repository: Repository, *paths: Path) -> IngestReport:
    with View(repository) as view:
        return ingest(view, paths)


def sums(repository: Repository) -> Counter[str]:
    """Return the numbers of all segments, summed."""
    total: Counter[str] = Counter()
    with View(repository) as view:
        added = {entry.blob: entry.path for entry in view.branch.added()}
        for blob, data in view.branch.read(added):
            if added[blob].startswith("segments/"):
                segment = records.decode(added[blob], data)
                assert isinstance(segment, Segment)
                names = ("calls", "failures", "prompts", "compactions", "records", "unknown", "malformed")
                total.update({name: getattr(segment, name) for name in names})
                total.update(segment.tokens)
                total.update(resolved=sum(row.resolved for row in segment.signatures))
    return total


def clone(repository: Repository, folder: Path) -> Repository:
    """Return a fresh clone, its records fetched and nothing else known."""
    repositories.run_git(folder.parent, "clone", "--quiet", str(repository.directory), str(folder))
    repositories.run_git(folder, "fetch", "--quiet", "origin", "refs/heads/holdfast:refs/heads/holdfast")
    return Repository.find(folder)


def forget(repository: Repository) -> None:
    for path in repository.state_dir.glob("reading.db*"):
        path.unlink()


def whole(diary: Any) -> list[dict[str, Any]]:
    return [*diary.failed_then_passed(), *diary.failed_then_passed(1)]


@pytest.mark.parametrize("seed", range(6))
def test_it_grows_by_goes_and_counts_once(
    empty: Repository, diary: Any, tmp_path: Path, knowledge: Know, seed: int
) -> None:
    """Each time its head is rewritten, sometimes its last message gains its result, or the file moves."""
    chance = random.Random(seed)
    other = repositories.make_repository(tmp_path / "other")
    at_once = diary.write(tmp_path / "once", whole(diary))
    read(other, at_once)
    path = tmp_path / "log"
    for cut in [*sorted(chance.sample(range(1, 16), 4)), 16]:
        messages = whole(diary)[:cut]
        if "ok" in messages[-1] and cut < 16:
            messages[-1] = {key: value for key, value in messages[-1].items() if key not in ("ok", "text")}
        read(empty, diary.write(path, messages))
        if chance.random() < 0.5:
            path = path.rename(tmp_path / f"moved-{cut}")
    found, expected = sums(empty), sums(other)
    assert knowledge(empty) == knowledge(other)
    assert {name: found[name] for name in EXACT} == {name: expected[name] for name in EXACT}
    assert found <= expected, "a stretch in which nothing happened leaves no segment"


def test_an_unchanged_document_changes_nothing(empty: Repository, diary: Any, tmp_path: Path) -> None:
    path = diary.write(tmp_path / "log", whole(diary))
    first = read(empty, path)
    assert (first.transcripts, first.failures, first.agents) == (1, 4, {"diary": 1})
    assert (sums(empty)["records"], sums(empty)["unknown"]) == (16, 0)
    again = read(empty, path)
    assert (again.transcripts, again.unchanged, again.commit) == (0, 1, None)
    forget(empty)
    lost = read(empty, path)
    assert (lost.transcripts, lost.unchanged, lost.commit) == (0, 1, None)
    path.write_bytes(path.read_bytes().replace(b'"updated": "x', b'"updated": "y'))
    touched = read(empty, path)
    assert (touched.transcripts, touched.unchanged, touched.commit) == (0, 1, None)


def test_a_copy_adds_nothing(empty: Repository, diary: Any, tmp_path: Path) -> None:
    read(empty, diary.write(tmp_path / "log", whole(diary)))
    before = sums(empty)
    assert read(empty, diary.write(tmp_path / "copy", whole(diary))).commit is None
    assert read(empty, diary.write(tmp_path / "shorter", whole(diary)[:9])).commit is None
    assert sums(empty) == before


@pytest.mark.parametrize("grown", [False, True])
def test_a_fresh_clone_counts_it_once(
    empty: Repository, diary: Any, tmp_path: Path, knowledge: Know, grown: bool
) -> None:
    path = diary.write(tmp_path / "log", whole(diary)[: 8 if grown else 16])
    read(empty, path)
    there = clone(empty, tmp_path / "clone")
    report = read(there, diary.write(path, whole(diary)))
    assert (report.transcripts, report.unchanged) == ((1, 0) if grown else (0, 1))
    assert sums(there)["prompts"] == 4
    assert sums(there)["failures"] == 4
    # the linter's failure is still open, and ended by nothing
    assert sums(there)["resolved"] == 2


def test_positions_lost_between_two_readings_double_nothing(
    empty: Repository, diary: Any, tmp_path: Path
) -> None:
    path = tmp_path / "log"
    for cut in (2, 5, 9, 16):
        read(empty, diary.write(path, whole(diary)[:cut]))
        forget(empty)
    found = sums(empty)
    assert (found["prompts"], found["failures"], found["resolved"]) == (4, 4, 2)


def test_a_log_that_is_hardly_understood_leaves_its_counts(
    empty: Repository, diary: Any, tmp_path: Path
) -> None:
    messages = [{"kind": "prompt", "text": "Go on.", "at": 1.7723e9}, *({"kind": "new"} for _ in range(60))]
    read(empty, diary.write(tmp_path / "log", messages))
    assert (sums(empty)["records"], sums(empty)["unknown"]) == (61, 60)
    few = [{"kind": "prompt", "text": "Go on.", "at": 1.7723e9}, {"kind": "new"}]
    assert read(empty, diary.write(tmp_path / "few", few, session="another")).segments == 0
