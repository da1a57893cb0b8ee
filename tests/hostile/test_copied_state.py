"""Local state that came with a copied clone is not believed, and chooses nothing even when it is taken over.

What it names is a stranger's also where its files were moved into one's own state, as a person may do.
"""

from __future__ import annotations

import dataclasses
import gzip
import hashlib
import json
import os
import shutil
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from holdfast.hook import published
from holdfast.repo.location import Repository
from holdfast.testing import repositories
from holdfast.testing.sessions import ClaudeSession

SECRET = "SECRET-OF-THIS-MACHINE"
ESCAPES = "\x1b[2J\x1b]0;title\x07\u202e"


@pytest.fixture
def state(clone: Path) -> Path:
    """One's own local state, for a stranger's files to be moved into."""
    return Repository.find(clone).ensure_state()


def session(clone: Path) -> ClaudeSession:
    made = ClaudeSession("0badcafe-0000-4000-8000-000000000001", root=str(clone), start=1_772_359_200.0)
    made.bash("pytest -q", "E   ModuleNotFoundError: No module named 'shop'", exit_code=1)
    made.bash("uv run pytest -q", "3 passed")
    return made


def plant(state: Path, **chosen: Any) -> None:
    (state / "settings.json").write_text(json.dumps({"mode": "private", "wrote": {}, **chosen}))


def archive_file(label: dict[str, Any], content: bytes) -> bytes:
    """Return a file as the archive has them, with any label."""
    packed = gzip.compress(content, mtime=0)
    told = json.dumps(label).encode()
    head = b"\x1f\x8b\x08\x04" + b"\0" * 4 + b"\0\xff"
    return head + struct.pack("<H2sH", len(told) + 4, b"HF", len(told)) + told + packed[10:]


def test_a_command_in_it_is_not_run(program: Any, clone: Path, state: Path, tmp_path: Path) -> None:
    plant(state, wording=["sh", "-c", f"touch {program.canary}"], wording_calls=1000)
    done = program("ingest", str(session(clone).write(tmp_path / "log.jsonl")), "--json")
    report = json.loads(done.stdout)
    assert len(report["learned"]) == 1
    assert "not chosen on this machine" in report["wording_problem"]
    assert not program.canary.exists()


def test_an_archive_that_leads_elsewhere_is_not_written(
    program: Any, clone: Path, state: Path, tmp_path: Path
) -> None:
    plant(state, archive=True)
    outside = tmp_path / "outside"
    outside.mkdir()
    (state / "archive").symlink_to(outside)
    done = program("ingest", str(session(clone).write(tmp_path / "log.jsonl")), "--json")
    assert "symbolic link" in json.loads(done.stdout)["not_read"][0]["reason"]
    assert list(outside.iterdir()) == []


def test_forged_copies_are_data(
    program: Any, clone: Path, state: Path, tmp_path: Path, make_program: Callable[[Path], Any]
) -> None:
    plant(state)
    folder = state / "archive"
    folder.mkdir()
    secret = tmp_path / "secret.gz"
    label = {"key": f"/gone/{ESCAPES}", "name": f"{ESCAPES}a", "session": "s", "size": 9, "mtime": 1}
    secret.write_bytes(archive_file({**label, "size": len(SECRET)}, SECRET.encode()))
    (folder / "link.gz").symlink_to(secret)
    (folder / "short.gz").write_bytes(archive_file(label, b"x"))
    (folder / "bomb.gz").write_bytes(archive_file({**label, "size": 10}, b"\0" * 50_000_000))
    (folder / "huge.gz").write_bytes(archive_file({**label, "size": 1 << 60}, b"x"))
    (folder / "negative.gz").write_bytes(archive_file({**label, "size": -1}, b"x"))
    (folder / "deep.gz").write_bytes(archive_file({**label, "directory": [[[]]]}, b"x"))
    done = program("ingest", "--yes", "--json")
    assert b"Traceback" not in done.stderr
    told = done.stdout.decode() + done.stderr.decode()
    assert SECRET not in told
    assert len(json.loads(done.stdout)["not_read"]) == 2
    shown = program("ingest", "--yes")
    assert not set(ESCAPES) & set(shown.stdout.decode() + shown.stderr.decode()) - set("[2J]0;title")


