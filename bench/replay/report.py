"""Score every policy: values with n and intervals, differences to each baseline, as plain data."""

from __future__ import annotations

import re
import statistics
from collections.abc import Callable, Sequence
from typing import Any

from bench.replay import tracks as track
from bench.replay.past import Case
from bench.replay.policies import Answers
from bench.replay.scores import Row, Score, cost, difference, score

CHANCES = (0.1, 0.3, 0.5, 1.0)
"""Chances that telling helps, for which the net utility is told."""

Said = dict[str, dict[str, Answers]]


def scores_of(
    cases: Sequence[Case],
    said: Said,
    own: dict[str, set[str]],
    tracks: Sequence[str],
    tokens: Callable[[str], int],
) -> dict[str, Any]:
    """Return every score as plain data."""
    out: dict[str, Any] = {"sessions": len(cases)}
    names = [name for name in said if name != "shipped"]
    weigh = track.Costs(cases, tokens)
    if "warn" in tracks:
        out["warn"] = _warn(cases, said, own, names, weigh)
    if "files" in tracks:
        out["files"] = _files(cases, said, names, weigh)
    if "fix" in tracks:
        out["fix"] = _fix(cases, said, names, weigh)
    if "brief" in tracks:
        out["shipped"] = _shipped(cases, said, tokens, weigh, tracks)
    if {"warn", "files", "fix"} <= set(tracks):
        out["net"] = _together(cases, said, names, weigh)
    return out


def _compared(
    cases: Sequence[Case],
    said: Said,
    names: Sequence[str],
    count: Callable[[Sequence[Case], dict[str, Answers]], list[Row]],
    n: int | None = None,
    shuffled: Callable[[Sequence[Case], dict[str, Answers]], list[Row]] | None = None,
) -> dict[str, Any]:
    """Return a score of each policy and the shuffled control, and the product's difference to each."""
    rows = {name: count(cases, said[name]) for name in names}
    control = shuffled or (lambda those, what: track.swapped(those, what, count))
    rows["shuffled control"] = control(cases, said["holdfast"])
    ours = rows["holdfast"]
    out: dict[str, Any] = {"of": {name: _plain(score(those, n)) for name, those in rows.items()}}
    for repo in sorted({row.repo for row in ours}):
        part = _plain(score([row for row in ours if row.repo == repo]))
        out.setdefault("by repository", {})[repo] = part
    out["difference to"] = {
        name: _plain(difference(ours, those, n)) for name, those in rows.items() if name != "holdfast"
    }
    return out


def _plain(value: Score) -> dict[str, Any]:
    def short(one: float | None) -> float | None:
        return None if one is None else round(one, 4)

    return {
        "value": short(value.value),
        "interval": [short(value.low), short(value.high)],
        "over repositories": [short(value.wide_low), short(value.wide_high)],
        "n": value.n,
    }


def _warn(
    cases: Sequence[Case],
    said: Said,
    own: dict[str, set[str]],
    names: Sequence[str],
    weigh: track.Costs,
) -> dict[str, Any]:
    ours = said["holdfast"]
    told = track.told_chances(cases, ours, own)
    early = [
        one.own for case in cases for one in track.five(ours[case.name], decided=True) if one.sessions < 2
    ]
    return {
        "recall of 5": _compared(cases, said, names, track.warn_recall),
        "precision of 5": _compared(cases, said, names, track.warn_precision),
        "precision of 5, code failures too": _plain(score(track.warn_precision(cases, ours, any_class=True))),
        "as decided": {
            "recall": _plain(score(track.warn_recall(cases, ours, decided=True))),
            "precision": _plain(score(track.warn_precision(cases, ours, decided=True))),
            "shown a session": round(_mean(len(track.five(ours[c.name], True)) for c in cases), 2),
            "shown before a first repeat": len(early),
        },
        "calibration": None if told is None else {**told._asdict()},
        "Brier skill": _plain(score(track.skill_rows(cases, ours, own), told.n if told else 0)),
        "net": _net(cases, names, said, lambda case, a, e: weigh.warn(case, track.five(a, True), e)),
    }


