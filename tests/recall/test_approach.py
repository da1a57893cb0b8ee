"""Before something is tried: what speaks against it and for it, how its command went, what went better."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from holdfast.errors import UsageError
from holdfast.evidence.purposes import interval
from holdfast.learn import write
from holdfast.learn.view import View
from holdfast.recall.approach import Way, better_ways, go_on, named_way, recall_approach
from holdfast.repo.location import Repository
from holdfast.testing import repositories


def way(command: str, ok: int, runs: int) -> Way:
    return Way(command=command, runs=runs, ok=ok, sessions=1, share=ok / runs, interval=interval(ok, runs))


def test_what_failed_before_is_a_high_risk_with_what_it_rests_on(view: View) -> None:
    answer = recall_approach(view, "run pytest -q")
    assert answer.risk == "high"
    assert "uv run pytest" in answer.against[0].text
    assert answer.chance == pytest.approx(5 / 6, abs=0.01), "four sessions met it, by Laplace's rule"
    assert answer.rests_on[0] == view.resolve(answer.against[0].id).id


def test_what_ended_a_failure_speaks_for_itself(view: View) -> None:
    answer = recall_approach(view, "use npm ci")
    assert (answer.risk, answer.against) == ("low", [])
    assert answer.supporting


def test_of_what_nobody_tried_nothing_is_claimed(view: View) -> None:
    answer = recall_approach(view, "mock the database")
    assert (answer.risk, answer.chance, answer.n, answer.rests_on) == ("unknown", None, 0, [])


def test_a_context_finds_what_the_approach_alone_does_not_name(empty: Repository) -> None:
    text = "For slow product pages we never use redis, since `redis` lost data on restart; use the CDN."
    with View(empty) as view:
        write.learn_text(view, text, kind="decision", anyway="for the test")
        answer = recall_approach(view, "redis", context="slow product pages")
    assert answer.risk == "high"
    assert "CDN" in answer.against[0].text


def test_going_on_is_recorded_on_what_advised_against_it(view: View) -> None:
    answer = go_on(view, recall_approach(view, "run pytest -q"), "the path is set by hand", "codex")
    assert answer.gone_on == view.branch.tip()
    (event,) = [event for event in view.events_of(answer.rests_on[0]) if event.kind == "overridden"]
    assert event.by == "codex"
    assert event.data == {
        "advice": "approach", "reason": "the path is set by hand", "about": "run pytest -q",
    }  # fmt: skip


def test_why_it_was_taken_all_the_same_is_told_to_who_asks_next(view: View) -> None:
    go_on(view, recall_approach(view, "run pytest -q"), "the path is set by hand")
    (said,) = recall_approach(view, "run pytest -q").overridden
    assert said.endswith(": the path is set by hand")


def test_who_went_on_against_several_is_named_once(empty: Repository) -> None:
    with View(empty) as view:
        for why in ("it lost data on restart", "the hosts have no memory for it"):
            text = f"For slow product pages we never use `redis`, because {why}; use the CDN."
            write.learn_text(view, text, kind="decision", anyway="for the test")
        answer = recall_approach(view, "redis", context="slow product pages")
        assert len(answer.rests_on) == 2
        go_on(view, answer, "the CDN is down")
        assert len(recall_approach(view, "redis", context="slow product pages").overridden) == 1


def test_what_was_replaced_speaks_against_doing_it_again(empty: Repository) -> None:
    with View(empty) as view:
        old = write.learn_text(view, "We log JSON to stdout.", kind="decision", anyway="for the test")
        new = "Write logfmt, because people read them in a terminal."
        write.learn_text(view, new, kind="decision", supersedes=(old.id,), anyway="for the test")
        answer = recall_approach(view, "log JSON to stdout")
    assert (answer.risk, answer.supporting) == ("high", [])
    assert answer.rests_on == [old.id]


def test_a_revert_speaks_against_what_it_took_out(empty: Repository) -> None:
    assert empty.root is not None
    said = "sessions: keep them in Redis, not in Postgres"
    repositories.commit(empty.root, {"a.py": "1"}, said)
    taken = empty.git("rev-parse", "HEAD").decode().strip()
    repositories.commit(
        empty.root, {"a.py": "2"}, f'Revert "{said}"\n\nThis reverts commit {taken}. Logins were lost.'
    )
    with View(empty) as view:
        answer = recall_approach(view, "keep sessions in Redis")
    assert (answer.risk, answer.supporting) == ("high", [])


def test_where_nothing_speaks_against_it_there_is_nothing_to_override(view: View) -> None:
    with pytest.raises(UsageError, match="nothing to override"):
        go_on(view, recall_approach(view, "mock the database"), "why not")


def test_going_on_needs_a_reason_and_writes_nothing_without(view: View) -> None:
    before = view.branch.tip()
    with pytest.raises(UsageError, match="reason"):
        go_on(view, recall_approach(view, "run pytest -q"), " ")
    assert view.branch.tip() == before


def test_the_longest_command_that_is_named_is_the_one_tried() -> None:
    ways = {name: way(name, 5, 9) for name in ("npm", "npm ci", "npm test")}
    found = named_way("install with `npm ci` first", ways)
    assert found is not None
    assert found.command == "npm ci"
    assert named_way("rewrite the parser", ways) is None


def test_a_word_of_the_language_is_no_command() -> None:
    ways = {"file": way("file", 1, 1), "sed": way("sed", 3, 9)}
    found = named_way("use sed to edit the file", ways)
    assert found is not None
    assert found.command == "sed"
    assert named_way("move the file", ways) is None


def test_of_a_command_only_what_names_it_speaks(view: View) -> None:
    write.learn_text(
        view, "Never copy the pytest cache into the image, since the npm build failed.", anyway="for the test"
    )
    assert recall_approach(view, "use npm ci").against == []


def test_only_what_surely_went_better_for_the_same_purpose_is_named_instead() -> None:
    ways = {
        "pytest": way("pytest", 2, 40),
        "uv run pytest": way("uv run pytest", 58, 60),
        "tox": way("tox", 3, 4),
        "npm test": way("npm test", 60, 60),
        "git push": way("git push", 60, 60),
    }
    assert [found.command for found in better_ways(ways["pytest"], ways)] == ["uv run pytest"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(st.text(max_size=300), st.text(max_size=300))
def test_any_approach_has_an_answer(view: View, approach: str, context: str) -> None:
    answer = recall_approach(view, approach, context)
    assert (answer.chance is None) == (answer.n == 0)
    assert answer.chance is None or 0 < answer.chance < 1
