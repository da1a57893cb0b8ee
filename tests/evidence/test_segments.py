from __future__ import annotations

import msgspec
import pytest

from holdfast.evidence.episodes import EpisodeTracker
from holdfast.evidence.segments import (
    EXTRACTOR,
    MAX_FAMILIES,
    MAX_PATHS,
    SegmentBuilder,
    session_key,
    signature_statistics,
)
from holdfast.repo import records
from holdfast.repo.records import Segment, Source
from holdfast.transcripts.events import (
    AnyEvent,
    Call,
    Compaction,
    Edit,
    Interruption,
    Prompt,
    Result,
    SessionInfo,
    Status,
    SubagentStart,
    Usage,
)

START = 1_790_000_000.0  # 2026-09-21 13:33:20 UTC
ROOT = "/home/somebody/secret-project"
SESSION = SessionInfo(
    agent="claude-code", id="2026-09-21T13-33-20-uuid", root=ROOT, model="m-1", version="2.0"
)
EVENTS: list[AnyEvent] = [
    Prompt(text="please fix the secret launch plan", at=START),
    Prompt(text="injected", injected=True, at=START + 1),
    Usage(message_id="a", input=10, output=5, cache_read=100, cache_write=20, at=START + 2),
    Call(id="1", tool="Bash", name="Bash", command="go test ./...", at=START + 3),
    Result(call_id="1", status="failed", text="a.go:1:2: undefined: Foo", exit_code=1, at=START + 4),
    Call(id="2", tool="Edit", name="Edit", paths=("a.go",), edits=(Edit("a.go", "", "private words"),)),
    Result(call_id="2", status="ok", at=START + 64),
    Call(id="3", tool="Edit", name="Edit", paths=("b.go",), edits=(Edit("b.go", "", "x"),)),
    Result(call_id="3", status="rejected", words="private words", at=START + 70),
    SubagentStart(subagent="s", at=START + 71),
    Usage(message_id="b", input=1, output=2, cache_read=300, at=START + 5000),
    Call(id="4", tool="Bash", name="Bash", command="go test ./...", at=START + 5001),
    Result(call_id="4", status="ok", text="ok", exit_code=0, at=START + 5002),
    Compaction(before=400, at=START + 5003),
    Interruption(at=START + 5004),
]


def built(events: list[AnyEvent], **session: object) -> Segment:
    tracker, builder = EpisodeTracker(), SegmentBuilder()
    for line, event in enumerate(events, start=1):
        builder.feed(event, tracker.feed(event, line))
    return builder.build(
        msgspec.structs.replace(SESSION, **session),
        Source(digest="d" * 64, start=0, end=99),
        "abcdefghijklmnop",
        signature_statistics(tracker.closed, tracker.finish()),
        ("1a2b3c4",),
        "2026-12-31",
    )


def test_a_segment_counts_what_happened() -> None:
    segment = built(EVENTS)
    assert (segment.calls, segment.failures, segment.prompts) == (4, 1, 1)
    assert segment.calls_by_tool == {"Bash": 2, "Edit": 2}
    assert segment.tokens == {"input": 11, "output": 7, "cache_read": 400, "cache_write": 20}
    assert (segment.context["p10"], segment.context["max"]) == (130, 301)
    assert segment.edited == ("a.go",)
    assert (segment.compactions, segment.subagents) == (1, 1)
    assert segment.interventions == {"rejected": 1, "corrected": 1, "interrupted": 1}
    assert (segment.agent, segment.model, segment.version, segment.extractor) == (
        "claude-code",
        "m-1",
        "2.0",
        EXTRACTOR,
    )
    (row,) = segment.signatures
    assert (row.family, row.command) == ("go test: <path> undefined: <id>", "go test")
    assert (row.occurrences, row.resolved, row.steps, row.tokens, row.seconds) == (1, 1, (3,), 3, 4998)


def test_time_in_which_nothing_happened_is_not_worked_time() -> None:
    assert built(EVENTS).minutes == 1


def test_a_segment_holds_no_prompt_no_time_of_day_no_session_id_and_no_root() -> None:
    text = records.encode(built(EVENTS)).decode()
    assert built(EVENTS).day == "2026-09-21"
    for secret in ("secret", "launch", "private words", "somebody", "13:33", "13-33", "179000", "uuid"):
        assert secret not in text


def test_without_a_time_the_day_is_today() -> None:
    assert built([]).day == "2026-12-31"
    assert built([Prompt(text="x", at=-5.0)]).day == "2026-12-31"
    assert built([Prompt(text="x", at=1e300)]).day == "2026-12-31"


