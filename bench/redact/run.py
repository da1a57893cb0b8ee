"""Measure what redaction removes and what it spares, on the labelled cases beside this file.

    python bench/redact/run.py [--transcripts DIR] [--frozen] [--misses]

What is counted:

- *tp*: a labelled secret gone entirely: every character of every place where it stands in the text is covered
  by a finding. Partly covered counts as *fn*.
- *fn*: a labelled secret of which anything survived.
- *fp*: a ``keep`` string that no longer occurs in the redacted text as often as it did. A case without
  secrets is a hard negative: its one ``keep`` is the whole text, so any change to it is a false positive.
- *tn*: a ``keep`` string that came through.
- recall = tp / (tp + fn); precision = tp / (tp + fp).
- negatives kept = hard negatives unchanged / hard negatives.

Cases written for the set and cases cut from real transcripts are reported apart; the latter need
``--transcripts``. ``--frozen`` checks FROZEN.sha256 and then prints totals alone. ``--misses`` (tuning half
only) lists what failed.

The one run on the frozen half, with the rules as they stood before it (nothing was changed in answer to it)::

    frozen real     n=153  tp=83   fn=0  fp=2  tn=194  recall=1.0000  precision=0.9765
    frozen written  n=134  tp=103  fn=1  fp=1  tn=153  recall=0.9904  precision=0.9904
    frozen all      n=287  tp=186  fn=1  fp=3  tn=347  recall=0.9947  precision=0.9841
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))

from bench.redact.cases import Case, load  # noqa: E402 - the loader lies beside this program

from holdfast.learn.redact import Finding, redact_findings  # noqa: E402


def is_covered(text: str, secret: str, findings: list[Finding]) -> bool:
    """Say whether findings cover each place of a secret entirely."""
    hidden = bytearray(len(text))
    for finding in findings:
        hidden[finding.start : finding.end] = b"\x01" * (finding.end - finding.start)
    at = text.find(secret)
    while at >= 0:
        if not all(hidden[at : at + len(secret)]):
            return False
        at = text.find(secret, at + 1)
    return True


def judge(case: Case, *, tell: bool) -> Counter[str]:
    """Count the outcomes of one case; ``tell`` prints the failures."""
    clean, findings = redact_findings(case.text)
    counts: Counter[str] = Counter(cases=1)
    missed = [s for s in case.secrets if not is_covered(case.text, s, findings)]
    spoilt = [k for k in case.keep if clean.count(k) < max(1, case.text.count(k))]
    counts.update(
        fn=len(missed), tp=len(case.secrets) - len(missed), fp=len(spoilt), tn=len(case.keep) - len(spoilt)
    )
    if not case.secrets:
        counts.update(negatives=1, negatives_kept=int(clean == case.text))
    if tell and (missed or spoilt):
        print(f"--- {case.id} {case.kind}")
        print(*[f"  survived: {s!r}" for s in missed], *[f"  spoilt:   {k!r}" for k in spoilt], sep="\n")
        print(f"  text:     {case.text!r}\n  redacted: {clean!r}")
    return counts


def ratio(part: int, whole: int) -> str:
    """Return a share with four digits, or a dash when there is nothing to share."""
    return f"{part / whole:.4f}" if whole else "-"


def report(title: str, counts: Counter[str]) -> None:
    """Print the figures of one half of a set."""
    tp, fp, fn, tn = (counts[k] for k in ("tp", "fp", "fn", "tn"))
    print(
        f"{title:<18} n={counts['cases']:<4} secrets={tp + fn:<4} "
        f"tp={tp:<4} fn={fn:<3} fp={fp:<3} tn={tn:<4} "
        f"recall={ratio(tp, tp + fn)} precision={ratio(tp, tp + fp)} "
        f"negatives kept={counts['negatives_kept']}/{counts['negatives']}"
    )


def check_frozen(path: Path) -> None:
    """Exit unless the frozen cases are the ones that were pinned."""
    pinned = (HERE / "FROZEN.sha256").read_text(encoding="utf-8").split()[0]
    if hashlib.sha256(path.read_bytes()).hexdigest() != pinned:
        sys.exit(
            f"{path.name} is not the file that FROZEN.sha256 pins. Restore it: git checkout -- {path.name}"
        )


def main() -> None:
    """Run the chosen half and print its figures by origin and together."""
    parser = argparse.ArgumentParser(description="Measure redaction on labelled cases.")
    parser.add_argument("--transcripts", type=Path, help="folder the real cases were cut from")
    parser.add_argument("--frozen", action="store_true", help="the reporting half: totals only")
    parser.add_argument("--misses", action="store_true", help="list failed cases of the tuning half")
    args = parser.parse_args()
    path = HERE / ("frozen.jsonl" if args.frozen else "tune.jsonl")
    if args.frozen:
        check_frozen(path)
    by_origin: dict[str, Counter[str]] = {}
    for case in load(path, args.transcripts):
        by_origin.setdefault(case.origin, Counter()).update(judge(case, tell=args.misses and not args.frozen))
    for origin, counts in sorted(by_origin.items()):
        report(f"{path.stem} {origin}", counts)
    report(f"{path.stem} all", sum(by_origin.values(), Counter()))


if __name__ == "__main__":
    main()
