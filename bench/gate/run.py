"""Measure the learning gate on the labelled cases beside this file.

    python bench/gate/run.py [--transcripts DIR] [--frozen] [--misses]

Without ``--frozen`` it runs the sets that the weights were fitted on, one after the other: those figures
flatter (`fit.py` prints cross-validated ones). ``--frozen`` runs the second frozen half.

A case counts as accepted when the gate accepts its text alone: nothing is called proven, nothing is known.

- precision = accepted and labelled accept / accepted
- recall = accepted and labelled accept / labelled accept

Both with 95 % Wilson score intervals (Wilson 1927). Real cases need ``--transcripts``.
``--frozen`` checks FROZEN-2.sha256 first and prints totals alone; ``--misses`` (tuning sets only) lists what
the gate got wrong.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))

from bench.gate.cases import Case, load  # noqa: E402 - the loader lies beside this program

from holdfast.learn.gate import Verdict, judge  # noqa: E402

TUNING = ("tune", "frozen", "tune-2", "tune-3")
"""The sets that the gate was fitted on; the first frozen half is one of them since it was reported."""
FROZEN = "frozen-2"
_Z = 1.959964


@dataclass
class Figures:
    """Count the outcomes of a group of cases.

    Attributes:
        groups: The same counts by origin ("real", "written") and by kind; empty in those groups themselves.
        refused_by: Refusals by label and criterion, for instance ("accept", "specific").
        wrong: The cases that were judged otherwise than labelled, with the verdict.
    """

    tp: int = 0
    fp: int = 0
    fn: int = 0
    tn: int = 0
    groups: dict[str, Figures] = field(default_factory=dict)
    refused_by: Counter[tuple[str, str]] = field(default_factory=Counter)
    wrong: list[tuple[Case, Verdict]] = field(default_factory=list)

    @property
    def n(self) -> int:
        """Return the number of cases."""
        return self.tp + self.fp + self.fn + self.tn

    @property
    def precision(self) -> float:
        """Return the share of what was accepted that is labelled so; 0 when nothing was accepted."""
        return self.tp / (self.tp + self.fp) if self.tp + self.fp else 0.0

    @property
    def recall(self) -> float:
        """Return the share of what is labelled accept that was accepted; 0 when nothing is."""
        return self.tp / (self.tp + self.fn) if self.tp + self.fn else 0.0

    def add(self, case: Case, verdict: Verdict) -> None:
        """Count one case."""
        wanted = case.label == "accept"
        self.tp += wanted and verdict.accepted
        self.fp += not wanted and verdict.accepted
        self.fn += wanted and not verdict.accepted
        self.tn += not wanted and not verdict.accepted
        if not verdict.accepted:
            self.refused_by[case.label, verdict.criterion] += 1
        if wanted != verdict.accepted:
            self.wrong.append((case, verdict))


def measure(path: Path, transcripts: Path | None) -> Figures:
    """Judge every case of a file.

    Args:
        path: the case file.
        transcripts: the folder the real cases were cut from; None leaves them out.

    Raises:
        OSError: a file cannot be read.
        ValueError: a real case's text is not the one that was labelled.
    """
    figures = Figures()
    for case in load(path, transcripts):
        verdict = judge(case.text, kind=case.kind)
        for part in (
            figures,
            *(figures.groups.setdefault(name, Figures()) for name in (case.origin, case.kind)),
        ):
            part.add(case, verdict)
    return figures


def wilson(part: int, whole: int) -> tuple[float, float]:
    """Return the 95 % Wilson score interval of a share; (0, 1) when there is nothing to share."""
    if not whole:
        return 0.0, 1.0
    share, spread = part / whole, _Z * _Z / whole
    centre = (share + spread / 2) / (1 + spread)
    half = _Z / (1 + spread) * (share * (1 - share) / whole + spread / (4 * whole)) ** 0.5
    return max(0.0, centre - half), min(1.0, centre + half)


def report(title: str, figures: Figures) -> None:
    """Print the figures of one group."""
    shares = []
    for name, whole in (("precision", figures.tp + figures.fp), ("recall", figures.tp + figures.fn)):
        low, high = wilson(figures.tp, whole)
        shares.append(f"{name}={figures.tp / whole:.3f} [{low:.3f}, {high:.3f}]" if whole else f"{name}=-")
    print(
        f"{title:<18} n={figures.n:<4} tp={figures.tp:<3} fp={figures.fp:<3} fn={figures.fn:<3} "
        f"tn={figures.tn:<3} {'  '.join(shares)}"
    )


def check_frozen(path: Path) -> None:
    """Exit unless the frozen cases are the ones that were pinned."""
    pinned = (HERE / "FROZEN-2.sha256").read_text(encoding="utf-8").split()[0]
    if hashlib.sha256(path.read_bytes()).hexdigest() != pinned:
        sys.exit(
            f"{path.name} is not the file that FROZEN-2.sha256 pins. Restore it: git checkout -- {path.name}"
        )


def main() -> None:
    """Run the chosen sets and print their figures by origin, by kind and together."""
    parser = argparse.ArgumentParser(description="Measure the learning gate on labelled cases.")
    parser.add_argument("--transcripts", type=Path, help="folder the real cases were cut from")
    parser.add_argument("--frozen", action="store_true", help="the reporting half: totals only")
    parser.add_argument("--misses", action="store_true", help="list misjudged cases of the tuning sets")
    args = parser.parse_args()
    if args.frozen:
        check_frozen(HERE / f"{FROZEN}.jsonl")
    for name in (FROZEN,) if args.frozen else TUNING:
        figures = measure(HERE / f"{name}.jsonl", args.transcripts)
        show(name, figures)
        if args.misses and not args.frozen:
            list_misses(figures)


def show(name: str, figures: Figures) -> None:
    """Print the figures of one set."""
    for group, part in sorted(figures.groups.items()):
        report(f"{name} {group}", part)
    report(f"{name} all", figures)
    for label in ("reject", "accept"):
        counts = [f"{c} {n}" for (of, c), n in figures.refused_by.most_common() if of == label]
        print(f"refused, labelled {label}: {', '.join(counts) or 'none'}")


def list_misses(figures: Figures) -> None:
    """Print the cases that were judged otherwise than labelled."""
    for case, verdict in figures.wrong:
        said = f"refused, {verdict.criterion}: {verdict.reason}" if verdict.criterion else "accepted"
        print(f"--- {case.id} ({case.why}): {said}\n{case.text}")


if __name__ == "__main__":
    main()
