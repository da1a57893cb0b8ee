from __future__ import annotations

import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from holdfast.repo import config
from holdfast.repo.location import Repository
from holdfast.repo.trust import TrustStore
from holdfast.testing.repositories import make_repository, run_git

Run = Callable[..., Any]


@pytest.fixture(autouse=True)
def _no_agent_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no agent be found by its program, wherever these tests run."""
    monkeypatch.setattr("holdfast.connect.wiring.agent.shutil.which", lambda *_, **__: None)


def test_it_says_what_was_done_and_ends_with_one_next_command(repository: Repository, holdfast: Run) -> None:
    done = holdfast("init", "--yes")
    assert done.code == 0
    assert "shared records" in done.out
    assert done.out.splitlines()[-1] == "Next: holdfast ingest"
    assert done.out.count("Next:") == 1


def test_json_is_one_document_with_a_schema(repository: Repository, holdfast: Run) -> None:
    body = holdfast("init", "--json").json
    assert body["schema"] == "holdfast.init/1"
    assert (body["mode"], body["trusted"], body["next"]) == ("shared", True, "holdfast ingest")


def test_private_and_back_again(repository: Repository, holdfast: Run) -> None:
    holdfast("init", "--private")
    assert config.mode(repository) == "private"
    holdfast("init", "--shared")
    assert config.mode(repository) == "shared"


def test_a_dry_run_says_so_first(repository: Repository, holdfast: Run) -> None:
    done = holdfast("init", "--dry-run")
    assert done.out.startswith("Nothing was done.")
    assert not repository.state_dir.exists()


def test_undo_goes_back(repository: Repository, holdfast: Run) -> None:
    holdfast("init", "--config")
    done = holdfast("init", "--undo")
    assert done.code == 0
    assert not repository.state_dir.exists()
    assert "Removed" in done.out


def test_undo_with_a_choice_is_a_usage_error(repository: Repository, holdfast: Run) -> None:
    done = holdfast("init", "--undo", "--private")
    assert done.code == 2
    assert "--undo" in done.err


def test_a_repository_with_something_to_look_at_is_sent_to_trust(
    repository: Repository, holdfast: Run
) -> None:
    (repository.directory / ".holdfast").mkdir()
    (repository.directory / ".holdfast/config.toml").write_text('[checks.x]\nrun = "x"\n')
    done = holdfast("init")
    assert done.code == 0
    assert done.out.splitlines()[-1] == "Next: holdfast trust"


def test_it_works_from_another_directory(tmp_path: Path, holdfast: Run) -> None:
    made = make_repository(tmp_path / "elsewhere")
    assert holdfast("init", "-C", str(made.directory)).code == 0
    assert config.mode(made) == "shared"


def test_outside_a_repository_the_error_says_what_to_do(
    tmp_path: Path, holdfast: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = holdfast("init")
    assert (done.code, done.out) == (2, "")
    assert "no git repository" in done.err
    assert "git init" in done.err


def test_without_git_the_error_says_how_to_get_it(
    repository: Repository, tmp_path: Path, holdfast: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    done = holdfast("init")
    assert done.code == 2
    assert "git is not installed" in done.err
    assert "apt install git" in done.err


def test_no_room_for_the_branch_is_an_error_with_the_way_out(repository: Repository, holdfast: Run) -> None:
    run_git(repository.directory, "branch", "holdfast/x")
    done = holdfast("init")
    assert done.code == 2
    assert "holdfast init --private" in done.err


def test_where_there_is_no_room_for_local_state_the_error_says_so(
    repository: Repository, holdfast: Run, tmp_path: Path
) -> None:
    make_repository(tmp_path / "another").ensure_state()
    (repository.common_dir / "holdfast").write_text("a file where the folder must be")
    second = Repository.find(repository.directory).state_dir
    second.write_text("a file where the second one must be")
    done = holdfast("init")
    assert done.code == 2
    assert str(second) in done.err
    assert "Traceback" not in done.err


def test_it_names_agents_what_is_written_and_what_each_will_ask(
    repository: Repository, home: Path, holdfast: Run
) -> None:
    (home / ".claude").mkdir()
    (home / ".codex").mkdir()
    done = holdfast("init", "--yes")
    words = " ".join(done.out.split())
    assert done.code == 0
    assert "when a session starts, you ask something, a tool fails, the context is compacted and" in words
    assert "Claude Code ~/.claude/settings.json: adds 5 hooks" in words
    assert "type /hooks in Codex" in words
    assert (home / ".codex/hooks.json").exists()
    again = holdfast("init", "--yes")
    assert "adds" not in again.out
    assert "/hooks" not in again.out


def test_who_cannot_be_asked_keeps_the_settings_of_agents(
    repository: Repository, home: Path, holdfast: Run
) -> None:
    (home / ".codex").mkdir()
    done = holdfast("init")
    assert done.code == 0
    assert "`holdfast init --yes` has them call Holdfast" in " ".join(done.out.split())
    assert list((home / ".codex").iterdir()) == []
    assert config.mode(repository) == "shared"
    assert holdfast("init", "--json").json["wiring"] is None


def test_agents_that_are_named_need_no_question(repository: Repository, home: Path, holdfast: Run) -> None:
    body = holdfast("init", "--agent", "gemini", "--agent", "cursor", "--json").json
    assert [each["name"] for each in body["wiring"]["agents"]] == ["gemini", "cursor"]
    assert body["wiring"]["agents"][0]["files"] == [
        {
            "path": "~/.gemini/settings.json",
            "added": ["SessionStart", "BeforeAgent", "AfterTool", "SessionEnd"],
            "removed": [],
            "left": [],
            "problem": "",
        }
    ]
    assert (home / ".cursor/hooks.json").exists()


def test_on_a_terminal_it_shows_first_and_a_no_writes_nothing_into_the_home(
    repository: Repository, home: Path
) -> None:
    (home / ".codex").mkdir()
    out = on_a_terminal(repository.directory, "n\n", "init")
    assert out.index("adds 5 hooks") < out.index("Write this? [Y/n]") < out.index("Nothing was done")
    assert not repository.state_dir.exists()
    assert not TrustStore().state(repository).trusted
    assert list((home / ".codex").iterdir()) == []
    out = on_a_terminal(repository.directory, "\n", "init")
    assert (home / ".codex/hooks.json").exists()
    assert "Write this?" not in on_a_terminal(repository.directory, "", "init")


def on_a_terminal(directory: Path, answer: str, *args: str) -> str:
    """Run the program on a terminal of its own; return what it showed."""
    main, end = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "holdfast", *args], cwd=directory, stdin=end, stdout=end, stderr=end,
        env={**os.environ, "NO_COLOR": "1", "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    os.close(end)
    os.write(main, answer.encode())
    shown = b""
    while True:
        try:
            part = os.read(main, 4096)
        except OSError:  # how Linux says that the other end is closed
            break
        if not part:
            break
        shown += part
    assert process.wait() == 0
    os.close(main)
    return shown.decode()


def test_a_level_is_kept_and_named(repository: Repository, home: Path, holdfast: Run) -> None:
    done = holdfast("init", "--level", "flow", "--agent", "claude-code", "--yes")
    assert "Chose the level flow." in done.out
    found = config.settings(repository)
    assert found is not None
    assert found.level == "flow"
    holdfast("init", "--yes")
    found = config.settings(repository)
    assert found is not None
    assert found.level == "flow"
    assert "statusLine" in (home / ".claude/settings.json").read_text()


def test_an_undo_takes_out_what_was_written_and_says_so(
    repository: Repository, home: Path, holdfast: Run
) -> None:
    (home / ".codex").mkdir()
    holdfast("init", "--yes")
    told = holdfast("init", "--undo", "--dry-run")
    assert "~/.codex/hooks.json: removes 5 hooks" in told.out
    assert (home / ".codex/hooks.json").exists()
    done = holdfast("init", "--undo")
    assert "~/.codex/hooks.json: removes 5 hooks" in done.out
    assert {path.name for path in home.iterdir()} == {".gitconfig", ".codex"}
    assert list((home / ".codex").iterdir()) == []


def test_one_agent_is_taken_out_and_the_rest_stays(repository: Repository, home: Path, holdfast: Run) -> None:
    holdfast("init", "--agent", "codex", "--agent", "gemini", "--yes")
    done = holdfast("init", "--undo", "--agent", "codex")
    assert done.code == 0
    assert not (home / ".codex").exists()
    assert (home / ".gemini/settings.json").exists()
    assert config.mode(repository) == "shared"


def test_settings_that_cannot_be_changed_are_named_and_the_exit_code_says_so(
    repository: Repository, home: Path, holdfast: Run
) -> None:
    (home / ".codex").mkdir()
    (home / ".codex/hooks.json").write_text("{oops")
    done = holdfast("init", "--yes")
    assert done.code == 1
    assert "~/.codex/hooks.json cannot be changed: line 1" in " ".join(done.out.split())
    assert (home / ".codex/hooks.json").read_text() == "{oops"


def test_an_agent_that_nobody_knows_is_a_usage_error(repository: Repository, holdfast: Run) -> None:
    done = holdfast("init", "--agent", "clode")
    assert done.code == 2
    assert "One of: claude-code, codex" in done.err
    assert not repository.state_dir.exists()
