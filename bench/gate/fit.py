"""Fit the weights of the learning gate on the tuning cases, and say honestly how well they do.

    python bench/gate/fit.py --transcripts DIR [--write] [--features]

Needs numpy and scikit-learn, which Holdfast itself does not: install them into an environment of their own.

Method. A text that breaks a rule (`holdfast.learn.gate.rules`) is refused and not fitted on. The others have
the features of `holdfast.learn.gate.features`, standardised. A refused case belongs to the criterion that its
label's reason speaks of (`criterion_of`). A multinomial logistic regression with a ridge penalty tells the
accepted from each criterion; cases of the second set, which are harder, count double.

Figures are from nested, grouped, stratified cross-validation: ten outer folds; the penalty is chosen in five
inner folds of the training part by average precision, and so is the threshold that keeps `RECALL`.
Cases of one transcript, and near duplicates, are in the same fold. Many of the features were thought of by
people who had seen the tuning cases, so even these figures flatter; only a frozen half does not.

``--write`` fits on everything and writes `src/holdfast/learn/gate/weights.py`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))

from bench.gate.cases import Case, load  # noqa: E402 - the loader lies beside this program
from bench.gate.run import wilson  # noqa: E402 - the same

from holdfast.learn.gate import features, likeness, rules  # noqa: E402
from holdfast.learn.gate.text import prepare  # noqa: E402

SETS = {"tune": 1.0, "frozen": 1.0, "tune-2": 2.0, "tune-3": 1.0}
"""The case files that are fitted on, with the weight of their cases; the first frozen half is spent."""
PENALTIES = (0.003, 0.01, 0.03)
"""Inverse strengths of the ridge penalty to choose from."""
RECALL = 0.70
"""The recall that the threshold keeps: below it precision is no longer bought with recall."""
CRITERIA = ("actionable", "validated", "specific", "unique")
_ALIKE = 0.5
_OUTER, _INNER = 10, 5
_REASONS = {
    "safe": "injection|unsafe|secret|harmful",
    "unique": "skill|prompt|generic|common knowledge|trivia|docs|restated|release notes|practice|record of"
    "|notification",
    "specific": "ephemera|fragment|vague|outside|template|placeholder|no content|keywords|without content"
    "|says nothing of this|nothing learned",
    "actionable": "plan|task|to-do|question|request|commit subject|tool output|log|diff|bare|heading|title"
    "|traceback|bump|help output|data|open item|list",
}
"""Words in a labeller's reason, by the criterion they speak of; what has none is "validated"."""


@dataclass
class Cases:
    """Hold the cases as arrays, one row a case.

    Attributes:
        names: The features, in the order of the columns of `x`.
        target: "accept" or the criterion that the refusal is for.
        ruled: True where a rule refuses the text.
        group: Cases with the same number stay in one fold.
    """

    names: list[str]
    x: Any
    target: Any
    weight: Any
    ruled: Any
    group: Any
    origin: Any
    of_set: Any


def criterion_of(case: Case) -> str:
    """Return "accept" or the criterion that the labeller's reason for a refusal speaks of."""
    if case.label == "accept":
        return "accept"
    why = case.why.lower()
    found = (name for name, keys in _REASONS.items() if any(key in why for key in keys.split("|")))
    return next(found, "validated")


def _module(name: str) -> Any:
    """Return a module of the fitting environment; exit and say how to get it when it is missing."""
    try:
        return import_module(name)
    except ModuleNotFoundError:
        sys.exit(f"{name} is missing. In an environment of its own: pip install scikit-learn -e .")


