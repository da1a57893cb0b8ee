"""A session that was warned counts for nothing, or a warning that helps would look like a failure gone."""

from __future__ import annotations

import json
from pathlib import Path

from holdfast.evidence import journal
from holdfast.evidence.segments import session_key
from holdfast.learn.ingest import ingest
from holdfast.learn.view import View
from holdfast.recall.hazards import hazard_rates
from holdfast.repo.location import Repository
from holdfast.testing.sessions import ClaudeSession
from holdfast.transcripts.events import SessionInfo

FAMILY = "pytest: E ModuleNotFoundError: No module named <q>"
START = 1_772_359_200.0


def logs(repository: Repository, folder: Path) -> list[Path]:
    """Two sessions that fail, then six that were spared."""
    paths = []
    for number in range(8):
        name = f"0badcafe-0000-4000-8000-00000000000{number}"
        log = ClaudeSession(name, root=str(repository.root), start=START + number * 86_400)
        if number < 2:
            log.bash("pytest -q", "E   ModuleNotFoundError: No module named 'shop'", exit_code=1)
        log.edit("a.py", "x", "y")
        paths.append(log.write(folder / f"{name}.jsonl"))
    return paths


def rate(view: View) -> float:
    return next(rate.rate for rate in hazard_rates(view, None) if rate.family == FAMILY)


def test_sessions_spared_by_a_warning_do_not_lower_the_rate(
    empty: Repository, isolated_home: Path, tmp_path: Path
) -> None:
    paths = logs(empty, tmp_path)
    with View(empty) as view:
        ingest(view, paths[:2])
        at_first = rate(view)
        folder = empty.state_dir / journal.FOLDER
        folder.mkdir()
        for number in range(2, 8):
            key = session_key(SessionInfo(agent="claude-code", id=paths[number].stem))
            told = {
                "at": START, "do": "told", "surface": "start", "ids": ["family-0123abcd"], "family": FAMILY,
            }  # fmt: skip
            (folder / f"{key}.jsonl").write_text(json.dumps(told) + "\n")
        ingest(view, paths[2:])
        warned = rate(view)
    (empty.state_dir / "index.db").unlink()
    with View(empty) as view:
        assert rate(view) == warned
    assert warned > at_first * 0.9
