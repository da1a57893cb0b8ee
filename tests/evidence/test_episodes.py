from __future__ import annotations

from collections import Counter

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.evidence.episodes import (
    MAX_BETWEEN,
    MAX_OPEN,
    MAX_PENDING,
    MAX_TEXT,
    Episode,
    EpisodeState,
    EpisodeTracker,
)
from holdfast.evidence.segments import SegmentBuilder, signature_statistics
from holdfast.transcripts.events import AnyEvent, Call, Edit, Result, Usage

UNDEFINED = "a.go:1:2: undefined: Foo"


def bash(
    number: int, command: str, text: str = "", code: int | None = 0, *, subagent: str | None = None
) -> list[AnyEvent]:
    """Return the call of a shell command and its result."""
    name = f"call-{number}"
    return [
        Call(id=name, tool="Bash", name="Bash", command=command, subagent=subagent),
        Result(
            call_id=name,
            status="failed" if code else "ok",
            text=text,
            exit_code=code,
            at=1000.0 + number,
            subagent=subagent,
        ),
    ]


def edit(number: int, path: str = "a.go", added: str = "x", *, failed: str = "") -> list[AnyEvent]:
    """Return an edit of a file; ``failed`` is what the tool said when it failed."""
    name = f"edit-{number}"
    return [
        Call(id=name, tool="Edit", name="Edit", paths=(path,), edits=(Edit(path, "", added),)),
        Result(call_id=name, status="failed" if failed else "ok", text=failed, at=1000.0 + number),
    ]


def tracked(*events: list[AnyEvent]) -> EpisodeTracker:
    tracker = EpisodeTracker()
    for line, event in enumerate((event for group in events for event in group), start=1):
        tracker.feed(event, line)
    return tracker


def test_a_failure_ends_at_the_next_success_of_the_same_command_with_what_was_edited_between() -> None:
    tracker = tracked(
        bash(1, "go test ./...", UNDEFINED, 1),
        [Usage(message_id="m", input=10, output=5, cache_write=2, cache_read=1000)],
        edit(2, "a.go", "func Foo() {}"),
        bash(3, "git status"),
        bash(4, "go mod tidy"),
        bash(5, "go test ./..."),
    )
    (episode,) = tracker.closed
    fix = episode.fix
    assert fix is not None
    assert (episode.failure.command, episode.failure.message) == ("go test ./...", UNDEFINED)
    assert (episode.failure.line, fix.line) == (2, 11)
    assert [change.added for change in fix.edits] == ["func Foo() {}"]
    assert fix.between == ("go mod tidy",)
    assert (fix.steps, fix.tokens, fix.seconds) == (4, 17, 4)
    assert tracker.finish() == []


@pytest.mark.parametrize(
    ("failed", "message", "succeeded"),
    [
        ("go test ./...", UNDEFINED, "cd x && go test ./... -v | tail -3"),
        ("go test ./a -run TestA", "--- FAIL: TestA", "go test ./..."),
        ("go test ./...", "--- FAIL: TestA", "go test ./a -run TestA"),
        ("go test ./...", "pkg/a/a.go:1:2: undefined: Foo", "go test ./pkg/a/..."),
        ("go test ./a -run TestA", "a/a.go:1:2: undefined: Foo", "go test ./a -run TestB"),
        ("gh pr diff 8 --stat", "unknown flag: --stat", "gh pr diff 8 --name-only"),
        ("gofmt -l ./cmd/x/...", "stat ./cmd/x/...: no such file or directory", "gofmt -l cmd/"),
        ("npm test", "npm ERR! missing script: test", "npm --prefix web test"),
        ("make fmt && make lint", "a.c:1:2: error: bad", "make lint && make test"),
        ("git commit -m 'one thing'", "error: gpg failed to sign the data", "git commit -m 'another'"),
        ("node -e 'const alpha=beta; gamma()'", "ReferenceError: beta", "node -e 'const alpha=1; gamma()'"),
        ("cat web/a.txt", "cat: web/a.txt: No such file or directory", "cat a.txt"),
    ],
)
def test_a_success_that_shows_the_failure_to_be_past_ends_it(
    failed: str, message: str, succeeded: str
) -> None:
    tracker = tracked(bash(1, failed, message, 2), bash(2, succeeded))
    assert [episode.failure.message for episode in tracker.closed] == [message]


