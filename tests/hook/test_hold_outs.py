"""A share of sessions is left without a hazard that others are told, and that is written down."""

from __future__ import annotations

import io
import json
from collections import Counter

import pytest

from holdfast.evidence import journal
from holdfast.hook.run import run
from holdfast.learn.view import View
from holdfast.learn.write import learn_text, retire
from holdfast.recall.publish import publish
from holdfast.repo import config
from holdfast.repo.location import Repository
from holdfast.repo.records import Applies

SESSIONS = 60


def starts(repository: Repository, **chosen: object) -> Counter[str]:
    """Begin many sessions; count what they were told and what was withheld from them, by item."""
    config.choose(repository, **chosen)
    with View(repository) as view:
        publish(view)
    for number in range(SESSIONS):
        said = {"session_id": f"s{number}", "cwd": str(repository.root), "source": "startup"}
        run(["claude-code", "start"], io.BytesIO(json.dumps(said).encode()))
    found: Counter[str] = Counter()
    for each in journal.read_all(repository):
        for _, entry in each.entries:
            if entry.surface == "start":
                found.update(
                    f"{entry.do} {id_}" for id_ in entry.ids if not id_.startswith(("live", "handoff"))
                )
    return found


def sums(found: Counter[str]) -> tuple[int, int]:
    of = {word: sum(n for name, n in found.items() if name.startswith(word)) for word in ("told", "withheld")}
    return of["told"], of["withheld"]


def test_a_share_is_left_untold_from_the_level_on_that_measures(learned: Repository) -> None:
    told, withheld = sums(starts(learned, level="knowledge", hold_out=0.5))
    assert 0.3 < withheld / (told + withheld) < 0.7


@pytest.mark.parametrize("chosen", [{"level": "flow"}, {"level": "scale", "hold_out": 0.0}])
def test_everything_is_told_below_that_level_and_when_it_was_ended(
    learned: Repository, chosen: dict[str, object]
) -> None:
    told, withheld = sums(starts(learned, **chosen))
    assert told
    assert not withheld


def test_a_session_that_goes_on_stays_on_its_side(learned: Repository) -> None:
    first = starts(learned, level="knowledge", hold_out=0.5)
    config.choose(learned, hold_out=0.5)
    for path in (learned.state_dir / journal.FOLDER).iterdir():
        path.unlink()
    assert starts(learned) == first


def test_what_a_person_stated_is_always_told(learned: Repository) -> None:
    with View(learned) as view:
        (known,) = [found for found in view.learnings() if "vitest" in found.text]
        retire(view, known.id, "")
        text = "Run `npm ci` before `npm test`: without it, it failed with “sh: 1: vitest: not found”."
        stated = learn_text(view, text, applies=Applies(families=known.families), anyway="it was said better")
    found = starts(learned, level="knowledge", hold_out=0.5)
    of_it = {name.partition(" ")[0]: number for name, number in found.items() if stated.id[:4] in name}
    assert of_it == {"told": SESSIONS}
