from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from holdfast.evidence.outline import MAX_FILES, MAX_TURNS, OutlineState, OutlineTracker, Turn
from holdfast.transcripts.events import AnyEvent, Call, Edit, Prompt, Question, Result, Say

ASK = Call(id="q", tool="AskUserQuestion", name="AskUserQuestion", questions=(Question("Which store?"),))
ANSWERED = Result(
    call_id="q", status="ok", at=4.0, text='User has answered your questions: "Which store?"="SQLite".'
)


def edit(number: int, *paths: str, at: float | None = None, subagent: str | None = None) -> list[AnyEvent]:
    call = Call(
        id=f"e{number}",
        tool="Edit",
        name="Edit",
        paths=paths,
        edits=tuple(Edit(path) for path in paths),
        subagent=subagent,
    )
    return [call, Result(call_id=call.id, status="ok", at=at, subagent=subagent)]


def tracked(*events: AnyEvent, state: OutlineState | None = None) -> OutlineTracker:
    tracker = OutlineTracker(state)
    for line, event in enumerate(events, start=1):
        tracker.feed(event, line)
    return tracker


def test_files_belong_to_what_was_said_last() -> None:
    tracker = tracked(
        Prompt(text="add a cache", at=1.0),
        *edit(1, "a.py", at=2.0),
        Prompt(text="and a test", at=3.0),
        *edit(2, "test_a.py", "a.py", at=4.0),
    )
    assert tracker.turns == [
        Turn(kind="prompt", text="add a cache", at=1.0, line=1, edited=["a.py"]),
        Turn(kind="prompt", text="and a test", at=3.0, line=4, edited=["test_a.py", "a.py"]),
    ]
    assert tracker.edited == {"a.py": 2.0, "test_a.py": 4.0}


def test_an_edit_that_failed_or_was_rejected_is_none() -> None:
    call, _ = edit(1, "a.py")
    tracker = tracked(Prompt(text="go"), call, Result(call_id="e1", status="failed"))
    assert tracker.edited == {}
    tracker = tracked(Prompt(text="go"), call, Result(call_id="e1", status="rejected"))
    assert tracker.edited == {}


def test_words_of_a_rejection_and_answers_are_said() -> None:
    call, _ = edit(1, "package.json")
    tracker = tracked(
        Prompt(text="go"),
        call,
        Result(call_id="e1", status="rejected", words="No new dependency here"),
        ASK,
        ANSWERED,
    )
    assert [(turn.kind, turn.text, turn.asked) for turn in tracker.turns[1:]] == [
        ("rejection", "No new dependency here", ""),
        ("answer", "SQLite", "Which store?"),
    ]


def test_a_question_in_prose_stands_beside_its_answer() -> None:
    tracker = tracked(
        Prompt(text="go"), Say(text="Should it live in SQLite or in Redis?"), Prompt(text="SQLite")
    )
    assert tracker.turns[1].asked == "Should it live in SQLite or in Redis?"
    tracker = tracked(Say(text="Is that right?"), Prompt(text="yes"), Prompt(text="now the docs"))
    assert tracker.turns[1].asked == ""


def test_injected_text_and_what_agents_tell_subagents_is_said_by_nobody() -> None:
    tracker = tracked(Prompt(text="<system>", injected=True), Prompt(text="search", subagent="a1"))
    assert tracker.turns == []


def test_a_log_of_a_subagent_alone_is_told_from_one_that_has_subagents() -> None:
    assert tracked(*edit(1, "a.py", subagent="a1")).by_subagent
    assert not tracked(Prompt(text="go"), *edit(1, "a.py", subagent="a1")).by_subagent
    assert not tracked().by_subagent


def test_what_goes_on_in_the_next_stretch_is_known_there() -> None:
    call, result = edit(1, "a.py", at=5.0)
    first = tracked(Prompt(text="go"), call)
    state = msgspec.json.decode(msgspec.json.encode(first.state), type=OutlineState)
    second = tracked(result, state=state)
    assert second.turns == [Turn(at=5.0, edited=["a.py"])]


@given(st.lists(st.sampled_from(["prompt", "edit", "say"]), max_size=40), st.integers(0, 40))
def test_reading_in_two_pieces_finds_the_same_files(kinds: list[str], cut: int) -> None:
    events: list[AnyEvent] = []
    for number, kind in enumerate(kinds):
        made: dict[str, list[AnyEvent]] = {
            "prompt": [Prompt(text=f"do {number}", at=float(number))],
            "edit": edit(number, f"{number % 5}.py", at=float(number)),
            "say": [Say(text="Which?")],
        }
        events += made[kind]
    whole, first = tracked(*events), tracked(*events[:cut])
    second = tracked(*events[cut:], state=first.state)
    assert {**second.edited, **first.edited} == whole.edited
    said = [turn.text for turn in (*first.turns, *second.turns) if turn.kind]
    assert said == [turn.text for turn in whole.turns if turn.kind]


def test_what_is_kept_is_bounded() -> None:
    prompts = [Prompt(text="x" * 100_000) for _ in range(MAX_TURNS + 5)]
    tracker = tracked(*prompts, *edit(1, *(f"{number}.py" for number in range(MAX_FILES + 5))))
    assert len(tracker.turns) == MAX_TURNS
    assert len(tracker.edited) == MAX_FILES
    assert max(len(turn.text) for turn in tracker.turns) < 10_000