@pytest.mark.parametrize(
    ("failed", "message", "succeeded"),
    [
        ("go test ./a", UNDEFINED, "go build ./a"),
        ("go test ./a", "a/a.go:1:2: undefined: Foo", "go test ./b"),
        ("go test ./...", "--- FAIL: TestA", "go test ./b -run TestB"),
        ("go test ./a -run TestA", "--- FAIL: TestA", "go test ./a -run TestB"),
        ("make fmt && make lint", "a.c:1:2: error: bad", "make fmt"),
        ("npm view a@1.0 version", "npm error code E404", "npm view b version"),
        ("sed -n 1p lib/one.ts", "sed: can't read lib/one.ts: No such file", "sed -n 1p src/grading.py"),
        ("rg -n '--trace|import' src", "rg: unrecognized flag --trace|import", "rg -n other lib"),
        ("tmux wait one", "timeout", "tmux status one"),
        ("cd a && go test -run TestA ./a", "sh: line 1: cd: a: No such file", "go test -v -run TestB -x ./b"),
        ("node -e 'alpha(beta)'", "ReferenceError: beta is not defined", "node -e 'gamma(delta)'"),
        ("python3 - <<'A'\nalpha(beta)\nA", "NameError: beta", "python3 - <<'A'\ngamma(delta)\nA"),
    ],
)
def test_a_success_at_something_else_is_no_fix(failed: str, message: str, succeeded: str) -> None:
    tracker = tracked(bash(1, failed, message, 2), bash(2, succeeded))
    assert tracker.closed == []
    assert len(tracker.finish()) == 1


def test_a_file_tool_is_ended_by_its_success_on_that_file() -> None:
    tracker = tracked(
        edit(1, "a/x.go", failed="String to replace not found in file."),
        edit(2, "b/y.go"),
        edit(3, "b/x.go"),
    )
    assert [episode.fix.paths for episode in tracker.closed if episode.fix] == [("b/x.go",)]


def test_a_failure_that_comes_again_is_counted_and_its_edits_go_on() -> None:
    tracker = tracked(
        bash(1, "go test ./...", UNDEFINED, 1),
        edit(2, added="first"),
        bash(3, "go test ./...", UNDEFINED.replace(":1:2", ":9:9"), 1),
        edit(4, added="second"),
        bash(5, "go test ./..."),
    )
    (episode,) = tracker.closed
    assert episode.occurrences == 2
    assert episode.fix is not None
    assert [change.added for change in episode.fix.edits] == ["first", "second"]


def test_edits_after_the_work_failed_in_another_way_belong_to_that_failure() -> None:
    tracker = tracked(
        bash(1, "go test ./...", UNDEFINED, 1),
        edit(2, added="for the first"),
        bash(3, "go test ./...", "a.go:3:4: declared and not used: x", 1),
        edit(4, added="for the second"),
        bash(5, "go test ./..."),
    )
    added = {
        episode.failure.message: [change.added for change in episode.fix.edits]
        for episode in tracker.closed
        if episode.fix
    }
    assert added == {
        UNDEFINED: ["for the first"],
        "a.go:3:4: declared and not used: x": ["for the second"],
    }
    assert {episode.failure.message: episode.moved_on for episode in tracker.closed}[UNDEFINED]


def test_subagents_are_kept_apart() -> None:
    tracker = tracked(
        bash(1, "go test ./...", UNDEFINED, 1, subagent="a"),
        bash(2, "go test ./...", UNDEFINED, 1, subagent="b"),
        bash(3, "go test ./..."),
        bash(4, "go test ./...", subagent="b"),
    )
    assert [episode.failure.subagent for episode in tracker.closed] == ["b"]
    assert [episode.failure.subagent for episode in tracker.finish()] == ["a"]


