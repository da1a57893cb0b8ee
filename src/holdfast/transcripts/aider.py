"""Read aider's chat history: ``.aider.chat.history.md`` in the root of a repository.

Markdown to which every chat in the repository is appended: ``# aider chat started at``, the person's lines as
``####``, aider's own as ``>``, the model's reply as it is. A line of the person's or of aider's ends with two
spaces, which tells it from the same marks in a reply. Blank lines belong to edits, so the file is read whole.
The log holds no output of commands: only that of ``/test`` tells whether it failed.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from typing import ClassVar

from holdfast.hook.patterns import regex
from holdfast.transcripts.aider_edits import Proposal, read_reply
from holdfast.transcripts.events import (
    AnyEvent,
    Call,
    Compaction,
    Interruption,
    Prompt,
    Result,
    Say,
    Status,
    Usage,
)
from holdfast.transcripts.reader import RecordReader, Source
from holdfast.transcripts.values import cut, seconds_of

_STARTED = "# aider chat started at "
_MARKED = regex(r"^(?:> |#### ).*  $", re.MULTILINE)
_COMMAND = regex(r"(?:/(run|test|git)\b|(!)) ?(.*)", re.DOTALL)
_TOKENS = regex(r"Tokens: (.+?) received")
_COUNT = regex(r"([\d.,]{1,20})([kM]?) (sent|cache write|cache hit|received)")
_COMMIT = regex(r"Commit ([0-9a-f]{7,40}) (.+)", re.DOTALL)
_MODEL = regex(r"(?:Main model|Model): (\S+) with")
_VERSION = regex(r"Aider v(\S+)")
_ADDED = regex(r"Added \d+ lines? of output to the chat")
_UNFIT = regex(r"# \d+ SEARCH/REPLACE blocks? failed to match|UnifiedDiffNo|.{0,80}hunks? failed to apply")
_STOPPED = ("^C KeyboardInterrupt", "^C again to exit")
_OTHERS = "applied successfully"
_SCALE = {"": 1, "k": 1_000, "M": 1_000_000}


class AiderReader(RecordReader):
    """Turn the lines of the history into events."""

    agent: ClassVar[str] = "aider"
    whole: ClassVar[bool] = True

    def __init__(self, source: Source) -> None:
        super().__init__(source)
        self._chat = ""
        self._number = 0
        self._proposed: dict[str, list[Proposal]] = {}
        self._running: tuple[str, str] | None = None
        self._printed: list[str] = []

    @classmethod
    def recognizes(cls, head: bytes) -> bool:
        """Tell from the first bytes of a file whether it is aider's chat history."""
        return head.lstrip().startswith(_STARTED.encode())

    def feed(self, data: bytes) -> Iterator[AnyEvent]:
        """Give the events of the file; ``position`` is the number of the line that a block ends with."""
        text = data.decode("utf-8", "replace").replace("\r\n", "\n")
        for kind, lines in self._blocks(text):
            self.counts.records += 1
            self.counts.understood += 1
            if kind == "start":
                yield from self._start(lines[0])
            elif kind == "prompt":
                yield from self._prompt("\n".join(lines).strip())
            elif kind == "told":
                yield from self._told("\n".join(lines).strip())
            else:
                yield from self._reply(lines)

    def _blocks(self, text: str) -> Iterator[tuple[str, list[str]]]:
        """Give what the file holds in blocks: the start of a chat, a prompt, a line of aider's, a reply.

        A block that the end of the file may have cut is left out.
        """
        marked = _MARKED.search(text) is not None
        kind = ""
        block: list[str] = []
        for number, line in enumerate(text.split("\n")[:-1], start=1):
            ends = line.endswith("  ") or not marked
            new = _kind_of(line, marked=ends, after=kind, within=bool(block))
            if block and new != kind and any(row.strip() for row in block):
                self.position = number - 1
                yield kind, block
            if new != kind:
                kind, block = new, []
            block.append(_bare(line, kind))
            if kind == "start" or (kind == "told" and ends):
                self.position = number
                yield kind, block
                block = []

    def _start(self, line: str) -> Iterator[AnyEvent]:
        if not self._printed:
            self._running = None  # the chat before may have ended before its last command did
        yield from self._settle()
        self._chat = line.removeprefix(_STARTED).strip()
        self._number = 0
        self.note_time(seconds_of(self._chat))
        if not self.session.id:
            self.session.id = f"aider-{self._chat.replace(' ', 'T')}"

    def _identity(self, what: str) -> str:
        self._number += 1
        return f"aider {self._chat} {self._number} {what}"

    def _prompt(self, text: str) -> Iterator[AnyEvent]:
        yield from self._settle()
        if text in ("/clear", "/reset"):
            yield Compaction(trigger="clear")
            return
        command = _COMMAND.match(text)
        if text == "/undo":
            yield from self._run("git reset --soft HEAD~1", "/undo")
        elif command and command[3].strip():
            name = command[1] or "run"
            written = command[3].strip()
            yield from self._run(f"git {written}" if name == "git" else written, f"/{name}")
        elif text and text != "<blank>" and not text.startswith("/"):
            yield Prompt(text=text)

    def _run(self, command: str, name: str) -> Iterator[AnyEvent]:
        identity = self._identity("command")
        self._running = identity, name
        self._printed = []
        if self.is_new("", identity):
            yield Call(id=identity, tool="Bash", name=name, command=cut(command))

    def _reply(self, lines: list[str]) -> Iterator[AnyEvent]:
        yield from self._settle()
        said, proposals = read_reply(lines, self.paths)
        for proposal in proposals:
            self._proposed.setdefault(proposal.path, []).append(proposal)
        if said:
            yield Say(text=said)

    def _told(self, text: str) -> Iterator[AnyEvent]:
        """Read one line of aider's own."""
        if version := _VERSION.match(text):
            self.session.version = version[1]
        elif model := _MODEL.match(text):
            self.session.model = model[1]
        elif used := _TOKENS.match(text):
            yield from self._usage(f"{used[1]} received")
        elif text.startswith("Applied edit to "):
            yield from self._edited(text.removeprefix("Applied edit to ").strip(), "ok", text)
        elif text.startswith("Skipping edits to "):
            yield from self._edited(text.removeprefix("Skipping edits to ").split()[0], "rejected", text)
        elif commit := _COMMIT.match(text):
            yield from self._committed(commit[1], commit[2].strip())
        elif text.startswith("Running ") and self._running is None:
            yield from self._run(text.removeprefix("Running "), "shell")
            self._running = None
        elif text.endswith(_STOPPED):
            self._running = None  # how it ended is not written
            if text.endswith(_STOPPED[0]):
                yield Interruption()
        elif _UNFIT.match(text):
            yield from self._unfit(text)
        if self._running is not None:
            self._printed.append(text)

    def _usage(self, text: str) -> Iterator[AnyEvent]:
        counts = {name: _count(number, scale) for number, scale, name in _COUNT.findall(text)}
        written, read = counts.get("cache write", 0), counts.get("cache hit", 0)
        identity = self._identity("usage")
        if self.is_new("usage", identity):
            yield Usage(
                message_id=identity,
                model=self.session.model,
                input=max(0, counts.get("sent", 0) - written - read),
                output=counts.get("received", 0),
                cache_read=read,
                cache_write=written,
            )

    def _edited(self, path: str, status: Status, text: str) -> Iterator[AnyEvent]:
        """Give the change of one file that a reply proposed, and what became of it."""
        path = self.paths.relative(path)
        for proposal in self._proposed.pop(path, ()):
            identity = self._identity(path)
            if not self.is_new("", identity):
                continue
            yield Call(
                id=identity,
                tool="Write" if proposal.kind == "whole" else "Edit",
                name=proposal.kind,
                paths=(path,),
                edits=proposal.edits,
            )
            if self.is_new("result", identity):
                yield Result(call_id=identity, status=status, text=cut(text))

    def _unfit(self, text: str) -> Iterator[AnyEvent]:
        """Read which proposed edits did not fit the files."""
        tried = [path for path, own in self._proposed.items() if any(one.kind != "whole" for one in own)]
        unfit = [path for path in tried if path in text] or tried
        for path in unfit:
            yield from self._edited(path, "failed", text)
        if _OTHERS in text:
            for path in tried:  # those that did not fit are gone
                yield from self._edited(path, "ok", text)

    def _committed(self, revision: str, message: str) -> Iterator[AnyEvent]:
        identity = self._identity("commit")
        if self.is_new("", identity):
            yield Call(
                id=identity, tool="Bash", name="commit", command=cut(f"git commit -m {shlex.quote(message)}")
            )
        if self.is_new("result", identity):
            yield Result(call_id=identity, status="ok", text=cut(f"[{revision}] {message}"), exit_code=0)

    def _settle(self) -> Iterator[AnyEvent]:
        """Give the outcome of a person's command, as far as the log tells it."""
        self._proposed = {}
        if self._running is None:
            return
        identity, name = self._running
        self._running = None
        printed = "\n".join(self._printed)
        status = _status(name, printed)
        if status is not None and self.is_new("result", identity):
            yield Result(call_id=identity, status=status, text=cut(printed))


