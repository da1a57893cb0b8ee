"""Measure how well lines of instruction files that are at fault are found.

    python bench/instructions/run.py [--transcripts DIR] [--frozen] [--misses]

Each scenario is laid out as a repository in a temporary folder; its sessions are written as Claude Code logs,
opened as any transcript is, and gathered into facts. A line counts as found when it is accused with a kind
that it was labelled with; what a session shows of a line is told alone, whatever the tree shows besides.

- precision = lines accused and labelled so / lines accused
- recall = lines accused and labelled so / lines labelled as at fault

Both with 95 % Wilson score intervals. Real lines need ``--transcripts``. ``--frozen`` checks FROZEN-2.sha256
and prints totals alone; ``--misses`` (tuning half only) lists what was judged otherwise than labelled.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))

from bench.gate.run import wilson  # noqa: E402 - it lies beside this program
from bench.instructions.cases import Case, load  # noqa: E402

from holdfast.evidence.session_facts import FactsBuilder, SessionFacts  # noqa: E402
from holdfast.learn.instructions import read_instructions  # noqa: E402
from holdfast.measure.instruction_faults import instruction_faults  # noqa: E402
from holdfast.measure.stale_lines import stale_lines  # noqa: E402
from holdfast.testing.sessions import ClaudeSession  # noqa: E402
from holdfast.transcripts.transcript import open_transcript  # noqa: E402

ROOT = "/home/dev/app"
START = 1_780_000_000.0
DAY = 86_400.0
KINDS = ("followed and failed", "read and broken", "stale")

Place = tuple[str, int]


def facts_of(case: Case, folder: Path) -> list[SessionFacts]:
    """Return the facts of a scenario's sessions, read from logs written below ``folder``; one a day."""
    found = []
    for number, told in enumerate(case.sessions):
        identity = hashlib.sha256(f"{case.id}/{number}".encode()).hexdigest()
        session = ClaudeSession(identity[:32], root=ROOT, start=START + number * DAY)
        session.prompt("please go on")
        for path in told.edited:
            session.edit(path, "before", "after")
        for run in told.runs:
            session.bash(run.command, run.output, exit_code=run.exit_code)
        log = session.write(folder / f"{number}.jsonl")
        transcript, builder = open_transcript(log), FactsBuilder()
        for event in transcript.events():
            builder.feed(event, transcript.line)
        found.append(builder.build(transcript.session, f"session {number + 1}"))
    return found


def accused(case: Case) -> dict[Place, tuple[str, str]]:
    """Return the lines that are accused, each with its kind, and what is said of it."""
    with tempfile.TemporaryDirectory() as place:
        root, logs = Path(place) / "app", Path(place) / "logs"
        root.mkdir()
        for path, text in case.tree.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            if not path.endswith("/"):
                (root / path).write_text(text or "", encoding="utf-8")
        subprocess.run(
            ["git", "init", "-q", str(root)], check=True, env={"PATH": "/usr/bin:/bin", "HOME": place}
        )
        lines = read_instructions(root)
        found: dict[Place, tuple[str, str]] = {
            (one.path, one.line): ("stale", f"{one.missing} -> {one.renamed_to}")
            for one in stale_lines(root, lines)
        }
        for fault in instruction_faults(lines, facts_of(case, logs)):
            cure = fault.cure_line or fault.instead
            found[fault.path, fault.line] = fault.kind, f"{fault.command} -> {cure}"
    return found


def report(title: str, hits: int, said: int, planted: int) -> None:
    """Print precision and recall of one group."""
    shares = []
    for name, whole in (("precision", said), ("recall", planted)):
        low, high = wilson(hits, whole)
        shares.append(f"{name}={hits / whole:.3f} [{low:.3f}, {high:.3f}]" if whole else f"{name}=-")
    print(f"{title:<26} planted={planted:<4} accused={said:<4} found={hits:<4} {'  '.join(shares)}")


def check_frozen(path: Path) -> None:
    """Exit unless the frozen scenarios are the ones that were pinned."""
    pinned = (HERE / "FROZEN-2.sha256").read_text(encoding="utf-8").split()[0]
    if hashlib.sha256(path.read_bytes()).hexdigest() != pinned:
        sys.exit(f"{path.name} is not the file that FROZEN-2.sha256 pins. Restore it: git checkout -- {path}")


def main() -> None:
    """Run one half and print its figures, by kind, by origin and together."""
    parser = argparse.ArgumentParser(description="Measure the finding of instruction faults.")
    parser.add_argument("--transcripts", type=Path, help="folder that the real lines were cut from")
    parser.add_argument("--frozen", action="store_true", help="the reporting half: totals only")
    parser.add_argument("--misses", action="store_true", help="list misjudged lines of the tuning half")
    args = parser.parse_args()
    name = "frozen-2" if args.frozen else "tune"
    source = HERE / f"{name}.jsonl"
    if args.frozen:
        check_frozen(source)
    hits, said, planted = Counter[str](), Counter[str](), Counter[str]()
    cases = load(source, args.transcripts)
    for case in cases:
        found = accused(case)
        kinds: dict[Place, tuple[str, ...]] = {
            (fault.path, fault.line): (fault.kind, *fault.also) for fault in case.faults
        }
        for fault in case.faults:
            planted.update([fault.kind, case.origin, "all"])
        for place, (kind, _) in found.items():
            right = kind in kinds.get(place, ())
            group = kinds[place][0] if right else kind
            said.update([group, case.origin, "all"])
            hits.update([group, case.origin, "all"] if right else [])
        if args.misses and not args.frozen:
            list_misses(case, found, kinds)
    lines = sum(case.lines for case in cases)
    print(f"{name}: {len(cases)} scenarios, {lines} lines with text, {planted['all']} of them at fault")
    for group in (*KINDS, "real", "written", "all"):
        report(f"{name} {group}", hits[group], said[group], planted[group])


def list_misses(case: Case, found: dict[Place, tuple[str, str]], kinds: dict[Place, tuple[str, ...]]) -> None:
    """Print the lines that were judged otherwise than labelled."""
    for place in sorted({*found, *kinds}):
        kind, words = found.get(place, ("", ""))
        if kind not in kinds.get(place, ("",)):
            text = case.files[place[0]].split("\n")[place[1] - 1]
            wanted = ", ".join(kinds.get(place, ("sound",)))
            print(f"--- {case.id} {place[0]}:{place[1]}: {wanted}; said {kind or 'nothing'} {words}")
            print(f"    {text[:150]}")


if __name__ == "__main__":
    main()
