"""Build the worlds of the test set as what Holdfast meets in life: a git repository, transcripts, documents.

Nothing is given to the product but these: `ingest` reads the transcripts, the index fills itself. Filler is
drawn from a world's own grammar with a seed of its name, so that every run builds the same. Format:
README.md.
"""

from __future__ import annotations

import datetime
import functools
import hashlib
import json
import os
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from holdfast.learn import symptoms, waiting
from holdfast.learn.ingest import ingest
from holdfast.learn.symptoms import Symptoms
from holdfast.learn.view import View
from holdfast.testing.repositories import make_repository, run_git
from holdfast.testing.sessions import ClaudeSession

_READ_AFTER = 3600
"""Seconds after which a chat is ingested."""
_HOLE = re.compile(r"\{(\w+)\}")


@dataclass
class Built:
    """A world that was built.

    Attributes:
        names: What the product calls a thing, by its id (a commit, a session's key), to the name it has in
        the
            world; documents are named by their path, with the heading of the entry when there are several.
    """

    world: dict[str, Any]
    root: Path
    names: dict[str, str] = field(default_factory=dict)

    def name(self, product_id: str) -> str:
        """Return the world's name of what the product calls so; the id itself when it is filler."""
        kind, _, rest = product_id.partition(":")
        key = rest.partition(":")[0] if kind in ("commit", "statement") else product_id
        if key in self.names:
            return self.names[key]
        return next((name for id_, name in self.names.items() if id_.startswith(key)), "") or self._entry(
            product_id
        )

    def _entry(self, product_id: str) -> str:
        path, _, line = product_id.rpartition(":")
        document = next((each for each in self.world["documents"] if each["path"] == path), None)
        if document is None or not line.isdigit():
            return product_id
        above = document["text"].split("\n")[: int(line)]
        heading = next((text[3:].strip() for text in reversed(above) if text.startswith("## ")), "")
        several = sum(text.startswith("## ") for text in document["text"].split("\n")) > 1
        return f"{path}#{heading}" if several and _is_list(path) and heading else path


def _is_list(path: str) -> bool:
    return "decisions" in path.rpartition("/")[2].lower()


def build(world: dict[str, Any], folder: Path) -> Built:
    """Build a world below ``folder``, ingest its chats, and return it; one built before is used again."""
    root = folder / "repository"
    kept = folder / "names.json"
    if kept.exists():
        return Built(world, root, json.loads(kept.read_text()))
    repository = make_repository(root, commits=0)
    built = Built(world, root)
    draw = random.Random(world["name"])
    import_commits(built, _all_commits(world, draw))
    logs = folder / "chats"
    keys = {}
    with View(repository) as view:
        for chat in sorted(_chats(world, draw), key=lambda chat: seconds(chat["date"])):
            log, key = _write_chat(chat, logs, root)
            keys[key] = chat["id"]
            os.environ["HOLDFAST_NOW"] = str(seconds(chat["date"]) + _READ_AFTER)
            ingest(view, [log])
    del os.environ["HOLDFAST_NOW"]
    built.names.update({key: name for key, name in keys.items() if name})
    for item in waiting.read(repository):
        built.names[item.learning.id] = keys.get(item.learning.by.session or "", "")
    kept.write_text(json.dumps(built.names))
    return built


def put_symptoms(view: View, kind: str) -> None:
    """Keep what an agent answered when it was asked about the documents of a history.

    Args:
        view: The repository's view.
        kind: ``made`` or ``real``: whose answers, ``symptoms-KIND.json``.
    """
    answers = _answers(kind)
    found = {}
    for document in view.index.all(sources=view.everywhere):
        answer = answers.get(symptoms.digest_of(document))
        if answer is not None:
            found[document.id] = answer
    (view.repository.state_dir / symptoms.FILE).unlink(missing_ok=True)
    symptoms.add(view.repository, found)
    view.refresh()


@functools.cache
def _answers(kind: str) -> dict[str, Symptoms]:
    told = json.loads((Path(__file__).parent / f"symptoms-{kind}.json").read_text())
    return {digest: msgspec.convert({"read": digest, **answer}, Symptoms) for digest, answer in told.items()}


def seconds(date: str) -> int:
    """Return an ISO date as seconds since the epoch; UTC when it names no zone."""
    moment = datetime.datetime.fromisoformat(date.replace("Z", "+00:00"))
    return int((moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)).timestamp())


# -- commits


def _all_commits(world: dict[str, Any], draw: random.Random) -> list[dict[str, Any]]:
    """Return the commits of a world in order of time, with its filler and those that write documents."""
    commits = [*world["commits"], *_filler_commits(world, draw)]
    commits += [
        {"date": document["date"], "subject": f"Write {document['path']}", "document": document}
        for document in world["documents"]
    ]
    return sorted(commits, key=lambda commit: seconds(commit["date"]))


