"""Texts are found by their meaning when a person chose a model, and nothing changes when nobody did."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from holdfast.connect import setup
from holdfast.errors import EnvironmentProblem, UsageError
from holdfast.index import vectors
from holdfast.learn import write
from holdfast.learn.view import View
from holdfast.recall import semantic
from holdfast.recall.semantic import VARIABLE, chosen, fill, fuse, nearest, recall_meaning
from holdfast.repo import config, own_state
from holdfast.repo.location import Repository
from holdfast.testing.repositories import commit, make_repository

TOLD = {
    "Keep the cache of prices for one hour, because the import runs hourly.": "decision",
    "Hash every password with argon2, because bcrypt was refused by the auditors.": "decision",
    "Add an index before the report of May runs, because it scans all rows.": "gotcha",
    "Round each line of an invoice, not the sum, because the tax office wants it so.": "decision",
}


@pytest.fixture
def project(
    empty: Repository, tiny_model: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Repository:
    """A repository with four learnings, and a model chosen by the environment."""
    with View(empty) as view:
        for text, kind in TOLD.items():
            write.learn_text(view, text, kind=kind, anyway="a test")
    monkeypatch.setenv(VARIABLE, str(tiny_model.make(tmp_path / "model")))
    return empty


def texts(hits: Sequence[Any]) -> list[str]:
    return [hit.document.text for hit in hits]


def test_what_shares_no_word_is_found_by_its_meaning(project: Repository) -> None:
    with View(project) as view:
        assert "password" in recall_meaning(view, "login").items[0].text
        assert "cache" in recall_meaning(view, "yesterday").items[0].text
        assert "invoice" in recall_meaning(view, "money money").items[0].text


def test_a_hit_bears_the_cosine_and_no_words(project: Repository) -> None:
    with View(project) as view:
        fill(view)
        (hit,) = nearest(view, "login", 10)
        assert 0.99 < hit.score <= 1.0
        assert (hit.matched, hit.of, hit.idf_share) == ((), 0, 0.0)


def test_nothing_is_made_and_nothing_found_without_a_model(
    project: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VARIABLE)
    with View(project) as view:
        assert fill(view) == semantic.Progress(made=0, left=0)
        assert nearest(view, "login", 10) == []
        assert vectors.counts(view.index) == {}
        with pytest.raises(EnvironmentProblem, match="No model was chosen") as raised:
            recall_meaning(view, "login")
        assert "ingest --semantic" in raised.value.hint


def test_filling_in_steps_gives_what_filling_at_once_gives(project: Repository) -> None:
    with View(project) as view:
        whole = fill(view, seconds=0).left
        assert whole >= len(TOLD)
        while (done := fill(view, seconds=0.002)).left:
            whole -= done.made
            assert done.left == whole
        assert fill(view).made == 0
        steps = [(hit.document.id, hit.score) for hit in nearest(view, "login slow tax", 10)]
        assert vectors.forget(view.index) > 0
        assert fill(view).left == 0
        assert [(hit.document.id, hit.score) for hit in nearest(view, "login slow tax", 10)] == steps


def test_only_what_is_new_is_put_to_the_model_again(project: Repository) -> None:
    with View(project) as view:
        whole = fill(view).made
        assert whole >= len(TOLD)
        write.learn_text(
            view, "Expire a session after fifteen minutes, because the auditors asked.", anyway="a test"
        )
        assert fill(view).made == 1
        assert "fifteen" in " ".join(texts(nearest(view, "token", 3)))


def test_another_model_makes_all_vectors_anew(
    project: Repository, tiny_model: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with View(project) as view:
        first = fill(view)
        groups = [("login", "cache"), ("index", "invoice")]
        monkeypatch.setenv(VARIABLE, str(tiny_model.make(tmp_path / "other", groups=groups)))
        second = fill(view)
        assert (second.made, second.dropped) == (first.made, first.made)
        assert len(vectors.counts(view.index)) == 1
        assert "cache" in texts(nearest(view, "login", 1))[0]


def test_a_model_that_is_replaced_in_its_folder_is_read_again(
    project: Repository, tiny_model: Any, tmp_path: Path
) -> None:
    with View(project) as view:
        fill(view)
        tiny_model.make(tmp_path / "model", groups=[("login", "cache"), ("index", "invoice", "x")])
        assert fill(view).dropped
        assert "cache" in texts(nearest(view, "login", 1))[0]


def test_a_purged_learning_leaves_no_vector(project: Repository) -> None:
    with View(project) as view:
        fill(view)
        before = sum(vectors.counts(view.index).values())
        view.index.apply(remove=[view.learnings()[0].id])
        assert sum(vectors.counts(view.index).values()) == before - 1


def test_a_model_of_no_numbers_finds_nothing_and_stops_nothing(
    project: Repository, tiny_model: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = tiny_model.table() * float("nan")
    monkeypatch.setenv(VARIABLE, str(tiny_model.make(tmp_path / "nan", numbers=numbers)))
    with View(project) as view:
        assert fill(view).left == 0
        assert nearest(view, "login", 10) == []
        assert "argon2" in recall_meaning(view, "hash a password with argon2").items[0].text


def test_what_another_worktree_alone_stands_on_is_not_found(project: Repository, tmp_path: Path) -> None:
    commit(project.directory, {"a.txt": "1\n"}, "Drop the password of guests")
    project.git("worktree", "add", "--quiet", str(tmp_path / "beside"), "HEAD~1")
    with View(project) as here, View(Repository.find(tmp_path / "beside")) as beside:
        fill(here)
        found, elsewhere = (texts(nearest(view, "login", 5)) for view in (here, beside))
        assert {text for text in found if text not in elsewhere} == {"Drop the password of guests"}
        assert any("argon2" in text for text in elsewhere)


@pytest.mark.parametrize(
    "query", ["", "   ", "\0", "日本語", "the", '"login" OR', "login " * 200_000, "\ud800"]
)
def test_any_query_is_answered(project: Repository, query: str) -> None:
    with View(project) as view:
        assert isinstance(recall_meaning(view, query).items, list)


def test_what_was_replaced_is_not_brought_back_by_its_meaning(project: Repository) -> None:
    with View(project) as view:
        old = next(each for each in view.learnings() if "argon2" in each.text)
        new = "Hash every password with scrypt, because argon2 is not in the base image."
        write.learn_text(view, new, kind="decision", supersedes=(old.id,), anyway="a test")
        told = [item.text for item in recall_meaning(view, "login password").items]
        assert new in told
        assert old.text not in told


# -- the choice


def test_a_choice_is_tried_kept_and_ended(
    empty: Repository, tiny_model: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tiny_model.make(tmp_path / "model")
    with pytest.raises(EnvironmentProblem, match="holds no model"):
        semantic.choose(empty, str(tmp_path))
    assert chosen(empty) == semantic.Choice()
    monkeypatch.chdir(tmp_path)
    assert semantic.choose(empty, "model").semantic == str(folder)
    assert chosen(empty) == semantic.Choice(model=str(folder), origin="this clone")
    semantic.choose(empty, "off")
    assert chosen(empty) == semantic.Choice()


def test_the_environment_goes_before_the_clone(
    empty: Repository, tiny_model: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    semantic.choose(empty, str(tiny_model.make(tmp_path / "model")))
    monkeypatch.setenv(VARIABLE, "/another")
    assert chosen(empty).model == "/another"
    monkeypatch.setenv(VARIABLE, "off")
    assert chosen(empty).model == ""


def test_a_model_that_came_with_a_copied_clone_is_not_loaded(
    empty: Repository, tiny_model: Any, tmp_path: Path
) -> None:
    semantic.choose(empty, str(tiny_model.make(tmp_path / "model")))
    shutil.copytree(empty.directory, tmp_path / "copy", symlinks=True)
    copy = Repository.find(tmp_path / "copy")
    own_state.mark(copy)  # as if its files had been moved into one's own state
    assert "not chosen on this machine" in chosen(copy).problem
    with View(copy) as view, pytest.raises(EnvironmentProblem, match="not chosen on this machine"):
        fill(view)


def test_nothing_in_the_tree_chooses_a_model(empty: Repository, tiny_model: Any, tmp_path: Path) -> None:
    folder = tiny_model.make(tmp_path / "model")
    told = f'semantic = "{folder}"\n[semantic]\nmodel = "{folder}"\n'
    commit(empty.directory, {".holdfast/config.toml": told}, "Choose a model for everybody")
    assert chosen(empty) == semantic.Choice()


def test_a_repository_that_is_not_set_up_keeps_no_choice(
    isolated_home: Path, tmp_path: Path, tiny_model: Any
) -> None:
    made = make_repository(tmp_path / "plain")
    with pytest.raises(UsageError, match="not set up"):
        semantic.choose(made, str(tiny_model.make(tmp_path / "model")))
    assert chosen(made) == semantic.Choice()
    setup.init(made, private=False)
    assert config.settings(made) is not None


# -- encoders of other packages


class Broken:
    name, dimension = "broken", 2

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def encode(self, texts: Sequence[str]) -> list[Sequence[float]]:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (RuntimeError("out of memory"), "RuntimeError: out of memory"),
        ([], "no vector of 2 numbers"),
        ([[1.0]], "no vector of 2 numbers"),
        ([[1.0, 2.0], [1.0, 2.0]], "no vector of 2 numbers"),
        (None, "TypeError"),
    ],
    ids=str,
)
def test_an_encoder_that_fails_is_named_in_a_line(project: Repository, answer: Any, told: str) -> None:
    with View(project) as view, pytest.raises(EnvironmentProblem, match=told) as raised:
        fill(view, by=Broken(answer))
    assert "\n" not in raised.value.message


# -- fusion


def test_what_stands_high_in_both_lists_comes_first() -> None:
    assert fuse([["a", "b", "c"], ["c", "d", "b"]], str) == ["c", "b", "a", "d"]
    assert fuse([["a", "b"], []], str) == ["a", "b"]
    assert fuse([["b", "a"], ["a", "b"]], str) == ["a", "b"]
    assert fuse([], str) == []


# -- what it costs those who do not use it


@pytest.mark.parametrize("asked", [["brief", "--prompt", "login fails"], ["recall", "login"], ["status"]])
def test_what_is_told_unasked_never_loads_a_model(project: Repository, asked: list[str]) -> None:
    told = f"""
import sys
from holdfast.cli.main import main
sys.argv[1:] = {asked!r}
try:
    main()
finally:
    print("loaded:", sorted({{"numpy", "onnxruntime"}} & set(sys.modules)))
"""
    done = subprocess.run(
        [sys.executable, "-c", told], cwd=project.directory, capture_output=True, text=True, check=False
    )
    assert done.returncode in (0, 1), done.stderr
    assert done.stdout.splitlines()[-1] == "loaded: []"


def test_nothing_of_it_is_loaded_without_a_choice(empty: Repository) -> None:
    told = f"""
import sys
from pathlib import Path
from holdfast.learn.view import View
from holdfast.recall import semantic
from holdfast.recall.search import recall_words
from holdfast.repo import own_state
from holdfast.repo.location import Repository
with View(Repository.find({str(empty.directory)!r})) as view:
    semantic.fill(view), semantic.nearest(view, "login", 3), recall_words(view, "login")
print(sorted({{"numpy", "onnxruntime"}} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
