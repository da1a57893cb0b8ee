"""Whether an agent has the plug-in is read from its own settings, and bad settings say no."""

from __future__ import annotations

from pathlib import Path

import pytest

from holdfast.connect.plugin.presence import plugged_in


@pytest.mark.parametrize(
    ("text", "there"),
    [
        ('{"enabledPlugins": {"holdfast@holdfast": true}}', True),
        ('{"enabledPlugins": {"holdfast@ours": true, "other@x": false}}', True),
        ('{"enabledPlugins": {"holdfast@holdfast": false}}', False),
        ('{"enabledPlugins": {"other@holdfast": true}}', False),
        ('{"enabledPlugins": []}', False),
        ("[]", False),
        ("{", False),
        ("[" * 100_000, False),
        ("\0", False),
    ],
)
def test_in_claude_code(tmp_path: Path, text: str, *, there: bool) -> None:
    (tmp_path / ".claude").mkdir()
    (tmp_path / ".claude/settings.json").write_text(text)
    assert plugged_in("claude-code", tmp_path, {}) == there
    assert not plugged_in("codex", tmp_path, {})
    moved = {"CLAUDE_CONFIG_DIR": str(tmp_path / ".claude")}
    assert plugged_in("claude-code", tmp_path / "elsewhere", moved) == there


@pytest.mark.parametrize(
    ("text", "there"),
    [
        ('[plugins."holdfast@holdfast"]\nenabled = true\n', True),
        ('[plugins."holdfast@holdfast"]\n', True),
        ('[plugins."holdfast@holdfast"]\nenabled = false\n', False),
        ('[plugins]\n"holdfast@holdfast" = 1\n', False),
        ("plugins = 1\n", False),
        ("[", False),
    ],
)
def test_in_codex(tmp_path: Path, text: str, *, there: bool) -> None:
    (tmp_path / ".codex").mkdir()
    (tmp_path / ".codex/config.toml").write_text(text)
    assert plugged_in("codex", tmp_path, {}) == there


def test_other_agents_know_no_such_plug_in(tmp_path: Path) -> None:
    assert not any(
        plugged_in(agent, tmp_path, {}) for agent in ("gemini", "opencode", "claude-code", "codex")
    )