def put_due(state: Path, log: Path) -> None:
    """Plant a list that names a log, and the journal of a session that fell silent."""
    name = "0badcafe-0000-4000-8000-000000000002"
    line = {"at": 1, "agent": "claude-code", "session": name, "transcript": str(log), "reason": "exit"}
    (state / "due.jsonl").write_text(json.dumps(line) + "\n")
    key = hashlib.sha256(f"claude-code\n{name}".encode()).hexdigest()[:16]
    (state / "journal").mkdir()
    journal = state / "journal" / f"{key}.jsonl"
    journal.write_text(json.dumps({**line, "do": "start", "root": ESCAPES}) + "\n")
    os.utime(journal, (1, 1))


@pytest.mark.parametrize("trusted", [False, True])
def test_a_list_in_it_of_what_is_due_has_no_other_projects_log_read(
    program: Any, clone: Path, state: Path, tmp_path: Path, *, trusted: bool
) -> None:
    other = ClaudeSession(
        "0badcafe-0000-4000-8000-000000000002", root="/home/ada/else", start=1_772_359_200.0
    )
    other.bash(f"deploy {SECRET}", f"E   {SECRET} is refused", exit_code=1)
    other.bash("deploy", "done")
    put_due(state, other.write(tmp_path / "log.jsonl"))
    plant(state)
    if trusted:
        assert program("trust", "--yes").returncode == 0
    for command in (("ingest", "--due"), ("status",), ("recall", "deploy")):
        done = program(*command)
        assert b"Traceback" not in done.stderr
        assert SECRET.encode() not in done.stdout
    objects = ["git", "cat-file", "--batch", "--batch-all-objects"]  # runs no filter of the clone's
    assert SECRET.encode() not in subprocess.run(objects, cwd=clone, capture_output=True, check=True).stdout


def test_what_it_says_that_hooks_may_tell_is_not_told(program: Any, clone: Path, state: Path) -> None:
    """Not even once it is trusted, where nothing is published in its place, since it was not set up here."""
    lines = {
        "meta": json.dumps({"surfaces": ["start", "guards"]}),
        "start": json.dumps(
            {"budget": 300, "lines": [{"id": "a", "family": "a", "line": SECRET, "tokens": 1}]}
        ),
    }
    (state / published.NAME).write_bytes(published.lines_of(lines))
    (state / "trust-id").write_text("0" * 32)
    start = json.dumps({"session_id": "s", "cwd": str(clone), "source": "startup"})
    assert program("hook", "claude-code", "start", text=start).stdout == b""
    assert program("trust", "--yes").returncode == 0
    assert program("hook", "claude-code", "start", text=start).stdout == b""


TAUGHT = "uv run pytest -q"


@pytest.fixture
def strangers(program: Any, samples: Path, tmp_path: Path) -> Any:
    """A stranger's repository, trusted and told of by the stranger, with what was learned in it."""
    made = tmp_path / "strangers"
    repositories.make_repository(made)
    stranger = dataclasses.replace(program, directory=made, home=tmp_path / "home-of-the-stranger")
    assert stranger("init", "--agent", "none", "--yes").returncode == 0
    assert stranger("ingest", str(samples)).returncode == 0
    assert TAUGHT.encode() in stranger("brief").stdout
    return stranger


def test_what_an_archive_says_was_learned_here_is_not_told(
    strangers: Any, make_program: Callable[[Path], Any], tmp_path: Path
) -> None:
    """Nor does it make the records of a stranger one's own, so that `init` would trust them."""
    archive = tmp_path / "archive"
    shutil.copytree(strangers.directory, archive, symlinks=True)
    program = make_program(archive)
    theirs = archive / ".git" / "holdfast"
    before = {path: path.read_bytes() for path in theirs.rglob("*") if path.is_file()}
    told = program("init", "--agent", "none", "--yes").stdout.decode()
    assert f"{theirs}:" in told.replace("\n  ", "").replace("\n", "")
    assert "Trusted this repository" not in told
    assert "not written in this clone" in program("trust").stdout.decode()
    start = json.dumps({"session_id": "s", "cwd": str(archive), "source": "startup"})
    assert TAUGHT.encode() not in program("brief").stdout
    assert program("hook", "claude-code", "start", text=start).stdout == b""
    assert f"{theirs}:" in program("doctor", "--json").stdout.decode()
    program("init", "--undo")
    assert {path: path.read_bytes() for path in theirs.rglob("*") if path.is_file()} == before
    assert [path.name for path in (archive / ".git").glob("holdfast*")] == ["holdfast"]


