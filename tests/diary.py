"""An agent whose log is one document, rewritten whole as it grows: a reader of another package."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from holdfast.transcripts.events import AnyEvent, Call, Compaction, Edit, Prompt, Result, Say, Usage
from holdfast.transcripts.reader import RecordReader

Message = dict[str, Any]


class DiaryReader(RecordReader):
    """Read ``{"diary": id, "updated": n, "messages": [{"kind": …}]}``; a bad message is counted."""

    agent = "diary"
    verified = False
    whole = True

    @classmethod
    def recognizes(cls, head: bytes) -> bool:
        return head.lstrip().startswith(b"{") and b'"diary":' in head[:200]

    def feed(self, data: bytes) -> Iterable[AnyEvent]:
        try:
            document = json.loads(data)
            messages = document["messages"]
            self.session.id = document["diary"]
        except (ValueError, KeyError, TypeError, RecursionError):
            self.counts.malformed += 1
            return
        for self.position, message in enumerate(messages, start=1):
            yield from self._message(message)

    def _message(self, message: Message) -> Iterator[AnyEvent]:
        self.counts.records += 1
        kind = message.get("kind") if isinstance(message, dict) else None
        if kind not in ("prompt", "say", "turn", "compaction"):
            self.note_unknown(str(kind))
            return
        self.counts.understood += 1
        at = float(message["at"])
        self.note_time(at)
        if kind == "prompt":
            yield Prompt(at=at, text=message["text"])
        elif kind == "say":
            yield Say(at=at, text=message["text"])
        elif kind == "compaction":
            yield Compaction(at=at)
        else:
            yield from self._turn(message, at)

    def _turn(self, message: Message, at: float) -> Iterator[AnyEvent]:
        call = message["call"]
        edits = (Edit(message["edit"], "a", "b"),) if "edit" in message else ()
        tool = "Edit" if edits else "Bash"
        if self.is_new("", call, at):
            yield Call(at=at, id=call, tool=tool, name=tool, command=message.get("command"), edits=edits)
        if "ok" in message and self.is_new("result", call, at):
            status = "ok" if message["ok"] else "failed"
            code = None if edits else int(not message["ok"])
            yield Result(at=at, call_id=call, status=status, text=message.get("text", ""), exit_code=code)
        if self.is_new("usage", call, at):
            yield Usage(at=at, message_id=call, input=1000, output=10)

    def finish(self) -> Iterable[AnyEvent]:
        return ()


def write(path: Path, messages: list[Message], session: str = "diary-session-0001") -> Path:
    """Write a diary as its agent does: indented, with a count before the messages that changes."""
    document = {"diary": session, "updated": "x" * len(messages), "messages": messages}
    path.write_text(json.dumps(document, indent=2))
    return path


def failed_then_passed(number: int = 0) -> list[Message]:
    """Return the messages of a session in which a command failed, was mended, and passed."""
    calls = [f"call-{number:04d}-of-the-diary-{step}" for step in range(4)]
    missing = "E   ModuleNotFoundError: No module named 'shop'"
    turns: list[Message] = [
        {"kind": "prompt", "text": "Make the tests pass."},
        {"kind": "turn", "call": calls[0], "command": "pytest -q", "ok": False, "text": missing},
        {"kind": "say", "text": "They need the project's own environment."},
        {"kind": "turn", "call": calls[1], "edit": "shop/cart.py", "ok": True},
        {"kind": "compaction"},
        {"kind": "turn", "call": calls[2], "command": "uv run pytest -q", "ok": True, "text": "24 passed"},
        {"kind": "prompt", "text": "And the linter?"},
        {"kind": "turn", "call": calls[3], "command": "ruff check", "ok": False, "text": "E501 Line long"},
    ]  # fmt: skip
    return [{**turn, "at": 1.7723e9 + 100_000 * number + 60 * place} for place, turn in enumerate(turns)]