def gather(transcripts: Path) -> Cases:
    """Read the tuning cases and measure them.

    Raises:
        OSError: a file cannot be read.
        ValueError: a real case's text is not the one that was labelled.
    """
    np = _module("numpy")

    cases, sources, sets = [], [], []
    for name in SETS:
        path = HERE / f"{name}.jsonl"
        records = {record["id"]: record for record in map(json.loads, path.read_text("utf-8").splitlines())}
        for case in load(path, transcripts):
            cases.append(case)
            sources.append(_source(records[case.id]))
            sets.append(name)
    texts = [prepare(case.text) for case in cases]
    measured = [features.measure(text) for text in texts]
    names = list(measured[0])
    return Cases(
        names=names,
        x=np.array([[found[name] for name in names] for found in measured]),
        target=np.array([criterion_of(case) for case in cases]),
        weight=np.array([SETS[name] for name in sets]),
        ruled=np.array([bool(rules.broken(t, c.text)) for t, c in zip(texts, cases, strict=True)]),
        group=np.array(_groups([case.text for case in cases], sources)),
        origin=np.array([case.origin for case in cases]),
        of_set=np.array(sets),
    )


def _source(record: dict[str, Any]) -> str:
    """Return what cases must share to be kept together: a transcript, or one commit message."""
    source = record.get("source", record["id"])
    return f"{source}:{record['line']}" if "commits" in source else str(source)


def _groups(texts: list[str], sources: list[str]) -> list[int]:
    """Return a number a case; equal for cases of one source and for texts that are nearly alike."""
    group = list(range(len(texts)))
    words = [likeness.words(text) for text in texts]
    for one in range(len(texts)):
        for other in range(one):
            union = words[one] | words[other]
            alike = bool(union) and len(words[one] & words[other]) / len(union) > _ALIKE
            if alike or sources[one] == sources[other]:
                old, new = group[one], group[other]
                group = [new if number == old else number for number in group]
    return group


def fit(cases: Cases, rows: Any, penalty: float) -> Any:
    """Return a fitted pipeline of scaling and regression for the given rows."""
    rows = rows[~cases.ruled[rows] & (cases.target[rows] != "safe")]
    model = _module("sklearn.pipeline").make_pipeline(
        _module("sklearn.preprocessing").StandardScaler(),
        _module("sklearn.linear_model").LogisticRegression(C=penalty, max_iter=5000),
    )
    return model.fit(cases.x[rows], cases.target[rows], logisticregression__sample_weight=cases.weight[rows])


def chances(cases: Cases, model: Any, rows: Any) -> Any:
    """Return the chance of "accept" a row; 0 where a rule refuses."""
    chance = model.predict_proba(cases.x[rows])[:, list(model[-1].classes_).index("accept")]
    chance[cases.ruled[rows]] = 0
    return chance


def _folds(cases: Cases, rows: Any, number: int, seed: int) -> Iterator[tuple[Any, Any]]:

    split = _module("sklearn.model_selection").StratifiedGroupKFold(number, shuffle=True, random_state=seed)
    for train, test in split.split(rows, cases.target[rows] == "accept", cases.group[rows]):
        yield rows[train], rows[test]


def out_of_fold(cases: Cases, rows: Any, penalty: float, folds: int, seed: int) -> Any:
    """Return the chances of rows, each from a model that has not seen its group."""
    np = _module("numpy")

    found = np.zeros(len(cases.x))
    for train, test in _folds(cases, rows, folds, seed):
        found[test] = chances(cases, fit(cases, train, penalty), test)
    return found[rows]


def choose(cases: Cases, rows: Any, seed: int) -> tuple[float, float]:
    """Return the penalty with the best average precision, and the threshold that keeps `RECALL`."""
    np = _module("numpy")

    wanted = cases.target[rows] == "accept"
    tried = {penalty: out_of_fold(cases, rows, penalty, _INNER, seed) for penalty in PENALTIES}
    best = max(
        tried, key=lambda penalty: _module("sklearn.metrics").average_precision_score(wanted, tried[penalty])
    )
    return best, float(np.quantile(tried[best][wanted], 1 - RECALL))


