"""The arithmetic of the replay: ratios, intervals, calibration, and what a text is worth."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from bench.replay import scores, tracks
from bench.replay.policies import Answers, Counted, Ranked, Warned, within
from bench.replay.scores import Row, calibration, cost, difference, ratio, score, spared
from hypothesis import given, settings
from hypothesis import strategies as st

rows = st.lists(
    st.builds(Row, st.sampled_from("ab"), st.floats(0, 5), st.floats(0.5, 5)), min_size=1, max_size=12
)


def a_case(name: str = "one", repo: str = "r", prompt: str = "", **gold: Any) -> Any:
    whole = {"warn": {"family": []}, "met": [], "files": [], "edited": [], "failures": [], "calls": 10}
    session = SimpleNamespace(repo=repo, prompts=[(1.0, prompt)] if prompt else [], start=0.0)
    return SimpleNamespace(name=name, session=session, prompt=prompt, gold={**whole, **gold}, failures=[])


def words(text: str) -> int:
    return len(text.split())


def test_a_score_without_cases_has_no_value() -> None:
    assert ratio([]) is None
    assert score([Row("a", 0, 0)]).value is None


@given(rows)
def test_a_value_lies_between_the_least_and_the_greatest_ratio(found: list[Row]) -> None:
    value = ratio(found)
    each = [row.top / row.bottom for row in found]
    assert value is not None
    assert min(each) - 1e-9 <= value <= max(each) + 1e-9


def test_an_interval_holds_its_value_and_is_the_same_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scores, "DRAWS", 200)
    found = [Row("a", one % 3 == 0, 1) for one in range(40)]
    first = score(found)
    assert first == score(found)
    assert None not in first
    assert (first.low or 1) < (first.value or 0) < (first.high or 0)
    assert not first.few


def test_over_repositories_is_wider_when_they_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scores, "DRAWS", 200)
    found = [Row("a", 1, 1)] * 20 + [Row("b", 0, 1)] * 20
    one = score(found)
    assert (one.low, one.high) == (0.5, 0.5)
    assert (one.wide_low, one.wide_high) == (0.0, 1.0)


@settings(max_examples=10)
@given(rows)
def test_a_policy_differs_from_itself_by_nothing(found: list[Row]) -> None:
    one = difference(found, found)
    assert (one.value, one.low, one.high) == (0, 0, 0)


def test_chances_that_come_true_as_told_have_skill_and_the_base_rate_has_none() -> None:
    sure = calibration([(0.9, True), (0.9, True), (0.1, False), (0.1, False)])
    base = calibration([(0.5, True), (0.5, False)])
    wrong = calibration([(0.9, False), (0.1, True)])
    assert sure is not None
    assert base is not None
    assert wrong is not None
    assert sure.skill > 0.9
    assert base.skill == 0
    assert wrong.skill < 0
    assert sum(n for _, _, n in sure.bins) == 4
    assert calibration([]) is None


def test_skill_by_session_adds_up_to_that_of_the_whole() -> None:
    cases = [a_case("one"), a_case("two")]
    warned = [Warned((), "x", rate=0.7), Warned((), "y", rate=0.1), Warned((), "z")]
    said, own = {"one": Answers(warned=warned), "two": Answers(warned=warned)}, {"one": {"x"}, "two": {"y"}}
    whole = tracks.told_chances(cases, said, own)
    assert whole is not None
    assert ratio(tracks.skill_rows(cases, said, own)) == pytest.approx(whole.skill)


def test_a_text_costs_more_the_longer_it_is_carried() -> None:
    assert cost(40, 0) == pytest.approx(50)
    assert cost(40, 64) == pytest.approx(40 * (1.25 + 6.4))


def test_what_a_failure_cost_is_capped() -> None:
    assert spared(1, 1000, 0) == pytest.approx(100)
    assert spared(100, 1000, 0) == spared(8, 1000, 0)
    assert spared(None, 1000, 0) == spared(3, 1000, 0)


def test_recall_counts_each_repeat_once_and_the_first_five_warnings_alone() -> None:
    case = a_case(warn={"family": ["x", "y"]}, met=["x", "y"])
    warned = [
        Warned(("x",), "1"),
        Warned(("x",), "2"),
        *(Warned((), str(n)) for n in range(3)),
        Warned(("y",), "z"),
    ]
    said = {"one": Answers(warned=warned)}
    assert tracks.warn_recall([case], said) == [Row("r", 1, 2)]
    assert tracks.warn_precision([case], said) == [Row("r", 2, 5)]


def test_only_what_pays_counts_as_decided() -> None:
    case = a_case(warn={"family": ["x"]}, met=["x"])
    said = {"one": Answers(warned=[Warned(("x",), "1", pays=False)])}
    assert tracks.warn_recall([case], said) == [Row("r", 1, 1)]
    assert tracks.warn_recall([case], said, decided=True) == [Row("r", 0, 1)]


def test_a_session_without_files_of_the_gold_weighs_nothing() -> None:
    cases = [a_case("one", files=["a", "b"]), a_case("two")]
    said = {"one": Answers(files=["a", "c"]), "two": Answers(files=["a"])}
    assert ratio(tracks.file_rows(cases, said, 5)) == 0.5


@pytest.mark.parametrize(
    ("mark", "text", "told"),
    [
        ("directive:nolint:nilerr", "add //nolint:nilerr to the line", True),
        ("directive:nolint:nilerr", "", False),
        ("command:-tags=e2e ./...", "run `go test -tags=e2e ./...`", True),
        ("command:-tags=e2e ./...", "run `go test ./...`", False),
        ("path:cli/strategy/common.go", "it is strategy/common.go now", True),
        ("line:if x  {", "put\n  if x {", True),
    ],
)
def test_a_text_tells_a_fix_when_its_words_stand_in_it(mark: str, text: str, told: bool) -> None:
    assert tracks.holds(text, mark) is told


def test_the_control_answers_each_session_with_those_of_the_others() -> None:
    cases = [a_case("one", files=["a"]), a_case("two", files=["a"]), a_case("other", repo="s", files=["b"])]
    said = {"one": Answers(files=["b"]), "two": Answers(files=["a"]), "other": Answers(files=["b"])}
    control = tracks.swapped(cases, said, lambda c, s: tracks.file_rows(c, s, 5))
    assert [row.top for row in control] == [1, 0, 0]


def test_fixes_are_controlled_by_what_was_said_at_other_failures() -> None:
    fix = [{"fix": "directive:nolint:x"}]
    cases = [
        a_case("one", failures=[{"id": "1", "fix": fix}]),
        a_case("two", failures=[{"id": "2", "fix": []}, {"id": "3", "fix": []}]),
    ]
    said = {"one": Answers(fixes={"1": "nothing"}), "two": Answers(fixes={"2": "nolint:x", "3": ""})}
    assert tracks.swapped_fixes(cases, said) == [Row("r", 0.5, 1), Row("r", 0, 0)]


def test_a_warning_that_comes_true_pays_and_one_that_does_not_costs() -> None:
    failure = {"families": ["x"], "steps": 2, "context": 50_000}
    gold = {"met": ["x"], "failures": [failure], "context": 50_000, "written": 100}
    case = a_case(**gold)
    weigh = tracks.Costs([case], words)
    right, tokens = weigh.warn(case, [Warned(("x",), "1", text="- beware")], 1.0)
    wrong, _ = weigh.warn(case, [Warned(("z",), "1", text="- beware")], 1.0)
    assert tokens == 2
    assert right == pytest.approx(2 * (5000 + 500) + wrong)
    assert wrong == pytest.approx(-cost(2, 10))
    assert weigh.warn(case, [], 1.0) == (0, 0)


def test_the_counted_list_prefers_the_frequent_and_the_latest_alone_the_recent() -> None:
    often, recent = Counted("often", 86400.0 * 5, words), Counted("recent", 0, words)
    for start, family in ((0.0, "a"), (10.0, "a"), (20.0, "b")):
        case = a_case(met=[family])
        case.session.start = case.session.end = start
        often.ended(case)
        recent.ended(case)
    now = a_case()
    now.session.start = 30.0
    assert [one.own for one in often.warn(now)] == ["a", "b"]
    assert [one.own for one in recent.warn(now)] == ["b", "a"]


def test_a_budget_is_kept_whatever_comes_first() -> None:
    assert within(["a b c", "d", "e"], words, budget=2) == "d\ne"
    assert within([], words) == ""


def test_the_search_finds_the_rare_word() -> None:
    ranked = Ranked()
    for text in ("the cart page", "the mail page", "the mail of the cartSearch"):
        ranked.add(text, text)
    assert ranked.find("search the page", 1)[0][0] == "the mail of the cartSearch"
    assert Ranked().find("anything", 3) == []
