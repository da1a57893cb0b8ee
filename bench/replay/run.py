"""Replay recorded sessions in order of time, and score what the product would have said in each.

    python bench/replay/run.py --transcripts FOLDER                  # the earlier 60 % of each repository
    python bench/replay/run.py --transcripts FOLDER --held           # the rest: run once, at the end
    python bench/replay/run.py --transcripts FOLDER --only files     # one track: warn, files, fix
    python bench/replay/run.py --transcripts FOLDER --json OUT       # the scores, to a file
    python bench/replay/run.py                                       # the made repository alone

Nothing is known before it happened. The gold is computed by code apart from the product's and checked against
the digest that was frozen before tuning (GOLD.sha256).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))

from bench.replay import gold as gold_code  # noqa: E402 - it lies beside this program
from bench.replay import made, printed, report  # noqa: E402
from bench.replay.past import Case, cases_of  # noqa: E402
from bench.replay.policies import Answers  # noqa: E402
from bench.replay.walk import Walk  # noqa: E402

from holdfast.recall.tokens import estimate  # noqa: E402
from holdfast.testing.repositories import isolated  # noqa: E402

TRACKS = ("warn", "files", "fix")


def main() -> int:
    """Run as a script."""
    parser = argparse.ArgumentParser(description="Replay recorded sessions in order of time.")
    parser.add_argument("--transcripts", type=Path, help="folder with manifest.json and *-commits.jsonl")
    parser.add_argument("--held", action="store_true", help="score the later 40 %%, which is run once")
    parser.add_argument("--only", choices=(*TRACKS, "brief"), action="append", help="score only this")
    parser.add_argument("--repository", help="only repositories whose name contains this")
    parser.add_argument("--json", type=Path, help="write the scores here too")
    parser.add_argument("--cases", type=Path, help="write what was said, case by case, here (stays local)")
    given = parser.parse_args()
    tracks = tuple(given.only or (*TRACKS, "brief"))
    with tempfile.TemporaryDirectory(prefix="replay-") as folder, isolated(Path(folder) / "home"):
        result: dict[str, Any] = {}
        if given.transcripts:
            result = replay(given.transcripts, Path(folder), tracks, given)
        if not given.only:
            result["made"] = made.measure(Path(folder) / "made")
            made.show(result["made"])
    if given.json:
        given.json.write_text(json.dumps(result, indent=1, sort_keys=True) + "\n")
    return 0


def replay(folder: Path, scratch: Path, tracks: tuple[str, ...], given: argparse.Namespace) -> dict[str, Any]:
    """Replay every repository of a folder, and print the scores."""
    gold = gold_code.gold_of(folder)
    digest = hashlib.sha256(gold_code.encoded(gold)).hexdigest()
    is_frozen = gold_code.frozen() == {"gold": digest, "code": gold_code.code_digest()}
    print(f"gold {digest}: {'as frozen' if is_frozen else 'NOT the frozen one'}")
    part = "held" if given.held else "dev"
    said: dict[str, dict[str, Answers]] = {}
    own: dict[str, set[str]] = {}
    spent: dict[str, list[float]] = {}
    chosen: list[Case] = []
    for repo, cases in sorted(cases_of(folder, gold).items()):
        if given.repository and given.repository not in repo:
            continue
        wanted = [case for case in cases if case.gold["part"] == part]
        if not wanted:
            continue
        walk = Walk(folder, scratch / repo.replace("/", "-"), repo, cases, wanted, tracks)
        walk.run()
        chosen.extend(wanted)
        for name, answers in walk.said.items():
            said.setdefault(name, {}).update(answers)
        own.update(walk.own)
        for name, times in walk.product.spent.items():
            spent.setdefault(name, []).extend(times)
    scores = report.scores_of(chosen, said, own, tracks, estimate)
    scores["gold"] = {"sha256": digest, "frozen": is_frozen, "part": part}
    scores["seconds"] = {name: report.times(rows) for name, rows in sorted(spent.items())}
    printed.show(scores, tracks)
    if given.cases:
        given.cases.write_text(json.dumps(report.cases_text(chosen, said), indent=1))
    return scores


if __name__ == "__main__":
    sys.exit(main())
