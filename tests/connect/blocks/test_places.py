"""Each agent reads the block, in the fewest files, and links and imports of the user's own are seen."""

from __future__ import annotations

from pathlib import Path

import pytest

from holdfast.connect.blocks.places import choose


def files(root: Path, *agents: str) -> dict[str, str]:
    return {path: kind for path, (kind, _) in choose(root, agents).items()}


@pytest.mark.parametrize(
    ("agents", "expected"),
    [
        (["codex"], {"AGENTS.md": "text"}),
        (["opencode", "qwen", "codex", "cursor", "copilot"], {"AGENTS.md": "text"}),
        (["claude-code"], {"CLAUDE.md": "text"}),
        (["claude-code", "codex"], {"AGENTS.md": "text", "CLAUDE.md": "import"}),
        (["gemini"], {"GEMINI.md": "text"}),
        (["copilot"], {".github/copilot-instructions.md": "text"}),
        (["copilot", "gemini"], {"GEMINI.md": "text"}),
        (["cursor"], {".cursor/rules/holdfast.mdc": "text"}),
        (["aider"], {"CONVENTIONS.md": "text"}),
        (["mini-swe-agent"], {}),
    ],
)
def test_in_an_empty_repository(tmp_path: Path, agents: list[str], expected: dict[str, str]) -> None:
    assert files(tmp_path, *agents) == expected


def test_claude_code_reads_agents_md_by_an_import_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "AGENTS.md").write_text("# Ours\n")
    assert files(tmp_path, "claude-code") == {"AGENTS.md": "text", "CLAUDE.md": "import"}


def test_copilot_which_follows_imports_is_not_told_all_of_agents_md_twice(tmp_path: Path) -> None:
    (tmp_path / "AGENTS.md").write_text("# Ours\n")
    assert files(tmp_path, "claude-code", "copilot") == {"AGENTS.md": "text"}


def test_a_claude_md_of_the_users_own_is_not_made_to_bring_in_anything(tmp_path: Path) -> None:
    (tmp_path / "AGENTS.md").write_text("# For others\n")
    (tmp_path / "CLAUDE.md").write_text("# For Claude, not `@AGENTS.md`\n```\n@AGENTS.md\n```\n")
    assert files(tmp_path, "claude-code") == {"CLAUDE.md": "text"}
    assert files(tmp_path, "claude-code", "codex") == {"AGENTS.md": "text", "CLAUDE.md": "text"}


@pytest.mark.parametrize("path", ["CLAUDE.md", ".claude/CLAUDE.md"])
def test_a_claude_md_that_brings_in_agents_md_needs_none(tmp_path: Path, path: str) -> None:
    (tmp_path / path).parent.mkdir(exist_ok=True)
    (tmp_path / path).write_text("# Ours\n\nSee @AGENTS.md for more.\n")
    assert files(tmp_path, "claude-code", "codex") == {"AGENTS.md": "text"}


def test_what_was_chosen_once_is_chosen_again_with_our_import_in_place(tmp_path: Path) -> None:
    (tmp_path / "CLAUDE.md").write_text("<!-- holdfast 1 -->\n@AGENTS.md\n<!-- /holdfast -->\n")
    assert files(tmp_path, "claude-code", "codex") == {"AGENTS.md": "text", "CLAUDE.md": "import"}


@pytest.mark.parametrize(("link", "to"), [("CLAUDE.md", "AGENTS.md"), ("AGENTS.md", "CLAUDE.md")])
def test_of_a_link_and_its_file_one_gets_the_block(tmp_path: Path, link: str, to: str) -> None:
    (tmp_path / to).write_text("# Ours\n")
    (tmp_path / link).symlink_to(to)
    assert choose(tmp_path, ["claude-code", "codex"]) == {to: ("text", ("claude-code", "codex"))}


def test_gemini_that_reads_agents_md_needs_no_file_of_its_own(tmp_path: Path) -> None:
    (tmp_path / ".gemini").mkdir()
    settings = tmp_path / ".gemini" / "settings.json"
    settings.write_text('{"context": {"fileName": ["AGENTS.md", "GEMINI.md"]}}')
    assert files(tmp_path, "gemini") == {"AGENTS.md": "text"}
    settings.write_text('{"context": []')
    assert files(tmp_path, "gemini") == {"GEMINI.md": "text"}
