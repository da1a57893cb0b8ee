"""A scripted model answers in the protocols that agents speak, turn by turn."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

import pytest

from holdfast.testing.model_protocols import Call, Turn
from holdfast.testing.scripted_model import OVER, ScriptedModel

BASH = {"name": "Bash", "input_schema": {"properties": {"command": {"type": "string"}}}}
EXEC = {"type": "function", "name": "exec_command", "parameters": {"properties": {"cmd": {"type": "string"}}}}


def post(model: ScriptedModel, path: str, body: dict[str, Any]) -> str:
    request = urllib.request.Request(f"{model.url}{path}", json.dumps(body).encode(), method="POST")
    with urllib.request.urlopen(request, timeout=10) as answer:
        return str(answer.read().decode())


def events(told: str) -> list[dict[str, Any]]:
    return [json.loads(line[6:]) for line in told.splitlines() if line.startswith("data: ")]


def test_a_command_is_called_with_the_tool_that_the_agent_declares() -> None:
    with ScriptedModel([Turn(shell="make"), Turn(shell="make")]) as model:
        told = json.loads(post(model, "/v1/messages", {"tools": [BASH], "messages": []}))
        assert told["content"][0]["input"] == {"command": "make"}
        assert told["stop_reason"] == "tool_use"
        told = json.loads(post(model, "/v1/responses", {"tools": [EXEC], "input": []}))
        assert json.loads(told["output"][0]["arguments"]) == {"cmd": "make"}


@pytest.mark.parametrize(("path", "tool"), [("/v1/messages", BASH), ("/v1/responses", EXEC)])
def test_a_streamed_answer_holds_the_same(path: str, tool: dict[str, Any]) -> None:
    with ScriptedModel([Turn(text="Look.", calls=(Call("note", {"x": 1}),))]) as model:
        told = events(post(model, path, {"tools": [tool], "stream": True}))
        assert "Look." in json.dumps(told)
        assert "note" in json.dumps(told)
        assert told[-1]["type"] in ("message_stop", "response.completed")


def test_turns_are_taken_in_order_and_wait_for_what_they_need() -> None:
    with ScriptedModel([Turn(text="later", when="exit code 1"), Turn(text="first")]) as model:
        said = [
            json.loads(post(model, "/v1/messages", {"tools": [BASH], "messages": [told]}))["content"][0][
                "text"
            ]
            for told in ("hello", "exit code 1", "hello")
        ]
        assert said == ["first", "later", OVER]
        assert [each.turn for each in model.asked] == [1, 0, None]
        assert model.left == 0


def test_a_request_without_tools_takes_no_turn() -> None:
    with ScriptedModel([Turn(text="first")]) as model:
        post(model, "/v1/messages", {"messages": ["a title, please"]})
        assert (model.left, model.asked[0].turn) == (1, None)
        assert "a title, please" in model.asked[0].text
