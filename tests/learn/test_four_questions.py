from __future__ import annotations

from itertools import count

from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.learn.four_questions import MOST, FourAnswers, answers
from holdfast.transcripts.events import AnyEvent, Call, Edit, Prompt, Result, Say, Status

_ids = count()
RED = "cache_test.go:12: readCache() = stale, want fresh"


def run(command: str, text: str = "", *, at: float | None = None) -> list[AnyEvent]:
    name = str(next(_ids))
    status: Status = "failed" if text else "ok"
    return [
        Call(id=name, tool="Bash", name="Bash", command=command, at=at),
        Result(call_id=name, status=status, text=text, exit_code=int(bool(text)), at=at),
    ]


def edit(path: str, removed: str, added: str) -> list[AnyEvent]:
    name = str(next(_ids))
    return [
        Call(id=name, tool="Edit", name="Edit", paths=(path,), edits=(Edit(path, removed, added),)),
        Result(call_id=name, status="ok"),
    ]


def asked(*events: AnyEvent) -> FourAnswers:
    return answers((event, line) for line, event in enumerate(events, start=1))


def test_a_session_in_which_nothing_happened_answers_nothing() -> None:
    assert asked() == FourAnswers(decided=[], failed=[], pattern=[], tripped=[])
    assert asked(Prompt(text="hello"), Say(text="Hello!")) == asked()


def test_what_was_decided_quotes_the_person_and_says_where() -> None:
    rejected: list[AnyEvent] = [
        Call(id="c", tool="Bash", name="Bash", command="npm install left-pad"),
        Result(
            call_id="c",
            status="rejected",
            words="Never use npm in this repository, always use `pnpm`: the lock file is pnpm-lock.yaml.",
        ),
    ]
    (decided,) = asked(Prompt(text="add it"), *rejected).decided
    assert "pnpm" in decided.text
    assert decided.private
    assert decided.line == 3


def test_what_failed_tells_the_fix_without_a_word_of_anybody() -> None:
    (failed,) = asked(
        *run("gh pr diff 8 --stat", "unknown flag: --stat"), *run("gh pr diff 8 --name-only")
    ).failed
    assert failed.text.startswith("Use `gh pr diff 8 --name-only`, not `gh pr diff 8 --stat`")
    assert not failed.private
    assert failed.line == 2


def test_what_failed_tells_an_approach_that_was_given_up() -> None:
    guard = "limit := computeLimit(width)\nif limit > maximum {\n\tlimit = maximum\n}"
    (failed,) = asked(
        Prompt(text="the table is too wide"),
        Say(text="Let me add a hard limit to the width:"),
        *edit("list/view.go", "", guard),
        Prompt(text="but why a fixed limit, we should use the size that the terminal gives"),
        Say(text="The terminal already says how wide it is, so `computeLimit` is wrong on wide screens."),
        *edit("list/view.go", guard, "limit := terminalWidth()\nrender(limit)"),
    ).failed
    assert "`list/view.go`" in failed.text
    assert failed.private


def test_what_failed_again_and_was_never_got_past_is_told() -> None:
    events = [*run("go test ./...", RED), *run("go test ./...", RED)]
    (failed,) = asked(*events).failed
    assert failed.text == f"`go test` fails with “{RED}”: 2 tries, and no fix was found."


def test_a_pattern_is_what_worked_again_and_again_in_the_same_order() -> None:
    once = [*run("make fmt && make lint"), *run("make test")]
    (pattern,) = asked(*once, *edit("a.go", "x", "y"), *once, *edit("a.go", "y", "x"), *once).pattern
    assert pattern.text == "Run `make fmt && make lint` before `make test`: it worked 3 times in this order."
    assert not pattern.private
    assert asked(*once, *once).pattern == []


def test_what_failed_or_was_edited_between_breaks_a_pattern() -> None:
    broken = [*run("make fmt"), *run("make lint", "error: bad"), *run("make test"), *edit("a.go", "x", "y")]
    assert asked(*broken, *broken, *broken).pattern == []


def test_what_tripped_the_session_is_what_took_most_calls() -> None:
    short = [*run("go vet ./...", "a.go:1:1: bad printf verb"), *run("go vet ./...")]
    tries = [event for number in range(6) for event in edit(f"f{number}.go", "x", "y")]
    long = [*run("go test ./...", RED, at=1_000.0), *tries, *run("go test ./...", at=1_600.0)]
    (tripped,) = asked(*short, *long).tripped
    assert tripped.text == f"`go test` fails with “{RED}”: getting past it took 7 calls and 10 minutes."
    assert tripped.line == 6


def test_a_night_between_failure_and_success_is_not_told_as_work() -> None:
    tries = [event for number in range(6) for event in edit(f"f{number}.go", "x", "y")]
    (tripped,) = asked(
        *run("go test ./...", RED, at=1_000.0), *tries, *run("go test ./...", at=90_000.0)
    ).tripped
    assert tripped.text.endswith("took 7 calls.")


def test_no_answer_holds_a_secret() -> None:
    token = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    once = [*run(f"deploy --token {token}"), *run("make test")]
    for answer in asked(*once, *once, *once).pattern:
        assert token not in answer.text


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.builds(run, st.sampled_from(["make a", "make b && make c", "ls"]), st.sampled_from(["", RED])),
            st.builds(edit, st.just("a.go"), st.text(max_size=30), st.text(max_size=30)),
            st.sampled_from([[Prompt(text="no, never use it")], [Say(text="The issue is `readCache`.")]]),
        ),
        max_size=25,
    )
)
def test_there_are_at_most_three_answers_each_and_none_twice(parts: list[list[AnyEvent]]) -> None:
    found = asked(*(event for part in parts for event in part))
    for given_answers in (found.decided, found.failed, found.pattern, found.tripped):
        assert len(given_answers) <= MOST
        assert len({answer.text for answer in given_answers}) == len(given_answers)
        assert all(answer.line > 0 for answer in given_answers)
