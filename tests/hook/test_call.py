from __future__ import annotations

import pytest
from tests.hook.made import journal, told, write

from holdfast.repo.location import Repository

FIX = {"id": "a", "line": "`frob fix` worked after it.", "p": 0.9, "cost": 10, "code": "frob fix"}
SAID = "frob: cannot open the lock file"


@pytest.fixture
def known(empty: Repository) -> Repository:
    from holdfast.hook.signature import sign

    specific = sign("Bash", "frob test", f"Exit code 1\n{SAID}").specific
    warning = {"id": "b", "line": "`frob prod` fails here.", "code": "frob fix"}
    write(
        empty,
        **{
            f"fix:1:{specific}": {"saves": 1000, "fixes": [FIX]},
            "advice:frob prod": warning,
            "programs": ["frob"],
        },
    )
    return empty


def call(repository: Repository, command: str, at: float) -> str:
    return told(repository, "call", at=at, tool_name="Bash", tool_input={"command": command})


def test_a_call_that_is_advised_against_is_warned_of_once(known: Repository) -> None:
    assert "fails here" in call(known, "frob prod", 1000)
    assert call(known, "frob prod", 2000) == ""


@pytest.mark.parametrize(
    "command", ["frob test", "grob prod", "frob prod && frob fix", "echo 'frob prod'", ""]
)
def test_any_other_is_met_with_silence(known: Repository, command: str) -> None:
    assert call(known, command, 1000) == ""


def test_what_stands_in_another_worktree_is_not_told(empty: Repository) -> None:
    warning = {"id": "b", "line": "`frob prod` fails here.", "code": ""}
    for root, said in (("/elsewhere", ""), (str(empty.root), "fails here")):
        write(empty, **{"advice:frob prod": {**warning, "root": root}, "programs": ["frob"]})
        assert said in (answer := call(empty, "frob prod", 1000))
        assert bool(said) == bool(answer)


def test_that_a_session_did_what_it_was_told_is_written_once(known: Repository) -> None:
    failed = {"tool_name": "Bash", "tool_input": {"command": "frob test"}, "error": f"Exit code 1\n{SAID}"}
    assert told(known, "failure", at=1000, **failed)
    call(known, "frob other", 2000)
    call(known, "frob fix --all", 3000)
    call(known, "frob fix --all", 4000)
    assert [line["ids"] for line in journal(known) if line["do"] == "followed"] == [["a"]]


def test_what_an_agent_inside_was_told_another_does_not_follow(known: Repository) -> None:
    failed = {"tool_name": "Bash", "tool_input": {"command": "frob test"}, "error": f"Exit code 1\n{SAID}"}
    assert told(known, "failure", at=1000, agent_id="inner", **failed)
    call(known, "frob fix", 2000)
    assert not [line for line in journal(known) if line["do"] == "followed"]


def test_of_a_call_that_is_replaced_nothing_more_is_said(known: Repository) -> None:
    guard = {"id": "g", "commands": ["frob prod"], "needles": ["frob prod"], "rewrite": "frob safe"}
    warning = {"id": "b", "line": "`frob prod` fails here.", "code": ""}
    write(
        known, guards=[{**guard, "replaced": "Use it."}], programs=["frob"], **{"advice:frob prod": warning}
    )
    said = call(known, "frob prod", 1000)
    assert "The call is now `frob safe`" in said
    assert "fails here" not in said
