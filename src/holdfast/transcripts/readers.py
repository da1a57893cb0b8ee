"""Find the reader of a log by its content; name what it is when no reader fits."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib.metadata import entry_points
from typing import NamedTuple

from holdfast.transcripts.aider import AiderReader
from holdfast.transcripts.claude_code import ClaudeCodeReader
from holdfast.transcripts.codex import CodexReader
from holdfast.transcripts.copilot import CopilotReader
from holdfast.transcripts.gemini import GeminiDocumentReader, GeminiReader
from holdfast.transcripts.mini_swe_agent import MiniSweAgentReader
from holdfast.transcripts.opencode import OpenCodeExportReader, OpenCodeReader
from holdfast.transcripts.pi import PiReader
from holdfast.transcripts.qwen import QwenReader
from holdfast.transcripts.reader import Reader, is_whole_reader
from holdfast.transcripts.records import BOM
from holdfast.transcripts.specstory import SpecStoryReader

GROUP = "holdfast.readers"
LONGEST_HEAD = 32 * 1024 * 1024
"""Bytes of a file's beginning that are looked at when its first line is longer than `HEAD`."""
HEAD = 256 * 1024
"""Bytes of a file's beginning by which its format is told."""

BUILT_IN: tuple[type[Reader], ...] = (
    QwenReader,  # before Claude Code, whose envelope it took over
    ClaudeCodeReader,
    CodexReader,
    CopilotReader,
    GeminiReader,
    GeminiDocumentReader,
    OpenCodeReader,
    OpenCodeExportReader,
    MiniSweAgentReader,
    PiReader,
    AiderReader,
    SpecStoryReader,
)

_SIGNS: tuple[tuple[str, tuple[bytes, ...]], ...] = (
    ("the output of `codex exec --json`, not its log", (b'"thread.started"',)),
    ("the output of Claude Code's stream-json, not its log", (b'"subtype":"init"', b'"session_id"')),
)


class ThirdParty(NamedTuple):
    """The readers registered by other packages, and what kept some of them from loading."""

    readers: tuple[type[Reader], ...]
    problems: tuple[str, ...]


def is_cut(head: bytes) -> bool:
    """Tell whether a file's first bytes end within its first record, so that more of it may tell its format.

    A first prompt with a pasted image makes such a record.
    """
    return len(head) >= HEAD and b"\n" not in head and head.removeprefix(BOM).lstrip()[:1] == b"{"


def find_reader(head: bytes) -> tuple[type[Reader] | None, tuple[str, ...]]:
    """Return the reader that recognises a file's first bytes, and warnings about readers that failed.

    The built-in readers are asked first; those of other packages are loaded only when none fits.
    """
    head = head.removeprefix(BOM)
    for reader in BUILT_IN:
        if reader.recognizes(head):
            return reader, ()
    others = third_party_readers()
    problems = list(others.problems)
    for reader in others.readers:
        try:
            if reader.recognizes(head):
                return reader, tuple(problems)
        except Exception as problem:  # a stranger's code may raise anything
            problems.append(_problem(reader.__name__, problem))
    return None, tuple(problems)


def reader_named(agent: str, *, whole: bool = False) -> type[Reader] | None:
    """Return the reader of an agent's logs: of those in lines, or of those that are one document."""

    def first(readers: Iterable[type[Reader]]) -> type[Reader] | None:
        fitting = (reader for reader in readers if reader.agent == agent)
        return next((reader for reader in fitting if is_whole_reader(reader) is whole), None)

    return first(BUILT_IN) or first(third_party_readers().readers)


@cache
def third_party_readers() -> ThirdParty:
    """Load the readers that other packages register by the entry point group ``holdfast.readers``."""
    readers: list[type[Reader]] = []
    problems: list[str] = []
    own = {reader.__qualname__ for reader in BUILT_IN}
    for point in entry_points(group=GROUP):
        if point.module.startswith("holdfast.transcripts.") and point.attr in own:
            continue
        try:
            reader = point.load()
            if not callable(getattr(reader, "recognizes", None)) or not isinstance(reader.agent, str):
                raise TypeError("it is not a Reader")
            readers.append(reader)
        except Exception as problem:  # a stranger's code may raise anything
            problems.append(_problem(point.name, problem))
    return ThirdParty(tuple(readers), tuple(problems))


def describe(head: bytes) -> str | None:
    """Name what a file looks like when no reader reads it; None when that cannot be told."""
    start = head.removeprefix(BOM)[:16384]
    spaced = start.replace(b'": ', b'":')
    for name, signs in _SIGNS:
        if all(sign in start or sign in spaced for sign in signs):
            return name
    if not head.strip():
        return "an empty file"
    if b"\0" in start:
        return "a binary file"
    return None


def _problem(name: str, problem: Exception) -> str:
    return f"reader {name} could not be used: {type(problem).__name__}: {problem}"[:500]
