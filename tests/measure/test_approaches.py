from __future__ import annotations

from itertools import count

from holdfast.evidence.session_facts import FactsBuilder, SessionFacts
from holdfast.measure.approaches import success_by_approach
from holdfast.transcripts.events import Call, Result, SessionInfo, Status

_ids = count()
RED = "a_test.go:3: got 1, want 2"
USAGE = "Error: unknown flag: --fast"


def session(name: str, *runs: tuple[str, str], root: str | None = "/repo") -> SessionFacts:
    """Return the facts of a session that ran commands, each with its error line, or "" when it succeeded."""
    builder = FactsBuilder()
    for line, (command, message) in enumerate(runs, start=1):
        identity = f"{name}-{next(_ids)}"
        builder.feed(Call(id=identity, tool="Bash", name="Bash", command=command), 2 * line - 1)
        status: Status = "failed" if message else "ok"
        result = Result(call_id=identity, status=status, text=message, exit_code=int(bool(message)))
        builder.feed(result, 2 * line)
    return builder.build(SessionInfo(agent="claude-code", id=name, root=root), name)


def three(*runs: tuple[str, str], root: str | None = "/repo") -> list[SessionFacts]:
    return [session(f"{root}{next(_ids)}", *runs, root=root) for _ in range(3)]


def test_two_ways_of_the_same_work_are_compared_with_red_tests_counted_apart_from_set_up() -> None:
    sessions = three(
        ("go test ./...", RED), ("go test ./...", ""), ("mise run test", USAGE), ("mise run test", "")
    )
    (rate,) = success_by_approach(sessions)
    assert rate.purpose == "test"
    ways = {way.way: way for way in rate.ways}
    assert [way.way for way in rate.ways] == ["go test", "mise run test"]
    assert (ways["go test"].runs, ways["go test"].ok, ways["go test"].set_up) == (6, 3, 0)
    assert (ways["mise run test"].ok, ways["mise run test"].set_up) == (3, 3)
    assert ways["mise run test"].worked_share == 0.5
    assert ways["go test"].worked_share == 1.0
    assert ways["go test"].ok_share == 0.5
    assert ways["go test"].sessions == 3


def test_a_failure_that_came_again_is_judged_as_the_first() -> None:
    sessions = three(
        ("mise run test", USAGE), ("mise run test", USAGE), ("go test ./...", ""), ("go test ./...", "")
    )
    (rate,) = success_by_approach(sessions)
    assert next(way for way in rate.ways if way.way == "mise run test").set_up == 6


def test_a_wrapper_is_another_way_and_a_flag_is_not() -> None:
    sessions = three(("pytest -q", ""), ("pytest -x", ""), ("uv run pytest", ""), ("uv run pytest -q", ""))
    (rate,) = success_by_approach(sessions)
    assert {way.way for way in rate.ways} == {"pytest", "uv run pytest"}


def test_ways_with_too_few_runs_or_sessions_are_not_compared() -> None:
    assert success_by_approach(three(("go test", ""), ("mise run test", ""))) == []
    often = [("go test", ""), ("mise run test", "")] * 9
    assert success_by_approach([session("one", *often)]) == []


def test_ways_of_two_repositories_are_not_compared() -> None:
    go, bun = [("go test", "")] * 3, [("bun test", "")] * 3
    assert success_by_approach([*three(*go, root="/one"), *three(*bun, root="/two")]) == []
    assert success_by_approach([*three(*go, root=None), *three(*bun, root=None)]) == []
    (rate,) = success_by_approach([*three(*go, root="/one"), *three(*bun, root="/one")])
    assert len(rate.ways) == 2


def test_runs_that_a_fork_copied_count_once() -> None:
    runs = [("go test", ""), ("mise run test", "")] * 3
    sessions = [session(str(number), *runs) for number in range(3)]
    copies = [session(str(number), *runs) for number in range(3, 6)]
    for copy, original in zip(copies, sessions, strict=True):
        copy.runs = original.runs
    (alone,), (both,) = success_by_approach(sessions), success_by_approach([*sessions, *copies])
    assert [way.runs for way in both.ways] == [way.runs for way in alone.ways]