def _files(cases: Sequence[Case], said: Said, names: Sequence[str], weigh: track.Costs) -> dict[str, Any]:
    n = sum(bool(case.gold["files"]) for case in cases)
    return {
        "R@5": _compared(cases, said, names, lambda c, s: track.file_rows(c, s, 5), n),
        "R@10": _compared(cases, said, names, lambda c, s: track.file_rows(c, s, 10), n),
        "P@5": _compared(cases, said, names, lambda c, s: track.file_precision(c, s, 5)),
        "net": _net(cases, names, said, lambda case, a, e: weigh.files(case, a.files[:5], e)),
    }


def _fix(cases: Sequence[Case], said: Said, names: Sequence[str], weigh: track.Costs) -> dict[str, Any]:
    return {
        "recall": _compared(
            cases,
            said,
            names,
            lambda c, s: track.fix_rows(c, s, track.known_fix),
            shuffled=track.swapped_fixes,
        ),
        "firing at others": {
            name: _plain(score(track.fired_rows(cases, said[name], track.other))) for name in names
        },
        "firing at novel": {
            name: _plain(score(track.fired_rows(cases, said[name], track.novel))) for name in names
        },
        "tokens where said": {
            name: _spread(
                [weigh.tokens(text) for c in cases for text in said[name][c.name].fixes.values() if text]
            )
            for name in names
        },
        "net": _net(cases, names, said, lambda case, a, e: weigh.fixes(case, a, e)),
    }


def _net(
    cases: Sequence[Case],
    names: Sequence[str],
    said: Said,
    weigh: Callable[[Case, Answers, float], tuple[float, int]],
) -> dict[str, Any]:
    """Return the net utility a session of each policy at each chance that telling helps."""
    return {
        name: {
            str(e): _plain(score([Row(c.session.repo, weigh(c, said[name][c.name], e)[0], 1) for c in cases]))
            for e in CHANCES
        }
        for name in names
    }


def _together(cases: Sequence[Case], said: Said, names: Sequence[str], weigh: track.Costs) -> dict[str, Any]:
    def all_of(case: Case, answers: Answers, e: float) -> tuple[float, int]:
        parts = (
            weigh.warn(case, track.five(answers, True), e),
            weigh.files(case, answers.files[:5], e),
            weigh.fixes(case, answers, e),
        )
        return sum(net for net, _ in parts), sum(tokens for _, tokens in parts)

    tokens = {name: _spread([all_of(case, said[name][case.name], 0)[1] for case in cases]) for name in names}
    return {"a session": _net(cases, names, said, all_of), "tokens a session": tokens}


def _shipped(
    cases: Sequence[Case],
    said: Said,
    tokens: Callable[[str], int],
    weigh: track.Costs,
    tracks: Sequence[str],
) -> dict[str, Any]:
    """Return the scores of the texts that are shipped, found in the texts themselves."""
    shipped = said["shipped"]
    starts = [tokens(shipped[case.name].start) for case in cases]
    prompts = [tokens(shipped[case.name].prompt) for case in cases if case.session.prompts]
    out: dict[str, Any] = {
        "start tokens": _spread(starts),
        "prompt tokens": _spread(prompts),
        "both together": _spread(
            [tokens(shipped[c.name].start) + tokens(shipped[c.name].prompt) for c in cases]
        ),
        "silent starts": f"{sum(not one for one in starts)} of {len(starts)}",
    }
    if "warn" in tracks:
        out["WARN recall"] = _plain(score(track.warn_recall(cases, shipped)))
        out["WARN precision"] = _plain(score(track.warn_precision(cases, shipped)))
        out["WARN net"] = _net(
            cases, ["shipped"], {"shipped": shipped}, lambda c, a, e: weigh.warn(c, a.warned, e)
        )["shipped"]
    if "files" in tracks:
        named = {
            case.name: Answers(files=_paths(shipped[case.name].prompt, said["holdfast"][case.name].files))
            for case in cases
        }
        n = sum(bool(case.gold["files"]) for case in cases)
        out["FILES recall"] = _plain(score(track.file_rows(cases, named, 10), n))
        out["FILES precision"] = _plain(score(track.file_precision(cases, named, 10)))
        out["FILES told a session"] = round(_mean(len(named[case.name].files) for case in cases), 2)
        out["FILES net"] = _net(
            cases, ["shipped"], {"shipped": named}, lambda c, a, e: weigh.files(c, a.files, e)
        )["shipped"]
    if "fix" in tracks:
        out["FIX recall"] = _plain(score(track.fix_rows(cases, shipped, track.known_fix)))
        out["FIX firing at others"] = _plain(score(track.fired_rows(cases, shipped, track.other)))
        out["FIX firing at novel"] = _plain(score(track.fired_rows(cases, shipped, track.novel)))
    if {"warn", "files", "fix"} <= set(tracks):
        out["net a session"] = _net(cases, ["shipped"], said, _shipped_whole(said, weigh))["shipped"]
    return out


