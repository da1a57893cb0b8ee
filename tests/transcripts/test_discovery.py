from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from holdfast.testing.sessions import ClaudeSession
from holdfast.transcripts.discovery import discover, expand, project_directory_name
from holdfast.transcripts.events import Call
from holdfast.transcripts.origin import FileOrigin
from holdfast.transcripts.transcript import open_transcript

FIXTURES = Path(__file__).parent / "fixtures"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    path = tmp_path / "home"
    path.mkdir()
    return path


def claude(home: Path, cwd: str, name: str, *, at: int = 0) -> Path:
    path = home / ".claude" / "projects" / project_directory_name(cwd) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        json.dumps({"type": "user", "sessionId": "s", "cwd": cwd, "message": {"content": "x"}}) + "\n"
    )
    os.utime(path, (at, at))
    return path


def codex(home: Path, cwd: str, name: str, *, at: int = 0) -> Path:
    path = home / ".codex" / "sessions" / "2026" / "03" / "02" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"type": "session_meta", "payload": {"id": "x", "cwd": cwd}}) + "\n")
    os.utime(path, (at, at))
    return path


def paths(found: list) -> list[Path]:
    return [log.path for log in found]


def test_the_logs_of_a_repository_and_its_worktrees_are_found_oldest_first(home):
    root, worktree = Path("/home/ada/shop"), Path("/home/ada/shop-fix")
    third = claude(home, str(root), "one.jsonl", at=30)
    second = claude(home, f"{root}/src", "two.jsonl", at=20)
    first = codex(home, str(worktree), "rollout-2026-03-02-a.jsonl", at=10)
    fourth = claude(home, str(root), "one/subagents/agent-a1.jsonl", at=40)
    claude(home, "/home/ada/shop-other", "other.jsonl")
    claude(home, "/home/ada/shopping", "other.jsonl")
    codex(home, "/home/ada", "rollout-2026-03-02-b.jsonl")
    found = discover([root, worktree], home, environ={})
    assert paths(found) == [first, second, third, fourth]
    assert [log.agent for log in found] == ["codex", "claude-code", "claude-code", "claude-code"]
    assert found[0].size == first.stat().st_size
    assert found[0].mtime == 10


def test_everywhere_finds_all(home):
    one = claude(home, "/home/ada/shop", "one.jsonl", at=1)
    two = codex(home, "/home/bob/garden", "rollout-x.jsonl", at=2)
    assert paths(discover([Path("/nowhere")], home, everywhere=True, environ={})) == [one, two]
    assert discover([Path("/nowhere")], home, environ={}) == []


def test_a_directory_of_a_confusable_name_is_told_by_what_its_logs_say(home):
    ours = claude(home, "/home/ada/my.shop", "ours.jsonl")
    theirs = claude(home, "/home/ada/my/shop", "theirs.jsonl")
    assert ours.parent == theirs.parent
    assert paths(discover([Path("/home/ada/my.shop")], home, environ={})) == [ours]


def test_a_log_that_names_no_directory_belongs_to_its_project_directory(home):
    path = claude(home, "/home/ada/shop", "one.jsonl")
    path.write_text('{"type":"summary","summary":"x","leafUuid":"y"}\n')
    assert paths(discover([Path("/home/ada/shop")], home, environ={})) == [path]


def test_the_agents_own_settings_of_their_directories_are_honoured(home, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    one = claude(elsewhere, "/home/ada/shop", "one.jsonl")
    two = codex(elsewhere, "/home/ada/shop", "rollout-x.jsonl")
    environ = {"CLAUDE_CONFIG_DIR": str(elsewhere / ".claude"), "CODEX_HOME": str(elsewhere / ".codex")}
    assert set(paths(discover([Path("/home/ada/shop")], home, environ=environ))) == {one, two}
    assert discover([Path("/home/ada/shop")], home, environ={}) == []


def test_no_link_is_followed_out_of_the_home(home, tmp_path):
    outside = tmp_path / "outside"
    target = claude(outside, "/home/ada/shop", "one.jsonl")
    name = project_directory_name("/home/ada/shop")
    projects = home / ".claude" / "projects"
    projects.mkdir(parents=True)
    (projects / name).symlink_to(target.parent)
    (home / ".codex").symlink_to(outside)
    assert discover([Path("/home/ada/shop")], home, environ={}) == []
    (projects / name).unlink()
    (projects / name).mkdir()
    (projects / name / "one.jsonl").symlink_to(target)
    assert discover([Path("/home/ada/shop")], home, environ={}) == []


def test_a_home_without_agents_has_no_logs(home):
    assert discover([Path("/home/ada/shop")], home, everywhere=True, environ={}) == []


def test_a_directory_is_expanded_to_the_logs_in_it(tmp_path):
    (tmp_path / "b" / "deep").mkdir(parents=True)
    codex_log = tmp_path / "b" / "deep" / "notes.txt"
    codex_log.write_bytes((FIXTURES / "codex-session.jsonl").read_bytes())
    claude_log = tmp_path / "a.jsonl"
    claude_log.write_bytes((FIXTURES / "claude-session.jsonl").read_bytes())
    (tmp_path / "package.json").write_text('{"name": "x"}')
    (tmp_path / "c.jsonl").write_text('{"sessionId":"a","kind":"b"}')
    (tmp_path / "empty.jsonl").write_text("")
    (tmp_path / "photo.png").write_bytes(b"\x89PNG\x00")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "b" / "loop").symlink_to(tmp_path)
    assert [origin.name for origin in expand([tmp_path])] == [str(claude_log), str(codex_log)]


def test_a_file_is_given_as_it_is(tmp_path):
    missing = tmp_path / "missing.jsonl"
    other = tmp_path / "other.txt"
    other.write_text("x")
    assert list(expand([other, missing])) == [FileOrigin(other), FileOrigin(missing)]
    assert list(expand([FileOrigin(other)])) == [FileOrigin(other)]


def test_a_link_to_itself_beside_a_log_hides_nothing(tmp_path):
    (tmp_path / "a-loop").symlink_to(tmp_path / "a-loop")
    log = tmp_path / "log.jsonl"
    log.write_text('{"type":"summary","leafUuid":"x"}\n')
    assert list(expand([tmp_path])) == [FileOrigin(log)]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_in_a_folder_is_given_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "a.jsonl").write_text("{}\n")
    for place in (tmp_path / "sub", tmp_path / "a.jsonl"):
        place.chmod(0)
    try:
        found = list(expand([tmp_path]))
    finally:
        for place in (tmp_path / "sub", tmp_path / "a.jsonl"):
            place.chmod(0o700)
    assert sorted(origin.name for origin in found) == [str(tmp_path / "a.jsonl"), str(tmp_path / "sub")]
    for origin in found:
        with pytest.raises(OSError, match="denied"):
            origin.open()


def test_a_log_whose_first_line_holds_an_image_is_known(tmp_path: Path) -> None:
    session = ClaudeSession("5f0c0000-0000-4000-8000-000000000001", root="/home/ada/shop", start=1.0)
    session.prompt("look at this: " + "iVBORw0KGgo" * 60_000)
    session.bash("make", "done")
    session.write(tmp_path / "image.jsonl")
    (origin,) = expand([tmp_path])
    assert [event.tool for event in open_transcript(origin).events() if isinstance(event, Call)] == ["Bash"]
