"""Each agent's logs are found where it keeps them, and nothing else is walked."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from pathlib import Path

import pytest

from holdfast.testing import repositories
from holdfast.transcripts import walking
from holdfast.transcripts.discovery import discover, expand
from holdfast.transcripts.homes import directory_beside, project_directory_name
from holdfast.transcripts.origin import DatabaseOrigin, FileOrigin, UnreadableOrigin
from holdfast.transcripts.walking import Skipped

SHOP, GARDEN = "/home/ada/shop", "/home/ada/garden"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    path = tmp_path / "home"
    path.mkdir()
    return path


def put(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def found_in(home: Path, everywhere: bool = False, root: str = SHOP, **environ: str) -> dict[str, str]:
    """Return the agents of the logs that are found, by name without the home."""
    logs = discover([Path(root)], home, everywhere, environ=environ)
    return {log.origin.name.replace(str(home), "~"): log.agent for log in logs}


def cwd(directory: str) -> str:
    return json.dumps({"type": "session", "id": "x", "cwd": directory}) + "\n"


def opencode(path: Path, *directories: str) -> Path:
    """Write a database with a session in each directory, in the few columns that are read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    database = sqlite3.connect(path)
    database.executescript("""
        CREATE TABLE session (id TEXT PRIMARY KEY, directory TEXT, version TEXT, parent_id TEXT,
                              time_created INTEGER, time_updated INTEGER);
        CREATE TABLE message (id TEXT PRIMARY KEY, session_id TEXT, time_created INTEGER, data TEXT);
        CREATE TABLE part (id TEXT PRIMARY KEY, message_id TEXT, session_id TEXT, data TEXT);
    """)
    for number, directory in enumerate(directories):
        row = (f"ses_{number}", directory, "1.18", None, 1_772_300_000_000, 1_772_300_000_000 + number)
        database.execute("INSERT INTO session VALUES (?, ?, ?, ?, ?, ?)", row)
    database.commit()
    database.close()
    return path


@pytest.mark.parametrize("hashed", [True, False])
def test_gemini_projects_are_told_by_hash_by_marker_or_by_registry(home: Path, hashed: bool) -> None:
    tmp = home / ".gemini" / "tmp"
    for root, slug in ((SHOP, "shop"), (GARDEN, "garden")):
        name = hashlib.sha256(root.encode()).hexdigest() if hashed else slug
        put(tmp / name / "chats" / "session-1.json", "{}")
        put(tmp / name / "logs.json", "[]")
        if not hashed and slug == "garden":
            put(tmp / name / ".project_root", root)
    put(home / ".gemini" / "projects.json", json.dumps({"projects": {SHOP: "shop", "/x": 3}}))
    ours = hashlib.sha256(SHOP.encode()).hexdigest() if hashed else "shop"
    assert found_in(home) == {f"~/.gemini/tmp/{ours}/chats/session-1.json": "gemini-cli"}
    (log,) = discover([Path(SHOP)], home, environ={})
    assert log.origin.directory == SHOP
    assert len(found_in(home, everywhere=True)) == 2
    moved = {"GEMINI_CLI_HOME": str(home)}
    assert len(found_in(home / "other", **moved)) == 1


def test_a_gemini_session_begun_in_a_folder_of_the_repository_is_its_own(home: Path) -> None:
    put(home / ".gemini/tmp/api/chats/session-1.jsonl", "{}")
    put(home / ".gemini/tmp/api/.project_root", f"{SHOP}/api\n")
    (log,) = discover([Path(SHOP)], home, environ={})
    assert log.origin.directory == f"{SHOP}/api"


def test_a_broken_registry_of_gemini_hides_nothing(home: Path) -> None:
    put(home / ".gemini/projects.json", "{")
    put(home / ".gemini/tmp" / hashlib.sha256(SHOP.encode()).hexdigest() / "chats/session-1.json", "{}")
    assert len(found_in(home)) == 1