def test_an_archive_at_a_path_that_was_trusted_before_is_silent(
    strangers: Any, make_program: Callable[[Path], Any], tmp_path: Path
) -> None:
    place = tmp_path / "place"
    repositories.make_repository(place)
    program = make_program(place)
    assert json.loads(program("init", "--agent", "none", "--yes", "--json").stdout)["trusted"]
    shutil.rmtree(place)
    shutil.copytree(strangers.directory, place, symlinks=True)
    start = json.dumps({"session_id": "s", "cwd": str(place), "source": "startup"})
    assert (place / ".git" / "holdfast" / published.NAME).exists()
    assert program("hook", "claude-code", "start", text=start).stdout == b""
    assert TAUGHT.encode() not in program("brief").stdout
    assert not json.loads(program("trust", "--show", "--json").stdout)["trusted"]


def told_at_start(program: Any, directory: Path, session: str) -> bytes:
    start = json.dumps({"session_id": session, "cwd": str(directory), "source": "startup"})
    return bytes(program("hook", "claude-code", "start", text=start).stdout)


def test_two_homes_on_one_checkout_are_each_told_their_own_in_turn(
    strangers: Any, make_program: Callable[[Path], Any]
) -> None:
    """As a container with a home of its own and its host: neither falls silent, nothing is moved."""
    ours = make_program(strangers.directory)
    theirs = strangers.directory / ".git" / "holdfast"
    assert ours("init", "--agent", "none", "--yes").returncode == 0
    assert TAUGHT.encode() not in told_at_start(ours, strangers.directory, "not-trusted")
    assert ours("trust", "--yes").returncode == 0
    assert ours("status").returncode == 0
    for number in range(3):
        for program in (strangers, ours):
            assert TAUGHT.encode() in told_at_start(program, strangers.directory, f"s{number}"), number
            assert TAUGHT.encode() in program("brief").stdout
    folders = sorted((strangers.directory / ".git").glob("holdfast*"))
    assert len(folders) == 2
    assert folders[0] == theirs
    for folder in folders:
        assert len(list((folder / "journal").iterdir())) == 3
    assert repositories.run_git(strangers.directory, "status", "--porcelain") == ""


@pytest.mark.parametrize("kind", ["file", "link", "common"])
def test_a_folder_that_names_the_git_directory_of_a_trusted_one_inherits_nothing(
    strangers: Any, tmp_path: Path, kind: str
) -> None:
    evil = tmp_path / "evil"
    evil.mkdir()
    named = strangers.directory / ".git"
    if kind == "file":
        (evil / ".git").write_text(f"gitdir: {named}\n")
    elif kind == "link":
        (evil / ".git").symlink_to(named)
    else:
        repositories.make_repository(evil)
        (evil / ".git" / "commondir").write_text(f"{named}\n")
    there = dataclasses.replace(strangers, directory=evil)
    assert TAUGHT.encode() not in there("brief").stdout
    assert told_at_start(there, evil, "s") == b""
    assert not json.loads(there("trust", "--show", "--json").stdout)["trusted"]
    for command in ("trust", "init"):
        refused = there(command, "--yes")
        assert refused.returncode == 2
        assert "knows of no worktree there" in " ".join(refused.stderr.decode().split())
    assert not (evil / "CLAUDE.md").exists()
    for command in ("status", "doctor"):
        told = " ".join(there(command).stdout.decode().split())
        assert "`git worktree repair`" in told
        assert "holdfast trust" not in told
    assert TAUGHT.encode() in strangers("brief").stdout


def test_a_git_directory_that_names_no_worktree_counts_where_it_was_trusted(
    program: Any, tmp_path: Path, samples: Path
) -> None:
    made, evil = tmp_path / "made", tmp_path / "evil"
    for folder in (made, evil):
        folder.mkdir()
    repositories.run_git(made, "init", "--quiet", f"--separate-git-dir={tmp_path / 'git'}")
    (evil / ".git").write_text((made / ".git").read_text())
    here, there = (dataclasses.replace(program, directory=each) for each in (made, evil))
    assert json.loads(here("init", "--agent", "none", "--yes", "--json").stdout)["trusted"]
    assert here("ingest", str(samples)).returncode == 0
    assert TAUGHT.encode() in told_at_start(here, made, "s")
    assert told_at_start(there, evil, "s") == b""
    assert TAUGHT.encode() not in there("brief").stdout
