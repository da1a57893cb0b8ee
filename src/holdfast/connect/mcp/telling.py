"""Write down what a session was told because it asked, so that no hook tells it again in that context."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from holdfast.connect.mcp.asker import Asker
from holdfast.errors import UsageError
from holdfast.hook import clock
from holdfast.hook.journal import Journal
from holdfast.hook.moment import session_key
from holdfast.learn.view import View

SURFACE = "mcp"
"""How the journal calls it."""


def note(view: View, asker: Asker, shown: Iterable[str]) -> None:
    """Write into the journal of the session that asks, when its hooks keep one.

    Args:
        view: The repository's view.
        asker: Who asks; nothing is written when its session is not known.
        shown: What it was told, by the ids that were shown.
    """
    if not asker.session:
        return
    journal = Journal(str(view.repository.state_dir), session_key(asker.agent, asker.session))
    if not Path(journal.path).exists():
        return
    ids = sorted({_whole(view, each) for each in shown} - journal.told())
    if ids:
        journal.add(clock.now(), "told", surface=SURFACE, ids=ids)


def _whole(view: View, shown: str) -> str:
    try:
        return view.resolve(shown).id
    except UsageError:
        return shown
