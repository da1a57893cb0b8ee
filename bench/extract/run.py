"""Judge what is learned from real sessions: is it useful, and does it cover what people noted themselves?

    python bench/extract/run.py --transcripts DIR --sheet FILE     write what a reader has to judge
    python bench/extract/run.py --transcripts DIR [--judged FILE]  print the figures of the judgements

The sheet holds a seeded sample of 60 extracted learnings, what is recorded and what waits for review
alike, and for each reference learning of the manifest the three nearest extracted ones. A reader who knows
nothing of the tool says of each learning ``useful``, ``useless`` (true, and of no use) or ``wrong``, and of
each reference ``change`` (it only restates a change of code), ``covered`` or ``missed``. Judgements are kept
by digest of the text that was judged, so that no text of the transcripts is stored; what has changed since
counts as not judged (``judged.jsonl``: two readers, one after another, each with another state of the rules).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import os
import random
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
SAMPLE, NEAREST, SEED = 60, 3, 20


def extracted(transcripts: Path, scratch: Path) -> list[dict[str, str]]:
    """Ingest the transcripts into an empty repository; return what was learned, in a fixed order."""
    from holdfast.learn.view import View
    from holdfast.repo.location import Repository

    home, repository = scratch / "home", scratch / "repository"
    home.mkdir()
    os.environ.update(HOME=str(home), XDG_STATE_HOME=str(home / "state"), GIT_CONFIG_NOSYSTEM="1")
    subprocess.run(["git", "init", "-q", str(repository)], check=True)
    subprocess.run([sys.executable, "-m", "holdfast", "ingest", str(transcripts)], cwd=repository, check=True,
                   stdout=subprocess.DEVNULL)  # fmt: skip
    with View(Repository.find(repository)) as view:
        documents = view.index.all(sources=["record", "candidate"])
        found = [
            {"kind": one.kind, "source": one.source, "text": one.text, "detail": one.detail}
            for one in documents
        ]
    return sorted(found, key=lambda one: one["text"])


def references(transcripts: Path) -> list[str]:
    """Return the learnings that people's own summaries state."""
    manifest = json.loads((transcripts / "manifest.json").read_text())
    found: dict[str, None] = {}
    for entry in manifest:
        learnings = (entry.get("summary") or {}).get("learnings") or {}
        for value in learnings.values():
            for item in value:
                found[item if isinstance(item, str) else json.dumps(item, sort_keys=True)] = None
    return list(found)


def nearest(reference: str, learnings: list[dict[str, str]]) -> list[str]:
    """Return the learnings that share most telling words with a reference, weighted by their rarity."""
    words = [set(_words(one["text"] + " " + one["detail"])) for one in learnings]
    spread = Counter(word for one in words for word in one)
    asked = set(_words(reference))

    def score(place: int) -> float:
        shared = asked & words[place]
        return sum(math.log(len(words) / spread[word]) for word in shared) / math.sqrt(1 + len(words[place]))

    best = sorted(range(len(learnings)), key=lambda place: (-score(place), place))[:NEAREST]
    return [learnings[place]["text"] for place in best]


def _words(text: str) -> Iterator[str]:
    for word in re.findall(r"[A-Za-z][a-z]+|[A-Z]{2,}|[a-z]{2,}", text):
        yield word.lower().removesuffix("s")


def digest(*texts: str) -> str:
    """Return by what a judgement is found again."""
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:16]


def main() -> None:
    """Write the sheet, or print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--transcripts", type=Path, required=True)
    parser.add_argument("--sheet", type=Path)
    parser.add_argument("--judged", type=Path, default=HERE / "judged.jsonl")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="holdfast-extract-") as name:
        learnings = extracted(options.transcripts.resolve(), Path(name))
    sample = sorted(
        random.Random(SEED).sample(learnings, min(SAMPLE, len(learnings))), key=lambda one: one["text"]
    )
    asked = [(reference, nearest(reference, learnings)) for reference in references(options.transcripts)]
    if options.sheet:
        options.sheet.write_text(sheet(sample, asked))
        return
    kinds = Counter((one["source"], one["kind"]) for one in learnings)
    named = ", ".join(f"{n} {kind} ({where})" for (where, kind), n in sorted(kinds.items()))
    print(f"{len(learnings)} learnings: {named}")
    judged = [json.loads(row) for row in options.judged.read_text().splitlines()]
    for reader in sorted({one["reader"] for one in judged}):
        print(f"reader {reader}, of what was learned then:")
        told = Counter(one["verdict"] for one in judged if one["reader"] == reader)
        report(told)
    print("of what is learned now and was read, the harder verdict where two differ:")
    verdicts = hardest(judged)
    now = Counter(verdicts.get(digest(one["text"]), "not judged") for one in learnings)
    answers = Counter(verdicts.get(digest(reference, *near), "not judged") for reference, near in asked)
    report(now + answers)


def hardest(judged: list[dict[str, str]]) -> dict[str, str]:
    """Return one verdict for each text: the harder one where readers differ."""
    order = ["covered", "change", "missed", "useful", "useless", "wrong"]
    found: dict[str, str] = {}
    for one in judged:
        known = found.get(one["digest"], one["verdict"])
        found[one["digest"]] = max(known, one["verdict"], key=order.index)
    return found


def report(told: Counter[str]) -> None:
    """Print what a reading gave."""
    learnings = sum(told[verdict] for verdict in ("useful", "useless", "wrong"))
    print(f"  useful   {share(told['useful'], learnings)}; aim ≥ .70")
    print(f"  wrong    {share(told['wrong'], learnings)}; aim ≤ .05")
    stated = told["covered"] + told["missed"]
    print(f"  covered  {share(told['covered'], stated)}; {told['change']} more only restate a change")


def share(hits: int, count: int) -> str:
    """Return a share with its 95 % Wilson interval."""
    if not count:
        return "none judged"
    from holdfast.evidence.purposes import interval

    told = interval(hits, count)
    return f"{hits / count:.3f} [{told.low:.3f}, {told.high:.3f}] (n = {count})"


def sheet(sample: list[dict[str, str]], asked: list[tuple[str, list[str]]]) -> str:
    """Return the text that a reader judges, one JSON object a line."""
    rows: list[dict[str, Any]] = [
        {"digest": digest(one["text"]), "learning": one["text"], "details": one["detail"][:600]}
        for one in sample
    ]
    rows += [
        {"digest": digest(reference, *near), "reference": reference, "nearest": near}
        for reference, near in asked
    ]
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


if __name__ == "__main__":
    main()
