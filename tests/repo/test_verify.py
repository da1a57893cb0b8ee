from __future__ import annotations

from pathlib import Path

import pytest

from holdfast.repo import ids
from holdfast.repo.branch import SHARED, RecordsBranch
from holdfast.repo.location import Repository
from holdfast.repo.sync import sync
from holdfast.repo.verify import load_anchors, save_anchors, verify
from holdfast.testing.repositories import clone, make_repository, run_git

ONE, TWO, THREE = (f"events/2026/01/{letter * 16}.json" for letter in "abc")


@pytest.fixture
def branch(repository: Repository) -> RecordsBranch:
    """A branch of two commits."""
    branch = RecordsBranch(repository)
    branch.append({ONE: b"one"}, "x")
    branch.append({TWO: b"two"}, "y")
    return branch


def record() -> dict[str, bytes]:
    return {f"events/2026/01/{ids.new_id()}.json": b"{}"}


def tip(branch: RecordsBranch) -> str:
    return branch.tips()[SHARED]


def forge(branch: RecordsBranch, *lines: str, parents: tuple[str, ...]) -> str:
    """Commit anything at all onto the branch, as one who tampers could."""
    head = [f"commit {SHARED}", "committer X <x@x> 0 +0000", "data 1", "x"]
    names = [f"{'merge' if position else 'from'} {parent}" for position, parent in enumerate(parents)]
    stream = "\n".join([*head, *names, *lines, ""])
    run_git(
        branch.repository.directory, "fast-import", "--quiet", "--force", "--date-format=raw", input=stream
    )
    return tip(branch)


def add(path: str, content: str = "forged") -> str:
    return f"M 100644 inline {path}\ndata {len(content)}\n{content}"


def no_scan(path: str, data: bytes) -> list[str]:
    return []


def test_what_we_write_holds(branch: RecordsBranch) -> None:
    report = verify(branch)
    assert report.ok
    assert report.problems == []
    assert report.commits == 2


def test_without_an_anchor_it_says_so(branch: RecordsBranch) -> None:
    assert any("no anchor" in note for note in verify(branch).notes)


def test_without_records_there_is_nothing_to_say(repository: Repository) -> None:
    report = verify(RecordsBranch(repository))
    assert (report.ok, report.notes, report.commits) == (True, [], 0)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (f"D {ONE}", f"deletes '{ONE}'"),
        (add(ONE), f"changes '{ONE}'"),
        (f"R {ONE} {THREE}", f"deletes '{ONE}'"),
        (f"M 120000 inline {THREE}\ndata 1\nx", "is no record"),
        (f"M 100755 inline {ONE}\ndata 3\none", f"changes '{ONE}'"),
        (add(".github/workflows/x.yml"), "is no record"),
    ],
)
def test_a_commit_that_does_more_than_add_records_is_named(
    branch: RecordsBranch, line: str, said: str
) -> None:
    forged = forge(branch, line, parents=(tip(branch),))
    (problem,) = verify(branch).problems
    assert said in problem
    assert forged[:12] in problem


def test_a_change_that_a_later_commit_hides_is_found(branch: RecordsBranch) -> None:
    changed = forge(branch, add(ONE, "other"), parents=(tip(branch),))
    forge(branch, add(ONE, "one"), parents=(changed,))
    assert len(verify(branch).problems) == 2


def two_sides(branch: RecordsBranch, tmp_path: Path) -> tuple[str, str]:
    other = RecordsBranch(make_repository(tmp_path / "other"))
    other.append({THREE: b"three"}, "z")
    run_git(branch.repository.directory, "fetch", "--quiet", str(other.repository.root), SHARED)
    return tip(branch), tip(other)


@pytest.mark.parametrize("shown", ["", "off", "first-parent", "combined"])
def test_a_merge_holds_both_sides_and_nothing_else(branch: RecordsBranch, tmp_path: Path, shown: str) -> None:
    sides = two_sides(branch, tmp_path)
    if shown:  # how the user's own `git log` shows merges must not blind us
        run_git(branch.repository.directory, "config", "log.diffMerges", shown)
    forge(branch, add(THREE, "three"), parents=sides)
    assert verify(branch).ok
    forge(branch, add(THREE, "three"), add("events/2026/01/dddddddddddddddd.json"), parents=sides)
    (problem,) = verify(branch).problems
    assert "neither side has" in problem


def test_a_merge_that_leaves_a_side_out_is_found(branch: RecordsBranch, tmp_path: Path) -> None:
    forge(branch, parents=two_sides(branch, tmp_path))
    (problem,) = verify(branch).problems
    assert f"deletes '{THREE}'" in problem


def test_a_merge_that_drops_from_the_first_side_is_found(branch: RecordsBranch, tmp_path: Path) -> None:
    forge(branch, f"D {ONE}", add(THREE, "three"), parents=two_sides(branch, tmp_path))
    (problem,) = verify(branch).problems
    assert f"deletes '{ONE}'" in problem


