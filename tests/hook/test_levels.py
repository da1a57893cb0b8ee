"""At each level the hook says what the level has and nothing of a later one, whatever else is known."""

from __future__ import annotations

import io
import json
import time
from pathlib import Path
from typing import Any

import pytest

from holdfast.flow import handoff_store
from holdfast.flow.handoff_record import Handoff
from holdfast.hook import levels, run
from holdfast.hook.handoff import place_of
from holdfast.hook.published import HEADER, NAME, lines_of
from holdfast.learn.guards import Guard
from holdfast.learn.ingest import ingest
from holdfast.learn.view import View
from holdfast.recall.guarding import data_of
from holdfast.recall.publish import publish
from holdfast.repo import config
from holdfast.repo.location import Repository
from holdfast.testing.sessions import ClaudeSession

FAILED = "E   ModuleNotFoundError: No module named 'shop'"
SIGNS = {
    "start": "Known in this repository",
    "handoff": "Mend the cart",
    "live": "nother session works",
    "failure": "uv run pytest -q",
    "meter": "% full",
    "call": "about this call",
    "guards": "a rule of the user's",
}
"""Words by which what a surface says is known here."""


@pytest.fixture
def ready(empty: Repository, tmp_path: Path) -> Repository:
    """A repository in which every surface has something to say."""
    root, now = str(empty.root), time.time()
    logs = []
    for number in range(6):
        old = ClaudeSession(f"old{number}", root=root, start=now - 86400 * (number + 1))
        old.prompt("make the tests pass")
        for _ in range(3):
            old.bash("pytest -q", FAILED, exit_code=1)
        old.bash("uv run pytest -q", "3 passed in 0.12s")
        logs.append(old.write(tmp_path / "logs" / f"old{number}.jsonl"))
    with View(empty) as view:
        ingest(view, logs)
    handoff_store.tell(
        empty, "main",
        Handoff(session="a" * 16, agent="claude-code", branch="main", place=place_of(str(empty.common_dir)),
                started=now - 900, ended=now - 800, goal="Mend the cart", open=["`pytest -q` still fails"]),
    )  # fmt: skip
    journal = empty.ensure_state() / "journal"
    journal.mkdir(exist_ok=True)
    began = {"at": now, "do": "start", "agent": "codex", "session": "x", "root": root}
    (journal / f"{'b' * 16}.jsonl").write_text(json.dumps(began) + "\n")
    return empty


def published(repository: Repository, level: str) -> None:
    """Publish at a level, with a guard whatever the level is, and nothing held out."""
    config.choose(repository, level=level)
    with View(repository) as view:
        publish(view)
    path = repository.state_dir / NAME
    rows = path.read_bytes().removeprefix(HEADER).decode().splitlines()
    values = dict(row.split("\t", 1) for row in rows)
    guard = Guard(rule="Never push by force", commands=("git push --force*",))
    values["guards"] = json.dumps([data_of("push", guard)])
    values["meta"] = json.dumps({**json.loads(values["meta"]), "held_out": 0})
    path.write_bytes(lines_of(values))


def said_by(repository: Repository, event: str, session: str, **told: Any) -> str:
    body = {"session_id": session, "cwd": str(repository.root), **told}
    return run.run(["claude-code", event], io.BytesIO(json.dumps(body).encode()))


def spoken(repository: Repository, tmp_path: Path, name: str = "new") -> set[str]:
    """Return the surfaces that say something in a few sessions, in which everything happens."""
    model = "claude-haiku-4-5"
    full = ClaudeSession("full", root=str(repository.root), start=time.time(), model=model)
    full._context = 120_000
    full.prompt("go on")
    full.say("I do.")
    log = str(full.write(tmp_path / "full.jsonl"))
    bash = {"tool_name": "Bash", "tool_input": {"command": "pytest -q"}}
    push = {"tool_name": "Bash", "tool_input": {"command": "git push --force"}}
    said = [
        said_by(repository, "start", f"{name}1", source="startup"),
        said_by(repository, "failure", f"{name}2", **bash, error=f"Exit code 1\n{FAILED}"),
        said_by(repository, "prompt", f"{name}3", prompt="go on", transcript_path=log),
        said_by(repository, "result", f"{name}4", **bash, tool_response={}, transcript_path=log),
        said_by(repository, "call", f"{name}5", **bash),
        said_by(repository, "call", f"{name}6", **push),
        said_by(repository, "compact", f"{name}1"),
        said_by(repository, "stop", f"{name}1"),
        said_by(repository, "end", f"{name}1"),
    ]
    return {surface for surface, words in SIGNS.items() if any(words in each for each in said)}


@pytest.mark.parametrize("level", levels.NAMES)
def test_a_level_says_what_it_has_and_nothing_of_a_later_one(
    ready: Repository, tmp_path: Path, level: str
) -> None:
    published(ready, level)
    assert spoken(ready, tmp_path) == set(levels.spoken(level)) - {"prompt"}


def test_going_down_is_heard_at_once_and_going_up_again_loses_nothing(
    ready: Repository, tmp_path: Path
) -> None:
    state = ready.state_dir
    for level in ("scale", "quickstart", "foundation", "knowledge", "scale"):
        published(ready, level)
    kept = {path: path.read_bytes() for path in state.rglob("*") if path.is_file()}
    published(ready, "quickstart")
    assert spoken(ready, tmp_path) == set()
    for path, content in kept.items():
        if path.name.split(".")[0] not in ("settings", "hook", "index", "reading"):  # chosen, or derived
            assert path.read_bytes().startswith(content), f"{path.name} is as it was, or was added to"
    for path in (state / "journal").glob("*.jsonl"):
        if path not in kept:
            path.unlink()  # as if those sessions had not been
    (state / "due.jsonl").unlink(missing_ok=True)
    published(ready, "scale")
    assert spoken(ready, tmp_path) == set(SIGNS)


def test_a_level_that_nobody_knows_is_the_default(ready: Repository, tmp_path: Path) -> None:
    published(ready, "enormous")
    assert spoken(ready, tmp_path) == set(levels.spoken(levels.DEFAULT)) - {"prompt"}
