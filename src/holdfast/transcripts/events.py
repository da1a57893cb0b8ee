"""The one stream of typed events that every agent's log is read into.

Times are seconds since the epoch. Paths are relative to the session's own root when they lie
inside it. Text is what the log holds, untouched: whoever stores, shows or indexes it redacts it first.
"""

from __future__ import annotations

from typing import Literal

import msgspec

Status = Literal["ok", "failed", "rejected"]


class Event(msgspec.Struct, frozen=True, kw_only=True, tag=True, gc=False):
    """Hold what all events share.

    Attributes:
        at: When it happened, in seconds since the epoch; None when the log does not say.
        subagent: The id of the subagent it happened in; None in the main conversation.
    """

    at: float | None = None
    subagent: str | None = None


class Prompt(Event, frozen=True, kw_only=True, tag=True, gc=False):
    """What was said to the agent.

    Attributes:
        injected: True when the agent's own system, a hook or Holdfast wrote it, not a person.
            Injected text is never mined.
    """

    text: str
    injected: bool = False


class Say(Event, frozen=True, kw_only=True, tag=True, gc=False):
    """What the agent said."""

    text: str


class Edit(msgspec.Struct, frozen=True):
    """One change to one file: the text removed and the text added (empty for a new file)."""

    path: str
    removed: str = ""
    added: str = ""


class Question(msgspec.Struct, frozen=True, gc=False):
    """One question that an agent put to a person, and the answers it offered.

    Attributes:
        id: What the agent's own log names the answer by, when it is not the question itself.
    """

    text: str
    options: tuple[str, ...] = ()
    id: str = ""


class Call(Event, frozen=True, kw_only=True, tag=True, gc=False):
    """A tool call.

    Attributes:
        id: The agent's id of the call; copies of a call in forks and resumes bear the same id.
        tool: Bash, Edit, Write, Read, Grep, Glob, else the agent's own name.
        name: The agent's own name of the tool.
        command: The shell command, for Bash.
        paths: The files or directories it names.
        edits: What it changes, for Edit and Write.
        query: The pattern or question, for searches and fetches; the plan that a call asks to approve.
        questions: What it asks a person, for a call that does.
    """

    id: str
    tool: str
    name: str
    command: str | None = None
    paths: tuple[str, ...] = ()
    edits: tuple[Edit, ...] = ()
    query: str | None = None
    questions: tuple[Question, ...] = ()


class Result(Event, frozen=True, kw_only=True, tag=True, gc=False):
    """The outcome of a tool call.

    Attributes:
        call_id: The id of the call it answers.
        status: ``rejected`` when a person or a permission rule refused the call.
        text: The output, at most `MAX_TEXT` characters: its start and its end.
        exit_code: The exit code, when the log states it.
        words: What the person said when rejecting; None when nothing was said.
    """

    call_id: str
    status: Status
    text: str = ""
    exit_code: int | None = None
    words: str | None = None


class Usage(Event, frozen=True, kw_only=True, tag=True, gc=False):
    """Tokens of one model message; given once a message id.

    ``context`` is what the model read: input, cache reads and cache writes together.
    """

    message_id: str
    model: str | None = None
    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_write: int = 0

    @property
    def context(self) -> int:
        """Return the tokens that the model read for this message."""
        return self.input + self.cache_read + self.cache_write


class Interruption(Event, frozen=True, kw_only=True, tag=True, gc=False):
    """A person stopped the agent."""


class Compaction(Event, frozen=True, kw_only=True, tag=True, gc=False):
    """The conversation was compacted or cleared; ``before`` is its size in tokens, when known."""

    trigger: str | None = None
    before: int | None = None


class SubagentStart(Event, frozen=True, kw_only=True, tag=True, gc=False):
    """A subagent began; ``subagent`` names it."""

    kind: str | None = None


class SubagentEnd(Event, frozen=True, kw_only=True, tag=True, gc=False):
    """A subagent ended; ``subagent`` names it."""


AnyEvent = Prompt | Say | Call | Result | Usage | Interruption | Compaction | SubagentStart | SubagentEnd

MAX_TEXT = 64 * 1024
"""Characters of a result's output that an event carries; the middle of longer output is cut."""


class SessionInfo(msgspec.Struct, kw_only=True):
    """What a transcript says about its session. Filled while the transcript is read.

    Attributes:
        agent: ``claude-code``, ``codex``, …
        id: The agent's own session id.
        root: The directory that the session worked in, absolute, on the machine that recorded it.
        parent: The session it was forked or resumed from, or of which it is a subagent.
        started, ended: Seconds since the epoch of the first and the last record with a time.
    """

    agent: str
    id: str = ""
    root: str | None = None
    branch: str | None = None
    model: str | None = None
    version: str | None = None
    parent: str | None = None
    started: float | None = None
    ended: float | None = None


class Counts(msgspec.Struct, kw_only=True):
    """How many records a transcript had, and how many were understood.

    Attributes:
        ignored: Records of kinds that are known and carry nothing for us.
        unknown: Records of kinds that no version of the reader knows; ``unknown_types`` counts them by name.
        malformed: Lines that are not a record at all (truncated, binary, not JSON).
        oversized: Records longer than the limit, passed over.
        repeated: Calls, results and usage already seen (copied by a fork, a resume or a split record).
    """

    records: int = 0
    understood: int = 0
    ignored: int = 0
    unknown: int = 0
    malformed: int = 0
    oversized: int = 0
    repeated: int = 0
    unknown_types: dict[str, int] = {}
