"""The cheapest cure that lasts, and the change that makes it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from holdfast.measure.tuition.change import apply_change
from holdfast.measure.tuition.choose import (
    _READ_BY,
    HEADING,
    InstructionFile,
    cure_of,
    instruction_file,
    is_denied,
    made_anew,
    with_denied,
    with_line,
    with_line_replaced,
)
from holdfast.measure.tuition.cure import Cure
from holdfast.measure.tuition.repeated import repeated_failures
from holdfast.transcripts.readers import BUILT_IN

from .conftest import History, Ran


@pytest.mark.parametrize(
    ("files", "agents", "chosen"),
    [
        ({"CLAUDE.md": "x"}, {"claude-code": 3}, "CLAUDE.md"),
        ({"CLAUDE.md": "x", "AGENTS.md": "y"}, {"claude-code": 3, "codex": 5}, "AGENTS.md"),
        ({"CLAUDE.md": "See @AGENTS.md", "AGENTS.md": "y"}, {"claude-code": 9, "codex": 1}, "AGENTS.md"),
        ({"AGENTS.md": "y"}, {"claude-code": 9}, "AGENTS.md"),
        ({"GEMINI.md": "y"}, {"claude-code": 9}, "AGENTS.md"),
        ({}, {"codex": 1}, "AGENTS.md"),
        ({}, {"gemini-cli": 9}, "GEMINI.md"),
        ({"GEMINI.md": "x", "AGENTS.md": "y"}, {"gemini-cli": 9, "codex": 1}, "GEMINI.md"),
        ({"QWEN.md": "x", "AGENTS.md": "y"}, {"qwen-code": 9}, "AGENTS.md"),
    ],
)
def test_a_line_goes_where_most_sessions_read_it(
    tmp_path: Path, files: dict[str, str], agents: dict[str, int], chosen: str
) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    assert instruction_file(tmp_path, agents) == InstructionFile(path=chosen, text=files.get(chosen))


def test_every_agent_with_a_reader_is_known() -> None:
    read = {reader.agent for reader in BUILT_IN if reader.agent}
    assert set(_READ_BY) | {"specstory"} == read


def test_a_link_in_the_tree_stands_for_the_file_it_leads_to(tmp_path: Path) -> None:
    (tmp_path / "CLAUDE.md").write_text("x")
    (tmp_path / "AGENTS.md").symlink_to("CLAUDE.md")
    assert instruction_file(tmp_path, {"codex": 3}) == InstructionFile(path="CLAUDE.md", text="x")


def test_no_file_is_offered_where_something_else_stands(tmp_path: Path) -> None:
    (tmp_path / "AGENTS.md").symlink_to("/dev/null")
    assert instruction_file(tmp_path, {"codex": 3}) is None


@pytest.mark.parametrize(
    ("text", "after"),
    [
        (None, f"{HEADING}\n\n- new\n"),
        ("# Shop\n\nText\n", f"# Shop\n\nText\n\n{HEADING}\n\n- new\n"),
        ("# Shop", f"# Shop\n\n{HEADING}\n\n- new\n"),
        (f"{HEADING}\n\n- old\n\n# Next\n", f"{HEADING}\n\n- old\n- new\n\n# Next\n"),
        (f"{HEADING}\n", f"{HEADING}\n\n- new\n"),
        (
            f"{HEADING}\n\n- old\n\n```\n# no heading\n```\n",
            f"{HEADING}\n\n- old\n- new\n\n```\n# no heading\n```\n",
        ),
        (f"{HEADING}\nText\n", f"{HEADING}\n\n- new\n\nText\n"),
        ("\n# Shop\n\n\n", f"\n# Shop\n\n\n{HEADING}\n\n- new\n"),
        ("# Shop\r\n", f"# Shop\r\n\r\n{HEADING}\r\n\r\n- new\r\n"),
    ],
)
def test_a_new_line_stands_under_one_heading(tmp_path: Path, text: str | None, after: str) -> None:
    if text is not None:
        (tmp_path / "AGENTS.md").write_bytes(text.encode())
    apply_change(tmp_path, with_line(InstructionFile(path="AGENTS.md", text=text), "new"))
    assert (tmp_path / "AGENTS.md").read_bytes().decode() == after


@pytest.mark.parametrize("before", [None, "# Shop\n"])
def test_a_second_line_joins_the_first_that_was_offered_with_it(tmp_path: Path, before: str | None) -> None:
    file = InstructionFile(path="AGENTS.md", text=before)
    if before is not None:
        (tmp_path / "AGENTS.md").write_text(before)
    for cure in [
        Cure(form="instruction line", text="", change=with_line(file, word), adds=word) for word in "ab"
    ]:
        change = made_anew(tmp_path, cure)
        assert change is not None
        apply_change(tmp_path, change)
    assert (tmp_path / "AGENTS.md").read_text().endswith(f"{HEADING}\n\n- a\n- b\n")


def test_a_file_that_cannot_be_changed_is_not_passed_by_for_one_that_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "CLAUDE.md").write_bytes("Prüfen\n".encode("latin-1"))
    assert instruction_file(tmp_path, {"claude-code": 3}) is None


def test_a_line_is_found_again_where_another_change_moved_it(tmp_path: Path) -> None:
    (tmp_path / "AGENTS.md").write_text("old\nwrong\n")
    change = with_line_replaced(tmp_path, "AGENTS.md", 2, "wrong", "right")
    cure = Cure(form="instruction line", text="", change=change)
    (tmp_path / "AGENTS.md").write_text("new\nold\nwrong\n")
    moved = made_anew(tmp_path, cure)
    assert moved is not None
    assert (moved.line, moved.added) == (3, ("right",))
    (tmp_path / "AGENTS.md").write_text("new\nold\n")
    assert made_anew(tmp_path, cure) is None


def test_only_the_line_that_was_seen_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "CLAUDE.md").write_bytes(b"a\r\n- Run `bun test`\r\nb\r\n")
    assert with_line_replaced(tmp_path, "CLAUDE.md", 1, "- Run `bun test`", "x") is None
    assert with_line_replaced(tmp_path, "CLAUDE.md", 9, "- Run `bun test`", "x") is None
    change = with_line_replaced(tmp_path, "CLAUDE.md", 2, "- Run `bun test`", "- Run `bun run test`")
    assert change is not None
    apply_change(tmp_path, change)
    assert (tmp_path / "CLAUDE.md").read_bytes() == b"a\r\n- Run `bun run test`\r\nb\r\n"


@pytest.mark.parametrize(
    ("settings", "denied"),
    [
        (None, ["Bash(npm install:*)"]),
        ("", ["Bash(npm install:*)"]),
        (
            '{\n    "model": "x",\n    "permissions": {"deny": ["Read(.env)"]}\n}\n',
            ["Read(.env)", "Bash(npm install:*)"],
        ),
    ],
)
def test_a_deny_rule_joins_the_settings_that_are_there(
    tmp_path: Path, settings: str | None, denied: list[str]
) -> None:
    path = tmp_path / ".claude" / "settings.json"
    if settings is not None:
        path.parent.mkdir()
        path.write_text(settings)
    change = with_denied(tmp_path, ["Bash(npm install:*)"])
    assert change is not None
    apply_change(tmp_path, change)
    assert json.loads(path.read_text())["permissions"]["deny"] == denied
    assert with_denied(tmp_path, ["Bash(npm install:*)"]) is None


def test_rules_that_are_there_are_known(tmp_path: Path) -> None:
    assert not is_denied(tmp_path, ["Bash(npm install:*)"])
    change = with_denied(tmp_path, ["Bash(npm install:*)"])
    assert change is not None
    apply_change(tmp_path, change)
    assert is_denied(tmp_path, ["Bash(npm install:*)"])
    assert not is_denied(tmp_path, ["Bash(npm install:*)", "Bash(npm i:*)"])


def test_a_link_in_place_of_the_settings_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / ".claude").mkdir()
    (tmp_path / ".claude" / "settings.json").symlink_to("elsewhere.json")
    assert with_denied(tmp_path, ["Bash(npm install:*)"]) is None


@pytest.mark.parametrize(
    "settings",
    ["{broken", "[" * 200_000, "[]", '{"permissions": 3}', '{"permissions": {"deny": "x"}}', '{"a": 1e999}'],
)
def test_settings_of_another_shape_are_left_alone(tmp_path: Path, settings: str) -> None:
    (tmp_path / ".claude").mkdir()
    (tmp_path / ".claude" / "settings.json").write_text(settings)
    assert with_denied(tmp_path, ["Bash(npm install:*)"]) is None


@pytest.mark.parametrize(
    ("wrong", "right", "form"),
    [
        (
            Ran("gh pr diff 12 --stat", "unknown flag: --stat", 1),
            Ran("gh pr diff 12 --name-only"),
            "instruction line",
        ),
        (Ran("gh pr diff 12 --stat", "unknown flag: --stat", 1), Ran("ls"), None),
        (
            Ran("pytest -q", "FAILED tests/test_cart.py::test_total - AssertionError: assert 1 == 2", 1),
            Ran("ls"),
            "test",
        ),
    ],
)
def test_the_form_follows_from_what_ended_it(
    history: History, wrong: Ran, right: Ran, form: str | None
) -> None:
    (failure,) = repeated_failures(history([[wrong, right]] * 3))
    cure = cure_of(failure, InstructionFile(path="AGENTS.md", text=None))
    assert (cure.form if cure else None) == form


@pytest.mark.parametrize(
    ("sessions", "right"),
    [
        (2, "gh pr diff 12 --name-only"),
        (3, "gh pr diff 12 --author ada@lovelace.net"),
        (3, "gh pr diff 12 --token ghp_" + "a1B2c3D4" * 4 + "abcd"),
    ],
)
def test_no_line_is_proposed_that_is_hardly_known_or_cannot_be_typed(
    history: History, sessions: int, right: str
) -> None:
    wrong = Ran("gh pr diff 12 --stat", "unknown flag: --stat", 1)
    (failure,) = repeated_failures(history([[wrong, Ran(right)]] * sessions))
    cure = cure_of(failure, InstructionFile(path="AGENTS.md", text=None))
    assert failure.instead is not None
    assert cure is not None
    assert (cure.form, cure.change) == ("hint", None)