@pytest.mark.parametrize(
    ("command", "text", "hidden"),
    [
        ("go test ./... | tail -3", "--- FAIL: TestA (0.0s)\nFAIL", True),
        ("go test ./... || true", "--- FAIL: TestA (0.0s)\nFAIL", True),
        ("go test ./...; echo done", UNDEFINED + "\ndone", True),
        ("go test ./... | tail -3", "ok  \ta\t0.1s", False),
        ("make serve | head", "2026-01-02 ERROR worker: lost\nlevel=error", False),
        ("cat build.log | tail", "--- FAIL: TestA (0.0s)\nFAIL", False),
        ("git diff | head -50", "+    error: boom\nFAIL", False),
        ("make | tail -1; cat old.log", "--- FAIL: TestA", False),
        ("go test ./...", "--- FAIL: TestA", False),
        ("set -o pipefail; go test ./... | tail", "--- FAIL: TestA", False),
    ],
)
def test_a_success_is_a_hidden_failure_only_when_a_tool_reports_one_and_the_line_could_hide_it(
    command: str, text: str, hidden: bool
) -> None:
    tracker = tracked(bash(1, command, text))
    assert [episode.failure.hidden for episode in tracker.finish()] == ([True] if hidden else [])


@pytest.mark.parametrize(
    ("command", "text", "code"),
    [
        ("grep -rn foo src", "", 1),
        ("diff a b", "< error: x\n> FAIL", 1),
        ("cat a | grep foo", "", 1),
        ("test -f a", "", 1),
        ("git diff --exit-code", "+ FAIL", 1),
    ],
)
def test_an_exit_code_that_says_no_is_no_failure(command: str, text: str, code: int) -> None:
    assert tracked(bash(1, command, text, code)).finish() == []


def test_a_viewer_that_complains_has_failed() -> None:
    assert tracked(bash(1, "cat a", "cat: a: No such file or directory", 1)).finish()
    assert tracked(bash(1, "grep x a", "grep: a: No such file or directory", 2)).finish()
    assert tracked(bash(1, "gh pr view 3 --foo", "unknown flag: --foo", 1)).finish()


def test_a_rejected_call_is_neither_failure_nor_success() -> None:
    tracker = tracked(bash(1, "go test ./...", UNDEFINED, 1))
    tracker.feed(Call(id="x", tool="Bash", name="Bash", command="go test ./..."))
    tracker.feed(Result(call_id="x", status="rejected"))
    tracker.feed(Result(call_id="unknown", status="failed", text="boom"))
    assert (len(tracker.closed), len(tracker.finish())) == (0, 1)


def test_the_next_commit_is_noted_with_what_was_fixed_before_it() -> None:
    tracker = tracked(
        bash(1, "go test ./...", UNDEFINED, 1),
        bash(2, "go test ./..."),
        bash(3, "git commit -m x", "[main 1a2b3c4] x\n 1 file changed"),
        bash(4, "git commit -m y", "[main 5d6e7f8] y"),
    )
    assert [episode.commit for episode in tracker.closed] == ["1a2b3c4"]
    assert tracker.commits == ["1a2b3c4", "5d6e7f8"]


def test_what_is_kept_is_bounded_and_the_latest_edits_stay() -> None:
    tracker = tracked(
        bash(1, "go test ./...", UNDEFINED, 1),
        *(edit(number, added=f"{number}" + "x" * 5000) for number in range(2, 100)),
        bash(100, "go test ./..."),
    )
    (episode,) = tracker.closed
    assert episode.fix is not None
    assert len(episode.fix.edits) == MAX_BETWEEN
    assert episode.fix.edits[-1].added.startswith("99")
    assert max(len(change.added) for change in episode.fix.edits) == MAX_TEXT


