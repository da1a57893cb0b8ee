"""The skills keep to the Agent Skills standard, are short, and name only commands that exist."""

from __future__ import annotations

import re

import pytest
from ruamel.yaml import YAML

from holdfast.cli.main import COMMANDS
from holdfast.connect.skills import Skill, skills
from holdfast.connect.skills.sources import renamed, short_name
from holdfast.recall.tokens import estimate

SKILLS = skills()
FIELDS = {"name", "description", "license", "compatibility", "metadata", "allowed-tools"}


def front_matter(skill: Skill) -> dict[str, str]:
    found = re.fullmatch(r"---\n(.*?)\n---\n.*", skill.text, re.DOTALL)
    assert found
    read: dict[str, str] = YAML(typ="safe").load(found.group(1))
    return read


@pytest.mark.parametrize("skill", SKILLS, ids=lambda skill: skill.name)
def test_a_skill_keeps_to_the_standard(skill: Skill) -> None:
    told = front_matter(skill)
    assert set(told) <= FIELDS
    assert (told["name"], told["description"]) == (skill.name, skill.description)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", skill.name)
    assert len(skill.name) <= 64
    assert 0 < len(skill.description) <= 1024
    assert len(told.get("compatibility", "")) <= 500
    assert skill.text.count("\n") < 500


def test_at_rest_the_skills_cost_less_than_a_hundred_tokens() -> None:
    assert sum(estimate(skill.line) for skill in SKILLS) <= 100


@pytest.mark.parametrize("skill", SKILLS, ids=lambda skill: skill.name)
def test_a_skill_that_is_used_costs_less_than_six_hundred_tokens(skill: Skill) -> None:
    assert estimate(skill.text) <= 600


@pytest.mark.parametrize("skill", SKILLS, ids=lambda skill: skill.name)
def test_a_skill_names_only_commands_that_exist(skill: Skill) -> None:
    named = re.findall(r"^ {4,}holdfast ([a-z]+)|`holdfast ([a-z]+)", skill.text, re.MULTILINE)
    assert {first or second for first, second in named} <= set(COMMANDS)


def test_in_a_plug_in_a_skill_bears_its_short_name_and_is_the_same_otherwise() -> None:
    for skill in SKILLS:
        short = renamed(skill, short_name(skill))
        assert front_matter(short)["name"] == short.name == skill.name.removeprefix("holdfast-")
        assert short.text.splitlines()[2:] == skill.text.splitlines()[2:]
