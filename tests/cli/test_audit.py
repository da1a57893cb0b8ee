"""``holdfast audit``: what it prints, how it exits, and that it writes nothing unasked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from holdfast.cli.schemas import shipped
from holdfast.testing.repositories import make_repository, run_git

JUNK = "# Notes\n\n- Use pnpm.\n- Done! All tests pass now.\n"


def run(folder: Path, *args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "holdfast", "audit", *args],
        cwd=folder, capture_output=True, text=True, check=False, env={**os.environ, "HOME": str(folder)},
    )  # fmt: skip


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    (tmp_path / "notes.md").write_text(JUNK)
    return tmp_path


def test_findings_are_told_with_their_lines_and_exit_1(notes: Path) -> None:
    done = run(notes, "notes.md")
    assert done.returncode == 1
    assert "notes.md" in done.stdout
    assert "  4: junk" in done.stdout
    assert "1 piece of junk in 1 file, 4 lines." in done.stdout


def test_a_clean_memory_says_so_and_exits_0(notes: Path) -> None:
    (notes / "notes.md").write_text("# Notes\n\n- Use pnpm.\n")
    done = run(notes, "notes.md")
    assert (done.returncode, done.stdout) == (0, "Nothing to mend in 1 file, 3 lines.\n")


def test_where_there_is_no_memory_nothing_is_wrong(tmp_path: Path) -> None:
    done = run(tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("args", [["absent.md"], ["--yes"], ["notes.md", "--fix", "--json"], ["--only", "x"]])
def test_a_call_that_cannot_mean_anything_exits_2_with_a_hint(notes: Path, args: list[str]) -> None:
    done = run(notes, *args)
    assert done.returncode == 2
    assert done.stderr.startswith("holdfast: ")
    assert len(done.stderr.splitlines()) > 1


def test_json_has_the_fields_of_its_schema(notes: Path) -> None:
    body = json.loads(run(notes, "notes.md", "--json").stdout)
    assert body["schema"] == "holdfast.audit/1"
    assert set(body) == set(shipped("audit/1")["required"])
    assert [(one["class"], one["line"]) for one in body["findings"]] == [("junk", 4)]


def test_only_looks_for_what_is_named(notes: Path) -> None:
    assert run(notes, "notes.md", "--only", "secret", "--only", "stale").returncode == 0


def test_fix_without_a_terminal_prints_a_patch_that_git_applies_and_writes_nothing(tmp_path: Path) -> None:
    root = make_repository(tmp_path / "project", files={"notes.md": JUNK}).root
    assert root is not None
    done = run(root, "notes.md", "--fix")
    assert done.returncode == 1
    assert (root / "notes.md").read_text() == JUNK
    assert not (root / ".git" / "holdfast").exists()
    subprocess.run(["git", "apply", "-"], cwd=root, input=done.stdout, text=True, check=True)
    assert (root / "notes.md").read_text() == "# Notes\n\n- Use pnpm.\n"


def test_one_secret_leaves_the_other_cures_to_be_looked_at(tmp_path: Path) -> None:
    token = "ghp_" + "16C7e42F292c6912E7710c838347Ae178B4a"
    root = make_repository(tmp_path / "project", files={"notes.md": f"- Push with {token}.\n\n{JUNK}"}).root
    assert root is not None
    done = run(root, "notes.md", "--fix")
    assert "-- Done! All tests pass now.\n" in done.stdout
    assert token not in done.stdout + done.stderr
    assert "Left: 1 secret. Secrets are replaced with --yes" in done.stderr
    alone = make_repository(tmp_path / "alone", files={"notes.md": f"- Push with {token}.\n"}).root
    assert alone is not None
    assert "there is nothing to put into a patch" in run(alone, "notes.md", "--fix").stderr


def test_fix_with_yes_mends_and_stages_nothing(tmp_path: Path) -> None:
    root = make_repository(tmp_path / "project", files={"notes.md": JUNK}).root
    assert root is not None
    assert run(root, "notes.md", "--fix", "--yes").returncode == 0
    assert (root / "notes.md").read_text() == "# Notes\n\n- Use pnpm.\n"
    assert run_git(root, "diff", "--cached", "--name-only") == ""


def test_what_needs_judgement_is_left_and_named(notes: Path) -> None:
    (notes / "notes.md").write_text("# N\n\n- Commit the lockfile.\n- Never commit the lockfile.\n")
    done = run(notes, "notes.md", "--fix", "--yes")
    assert done.returncode == 1
    assert "Left for you: 1 contradiction." in done.stdout


def test_a_file_that_cannot_be_mended_is_named_and_the_others_are(notes: Path) -> None:
    text = "# Kept\n\n- Squash merges.\n- ok\n"
    (notes / "kept.md").write_text(text)
    (notes / "kept.md").chmod(0o444)
    done = run(notes, "kept.md", "notes.md", "--fix", "--yes")
    assert done.returncode == 1
    assert done.stderr == "kept.md is read-only; nothing was written. Make it writable.\n"
    assert (notes / "kept.md").read_text() == text
    assert (notes / "notes.md").read_text() == "# Notes\n\n- Use pnpm.\n"


def test_a_patch_leaves_out_what_lies_outside_this_folder(notes: Path) -> None:
    (notes / "below").mkdir()
    done = run(notes / "below", "../notes.md", "--fix")
    assert (done.returncode, done.stdout) == (1, "")
    assert "it lies outside this folder; run this there, or use --yes." in done.stderr
