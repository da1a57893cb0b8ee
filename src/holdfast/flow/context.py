"""How full a session's context is, with what, and whether it is worn out: read from its log.

A context is the memory of a session, and a compaction ends it as the kernel ends a process that is out of
memory: what was not written down is lost. So compactions are counted as such.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import msgspec

from holdfast.flow.context_log import LogFacts, facts_of
from holdfast.flow.context_parts import FileRead, Part, Split
from holdfast.flow.context_steps import step_of
from holdfast.hook.clock import now
from holdfast.hook.meter_signals import Signal
from holdfast.hook.meter_state import SLACK, Meter
from holdfast.hook.meter_windows import at_least, window_of
from holdfast.index.documents import Stretch
from holdfast.learn.gate import is_safe
from holdfast.recall import tokens
from holdfast.repo.safe_read import read_text
from holdfast.transcripts.events import SessionInfo, Usage
from holdfast.transcripts.origin import Origin
from holdfast.transcripts.transcript import Transcript, open_transcript

LIVE = 3600.0
"""Seconds after its last step in which a session counts as going on."""
INSTRUCTION_FILES = {
    "claude-code": ("CLAUDE.md",),
    "codex": (),
    "gemini-cli": ("GEMINI.md",),
    "qwen-code": ("QWEN.md", "AGENTS.md"),
    "copilot-cli": (".github/copilot-instructions.md", "AGENTS.md", "CLAUDE.md", "GEMINI.md"),
}
"""What each agent sends of the files in the project, where its log does not hold them."""


class Worn(msgspec.Struct, frozen=True):
    """A sign that the context is worn out: its kind, and what the agent is told of it."""

    kind: str
    line: str


class ModelUse(msgspec.Struct, frozen=True):
    """What one model used in a session: its messages, the most that it read at once, its window or 0."""

    model: str
    messages: int
    peak: int
    window: int


class ContextUse(msgspec.Struct, frozen=True, kw_only=True):
    """What fills the context of a session.

    Attributes:
        agent, session, model: Of the session.
        used: Tokens that the model read for its last message; 0 when the log does not say.
        window: Tokens that it reads at most; 0 when that is not known. ``window_from`` says where it is
            from: ``log``, ``config``, ``table``, or ``seen``, when more was used than the table has.
        percent: How full it is.
        peak: The most that was used at once.
        models: The models that took part, those with most messages first.
        out_of_memory: How often it was compacted; ``lost_at`` the tokens that it held then, where known.
        exchanges, minutes: Prompts of a person, and minutes of work, since the last compaction.
        parts: What it is filled with, estimated; together ``used``.
        told_apart: Whether the log states the agent's own prompt; else it stands together with the
            definitions of its tools.
        files: The files that take most of it, estimated; ``instruction_files`` the same for files of
            instructions, as far as they are known.
        worn: Signs that it is worn out, since the last compaction.
        on_record: Sessions of this repository on record; ``compacted`` how many of them ran out of memory.
    """

    agent: str
    session: str
    model: str = ""
    used: int = 0
    window: int = 0
    window_from: str = ""
    percent: int | None = None
    peak: int = 0
    models: tuple[ModelUse, ...] = ()
    out_of_memory: int = 0
    lost_at: tuple[int, ...] = ()
    exchanges: int = 0
    minutes: int = 0
    parts: tuple[Part, ...] = ()
    told_apart: bool = False
    files: tuple[FileRead, ...] = ()
    instruction_files: tuple[FileRead, ...] = ()
    worn: tuple[Worn, ...] = ()
    on_record: int = 0
    compacted: int = 0


def read_context(
    origin: Origin,
    *,
    chosen: Mapping[str, int] | None = None,
    weights: Mapping[str, tokens.Weights] | None = None,
    told: Callable[[SessionInfo], int] | None = None,
) -> ContextUse:
    """Read the log of a session and return what fills its context.

    Args:
        origin: Where the log stands.
        chosen: Windows that a person set, by model.
        weights: What texts cost a model, where its own sessions tell (`holdfast.recall.figures`).
        told: Returns the tokens that hooks of Holdfast told a session in its present context.

    Raises:
        TranscriptError: It is no log that a reader knows.
        EnvironmentProblem: It cannot be read.
    """
    transcript = open_transcript(origin)
    facts = facts_of(origin)
    read = _Reading(transcript, weights or {})
    if facts.model.startswith(f"{read.meter.model}["):
        read.meter.model = facts.model
    session, meter = transcript.session, read.meter
    window, source = _window(facts, meter, chosen or {})
    brought = {} if facts.instructions else _instruction_files(session)
    content = read.split.content(facts, brought, told(session) if told else 0)
    used = read.split.used
    return ContextUse(
        agent=session.agent,
        session=session.id,
        model=meter.model or session.model or "",
        used=used,
        window=window,
        window_from=source,
        percent=100 * used // window if window and used else None,
        peak=meter.peak,
        models=tuple(
            ModelUse(model, messages, peak, at_least(window_of(model, chosen), peak))
            for model, (messages, peak) in sorted(
                read.models.items(), key=lambda item: (-item[1][0], item[0])
            )
        ),
        out_of_memory=meter.kills,
        lost_at=tuple(read.lost_at),
        exchanges=meter.exchanges,
        minutes=int(meter.active // 60),
        parts=content.parts,
        told_apart=bool(facts.tools or facts.prompt),
        files=content.files,
        instruction_files=tuple(_seen_from(session.root, file) for file in content.instructions),
        worn=tuple(
            Worn(each.kind, each.line if is_safe(each.line) else each.told)
            for each in [*read.worn.values(), *_changed(meter, session)]
        ),
    )


class _Reading:
    """One pass over a log: what the hook would have counted, and the texts by what they are."""

    def __init__(self, transcript: Transcript, weights: Mapping[str, tokens.Weights]) -> None:
        self.meter = Meter()
        self.worn: dict[tuple[str, str], Signal] = {}
        self.lost_at: list[int] = []
        self.models: dict[str, tuple[int, int]] = {}
        self._weights = weights
        self.split = Split(self._estimate)
        main: str | None = None
        for event in transcript.events():
            session = transcript.session
            if session.parent and event.subagent == session.id:
                main = session.id  # the log of a subagent
            if event.subagent != main:
                continue
            self.split.feed(event)
            if isinstance(event, Usage) and event.model:
                messages, peak = self.models.get(event.model, (0, 0))
                self.models[event.model] = messages + 1, max(peak, event.context)
            step = step_of(event)
            kills = self.meter.kills
            for signal in self.meter.feed(step) if step else ():
                key = signal.kind, signal.about if signal.kind not in ("turns", "same") else ""
                self.worn[key] = signal
            if step and self.meter.kills > kills:
                self.worn.clear()
                self.lost_at += [step.used] if step.used else []

    def _estimate(self, text: str) -> int:
        return tokens.estimate(text, self.meter.model, self._weights)


def _window(facts: LogFacts, meter: Meter, chosen: Mapping[str, int]) -> tuple[int, str]:
    """Return a session's window and where it is from."""
    known = window_of(meter.model, chosen)
    if facts.window:
        return facts.window, "log"
    if not known:
        return 0, ""
    window = at_least(known, meter.peak)
    source = "config" if chosen and known != window_of(meter.model) else "table"
    return window, source if window == known else "seen"


