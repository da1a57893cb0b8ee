from __future__ import annotations

from holdfast.evidence.outcomes import MAX_KEPT, Outcomes, OutcomesState
from holdfast.transcripts.events import Call, Result, Status


def ran(outcomes: Outcomes, command: str, text: str, line: int, status: Status = "failed") -> str | None:
    outcomes.begin(Call(id=str(line), tool="Bash", name="Bash", command=command))
    return outcomes.end(Result(call_id=str(line), status=status, text=text), line)


def test_the_latest_failure_is_found_with_its_signature() -> None:
    outcomes = Outcomes(OutcomesState())
    assert ran(outcomes, "go test ./...", "x_test.go:3: got 1, want 2", 5) == "go test ./..."
    ran(outcomes, "go vet ./... | tail", "ok", 6, "ok")
    failure = outcomes.last_failure()
    assert failure is not None
    assert (failure.owner, failure.line, failure.message) == ("go test", 5, "x_test.go:3: got 1, want 2")
    assert outcomes.last_failure(after=5) is None


def test_a_failure_that_a_pipe_hid_counts() -> None:
    outcomes = Outcomes(OutcomesState())
    ran(outcomes, "go test ./... | tail -5", "--- FAIL: TestX (0.00s)", 3, "ok")
    assert outcomes.last_failure() is not None


def test_what_only_views_never_fails() -> None:
    outcomes = Outcomes(OutcomesState())
    ran(outcomes, "grep -n x a.go", "", 3)
    assert outcomes.last_failure() is None


def test_a_refused_command_has_no_outcome() -> None:
    outcomes = Outcomes(OutcomesState())
    assert ran(outcomes, "rm -rf build", "", 3, "rejected") is None
    assert outcomes.last_failure() is None


def test_only_the_latest_outcomes_and_the_ends_of_their_output_are_kept() -> None:
    state = OutcomesState()
    outcomes = Outcomes(state)
    for line in range(1, 40):
        ran(outcomes, "make", "error: bad\n" + "x" * 100_000, line)
    assert len(state.kept) == MAX_KEPT
    assert all(len(outcome.text) < 7000 for outcome in state.kept)
