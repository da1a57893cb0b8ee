"""Measure what finding texts by their meaning costs, and whether it finds what words do not.

    python bench/semantic/run.py [--sizes 1000,10000,100000] [--queries N] [--json FILE]
    python bench/semantic/run.py --model DIR [--real DIR] [--keep DIR] [--json FILE]

The first form searches made vectors of 384 numbers, each size in a process of its own: bytes on disk,
milliseconds of the first search of a process (which reads all vectors) and of later ones, memory.

With ``--model``, the folder of a sentence-embedding model, the tasks of bench/decisions (the tuning half;
the frozen one is never read here) are looked for among all texts of their histories: by words, by meaning,
and by both fused; then by `holdfast recall` and `holdfast recall --semantic`, which give 8 items. Told is
the share of tasks whose right decision is among the first 1, 5, 10 and 60, with a 95 % interval of the
difference that meaning makes (paired bootstrap over tasks), and how far apart the best cosine lies where
something recorded is right and where nothing is. ``--real`` and ``--keep`` are those of
bench/decisions/run.py.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import random
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from bench.decisions import real
from bench.decisions.run import _is, _named, load
from bench.decisions.worlds import Built, build, seconds
from bench.recall.run import spread, timed

from holdfast.index import vectors
from holdfast.index.documents import Document
from holdfast.index.store import Index
from holdfast.learn.view import View
from holdfast.recall import encoders, semantic
from holdfast.recall.items import Known
from holdfast.recall.search import recall_words
from holdfast.repo.location import Repository
from holdfast.testing.repositories import isolated

DIMENSION = 384
LOOKED_AT = 60
TOLD = 8
"""Items that `holdfast recall` gives."""
FIRST = (1, 5, 10, LOOKED_AT)
WAYS = ("words", "meaning", "fused", "recall", "recall --semantic")
AGAINST = {"meaning": "words", "fused": "words", "recall --semantic": "recall"}
_ROUNDS = 2000


# -- what it costs


def cost(size: int, queries: int) -> dict[str, Any]:
    """Return the figures of one size; run in a process of its own."""
    import numpy

    drawn = numpy.random.default_rng(7)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "index.db"
        with Index.open(path) as index:
            index.apply(add=(_document(number) for number in range(size)))
            _settle(index)
            before = path.stat().st_size
            rows = vectors.missing(index, "made", semantic.WITHOUT)
            for place in range(0, size, 500):
                unread = vectors.read(index, rows[place : place + 500])
                made = drawn.standard_normal((len(unread), DIMENSION))
                vectors.store(index, "made", list(zip(unread, made.tolist(), strict=True)))
        with Index.open(path) as index:
            _settle(index)
        memory = _memory()
        asked = drawn.standard_normal((queries + 1, DIMENSION)).tolist()
        with Index.open(path) as index:
            first = timed(lambda: vectors.nearest(index, "made", asked[0], 10))
            later = [
                timed(lambda each=each: vectors.nearest(index, "made", each, 10))  # type: ignore[misc]
                for each in asked[1:]
            ]
        return {
            "texts": size,
            "megabytes on disk": round((path.stat().st_size - before) / 1e6, 1),
            "first ms": round(first, 1),
            "ms": spread(later),
            "megabytes in memory": round(_memory() - memory, 1),
        }


def _settle(index: Index) -> None:
    """Bring what was written from SQLite's log into its file, so that its size can be told."""
    with contextlib.closing(sqlite3.connect(index.path)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def _document(number: int) -> Document:
    """Return a commit; the newest come first into an index."""
    return Document(
        f"commit:{number:040x}", "commit", "commit", f"change {number}", f"word{number % 977}", at=-number
    )


def _memory() -> float:
    """Return the memory that this process holds, in megabytes; on Linux."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


# -- whether it helps


class Ranked:
    """Where the right decision of one task stands by each way; None where it is not looked at."""

    def __init__(self, world: str, hinges: bool, places: dict[str, int | None], best: float) -> None:
        self.world, self.hinges, self.places, self.best = world, hinges, places, best


def rank(built: Built, tasks: Sequence[dict[str, Any]], name: str, by: encoders.Encoder) -> Iterator[Ranked]:
    """Look for the right decisions of tasks in all texts of a history."""
    with View(Repository.find(built.root), seconds=None) as view:
        semantic.fill(view, by=by)
        known = Known(view)
        for task in tasks:
            text = task["task"]
            words = view.index.search(text, LOOKED_AT, sources=view.everywhere)
            words = [hit for hit in words if view.sees(hit.document)]
            meaning = semantic.nearest(view, text, LOOKED_AT, view.everywhere, by=by)
            both = semantic.fuse([words, meaning], lambda hit: hit.document.id)[:LOOKED_AT]
            told = (
                recall_words(view, text, TOLD).items,
                semantic.recall_meaning(view, text, TOLD, by=by).items,
            )
            ids = [[known.item(hit.document).id for hit in hits] for hits in (words, meaning, both)]
            ids += [[item.id for item in items] for items in told]
            stated = [each for each in (task["right"], *task.get("also", ())) if each is not None]
            wanted = {_named(each, task.get("part")) for each in stated}
            places: dict[str, int | None] = {}
            for way, ranked in zip(WAYS, ids, strict=True):
                right = (place for place, each in enumerate(ranked) if _is(built.name(each), wanted))
                places[way] = next(right, None)
            best = meaning[0].score if meaning else 0.0
            yield Ranked(name, task["right"] is not None, places, best)


def all_ranked(options: argparse.Namespace, by: encoders.Encoder) -> Iterator[Ranked]:
    """Go through the tuning half of bench/decisions."""
    with tempfile.TemporaryDirectory() as folder:
        base = options.keep or Path(folder)
        with isolated(base / "home"):
            for world in load("tune"):
                digest = hashlib.sha256(json.dumps(world, sort_keys=True).encode()).hexdigest()[:12]
                yield from rank(build(world, base / digest), world["tasks"], world["name"], by)
            for part in json.loads((real.HERE / "real-tune.json").read_text()) if options.real else ():
                name = part["repository"]
                history = real._History(options.real, name, Path(folder) / name)  # noqa: SLF001 - ours
                for task in sorted(part["tasks"], key=lambda task: (seconds(task["asked"]), task["id"])):
                    history.move_to(seconds(task["asked"]))
                    yield from rank(history.built, [history.renamed(task)], name, by)


def within(rows: Sequence[Ranked], way: str, first: int) -> float:
    """Return the share of tasks whose right decision is among the first so many."""
    places = [row.places[way] for row in rows]
    return sum(place is not None and place < first for place in places) / max(1, len(places))


def difference(rows: Sequence[Ranked], way: str, than: str, first: int) -> tuple[float, float]:
    """Return the 95 % interval of what a way finds more than another does."""
    draw = random.Random(1)
    drawn = []
    for _ in range(_ROUNDS):
        again = draw.choices(rows, k=len(rows))
        drawn.append(within(again, way, first) - within(again, than, first))
    drawn.sort()
    return round(drawn[int(0.025 * _ROUNDS)], 3), round(drawn[int(0.975 * _ROUNDS)], 3)


def summary(ranked: Sequence[Ranked]) -> dict[str, Any]:
    """Return the shares of one set of tasks."""
    rows = [row for row in ranked if row.hinges]
    found: dict[str, Any] = {"tasks": len(rows)}
    for way in WAYS:
        found[way] = {f"@{first}": round(within(rows, way, first), 3) for first in FIRST}
        than = AGAINST.get(way)
        if than:
            more = {f"@{first}": difference(rows, way, than, first) for first in FIRST}
            found[way][f"more than {than}"] = more
    return found


def helps(options: argparse.Namespace) -> dict[str, Any]:
    """Return the figures of a model."""
    started = time.perf_counter()
    by = encoders.load(str(options.model))
    loaded = (time.perf_counter() - started) * 1e3
    text = "The report shows yesterday's prices although the import ran this morning. " * 4
    by.encode([text])
    one = [timed(lambda: by.encode([text])) for _ in range(20)]
    ranked = list(all_ranked(options, by))
    cosines: dict[str, list[float]] = {
        "something is right": sorted(row.best for row in ranked if row.hinges),
        "nothing is": sorted(row.best for row in ranked if not row.hinges),
    }
    worlds = dict.fromkeys(row.world for row in ranked)
    return {
        "load ms": round(loaded),
        "ms a text": spread(one),
        "best cosine, quartiles": {
            name: [round(found[len(found) * part // 4], 2) for part in (1, 2, 3)] if found else []
            for name, found in cosines.items()
        },
        "by history": {world: summary([row for row in ranked if row.world == world]) for world in worlds},
        "all": summary(ranked),
    }


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--sizes", default="1000,10000,100000")
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--real", type=Path)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(cost(options.one, options.queries)))
        return 0
    figures: Any = []
    if options.model:
        figures = helps(options)
    for size in [] if options.model else options.sizes.split(","):
        command = [sys.executable, __file__, "--one", size, "--queries", str(options.queries)]
        figures.append(json.loads(subprocess.run(command, check=True, capture_output=True).stdout))
    told = json.dumps(figures, indent=1)
    print(told)
    if options.json:
        options.json.write_text(told + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
