"""Split what fills a context by what it is: estimated from the session's texts, fitted to the log's totals.

What stands before the first message is what the agent itself brings: its prompt, its instructions, the
definitions of its tools. The rest is what was said, read, printed and written since, or since the last
compaction. Logs give totals alone, so each text is estimated (`holdfast.recall.tokens`) and all are scaled to
the total; what the texts cannot account for (thinking, images) is named as such.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from typing import NamedTuple

import msgspec

from holdfast.flow.context_log import LogFacts
from holdfast.hook import commands
from holdfast.hook.meter_steps import tool_of
from holdfast.transcripts.events import AnyEvent, Call, Compaction, Prompt, Result, Say, Usage

TOP_FILES = 5
_MOST = 1.6
"""By how much estimates are scaled up at most to fit a total; what is beyond is something else."""
_MOST_BROUGHT = 60_000
"""Tokens of prompt, instructions and tools that are believed of a log that does not state them; what is more
is of a conversation that the log does not hold."""
_SUMMARY = ("This session is being continued", "<task-notification>", "<agent-notification>")
_TOLD = "in this repository (data from earlier sessions, not instructions)"
_SHOWS = frozenset("cat sed head tail nl less more bat".split())
_FILE = re.compile(r"[\w@~+-][\w./@~+-]*\.\w{1,10}|[\w.@~+-]*/[\w./@~+-]+")


class FileRead(msgspec.Struct, frozen=True):
    """A file in the context: its tokens, estimated, and how often it was read."""

    path: str
    tokens: int
    times: int


class Part(msgspec.Struct, frozen=True):
    """A part of a context and its tokens, estimated.

    Attributes:
        name: ``instructions``, ``tool_definitions``, ``conversation``, ``file_reads``, ``command_output``,
            ``agent_output`` (calls, edits, what subagents reported), ``holdfast``, or ``other``.
    """

    name: str
    tokens: int


class Content(NamedTuple):
    """What a context is filled with.

    Attributes:
        parts: Those that are not empty, in a fixed order.
        files: The files that take most of it; ``instructions`` the same for files of instructions.
    """

    parts: tuple[Part, ...]
    files: tuple[FileRead, ...]
    instructions: tuple[FileRead, ...]


class Split:
    """Sum the texts of a conversation by what they are: feed it every event of it, then take `content`.

    Args:
        estimate: Returns the tokens of a text.

    Attributes:
        used: Tokens that the model read for its last message.
    """

    def __init__(self, estimate: Callable[[str], int]) -> None:
        self.used = 0
        self._estimate = estimate
        self._parts: Counter[str] = Counter()
        self._files: Counter[str] = Counter()
        self._times: Counter[str] = Counter()
        self._calls: dict[str, Call] = {}
        self._brought = 0  # tokens of what the agent's system said before the first message
        self._said: int | None = None  # tokens of what people said before it, once it began
        self._base: int | None = None
        self._fresh = True  # until the first message of a context

    def feed(self, event: AnyEvent) -> None:
        """Take the next event."""
        if isinstance(event, Usage):
            if self._fresh and event.context:
                brought = max(0, event.context - (self._said or 0))
                self._base = brought if self._base is None else min(self._base, brought)
                self._fresh = False
            self.used = event.context or self.used
        elif isinstance(event, Compaction):
            for counts in (self._parts, self._files, self._times):
                counts.clear()
            self.used, self._fresh, self._said = 0, True, None
        elif isinstance(event, Prompt):
            self._note_prompt(event)
        elif isinstance(event, Say):
            self._begin()
            self._add("conversation", event.text)
        elif isinstance(event, Call):
            self._begin()
            self._note_call(event)
        elif isinstance(event, Result):
            self._note_result(event)

    def _begin(self) -> None:
        if self._said is None:
            self._said = self._parts["conversation"]

    def _add(self, part: str, text: str) -> int:
        tokens = self._estimate(text)
        self._parts[part] += tokens
        return tokens

    def _note_prompt(self, event: Prompt) -> None:
        if event.injected and _TOLD in event.text:
            self._add("holdfast", event.text)
        elif not event.injected or event.text.lstrip().startswith(_SUMMARY):
            self._add("conversation", event.text)
        elif self._said is None:
            self._brought += self._estimate(event.text)
        else:
            self._add("instructions", event.text)

    def _note_call(self, event: Call) -> None:
        self._calls[event.id] = event
        edits = [text for edit in event.edits for text in (edit.removed, edit.added)]
        self._add("agent_output", "\n".join([event.command or "", event.query or "", *event.paths, *edits]))

    def _note_result(self, event: Result) -> None:
        call = self._calls.pop(event.call_id, None)
        if call is None:
            self._add("command_output", event.text)
        elif _is_ours(call):
            self._add("holdfast", event.text)
        elif files := files_read(call):
            tokens = self._add("file_reads", event.text)
            for path in files:
                self._files[path] += tokens // len(files)
                self._times[path] += 1
        else:
            written = call.tool in ("Edit", "Write") or tool_of(call.name) == "Agent"
            self._add("agent_output" if written else "command_output", event.text)

    def content(self, facts: LogFacts, instructions: Mapping[str, str], told: int) -> Content:
        """Return what the context is filled with, scaled to what is used.

        Args:
            facts: What the log states besides.
            instructions: Files of instructions, by path, where the log does not hold them.
            told: Tokens that hooks of Holdfast told in this context.
        """
        files = facts.instructions or instructions
        brought = {path: self._estimate(text) for path, text in files.items()}
        known = self._brought + self._estimate(facts.prompt) + sum(brought.values())
        base, system = self._base_of(known, self._estimate(facts.tools))
        sums = Counter({**self._parts, "holdfast": max(told, self._parts["holdfast"])})
        rest = max(0, self.used - base) if self.used else sums.total()
        scale = min(_MOST, rest / sums.total()) if sums.total() else 1.0
        scaled = Counter({name: round(tokens * scale) for name, tokens in sums.items()})
        scaled["instructions"] += system
        scaled["tool_definitions"] += base - system
        scaled["other"] = max(0, rest - round(sums.total() * scale))
        return Content(
            tuple(Part(name, scaled[name]) for name in _ORDER if scaled[name]),
            _largest(self._files, self._times, scale),
            _largest({path: brought[path] for path in brought if "." in path}, {}, system / max(known, 1)),
        )

    def _base_of(self, system: int, tools: int) -> tuple[int, int]:
        """Return the tokens of what the agent brings, and those of its prompt and instructions in them."""
        base = system + tools if self._base is None else self._base
        base = min(base, self.used) if self.used else base
        if tools:
            return base, round(base * system / (system + tools))
        base = min(base, max(_MOST_BROUGHT, system))
        return base, min(system, base)


def _largest(tokens: Mapping[str, int], times: Mapping[str, int], scale: float) -> tuple[FileRead, ...]:
    most = sorted(tokens.items(), key=lambda item: (-item[1], item[0]))[:TOP_FILES]
    return tuple(FileRead(path, round(count * scale), times.get(path, 1)) for path, count in most)


_ORDER = (
    "instructions", "tool_definitions", "conversation", "file_reads", "command_output", "agent_output",
    "holdfast", "other",
)  # fmt: skip


def files_read(call: Call) -> list[str]:
    """Return the files that a call shows: of a reading tool, or of a command that only prints files."""
    if call.tool == "Read":
        return list(call.paths[:1])
    if not call.command or not commands.only_views(call.command):
        return []
    found: dict[str, None] = {}
    for _, words in commands.split(call.command):
        if words and words[0].rpartition("/")[2] in _SHOWS:
            found.update(dict.fromkeys(word for word in words[1:] if _FILE.fullmatch(word)))
    return list(found)


def _is_ours(call: Call) -> bool:
    if call.name.startswith("mcp__") and "holdfast" in call.name:
        return True
    return bool(call.command) and commands.family(call.command or "").startswith("holdfast")
