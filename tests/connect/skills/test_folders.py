"""Each agent finds exactly one copy, by as few folders as can be."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest

from holdfast.connect.skills.folders import IN_HOME, IN_TREE, READERS, ReadBy, choose, in_home, twice


@pytest.mark.parametrize(
    ("agents", "folders"),
    [
        (["claude-code"], [".claude/skills"]),
        (["codex"], [".agents/skills"]),
        (["claude-code", "codex"], [".agents/skills", ".claude/skills"]),
        (["claude-code", "opencode"], [".claude/skills"]),
        (["claude-code", "copilot"], [".agents/skills", ".claude/skills"]),
        (["claude-code", "copilot", "opencode"], [".claude/skills", ".copilot/skills"]),
        (["codex", "gemini", "qwen", "opencode", "copilot", "cursor"], [".agents/skills"]),
        (["claude-code", "codex", "opencode"], [".claude/skills", ".codex/skills"]),
        (["aider", "mini-swe-agent"], []),
    ],
)
def test_the_fewest_folders_of_a_home_are_chosen(agents: list[str], folders: list[str]) -> None:
    assert list(choose(agents)) == folders


def test_in_a_repository_copilot_reads_claude_codes_folder_too() -> None:
    assert choose(["claude-code", "copilot", "opencode"], IN_TREE) == (".claude/skills",)


@pytest.mark.parametrize("read_by", [IN_HOME, IN_TREE], ids=["home", "tree"])
def test_every_agent_reads_a_copy_and_all_but_cursor_exactly_one(read_by: ReadBy) -> None:
    for size in range(1, len(READERS) + 1):
        for agents in combinations(sorted(READERS), size):
            chosen = choose(agents, read_by)
            copies = {agent: sum(agent in read_by[folder] for folder in chosen) for agent in agents}
            assert min(copies.values()) == 1
            again = {agent for agent, number in copies.items() if number > 1}
            assert set(twice(agents, read_by)) == again <= {"cursor"}


def test_a_folder_that_the_user_moved_is_found() -> None:
    home = Path("/home/ada")
    assert in_home(".claude/skills", home, {}) == home / ".claude/skills"
    assert in_home(".claude/skills", home, {"CLAUDE_CONFIG_DIR": "/etc/cc"}) == Path("/etc/cc/skills")
    assert in_home(".codex/skills", home, {"CODEX_HOME": "relative"}) == home / ".codex/skills"
    assert in_home(".qwen/skills", home, {"QWEN_HOME": "/q"}) == Path("/q/skills")
    assert in_home(".gemini/skills", home, {"GEMINI_CLI_HOME": "/g"}) == Path("/g/.gemini/skills")
    assert in_home(".agents/skills", home, {"CODEX_HOME": "/elsewhere"}) == home / ".agents/skills"
