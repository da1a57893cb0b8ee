"""The check of `holdfast doctor` that looks at what knowledge comes from beside the records."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from holdfast.connect.finding import Finding, note
from holdfast.learn.sources import registered
from holdfast.learn.sources.taking import FAILED, LEFT, in_words
from holdfast.repo.location import Repository


def check_sources(repository: Repository) -> Iterator[Finding]:
    """Name the sources that could not be used, and those that are not read to their end yet."""
    state = _state(repository)
    failed = [value for key, value in sorted(state.items()) if key.startswith(FAILED)]
    for told in (*registered().problems, *failed):
        yield note("sources", told, hint="Upgrade or remove the package that brings it, or report this.")
    left = [key.removeprefix(LEFT) for key in sorted(state) if key.startswith(LEFT)]
    if left:
        hint = "Each use reads on a little, `holdfast ingest` for longer."
        yield note("sources", f"not all read yet: {in_words(left)}", hint=hint)


def _state(repository: Repository) -> dict[str, str]:
    """Return what the index says of its sources; nothing when there is none that can be read."""
    path = repository.state_dir / "index.db"
    sql = "SELECT key, value FROM state WHERE key GLOB ? OR key GLOB ?"
    try:
        database = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        try:
            return dict(database.execute(sql, (f"{FAILED}*", f"{LEFT}*")).fetchall())
        finally:
            database.close()
    except sqlite3.Error:
        return {}