def test_failures_and_calls_that_wait_are_bounded_and_none_goes_uncounted() -> None:
    tracker = tracked(*(bash(n, f"tool{n} x", f"error: boom {n} here", 1) for n in range(MAX_OPEN + 50)))
    for number in range(MAX_PENDING + 50):
        tracker.feed(Call(id=f"never-{number}", tool="Bash", name="Bash", command="x"))
    assert len(tracker.state.open) == MAX_OPEN
    assert len(tracker.state.pending) == MAX_PENDING
    assert sum(row.occurrences for row in signature_statistics([], tracker.finish())) == MAX_OPEN + 50
    tracker.mark_counted()
    assert signature_statistics([], tracker.finish()) == ()


# A session drawn from few commands, so that failures come again, change, end and overlap.
WORK = [
    "go test ./...",
    "go test ./a | tail -3",
    "go build ./...",
    "git commit -m x",
    "make fmt && make lint",
]
OUTCOMES = [
    ("", 0),
    (UNDEFINED, 1),
    ("a.go:5:6: declared and not used: x", 1),
    ("--- FAIL: TestA (0.1s)", 0),
    ("[main 1a2b3c4] x", 0),
    ("error: unknown flag --x", 2),
]


@st.composite
def sessions(draw: st.DrawFn) -> list[AnyEvent]:
    events: list[AnyEvent] = []
    results: list[AnyEvent] = []
    for number in range(draw(st.integers(1, 25))):
        subagent = draw(st.sampled_from([None, None, "s"]))
        if draw(st.booleans()):
            text, code = draw(st.sampled_from(OUTCOMES))
            call, result = bash(number, draw(st.sampled_from(WORK)), text, code, subagent=subagent)
        else:
            call, result = edit(number, draw(st.sampled_from(["a.go", "b.go"])), str(number))
        events.append(call)
        results.append(result)
        events.append(Usage(message_id=str(number), output=number, input=1))
        while results and draw(st.booleans()):
            events.append(results.pop(0))
    return events + results[: draw(st.integers(0, len(results)))]


def stretches(
    events: list[AnyEvent], cuts: list[int]
) -> tuple[list[Episode], Counter[str], Counter[str], set[str]]:
    """Read a session in stretches, its state written to JSON and read back between them."""
    closed: list[Episode] = []
    totals: Counter[str] = Counter()
    signatures: Counter[str] = Counter()
    edited: set[str] = set()
    state: EpisodeState | None = None
    line = 0
    for start, end in zip([0, *cuts], [*cuts, len(events)], strict=True):
        tracker = EpisodeTracker(state)
        builder = SegmentBuilder(tracker.state.pending)
        for event in events[start:end]:
            line += 1
            builder.feed(event, tracker.feed(event, line))
        for row in signature_statistics(tracker.closed, tracker.finish()):
            signatures.update(
                {
                    f"{row.specific} occurrences": row.occurrences,
                    f"{row.specific} resolved": row.resolved,
                    f"{row.specific} tokens": row.tokens,
                    f"{row.specific} steps": sum(row.steps),
                }
            )
        totals.update(calls=builder.tools.total(), failures=builder.failures, **builder.tokens)
        edited |= set(builder.edited)
        closed += list(tracker.closed)
        tracker.mark_counted()
        state = msgspec.json.decode(msgspec.json.encode(tracker.state), type=EpisodeState)
    return closed, totals, signatures, edited


@given(sessions(), st.data())
def test_reading_on_from_a_saved_state_gives_what_one_pass_gives(
    events: list[AnyEvent], data: st.DataObject
) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(events)), max_size=4)))
    whole, totals, signatures, edited = stretches(events, [])
    parts, part_totals, part_signatures, part_edited = stretches(events, cuts)
    # A commit made in a later stretch comes too late for a segment that is already written.
    bare = [msgspec.structs.replace(episode, commit=None, reported=0) for episode in whole]
    assert [msgspec.structs.replace(episode, commit=None, reported=0) for episode in parts] == bare
    assert (part_totals, part_signatures, part_edited) == (totals, signatures, edited)
    assert sum(n for name, n in signatures.items() if "occurrences" in name) == totals["failures"]
