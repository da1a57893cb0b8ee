"""Fit the weights by which decisions are judged on the tuning passages, and say how well they do on others.

    python bench/decide/fit.py --transcripts DIR [--write] [--features] [--misses]

Needs numpy and scikit-learn, which Holdfast itself does not: install them into an environment of their own.

Method. A passage has the features of `holdfast.learn.decisions.features`, standardised; a logistic regression
with a ridge penalty tells decisions from others. Figures are from nested, grouped, stratified
cross-validation as in `bench/gate/fit.py`: ten outer folds; in five inner folds of the training part the
threshold is chosen as the lowest that keeps `PRECISION`. Passages of one transcript or commit are in the same
fold. The features were thought of with the tuning passages in sight, so the figures flatter.

``--write`` fits on everything and writes `src/holdfast/learn/decisions/weights.py`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))

from bench.decide.cases import Case, load  # noqa: E402 - the loader lies beside this program
from bench.gate.fit import _module  # noqa: E402 - the same
from bench.gate.run import wilson  # noqa: E402 - the same

from holdfast.learn.decisions import features, sentences  # noqa: E402
from holdfast.learn.decisions.judge import states_something  # noqa: E402

SETS = {"tune": 1.0, "own": 0.5}
"""The case files that are fitted on, with the weight of their cases; only `tune` is scored."""
PENALTIES = (0.05,)
"""Inverse strengths of the ridge penalty to choose from: one, as the choice among several was a toss."""
PRECISION = 0.96
"""The precision that the threshold keeps on passages that were not fitted on."""
MARGIN = 0.1
"""What is added to that threshold: the features were thought of with the tuning passages in sight."""
_OUTER, _INNER = 10, 5


@dataclass
class Cases:
    """Hold the cases as arrays, one row a case.

    Attributes:
        scored: True for the cases that the figures are of.
        ruled: True where a passage has nothing in it to weigh.
    """

    cases: list[Case]
    names: list[str]
    x: Any
    wanted: Any
    weight: Any
    group: Any
    scored: Any
    ruled: Any


def gather(transcripts: Path) -> Cases:
    """Read the tuning cases and measure them.

    Raises:
        OSError: A file cannot be read.
        ValueError: A real case's text is not the one that was labelled.
    """
    np = _module("numpy")
    cases, weight, scored = [], [], []
    for name, worth in SETS.items():
        path = HERE / f"{name}.jsonl"
        for case in load(path, transcripts) if path.exists() else ():
            cases.append(case)
            weight.append(worth)
            scored.append(name == "tune")
    measured = [measure(case) for case in cases]
    names = list(measured[0])
    places = {place: number for number, place in enumerate(dict.fromkeys(case.place for case in cases))}
    return Cases(
        cases=cases,
        names=names,
        x=np.array([[found[name] for name in names] for found in measured]),
        wanted=np.array([case.label == "decision" for case in cases]),
        weight=np.array(weight),
        group=np.array([places[case.place] for case in cases]),
        scored=np.array(scored),
        ruled=np.array([not kept(case) for case in cases]),
    )


def kept(case: Case) -> bool:
    """Tell whether a case says anything at all; what does not is refused unweighed."""
    found = [sentences.sort(sentence) for sentence in sentences.split(case.text)]
    return states_something(case.text, found, source=case.kind, question=case.question)


def measure(case: Case) -> dict[str, float]:
    """Return the features of one case."""
    found = [sentences.sort(sentence) for sentence in sentences.split(case.text)]
    return features.measure(case.text, found, source=case.kind, question=case.question)


def fit(cases: Cases, rows: Any, penalty: float) -> Any:
    """Return a fitted pipeline of scaling and regression for the given rows."""
    rows = rows[~cases.ruled[rows]]
    model = _module("sklearn.pipeline").make_pipeline(
        _module("sklearn.preprocessing").StandardScaler(),
        _module("sklearn.linear_model").LogisticRegression(C=penalty, max_iter=5000),
    )
    return model.fit(cases.x[rows], cases.wanted[rows], logisticregression__sample_weight=cases.weight[rows])


def chances(cases: Cases, model: Any, rows: Any) -> Any:
    """Return the chance of a decision a row; 0 where there is nothing to weigh."""
    chance = model.predict_proba(cases.x[rows])[:, 1]
    chance[cases.ruled[rows]] = 0
    return chance


def _folds(cases: Cases, rows: Any, number: int, seed: int) -> Iterator[tuple[Any, Any]]:
    split = _module("sklearn.model_selection").StratifiedGroupKFold(number, shuffle=True, random_state=seed)
    for train, test in split.split(rows, cases.wanted[rows], cases.group[rows]):
        yield rows[train], rows[test]


def choose(cases: Cases, rows: Any, seed: int) -> tuple[float, float]:
    """Return the best penalty by average precision, and the threshold for `PRECISION` and `MARGIN`."""
    np = _module("numpy")
    wanted, scored = cases.wanted[rows], cases.scored[rows]
    tried = {}
    for penalty in PENALTIES:
        chance = np.zeros(len(cases.x))
        for train, test in _folds(cases, rows, _INNER, seed):
            chance[test] = chances(cases, fit(cases, train, penalty), test)
        tried[penalty] = chance[rows]
    average = _module("sklearn.metrics").average_precision_score
    best = max(tried, key=lambda penalty: average(wanted[scored], tried[penalty][scored]))
    return best, min(0.9, _threshold(tried[best][scored], wanted[scored]) + MARGIN)


def _threshold(chance: Any, wanted: Any) -> float:
    """Return the lowest chance from which on the share of decisions is `PRECISION`."""
    np = _module("numpy")
    order = np.argsort(-chance, kind="stable")
    precision = np.cumsum(wanted[order]) / np.arange(1, len(order) + 1)
    kept = np.flatnonzero(precision >= PRECISION)
    return float(chance[order][kept[-1]]) if len(kept) else 1.0


def cross_validate(cases: Cases, *, misses: bool) -> None:
    """Print the figures of the nested cross-validation and the trade-off curve."""
    np = _module("numpy")
    rows = np.arange(len(cases.x))
    chance, accepted = np.zeros(len(rows)), np.zeros(len(rows), dtype=bool)
    for seed, (train, test) in enumerate(_folds(cases, rows, _OUTER, 0)):
        penalty, threshold = choose(cases, train, seed)
        chance[test] = chances(cases, fit(cases, train, penalty), test)
        accepted[test] = chance[test] >= threshold
    kinds = np.array([case.kind for case in cases.cases])
    origins = np.array([case.origin for case in cases.cases])
    parts = {"all": cases.scored} | {name: cases.scored & (origins == name) for name in ("real", "written")}
    parts |= {kind: cases.scored & (kinds == kind) for kind in features.SOURCES}
    for name, part in parts.items():
        hits = int((accepted & cases.wanted & part).sum())
        shares = []
        for what, whole in (("precision", accepted & part), ("recall", cases.wanted & part)):
            low, high = wilson(hits, int(whole.sum()))
            shares.append(f"{what} {hits / max(1, whole.sum()):.3f} [{low:.3f}, {high:.3f}]")
        curve = _curve(chance[part], cases.wanted[part]) if name in ("all", "real", "written") else ""
        print(f"{name:<9} n={int(part.sum()):<4} {'  '.join(shares)}  {curve}")
    if misses:
        for row in np.argsort(-chance):
            if cases.scored[row] and accepted[row] != cases.wanted[row]:
                case = cases.cases[row]
                sorts = ",".join(sentences.sort(part).sort for part in sentences.split(case.text))
                print(f"{chance[row]:.2f} {case.label} {case.kind} {case.id} [{sorts}] {case.text[:150]!r}")


def _curve(chance: Any, wanted: Any) -> str:
    """Return the precision at several recalls."""
    np = _module("numpy")
    order = np.argsort(-chance, kind="stable")
    hits = np.cumsum(wanted[order])
    found = []
    for recall in (0.4, 0.5, 0.6, 0.7, 0.8, 0.9):
        at = int(np.searchsorted(hits, recall * wanted.sum()))
        found.append(f"{hits[at] / (at + 1):.3f}@{recall}")
    return "precision@recall " + " ".join(found)


def write(cases: Cases, path: Path, *, listed: bool) -> None:
    """Fit on every case and write the constants."""
    np = _module("numpy")
    penalty, threshold = choose(cases, np.arange(len(cases.x)), 0)
    model = fit(cases, np.arange(len(cases.x)), penalty)
    scale, regression = model[0], model[-1]
    weights = regression.coef_[0] / scale.scale_
    bias = float(regression.intercept_[0] - weights @ scale.mean_)
    lines = [
        '"""Constants of the fitted model, written by ``bench/decide/fit.py``: refit, do not edit."""',
        "",
        f"THRESHOLD = {threshold:.2f}",
        '"""A passage is a decision from this chance on."""',
        f"BIAS = {bias:.3f}",
        '"""Log-odds of a passage of which every feature is 0."""',
        "WEIGHTS: dict[str, float] = {",
        *(
            f"    {json.dumps(cases.names[index])}: {weights[index]:.3f},"
            for index in np.argsort(cases.names)
        ),
        "}",
        '"""By feature: what one more of it adds to the log-odds."""',
        "",
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
    print(f"penalty {penalty}, threshold {threshold:.2f}; wrote {path.name}, {len(cases.names)} features")
    if listed:
        for index in np.argsort(np.abs(regression.coef_[0])):
            met = int((cases.x[:, index] != 0).sum())
            print(f"{regression.coef_[0][index]:+.2f} {met:>4} {cases.names[index]}")


def main() -> None:
    """Cross-validate; with ``--write`` also fit on everything."""
    parser = argparse.ArgumentParser(description="Fit the weights by which decisions are judged.")
    parser.add_argument("--transcripts", type=Path, required=True, help="folder the real cases were cut from")
    parser.add_argument("--write", action="store_true", help="write the weights file")
    parser.add_argument("--features", action="store_true", help="list the features by strength")
    parser.add_argument("--misses", action="store_true", help="list the misjudged passages")
    args = parser.parse_args()
    cases = gather(args.transcripts)
    print(
        f"{len(cases.cases)} passages in {len(set(cases.group))} groups, {int(cases.wanted.sum())} decisions"
    )
    if args.write:
        write(cases, HERE.parents[1] / "src/holdfast/learn/decisions/weights.py", listed=args.features)
    cross_validate(cases, misses=args.misses)


if __name__ == "__main__":
    main()
