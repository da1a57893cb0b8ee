"""What ended a failure is kept in a form that is the same wherever it is done again."""

from __future__ import annotations

import pytest

from holdfast.evidence.episodes import Episode, EpisodeTracker
from holdfast.evidence.fixes import MAX_FIXES, fixes_of, read_fix
from holdfast.transcripts.events import AnyEvent, Call, Edit, Result

NOT_FOUND = "sh: 1: jest: not found"


def bash(number: int, command: str, text: str = "", *, failed: bool = False) -> list[AnyEvent]:
    call = Call(id=str(number), name="Bash", tool="Bash", command=command)
    return [call, Result(call_id=call.id, status="failed" if failed else "ok", text=text)]


def edit(number: int, path: str, removed: str, added: str) -> list[AnyEvent]:
    call = Call(id=str(number), name="Edit", tool="Edit", paths=(path,), edits=(Edit(path, removed, added),))
    return [call, Result(call_id=call.id, status="ok")]


def read(number: int, path: str, *, missing: bool = False) -> list[AnyEvent]:
    call = Call(id=str(number), name="Read", tool="Read", paths=(path,))
    text = "File does not exist." if missing else "text"
    return [call, Result(call_id=call.id, status="failed" if missing else "ok", text=text)]


def closed(*steps: list[AnyEvent]) -> list[Episode]:
    tracker = EpisodeTracker()
    for event in (event for events in steps for event in events):
        tracker.feed(event)
    return tracker.closed


@pytest.mark.parametrize(("steps", "fixes"), [
    (
        [bash(1, "npm test", NOT_FOUND, failed=True), bash(2, "npm install"), bash(3, "npm test")],
        ["command npm install"],
    ),
    (
        [bash(1, "pytest -q", "E   ModuleNotFoundError: No module named 'shop'", failed=True),
         bash(2, "uv run pytest -q")],
        ["command uv run pytest -q"],
    ),
    (
        [bash(1, "npm test", NOT_FOUND, failed=True), bash(2, "cd web && npm test")],
        ["command cd web && npm test"],
    ),
    (
        [read(1, "src/shop.py", missing=True), read(2, "src/store/shop.py")],
        ["path src/store/shop.py"],
    ),
    (
        [bash(1, "make lint", "a.go:3:1: Error return value is not checked (errcheck)", failed=True),
         edit(2, "a.go", "f()", "f() //nolint:errcheck"), bash(3, "make lint")],
        ["directive //nolint:errcheck"],
    ),
    (
        [bash(1, "go build ./...", "a.go:3:1: undefined: strings", failed=True),
         edit(2, "a.go", "import (", 'import (\n\t"strings"'), bash(3, "go build ./...")],
        ['line "strings"'],
    ),
])  # fmt: skip
def test_a_fix_is_read_from_what_was_done(steps: list[list[AnyEvent]], fixes: list[str]) -> None:
    assert [fix for episode in closed(*steps) for fix in fixes_of(episode)] == fixes


@pytest.mark.parametrize("steps", [
    [bash(1, "go test ./...", "a_test.go:3: want 1, got 2", failed=True),
     edit(2, "a.go", "return 2", "return compute()"), bash(3, "go test ./...")],
    [bash(1, "npm test", NOT_FOUND, failed=True), bash(2, "/tmp/x/setup.sh"), bash(3, "npm test")],
    [bash(1, "npm test", NOT_FOUND, failed=True), bash(2, "git status"), bash(3, "npm test")],
])  # fmt: skip
def test_what_says_nothing_to_another_session_is_left_out(steps: list[list[AnyEvent]]) -> None:
    (episode,) = closed(*steps)
    assert fixes_of(episode) == []


def test_a_failure_that_has_not_ended_has_no_fix() -> None:
    tracker = EpisodeTracker()
    for event in bash(1, "npm test", NOT_FOUND, failed=True):
        tracker.feed(event)
    assert [fixes_of(episode) for episode in tracker.finish()] == [[]]


def test_a_fix_reads_back_and_nothing_else_does() -> None:
    assert read_fix("command npm ci") == ("command", "npm ci")
    assert [read_fix(text) for text in ("", "command", "command ", "poem roses are red", "\x00")] == [
        None
    ] * 5


def test_the_directives_of_a_long_edit_are_not_lost_with_its_text() -> None:
    long = "\n".join(f"line {number}" for number in range(900)) + "\nf() //nolint:errcheck"
    (episode,) = closed(
        bash(1, "make lint", "a.go:3:1: Error return value is not checked (errcheck)", failed=True),
        edit(2, "a.go", "f()", long),
        bash(3, "make lint"),
    )
    assert fixes_of(episode)[0] == "directive //nolint:errcheck"
    assert len(fixes_of(episode)) <= MAX_FIXES


@pytest.mark.parametrize(("added", "kept"), [
    ('limit = parse("# of rows")  # Ada asked for this', ['line limit = parse("# of rows")']),
    ("limit = 3 // the limit that Ada wants", ["line limit = 3"]),
    ("limit = 3  # noqa: E501", []),
])  # fmt: skip
def test_a_remark_behind_a_line_is_no_part_of_it(added: str, kept: list[str]) -> None:
    steps = [
        bash(1, "make test", "NameError: limit is undefined", failed=True),
        edit(2, "a.py", "", added),
        bash(3, "make test"),
    ]
    (episode,) = closed(*steps)
    assert [fix for fix in fixes_of(episode) if fix.startswith("line ")] == kept
