"""Text made to take for ever is read like any other: one try at each of its places would end the suite.

With 100,000 repetitions, work that grows with the square of a text does not end within a test's time limit.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from holdfast.transcripts.aider import AiderReader
from holdfast.transcripts.events import AnyEvent, Call, Result, Say
from holdfast.transcripts.mini_swe_agent import MiniSweAgentReader
from holdfast.transcripts.opencode_results import read_outcome
from holdfast.transcripts.paths import SessionPaths
from holdfast.transcripts.pi import PiReader
from holdfast.transcripts.reader import Reader, Source
from holdfast.transcripts.specstory_tools import read_tool

MANY = 100_000
CHAT = "# aider chat started at 2026-03-02 09:00:00\n\n"


def read(kind: type[Reader], *pieces: str) -> list[AnyEvent]:
    reader = kind(Source())
    return [event for piece in pieces for event in reader.feed(piece.encode())]


def trajectory(*messages: dict[str, Any]) -> str:
    return json.dumps({"info": {"model_stats": {}}, "messages": messages})


def test_very_many_proposals_of_aiders_are_each_taken_once() -> None:
    fences = "".join(f"f{number}.py\n```\nx\n```\n" for number in range(MANY))
    applied = "".join(f"> Applied edit to f{number}.py  \n" for number in reversed(range(MANY)))
    events = read(AiderReader, f"{CHAT}#### do  \n\n{fences}\n{applied}")
    assert sum(isinstance(event, Call) for event in events) == MANY


def test_a_number_without_end_is_no_count_of_tokens() -> None:
    assert read(AiderReader, f"{CHAT}> Tokens: {'1' * MANY}x received.  \n")


@pytest.mark.parametrize("text", ["\n" * MANY + "x", "\nCommand aborted  x" * MANY, " \n" * MANY])
def test_a_failure_of_pis_is_told_by_its_end(text: str) -> None:
    message = {"role": "toolResult", "toolCallId": "c", "isError": True, "content": text}
    [result] = read(PiReader, json.dumps({"type": "message", "message": message}))
    assert isinstance(result, Result)
    assert result.status == "failed"


@pytest.mark.parametrize("text", ["\n" * MANY, "<bash_metadata>\n" * MANY, "</bash_metadata>\n" * MANY])
def test_a_note_of_opencodes_is_looked_for_at_the_end(text: str) -> None:
    outcome = read_outcome("bash", {"status": "completed", "output": text})
    assert outcome is not None
    assert outcome.status == "ok"


def test_an_output_of_mini_swe_agents_that_never_ends_is_taken_as_it_is() -> None:
    actions = [{"command": "x", "tool_call_id": "a"}]
    text = "<output>" * MANY
    events = read(MiniSweAgentReader, trajectory(
        {"role": "assistant", "extra": {"actions": actions}},
        {"role": "tool", "tool_call_id": "a", "content": text}))  # fmt: skip
    assert [type(event) for event in events] == [Call, Result]


def test_a_fence_of_mini_swe_agents_that_never_ends_is_no_command() -> None:
    text = "```bash" + "\n" * MANY
    events = read(MiniSweAgentReader, trajectory({"role": "assistant", "content": text}))
    assert [type(event) for event in events] == [Say]


def test_very_many_commands_of_mini_swe_agents_are_answered_in_any_order() -> None:
    actions = [{"command": "x", "tool_call_id": f"{number}"} for number in range(MANY)]
    answers = (
        {"role": "tool", "tool_call_id": f"{number}", "content": ""} for number in reversed(range(MANY))
    )
    events = read(
        MiniSweAgentReader, trajectory({"role": "assistant", "extra": {"actions": actions}}, *answers)
    )
    assert sum(isinstance(event, Result) for event in events) == MANY


@pytest.mark.parametrize("body", ["<summary>" * MANY, "\n" * MANY, "`a" * MANY, "```\n" * MANY, "**" * MANY])
def test_a_tool_use_of_specstorys_is_read_whatever_it_repeats(body: str) -> None:
    lines = f'<tool-use data-tool-name="Bash">\n{body}\n</tool-use>'.split("\n")
    found = read_tool(lines, SessionPaths())
    assert found is not None
    assert found.tool == "Bash"
