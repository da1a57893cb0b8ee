"""A second session of a real client is told what the first one left open, read off the request it made."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.clients.conftest import Client
from tests.clients.test_reading import run_claude, run_codex
from tests.clients.test_telling import holdfast

from holdfast.testing.model_protocols import Turn
from holdfast.testing.scripted_model import ScriptedModel

LEFT = "Left open by the last session"
CHANGES = "printf 'a discount\\n' >> file0.txt"
FAILS = "python3 -c \"raise SystemExit('AssertionError: the total is 9, not 10')\""


@pytest.mark.parametrize(("agent", "run"), [("claude-code", run_claude), ("codex", run_codex)])
def test_the_second_session_is_told_what_the_first_left_open(
    client: Client, agent: str, run: Callable[[Client, ScriptedModel], object]
) -> None:
    (client.home / ".gitconfig").write_text("[user]\n\tname = A\n\temail = a@example.invalid\n")
    holdfast(client, "init", "--yes", "--level", "flow", "--agent", agent)
    with ScriptedModel([Turn(shell=CHANGES), Turn(shell=FAILS), Turn(text="One test fails still.")]) as model:
        run(client, model)
        assert not any(LEFT in each.text for each in model.asked)
    holdfast(client, "ingest", "--due")
    whole = holdfast(client, "brief", "--handoff")
    assert "Not committed: file0.txt" in whole
    assert "the total is 9, not 10" in whole
    with ScriptedModel([Turn(text="I see.")]) as model:
        run(client, model)
        assert any(LEFT in each.text and "Not committed: file0.txt" in each.text for each in model.asked)
