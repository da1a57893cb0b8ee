"""Symptoms are kept by document and belong to what was read."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest

from holdfast.errors import EnvironmentProblem
from holdfast.index.documents import Document
from holdfast.learn import symptoms
from holdfast.learn.symptoms import Symptoms
from holdfast.repo.location import Repository
from holdfast.testing import repositories

MET = ("people see old prices", "why does the shop lag behind?")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return repositories.make_repository(tmp_path / "r")


def document(text: str) -> Document:
    return Document(id="commit:1", source="commit", kind="commit", title="Cache prices", text=text)


def test_what_is_kept_is_read_again(repository: Repository) -> None:
    first = {"commit:1": Symptoms(read="a" * 16, settles=True, met=MET, compared=True, replaces=("b" * 16,))}
    symptoms.add(repository, first)
    symptoms.add(repository, {"commit:2": Symptoms(read="c" * 16)})
    assert symptoms.read(repository) == {**first, "commit:2": Symptoms(read="c" * 16)}
    assert (repository.state_dir / symptoms.FILE).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"null", b'{"schema":2,"documents":{}}', b'{"documents":{"x":{}}}', b"\xff" * 9],
)
def test_a_file_that_is_none_of_ours_holds_nothing(repository: Repository, content: bytes) -> None:
    (repository.ensure_state() / symptoms.FILE).write_bytes(content)
    assert symptoms.read(repository) == {}


def test_what_cannot_be_read_is_set_aside_and_not_written_over(repository: Repository) -> None:
    path = repository.ensure_state() / symptoms.FILE
    path.write_bytes(b'{"schema":1,"documents":{"commit:1":')
    symptoms.add(repository, {"commit:2": Symptoms(read="c" * 16)})
    assert path.with_name(f"{symptoms.FILE}.unreadable").read_bytes().startswith(b'{"schema":1')
    assert list(symptoms.read(repository)) == ["commit:2"]


def test_nobody_waits_for_a_file_that_never_ends(repository: Repository) -> None:
    os.mkfifo(repository.ensure_state() / symptoms.FILE)
    assert symptoms.read(repository) == {}


def test_a_text_that_changed_has_another_digest() -> None:
    assert symptoms.digest_of(document("five minutes")) != symptoms.digest_of(document("six minutes"))
    moved = msgspec.structs.replace(document("five minutes"), id="commit:2", day="2026-01-01")
    assert symptoms.digest_of(document("five minutes")) == symptoms.digest_of(moved)


def test_texts_without_bound_are_cut(repository: Repository) -> None:
    symptoms.add(repository, {"x": Symptoms(read="a", settles=True, met=("long " * 400,) * 50)})
    kept = symptoms.read(repository)["x"].met
    assert (len(kept), len(kept[0])) == (symptoms.MAX_TEXTS, symptoms.MAX_LENGTH)
    symptoms.add(repository, {"x": Symptoms(read="a", replaces=("b" * 16,) * 500)})
    assert len(symptoms.read(repository)["x"].replaces) == symptoms.MAX_REPLACES


def test_symptoms_are_forgotten_by_document(repository: Repository) -> None:
    symptoms.add(
        repository, {name: Symptoms(read="a") for name in ("statement:k:0", "statement:k:1", "commit:1")}
    )
    assert symptoms.forget(repository, lambda name: name.startswith("statement:k:")) == 2
    assert list(symptoms.read(repository)) == ["commit:1"]
    assert symptoms.forget(repository, lambda _: False) == 0


def test_writers_at_once_lose_nothing(repository: Repository) -> None:
    names = [f"commit:{number}" for number in range(24)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda name: symptoms.add(repository, {name: Symptoms(read="a")}), names))
    assert sorted(symptoms.read(repository)) == sorted(names)


def test_what_a_newer_version_wrote_is_left_as_it_is(repository: Repository) -> None:
    path = repository.ensure_state() / symptoms.FILE
    path.write_text('{"schema":2,"documents":{"x":{"read":"a"}},"more":1}')
    with pytest.raises(EnvironmentProblem, match="newer"):
        symptoms.add(repository, {"x": Symptoms(read="a")})
    with pytest.raises(EnvironmentProblem, match="newer"):
        symptoms.forget(repository, lambda _: True)
    assert '"more":1' in path.read_text()
