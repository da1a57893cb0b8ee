"""An agent that calls a learning wrong by the tool has it withheld from hooks at once."""

from __future__ import annotations

from holdfast.connect.mcp.tools import Asker, call
from holdfast.hook import published
from holdfast.learn.view import View
from holdfast.recall.publish import publish
from holdfast.repo.location import Repository


def test_what_is_called_wrong_is_published_no_more(learned: Repository) -> None:
    with View(learned) as view:
        publish(view)
        known = next(found for found in view.learnings() if "uv run pytest" in found.text)
    path = learned.state_dir / published.NAME
    assert b"uv run pytest" in path.read_bytes()
    told = {"id": known.id, "outcome": "wrong", "note": "uv is gone"}
    answer = call(learned.directory, "cite", told, Asker())
    assert not answer.failed
    assert b"uv run pytest" not in path.read_bytes()
