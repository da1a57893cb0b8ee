"""An agent that deletes its transcripts is told by its own settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from holdfast.transcripts.retention import Retention, retention


def agents(home: Path) -> None:
    (home / ".claude" / "projects").mkdir(parents=True)
    (home / ".gemini" / "tmp").mkdir(parents=True)


def days(home: Path, **environ: str) -> dict[str, int]:
    return {kept.agent: kept.days for kept in retention(home, environ)}


def test_without_settings_both_keep_thirty_days(tmp_path: Path) -> None:
    agents(tmp_path)
    claude, gemini = retention(tmp_path, {})
    path = tmp_path / ".claude" / "settings.json"
    assert claude == Retention(agent="claude-code", days=30, setting_path=path, setting="cleanupPeriodDays")
    assert (gemini.days, gemini.setting) == (30, "general.sessionRetention.maxAge")


def test_agents_that_are_not_here_are_not_spoken_of(tmp_path: Path) -> None:
    assert retention(tmp_path, {}) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"cleanupPeriodDays": 90}', 90),
        ('{"cleanupPeriodDays": 0}', 0),
        ('{"cleanupPeriodDays": 99999}', None),
        ('{"cleanupPeriodDays": "90"}', 30),
        ('{"cleanupPeriodDays": true}', 30),
        ('{"cleanupPeriodDays": -1}', 30),
        ("{", 30),
        ("[]", 30),
        ('{"a": "\\ud83d"}', 30),
        ("\x00\xff", 30),
    ],
)
def test_claude_codes_setting_is_read_whatever_the_file_holds(
    tmp_path: Path, text: str, expected: int | None
) -> None:
    agents(tmp_path)
    (tmp_path / ".claude" / "settings.json").write_text(text)
    assert days(tmp_path).get("claude-code") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"general": {"sessionRetention": {"maxAge": "7d"}}}', 7),
        ('{"general": {"sessionRetention": {"maxAge": "48h"}}}', 2),
        ('{"general": {"sessionRetention": {"maxAge": "2w"}}}', 14),
        ('{"general": {"sessionRetention": {"maxAge": "soon"}}}', 30),
        ('{"general": {"sessionRetention": {"enabled": false}}}', None),
        ('{"general": {"sessionRetention": 7}}', 30),
        ('{\n // kept "long"\n "general": {"sessionRetention": {/* days */ "maxAge": "60d"}}}', 60),
        ('{"url": "https://example.com", "general": {"sessionRetention": {"maxAge": "60d"}}} // x', 60),
    ],
)
def test_geminis_setting_is_read_with_comments_in_it(tmp_path: Path, text: str, expected: int | None) -> None:
    agents(tmp_path)
    (tmp_path / ".gemini" / "settings.json").write_text(text)
    assert days(tmp_path).get("gemini-cli") == expected


def test_the_variables_that_move_the_folders_are_honoured(tmp_path: Path) -> None:
    agents(tmp_path / "moved")
    (tmp_path / "moved" / ".claude" / "settings.json").write_text('{"cleanupPeriodDays": 5}')
    environ = {
        "CLAUDE_CONFIG_DIR": str(tmp_path / "moved/.claude"),
        "GEMINI_CLI_HOME": str(tmp_path / "moved"),
    }
    assert days(tmp_path, **environ) == {"claude-code": 5, "gemini-cli": 30}
