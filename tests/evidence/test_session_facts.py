from __future__ import annotations

from holdfast.evidence.session_facts import MAX_PATHS, MAX_TEXT, PAUSE, FactsBuilder, SessionFacts
from holdfast.transcripts.events import AnyEvent, Call, Edit, Prompt, Result, SessionInfo, Usage

USAGE = "Error: unknown flag: --fast"


def call(name: str, command: str, *, at: float | None = None) -> Call:
    return Call(id=name * 30, tool="Bash", name="Bash", command=command, at=at)


def result(name: str, text: str = "", *, at: float | None = None) -> Result:
    """Return the result of a call; it failed when it printed something."""
    status = "failed" if text else "ok"
    return Result(call_id=name * 30, status=status, text=text, exit_code=int(bool(text)), at=at)


def edit(name: str, *paths: str) -> list[AnyEvent]:
    edits = tuple(Edit(path, "", "x = 1") for path in paths)
    return [
        Call(id=name * 30, tool="Edit", name="Edit", paths=paths, edits=edits),
        Result(call_id=name * 30, status="ok"),
    ]


def read(name: str, path: str) -> list[AnyEvent]:
    return [
        Call(id=name * 30, tool="Read", name="Read", paths=(path,)),
        Result(call_id=name * 30, status="ok"),
    ]


def facts(*events: AnyEvent, line: int | None = None) -> SessionFacts:
    """Return the facts of events, each on a line of its own or all on ``line``."""
    builder = FactsBuilder()
    for number, event in enumerate(events, start=1):
        builder.feed(event, line or number)
    return builder.build(SessionInfo(agent="claude-code", id="s"), "s.jsonl")


def test_of_a_line_that_succeeded_every_command_counts_and_of_one_that_failed_only_that_one() -> None:
    both = "make lint && go test ./..."
    found = facts(call("a", both), result("a"), call("b", both), result("b", "a_test.go:3: got 1, want 2"))
    assert [(run.family, run.status) for run in found.runs] == [
        ("make lint", "ok"),
        ("go test", "ok"),
        ("go test", "failed"),
    ]


def test_a_failure_bears_the_number_of_its_own_call_though_others_ended_on_the_same_line() -> None:
    events = [call("a", "mise run test --fast"), call("b", "go vet ./..."), result("a", USAGE), result("b")]
    found = facts(*events, line=3)
    numbers = {run.family: run.call for run in found.runs}
    assert found.failed_calls == (numbers["mise run test"],)
    assert numbers["mise run test"] != numbers["go vet"]


def test_only_seconds_with_activity_count() -> None:
    found = facts(
        call("a", "go test ./...", at=1000.0),
        result("a", "a_test.go:3: got 1, want 2", at=1010.0),
        Prompt(text="go on", at=1010.0 + PAUSE + 1),
        call("b", "go test ./...", at=1030.0 + PAUSE),
        result("b", at=1040.0 + PAUSE),
    )
    (episode,) = found.episodes
    assert episode.fix is not None
    assert (found.seconds, episode.fix.seconds, found.started_at) == (39.0, 39, (0.0,))


def test_what_was_spent_before_the_first_edit_is_told() -> None:
    spent = Usage(message_id="m", input=100, output=20, cache_read=5000, cache_write=3)
    found = facts(*read("r", "a.py"), *read("s", "b.py"), spent, *edit("e", "a.py"), *read("t", "c.py"))
    assert found.first_edit is not None
    assert (found.first_edit.calls, found.first_edit.tokens) == (2, 123)
    assert found.first_edit.read == ("a.py", "b.py")
    assert (found.tokens, found.context, found.edited) == (123, 5103, ("a.py",))


def test_what_is_kept_of_a_session_is_bounded_and_holds_no_text_of_an_edit() -> None:
    found = facts(
        call("a", "go test ./... " + "x" * 1000),
        result("a", "a_test.go:3: got 1, want 2"),
        *edit("e", *(f"f{number}.py" for number in range(MAX_PATHS + 10))),
        call("b", "go test ./... " + "x" * 1000),
        result("b"),
    )
    assert len(found.edited) <= MAX_PATHS
    assert all(len(run.text) <= MAX_TEXT for run in found.runs)
    (episode,) = found.episodes
    assert episode.fix is not None
    assert episode.fix.edits
    assert not any(change.added or change.removed for change in episode.fix.edits)