def _shipped_whole(said: Said, weigh: track.Costs) -> Callable[[Case, Answers, float], tuple[float, int]]:
    """Return what weighs all the texts of a session: headings and all that stands in them are paid for."""

    def whole(case: Case, answers: Answers, e: float) -> tuple[float, int]:
        files = _paths(answers.prompt, said["holdfast"][case.name].files)
        told = weigh.tokens(answers.start) * bool(answers.start)
        told += weigh.tokens(answers.prompt) * bool(answers.prompt)
        warned, of_warned = weigh.warn(case, answers.warned, e)
        named, of_named = weigh.files(case, files, e)
        fixed, of_fixes = weigh.fixes(case, answers, e)
        calls = case.gold["calls"]
        saved = warned + cost(of_warned, calls) + named + cost(of_named, calls)
        return saved - cost(told, calls) + fixed, told + of_fixes

    return whole


def _paths(text: str, ranked: Sequence[str]) -> list[str]:
    """Return the files that a text names, one a line, in its order."""
    places = {path: re.search(rf"(?<![\w/.-]){re.escape(path)}(?![\w/.-])", text) for path in ranked}
    found = {path: place.start() for path, place in places.items() if place}
    return sorted(found, key=lambda path: found[path])


def _spread(values: Sequence[int]) -> dict[str, float]:
    if not values:
        return {"n": 0, "median": 0, "p90": 0, "most": 0, "sum": 0}
    ordered = sorted(values)
    return {
        "n": len(ordered),
        "median": statistics.median(ordered),
        "p90": ordered[min(int(0.9 * len(ordered)), len(ordered) - 1)],
        "most": ordered[-1],
        "sum": sum(ordered),
    }


def times(values: Sequence[float]) -> dict[str, float]:
    """Return the spread of seconds."""
    ordered = sorted(values)
    return {
        "n": len(ordered),
        "p50": round(statistics.median(ordered), 4),
        "p95": round(ordered[min(int(0.95 * len(ordered)), len(ordered) - 1)], 4),
        "sum": round(sum(ordered), 1),
    }


def _mean(values: Any) -> float:
    found = list(values)
    return sum(found) / len(found) if found else 0.0


def cases_text(cases: Sequence[Case], said: Said) -> list[dict[str, Any]]:
    """Return what the product said beside the gold, for reading; it quotes sessions, so it stays local."""
    out = []
    for case in cases:
        ours, shipped = said["holdfast"][case.name], said["shipped"][case.name]
        fixes = [
            {
                "command": case.told(failure).call.command[:200],
                "lines": [one.line[:160] for one in case.told(failure).found[:4]],
                "gold": [one["fix"] for one in failure["fix"]],
                "seen": failure["seen"],
                "said": ours.fixes.get(failure["id"], ""),
            }
            for failure in case.gold["failures"]
        ]
        out.append(
            {
                "file": case.name,
                "prompt": case.prompt[:600],
                "warn": {
                    "gold": case.gold["warn"]["family"],
                    "said": [(one.own, one.rate, one.pays, list(one.families)) for one in ours.warned[:8]],
                },
                "files": {"gold": case.gold["files"], "said": ours.files},
                "fixes": fixes,
                "shipped": {"start": shipped.start, "prompt": shipped.prompt},
            }
        )
    return out
