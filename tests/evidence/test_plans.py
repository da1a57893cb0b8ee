from __future__ import annotations

from holdfast.evidence.plans import agreed, title

PLAN = (
    "# Plan: Move the cache\n\n## Goal\nBe quick.\n\n## Decisions\n- Redis, not memory\n\n## Tasks\n- edit x"
)


def approval(plan: str, *, edited: bool) -> str:
    mark = " (edited by user)" if edited else ""
    return f"User has approved your plan. You can now start coding.\n\n## Approved Plan{mark}:\n{plan}"


def test_a_plan_bears_its_heading() -> None:
    assert title(PLAN) == "Move the cache"
    assert title("# Implementation Plan: Move it\n") == "Move it"
    assert title("move it\nnow") == "move it"
    assert title("") == ""


def test_what_a_person_changed_in_a_plan_is_what_was_agreed() -> None:
    changed = PLAN.replace("- edit x", "- edit y, never x")
    assert agreed(PLAN, approval(changed, edited=True)) == "- edit y, never x"


def test_a_line_that_only_moved_was_not_changed() -> None:
    before, after = "- first\n- second\n- second\n", "- second\n- first\n- third\n- second\n- second\n"
    assert agreed(before, approval(after, edited=True)) == "- third\n- second"


def test_a_plan_approved_as_it_was_settles_its_decisions_and_no_task() -> None:
    assert agreed(PLAN, approval(PLAN, edited=False)) == "- Redis, not memory"
    assert agreed(PLAN, "User has approved exiting plan mode.") == "- Redis, not memory"


def test_a_plan_of_mere_tasks_settles_nothing() -> None:
    assert agreed("# Plan\n\n## Tasks\n- edit x\n", "approved") == ""


def test_code_under_a_decision_is_left_out() -> None:
    plan = "## Key decisions\nOne file.\n```go\n# Decisions\nx := 1\n```\nNo cache.\n"
    assert agreed(plan, "") == "One file.\nNo cache."