def _kind_of(line: str, *, marked: bool, after: str, within: bool) -> str:
    """Return what a line belongs to: ``start``, ``prompt``, ``told`` or ``reply``.

    Args:
        line: The line.
        marked: True when it ends as a line of the person's or of aider's does.
        after: What the line before belongs to.
        within: True when that has not ended: text of aider's has its mark in its last line only.
    """
    if line.startswith(_STARTED):
        return "start"
    if line.startswith("####") and marked:
        return "prompt"
    if after == "told" and within:
        return "told"
    if line.startswith("> ") and (marked or after in ("told", "start", "prompt")):
        return "told"
    return "reply"


def _bare(line: str, kind: str) -> str:
    if kind == "prompt":
        return line.removeprefix("####").strip()
    return line.removeprefix("> ").rstrip() if kind == "told" else line


def _count(number: str, scale: str) -> int:
    try:
        return min(round(float(number.replace(",", "")) * _SCALE[scale]), 2**53)
    except (ValueError, OverflowError):
        return 0


def _status(name: str, printed: str) -> Status | None:
    """Return how a person's command ended; None when the log does not say."""
    if name == "/test":
        return "failed" if _ADDED.search(printed) else "ok"
    if name == "/undo":
        return "ok" if "Removed: " in printed or "Now at: " in printed else "failed"
    if name == "/git":
        return "failed" if printed.startswith(("fatal: ", "error: ", "git: ")) else "ok"
    return None
