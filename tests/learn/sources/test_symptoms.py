"""The index holds the symptoms that are kept, and no others."""

from __future__ import annotations

from holdfast.index.documents import Document
from holdfast.learn import symptoms
from holdfast.learn.sources.symptoms import NOTHING, REPLACED, SYMPTOMS
from holdfast.learn.symptoms import Symptoms
from holdfast.learn.view import View
from holdfast.repo.location import Repository

OLD = Symptoms(read="a" * 16, settles=True, met=("people pay twice",))
NEW = Symptoms(
    read="b" * 16, settles=True, met=("a seat is sold again",), compared=True, replaces=("a" * 16,)
)


def held(view: View) -> dict[str, Document]:
    return {each.id: each for each in view.index.all(sources=[SYMPTOMS])}


def test_the_index_follows_the_file(repository: Repository) -> None:
    with View(repository) as view:
        assert held(view) == {}
        symptoms.add(repository, {"commit:1": OLD, "commit:2": Symptoms(read="c" * 16)})
        view.refresh()
        assert held(view)["symptoms:commit:1"].text == "people pay twice"
        assert held(view)["symptoms:commit:2"].kind == NOTHING
        symptoms.add(repository, {"commit:3": NEW})
        view.refresh()
        assert held(view)["symptoms:commit:1"].state == REPLACED + "b" * 16
        kept = held(view)
        view.index.reset()
        view.refresh()
        assert held(view) == kept
        (repository.state_dir / symptoms.FILE).unlink()
        view.refresh()
        assert held(view) == {}


def test_symptoms_are_found_only_where_they_are_asked_for(repository: Repository) -> None:
    symptoms.add(repository, {"commit:1": OLD})
    with View(repository) as view:
        assert SYMPTOMS not in view.everywhere
        assert not view.index.search("people pay twice", 5, sources=view.everywhere)
        assert view.index.search("people pay twice", 5, sources=[SYMPTOMS])
