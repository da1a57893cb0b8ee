from __future__ import annotations

from itertools import count

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.evidence.causes import MAX_OPEN, CauseTracker, RootCause, stated_cause
from holdfast.transcripts.events import AnyEvent, Call, Edit, Prompt, Result, Say

_ids = count()
MESSAGE = "cache_test.go:12: readCache() = stale, want fresh"
CAUSE = "The test is failing because `readCache` needs an absolute path."


def run(command: str, text: str = "", *, failed: bool = False) -> list[AnyEvent]:
    name = str(next(_ids))
    return [
        Call(id=name, tool="Bash", name="Bash", command=command),
        Result(call_id=name, status="failed" if failed else "ok", text=text, exit_code=int(failed)),
    ]


def edit(path: str = "cache_test.go", added: str = "readCache(absolute)") -> list[AnyEvent]:
    name = str(next(_ids))
    change = Edit(path, "readCache(relative)", added)
    return [
        Call(id=name, tool="Edit", name="Edit", paths=(path,), edits=(change,)),
        Result(call_id=name, status="ok"),
    ]


def found(*events: AnyEvent) -> list[RootCause]:
    tracker = CauseTracker()
    for line, event in enumerate(events, start=1):
        tracker.feed(event, line)
    tracker.finish()
    return tracker.found


FAILED = run("go test ./...", MESSAGE, failed=True)
PASSED = run("go test ./...", "ok")


def test_a_cause_counts_when_the_same_work_then_succeeds() -> None:
    (cause,) = found(*FAILED, Say(text=f"I see the issue. {CAUSE} Let me mend it."), *edit(), *PASSED)
    assert cause.cause == CAUSE
    assert (cause.owner, cause.message) == ("go test", MESSAGE)
    assert cause.edits == ("cache_test.go",)
    assert (cause.line, cause.said_line, cause.fixed_line) == (2, 3, 7)


def test_a_cause_that_nothing_confirmed_is_none() -> None:
    said = Say(text=CAUSE)
    assert found(*FAILED, said, *edit()) == []
    assert found(*FAILED, said, *edit(), *run("go test ./...", MESSAGE, failed=True), *PASSED) == []
    assert found(*FAILED, said, *edit(), *run("go vet ./...")) == []


def test_the_last_statement_before_the_change_counts() -> None:
    events = [*FAILED, Say(text="The bug is in the `readCache` lock."), Say(text=CAUSE), *edit(), *PASSED]
    assert [cause.cause for cause in found(*events)] == [CAUSE]


def test_a_statement_without_a_failure_before_it_or_after_the_success_is_none() -> None:
    assert found(Say(text=CAUSE), *edit(), *PASSED) == []
    assert found(*FAILED, *edit(), *PASSED, Say(text=CAUSE)) == []


def test_what_a_person_asked_between_belongs_to_another_matter() -> None:
    assert found(*FAILED, Prompt(text="what about the docs?"), Say(text=CAUSE), *edit(), *PASSED) == []


def test_a_cause_must_name_something_of_the_failure_or_of_the_change() -> None:
    other = Say(text="The test is failing because the `OrderQueue` was never drained.")
    assert found(*FAILED, other, *edit(), *PASSED) == []


def test_all_that_was_changed_before_the_success_counts_however_often_a_file_was_changed() -> None:
    failed = run("go test ./...", "cache_test.go:12: got stale, want fresh", failed=True)
    said = Say(text="The test is failing because the `OrderQueue` was never drained.")
    same = [event for _ in range(200) for event in edit()]
    assert len(found(*failed, said, *same, *edit("store.go", "OrderQueue.drain()"), *PASSED)) == 1


def test_where_a_compiler_complained_the_cause_must_name_its_complaint() -> None:
    failed = run("go build ./...", "load.go:3:7: undefined: parseHome", failed=True)
    passed = run("go build ./...")
    about = Say(text="The problem is that `parseHome` moved to another package.")
    assert len(found(*failed, about, *edit("load.go"), *passed)) == 1
    assert found(*failed, Say(text=CAUSE), *edit("load.go"), *passed) == []


@pytest.mark.parametrize(
    ("said", "cause"),
    [
        (f"I see the issue! {CAUSE}", CAUSE),
        ("Found it! The lock is held by the old process.", "The lock is held by the old process."),
        (
            "The test failed because I ran it concurrently with the build. Let me wait.",
            "The test failed because it ran concurrently with the build.",
        ),
        (
            "The call was rejected because the item is assigned already; I'm setting it directly.",
            "The call was rejected because the item is assigned already",
        ),
        (
            "The CLI gets further now, but it failed because the folder must be new.",
            "It failed because the folder must be new.",
        ),
        ("Let me check if the issue is the lock.", ""),
        ("All tests pass.", ""),
        ("The issue is now fixed in all of the files.", ""),
    ],
)
def test_a_statement_is_one_sentence_or_two_without_what_the_agent_says_of_itself(
    said: str, cause: str
) -> None:
    assert stated_cause(said) == cause


def test_what_is_carried_over_is_bounded() -> None:
    tracker = CauseTracker()
    for number in range(200):
        events = [
            *run(f"go test ./p{number}", f"a_test.go:{number}: readCache() wrong", failed=True),
            Say(text=CAUSE),
            *edit(f"f{number}_test.go", "x" * 100_000),
        ]
        for line, event in enumerate(events, start=number * 10 + 1):
            tracker.feed(event, line)
    assert len(tracker.state.open) <= MAX_OPEN
    assert len(msgspec.json.encode(tracker.state)) < 1_000_000


@given(st.text(max_size=300))
def test_any_text_states_a_cause_or_none(text: str) -> None:
    assert "\n" not in stated_cause(text + " The issue is the lock.")


def test_what_was_changed_for_a_later_failure_of_the_same_work_is_not_told_for_the_first() -> None:
    other = run("go test ./...", "store_test.go:9: count() = 1, want 2", failed=True)
    (cause,) = found(*FAILED, Say(text=CAUSE), *edit(), *other, *edit("store.go", "count += 1"), *PASSED)
    assert cause.edits == ("cache_test.go",)
