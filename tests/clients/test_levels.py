"""A real client hears nothing when told to be quiet, and no more than the level says; worktrees share all."""

from __future__ import annotations

import json

from tests.clients.conftest import Client
from tests.clients.test_telling import AGENTS, FIRST, HINT, OTHER, START, Run, holdfast, learn, play, prepare

from holdfast.repo.location import Repository

OURS = (HINT, START, "Left open by the last session", " % full (")


def is_told(asked: list[str]) -> bool:
    return any(words in each for each in asked for words in OURS)


@AGENTS
def test_quiet_holds_for_a_real_client_until_it_is_ended(client: Client, agent: str, run: Run) -> None:
    prepare(client, agent)
    learn(client, run)
    holdfast(client, "status", "--quiet", "today")
    assert not is_told(play(client, run, FIRST))
    holdfast(client, "status", "--quiet", "off")
    assert HINT in play(client, run, FIRST)[1]


@AGENTS
def test_going_down_a_level_ends_what_is_said_and_going_up_brings_it_back(
    client: Client, agent: str, run: Run
) -> None:
    prepare(client, agent)
    learn(client, run, sessions=3)
    assert START in play(client, run, OTHER)[0]
    holdfast(client, "init", "--yes", "--level", "quickstart")
    assert not is_told(play(client, run, FIRST))
    holdfast(client, "init", "--yes", "--level", "foundation", "--agent", agent)
    assert START in play(client, run, OTHER)[0]


@AGENTS
def test_a_session_in_a_worktree_of_its_own_is_told_what_the_others_paid_for(
    client: Client, agent: str, run: Run
) -> None:
    prepare(client, agent)
    learn(client, run)
    made = json.loads(holdfast(client, "run", "worktree", "mine", "--json"))
    tool = client.repository.directory / "frob"
    client.repository = Repository.find(made["path"])
    tool.rename(client.repository.directory / "frob")
    assert HINT in play(client, run, FIRST)[1]
    assert "1 session" in holdfast(client, "ingest", "--due"), "and it is read as one of this repository"
