"""Put the tasks over real histories, each with what was known when it is asked. Format: REAL.md.

The histories are not stored here: a folder holds, by repository, transcripts (``NAME/*.jsonl``) and commits
(``NAME-commits.jsonl``). A copy of the history is imported with its messages, dates and file names, and
moved on in time from task to task; transcripts are ingested once they have ended.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.decisions.run import Told, ask
from bench.decisions.worlds import Built, import_commits, seconds

from holdfast.learn import waiting
from holdfast.learn.ingest import ingest
from holdfast.learn.view import View
from holdfast.repo.location import Repository
from holdfast.testing.repositories import make_repository, run_git

HERE = Path(__file__).resolve().parent


def answers(data: Path, name: str, base: Path, words_alone: bool = False) -> Iterator[tuple[str, Told]]:
    """Yield what was told for each task, with the repository's name; the frozen set's digest is checked."""
    path = HERE / f"real-{name}.json"
    content = path.read_bytes()
    if (
        name == "frozen"
        and hashlib.sha256(content).hexdigest() not in (HERE / "FROZEN-REAL.sha256").read_text()
    ):
        sys.exit(f"{path.name} is not the file whose digest is in FROZEN-REAL.sha256; that is another test.")
    for part in json.loads(content):
        history = _History(data, part["repository"], base / f"real-{name}-{part['repository']}")
        for task in sorted(part["tasks"], key=lambda task: (seconds(task["asked"]), task["id"])):
            history.move_to(seconds(task["asked"]))
            symptoms = "" if words_alone else "real"
            for told in ask(history.built, [history.renamed(task)], symptoms=symptoms):
                yield part["repository"], told


class _History:
    """One repository's history, as far as it had come at some moment."""

    def __init__(self, data: Path, name: str, folder: Path) -> None:
        lines = (data / f"{name}-commits.jsonl").read_text().splitlines()
        commits = [json.loads(line) for line in lines]
        self._commits = sorted(commits, key=lambda commit: seconds(commit["date"]))
        self.built = Built({"documents": []}, folder / "repository")
        make_repository(self.built.root, commits=0)
        named = [{**commit, "id": f"commit:{commit['commit']}"} for commit in self._commits]
        self._ids = import_commits(self.built, named)
        self._logs = sorted((_ended(log), log) for log in (data / name).glob("*.jsonl"))
        self._read = 0
        self._at = -1.0

    def move_to(self, moment: float) -> None:
        """Bring the history on to a moment; it never goes back."""
        if moment <= self._at:
            return
        self._at = moment
        dated = zip(self._commits, self._ids, strict=True)
        past = [sha for commit, sha in dated if seconds(commit["date"]) < moment]
        run_git(self.built.root, "reset", "--hard", "--quiet", past[-1])
        logs = [log for ended, log in self._logs[self._read :] if ended < moment]
        self._read += len(logs)
        with View(Repository.find(self.built.root)) as view:
            for log in logs:
                before = set(_keys(view))
                ingest(view, [log])
                self.built.names.update(dict.fromkeys(set(_keys(view)) - before, f"session:{log.name}"))
        for item in waiting.read(Repository.find(self.built.root)):
            session = self.built.names.get(item.learning.by.session or "")
            if session:
                self.built.names.setdefault(item.learning.id, session)

    def renamed(self, task: dict[str, Any]) -> dict[str, Any]:
        """Return a task whose pointers into sessions name the session alone: that is what can be compared."""
        names = {key: [name.partition("#")[0] for name in task.get(key, ())] for key in ("also", "older")}
        pair = [name.partition("#")[0] for name in task.get("pair", ())]
        return {**task, **names, "pair": pair, "right": task["right"] and task["right"].partition("#")[0]}


def _keys(view: View) -> Iterator[str]:
    yield from view.transcripts_read()
    yield from (document.session for document in view.index.all(sources=["session"]))


def _ended(log: Path) -> float:
    """Return when a transcript ended: the last time that one of its lines names."""
    last = 0.0
    for line in log.read_bytes().splitlines()[-50:]:
        try:
            told = json.loads(line)
        except ValueError:
            continue
        if isinstance(told, dict) and isinstance(told.get("timestamp"), str):
            last = max(last, float(seconds(told["timestamp"])))
    return last