def cross_validate(cases: Cases) -> None:
    """Print the figures of the nested cross-validation and the trade-off curve."""
    np = _module("numpy")

    rows = np.arange(len(cases.x))
    chance, accepted = np.zeros(len(rows)), np.zeros(len(rows), dtype=bool)
    for seed, (train, test) in enumerate(_folds(cases, rows, _OUTER, 0)):
        penalty, threshold = choose(cases, train, seed)
        chance[test] = chances(cases, fit(cases, train, penalty), test)
        accepted[test] = chance[test] >= threshold
        print(f"fold {seed}: penalty {penalty}, threshold {threshold:.2f}")
    wanted = cases.target == "accept"
    parts = {"all": wanted | True}
    parts |= {f"{name}": cases.of_set == name for name in SETS}
    parts |= {name: cases.origin == name for name in ("real", "written")}
    for name, part in parts.items():
        hits = int((accepted & wanted & part).sum())
        shares = []
        for what, whole in (("precision", accepted & part), ("recall", wanted & part)):
            low, high = wilson(hits, int(whole.sum()))
            shares.append(f"{what} {hits / max(1, whole.sum()):.3f} [{low:.3f}, {high:.3f}]")
        print(f"{name:<8} n={int(part.sum()):<4} {'  '.join(shares)}  {_curve(chance[part], wanted[part])}")


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
    """Fit on every case and write the constants of the gate."""
    np = _module("numpy")

    rows = np.arange(len(cases.x))
    penalty, threshold = choose(cases, rows, 0)
    model = fit(cases, rows, penalty)
    scale, regression = model[0], model[-1]
    order = list(regression.classes_)
    accept = order.index("accept")
    weights = np.array([(regression.coef_[accept] - regression.coef_[order.index(c)]) for c in CRITERIA])
    weights /= scale.scale_
    typical = cases.x[(cases.target == "accept") & ~cases.ruled].mean(0)
    bias = np.array([regression.intercept_[accept] - regression.intercept_[order.index(c)] for c in CRITERIA])
    bias += weights @ (typical - scale.mean_)
    lines = [
        '"""Constants of the fitted model, written by ``bench/gate/fit.py``: refit, do not edit."""',
        "",
        f"WEIGHED = {json.dumps(CRITERIA).replace('[', '(').replace(']', ')')}",
        '"""The criteria that are weighed, in the order of the numbers below."""',
        f"THRESHOLD = {threshold:.2f}",
        '"""A text is accepted from this chance of being a learning on."""',
        f"BIAS = ({', '.join(f'{value:.3f}' for value in bias)})",
        '"""Log-odds by criterion of a text with typical features."""',
        "WEIGHTS: dict[str, tuple[float, float, float, float, float]] = {",
    ]
    for index in np.argsort(cases.names):
        numbers = [typical[index], *weights[:, index]]
        lines.append(f'    "{cases.names[index]}": ({", ".join(f"{value:.3f}" for value in numbers)}),')
    lines += ["}", '"""By feature: its mean over learnings, then a weight for each criterion."""', ""]
    text = "\n".join(lines)
    path.write_text(text, encoding="utf-8")
    print(f"penalty {penalty}, threshold {threshold:.2f}; wrote {path.name}, {len(cases.names)} features")
    if listed:
        strength = np.abs(weights * scale.scale_[None, :]).max(0)
        for index in np.argsort(strength):
            print(f"{strength[index]:.2f} {int((cases.x[:, index] != 0).sum()):>4} {cases.names[index]}")


def main() -> None:
    """Cross-validate; with ``--write`` also fit on everything."""
    parser = argparse.ArgumentParser(description="Fit the weights of the learning gate.")
    parser.add_argument("--transcripts", type=Path, required=True, help="folder the real cases were cut from")
    parser.add_argument("--write", action="store_true", help="write the weights file")
    parser.add_argument("--features", action="store_true", help="list the features by strength")
    args = parser.parse_args()
    cases = gather(args.transcripts)
    ruled = cases.ruled
    print(
        f"{len(ruled)} cases in {len(set(cases.group))} groups; rules refuse {int(ruled.sum())},"
        f" {int((ruled & (cases.target == 'accept')).sum())} of them labelled accept"
    )
    if args.write:
        write(cases, HERE.parents[1] / "src/holdfast/learn/gate/weights.py", listed=args.features)
    cross_validate(cases)


if __name__ == "__main__":
    main()
