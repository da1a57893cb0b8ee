"""A place in a file names a line, and git says which commit wrote it last."""

from __future__ import annotations

from pathlib import Path

import pytest

from holdfast.errors import UsageError
from holdfast.repo.blame import commit_of, line_at
from holdfast.repo.location import Repository
from holdfast.testing.repositories import commit, make_repository, run_git


@pytest.fixture
def repository(tmp_path: Path, isolated_home: Path) -> Repository:
    made = make_repository(tmp_path / "shop")
    commit(
        made.directory,
        {"src/cart.py": "def total():\n    return 1\n"},
        "Add the cart\n\nIt was asked for.\n\nTicket: 7",
    )
    commit(made.directory, {"src/cart.py": "def total():\n    return round(1, 2)\n"}, "Round totals")
    return made


def test_a_place_is_found_from_the_top_and_from_a_folder(repository: Repository) -> None:
    top = repository.directory
    for start, place in ((top, "src/cart.py:2"), (top / "src", "cart.py:2"), (top / "src", "src/cart.py:2")):
        line = line_at(repository, place, start)
        assert line is not None
        assert (line.path, line.line, line.text) == ("src/cart.py", 2, "    return round(1, 2)")
        assert line.around[0] == "def total():"


def test_an_id_is_no_place(repository: Repository) -> None:
    assert line_at(repository, "k3p2", repository.directory) is None


@pytest.mark.parametrize(
    "place", ["src/cart.py:99", "src/cart.py:3", "src/none.py:1", "a:1", "../outside.py:1"]
)
def test_a_place_that_is_not_there_is_said_so(repository: Repository, place: str) -> None:
    (repository.directory.parent / "outside.py").write_text("x\n")
    with pytest.raises(UsageError):
        line_at(repository, place, repository.directory)


def test_the_last_commit_of_a_line_is_named_with_its_message(repository: Repository) -> None:
    first, second = (line_at(repository, f"src/cart.py:{n}", repository.directory) for n in (1, 2))
    assert first is not None
    assert second is not None
    added, rounded = commit_of(repository, first), commit_of(repository, second)
    assert added is not None
    assert rounded is not None
    assert (added.subject, added.trailers) == ("Add the cart", {"Ticket": "7"})
    assert added.body.startswith("It was asked for.")
    assert rounded.subject == "Round totals"


def test_a_commit_of_no_sensible_time_is_named_all_the_same(repository: Repository) -> None:
    top = repository.directory
    (top / "late.py").write_text("x = 1\n")
    run_git(top, "add", "late.py")
    run_git(top, "commit", "-qm", "Late", "--date", "@99999999999999 +0000")
    line = line_at(repository, "late.py:1", top)
    assert line is not None
    found = commit_of(repository, line)
    assert found is not None
    assert found.subject == "Late"


def test_a_line_that_is_not_committed_has_no_commit(repository: Repository) -> None:
    path = repository.directory / "src" / "cart.py"
    path.write_text(path.read_text() + "TAX = 19\n")
    line = line_at(repository, "src/cart.py:3", repository.directory)
    assert line is not None
    assert commit_of(repository, line) is None


def test_a_change_of_white_space_alone_does_not_own_a_line(repository: Repository) -> None:
    path = repository.directory / "src" / "cart.py"
    commit(repository.directory, {"src/cart.py": path.read_text().replace("    ", "        ")}, "Indent")
    line = line_at(repository, "src/cart.py:2", repository.directory)
    assert line is not None
    found = commit_of(repository, line)
    assert found is not None
    assert found.subject == "Round totals"


def test_a_link_out_of_the_tree_is_not_read(repository: Repository, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret\n")
    (repository.directory / "link.txt").symlink_to(tmp_path / "secret.txt")
    with pytest.raises(UsageError):
        line_at(repository, "link.txt:1", repository.directory)


def test_lines_keep_their_commits_while_others_are_changed_around_them(repository: Repository) -> None:
    lines = [f"line {number}" for number in range(40)]
    commit(repository.directory, {"many.txt": "\n".join(lines) + "\n"}, "Add many")
    changed = ["first", *lines[:20], "middle", *lines[21:], "last"]
    (repository.directory / "many.txt").write_text("\n".join(changed) + "\n")
    for number, text in enumerate(changed, 1):
        line = line_at(repository, f"many.txt:{number}", repository.directory)
        assert line is not None
        found = commit_of(repository, line)
        assert (found is None) == (text in ("first", "middle", "last")), text
