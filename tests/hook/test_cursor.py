"""Cursor runs Claude Code's hooks beside its own: each event is answered once, in Cursor's words."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.hook import made

import holdfast.hook
from holdfast.connect.wiring.agent import Surroundings
from holdfast.connect.wiring.agents import named
from holdfast.connect.wiring.installing import Plan
from holdfast.repo.location import Repository

FOLDER = Path(holdfast.hook.__file__).parent
LINE = {"id": "k", "family": "f", "line": "- Use x.", "tokens": 5}


@pytest.fixture
def known(empty: Repository) -> Repository:
    """A repository with one line to tell at a start."""
    made.write(empty, start={"budget": 300, "lines": [LINE]})
    return empty


def said(repository: Repository, agent: str, event: str = "start", **more: Any) -> str:
    """Return what the hook, run as agents run it, replies to Cursor."""
    told = {
        "conversation_id": "c", "hook_event_name": "sessionStart", "workspace_roots": [str(repository.root)],
        "cursor_version": "2.6.1", **more,
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(FOLDER), agent, event],
        input=json.dumps(told).encode(), capture_output=True, check=True, timeout=30,
    )  # fmt: skip
    assert done.stderr == b""
    return done.stdout.decode()


def wire(repository: Repository, home: Path, *agents: str, tracked: bool = False) -> None:
    around = Surroundings(home, dict(os.environ))
    Plan(repository, level="foundation", agents=named(agents), tracked=tracked, around=around).do()


def test_where_cursor_has_none_of_ours_claude_codes_hook_answers_as_its_own_would(
    known: Repository, isolated_home: Path
) -> None:
    wire(known, isolated_home, "claude-code")
    assert "Use x." in json.loads(said(known, "claude-code"))["additional_context"]
    line = made.journal(known)[0]
    assert (line["do"], line["agent"]) == ("start", "cursor")


def test_where_cursor_calls_us_itself_claude_codes_hook_is_silent_and_notes_nothing(
    known: Repository, isolated_home: Path
) -> None:
    wire(known, isolated_home, "claude-code", "cursor")
    assert said(known, "claude-code") == ""
    assert not (known.state_dir / "journal").exists()
    assert "Use x." in json.loads(said(known, "cursor"))["additional_context"]


def test_a_file_for_colleagues_counts_where_what_it_calls_is_installed(
    known: Repository, isolated_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire(known, isolated_home, "cursor", tracked=True)
    assert (known.directory / ".cursor/hooks.json").exists()
    monkeypatch.setenv("PATH", "/nowhere")
    assert "Use x." in said(known, "claude-code")
    program = tmp_path / "bin" / "holdfast-hook"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))
    assert said(known, "claude-code", conversation_id="d") == ""


def test_claude_code_itself_is_answered_whatever_cursor_has(known: Repository, isolated_home: Path) -> None:
    wire(known, isolated_home, "claude-code", "cursor")
    told = {"session_id": "s", "cwd": str(known.root), "source": "startup"}
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(FOLDER), "claude-code", "start"],
        input=json.dumps(told).encode(), capture_output=True, check=True, timeout=30,
    )  # fmt: skip
    assert "Use x." in json.loads(done.stdout)["hookSpecificOutput"]["additionalContext"]


@pytest.mark.parametrize("roots", [None, 7, [7, "\0", "relative"]])
def test_workspaces_of_another_shape_are_none(known: Repository, isolated_home: Path, roots: object) -> None:
    assert "Use x." in said(known, "claude-code", workspace_roots=roots, cwd=str(known.root))
