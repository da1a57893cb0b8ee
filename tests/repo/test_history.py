"""Commits are read as they are, whatever they say, and nothing is fetched for it."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest

from holdfast.errors import GitError
from holdfast.repo import history
from holdfast.repo.history import MAX_BODY, MAX_FILES, Commit
from holdfast.repo.location import Repository
from holdfast.testing import repositories
from holdfast.testing.repositories import commit, run_git


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return repositories.make_repository(tmp_path / "r", commits=0).root or tmp_path


def read(root: Path, *start: str, known: tuple[str, ...] = ()) -> list[Commit]:
    repository = Repository.find(root)
    return list(history.commits(repository, start or (repository.head() or "",), known))


def raw_commit(root: Path, message: bytes) -> str:
    """Commit a message as no program would write it."""
    tree = run_git(root, "write-tree").strip()
    parent = Repository.find(root).head()
    lines = [f"tree {tree}", *([f"parent {parent}"] if parent else [])]
    lines += [f"{who} A <a@example.invalid> 1700000000 +0000" for who in ("author", "committer")]
    data = "\n".join(lines).encode() + b"\n\n" + message
    made = Repository.find(root).git(
        "hash-object", "-t", "commit", "-w", "--stdin", "--literally", input=data
    )
    run_git(root, "update-ref", "HEAD", made.decode().strip())
    return made.decode().strip()


def test_commits_come_newest_first_with_their_message_and_files(root: Path) -> None:
    first = commit(root, {"a b.txt": "1", "d/é.txt": "1"}, "One\n\nWhy: two\nlines.")
    second = commit(root, {"c.txt": "1"}, "Two")
    newest, oldest = read(root)
    assert (newest.id, newest.parents, newest.message, newest.files) == (second, (first,), "Two", ("c.txt",))
    assert (oldest.id, oldest.message) == (first, "One\n\nWhy: two\nlines.")
    assert oldest.files == ("a b.txt", "d/é.txt")
    assert [each.id for each in read(root, second, known=(first,))] == [second]


def test_a_merge_names_both_parents_and_no_file(root: Path) -> None:
    commit(root, {"a": "1"})
    run_git(root, "switch", "-qc", "side")
    side = commit(root, {"b": "1"})
    run_git(root, "switch", "-q", "main")
    main = commit(root, {"c": "1"})
    run_git(root, "merge", "-q", "--no-edit", "side")
    assert (read(root)[0].parents, read(root)[0].files) == ((main, side), ())


def test_of_many_files_the_first_are_named(root: Path) -> None:
    commit(root, {f"{number:05d}.txt": "" for number in range(2000)})
    [found] = read(root)
    assert (len(found.files), found.wide, found.files[0]) == (MAX_FILES, True, "00000.txt")
    commit(root, {f"x{number}": "" for number in range(MAX_FILES)})
    assert (len(read(root)[0].files), read(root)[0].wide) == (MAX_FILES, False)


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"\n\n\n",
        b"x" * 1_000_000,
        b"\xff\xfe invalid \xc3(",
        b"subject\n\nbefore\0after",
        b"\x1b[31mred\x1b[0m\x1e\x1f\r\n",
        "あ".encode() * 500_000,
        b"f" * 40 + b" 1700000000 " + b"e" * 40 + b"\n\nnot a header",
    ],
    ids=["empty", "blank", "megabyte", "invalid", "nul", "escapes", "wide megabyte", "header"],
)
def test_a_hostile_message_harms_no_commit_beside_it(root: Path, message: bytes) -> None:
    first = commit(root, {"a": "1"}, "First")
    hostile = raw_commit(root, message)
    last = commit(root, {"b": "1"}, "Last")
    found = read(root)
    assert [each.id for each in found] == [last, hostile, first]
    assert [found[0].message, found[2].message] == ["Last", "First"]
    assert len(found[1].message) <= MAX_BODY
    assert found[0].files[-1:] == ("b",)


def test_a_file_named_as_a_commit_is_a_file(root: Path) -> None:
    name = f"{'a' * 40} 1700000000 {'b' * 40}"
    commit(root, {name: "1", "line\nbreak": "1"}, "One")
    [found] = read(root)
    assert set(found.files) == {name, "line\nbreak"}


def test_reading_may_stop_at_any_commit(root: Path) -> None:
    for number in range(5):
        commit(root, {"a": str(number)}, f"No {number}")
    repository = Repository.find(root)
    reading = history.commits(repository, [repository.head() or ""])
    assert [each.message for each in islice(reading, 2)] == ["No 4", "No 3"]


def test_commits_that_are_gone_tell_nothing(root: Path) -> None:
    commit(root, {"a": "1"})
    repository = Repository.find(root)
    with pytest.raises(GitError):
        list(history.commits(repository, ["f" * 40]))
    assert history.beyond(repository, ["f" * 40], [repository.head() or ""]) is None


def test_a_clone_without_trees_gives_commits_without_files_and_fetches_none(
    root: Path, tmp_path: Path
) -> None:
    commit(root, {"a": "1"}, "One")
    commit(root, {"a": "2", "d/b": "1"}, "Two")
    run_git(root, "config", "uploadpack.allowFilter", "true")
    cut = repositories.clone(root, tmp_path / "cut", "--filter=tree:0", "--no-checkout")
    assert cut.root is not None
    run_git(cut.root, "remote", "set-url", "origin", str(tmp_path / "nowhere"))
    assert [each.message for each in read(cut.root)] == ["Two", "One"]


def test_a_persons_own_settings_change_no_names_of_files(root: Path) -> None:
    commit(root, {"sub/b": "1", "a": "1"})
    for name, value in (("diff.relative", "true"), ("log.showRoot", "false"), ("diff.orderFile", "order")):
        run_git(root, "config", name, value)
    (root / "order").write_text("sub/*\n")
    assert [each.files for each in history.commits(Repository.find(root / "sub"), ["HEAD"])] == [
        ("a", "sub/b")
    ]


def test_a_shallow_clone_ends_where_it_ends(root: Path, tmp_path: Path) -> None:
    for number in range(4):
        commit(root, {"a": str(number)}, f"No {number}")
    cut = repositories.clone(root, tmp_path / "cut", "--depth=2")
    assert cut.root is not None
    assert [each.message for each in read(cut.root)] == ["No 3", "No 2"]
    before = history.boundary(cut)
    run_git(cut.root, "fetch", "--quiet", "--unshallow")
    assert history.boundary(cut) != before


def test_worktrees_are_told_with_what_they_stand_on(root: Path, tmp_path: Path) -> None:
    repository = Repository.find(root)
    assert [(tree.root, tree.head) for tree in history.worktrees(repository)] == [(root, "")]
    head = commit(root, {"a": "1"})
    run_git(root, "worktree", "add", "-q", "-b", "topic/x", str(tmp_path / "other"))
    run_git(root, "worktree", "add", "-q", "--detach", str(tmp_path / "third"))
    assert [(tree.root.name, tree.head, tree.branch) for tree in history.worktrees(repository)] == [
        ("r", head, "main"),
        ("other", head, "topic/x"),
        ("third", head, ""),
    ]
