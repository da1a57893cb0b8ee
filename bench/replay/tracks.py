"""Turn what policies said into scores, track by track."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from typing import Any

from bench.replay.past import Case
from bench.replay.policies import WARNED, Answers, Warned
from bench.replay.scores import Calibration, Row, calibration, cost, spared, step

FILE_STEPS = 1
"""Exploratory calls that a file named in time is taken to save."""
LINE = 3
"""Tokens of a path's bullet and line end, for the policies that ship no text."""

Said = dict[str, Answers]
"""What a policy said, by session."""


def met(case: Case) -> set[str]:
    """Return the families, of whatever class, that failed in a session."""
    return {family for failure in case.gold["failures"] for family in failure["families"]}


def hit(warned: Sequence[Warned], gold: Sequence[str]) -> set[str]:
    """Return the families of the gold that warnings were about."""
    return {family for one in warned for family in one.families} & set(gold)


def warn_recall(cases: Sequence[Case], said: Said, *, decided: bool = False) -> list[Row]:
    """Return how many of the repeats the first five warnings were about."""
    rows = []
    for case in cases:
        gold = case.gold["warn"]["family"]
        rows.append(Row(case.session.repo, len(hit(five(said[case.name], decided), gold)), len(gold)))
    return rows


def five(answers: Answers, decided: bool) -> list[Warned]:
    """Return the first five warnings: all, or only those that the policy itself would give."""
    return [one for one in answers.warned if one.pays or not decided][:WARNED]


def warn_precision(
    cases: Sequence[Case], said: Said, *, decided: bool = False, any_class: bool = False
) -> list[Row]:
    """Return how many of the warnings given came true in the session."""
    rows = []
    for case in cases:
        given = five(said[case.name], decided)
        true = met(case) if any_class else set(case.gold["met"])
        right = sum(bool(set(one.families) & true) for one in given)
        rows.append(Row(case.session.repo, right, len(given)))
    return rows


def told_chances(cases: Sequence[Case], said: Said, own: dict[str, set[str]]) -> Calibration | None:
    """Return how the chances of all warnings compare with what failed, by the policy's own names."""
    return calibration(
        [
            (one.rate, one.own in own[case.name])
            for case in cases
            for one in said[case.name].warned
            if one.rate is not None
        ]
    )


def skill_rows(cases: Sequence[Case], said: Said, own: dict[str, set[str]]) -> list[Row]:
    """Return the Brier skill above the base rate as a ratio: what was gained on it, over what it errs by."""
    told = told_chances(cases, said, own)
    base = told.base if told else 0.0
    rows = []
    for case in cases:
        pairs = [(o.rate, o.own in own[case.name]) for o in said[case.name].warned if o.rate is not None]
        errs = sum((base - came) ** 2 for _, came in pairs)
        rows.append(Row(case.session.repo, errs - sum((p - came) ** 2 for p, came in pairs), errs))
    return rows


def file_rows(cases: Sequence[Case], said: Said, k: int) -> list[Row]:
    """Return recall at k of the files, for each session that has some."""
    rows = []
    for case in cases:
        gold = set(case.gold["files"])
        if gold:
            right = len(gold & set(said[case.name].files[:k]))
            rows.append(Row(case.session.repo, right / len(gold), 1))
        else:
            rows.append(Row(case.session.repo, 0, 0))
    return rows


def file_precision(cases: Sequence[Case], said: Said, k: int) -> list[Row]:
    """Return how many of the first k files named were edited, in every session with a prompt."""
    return [
        Row(
            case.session.repo,
            len(set(case.gold["edited"]) & set(said[case.name].files[:k])),
            len(said[case.name].files[:k]),
        )
        for case in cases
    ]


def holds(text: str, mark: str) -> bool:
    """Tell whether a text tells a fix of the gold."""
    kind, _, body = mark.partition(":")
    if not text:
        return False
    flat = " ".join(text.split())
    if kind == "command":
        return all(word in flat for word in body.split())
    if kind == "path":
        return "/".join(body.split("/")[-2:]) in flat
    return " ".join(body.split()) in flat


def fix_rows(cases: Sequence[Case], said: Said, pick: Callable[[dict[str, Any]], bool]) -> list[Row]:
    """Return how many of the chosen failures with a known fix were answered with it."""
    rows = []
    for case in cases:
        those = [failure for failure in case.gold["failures"] if pick(failure)]
        right = sum(
            any(holds(said[case.name].fixes.get(failure["id"], ""), fix["fix"]) for fix in failure["fix"])
            for failure in those
        )
        rows.append(Row(case.session.repo, right, len(those)))
    return rows