def test_qwen_keeps_claude_codes_names_and_moves_by_two_variables(home: Path) -> None:
    put(home / ".qwen/projects" / project_directory_name(SHOP) / "chats/a.jsonl", cwd(SHOP))
    put(home / ".qwen/projects" / project_directory_name(GARDEN) / "chats/b.jsonl", cwd(GARDEN))
    put(home / ".qwen/tmp" / hashlib.sha256(SHOP.encode()).hexdigest() / "chats/session-old.json", "{}")
    assert sorted(Path(path).name for path in found_in(home)) == ["a.jsonl", "session-old.json"]
    for variable in ("QWEN_HOME", "QWEN_RUNTIME_DIR"):
        assert len(found_in(home / "other", **{variable: str(home / ".qwen")})) == 2


def test_copilot_sessions_are_told_by_their_first_record(home: Path) -> None:
    def start(directory: str) -> str:
        data = {"type": "session.start", "data": {"copilotVersion": "1", "context": {"cwd": directory}}}
        return json.dumps(data) + "\n"

    put(home / ".copilot/session-state/one/events.jsonl", start(SHOP))
    put(home / ".copilot/session-state/two/events.jsonl", start(GARDEN))
    put(home / ".copilot/session-state/three.jsonl", start(f"{SHOP}/api"))
    put(home / ".copilot/session-state/one/checkpoints/notes.txt", "x")
    put(home / ".copilot/history-session-state/session_x.json", '{"chatMessages": []}')
    expected = {"~/.copilot/session-state/one/events.jsonl", "~/.copilot/session-state/three.jsonl"}
    assert set(found_in(home)) == expected
    assert set(found_in(home / "x", COPILOT_HOME=str(home / ".copilot"))) == {
        str(home / path[2:]) for path in expected
    }


def test_the_sessions_of_opencode_are_told_by_their_directory(home: Path) -> None:
    data = home / ".local/share/opencode"
    path = opencode(data / "opencode.db", SHOP, GARDEN, f"{SHOP}/api")
    opencode(data / "opencode-dev.db", SHOP)
    put(data / "storage/session/x.json", "{}")
    assert set(found_in(home)) == {f"~/{path.relative_to(home)}#ses_0", f"~/{path.relative_to(home)}#ses_2",
                                   "~/.local/share/opencode/opencode-dev.db#ses_0"}  # fmt: skip
    assert len(found_in(home, everywhere=True)) == 4
    assert len(found_in(home / "x", XDG_DATA_HOME=str(home / ".local/share"))) == 3
    elsewhere = opencode(home / "elsewhere/own.db", SHOP)
    assert "~/elsewhere/own.db#ses_0" in found_in(home, OPENCODE_DB=str(elsewhere))
    assert not path.with_name("opencode.db-wal").exists()


@pytest.mark.parametrize("damage", [b"", b"not a database", b"SQLite format 3\0" + b"\0" * 2000])
def test_a_database_that_cannot_be_read_is_named_and_the_others_are_read(home: Path, damage: bytes) -> None:
    data = home / ".local/share/opencode"
    opencode(data / "opencode.db", SHOP)
    (data / "opencode-dev.db").write_bytes(damage)
    told: list[Skipped] = []
    (log,) = discover([Path(SHOP)], home, environ={}, told=told)
    assert isinstance(log.origin, DatabaseOrigin)
    assert [Path(skipped.place).name for skipped in told] == (["opencode-dev.db"] if damage else [])


def test_a_database_of_somebody_else_is_left_out_of_a_folder_and_named_when_given(tmp_path: Path) -> None:
    path = tmp_path / "logs" / "shop.db"
    path.parent.mkdir()
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE goods (name TEXT)")
    database.close()
    ours = opencode(tmp_path / "logs" / "opencode.db", SHOP)
    assert list(expand([tmp_path / "logs"])) == [DatabaseOrigin(ours, "ses_0", 0, 1_772_300_000.0, SHOP)]
    (given,) = expand([path])
    assert isinstance(given, UnreadableOrigin)
    with pytest.raises(OSError, match="database"):
        given.open()