def test_a_session_key_names_one_session_of_one_agent() -> None:
    key = session_key(SESSION)
    assert len(key) == 16
    assert set(key) <= set("0123456789abcdef")
    assert key == session_key(SessionInfo(agent="claude-code", id=SESSION.id, root="/elsewhere"))
    assert key != session_key(SessionInfo(agent="codex", id=SESSION.id))
    assert key != session_key(SessionInfo(agent="claude-code", id="other"))


@pytest.mark.parametrize(("kept", "events"), [(True, EVENTS[3:5]), (True, EVENTS[5:7]), (False, EVENTS[:3])])
def test_a_stretch_without_edit_or_failure_is_not_worth_keeping(kept: bool, events: list[AnyEvent]) -> None:
    tracker, builder = EpisodeTracker(), SegmentBuilder()
    for event in events:
        builder.feed(event, tracker.feed(event))
    assert builder.worth_keeping is kept


def test_what_an_earlier_stretch_counted_is_not_counted_again() -> None:
    tracker = EpisodeTracker()
    for event in EVENTS[3:5]:
        tracker.feed(event)
    assert [row.occurrences for row in signature_statistics([], tracker.finish())] == [1]
    for episode in tracker.state.open:
        episode.reported = episode.occurrences
    assert signature_statistics([], tracker.finish()) == ()
    for event in EVENTS[11:13]:
        tracker.feed(event)
    (row,) = signature_statistics(tracker.closed, tracker.finish())
    assert (row.occurrences, row.resolved) == (0, 1)


def test_usage_given_after_its_time_adds_no_worked_time() -> None:
    late = [
        Call(id="1", tool="Bash", name="Bash", command="go build", at=START),
        Result(call_id="1", status="ok", at=START + 240),
        Usage(message_id="a", input=1, at=START),
        Call(id="2", tool="Bash", name="Bash", command="go build", at=START + 241),
        Usage(message_id="b", input=1, at=START),
        Result(call_id="2", status="ok", at=START + 242),
    ]
    assert built(late).minutes == 4


def test_a_segment_names_the_first_files_that_were_edited() -> None:
    events: list[AnyEvent] = []
    for number in reversed(range(MAX_PATHS + 50)):
        path = f"src/{number:03}.py"
        events.append(Call(id=path, tool="Edit", name="Edit", paths=(path,), edits=(Edit(path, "", "x"),)))
        events.append(Result(call_id=path, status="ok"))
    assert built(events).edited == tuple(f"src/{number:03}.py" for number in range(50, MAX_PATHS + 50))


def shell(command: str, status: Status, number: int) -> list[AnyEvent]:
    name = f"shell-{number}"
    return [
        Call(id=name, tool="Bash", name="Bash", command=command),
        Result(call_id=name, status=status, text="error: it broke" if status == "failed" else ""),
    ]


def test_a_segment_counts_which_commands_succeeded_and_failed_by_their_families_alone() -> None:
    lines: list[tuple[str, Status]] = [
        ("cd web && npm run build -- --token=hush && npm test", "ok"),
        ("npm test -- secret.test.ts", "failed"),
        ("npm publish", "rejected"),
    ]
    segment = built([event for number, line in enumerate(lines) for event in shell(*line, number)])
    assert segment.commands == {"npm test": (1, 1), "npm run build": (1, 0)}


def test_a_segment_counts_the_families_that_ran_most_often() -> None:
    often = shell("make all", "ok", -1) + shell("make all", "ok", -2)
    rare = [event for number in range(MAX_FAMILIES + 5) for event in shell(f"tool{number}", "ok", number)]
    segment = built(rare + often)
    assert len(segment.commands) == MAX_FAMILIES
    assert segment.commands["make all"] == (2, 0)


def test_a_segment_says_what_was_spent_before_the_first_edit() -> None:
    assert built(EVENTS).first_edit == (1, 35)
    assert built(EVENTS[:5]).first_edit is None
    assert built(EVENTS[7:9]).first_edit is None, "a rejected edit changed nothing"


@pytest.mark.parametrize("words", ["please mail ada@lovelace.net", "a b", "x" * 90, "two\nlines", ""])
def test_words_in_the_place_of_a_model_are_left_out(words: str) -> None:
    session = SessionInfo(agent="codex", id="s", model=words, version=words)
    source = Source(digest="0" * 64, start=0, end=1)
    segment = SegmentBuilder().build(session, source, "a" * 16, (), (), "2026-11-01")
    assert (segment.model, segment.version) == (None, None)


@pytest.mark.parametrize(
    "name", ["claude-sonnet-4-5", "anthropic/claude-3.5:beta", "gpt-5.5", "2.1.330 (x)"[:7]]
)
def test_the_name_of_a_model_is_kept(name: str) -> None:
    session = SessionInfo(agent="codex", id="s", model=name)
    source = Source(digest="0" * 64, start=0, end=1)
    assert SegmentBuilder().build(session, source, "a" * 16, (), (), "2026-11-01").model == name
