"""What holds for every format that is read as one document, and for the readers of lines beside them."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from holdfast.errors import TranscriptError
from holdfast.transcripts.aider import AiderReader
from holdfast.transcripts.checkpoint import Checkpoint
from holdfast.transcripts.claude_code import ClaudeCodeReader
from holdfast.transcripts.codex import CodexReader
from holdfast.transcripts.copilot import CopilotReader
from holdfast.transcripts.events import AnyEvent
from holdfast.transcripts.gemini import GeminiDocumentReader, GeminiReader
from holdfast.transcripts.mini_swe_agent import MiniSweAgentReader
from holdfast.transcripts.opencode import OpenCodeExportReader, OpenCodeReader
from holdfast.transcripts.pi import PiReader
from holdfast.transcripts.qwen import QwenReader
from holdfast.transcripts.reader import Reader, Source
from holdfast.transcripts.readers import HEAD, find_reader
from holdfast.transcripts.records import BOM
from holdfast.transcripts.specstory import SpecStoryReader
from holdfast.transcripts.transcript import Transcript, open_transcript

FIXTURES = Path(__file__).parent / "fixtures"
DOCUMENTS: dict[str, type[Reader]] = {
    "aider-history.md": AiderReader,
    "gemini-document.json": GeminiDocumentReader,
    "mini-text-trajectory.json": MiniSweAgentReader,
    "mini-trajectory.json": MiniSweAgentReader,
    "opencode-export.json": OpenCodeExportReader,
    "specstory-history.md": SpecStoryReader,
}
IN_LINES: dict[str, type[Reader]] = {
    "claude-session.jsonl": ClaudeCodeReader,
    "codex-session.jsonl": CodexReader,
    "copilot-session.jsonl": CopilotReader,
    "gemini-session.jsonl": GeminiReader,
    "gemini-subagent.jsonl": GeminiReader,
    "opencode-session.jsonl": OpenCodeReader,
    "opencode-subagent.jsonl": OpenCodeReader,
    "pi-session.jsonl": PiReader,
    "qwen-session.jsonl": QwenReader,
}
SLOW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def read(path: Path, since: Checkpoint | None = None) -> tuple[list[AnyEvent], Transcript]:
    if since is not None:
        since = msgspec.json.decode(msgspec.json.encode(since), type=Checkpoint)
    transcript = open_transcript(path, since=since)
    return list(transcript.events()), transcript


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_gives_the_events_it_is_known_to_hold(name: str) -> None:
    lines = (FIXTURES / name).with_suffix(".events.jsonl").read_bytes().splitlines()
    known = [msgspec.json.decode(line, type=AnyEvent) for line in lines]
    events, transcript = read(FIXTURES / name)
    assert events == known
    counts = transcript.counts
    assert counts.records == counts.understood + counts.ignored + counts.unknown
    assert transcript.whole


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_byte_order_mark_before_a_document_changes_nothing(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(BOM + (FIXTURES / name).read_bytes())
    events, transcript = read(path)
    assert events == read(FIXTURES / name)[0]
    assert transcript.counts.malformed == 0
    again, unchanged = read(path, transcript.checkpoint())
    assert (again, unchanged.unchanged) == ([], True)


@pytest.mark.parametrize("name", [*DOCUMENTS, *IN_LINES])
def test_each_format_is_taken_by_its_own_reader_alone(name: str) -> None:
    head = (FIXTURES / name).read_bytes()[:HEAD]
    readers = {**DOCUMENTS, **IN_LINES}
    assert find_reader(head) == (readers[name], ())
    assert {kind for kind in readers.values() if kind.recognizes(head)} == {readers[name]}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_where_an_event_stands_only_grows(name: str) -> None:
    transcript = open_transcript(FIXTURES / name)
    places = [transcript.line for _ in transcript.events()]
    assert places == sorted(places)
    assert places[0] >= 1
    assert places[-1] <= (FIXTURES / name).read_bytes().count(b"\n") + 1


@SLOW
@given(cuts=st.lists(st.integers(1, 2700), max_size=5))
def test_a_history_of_aiders_gives_the_same_in_any_number_of_goes(tmp_path: Path, cuts: list[int]) -> None:
    whole = (FIXTURES / "aider-history.md").read_bytes()
    path = tmp_path / "history.md"
    events: list[AnyEvent] = []
    since = None
    for cut in [*sorted(cuts), len(whole)]:
        path.write_bytes(whole[:cut])
        try:
            more, transcript = read(path, since)
        except TranscriptError:
            continue  # so little of it cannot be recognised yet
        events += more
        since = transcript.checkpoint()
    assert events == read(FIXTURES / "aider-history.md")[0]


@SLOW
@given(cuts=st.lists(st.integers(3, 20), max_size=4))
@pytest.mark.parametrize("name", ["opencode-export.json", "mini-trajectory.json"])
def test_a_list_of_messages_gives_the_same_however_it_grew(
    tmp_path: Path, name: str, cuts: list[int]
) -> None:
    document = json.loads((FIXTURES / name).read_bytes())
    path = tmp_path / "session.json"
    events: list[AnyEvent] = []
    since = None
    for cut in [*sorted(cuts), len(document["messages"])]:
        path.write_text(json.dumps({**document, "messages": document["messages"][:cut]}))
        more, transcript = read(path, since)
        events += more
        since = transcript.checkpoint()
    known = read(FIXTURES / name)[0]
    assert sorted(map(msgspec.json.encode, events)) == sorted(map(msgspec.json.encode, known))


def test_a_specstory_history_gives_the_same_turn_by_turn(tmp_path: Path) -> None:
    turns = (FIXTURES / "specstory-history.md").read_bytes().split(b"\n_**")
    path = tmp_path / "history.md"
    events: list[AnyEvent] = []
    since = None
    for number in range(2, len(turns) + 1):
        path.write_bytes(b"\n_**".join(turns[:number]) + b"\n")
        more, transcript = read(path, since)
        events += more
        since = transcript.checkpoint()
    assert events == read(FIXTURES / "specstory-history.md")[0]


@pytest.mark.parametrize("name", [*DOCUMENTS, *IN_LINES])
def test_no_mutant_raises(fuzz: Any, name: str) -> None:
    whole = (FIXTURES / name).read_bytes()
    kind = DOCUMENTS.get(name) or IN_LINES[name]
    for number in range(120):
        content = fuzz.mutate(whole, random.Random(f"{name}/{number}"))
        reader = kind(Source())
        pieces = [content] if name in DOCUMENTS else content.split(b"\n")
        events = [event for piece in pieces for event in reader.feed(piece)]
        events += reader.finish()
        counts = reader.counts
        assert counts.records == counts.understood + counts.ignored + counts.unknown, (number, counts)
        assert msgspec.json.encode((events, reader.state(), reader.session)), number


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_of_any_shape_is_tolerated(name: str) -> None:
    shapes = [
        "", "{}", "[]", "null", "7", '"x"', '{"info":7,"messages":{"a":1}}', '{"messages":[null,1,"x",[]]}',
        '{"info":{"id":"ses_1"},"messages":[{"info":{"role":"assistant","time":[],"tokens":7},"parts":7}]}',
        '{"messages":[{"role":"user","content":[1,{"text":7}],"extra":[]},{"role":"tool"},{"role":[]}]}',
        '{"messages":[{"role":"assistant","extra":{"actions":[null,"ls",{"command":7}],"response":[]}}]}',
        "# aider chat started at \n#### \n> \n####  \n>   \n",
        "_**User**_\n<tool-use\n</tool-use>\n_**Agent**_\n<tool-use\n",
        '_**Agent ()**_\n<tool-use data-tool-name="Edit">\n```diff\n-a\n```\n</tool-use>\n<think>\n',
    ]  # fmt: skip
    for shape in shapes:
        reader = DOCUMENTS[name](Source())
        list(reader.feed(shape.encode()))
        counts = reader.counts
        assert counts.records == counts.understood + counts.ignored + counts.unknown, shape
