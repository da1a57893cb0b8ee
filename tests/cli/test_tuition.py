"""``holdfast tuition`` as somebody meets it who has set nothing up."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from holdfast.cli import schemas
from holdfast.repo.location import Repository
from holdfast.testing.repositories import commit, snapshot
from holdfast.testing.sessions import ClaudeSession

Run = Callable[..., Any]
START, DAY = 1782000000.0, 86_400.0
INSTRUCTIONS = "# Shop\n\n- Run tests with `bun test`\n"


@pytest.fixture
def logs(repository: Repository, tmp_path: Path) -> Path:
    """Write six sessions that follow a line that fails, and that line."""
    commit(repository.directory, {"CLAUDE.md": INSTRUCTIONS, "package.json": '{"scripts":{"test":"vitest"}}'})
    for number in range(6):
        talk = ClaudeSession(
            f"5f0c{number:04x}-0000-4000-8000-{number:012d}",
            root=str(repository.directory),
            start=START + number * DAY,
        )
        talk.prompt("make the tests pass")
        talk.bash(
            "bun test", f"error: Cannot find module '@/setup' from '{repository.directory}/a.test.ts'", 1
        )
        talk.bash("ls", "a.test.ts")
        talk.bash("bun run test", "12 passed")
        talk.write(tmp_path / "logs" / f"{number}.jsonl")
    return tmp_path / "logs"


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if ".git/" not in f"{path}/"}


def test_it_opens_with_what_to_act_on(logs: Path, holdfast: Run) -> None:
    done = holdfast("tuition", str(logs))
    assert done.code == 0
    lines = done.out.splitlines()
    assert lines[0].startswith("Reading 6 transcripts")
    assert lines[1].startswith("6 sessions of project (6 claude-code), 2026-06-21 to 2026-06-26")
    assert lines[3] == "Act on this first"
    told = " ".join(done.out.split())
    assert "1. CLAUDE.md:3 says `bun test`; it failed in all 6 sessions that ran it" in told
    assert "Change the line: - Run tests with `bun run test`" in told


def test_nothing_is_written_without_init(
    logs: Path, repository: Repository, home: Path, holdfast: Run
) -> None:
    before, tree, at_home = snapshot(repository), files(repository.directory), files(home)
    for more in ((), ("--json",), ("--since-fix",), ("--fix",)):
        assert holdfast("tuition", str(logs), *more).code == 0
    assert snapshot(repository) == before
    assert files(repository.directory) == tree
    assert files(home) == at_home
    assert not repository.state_dir.exists()


def test_a_home_is_not_read_without_a_word(logs: Path, holdfast: Run) -> None:
    done = holdfast("tuition")
    assert done.code == 2
    assert "not read without your word" in done.err
    assert "holdfast tuition --yes" in done.err


def test_the_sessions_of_this_repository_are_found_in_the_home(
    logs: Path, repository: Repository, home: Path, holdfast: Run
) -> None:
    from holdfast.transcripts.discovery import project_directory_name

    place = home / ".claude" / "projects" / project_directory_name(str(repository.directory))
    place.mkdir(parents=True)
    for log in logs.iterdir():
        log.rename(place / log.name)
    assert holdfast("tuition", "--yes", "--json").json["sessions"] == 6


def test_its_json_keeps_its_contract(logs: Path, holdfast: Run) -> None:
    import jsonschema

    body = holdfast("tuition", str(logs), "--json").json
    jsonschema.validate(body, schemas.shipped("tuition/1"))
    (finding,) = body["findings"]
    assert finding["kind"] == "instruction that fails"
    assert finding["cure"]["change"]["diff"].startswith("--- a/CLAUDE.md\n+++ b/CLAUDE.md\n")


def test_fix_without_a_terminal_shows_patches_and_changes_nothing(
    logs: Path, repository: Repository, holdfast: Run
) -> None:
    done = holdfast("tuition", str(logs), "--fix")
    assert "-- Run tests with `bun test`" in done.out
    assert "Nothing was changed" in done.out
    assert (repository.directory / "CLAUDE.md").read_text() == INSTRUCTIONS


@pytest.mark.parametrize("answer", ["y", "n"])
def test_fix_on_a_terminal_asks_for_each_change(
    logs: Path, repository: Repository, home: Path, answer: str
) -> None:
    control, terminal = pty.openpty()
    environment = {**os.environ, "HOME": str(home), "NO_COLOR": "1", "TERM": "dumb"}
    process = subprocess.Popen(
        [sys.executable, "-m", "holdfast", "tuition", str(logs), "--fix"],
        cwd=repository.directory, stdin=terminal, stdout=terminal, stderr=terminal, env=environment,
    )  # fmt: skip
    os.close(terminal)
    os.write(control, f"{answer}\n".encode())
    told = b""
    while chunk := read(control):
        told += chunk
    assert process.wait(60) == 0, told.decode()
    text = (repository.directory / "CLAUDE.md").read_text()
    assert ("`bun run test`" in text) == (answer == "y")
    notes = repository.state_dir / "cures.json"
    assert notes.exists() == (answer == "y")
    if answer == "y":
        assert json.loads(notes.read_text())[0]["command"] == "bun test"


def read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 4096)
    except OSError:  # the other end is closed
        return b""


def test_what_ended_since_a_commit_mended_the_line(
    logs: Path, repository: Repository, tmp_path: Path, holdfast: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_COMMITTER_DATE", f"{START + 5.5 * DAY:.0f} +0000")
    commit(repository.directory, {"CLAUDE.md": INSTRUCTIONS.replace("bun test", "bun run test")}, "Mend it")
    for number in range(6, 12):
        talk = ClaudeSession(
            f"5f0c{number:04x}-0000-4000-8000-{number:012d}",
            root=str(repository.directory),
            start=START + number * DAY,
        )
        talk.bash("bun run test", "12 passed")
        talk.write(logs / f"{number}.jsonl")
    done = holdfast("tuition", str(logs), "--since-fix")
    assert "6/6 → 0/6 sessions, ended: `bun test`" in done.out


def test_a_page_replaces_an_older_one_and_needs_a_place(logs: Path, tmp_path: Path, holdfast: Run) -> None:
    page = tmp_path / "page.html"
    page.write_text("old")
    page.chmod(0o644)
    assert holdfast("tuition", str(logs), "--html", str(page)).code == 0
    assert page.read_text().startswith("<!doctype html>")
    assert page.stat().st_mode & 0o777 == 0o644
    done = holdfast("tuition", str(logs), "--html", str(tmp_path / "none" / "page.html"))
    assert (done.code, "Name a place" in done.err) == (2, True)


def test_the_page_stands_by_itself(logs: Path, tmp_path: Path, holdfast: Run) -> None:
    page = tmp_path / "page.html"
    assert holdfast("tuition", str(logs), "--html", str(page)).code == 0
    text = page.read_text()
    assert text.startswith("<!doctype html>")
    assert "<svg" in text
    assert "<script" not in text
    assert "http://" not in text
    assert "https://" not in text
    assert "CLAUDE.md:3 says <code>bun test</code>" in text


@pytest.mark.parametrize("when", ["2026-06-25", "2d", "1w", "48h"])
def test_since_takes_a_day_or_a_while(
    logs: Path, holdfast: Run, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    monkeypatch.setenv("HOLDFAST_NOW", str(START + 6 * DAY))
    sessions = holdfast("tuition", str(logs), "--since", when, "--json").json["sessions"]
    assert sessions == (6 if when == "1w" else 2)


def test_since_anything_else_is_a_usage_error(logs: Path, holdfast: Run) -> None:
    done = holdfast("tuition", str(logs), "--since", "lately")
    assert done.code == 2
    assert "2026-11-01" in done.err


def test_outside_a_repository_it_reads_what_is_named(
    logs: Path, tmp_path: Path, holdfast: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    monkeypatch.chdir(outside)
    assert "bun test" in holdfast("tuition", str(logs)).out
    done = holdfast("tuition")
    assert done.code == 2
    assert "--everywhere" in done.err


def test_markup_in_a_transcript_stays_text(repository: Repository, tmp_path: Path, holdfast: Run) -> None:
    for number in range(2):
        talk = ClaudeSession(
            f"5f0c{number:04x}-0000-4000-8000-{number:012d}", root="/x", start=START + number
        )
        talk.bash("pay --x", "pay: unknown option <img src=x onerror=alert(1)> \x1b[31mred", 2)
        talk.write(tmp_path / "hostile" / f"{number}.jsonl")
    page = tmp_path / "page.html"
    done = holdfast("tuition", str(tmp_path / "hostile"), "--html", str(page))
    assert "<img" not in page.read_text()
    assert "\x1b" not in page.read_text() + done.out


def test_logs_that_are_gone_are_read_from_the_archive(
    logs: Path, repository: Repository, home: Path, holdfast: Run
) -> None:
    from holdfast.transcripts.discovery import project_directory_name

    place = home / ".claude" / "projects" / project_directory_name(str(repository.directory))
    place.mkdir(parents=True)
    for log in logs.iterdir():
        log.rename(place / log.name)
    assert holdfast("init", "--yes").code == 0
    assert holdfast("ingest", "--yes", "--archive").code == 0
    for log in place.iterdir():
        log.unlink()
    assert holdfast("tuition", "--yes", "--json").json["sessions"] == 6


def test_it_says_when_an_agent_deletes_its_logs(
    logs: Path, repository: Repository, home: Path, holdfast: Run
) -> None:
    (home / ".claude" / "projects").mkdir(parents=True)
    done = holdfast("tuition", "--yes")
    assert "Logs are deleted (claude-code after 30 days)" in " ".join(done.out.split())
    assert "holdfast ingest --archive" in done.out
