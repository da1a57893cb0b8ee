"""Measure `holdfast audit` on labelled memories: precision and recall of each class.

    python bench/audit/run.py [--set tune|frozen] [--json] [--misses]

Each case is laid out in a temporary folder, as a repository whose history is committed step by step or as a
plain folder, and audited as a person would. A finding counts as right when a label names its class and place;
of duplicates and contradictions two of the places, of a stale reference also what is gone. What is labelled
``free`` counts neither way.

- precision = labels found / (labels found + findings that no label names)
- recall = labels found / labels

Both with 95 % Wilson score intervals. ``--set frozen`` refuses a file other than the one that FROZEN.sha256
pins; ``--misses`` (tuning half only) lists what was judged otherwise than labelled.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))

from bench.gate.run import wilson  # noqa: E402 - it lies beside this program

from holdfast.measure.audit import CLASSES, Finding, audit  # noqa: E402
from holdfast.testing.repositories import isolated, run_git  # noqa: E402

Case = dict[str, Any]


def content(value: Any) -> bytes:
    """Return the bytes of a file as a case tells them: lines, a text as it stands, or base64."""
    if isinstance(value, list):
        return "".join(f"{line}\n" for line in value).encode()
    if isinstance(value, dict):
        return base64.b64decode(value["base64"])
    return str(value).encode()


def write(root: Path, files: dict[str, Any]) -> None:
    """Write files below a folder."""
    for path, value in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content(value))


def lay_out(case: Case, root: Path) -> None:
    """Make the repository or folder of a case."""
    git = case["repository"] == "git"
    root.mkdir()
    if git:
        run_git(root, "init", "--quiet", "--initial-branch=main")
    for step in [*case.get("history", ()), {"message": "Keep notes for agents", "write": case["memory"]}]:
        for old, new in step.get("move", ()):
            (root / new).parent.mkdir(parents=True, exist_ok=True)
            (root / old).rename(root / new)
        for path in step.get("remove", ()):
            shutil.rmtree(root / path) if (root / path).is_dir() else (root / path).unlink()
        write(root, step.get("write") or {})
        if git:
            run_git(root, "add", "--all")
            run_git(root, "commit", "--quiet", "--allow-empty", "-m", step.get("message", "Change"))


def check_quotes(case: Case, root: Path) -> None:
    """Exit when a label's words do not stand on its line: the label would be about something else."""
    for label in case["expected"]:
        for place in (label, *label.get("other", ())):
            data = (root / place["path"]).read_bytes()
            try:
                text = data.decode("utf-8")
            except UnicodeDecodeError:  # some memories are written in Latin-1, and so are their labels
                text = data.decode("latin-1")
            lines = text.replace("\r\n", "\n").split("\n")[
                place["line"] - 1 : place.get("end", place["line"])
            ]
            if not any(place.get("quote", "") in line for line in lines):
                sys.exit(
                    f"{case['id']}: {place['path']}:{place['line']} does not hold {place.get('quote')!r}"
                )


def overlaps(place: Any, label: dict[str, Any]) -> bool:
    """Tell whether a finding's place touches the lines of a label's."""
    last = label.get("end", label["line"])
    return bool(place.path == label["path"] and place.line <= last and place.end >= label["line"])


def matches(finding: Finding, label: dict[str, Any]) -> bool:
    """Tell whether a finding is what a label asks for."""
    if finding.kind != label["class"]:
        return False
    if finding.kind in ("duplicate", "contradiction"):
        wanted = [label, *label.get("other", ())]
        return sum(any(overlaps(place, one) for place in (finding, *finding.others)) for one in wanted) > 1
    if not overlaps(finding, label):
        return False
    names = finding.what, str(label.get("what", ""))
    told, asked = (name.strip("`./ ").removesuffix("()") for name in names)
    return finding.kind != "stale" or told in asked or asked in told


def is_free(finding: Finding, label: dict[str, Any]) -> bool:
    """Tell whether a label says that a finding counts neither way."""
    return finding.kind == label["class"] and any(
        overlaps(place, label) for place in (finding, *finding.others)
    )


def judge(case: Case) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[Finding], int]:
    """Return the labels found, those missed, the findings that are wrong, and how many new names fit."""
    with tempfile.TemporaryDirectory() as place:
        root = Path(place) / "project"
        lay_out(case, root)
        check_quotes(case, root)
        found = audit([Path(path) for path in case["audit"]], here=root).findings
    hit = [label for label in case["expected"] if any(matches(one, label) for one in found)]
    missed = [label for label in case["expected"] if label not in hit]
    wrong = [
        one
        for one in found
        if not any(matches(one, label) for label in case["expected"])
        and not any(is_free(one, label) for label in case.get("free", ()))
    ]
    renamed = sum(
        any(matches(one, label) and (one.now or "").strip("/") == label["now"].strip("/") for one in found)
        for label in hit
        if label.get("now")
    )
    return hit, missed, wrong, renamed


