from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.learn.decisions import THRESHOLDS, judge_decision
from holdfast.learn.decisions.features import SOURCES, group, measure
from holdfast.learn.decisions.judge import MAX_LENGTH
from holdfast.learn.decisions.sentences import sort, split
from holdfast.learn.decisions.weights import WEIGHTS


@pytest.mark.parametrize(
    ("text", "source", "question"),
    [
        ("never edit generated/, change the .proto and run buf generate", "rejected", ""),
        ("prices are stored in cents, never as floats", "corrected", ""),
        ("every query must filter by tenant_id, even in admin scripts", "prompt", ""),
        ("msgpack", "answer", "Which wire format should the workers and the broker speak?"),
        ("- Keep the v1 endpoints until all apps moved\n- No writes to the old table", "plan", ""),
        ("The webhook is delivered at least once, so handlers have to be idempotent.", "commit", ""),
        ('Revert "Use http/2": the proxy drops trailers, gRPC needs them.', "revert", ""),
        ("We choose Kafka over RabbitMQ because consumers need to replay events.", "adr", ""),
        ("We return errors rather than panic in library code.", "review", ""),
    ],
)
def test_a_choice_a_rule_or_a_fact_is_a_decision(text: str, source: str, question: str) -> None:
    decision = judge_decision(text, source=source, question=question)
    assert decision is not None
    assert decision.chance >= THRESHOLDS[group(source)]
    assert decision.reason.startswith("It ")


@pytest.mark.parametrize(
    ("text", "source", "question"),
    [
        ("yes, do it", "answer", "Want me to implement this?"),
        ("whatever is quicker", "answer", "Should the cache live in Redis or in memory?"),
        ("can we always show the banner?", "prompt", ""),
        ("nice work, that is exactly what I wanted", "prompt", ""),
        ("must be a race condition, have a look", "prompt", ""),
        ("don't check this in", "rejected", ""),
        ("I've just reset to match remote, we need to rebase on main now", "corrected", ""),
        ("- use the new helper in all call sites\n- drop the old one", "commit", ""),
        ('Revert "how bout now?"', "revert", ""),
        ("LGTM, ship it", "review", ""),
        ("It doesn't need any change of the code, it only has to be documented.", "corrected", ""),
        ("if users merge by hand then deletion must always happen outside of `syncd` right", "prompt", ""),
        ("`syncd` would require us building a merge screen right which is always heavy", "answer", ""),
        ("do we always test `syncd`? does it never retry?", "answer", "Which parts of `syncd` may retry?"),
        ("Generic", "answer", "Is this tooling for one project, or should it be reusable everywhere?"),
        ("", "prompt", ""),
        (" \n\x1b[0m", "commit", ""),
        ("never " * MAX_LENGTH, "prompt", ""),
    ],
)
def test_what_holds_for_one_moment_is_none(text: str, source: str, question: str) -> None:
    assert judge_decision(text, source=source, question=question) is None


def test_the_weights_are_those_of_the_features() -> None:
    """Whoever changes a feature has to refit: ``python bench/decide/fit.py --transcripts DIR --write``."""
    text = "we never use npm here"
    measured = measure(text, [sort(sentence) for sentence in split(text)], source="prompt")
    assert set(measured) == set(WEIGHTS)


@given(st.text(max_size=400), st.sampled_from(SOURCES), st.text(max_size=80))
def test_a_judgement_is_the_same_every_time_and_says_something(text: str, source: str, question: str) -> None:
    decision = judge_decision(text, source=source, question=question)
    assert decision == judge_decision(text, source=source, question=question)
    if decision is not None:
        assert decision.text.strip()
        assert THRESHOLDS[group(source)] - 0.001 <= decision.chance <= 1
