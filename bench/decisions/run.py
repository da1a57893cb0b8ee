"""Measure whether the decision that a task hinges on is told first, and nothing where none is recorded.

    python bench/decisions/run.py [--set tune|frozen] [--real DIR] [--json] [--misses]
        [--cross-validate] [--keep DIR]

Every world is built as a git repository with transcripts and documents and goes through ingest; every task
is put to `holdfast.recall.decisions.decisions_for`. Shares, each with n and a 95 % Wilson score interval
(1927):

- right first: the task hinges on a decision, and that one is told first
- right in 3: it is among the first three that are told
- newest first: the decision was amended, the newest is first, and no older one is told beside it
- left alone: of two decisions that look alike and both stand, neither is withheld
- asked, right first, in 3: the same when a person asks, for whom less nearness is enough
- found: newest before older: of amended decisions of which any state is told when asked: the newest is the
  first of these
- silence: the task hinges on nothing recorded, and nothing is told
- silent elsewhere: tasks of the other made worlds are asked here, and nothing is told
- text search, first, in 3, in 10: where the right one stands among all texts by the words of the task alone
  (BM25), which is never silent: what all of the above is to be compared with

``--set frozen`` checks the digest first and prints totals alone; it is run once. ``--real DIR`` adds the
tasks over real histories, which are not stored here (REAL.md). ``--misses`` lists what went wrong (not of
the frozen set). ``--words-alone`` leaves out what an agent said of symptoms (``symptoms-*.json``).
``--cross-validate`` prints instead, for the made worlds, how often something is told when the bar for telling
was set on the other worlds alone. ``--keep DIR`` keeps the built worlds there for the next run.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))

from bench.decisions.worlds import Built, build, put_symptoms  # noqa: E402 - the builder lies beside this program
from bench.gate.run import wilson  # noqa: E402 - the same

from holdfast.learn.symptoms import FILE  # noqa: E402
from holdfast.learn.view import View  # noqa: E402
from holdfast.recall.decisions import decisions_for  # noqa: E402
from holdfast.recall.hinging import hinges  # noqa: E402
from holdfast.recall.items import Known  # noqa: E402
from holdfast.recall.nearness import read_task  # noqa: E402
from holdfast.recall.nominees import nominate  # noqa: E402
from holdfast.recall.situation import Situation  # noqa: E402
from holdfast.repo.location import Repository  # noqa: E402
from holdfast.testing.repositories import isolated  # noqa: E402

SHARES = (
    "right first",
    "right in 3",
    "newest first",
    "left alone",
    "silence",
    "silent elsewhere",
    "asked, right first",
    "asked, right in 3",
    "found: newest before older",
    "text search, first",
    "text search, in 3",
    "text search, in 10",
)
_ELSEWHERE = {"right": None, "kind": "elsewhere"}


@dataclass
class Told:
    """What was told for one task, by the world's names, and the milliseconds of processor time it took."""

    task: dict[str, Any]
    items: list[str]
    withheld: list[tuple[str, str]]
    took: float
    by_words: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)


@dataclass
class Figures:
    """Count the outcomes by share: how many of how many; ``missed`` names the tasks that went wrong."""

    right: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    whole: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    missed: list[tuple[str, Told]] = field(default_factory=list)
    took: list[float] = field(default_factory=list)

    def add(self, told: Told) -> None:
        """Count one task."""
        self.took.append(told.took)
        for share, fine in judge(told):
            self.whole[share] += 1
            self.right[share] += fine
            if not fine:
                self.missed.append((share, told))

    def table(self) -> dict[str, dict[str, float]]:
        """Return share, n and interval of each."""
        found = {}
        for share in SHARES:
            n = self.whole[share]
            low, high = wilson(self.right[share], n)
            part = self.right[share] / n if n else 0.0
            found[share] = {"share": round(part, 3), "n": n, "low": round(low, 3), "high": round(high, 3)}
        return found


