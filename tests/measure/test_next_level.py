"""A later level is offered on what was measured in this very repository, with the numbers, and else not."""

from __future__ import annotations

import json
from pathlib import Path

from holdfast.connect import removal
from holdfast.learn.guard_history import note_sessions
from holdfast.learn.ingest import ingest
from holdfast.learn.view import View
from holdfast.measure.guard_proposals import remember
from holdfast.measure.next_level import Offer
from holdfast.measure.overview import overview
from holdfast.repo import config
from holdfast.repo.location import Repository
from holdfast.testing.sessions import ClaudeSession
from holdfast.transcripts.origin import FileOrigin

NOON = 1772366400.0  # 2026-03-01 12:00 UTC
DAY = 86400.0


def offered(repository: Repository, level: str) -> Offer | None:
    config.choose(repository, level=level)
    with View(repository) as view:
        return overview(view).next_level


def session(repository: Repository, name: str, start: float = NOON) -> ClaudeSession:
    return ClaudeSession(
        f"{name:0<8}-1111-4222-8333-444455556666", root=str(repository.directory), start=start
    )


def test_nothing_measured_offers_nothing(empty: Repository) -> None:
    for level in ("quickstart", "foundation", "flow", "knowledge", "scale"):
        assert offered(empty, level) is None


def test_before_init_nothing_is_offered(learned: Repository) -> None:
    removal.undo(learned)
    with View(learned) as view:
        assert overview(view).next_level is None


def test_failures_that_came_back_speak_for_the_foundation(learned: Repository) -> None:
    offer = offered(learned, "quickstart")
    assert offer is not None
    assert (offer.level, offer.command) == ("foundation", "holdfast init --level foundation")
    assert offer.measured.startswith("6 of 9 sessions met a failure that an earlier one had met")
    assert "known for 3 of these" in offer.measured
    assert offered(learned, "foundation") is None


def test_many_notes_that_nobody_is_told_speak_for_the_foundation(empty: Repository) -> None:
    (empty.directory / "learnings.md").write_text("".join(f"- Use tool {n}.\n" for n in range(9)))
    assert offered(empty, "quickstart") is None
    (empty.directory / "learnings.md").write_text("".join(f"- Use tool {n}.\n" for n in range(12)))
    offer = offered(empty, "quickstart")
    assert offer is not None
    assert offer.measured.startswith("12 notes ")


def compacted(repository: Repository, folder: Path, count: int) -> None:
    for number in range(count):
        one = session(repository, f"{number}c", NOON + number * DAY)
        one.prompt("Mend it.")
        one.bash("make test", "E   boom", exit_code=1)
        for _ in range(number + 1):
            one.compact()
        one.bash("make test", "3 passed")
        one.write(folder / f"{number}.jsonl")
    with View(repository) as view:
        ingest(view, [folder])


def test_sessions_that_filled_their_context_speak_for_flow(empty: Repository, tmp_path: Path) -> None:
    compacted(empty, tmp_path / "two", 2)
    assert offered(empty, "foundation") is None
    compacted(empty, tmp_path / "three", 3)
    offer = offered(empty, "foundation")
    assert offer is not None
    assert offer.level == "flow"
    assert offer.measured == (
        "3 of 3 sessions filled their context and went on from a summary, 6 times in all."
    )
    assert offered(empty, "flow") is None


def failing(repository: Repository, folder: Path, number: int, start: float) -> Path:
    one = session(repository, f"{number}f", start)
    one.prompt("Run the tests.")
    one.bash("pytest -q", "E   ModuleNotFoundError: No module named 'shop'", exit_code=1)
    one.bash("uv run pytest -q", "3 passed in 0.12s")
    return one.write(folder / f"{number}.jsonl")


def test_failures_that_came_back_after_their_fix_was_on_record_speak_for_knowledge(
    learned: Repository, tmp_path: Path
) -> None:
    assert offered(learned, "foundation") is None, "what came back before its fix was recorded says nothing"
    with View(learned) as view:
        recorded = max(each.day or "" for each in view.learnings())
        ingest(view, [failing(learned, tmp_path, n, 1.9e9 + n * DAY) for n in range(3)])
    assert recorded < "2030"
    offer = offered(learned, "foundation")
    assert offer is not None
    assert offer.level == "knowledge", "the first later level whose sign is there, not the next in line"
    assert offer.measured == "1 failure came back in 3 sessions after what ends it was on record."
    assert offered(learned, "knowledge") is None


def test_rules_of_ones_own_that_sessions_broke_speak_for_knowledge(empty: Repository, tmp_path: Path) -> None:
    (empty.directory / "AGENTS.md").write_text("- Never run `npm install`; use `pnpm install`.\n")
    logs = []
    for number in range(3):
        one = session(empty, f"{number}r", 1.9e9 + number * DAY)
        one.prompt("Mend the cart.")
        one.bash("npm install lodash", "added 1 package")
        logs.append(FileOrigin(one.write(tmp_path / f"{number}.jsonl")))
    assert offered(empty, "flow") is None, "only what was looked at is measured"
    note_sessions(empty, logs)
    remember(empty)
    offer = offered(empty, "flow")
    assert offer is not None
    assert offer.level == "knowledge"
    assert offer.measured == "1 rule of your own was broken in 3 sessions or more (3 of 3): AGENTS.md:1."
    assert offered(empty, "knowledge") is None


def lived(repository: Repository, name: str, root: str, start: float, end: float) -> None:
    folder = repository.ensure_state() / "journal"
    folder.mkdir(exist_ok=True)
    lines = [
        {"at": start, "do": "start", "agent": "codex", "session": name, "root": root},
        {"at": end, "do": "end"},
    ]
    (folder / f"{name}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))


def test_sessions_at_work_at_once_in_one_directory_speak_for_scale(empty: Repository) -> None:
    for number in range(3):
        lived(empty, f"apart{number}", "/one", NOON + number * 100, NOON + number * 100 + 50)
        lived(empty, f"other{number}", f"/root{number}", NOON, NOON + 1000)
    assert offered(empty, "knowledge") is None
    for number in range(4):
        lived(empty, f"together{number}", "/two", NOON + number, NOON + 500)
    offer = offered(empty, "knowledge")
    assert offer is not None
    assert offer.level == "scale"
    assert offer.measured == "3 sessions began in a directory where another one was still at work."
