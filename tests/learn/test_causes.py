from __future__ import annotations

import pytest
from msgspec.structs import replace

from holdfast.evidence.causes import RootCause
from holdfast.learn import causes
from holdfast.learn.gate import judge

FOUND = RootCause(
    cause="The issue is `core.excludesfile` needs an absolute path.",
    message="ignore_test.go:357: changes() = true, want false",
    command="mise run test",
    owner="mise run test",
    family="mise run test: <path> changes",
    specific="0123456789ab",
    generic=False,
    exit_code=1,
    edits=("ignore_test.go",),
    fixed="mise run test",
    line=5,
    said_line=8,
    fixed_line=20,
)


def test_a_cause_is_told_with_the_failure_it_explains_and_waits_for_a_person() -> None:
    made = causes.candidate(FOUND)
    assert made is not None
    lead = made.text.split("\n\n")[0]
    assert lead == (
        "When `mise run test` fails with “ignore_test.go:357: changes() = true, want false”: "
        "The issue is `core.excludesfile` needs an absolute path."
    )
    assert made.quotes_person
    assert made.proven
    assert made.applies.families == (FOUND.family,)
    assert (made.evidence.line, made.evidence.fixed_line, made.evidence.failed_exit) == (5, 20, 1)
    assert judge(lead, kind=made.kind, proven=True).accepted


def test_a_bug_of_the_code_under_work_is_gone_once_it_is_mended() -> None:
    bug = replace(FOUND, cause="The `readAll` function is missing the `limit` field.", edits=("store.go",))
    assert causes.candidate(bug) is None


def test_what_comes_from_outside_stays_true_after_the_code_was_changed() -> None:
    cycle = replace(
        FOUND, cause="The issue is that `paths` importing `session` creates a cycle.", edits=("a.go",)
    )
    assert causes.candidate(cycle) is not None


@pytest.mark.parametrize(
    "cause",
    [
        "Several tests need updating because they expect the old conflict error.",
        "The test is failing because my change broke the `count` field.",
        "The issue is on line 142, where `info` is read.",
        "The issue is that `reader` no longer returns it.",
        "It is wrong.",
    ],
)
def test_what_holds_for_one_change_only_is_not_told(cause: str) -> None:
    assert causes.candidate(replace(FOUND, cause=cause)) is None


def test_a_failure_that_says_nothing_explains_nothing() -> None:
    assert causes.candidate(replace(FOUND, generic=True)) is None


def test_the_call_that_then_worked_is_named_when_nothing_was_edited() -> None:
    made = causes.candidate(
        replace(
            FOUND,
            cause="The call failed because `/tmp` is not under the results folder.",
            command="app run --out /tmp/x",
            owner="app",
            fixed="app run --out results/x",
            edits=(),
        )
    )
    assert made is not None
    assert made.text.split("\n\n")[0].endswith("results folder. `app run --out results/x` worked.")
