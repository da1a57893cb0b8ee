"""Doctor says which agent's log is no longer understood, since when, and what is deleted when."""

from __future__ import annotations

from pathlib import Path

import pytest

from holdfast.connect.diagnosis import Finding, diagnose
from holdfast.repo import ids, records
from holdfast.repo.branch import RecordsBranch
from holdfast.repo.location import Repository
from holdfast.repo.records import Segment, Source


def segment(
    agent: str, version: str | None, day: str, count: int, unknown: int, malformed: int = 0
) -> Segment:
    return Segment(
        id=ids.new_id(), session="0123456789abcdef", agent=agent, version=version, day=day, extractor="1",
        transcript=Source(digest="d" * 64, start=0, end=ids.new_id().count("a") + 1),
        records=count, unknown=unknown, malformed=malformed,
    )  # fmt: skip


def told(repository: Repository, *segments: Segment) -> list[Finding]:
    files = {one.path: records.encode(one) for one in segments}
    if files:
        RecordsBranch(repository).append(files, "learn")
    return [finding for finding in diagnose(repository.directory).findings if finding.name == "transcripts"]


def test_a_version_whose_records_are_no_longer_understood_is_named_with_the_day_it_began(
    repository: Repository,
) -> None:
    findings = told(
        repository,
        segment("codex", "0.169", "2026-11-01", 4000, 0),
        segment("codex", "0.171", "2026-11-18", 100, 1),
        segment("codex", "0.171", "2026-11-20", 5000, 600, 10),
        segment("codex", "0.171", "2026-11-21", 200, 30),
        segment("claude-code", "2.1", "2026-11-21", 900, 1),
    )
    assert [finding.level for finding in findings] == ["ok", "problem"]
    assert findings[0].what == "of 10,210 records read, 6.3 % were not understood"
    assert findings[1].what == (
        "codex 0.171: 12 % of 5,310 records not understood since 2026-11-20 (0.169: 0 %)"
    )
    assert "pip install --upgrade holdfast" in findings[1].hint


def test_a_small_share_is_worth_a_note_and_a_few_records_say_nothing(repository: Repository) -> None:
    findings = told(
        repository,
        segment("codex", "0.169", "2026-11-01", 1000, 30),
        segment("pi", None, "2026-11-01", 10, 10),
    )
    assert [finding.level for finding in findings] == ["ok", "note"]
    assert findings[1].what == "codex 0.169: 3.0 % of 1,000 records not understood since 2026-11-01"


def test_where_nothing_was_counted_nothing_is_said(repository: Repository) -> None:
    assert told(repository) == []
    assert told(repository, segment("codex", "0.1", "2026-11-01", 0, 0)) == []


def test_a_reader_that_saw_no_real_session_is_said_to_be_unverified(repository: Repository) -> None:
    findings = [finding for finding in diagnose(repository.directory).findings if finding.name == "readers"]
    assert [finding.level for finding in findings] == ["ok", "note"]
    assert findings[1].what == "unverified, never tried on a real session: specstory"


def test_an_agent_that_deletes_its_transcripts_is_named_with_the_setting(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "person"))
    for name in ("CLAUDE_CONFIG_DIR", "GEMINI_CLI_HOME"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "person" / ".claude" / "projects").mkdir(parents=True)
    (finding,) = (
        found for found in diagnose(repository.directory).findings if found.name == "transcripts kept"
    )
    assert (finding.level, finding.where) == ("note", str(tmp_path / "person" / ".claude" / "settings.json"))
    assert finding.what == "claude-code deletes its transcripts after 30 days, its default"
    assert "`cleanupPeriodDays`" in finding.hint
