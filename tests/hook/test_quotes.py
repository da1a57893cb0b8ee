from __future__ import annotations

import json

import pytest
from tests.hook.test_run import event, told_by

from holdfast.learn.view import View
from holdfast.learn.write import learn_text
from holdfast.recall.publish import publish
from holdfast.repo.location import Repository

LINE = "frob: cannot open the lock file"
WRITTEN = f"Remove `frob.lock` when frob says “{LINE}”: a killed run leaves it behind."


@pytest.fixture
def written(empty: Repository) -> Repository:
    with View(empty) as view:
        learn_text(view, WRITTEN, kind="gotcha", anyway="for the test")
        learn_text(view, "Restart grob when “cannot open the lock file” shows.", kind="gotcha", anyway="test")
    with View(empty) as view:
        publish(view)
    return empty


def failed(repository: Repository, command: str, output: str) -> str:
    told = event(repository, tool_name="Bash", tool_input={"command": command}, error=output)
    return told_by("failure", told)


def test_what_quotes_the_error_line_is_told(written: Repository) -> None:
    said = failed(written, "frob test", f"Exit code 1\n{LINE}\n")
    assert "Remove `frob.lock`" in said
    assert "grob" not in said


@pytest.mark.parametrize(
    ("command", "output"),
    [
        ("frob test", "frob: cannot open the other file"),
        ("frob test", "cannot"),
        ("make", "make: cannot find the rule for lock file"),
    ],
)
def test_another_failure_is_met_with_silence(written: Repository, command: str, output: str) -> None:
    assert failed(written, command, output) == ""


def test_the_keys_are_json_that_a_hook_reads(written: Repository) -> None:
    lines = (written.state_dir / "hook.lines").read_text().splitlines()[1:]
    assert all(json.loads(line.partition("\t")[2]) is not None for line in lines)
