from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.transcripts.paths import SessionPaths, is_below, normalize

PARTS = st.lists(st.sampled_from(["a", "b c", "src", ".", "..", "", ".hidden", "x.py"]), max_size=7)


@pytest.mark.parametrize(
    ("root", "path", "relative"),
    [
        ("/home/ada/shop", "/home/ada/shop/src/a.py", "src/a.py"),
        ("/home/ada/shop/", "/home/ada/shop", "."),
        ("/home/ada/shop", "/home/ada/shopping/a.py", "/home/ada/shopping/a.py"),
        ("/home/ada/shop", "/home/ada/shop/../other/a.py", "/home/ada/shop/../other/a.py"),
        ("/home/ada/shop", "/home/ada/shop/./src//a.py", "src/a.py"),
        ("/home/ada/shop", "src/../a.py", "a.py"),
        ("/home/ada/shop", "../a.py", "../a.py"),
        ("/", "/etc/hosts", "etc/hosts"),
        ("C:\\code\\shop", "c:\\Code\\Shop\\src\\a.py", "src/a.py"),
        ("C:\\code\\shop", "C:/code/shop/src/a.py", "src/a.py"),
        ("C:\\code\\shop", "D:\\work\\shop\\a.py", "D:\\work\\shop\\a.py"),
        ("\\\\host\\share\\shop", "\\\\host\\share\\shop\\a.py", "a.py"),
        ("/home/ada/shop", "odd\\name.py", "odd\\name.py"),
    ],
)
def test_a_path_is_relative_to_the_root_when_it_lies_inside(root, path, relative):
    assert SessionPaths([root]).relative(path) == relative


def test_a_relative_path_is_completed_by_where_the_session_is():
    paths = SessionPaths()
    paths.enter("/home/ada/shop")
    paths.enter("/home/ada/shop/src")
    assert paths.relative("a.py") == "src/a.py"
    assert paths.relative(".") == "src"
    paths.enter("/tmp")
    assert paths.relative("a.py") == "a.py"


@pytest.mark.parametrize(
    "worktree",
    [
        "/home/ada/shop/.claude/worktrees/fix",
        "/home/ada/shop/.worktrees/fix",
        "/home/ada/shop.worktrees/fix",
        "/home/ada/shop__worktrees/fix",
        "/var/checkouts/shop",
    ],
)
def test_a_file_has_the_same_path_in_a_worktree_and_in_another_checkout(worktree):
    paths = SessionPaths()
    paths.enter("/home/ada/shop")
    paths.enter(worktree)
    assert paths.relative(f"{worktree}/src/a.py") == "src/a.py"
    assert paths.relative("/home/ada/shop/src/a.py") == "src/a.py"


def test_a_session_begun_in_a_worktree_knows_its_main_checkout():
    paths = SessionPaths()
    paths.enter("/home/ada/shop/.claude/worktrees/fix")
    assert paths.relative("/home/ada/shop/src/a.py") == "src/a.py"


def test_a_directory_that_the_session_only_visited_is_no_root():
    paths = SessionPaths()
    paths.enter("/home/ada/shop")
    paths.enter("/tmp/scratch")
    paths.enter("/home/ada")
    assert paths.relative("/tmp/scratch/a.py") == "/tmp/scratch/a.py"
    assert paths.relative("/home/ada/notes.md") == "/home/ada/notes.md"


@given(parts=PARTS, lead=st.sampled_from(["/", "", "./", "C:\\", "//"]))
def test_normalizing_is_idempotent_and_leaves_no_empty_or_undone_parts(parts, lead):
    once = normalize(lead + "/".join(parts))
    assert normalize(once) == once
    assert "/./" not in once
    if once.startswith("/"):
        assert ".." not in once.split("/")


@given(parts=PARTS)
def test_a_relative_path_leads_back_to_its_file(parts):
    path = normalize("/repo/" + "/".join(parts))
    relative = SessionPaths(["/repo"]).relative(path)
    assert normalize(f"/repo/{relative}") == path if is_below(path, "/repo") else relative == path


def test_what_is_known_survives_being_stored():
    paths = SessionPaths()
    paths.enter("/home/ada/shop")
    paths.enter("/home/ada/shop/src")
    again = SessionPaths()
    again.restore(paths.state())
    assert again.relative("a.py") == paths.relative("a.py")
    assert again.roots == paths.roots
