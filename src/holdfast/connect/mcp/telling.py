"""Write down what a session was told because it asked, and what it said of it.

What it was told no hook tells it again in that context; what it said is counted with what came of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from holdfast.connect.mcp.asker import Asker
from holdfast.hook import clock
from holdfast.hook.journal import Journal
from holdfast.hook.moment import session_key
from holdfast.learn.view import View

ASKED, SURFACE = "asked", "mcp"
"""How the journal calls it: a session has no more room for what is told unasked because it asked."""


def note(view: View, asker: Asker, shown: Iterable[str]) -> None:
    """Write into the journal of the session that asks, when its hooks keep one.

    Args:
        view: The repository's view.
        asker: Who asks; nothing is written when its session is not known.
        shown: What it was told, by the ids that were shown: hooks know them by the same.
    """
    journal = _journal(view, asker)
    if journal is None:
        return
    if ids := sorted(set(shown) - journal.told()):
        journal.add(clock.now(), ASKED, surface=SURFACE, ids=ids)


def note_cited(view: View, asker: Asker, learning_id: str, outcome: str) -> None:
    """Write into the journal of the session that asks what it said of a learning."""
    journal = _journal(view, asker)
    if journal is not None:
        journal.add(clock.now(), "cited", ids=[learning_id], outcome=outcome)


def _journal(view: View, asker: Asker) -> Journal | None:
    """Return the journal of a session; None when it is not known, or its hooks keep none."""
    if not asker.session:
        return None
    journal = Journal(str(view.repository.state_dir), session_key(asker.agent, asker.session))
    return journal if Path(journal.path).exists() else None