def test_a_damaged_history_is_a_problem_not_a_crash(branch: RecordsBranch) -> None:
    commit = tip(branch)
    (branch.repository.common_dir / "objects" / commit[:2] / commit[2:]).unlink()
    (problem,) = verify(branch).problems
    assert "damaged" in problem


@pytest.fixture
def anchored(branch: RecordsBranch, tmp_path: Path) -> RecordsBranch:
    """A clone that once synced with the branch's repository."""
    copy = RecordsBranch(clone(branch.repository.directory, tmp_path / "copy"))
    copy.append(record(), "mine")
    sync(copy, "origin", no_scan)
    assert verify(copy) == verify(copy)
    assert verify(copy).ok
    assert verify(copy).notes == []
    return copy


def test_an_anchor_is_the_last_tip_seen_at_a_remote(anchored: RecordsBranch) -> None:
    assert verify(anchored).anchors == {"origin": tip(anchored)}


def test_a_whole_new_history_is_found_by_the_anchor(anchored: RecordsBranch) -> None:
    forge(anchored, add(TWO, "two"), parents=())
    problems = verify(anchored).problems
    assert any("no longer holds" in problem and ONE in problem for problem in problems)


def test_a_history_rewritten_with_the_same_records_is_found_by_the_anchor(
    anchored: RecordsBranch,
) -> None:
    forge(
        anchored,
        f"M 040000 {anchored.repository.git('rev-parse', SHARED + '^{tree}').decode().strip()} ",
        parents=(),
    )
    (problem,) = verify(anchored).problems
    assert "without a tombstone" in problem


def test_a_tip_moved_back_is_found_by_the_anchor(anchored: RecordsBranch) -> None:
    run_git(anchored.repository.directory, "update-ref", SHARED, f"{SHARED}~1")
    assert not verify(anchored).ok


def test_records_that_are_gone_altogether_are_found_by_the_anchor(anchored: RecordsBranch) -> None:
    for ref in (SHARED, "refs/remotes/origin/holdfast"):
        run_git(anchored.repository.directory, "update-ref", "-d", ref)
    (problem,) = verify(anchored).problems
    assert "no records are left" in problem


def test_a_remote_that_went_back_is_found_by_the_anchor(anchored: RecordsBranch) -> None:
    run_git(anchored.repository.directory, "update-ref", "refs/remotes/origin/holdfast", f"{SHARED}~1")
    (problem,) = verify(anchored).problems
    assert "refs/remotes/origin/holdfast" in problem


def test_an_anchor_whose_commit_is_gone_cannot_be_held_against(anchored: RecordsBranch) -> None:
    save_anchors(anchored.repository, {"origin": "0123456789" * 4})
    problems = verify(anchored).problems
    assert problems
    assert all("is gone" in problem for problem in problems)


def test_a_damaged_file_of_anchors_counts_as_none(anchored: RecordsBranch) -> None:
    (anchored.repository.state_dir / "anchors.json").write_bytes(b"\xff{")
    assert load_anchors(anchored.repository) == {}
    assert verify(anchored).ok


def test_a_tip_that_a_receipt_quotes_is_an_anchor(branch: RecordsBranch) -> None:
    quoted = tip(branch)
    assert verify(branch, [quoted]).ok
    assert verify(branch, [quoted]).notes == []
    run_git(branch.repository.directory, "update-ref", SHARED, f"{SHARED}~1")
    (problem,) = verify(branch, [quoted]).problems
    assert "A receipt quotes" in problem


def test_a_shallow_clone_says_what_it_could_not_check(branch: RecordsBranch, tmp_path: Path) -> None:
    shallow = clone(branch.repository.directory, tmp_path / "copy", "--depth=1", "--no-single-branch")
    report = verify(RecordsBranch(shallow))
    assert report.ok
    assert any("shallow" in note for note in report.notes)


def test_many_problems_are_cut_short(branch: RecordsBranch) -> None:
    forge(branch, *(add(f"strange/{number}") for number in range(50)), parents=(tip(branch),))
    problems = verify(branch).problems
    assert len(problems) == 21
    assert problems[-1] == "… and 30 more."


def test_a_second_file_of_the_same_id_is_named(repository: Repository) -> None:
    """It would stand in for the first without changing it."""
    branch = RecordsBranch(repository)
    branch.append({"learnings/gotcha/one-aaaaaaaaaaaaaaaa.md": b"one"}, "one")
    branch.append({"learnings/gotcha/aa-aaaaaaaaaaaaaaaa.md": b"another"}, "another")
    report = verify(branch)
    assert not report.ok
    assert "aaaaaaaaaaaaaaaa" in report.problems[0]