def figures(hits: int, wrong: int, labels: int) -> dict[str, Any]:
    """Return precision and recall with their intervals."""
    shares: dict[str, Any] = {"labels": labels, "found": hits, "wrong": wrong}
    for name, whole in (("precision", hits + wrong), ("recall", labels)):
        shares[name] = round(hits / whole, 3) if whole else None
        shares[f"{name}_interval"] = [round(one, 3) for one in wilson(hits, whole)] if whole else None
    return shares


def check_frozen(path: Path) -> None:
    """Exit unless the frozen cases are the ones that were pinned."""
    pinned = (HERE / "FROZEN.sha256").read_text(encoding="utf-8").split()[0]
    if hashlib.sha256(path.read_bytes()).hexdigest() != pinned:
        sys.exit(
            f"{path.name} is not the file that FROZEN.sha256 pins. Restore it: git checkout -- {path.name}"
        )


def main() -> None:
    """Run one half and print its figures by class."""
    parser = argparse.ArgumentParser(description="Measure `holdfast audit` on labelled memories.")
    parser.add_argument("--set", choices=["tune", "frozen"], default="tune", dest="half")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--misses", action="store_true", help="list misjudged places of the tuning half")
    parser.add_argument("--case", help="only the cases whose id holds this (tuning half)")
    args = parser.parse_args()
    source = HERE / f"{args.half}.jsonl"
    if args.half == "frozen":
        check_frozen(source)
    cases = [json.loads(line) for line in source.read_text(encoding="utf-8").splitlines() if line.strip()]
    cases = [case for case in cases if args.half == "frozen" or not args.case or args.case in case["id"]]
    hits, wrong, labels = Counter[str](), Counter[str](), Counter[str]()
    renamed = asked = quiet = clean = 0
    with tempfile.TemporaryDirectory() as home, isolated(Path(home)):
        for case in cases:
            found, missed, false, new_names = judge(case)
            renamed += new_names
            asked += sum(bool(label.get("now")) for label in case["expected"])
            hits.update(label["class"] for label in found)
            labels.update(label["class"] for label in case["expected"])
            wrong.update(one.kind for one in false)
            clean += not case["expected"]
            quiet += not case["expected"] and not false
            if args.misses and args.half == "tune":
                list_misses(case, missed, false)
    told: dict[str, dict[str, Any]] = {}
    for kind in CLASSES:
        told[kind] = figures(hits[kind], wrong[kind], labels[kind])
    told["all"] = figures(hits.total(), wrong.total(), labels.total())
    if args.json:
        print(json.dumps({"set": args.half, "cases": len(cases), "classes": told}, indent=1))
        return
    print(
        f"{args.half}: {len(cases)} cases, {labels.total()} labels; sha256"
        f" {hashlib.sha256(source.read_bytes()).hexdigest()}"
    )
    for name, one in told.items():
        shares = "  ".join(
            f"{share}={one[share]} {one[f'{share}_interval']}"
            for share in ("precision", "recall")
            if one[share] is not None
        )
        print(
            f"{name:<14} labels={one['labels']:<4} found={one['found']:<4} wrong={one['wrong']:<4} {shares}"
        )
    print(f"nothing said of {quiet} of {clean} clean cases; new name given for {renamed} of {asked} renamed")


def list_misses(case: Case, missed: list[dict[str, Any]], wrong: list[Finding]) -> None:
    """Print what was judged otherwise than labelled."""
    for label in missed:
        others = "; ".join(
            f"{one['path']}:{one['line']} {one.get('quote')}" for one in label.get("other", ())
        )
        print(
            f"--- {case['id']}: MISSED {label['class']} {label['path']}:{label['line']}"
            f" {label.get('what', '')}"
        )
        print(f"    {label.get('quote', '')}   {others}")
    for one in wrong:
        print(f"--- {case['id']}: WRONG {one.kind} {one.path}:{one.line} {one.what} | {one.why}")
        print(f"    {one.text[:200]}")
        for other in one.others:
            print(f"    {other.path}:{other.line} {other.text[:200]}")


if __name__ == "__main__":
    main()
