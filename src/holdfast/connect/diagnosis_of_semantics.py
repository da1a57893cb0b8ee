"""The check of `holdfast doctor` that looks at the model by which texts are found by their meaning."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from holdfast.connect.finding import Finding, note, ok, problem
from holdfast.errors import EnvironmentProblem
from holdfast.index import vectors
from holdfast.recall import semantic
from holdfast.repo.location import Repository

_NAME = "meaning"


def check_meaning(repository: Repository) -> Iterator[Finding]:
    """Load the model, when one was chosen, and say how many texts it has read; silent when none was."""
    choice = semantic.chosen(repository)
    if not choice.model:
        return
    try:
        encoder = semantic.encoder(repository)
    except EnvironmentProblem as error:
        yield problem(_NAME, f"{error.message} Texts are found by their words alone.", hint=error.hint)
        return
    assert encoder is not None
    what = f"texts are also found by their meaning, with the model chosen by {choice.origin}"
    yield ok(_NAME, f"{what}; vectors of {encoder.dimension} numbers", choice.model)
    made, whole = _coverage(repository, encoder.name)
    if made < whole:
        yield note(
            _NAME,
            f"{made:,} of {whole:,} texts were put to the model; the others are found by their words",
            hint="Each search by meaning goes on with it.",
        )


def _coverage(repository: Repository, model: str) -> tuple[int, int]:
    """Return how many texts have a vector, and how many there are; without making or changing the index."""
    path = repository.state_dir / "index.db"
    if not path.exists():
        return 0, 0
    try:
        database = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)
        try:
            return vectors.coverage(database, model, semantic.WITHOUT)
        finally:
            database.close()
    except sqlite3.Error:
        return 0, 0  # the check of the index names what is wrong with it
