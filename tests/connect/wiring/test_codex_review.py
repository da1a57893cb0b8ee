"""Codex is asked through its own program, which may answer anything or nothing."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from holdfast.connect.wiring import codex_review

OURS = "exec holdfast-hook codex start"


def program(path: Path, script: str) -> str:
    """Write a program that stands in for Codex."""
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


def test_hooks_of_ours_alone_are_said_to_wait(tmp_path: Path) -> None:
    told = {"eventName": "SessionStart", "currentHash": "sha256:1", "trustStatus": "untrusted"}
    hooks = [{**told, "key": "a", "command": OURS}, {**told, "key": "b", "command": "date"}]
    answer = json.dumps({"id": 2, "result": {"data": [{"hooks": hooks}]}})
    codex = program(tmp_path / "codex", f"""read a; echo '{{"id": 1}}'; read b; read c; echo '{answer}'""")
    assert [each.key for each in codex_review.waiting(codex, tmp_path)] == ["a"]


@pytest.mark.parametrize("script", ["exit 1", "printf '\\377\\n[]\\nno\\n'; exit 0"])
def test_an_answer_that_is_none_is_no_hook(tmp_path: Path, script: str) -> None:
    assert codex_review.waiting(program(tmp_path / "codex", script), tmp_path) == []


def test_a_program_that_never_answers_is_ended_with_what_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(codex_review, "SECONDS", 0.5)
    codex = program(tmp_path / "codex", f"sleep 600 & echo $! > {tmp_path}/child; wait")
    assert codex_review.waiting(codex, tmp_path) == []
    child = int((tmp_path / "child").read_text())
    for _ in range(100):
        if not _is_alive(child):
            break
        time.sleep(0.05)
    assert not _is_alive(child)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rpartition(") ")[2][:1] != "Z"
