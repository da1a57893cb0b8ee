"""A journal is folded into rows of items and surfaces, each with the outcome of its surface."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from holdfast.evidence import journal
from holdfast.evidence.episodes import Episode, Failure, Fix
from holdfast.evidence.happenings import Happening
from holdfast.evidence.told import About, evidence_of
from holdfast.repo.location import Repository
from holdfast.repo.records import ItemEvidence

FAMILY = "pytest: E ModuleNotFoundError: No module named <q>"
ITEM = "czjtiekauohjvj6y"
ABOUT = About(lambda item: item, lambda item: ("uv run pytest",) if item == ITEM else ())


def written(repository: Repository, *entries: dict[str, Any]) -> journal.Journal:
    folder = repository.state_dir / journal.FOLDER
    folder.mkdir(exist_ok=True)
    text = "".join(json.dumps(entry) + "\n" for entry in entries)
    (folder / "0123456789abcdef.jsonl").write_text(text)
    found = journal.read(repository, "0123456789abcdef")
    assert found is not None
    return found


def told(at: float = 100.0, surface: str = "start", **more: Any) -> dict[str, Any]:
    return {"at": at, "do": "told", "surface": surface, "ids": [ITEM], "family": FAMILY, **more}


def failed(at: float | None, family: str = FAMILY) -> Happening:
    return Happening("failed", at, family, ("pytest",))


def ran(at: float, text: str, *owners: str) -> Happening:
    return Happening("ran", at, owners=owners, text=text)


def rows(
    found: journal.Journal, *happenings: Happening, since: int = 0, closed: list[Episode] | None = None
) -> list[ItemEvidence]:
    return list(evidence_of(found, since, happenings, closed or [], ABOUT))


def test_what_was_told_at_the_start_has_what_occurred_after_as_its_outcome(empty: Repository) -> None:
    found = written(empty, told(at=100))
    (row,) = rows(found, failed(50), failed(150), failed(160, "other"), failed(None))
    assert row == ItemEvidence(item=ITEM, surface="start", family=FAMILY, eligible=1, shown=1, met=2)


def test_what_was_withheld_has_the_same_outcome(empty: Repository) -> None:
    found = written(empty, {**told(at=100), "do": "withheld"})
    (row,) = rows(found, failed(150), ran(160, "uv  run pytest -q", "pytest"))
    assert (row.eligible, row.shown, row.withheld, row.met, row.followed) == (1, 0, 1, 1, 1)


def test_a_line_that_says_eligible_beside_what_was_done_counts_once(empty: Repository) -> None:
    found = written(empty, {**told(), "do": "eligible"}, told())
    assert rows(found)[0].eligible == 1


def test_a_warning_is_met_when_the_very_next_call_of_that_command_fails(empty: Repository) -> None:
    found = written(
        empty, told(100, "call", family="pytest"), told(200, "call", family="pytest"),
        told(300, "call", family="pytest"),
    )  # fmt: skip
    happened = [
        Happening("failed", 101, FAMILY, ("pytest",)), ran(150, "ls", "ls"),
        ran(201, "pytest -q", "pytest"), Happening("failed", 250, FAMILY, ("pytest",)),
        Happening("failed", 301, "git: fatal", ("git",)),
    ]  # fmt: skip
    assert rows(found, *happened)[0].met == 1


def test_a_hint_at_a_failure_has_what_it_took_to_its_end(empty: Repository) -> None:
    found = written(empty, told(100.5, "failure"))
    failure = Failure(
        family=FAMILY, specific="x", generic=False, message="", tool="Bash", owner="pytest",
        command="pytest", at=100.0,
    )  # fmt: skip
    ended = Episode(failure=failure, fix=Fix(command="uv run pytest", steps=2, tokens=900, seconds=30))
    before = Episode(
        failure=Failure(**{name: getattr(failure, name) for name in failure.__struct_fields__} | {"at": 1.0}),
        fix=Fix(command="uv run pytest", steps=9, tokens=9),
    )
    (row,) = rows(found, failed(1.0), failed(100.0), failed(400.0), closed=[before, ended])
    assert (row.resolved, row.steps, row.tokens, row.met) == (1, 2, 900, 1)


def test_a_decision_is_followed_refused_or_taken_out_again(empty: Repository) -> None:
    found = written(empty, told(100, "prompt"))
    happened = [
        Happening("edited", 90, text="uv run pytest"),
        Happening("edited", 110, text="run: uv run pytest", names=("ci.yml",)),
        Happening("rejected", 120, text="uv run pytest\nno, use tox"),
        Happening("edited", 130, text="run: tox", removed="run: uv run pytest", names=("ci.yml",)),
    ]
    (row,) = rows(found, *happened)
    assert (row.followed, row.rejected, row.reverted) == (1, 1, 1)
    assert row.met == 0


def test_an_id_is_cited_whole_or_shortened(empty: Repository) -> None:
    found = written(empty, told(100))
    cited = Happening("cited", 120, names=("czjt",))
    assert rows(found, cited, Happening("cited", 130, names=("zzzz",)))[0].cited == 1


def test_a_word_of_prose_cites_no_item_that_is_no_record(empty: Repository) -> None:
    items = ["commit:0123456789ab", "family-0123abcd", "call-pytest", "justfile"]
    found = written(empty, {**told(100), "ids": items})
    said = Happening("cited", 120, names=("commit", "family", "call", "just", "justfile"))
    assert [(row.shown, row.cited) for row in rows(found, said)] == [(1, 0)] * 4


def test_guards_count_calls_stopped_and_let_through(empty: Repository) -> None:
    guard = {"at": 1, "guard": "g", "digest": "d"}
    found = written(empty, {**guard, "do": "denied"}, {**guard, "do": "passed"})
    assert rows(found) == [ItemEvidence(item="guard:g", surface="guard", denied=1, passed=1)]


def test_what_was_folded_gives_its_outcome_only(empty: Repository) -> None:
    found = written(empty, told(100), {"at": 110, "do": "folded", "segment": "s", "to": 0})
    assert rows(found, failed(150), since=found.size) == [
        ItemEvidence(item=ITEM, surface="start", family=FAMILY, met=1)
    ]


def test_several_items_of_one_line_have_a_family_each(empty: Repository) -> None:
    other = "aaaabbbbccccdddd"
    found = written(empty, told(ids=[ITEM, other], family="", families={ITEM: FAMILY, other: "x"}))
    assert [(row.item, row.family) for row in rows(found)] == [(ITEM, FAMILY), (other, "x")]


def test_one_item_that_is_a_matter_of_two_families_has_two_rows(empty: Repository) -> None:
    found = written(empty, told(100, "call", family="pytest"), told(101, "call", family="tox"))
    happened = [Happening("failed", 102, FAMILY, ("tox",)), ran(103, "pytest -q", "pytest")]
    assert [(row.family, row.shown, row.met) for row in rows(found, *happened)] == [
        ("pytest", 1, 0), ("tox", 1, 1),
    ]  # fmt: skip


def test_lines_that_are_none_are_passed_over(empty: Repository) -> None:
    found = written(empty, told())
    path = empty.state_dir / journal.FOLDER / f"{found.key}.jsonl"
    with path.open("ab") as file:
        file.write(b"not json\n[1]\n\xff\n" + b"[" * 5000 + b"\n" + b'{"at":1,"do":"told","ids"')
    again = journal.read(empty, found.key)
    assert again is not None
    assert (again.entries, again.malformed) == (found.entries, 4)


GIVEN = st.tuples(st.sampled_from(["told", "withheld", "eligible"]), st.integers(0, 50))


@given(st.lists(GIVEN, max_size=20), st.integers(0, 20))
def test_folding_in_two_parts_counts_what_folding_at_once_counts(
    lines: list[tuple[str, int]], cut: int
) -> None:
    """What was told; outcomes are of the stretch they happened in."""
    entries = tuple(
        (number, journal.Entry(at=float(at), do=do, surface="start", ids=(ITEM,), family=FAMILY))
        for number, (do, at) in enumerate(lines)
    )
    whole = journal.Journal(key="k", entries=entries)
    first = journal.Journal(key="k", entries=entries[:cut])
    parts = [*evidence_of(first, 0, [], [], ABOUT), *evidence_of(whole, min(cut, len(lines)), [], [], ABOUT)]
    at_once = evidence_of(whole, 0, [], [], ABOUT)
    for name in ("shown", "withheld"):
        assert sum(getattr(row, name) for row in parts) == sum(getattr(row, name) for row in at_once)