def _instruction_files(session: SessionInfo) -> dict[str, str]:
    """Return the instruction files that an agent sends, as they are in the project now, by path."""
    root = Path(session.root or "")
    if not session.root or not root.is_dir():
        return {}
    found = {name: read_text(root, name) for name in INSTRUCTION_FILES.get(session.agent, ())}
    return {name: text for name, text in found.items() if text}


def _seen_from(root: str | None, file: FileRead) -> FileRead:
    """Return a file with its path as seen from the top of the project, where it lies in it."""
    shown = file.path.removeprefix(f"{root}/") if root else file.path
    return FileRead(shown, file.tokens, file.times)


def _changed(meter: Meter, session: SessionInfo) -> list[Signal]:
    """Return a signal for each file that was changed since the session read it, and not by itself.

    A session that nobody works in any more is not asked: files go on changing.
    """
    found: list[Signal] = []
    if now() - meter.last > LIVE:
        return found
    for path, (at, *_) in meter.reads.items():
        try:
            changed = Path(session.root or "", path).stat().st_mtime
        except OSError:
            continue
        if at and changed > at + SLACK and not meter.is_own(changed):
            found.append(Signal("changed", path, [path]))
    return found


def out_of_memory(stretches: Iterable[Stretch]) -> tuple[int, int]:
    """Return how many sessions are on record, and how many of them were compacted."""
    sessions: dict[str, int] = {}
    for stretch in stretches:
        sessions[stretch.session] = sessions.get(stretch.session, 0) + stretch.compactions
    return len(sessions), sum(times > 0 for times in sessions.values())
