"""``holdfast learn --quote``: an agent proposes what its user said; it waits for that person."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from holdfast.cli.output import emit, plain, wrapped

if TYPE_CHECKING:
    from holdfast.learn.quoted import Quoted
    from holdfast.repo.records import Kind

WITH = ("quote", "agent", "kind", "decision", "failure", "pattern", "model", "commands", "paths", "tags")
"""The options that go with it."""


def run(
    text: tuple[str, ...], kind: Kind, options: Mapping[str, Any], as_json: bool, directory: Path | None
) -> int:
    """Look for the user's words in the session's log and let the text wait; print what became of it."""
    from holdfast.cli.opening import open_view
    from holdfast.hook.commands import family
    from holdfast.learn.quoted import propose_quoted
    from holdfast.repo.records import Applies

    said = sys.stdin.buffer.read(1 << 16).decode("utf-8", "replace") if text == ("-",) else " ".join(text)
    applies = Applies(
        commands=tuple(family(name) or name for name in options["commands"]),
        paths=options["paths"],
        tags=options["tags"],
    )
    with open_view(directory or ".") as view:
        done = propose_quoted(
            view, said, options["quote"], kind=kind, applies=applies, agent=options["agent"] or "",
            home=Path.home(), environ=os.environ,
        )  # fmt: skip
    emit(done, "holdfast.learn-quoted/1", as_json, _lines)
    return 0


def _lines(done: Quoted) -> Iterator[str]:
    short = done.id[:6]
    if done.state == "known":
        yield f"Already on record as {short}; nothing was noted."
        return
    if done.state == "dropped":
        yield f"The user set the same aside before ({short}); nothing was noted."
        return
    yield f"Waits for the user as {short}; one key accepts it: holdfast review"
    yield wrapped(f"{plain(done.text)} (“{plain(done.quote)}”)")
    if not done.found:
        yield "  This session's log was not found, so nobody compared the words with it."
