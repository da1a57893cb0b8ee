"""``holdfast ingest`` as a user meets it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from holdfast.repo.location import Repository

Run = Callable[..., Any]


def test_it_says_what_was_read_and_learned_and_what_is_next(
    repository: Repository, holdfast: Run, samples: Path
) -> None:
    done = holdfast("ingest", str(samples))
    assert done.code == 0
    assert done.out.startswith("Read 9 transcripts (6 claude-code, 3 codex), ")
    assert "1 decision or cause in somebody's words waits for you: `holdfast review`" in done.out
    assert done.out.splitlines()[-1] == "Next: holdfast status"


def test_one_of_each_is_said_in_the_singular(repository: Repository, holdfast: Run, samples: Path) -> None:
    done = holdfast("ingest", str(samples / "01-claude.jsonl"))
    assert "Read 1 transcript (1 claude-code)" in done.out
    assert "1 fix learned." in done.out


def test_a_second_time_says_that_nothing_is_new(
    learned: Repository, holdfast: Run, samples: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(learned.directory)
    done = holdfast("ingest", str(samples))
    assert (done.code, done.out) == (0, "Nothing new in 9 transcripts.\n")


def test_what_was_not_read_is_named_with_its_reason(
    repository: Repository, holdfast: Run, samples: Path, tmp_path: Path
) -> None:
    (tmp_path / "empty.jsonl").touch()
    done = holdfast("ingest", str(tmp_path / "empty.jsonl"), str(samples / "01-claude.jsonl"))
    assert done.code == 0
    assert "not read:" in done.out
    assert "an empty file" in " ".join(done.out.split())


@pytest.mark.parametrize("what", ["missing.jsonl", "folder"])
def test_nothing_read_exits_with_1(repository: Repository, holdfast: Run, tmp_path: Path, what: str) -> None:
    (tmp_path / "folder").mkdir()
    done = holdfast("ingest", str(tmp_path / what))
    assert done.code == 1
    assert "Nothing was read" in done.out


def test_a_home_is_not_read_unasked(repository: Repository, holdfast: Run, home: Path, samples: Path) -> None:
    put_log(home, repository, samples)
    done = holdfast("ingest")
    assert done.code == 2
    assert "not read without your word" in done.err
    assert "holdfast ingest --yes" in done.err


def test_with_the_users_word_this_repositorys_sessions_are_found(
    repository: Repository, holdfast: Run, home: Path, samples: Path
) -> None:
    put_log(home, repository, samples)
    assert "Read 1 transcript" in holdfast("ingest", "--yes").out


def test_sessions_of_other_directories_are_read_only_with_everywhere(
    repository: Repository, holdfast: Run, home: Path, samples: Path
) -> None:
    folder = home / ".claude" / "projects" / "-home-ada-shop"
    folder.mkdir(parents=True)
    shutil.copy(samples / "01-claude.jsonl", folder)
    done = holdfast("ingest", "--yes")
    assert done.code == 2
    assert "--everywhere" in done.err
    assert "Read 1 transcript" in holdfast("ingest", "--yes", "--everywhere").out


def put_log(home: Path, repository: Repository, samples: Path) -> None:
    """Put a session of this repository where Claude Code keeps it."""
    from holdfast.transcripts.discovery import project_directory_name

    folder = home / ".claude" / "projects" / project_directory_name(str(repository.directory))
    folder.mkdir(parents=True)
    text = (samples / "01-claude.jsonl").read_text().replace("/home/ada/shop", str(repository.directory))
    (folder / "session.jsonl").write_text(text)


def test_a_name_that_is_not_utf_8_is_said_in_json_too(
    repository: Repository, holdfast: Run, tmp_path: Path
) -> None:
    odd = os.fsdecode(os.fsencode(tmp_path) + b"/\xff.jsonl")
    try:
        Path(odd).write_text("no transcript")
    except OSError:
        pytest.skip("the file system wants UTF-8")
    done = holdfast("ingest", odd, "--json")
    assert done.code == 1
    assert done.json["not_read"][0]["path"].endswith("?.jsonl")


def test_a_failure_of_an_earlier_read_is_not_counted_again_when_it_ends(
    repository: Repository, holdfast: Run, samples: Path, tmp_path: Path
) -> None:
    lines = (samples / "08-codex.jsonl").read_text().splitlines(keepends=True)
    failed = next(number for number, line in enumerate(lines) if "ModuleNotFoundError" in line) + 1
    log = tmp_path / "session.jsonl"
    log.write_text("".join(lines[:failed]))
    assert "1 failed call; a failure was got past 0 times." in holdfast("ingest", str(log)).out
    log.write_text("".join(lines))
    assert "0 failed calls; a failure was got past 1 time." in holdfast("ingest", str(log)).out


def test_what_is_no_regular_file_is_named_and_waited_for_never(
    holdfast: Run, empty: Repository, tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "pipe.jsonl")
    (tmp_path / "loop.jsonl").symlink_to("loop.jsonl")
    for name in ("pipe.jsonl", "loop.jsonl"):
        done = holdfast("ingest", str(tmp_path / name))
        assert done.code == 1
        assert name in done.out
        assert "Traceback" not in done.err