def test_pi_and_its_sibling_are_told_by_their_first_line(home: Path) -> None:
    put(home / ".pi/agent/sessions/--home-ada-shop--/a.jsonl", cwd(SHOP))
    put(home / ".pi/agent/sessions/--home-ada-garden--/b.jsonl", cwd(GARDEN))
    put(home / ".omp/agent/sessions/-home-ada-shop/c.jsonl", cwd(SHOP))
    assert set(found_in(home)) == {
        "~/.pi/agent/sessions/--home-ada-shop--/a.jsonl", "~/.omp/agent/sessions/-home-ada-shop/c.jsonl",
    }  # fmt: skip
    assert len(found_in(home / "x", PI_CODING_AGENT_DIR=str(home / ".pi/agent"))) == 1
    own = str(home / ".pi/agent/sessions/--home-ada-shop--")
    assert len(found_in(home / "x", PI_CODING_AGENT_SESSION_DIR=own)) == 1


def test_mini_swe_agent_is_found_when_its_trajectory_names_the_directory(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    put(home / ".config/mini-swe-agent/last_mini_run.traj.json", '{"info": {"config": {"environment": {}}}}')
    put(home / ".config/mini-swe-agent/one.traj.json", json.dumps({"info": {"cwd": SHOP}}))
    assert set(found_in(home)) == {"~/.config/mini-swe-agent/one.traj.json"}
    assert len(found_in(home, everywhere=True)) == 2
    assert len(found_in(home / "x", MSWEA_GLOBAL_CONFIG_DIR=str(home / ".config/mini-swe-agent"))) == 1


def test_what_agents_keep_in_the_repository_is_found_there(home: Path, tmp_path: Path) -> None:
    root = tmp_path / "shop"
    put(root / ".aider.chat.history.md", "# aider chat started at 2026-03-02 10:00:00\n")
    put(root / ".specstory/history/notes.md", "# just notes\n")
    (tmp_path / "link").symlink_to(root)
    logs = discover([root, tmp_path / "link"], home, environ={})
    assert [(log.path, log.agent, log.origin.directory) for log in logs] == [
        (root / ".aider.chat.history.md", "aider", str(root))
    ]
    other = put(tmp_path / "history.md", "x")
    assert [log.path for log in discover([root], home, environ={"AIDER_CHAT_HISTORY_FILE": str(other)})] == [
        other
    ]


def test_what_git_tracks_may_be_anybodys_and_is_not_taken_unasked(
    home: Path, isolated_home: Path, tmp_path: Path
) -> None:
    root = repositories.make_repository(tmp_path / "shop").directory
    history = (Path(__file__).parent / "fixtures" / "specstory-history.md").read_text()
    put(root / ".specstory/history/theirs.md", history)
    put(root / ".specstory/history/more *.md", history)
    put(root / ".aider.chat.history.md", "# aider chat started at 2026-03-02 10:00:00\n")
    repositories.run_git(root, "add", "--all")
    put(root / ".specstory/history/ours.md", history)
    told: list[Skipped] = []
    (log,) = discover([root], home, environ={}, told=told)
    assert log.path.name == "ours.md"
    assert [Path(skipped.place).name for skipped in told] == [".aider.chat.history.md", "history"]
    assert "tracked by git" in told[0].reason


def test_what_lies_in_a_link_or_a_submodule_that_git_tracks_is_not_taken_unasked(
    home: Path, isolated_home: Path, tmp_path: Path
) -> None:
    history = (Path(__file__).parent / "fixtures" / "specstory-history.md").read_text()
    whole, part, module, case = (
        repositories.make_repository(tmp_path / name).directory
        for name in ("whole", "part", "module", "case")
    )
    put(whole / "docs/history/theirs.md", history)
    (whole / ".specstory").symlink_to("docs")
    put(part / "docs/theirs.md", history)
    put(part / ".specstory/notes.txt", "x")
    (part / ".specstory/history").symlink_to("../docs")
    repositories.make_repository(module / ".specstory")
    put(module / ".specstory/history/theirs.md", history)
    put(case / ".SpecStory/history/theirs.md", history)
    for root in (whole, part, module, case):
        repositories.run_git(root, "-c", "advice.addEmbeddedRepo=false", "add", "--all")
    put(case / ".specstory/history/theirs.md", history)  # the same file where names have no case
    for root in (whole, part, module, case):
        told: list[Skipped] = []
        assert discover([root], home, environ={}, told=told) == [], root.name
        assert [skipped.place for skipped in told] == [str(root / ".specstory/history")]


def test_no_link_leads_out_of_a_repository(home: Path, tmp_path: Path) -> None:
    put(tmp_path / "secret/.aider.chat.history.md", "# aider chat started at 2026-03-02 10:00:00\n")
    root = tmp_path / "shop"
    root.mkdir()
    (root / ".aider.chat.history.md").symlink_to(tmp_path / "secret/.aider.chat.history.md")
    (root / ".specstory").symlink_to(tmp_path / "secret")
    assert discover([root], home, environ={}) == []


def test_of_very_many_logs_the_newest_are_looked_at_and_it_is_said(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walking, "KEPT", 3)
    folder = home / ".claude/projects" / project_directory_name(SHOP)
    for number in range(6):
        os.utime(put(folder / f"{(number * 5) % 6}.jsonl", cwd(SHOP)), (number, number))
    told: list[Skipped] = []
    logs = discover([Path(SHOP)], home, environ={}, told=told)
    assert [log.mtime for log in logs] == [3, 4, 5]
    assert told == [Skipped(str(folder), "of 6 logs the newest 3 were looked at")]


def test_a_folder_of_very_many_files_is_listed_in_part_and_it_is_said(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walking, "LISTED", 10)
    for day in range(4):
        for number in range(4):
            put(home / f".codex/sessions/2026/03/{day:02}/rollout-{number}.jsonl", cwd(SHOP))
        folder = home / f".codex/sessions/2026/03/{day:02}"
        os.utime(folder, (day, day))
    told: list[Skipped] = []
    logs = discover([Path(SHOP)], home, environ={}, told=told)
    assert len(logs) == 4
    assert {log.path.parent.name for log in logs} == {"03"}, "the newest folder comes first"
    assert told[0].reason == "only the first 10 files were looked at"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_may_not_be_read_is_named_and_the_others_are_read(home: Path) -> None:
    put(home / ".codex/sessions/2026/rollout-1.jsonl", cwd(SHOP))
    closed = home / ".claude/projects"
    put(closed / project_directory_name(SHOP) / "a.jsonl", cwd(SHOP))
    closed.chmod(0)
    told: list[Skipped] = []
    try:
        assert len(discover([Path(SHOP)], home, environ={}, told=told)) == 1
        assert told == [Skipped(str(closed), "Permission denied")]
    finally:
        closed.chmod(0o700)


def test_only_the_agents_own_folders_are_walked(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(home / "Documents/.claude/projects/x/a.jsonl", cwd(SHOP))
    put(home / "node_modules/a.jsonl", cwd(SHOP))
    listed: list[str] = []
    scandir = os.scandir

    def noting(path: Path) -> os.ScandirIterator[str]:  # type: ignore[name-defined]
        listed.append(str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", noting)
    assert discover([Path(SHOP)], home, everywhere=True, environ={}) == []
    assert str(home) not in listed
    assert not any("Documents" in path or "node_modules" in path for path in listed)


def test_the_place_of_a_log_tells_its_directory(tmp_path: Path) -> None:
    put(tmp_path / "tmp/shop/.project_root", SHOP)
    assert directory_beside(tmp_path / "tmp/shop/chats/session-1.json") == SHOP
    assert directory_beside(tmp_path / "tmp/shop/chats/abc/sub.jsonl") == SHOP
    assert directory_beside(tmp_path / ".aider.chat.history.md") == str(tmp_path)
    assert directory_beside(tmp_path / ".specstory/history/x.md") == str(tmp_path)
    assert directory_beside(tmp_path / "other/chats/x.json") is None
    assert directory_beside(tmp_path / "x.jsonl") is None
    log = put(tmp_path / "tmp/shop/chats/session-1.json", "{}")
    assert list(expand([log])) == [FileOrigin(log, SHOP)]
