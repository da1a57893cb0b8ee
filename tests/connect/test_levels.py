"""Five levels, each with all before it; nothing later is listed, installed or said unasked at one."""

from __future__ import annotations

import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from holdfast.cli.main import COMMANDS
from holdfast.connect import levels
from holdfast.hook import levels as hook_levels

NAMES = [level.name for level in levels.LEVELS]


def test_they_are_five_in_this_order() -> None:
    assert NAMES == ["quickstart", "foundation", "flow", "knowledge", "scale"] == list(hook_levels.NAMES)
    assert levels.DEFAULT == "foundation"


@pytest.mark.parametrize("what", [levels.commands, levels.events, levels.surfaces, levels.parts])
def test_a_level_has_all_that_the_one_before_has(what: object) -> None:
    assert callable(what)
    for lower, higher in pairwise(NAMES):
        assert set(what(lower)) <= set(what(higher))


def test_every_command_is_listed_from_one_level_on() -> None:
    placed = [command for level in levels.LEVELS for command in level.commands]
    assert len(placed) == len(set(placed))
    assert set(COMMANDS) <= {*placed, *levels.FOR_PROGRAMS}


def test_the_quickstart_installs_nothing_and_says_nothing_unasked() -> None:
    assert levels.events("quickstart") == levels.surfaces("quickstart") == levels.parts("quickstart") == ()


def test_the_default_installs_hooks_only() -> None:
    assert levels.parts() == ()
    assert set(levels.events()) == {"start", "prompt", "failure", "compact", "end"}
    assert set(levels.surfaces()) == {"start", "prompt", "failure", "live"}


def test_context_and_handoffs_come_with_flow_and_warnings_and_guards_with_knowledge() -> None:
    assert set(levels.surfaces("flow")) - set(levels.surfaces("foundation")) == {"handoff", "meter"}
    assert set(levels.surfaces("knowledge")) - set(levels.surfaces("flow")) == {"call", "guards"}
    assert set(levels.parts("knowledge")) - set(levels.parts("flow")) == {"mcp", "skills", "blocks"}


@pytest.mark.parametrize("level", NAMES)
def test_what_a_level_may_name_is_its_own_or_acts_on_what_it_made(level: str) -> None:
    beyond = levels.may_name(level) - set(levels.commands(level))
    assert beyond <= {"review", "run"}
    assert level != "quickstart" or not beyond


@pytest.mark.parametrize("value", ["", "enormous", None, 7])
def test_a_level_of_a_newer_version_is_the_default(value: object) -> None:
    assert hook_levels.known(value) == "foundation"
    assert hook_levels.spoken(value) == levels.surfaces()


def test_a_surface_that_no_level_knows_is_said_at_the_last_alone() -> None:
    assert [name for name in NAMES if hook_levels.speaks(name, "of-tomorrow")] == ["scale"]


def test_they_are_read_without_any_other_package() -> None:
    program = "import sys, holdfast.connect.levels; print('msgspec' in sys.modules, 'click' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_the_page_on_levels_says_the_same() -> None:
    page = (Path(__file__).parents[2] / "docs" / "levels.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| \*\*(\w+)\*\*[^|]*\|[^|]*\|([^|]*)\|", page, re.MULTILINE)
    assert [name for name, _ in rows] == NAMES
    for level, (_, cell) in zip(levels.LEVELS, rows, strict=True):
        told = {word for words in re.findall("`([^`]*)`", cell) for word in words.split()}
        assert set(level.commands) & set(COMMANDS) <= told <= set(level.commands)
