"""Candidates are private originals: kept, readable by their owner alone, deleted by nobody else."""

from __future__ import annotations

import pytest

from holdfast.errors import EnvironmentProblem
from holdfast.learn import waiting
from holdfast.learn.waiting import Waiting
from holdfast.repo.ids import new_id
from holdfast.repo.location import Repository
from holdfast.repo.records import Learning


def candidate(text: str = "Never push on Friday: deploys are frozen.") -> Waiting:
    return Waiting(key="k", learning=Learning(id=new_id(), kind="decision", created="2026-03-01", text=text))


def test_what_is_written_is_read_again(empty: Repository) -> None:
    items = sorted([candidate(), candidate()], key=lambda item: item.learning.id)
    for item in items:
        waiting.write(empty, item)
    assert list(waiting.read(empty)) == items
    waiting.remove(empty, items[0].learning.id)
    waiting.remove(empty, items[0].learning.id)
    assert list(waiting.read(empty)) == items[1:]


def test_only_its_owner_can_read_it(empty: Repository) -> None:
    path = waiting.write(empty, candidate())
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0


def test_an_unreadable_file_is_passed_over_and_left_alone(empty: Repository) -> None:
    path = waiting.write(empty, candidate())
    for name, data in (("a.json", b"\xff\xfe"), ("b.json", b"{}"), ("c.json", b"[" * 100_000)):
        path.with_name(name).write_bytes(data)
    assert len(list(waiting.read(empty))) == 1
    assert len(list(path.parent.iterdir())) == 4


def test_the_digest_changes_with_every_change(empty: Repository) -> None:
    seen = [waiting.digest(empty)]
    item = candidate()
    waiting.write(empty, item)
    seen.append(waiting.digest(empty))
    waiting.write(empty, Waiting(key="k", learning=item.learning, status="dropped"))
    seen.append(waiting.digest(empty))
    waiting.remove(empty, item.learning.id)
    assert waiting.digest(empty) == seen[0]
    assert len(set(seen)) == 3


def test_a_place_that_cannot_be_written_is_named(empty: Repository) -> None:
    (empty.state_dir / "candidates").write_text("in the way")
    with pytest.raises(EnvironmentProblem, match="candidates") as problem:
        waiting.write(empty, candidate())
    assert problem.value.hint