def fired_rows(cases: Sequence[Case], said: Said, pick: Callable[[dict[str, Any]], bool]) -> list[Row]:
    """Return at how many of the chosen failures anything was said."""
    rows = []
    for case in cases:
        those = [failure for failure in case.gold["failures"] if pick(failure)]
        fired = sum(bool(said[case.name].fixes.get(failure["id"], "")) for failure in those)
        rows.append(Row(case.session.repo, fired, len(those)))
    return rows


def known_fix(failure: dict[str, Any]) -> bool:
    """Tell whether the gold has a fix for a failure."""
    return bool(failure["fix"])


def other(failure: dict[str, Any]) -> bool:
    """Tell whether it has none."""
    return not failure["fix"]


def novel(failure: dict[str, Any]) -> bool:
    """Tell whether nothing like a failure was met before."""
    return bool(failure["novel"])


class Costs:
    """Weigh what was said in a session by what it cost and what it may have saved.

    In tokens of input. A warning that came true saves the calls that its failure took to be resolved, a fix
    the same, a file named and edited one exploratory call; each with chance e that telling helps at all.
    """

    def __init__(self, cases: Sequence[Case], tokens: Callable[[str], int]) -> None:
        self.tokens = tokens
        known = [case.gold["context"] for case in cases if case.gold["context"]]
        self.context = statistics.median(known) if known else 95_000
        told = [case.gold["written"] for case in cases if case.gold["written"]]
        self.written = statistics.median(told) if told else 300

    def _of(self, case: Case, failure: dict[str, Any] | None = None) -> tuple[float, float]:
        context = (failure or {}).get("context") or case.gold["context"] or self.context
        return context, case.gold["written"] or self.written

    def warn(self, case: Case, given: Sequence[Warned], e: float) -> tuple[float, int]:
        """Return what warnings were worth, net, and their tokens."""
        tokens = self.tokens("\n".join(one.text for one in given)) if given else 0
        saved = 0.0
        for family in hit(given, case.gold["met"]):
            first = next(one for one in case.gold["failures"] if family in one["families"])
            saved += spared(first["steps"], *self._of(case, first))
        return e * saved - cost(tokens, case.gold["calls"]), tokens

    def files(self, case: Case, given: Sequence[str], e: float) -> tuple[float, int]:
        """Return what files named were worth, net, and their tokens."""
        tokens = self.tokens("\n".join(f"- {path}" for path in given)) if given else 0
        right = len(set(given) & set(case.gold["edited"]))
        saved = FILE_STEPS * right * step(*self._of(case))
        return e * saved - cost(tokens, case.gold["calls"]), tokens

    def fixes(self, case: Case, answers: Answers, e: float) -> tuple[float, int]:
        """Return what the fixes told were worth, net, and their tokens."""
        net, total = 0.0, 0
        for failure in case.gold["failures"]:
            text = answers.fixes.get(failure["id"], "")
            if not text:
                continue
            tokens = self.tokens(text)
            total += tokens
            net -= cost(tokens, failure["left"])
            if any(holds(text, fix["fix"]) for fix in failure["fix"]):
                net += e * spared(failure["steps"], *self._of(case, failure))
        return net, total


def swapped(
    cases: Sequence[Case], said: Said, count: Callable[[Sequence[Case], Said], list[Row]]
) -> list[Row]:
    """Return a score under the shuffled control: the mean over the texts of all other sessions.

    Each session is judged by what was said in every other one of its repository in turn, so the control has
    no luck of one shuffle in it. What is said at a failure is judged by `swapped_fixes`.
    """
    rows = []
    for case in cases:
        others = [one for one in cases if one.session.repo == case.session.repo and one is not case]
        found = [count([case], {case.name: said[other.name]})[0] for other in others]
        if found:
            rows.append(Row(case.session.repo, _mean(r.top for r in found), _mean(r.bottom for r in found)))
        else:
            rows.append(Row(case.session.repo, 0, count([case], said)[0].bottom))
    return rows


def swapped_fixes(cases: Sequence[Case], said: Said) -> list[Row]:
    """Return the recall of fixes when each failure is answered with the text of every other one in turn."""
    texts = {
        case.name: [(case.name, said[case.name].fixes.get(f["id"], "")) for f in case.gold["failures"]]
        for case in cases
    }
    rows = []
    for case in cases:
        others = [
            text
            for one in cases
            if one.session.repo == case.session.repo and one is not case
            for _, text in texts[one.name]
        ]
        those = [failure for failure in case.gold["failures"] if failure["fix"]]
        right = sum(
            _mean(float(any(holds(text, fix["fix"]) for fix in failure["fix"])) for text in others)
            for failure in those
        )
        rows.append(Row(case.session.repo, right, len(those)))
    return rows


def _mean(values: Any) -> float:
    found = list(values)
    return sum(found) / len(found) if found else 0.0
