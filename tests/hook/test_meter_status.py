"""The status line of Claude Code: from what the client says, or else from the log."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from holdfast.hook.meter_status import status_line
from holdfast.repo.location import Repository
from holdfast.testing.sessions import ClaudeSession


def given(used: int, size: int = 200_000, **more: Any) -> str:
    usage = {"input_tokens": 4, "cache_creation_input_tokens": 96, "cache_read_input_tokens": used - 100}
    window = {"context_window_size": size, "current_usage": usage}
    model = {"id": "claude-sonnet-4-5", "display_name": "Sonnet 4.5"}
    return json.dumps({"model": model, "context_window": window, **more})


def test_it_says_how_full_the_context_is() -> None:
    assert status_line(given(22_000), colour=False) == "Sonnet 4.5 · ▓░░░░░░░░░ 11 % of 200k"


def test_it_believes_a_share_that_the_client_states_alone() -> None:
    told = {
        "context_window": {"used_percentage": 72.4, "context_window_size": 200_000, "current_usage": None}
    }
    assert "72 % of 200k" in status_line(json.dumps(told), colour=False)


def test_it_says_what_to_do_from_forty_percent_on() -> None:
    assert status_line(given(420_000, 1_000_000), colour=False).endswith(
        "42 % of 1M: finish, then start afresh"
    )
    assert status_line(given(150_000), colour=False).endswith("75 % of 200k: write down, then start afresh")


@pytest.mark.parametrize(("used", "colour"), [(20_000, "32"), (90_000, "33"), (150_000, "31")])
def test_it_is_green_yellow_and_red(used: int, colour: str) -> None:
    assert f"\x1b[{colour}m" in status_line(given(used))


def test_it_names_the_branch(empty: Repository) -> None:
    told = given(22_000, workspace={"current_dir": str(empty.directory)})
    assert status_line(told, colour=False).endswith(" · main")


def test_an_older_client_is_read_by_its_log(tmp_path: Path) -> None:
    session = ClaudeSession("5f0c", root="/", start=1.0, model="claude-sonnet-4-5")
    session._context = 98_168
    session.say("Going on.")
    told = {
        "transcript_path": str(session.write(tmp_path / "log.jsonl")),
        "model": {"id": "claude-sonnet-4-5"},
    }
    assert "50 % of 200k" in status_line(json.dumps(told), colour=False)


@pytest.mark.parametrize(
    "told",
    ["", "nonsense", "[]", '{"model": 3}', '{"context_window": {"context_window_size": "x"}}',
     '{"context_window": {"current_usage": null, "context_window_size": null}, "cwd": 7}'],
)  # fmt: skip
def test_it_is_empty_when_nothing_is_said(told: str) -> None:
    assert status_line(told) == ""


def test_what_a_branch_is_called_moves_no_cursor(empty: Repository) -> None:
    (empty.git_dir / "HEAD").write_text("ref: refs/heads/a\x1b[2Jb\n")
    told = given(22_000, workspace={"current_dir": str(empty.directory)})
    assert "\x1b" not in status_line(told, colour=False)