def import_commits(built: Built, commits: list[dict[str, Any]]) -> list[str]:
    """Import commits that are in order of time, note the names of those that bear an id, return their ids."""
    stream = "".join(_commit(number, commit) for number, commit in enumerate(commits, 1))
    marks = built.root.parent / "marks"
    run_git(built.root, "fast-import", "--quiet", f"--export-marks={marks}", input=stream)
    run_git(built.root, "reset", "--hard", "--quiet")
    found = dict(line.split() for line in marks.read_text().splitlines())
    ids = [found[f":{number}"] for number in range(1, len(commits) + 1)]
    built.names.update(
        {sha: commit["id"] for sha, commit in zip(ids, commits, strict=True) if commit.get("id")}
    )
    return ids


def _commit(number: int, commit: dict[str, Any]) -> str:
    body = commit.get("body", "")
    message = commit["subject"] + (f"\n\n{body}" if body else "") + "\n"
    lines = [
        f"commit refs/heads/main\nmark :{number}\n",
        f"committer A Developer <developer@example.invalid> {seconds(commit['date'])} +0000\n",
        _data(message),
    ]
    document = commit.get("document")
    for path in [document["path"]] if document else commit["files"]:
        text = document["text"] if document else f"{path} as of change {number}\n"
        lines.append(f"M 100644 inline {json.dumps(path)}\n{_data(text)}")
    return "".join(lines) + "\n"


def _data(text: str) -> str:
    return f"data {len(text.encode())}\n{text}\n"


def _filler_commits(world: dict[str, Any], draw: random.Random) -> Iterator[dict[str, Any]]:
    filler = world["filler"]
    grammar = filler["grammar"]
    for date in _dates(filler, filler["commits"], draw):
        subject, files = _draw(draw.choice(grammar["subjects"]), grammar, draw)
        body = ""
        if grammar.get("bodies") and draw.random() < filler.get("body_share", grammar.get("body_share", 0.3)):
            body, more = _draw(draw.choice(grammar["bodies"]), grammar, draw)
            files += more
        yield {"date": date, "subject": subject, "body": body, "files": files or [_file(grammar, draw)]}


def _dates(filler: dict[str, Any], number: int, draw: random.Random) -> Iterator[str]:
    start, end = seconds(filler["from"]), seconds(filler["to"])
    for _ in range(number):
        moment = datetime.datetime.fromtimestamp(draw.uniform(start, end), datetime.UTC)
        yield moment.isoformat().replace("+00:00", "Z")


def _draw(pattern: str, grammar: dict[str, Any], draw: random.Random) -> tuple[str, list[str]]:
    """Return a pattern with its holes filled, and the files that it names."""
    files: list[str] = []

    def filled(hole: re.Match[str]) -> str:
        word = str(draw.choice(grammar["words"][hole[1]]))
        if hole[1] == "file":
            files.append(word)
        return word

    return _HOLE.sub(filled, pattern), files


def _file(grammar: dict[str, Any], draw: random.Random) -> str:
    return str(draw.choice(grammar["words"].get("file") or ["src/main.py"]))


# -- chats


def _chats(world: dict[str, Any], draw: random.Random) -> Iterator[dict[str, Any]]:
    yield from world["chats"]
    filler = world["filler"]
    grammar = filler["grammar"]
    for date in _dates(filler, filler["chats"], draw):
        turns = []
        for _ in range(draw.choice((1, 1, 2))):
            prompt, files = _draw(draw.choice(grammar["chat_prompts"]), grammar, draw)
            reply, _ = _draw(draw.choice(grammar["chat_replies"]), grammar, draw)
            edits = files or [_file(grammar, draw)]
            turns += [
                {"who": "person", "text": prompt, "edits": []},
                {"who": "agent", "text": reply, "edits": edits},
            ]
        yield {"id": "", "date": date, "turns": turns}


def _write_chat(chat: dict[str, Any], logs: Path, root: Path) -> tuple[Path, str]:
    """Write a chat as a log of Claude Code; return it, and the key that Holdfast knows the session by."""
    told = json.dumps(chat, sort_keys=True)
    digest = hashlib.sha256(told.encode()).hexdigest()
    session = f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-8{digest[17:20]}-{digest[20:32]}"
    log = ClaudeSession(session, root=str(root), start=float(seconds(chat["date"])))
    for turn in chat["turns"]:
        if turn["who"] == "person":
            log.prompt(turn["text"])
            continue
        log.say(turn["text"])
        for path in turn["edits"]:
            log.edit(path, "old line\n", f"new line of {digest[:6]}\n")
    written = log.write(logs / f"{session}.jsonl")
    return written, hashlib.sha256(f"claude-code\n{session}".encode()).hexdigest()[:16]
