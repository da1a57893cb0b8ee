"""A repeated failure is counted with its cost, and what is ever new is not taken for one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.measure.tuition import repeated
from holdfast.measure.tuition.unpaired import pair_with_other_ways

from .conftest import GREEN, RED, History, Ran

LOOKED = Ran("cat package.json", "{}")


def test_a_failure_of_two_sessions_is_repeated_and_that_of_one_is_not(history: History) -> None:
    once = Ran("make docs", "make: *** No rule to make target 'docs'.  Stop.", 2)
    (failure,) = repeated.repeated_failures(history([[RED, GREEN], [GREEN], [RED, once]]))
    assert (failure.command, failure.sessions, failure.ran, failure.times) == ("bun test", 2, 2, 2)
    assert not failure.code


def test_sessions_that_ran_it_without_failing_are_counted_too(history: History) -> None:
    sessions = history([[RED], [Ran("bun test", "3 pass")], [RED]])
    (failure,) = repeated.repeated_failures(sessions)
    assert (failure.sessions, failure.ran) == (2, 3)


def test_red_code_that_is_ever_new_is_the_work_itself(history: History) -> None:
    sessions = history(
        [[Ran("go build ./...", f"cart/total.go:3:2: undefined: sum{n}", 1)] for n in range(5)]
    )
    assert repeated.repeated_failures(sessions) == []


def test_the_very_same_red_test_in_two_sessions_is_a_repeat(history: History) -> None:
    red = Ran("pytest -q", "FAILED tests/test_cart.py::test_total - AssertionError: assert 1 == 2", 1)
    (failure,) = repeated.repeated_failures(history([[red], [GREEN], [red]]))
    assert failure.code
    assert failure.sessions == 2


def test_only_what_later_sessions_spent_is_paid_again(history: History) -> None:
    slow = [Ran("gh pr diff 1 --stat", "unknown flag: --stat", 1), LOOKED, LOOKED, Ran("gh pr diff 1", "+1")]
    (failure,) = repeated.repeated_failures(history([slow, slow]))
    assert failure.calls == 3
    assert failure.resolved == 2
    assert failure.minutes > 0


def test_what_worked_instead_is_told_when_most_sessions_found_it(history: History) -> None:
    wrong = Ran("gh pr diff 12 --stat", "unknown flag: --stat", 1)
    right = Ran("gh pr diff 12 --name-only", "a.py")
    (failure,) = repeated.repeated_failures(history([[wrong, right]] * 3))
    assert failure.instead is not None
    assert (failure.instead.instead, failure.instead_in) == ("gh pr diff 12 --name-only", 3)


def test_what_few_of_those_who_got_past_it_did_is_not_told_as_the_way_out(history: History) -> None:
    wrong = Ran("gh pr diff 12 --stat", "unknown flag: --stat", 1)
    rights = [Ran(f"gh pr diff 12 --{option}", "a.py") for option in ("name-only", "patch", "web", "color")]
    (failure,) = repeated.repeated_failures(history([[wrong, right] for right in rights]))
    assert failure.resolved == 4
    assert failure.instead is None


def test_an_error_line_that_differs_is_told_by_what_is_the_same(history: History) -> None:
    gone = [Ran(f"cat src/{name}.py", f"cat: src/{name}.py: No such file or directory", 1) for name in "abc"]
    (failure,) = repeated.repeated_failures(history([[one] for one in gone]))
    assert failure.message == "cat: <path>: No such file or directory"
    assert (failure.sessions, failure.ran) == (3, 3)


def test_sessions_are_all_counted_where_a_command_is_mostly_a_part_of_another(history: History) -> None:
    lost = Ran("cd web", "bash: line 1: cd: web: No such file or directory", 1)
    (failure,) = repeated.repeated_failures(history([[lost], [lost], [Ran("cd src && make", "ok")]]))
    assert (failure.command, failure.sessions, failure.ran) == ("cd", 2, 3)


def test_another_command_that_served_the_purpose_is_found(history: History) -> None:
    sessions = history([[RED, LOOKED, GREEN]] * 4)
    failures = repeated.repeated_failures(sessions)
    assert failures[0].instead is None
    (paired,) = pair_with_other_ways(failures, sessions)
    assert paired is failures[0]
    assert paired.instead is not None
    assert paired.instead.text.startswith("Use `bun run test`, not `bun test`")
    assert paired.minutes > 0


def test_time_to_repeat_counts_sessions_and_days(history: History) -> None:
    told = repeated.time_to_repeat(history([[RED], [GREEN], [GREEN], [RED], [RED]]))
    assert told is not None
    assert (told.failures, told.sessions, told.days) == (1, 3, 3.0)
    assert repeated.time_to_repeat(history([[GREEN]])) is None


def test_cost_counts_overlapping_stretches_once(history: History) -> None:
    one = Ran("gh pr diff 1 --stat", "unknown flag: --stat", 1)
    two = Ran("git push --forse", "error: unknown option `forse'", 129)
    both = [one, two, LOOKED, Ran("gh pr diff 1", "+1"), Ran("git push --force", "done")]
    cost = repeated.cost(history([both, both]))
    apart = sum(one.minutes for one in repeated.repeated_failures(history([both, both])))
    assert cost.sessions_with_repeats == 1
    assert cost.failures == 4
    assert 0 < cost.repeated_minutes < apart
    assert cost.repeated_minutes <= cost.minutes


@given(
    st.lists(st.tuples(st.floats(0, 100), st.floats(0, 50)).map(lambda span: (span[0], span[0] + span[1])))
)
def test_the_union_of_stretches_is_at_most_their_sum_and_their_reach(
    spans: list[tuple[float, float]],
) -> None:
    covered = repeated._covered(spans)
    assert covered <= sum(end - start for start, end in spans) + 1e-6
    if spans:
        assert covered >= max(end - start for start, end in spans) - 1e-6
        assert covered <= max(end for _, end in spans) - min(start for start, _ in spans) + 1e-6


@pytest.mark.parametrize("secret", ["AKIAIOSFODNN7QWERTYU", "ada@lovelace.net"])
def test_nothing_private_stands_in_a_repeated_failure(history: History, secret: str) -> None:
    red = Ran(f"deploy --as {secret}", f"deploy: unknown option --as {secret}", 2)
    (failure,) = repeated.repeated_failures(history([[red], [red]]))
    assert secret not in failure.failed + failure.message + failure.family