def judge(told: Told) -> Iterator[tuple[str, bool]]:
    """Yield the shares that a task counts for, and whether it went right."""
    task = told.task
    if task["right"] is None:
        yield "silent elsewhere" if task["kind"] == "elsewhere" else "silence", not told.items
        return
    wanted = {_named(each, task.get("part")) for each in (task["right"], *task.get("also", ()))}
    first = bool(told.items) and _is(told.items[0], wanted)
    yield "right first", first
    yield "right in 3", any(_is(item, wanted) for item in told.items[:3])
    yield "asked, right first", bool(told.asked) and _is(told.asked[0], wanted)
    yield "asked, right in 3", any(_is(item, wanted) for item in told.asked[:3])
    for name, most in (("first", 1), ("in 3", 3), ("in 10", 10)):
        yield f"text search, {name}", any(_is(item, wanted) for item in told.by_words[:most])
    if task["kind"] == "amended":
        older = {name for name in task["older"] if name != task["right"]}
        yield "newest first", first and not any(_is(item, older) for item in told.items)
        found = any(_is(item, wanted | older) for item in told.asked)
        if found:
            stands = next(item for item in told.asked if _is(item, wanted | older))
            yield "found: newest before older", _is(stands, wanted)
    if task["kind"] == "unrelated-pair":
        parts = task.get("pair_parts") or (None, None)
        pair = {_named(name, part) for name, part in zip(task["pair"], parts, strict=True)}
        yield "left alone", not any(_is(old, pair) for old, _ in told.withheld)


def _named(name: str, part: str | None) -> str:
    return f"{name}#{part.removeprefix('## ').strip()}" if part else name


def _is(found: str, wanted: set[str]) -> bool:
    return found in wanted or found.partition("#")[0] in wanted


def ask(built: Built, tasks: list[dict[str, Any]], *, symptoms: str) -> Iterator[Told]:
    """Put the tasks of a world to the product.

    Args:
        built: The world.
        tasks: The tasks.
        symptoms: Whose symptoms are put into the repository before: ``made``, ``real``, or none.
    """
    with View(Repository.find(built.root), seconds=None) as view:
        if symptoms:
            put_symptoms(view, symptoms)
        else:
            (view.repository.state_dir / FILE).unlink(missing_ok=True)
            view.refresh()
        decisions_for(view, "warm up")
        for task in tasks:
            start = time.process_time()
            found = decisions_for(view, task["task"])
            took = (time.process_time() - start) * 1000
            when_asked = decisions_for(view, task["task"], asked=True)
            withheld = [(built.name(each.id), built.name(each.by)) for each in found.withheld]
            items = [built.name(item.id) for item in found.items]
            by_words = _by_words(view, built, task["task"])
            asked = [built.name(item.id) for item in when_asked.items]
            yield Told(task, items, withheld, took, by_words, asked)


def _by_words(view: View, built: Built, task: str) -> list[str]:
    """Return the names of what plain text search finds for a task, best first."""
    known = Known(view)
    hits = view.index.search(task, 20, sources=view.everywhere)
    return [built.name(known.item(hit.document).id) for hit in hits if view.sees(hit.document)][:10]


def elsewhere(worlds: list[dict[str, Any]], own: dict[str, Any]) -> list[dict[str, Any]]:
    """Return every third task of the other worlds, which hinges on nothing in this one."""
    others = [task for world in worlds if world is not own for task in world["tasks"]]
    return [{**task, **_ELSEWHERE} for task in others[::3]]


