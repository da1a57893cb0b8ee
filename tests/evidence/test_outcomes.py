from __future__ import annotations

from holdfast.evidence.outcomes import MAX_KEPT, Ended, Outcomes, OutcomesState, succeeded
from holdfast.transcripts.events import Call, Result, Status


def ran(outcomes: Outcomes, command: str, text: str, line: int, status: Status = "failed") -> Ended | None:
    outcomes.feed(Call(id=command, tool="Bash", name="Bash", command=command))
    return outcomes.feed(Result(call_id=command, status=status, text=text), line)


def test_the_latest_failure_is_found_with_its_signature() -> None:
    outcomes = Outcomes(OutcomesState())
    ended = ran(outcomes, "go test ./...", "x_test.go:3: got 1, want 2", 5)
    assert ended is not None
    assert ended.command == "go test ./..."
    assert not succeeded(ended)
    ran(outcomes, "go vet ./... | tail", "ok", 6, "ok")
    failure = outcomes.last_failure()
    assert failure is not None
    assert (failure.owner, failure.line, failure.message) == ("go test", 5, "x_test.go:3: got 1, want 2")
    assert outcomes.last_failure(after=5) is None


def test_a_failure_that_a_pipe_hid_counts() -> None:
    outcomes = Outcomes(OutcomesState())
    ended = ran(outcomes, "go test ./... | tail -5", "--- FAIL: TestX (0.00s)", 3, "ok")
    assert outcomes.last_failure() is not None
    assert ended is not None
    assert not succeeded(ended)


def test_what_only_views_never_fails() -> None:
    outcomes = Outcomes(OutcomesState())
    ran(outcomes, "grep -n x a.go", "", 3)
    assert outcomes.last_failure() is None


def test_a_refused_command_has_no_outcome() -> None:
    outcomes = Outcomes(OutcomesState())
    assert ran(outcomes, "rm -rf build", "", 3, "rejected") is None
    assert outcomes.last_failure() is None


def test_of_two_results_on_one_line_each_has_its_own_outcome() -> None:
    outcomes = Outcomes()
    ran(outcomes, "go vet ./...", "a.go:1:1: bad verb", 3)
    ended = ran(outcomes, "go test ./...", "ok", 3, "ok")
    assert ended == Ended("go test ./...", None)
    assert succeeded(ended)


def test_trackers_that_share_the_outcomes_count_each_event_once() -> None:
    outcomes = Outcomes()
    call = Call(id="c", tool="Bash", name="Bash", command="make")
    result = Result(call_id="c", status="failed", text="error: bad")
    given = [outcomes.feed(event, 2) for event in (call, call, result, result)]
    assert given[:2] == [None, None]
    assert given[2] is given[3] is not None
    assert outcomes.state.step == 1
    assert len(outcomes.state.kept) == 1


def test_only_the_latest_outcomes_and_the_ends_of_their_output_are_kept() -> None:
    state = OutcomesState()
    outcomes = Outcomes(state)
    for line in range(1, 40):
        ran(outcomes, "make", "error: bad\n" + "x" * 100_000, line)
    assert len(state.kept) == MAX_KEPT
    assert all(len(outcome.text) < 7000 for outcome in state.kept)
