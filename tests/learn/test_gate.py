"""The gate admits what is specific, actionable and safe, and says how to mend what it refuses."""

from holdfast.learn.gate import judge


def test_a_failure_with_its_cure_is_accepted() -> None:
    verdict = judge(
        "Use `gh pr diff 12 | head`, not `gh pr diff --stat 12`, which failed with “unknown flag: --stat”."
    )

    assert verdict.accepted
    assert (verdict.criterion, verdict.reason, verdict.mend) == ("", "", "")


def test_chatter_is_refused() -> None:
    assert not judge("ok").accepted
