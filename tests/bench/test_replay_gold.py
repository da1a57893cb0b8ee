"""The gold of the replay: what a perfect memory could have told, and nothing that came later."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from bench.replay import made
from bench.replay.gold import encoded, gold_of
from bench.replay.gold_failures import exact, masked, program
from bench.replay.gold_fixes import directives
from bench.replay.past import Commit, cases_of, moments

from holdfast.testing.sessions import ClaudeSession

DAY = 86400.0
LINT = "shop/cart.go:7:2: error is not nil but it returns nil (nilerr)"


def a_session(number: int, *, fixed: bool = True, prompt: str = "mend it") -> ClaudeSession:
    session = ClaudeSession(
        f"{number:08x}-0000-4000-8000-000000000000", root="/home/ada/shop", start=number * DAY
    )
    session.prompt(prompt)
    session.read("/home/ada/shop/gone.go", "", missing=True)
    session.bash("make lint", LINT, exit_code=1)
    if fixed:
        session.edit("shop/cart.go", "return nil", "return nil //nolint:nilerr // it is optional")
        session.bash("make lint", "clean")
    return session


def gold_in(folder: Path, sessions: list[ClaudeSession]) -> list[dict[str, Any]]:
    entries = []
    for place, session in enumerate(sessions):
        session.write(folder / f"{place}.jsonl")
        entries.append({"file": f"{place}.jsonl", "repo": "o/shop", "session": session.id})
    (folder / "manifest.json").write_text(json.dumps(entries))
    found: list[dict[str, Any]] = gold_of(folder)["sessions"]
    return found


def test_a_first_sighting_is_no_repeat_and_a_second_is(tmp_path: Path) -> None:
    first, second = gold_in(tmp_path, [a_session(1), a_session(2)])
    assert first["warn"]["family"] == []
    assert second["warn"]["family"] == first["met"]
    assert first["files"] == []
    assert second["files"] == ["shop/cart.go"]


def test_a_file_that_the_prompt_names_is_not_asked_for(tmp_path: Path) -> None:
    second = gold_in(tmp_path, [a_session(1), a_session(2, prompt="mend cart.go")])[1]
    assert second["files"] == []
    assert second["edited"] == ["shop/cart.go"]


def test_the_same_fix_of_the_same_failure_is_a_fix_when_it_is_rare(tmp_path: Path) -> None:
    plain = [ClaudeSession(f"{n:08x}-1", root="/home/ada/shop", start=n * 100.0) for n in range(3)]
    for session in plain:
        session.prompt("look")
        session.bash("ls", "cart.go")
    found = gold_in(tmp_path, [*plain, a_session(1), a_session(2)])
    lint = [one for one in found[-1]["failures"] if one["fix"]]
    assert "directive:nolint:nilerr" in [fix["fix"] for one in lint for fix in one["fix"]]
    assert not any(one["fix"] for entry in found[:-1] for one in entry["failures"])


def test_a_failure_that_was_not_resolved_has_no_fix(tmp_path: Path) -> None:
    found = gold_in(tmp_path, [a_session(1), a_session(2, fixed=False)])
    assert not any(one["fix"] for one in found[1]["failures"])


def test_a_resumed_session_does_not_count_its_calls_twice(tmp_path: Path) -> None:
    first = a_session(1)
    again = ClaudeSession("ffffffff-0000-4000-8000-000000000000", root="/home/ada/shop", start=2 * DAY)
    again.records.extend(first.records)
    again.prompt("go on")
    found = gold_in(tmp_path, [first, again])
    assert len(found[0]["failures"]) == 2
    assert found[1]["failures"] == []


def test_nothing_that_comes_later_changes_what_was_known(tmp_path: Path) -> None:
    sessions = [a_session(n, fixed=n != 3) for n in range(1, 7)]
    whole = gold_in(tmp_path / "whole", sessions)
    for kept in (2, 4):
        part = gold_in(tmp_path / str(kept), sessions[:kept])
        for one, other in zip(part, whole, strict=False):
            assert {**one, "part": ""} == {**other, "part": ""}


def test_the_gold_of_the_same_sessions_is_the_same_bytes(tmp_path: Path) -> None:
    sessions = [a_session(n) for n in range(1, 4)]
    gold_in(tmp_path, sessions)
    assert encoded(gold_of(tmp_path)) == encoded(gold_of(tmp_path))


def test_what_ends_is_known_before_what_is_asked_at_that_moment(tmp_path: Path) -> None:
    gold_in(tmp_path, [a_session(1), a_session(2)])
    cases = cases_of(tmp_path, gold_of(tmp_path))["o/shop"]
    commit = Commit(cases[1].session.start, "ada", "Add the cart", "", ["shop/cart.go"])
    found = list(moments(cases, [commit], last=10 * DAY))
    assert [one.at for one in found] == sorted(one.at for one in found)
    begins = next(place for place, one in enumerate(found) if one.kind == "start" and one.case is cases[1])
    assert {one.kind for one in found[:begins]} >= {"commit", "end"}


def test_the_loud_repository_fails_in_sixty_sessions_and_the_quiet_one_never_twice(tmp_path: Path) -> None:
    made.write(tmp_path)
    by_repo = cases_of(tmp_path, gold_of(tmp_path))
    loud, quiet = by_repo["made/loud"], by_repo["made/quiet"]
    assert sum(bool(case.gold["met"]) for case in loud) == 60
    assert sum(bool(case.gold["warn"]["family"]) for case in loud) == 59
    assert all(failure["novel"] for case in quiet for failure in case.gold["failures"])


@pytest.mark.parametrize(
    ("command", "named"),
    [
        ("cd /srv/shop && go test ./... 2>&1 | tail -5", "go test"),
        ("mise run lint", "mise run lint"),
        ("CI=1 npm run build -- --fast", "npm run build"),
        ("grep -n x y", "grep"),
        ("", "sh"),
    ],
)
def test_a_command_is_named_by_its_runner(command: str, named: str) -> None:
    assert program(command) == named


def test_masks_leave_what_tells_failures_apart() -> None:
    assert masked("cannot open /srv/a/b.go: line 7") == masked("cannot open /home/c/d.go: line 9")
    assert exact("G104: Errors unhandled") != exact("G304: Errors unhandled")
    assert exact("undefined: cart") != exact("undefined: mail")
    assert directives("x() //nolint:nilerr,gosec // why") == {"nolint:nilerr", "nolint:gosec"}
