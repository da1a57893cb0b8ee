"""Two made repositories: one where memory must speak up, and one where it must not.

In the loud one `rtk bun test` fails in 60 of 72 sessions and `bun test` then works; in the quiet one each of
72 sessions meets one failure that no other meets. They go through the same gold, the same walk and the same
scores as real sessions.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bench.replay import gold as gold_code
from bench.replay import tracks
from bench.replay.past import Case, cases_of
from bench.replay.scores import score
from bench.replay.walk import Walk

from holdfast.recall.tokens import estimate
from holdfast.testing.sessions import ClaudeSession

SESSIONS, HOUR, BEGIN = 72, 3600.0, 1_772_359_200.0
AREAS = "cart search login mail export prices stock theme tax returns maps chat".split()
"""What the sessions work on."""


def write(folder: Path) -> None:
    """Write the sessions of both repositories with their manifest."""
    entries = []
    for repo in ("made/loud", "made/quiet"):
        for number in range(SESSIONS):
            session = _session(repo, number)
            name = f"{repo}/{number:03}.jsonl"
            session.write(folder / name)
            start = BEGIN + number * 6 * HOUR
            entries.append({"file": name, "repo": repo, "session": session.id, "start": start})
    (folder / "manifest.json").write_text(json.dumps(entries))


def _session(repo: str, number: int) -> ClaudeSession:
    loud = repo == "made/loud"
    id_ = f"{'a' if loud else 'b'}{number:07x}-0000-4000-8000-000000000000"
    session = ClaudeSession(id_, root="/home/ada/shop", start=BEGIN + number * 6 * HOUR)
    area = AREAS[number % len(AREAS)]
    session.prompt(f"Mend the {area} page, case {number}")
    path = f"src/{area}/page.ts"
    session.read(path, f"export const {area} = 1;")
    session.edit(path, f"export const {area} = 1;", f"export const {area} = {number + 2};")
    if loud and number % 6 != 5:
        session.bash("rtk bun test", "error: unknown command 'bun' for 'rtk'", exit_code=2)
        session.bash("ls node_modules/.bin", "bun\ntsc")
        session.bash("bun test", "12 pass\n0 fail")
    elif not loud:
        tool = f"{area}{'abcdef'[number // len(AREAS)]}"
        session.bash(f"{tool} check", f"error: cannot open the {tool} store", exit_code=2)
        session.bash("bun test", "12 pass\n0 fail")
    else:
        session.bash("bun test", "12 pass\n0 fail")
    for step in range(12):
        session.bash(f"git diff --stat HEAD~{step + 1}", f" {path} | {step} +")
    return session


def measure(folder: Path) -> dict[str, Any]:
    """Replay both repositories, and return what was told in them."""
    write(folder / "sessions")
    gold = gold_code.gold_of(folder / "sessions")
    out: dict[str, Any] = {}
    for repo, cases in sorted(cases_of(folder / "sessions", gold).items()):
        scratch = folder / repo.replace("/", "-")
        walk = Walk(folder / "sessions", scratch, repo, cases, cases, ("warn", "fix", "brief"))
        walk.run()
        out[repo] = _scores(cases, walk)
    return out


def _scores(cases: list[Case], walk: Walk) -> dict[str, Any]:
    said, shipped = walk.said["holdfast"], walk.said["shipped"]
    starts = [estimate(shipped[case.name].start) for case in cases]
    told = tracks.told_chances(cases, said, walk.own)
    texts = [text for case in cases for text in said[case.name].fixes.values()]
    return {
        "repeats": sum(len(case.gold["warn"]["family"]) for case in cases),
        "warned of repeats": _value(tracks.warn_recall(cases, said, decided=True)),
        "in the start text": _value(tracks.warn_recall(cases, shipped)),
        "first start text at session": next((n + 1 for n, one in enumerate(starts) if one), None),
        "start texts": sum(bool(one) for one in starts),
        "most start tokens": max(starts, default=0),
        "failures answered": f"{sum(bool(text) for text in texts)} of {len(texts)}",
        "answers with `bun test`": sum("bun test" in text for text in texts),
        "Brier skill": None if told is None else round(told.skill, 3),
    }


def _value(rows: list[Any]) -> float | None:
    value = score(rows).value
    return None if value is None else round(value, 3)


def show(result: dict[str, Any]) -> None:
    """Print what was told in the made repositories."""
    print("\nMADE REPOSITORIES: one hazard that repeats in 60 of 72 sessions, and one of nothing but news")
    for repo, told in result.items():
        print(f"  {repo}")
        for name, value in told.items():
            print(f"    {name:28} {value}")