def load(name: str) -> list[dict[str, Any]]:
    """Return the worlds of a set; for the frozen one its digest is checked first."""
    path = HERE / f"made-{name}.json"
    data = path.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    if name == "frozen" and digest not in (HERE / "FROZEN.sha256").read_text():
        sys.exit(f"{path.name} is not the file whose digest is in FROZEN.sha256; that is another test.")
    worlds: list[dict[str, Any]] = json.loads(data)
    return worlds


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--set", choices=("tune", "frozen"), default="tune")
    parser.add_argument(
        "--real", type=Path, help="folder of the transcripts and commits of the real histories"
    )
    parser.add_argument("--words-alone", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--misses", action="store_true")
    parser.add_argument("--cross-validate", action="store_true")
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    groups: dict[str, Figures] = {}
    with tempfile.TemporaryDirectory() as folder:
        base = options.keep or Path(folder)
        with isolated(base / "home"):
            if options.cross_validate:
                return cross_validate(load("tune"), base)
            worlds = load(options.set)
            for world in worlds:
                groups[world["name"]] = figures = Figures()
                tasks = [*world["tasks"], *elsewhere(worlds, world)]
                built = build(world, base / digest_of(world))
                for told in ask(built, tasks, symptoms="" if options.words_alone else "made"):
                    figures.add(told)
            if options.real:
                from bench.decisions.real import answers

                for name, told in answers(options.real, options.set, base, options.words_alone):
                    groups.setdefault(name, Figures()).add(told)
    report(groups, options)
    return 0


def cross_validate(worlds: list[dict[str, Any]], base: Path) -> int:
    """Set the bar for telling on all worlds but one, at a silence of nine in ten, and count on that one."""
    odds: dict[str, list[tuple[float, bool]]] = {}
    for world in worlds:
        with View(Repository.find(build(world, base / digest_of(world)).root)) as view:
            odds[world["name"]] = [
                (best_odds(view, task["task"]), task["right"] is None) for task in world["tasks"]
            ]
    for name, own in odds.items():
        others = sorted(value for key, rows in odds.items() if key != name for value, none in rows if none)
        bar = others[int(len(others) * 0.9)]
        silent = [value <= bar for value, none in own if none]
        told = [value > bar for value, none in own if not none]
        print(
            f"{name}: bar {bar:+.2f}, silent {sum(silent)} of {len(silent)}, told {sum(told)} of {len(told)}"
        )
    return 0


def best_odds(view: View, task: str) -> float:
    """Return the log-odds that a task hinges on what is nearest to it."""
    nominees = nominate(view, read_task(view.index, task), Situation()).ranked()
    return hinges(nominees[0].near, view.index.count()) if nominees else -10.0


def digest_of(world: dict[str, Any]) -> str:
    """Return a short digest of a world's content."""
    return hashlib.sha256(json.dumps(world, sort_keys=True).encode()).hexdigest()[:12]


def report(groups: dict[str, Figures], options: argparse.Namespace) -> None:
    """Print the figures, by world and for all."""
    whole = Figures()
    for figures in groups.values():
        for share in SHARES:
            whole.right[share] += figures.right[share]
            whole.whole[share] += figures.whole[share]
        whole.took += figures.took
        whole.missed += figures.missed
    shown = {"all": whole} if options.set == "frozen" else {**groups, "all": whole}
    if options.json:
        print(json.dumps({name: figures.table() for name, figures in shown.items()}, indent=1))
        return
    for name, figures in shown.items():
        print(f"{name}: {len(figures.took)} tasks")
        for share, row in figures.table().items():
            if not row["n"]:
                continue
            print(f"  {share:26} {row['share']:.3f} [{row['low']:.2f}, {row['high']:.2f}]  n = {row['n']}")
    took = sorted(whole.took)
    median, late = took[len(took) // 2], took[int(len(took) * 0.95)]
    print(f"processor milliseconds a task: median {median:.1f}, p95 {late:.1f}")
    if options.misses and options.set == "tune":
        for share, told in whole.missed:
            task = told.task
            print(f"\n{share}: {task['id']} ({task['kind']}) {task['task']}")
            print(f"  right {task['right']} older {task.get('older')} near {task.get('near')}")
            print(f"  told {told.items} withheld {told.withheld}")


if __name__ == "__main__":
    sys.exit(main())
