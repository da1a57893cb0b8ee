"""Fit the weights by which decisions are judged on the tuning passages, and say how well they do on others.

    python bench/decide/fit.py --transcripts DIR [--write] [--features] [--misses]

Needs numpy and scikit-learn, which Holdfast itself does not: install them into an environment of their own.

Method. A passage has the features of `holdfast.learn.decisions.features`, standardised; a logistic regression
with a ridge penalty tells decisions from others. The figures come from fits without any passage of the same
transcript or commit. The thresholds, one a group of sources, are set by hand from those chances, so the
figures flatter a little.

``--write`` fits on everything and writes `src/holdfast/learn/decisions/weights.py`.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))

from bench.decide.cases import Case, load  # noqa: E402 - the loader lies beside this program
from bench.gate.fit import _module  # noqa: E402 - the same
from bench.gate.run import wilson  # noqa: E402 - the same

from holdfast.learn.decisions import asked, features, judge, sentences, wording  # noqa: E402

SETS = {"tune": 1.0, "frozen": 1.0, "own": 0.5}
"""The case files that are fitted on, with the weight of their cases; the first frozen half is spent."""
PENALTY = 0.05
"""Inverse strength of the ridge penalty."""
THRESHOLDS = {"said": 0.70, "told": 0.75, "stated": 0.60}
"""By group of sources (`features.GROUPS`): the chance from which on a passage is a decision. Set by hand from
the printed table, so that about .95 or more of what is found in tune and frozen is right."""
_STEPS = (0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)


@dataclass
class Cases:
    """Hold the cases as arrays, one row a case.

    Attributes:
        of_set: The case file of each.
        ruled: True where a passage states nothing that could be kept, whatever its chance.
        place: Cases with the same number stay in one fold.
        speaker: The group of sources of each.
    """

    cases: list[Case]
    names: list[str]
    x: Any
    wanted: Any
    weight: Any
    place: Any
    of_set: Any
    speaker: Any
    ruled: Any


def gather(transcripts: Path) -> Cases:
    """Read the tuning cases and measure them.

    Raises:
        OSError: A file cannot be read.
        ValueError: A real case's text is not the one that was labelled.
    """
    np = _module("numpy")
    named = [(name, case) for name in SETS for case in load(HERE / f"{name}.jsonl", transcripts)]
    cases = [case for _, case in named]
    measured = [measure(case) for case in cases]
    names = list(measured[0])
    places = {place: number for number, place in enumerate(dict.fromkeys(case.place for case in cases))}
    return Cases(
        cases=cases,
        names=names,
        x=np.array([[found[name] for name in names] for found in measured], dtype=float),
        wanted=np.array([case.label == "decision" for case in cases]),
        weight=np.array([SETS[name] for name, _ in named]),
        place=np.array([places[case.place] for case in cases]),
        of_set=np.array([name for name, _ in named]),
        speaker=np.array([features.group(case.kind) for case in cases]),
        ruled=np.array([not kept(case) for case in cases]),
    )


def kept(case: Case) -> bool:
    """Tell whether a case states anything that can be kept; what does not is refused unweighed."""
    found = [sentences.sort(sentence) for sentence in sentences.split(case.text)]
    question = case.question if asked.settles(case.question) else ""
    return judge.states_something(case.text, found, question=case.question) and bool(
        wording.word(case.text, found, question=question)
    )


def measure(case: Case) -> dict[str, float]:
    """Return the features of one case."""
    found = [sentences.sort(sentence) for sentence in sentences.split(case.text)]
    return features.measure(case.text, found, source=case.kind, question=case.question)


def fit(cases: Cases, rows: Any) -> Any:
    """Return a fitted pipeline of scaling and regression for the given rows."""
    model = _module("sklearn.pipeline").make_pipeline(
        _module("sklearn.preprocessing").StandardScaler(),
        _module("sklearn.linear_model").LogisticRegression(C=PENALTY, max_iter=5000),
    )
    return model.fit(cases.x[rows], cases.wanted[rows], logisticregression__sample_weight=cases.weight[rows])


def chances(cases: Cases, model: Any, rows: Any) -> Any:
    """Return the chance of a decision a row; 0 where there is nothing to keep."""
    chance = model.predict_proba(cases.x[rows])[:, 1]
    chance[cases.ruled[rows]] = 0
    return chance


def unseen(cases: Cases) -> Any:
    """Return the chance of each case by a fit without any case of its transcript or commit."""
    np = _module("numpy")
    rows = np.arange(len(cases.x))
    chance = np.zeros(len(rows))
    split = _module("sklearn.model_selection").LeaveOneGroupOut()
    for train, test in split.split(rows, cases.wanted, cases.place):
        chance[test] = chances(cases, fit(cases, train), test)
    return chance


def cross_validate(cases: Cases, *, misses: bool) -> None:
    """Print how many are right from each chance on, and the figures at `THRESHOLDS`."""
    np = _module("numpy")
    chance = unseen(cases)
    accepted = chance >= np.array([THRESHOLDS[speaker] for speaker in cases.speaker])
    scored = cases.of_set != "own"
    origins = np.array([case.origin for case in cases.cases])
    print("right/found from a chance on:")
    for speaker in features.GROUPS:
        for title, part in (
            ("tune+frozen", scored),
            ("real of them", scored & (origins == "real")),
            ("own", ~scored),
        ):
            part = part & (cases.speaker == speaker)
            found = [part & (chance >= step) for step in _STEPS]
            counts = [
                f"{step}:{int((one & cases.wanted).sum())}/{int(one.sum())}"
                for step, one in zip(_STEPS, found, strict=True)
            ]
            print(f"{speaker:<6} {title:<12} of {int((part & cases.wanted).sum()):<3} {' '.join(counts)}")
    kinds = np.array([case.kind for case in cases.cases])
    parts = {"scored": scored} | {name: cases.of_set == name for name in SETS}
    parts |= {name: scored & (origins == name) for name in ("real", "written")}
    parts |= {name: scored & (cases.speaker == name) for name in features.GROUPS}
    parts |= {kind: scored & (kinds == kind) for kind in features.SOURCES}
    for name, part in parts.items():
        hits = int((accepted & cases.wanted & part).sum())
        shares = []
        for what, whole in (("precision", accepted & part), ("recall", cases.wanted & part)):
            low, high = wilson(hits, int(whole.sum()))
            shares.append(f"{what} {hits / max(1, whole.sum()):.3f} [{low:.3f}, {high:.3f}]")
        print(f"{name:<9} n={int(part.sum()):<4} {'  '.join(shares)}")
    if misses:
        for row in np.argsort(-chance):
            if accepted[row] != cases.wanted[row]:
                case = cases.cases[row]
                print(f"{chance[row]:.2f} {case.label} {case.kind} {case.id} {case.text[:200]!r}")


def write(cases: Cases, path: Path, *, listed: bool) -> None:
    """Fit on every case and write the constants."""
    np = _module("numpy")
    rows = np.arange(len(cases.x))
    model = fit(cases, rows)
    scale, regression = model[0], model[-1]
    weights = regression.coef_[0] / scale.scale_
    bias = float(regression.intercept_[0] - weights @ scale.mean_)
    lines = [
        '"""Constants of the fitted model, written by ``bench/decide/fit.py``: refit, do not edit."""',
        "",
        "THRESHOLDS = {",
        *(f"    {json.dumps(name)}: {chance:.2f}," for name, chance in THRESHOLDS.items()),
        "}",
        '"""By group of sources: the chance from which on a passage is a decision."""',
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
    print(f"wrote {path.name}, {len(cases.names)} features")
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
        f"{len(cases.cases)} passages in {len(set(cases.place))} places, {int(cases.wanted.sum())} decisions"
    )
    if args.write:
        write(cases, HERE.parents[1] / "src/holdfast/learn/decisions/weights.py", listed=args.features)
    cross_validate(cases, misses=args.misses)


if __name__ == "__main__":
    main()
