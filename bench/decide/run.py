"""Measure the judging of decisions on the labelled passages beside this file.

    python bench/decide/run.py [--transcripts DIR] [--frozen | --spent] [--misses]

Without ``--frozen`` it runs the tuning half, and with ``--spent`` the first frozen half, both of which the
weights were fitted on: those figures flatter (`fit.py` prints cross-validated ones). ``--frozen`` runs the
second frozen set: it checks FROZEN-2.sha256 first and prints totals alone; it is run once.

A passage counts as found when `judge_decision` returns a decision for its text and its question alone.

- precision = found and labelled decision / found
- recall = found and labelled decision / labelled decision

Both with 95 % Wilson score intervals (Wilson 1927). Real passages need ``--transcripts``. ``--misses``
(not of the frozen set) lists what was misjudged.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))

from bench.decide.cases import Case, load  # noqa: E402 - the loader lies beside this program
from bench.gate.run import wilson  # noqa: E402 - the same

from holdfast.learn.decisions import judge_decision  # noqa: E402
from holdfast.learn.decisions.features import group  # noqa: E402


@dataclass
class Figures:
    """Count the outcomes of a group of cases; ``wrong`` holds the misjudged ones."""

    tp: int = 0
    fp: int = 0
    fn: int = 0
    tn: int = 0
    wrong: list[Case] = field(default_factory=list)

    def add(self, case: Case, *, found: bool) -> None:
        """Count one case."""
        wanted = case.label == "decision"
        self.tp += wanted and found
        self.fp += not wanted and found
        self.fn += wanted and not found
        self.tn += not wanted and not found
        if wanted != found:
            self.wrong.append(case)

    def report(self, title: str) -> None:
        """Print the figures of this group."""
        shares = []
        for name, whole in (("precision", self.tp + self.fp), ("recall", self.tp + self.fn)):
            low, high = wilson(self.tp, whole)
            shares.append(f"{name}={self.tp / whole:.3f} [{low:.3f}, {high:.3f}]" if whole else f"{name}=-")
        number = self.tp + self.fp + self.fn + self.tn
        counts = f"tp={self.tp:<3} fp={self.fp:<3} fn={self.fn:<3} tn={self.tn:<3}"
        print(f"{title:<10} n={number:<4} {counts}  {'  '.join(shares)}")


def measure(path: Path, transcripts: Path | None) -> dict[str, Figures]:
    """Judge every case of a file; return the figures of all, by origin, by group of sources and by source.

    Raises:
        OSError: A file cannot be read.
        ValueError: A real case's text is not the one that was labelled.
    """
    figures: dict[str, Figures] = {"all": Figures()}
    for case in load(path, transcripts):
        judged = judge_decision(case.text, source=case.kind, question=case.question, context=case.context)
        for name in ("all", case.origin, group(case.kind), case.kind):
            figures.setdefault(name, Figures()).add(case, found=judged is not None)
    return figures


def check_frozen(path: Path, pin: str) -> None:
    """Exit unless the frozen cases are the ones that were pinned in the file ``pin``."""
    pinned = (HERE / pin).read_text(encoding="utf-8").split()[0]
    if hashlib.sha256(path.read_bytes()).hexdigest() != pinned:
        sys.exit(f"{path.name} is not the file that {pin} pins. Restore it: git checkout -- {path.name}")


def main() -> None:
    """Run a half and print its figures by origin, by source and together."""
    parser = argparse.ArgumentParser(description="Measure the judging of decisions on labelled passages.")
    parser.add_argument("--transcripts", type=Path, help="folder the real cases were cut from")
    half = parser.add_mutually_exclusive_group()
    half.add_argument("--frozen", action="store_true", help="the reporting set: totals only")
    half.add_argument("--spent", action="store_true", help="the first frozen half, since fitted on")
    parser.add_argument("--misses", action="store_true", help="list the misjudged cases; not with --frozen")
    args = parser.parse_args()
    path = HERE / ("frozen-2.jsonl" if args.frozen else "frozen.jsonl" if args.spent else "tune.jsonl")
    if args.frozen:
        check_frozen(path, "FROZEN-2.sha256")
    figures = measure(path, args.transcripts)
    for name, part in figures.items():
        part.report(name)
    if args.misses and not args.frozen:
        for case in figures["all"].wrong:
            print(f"--- {case.id} {case.kind}, labelled {case.label} ({case.why})\n{case.text}")


if __name__ == "__main__":
    main()
