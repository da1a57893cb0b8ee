"""A scripted model answers in the protocols that agents speak, turn by turn."""

from __future__ import annotations

import http.client
import json
import urllib.request
from typing import Any

import pytest

from holdfast.testing.model_protocols import Call, Turn
from holdfast.testing.scripted_model import OVER, ScriptedModel

BASH = {"name": "Bash", "input_schema": {"properties": {"command": {"type": "string"}}}}
EXEC = {"type": "function", "name": "exec_command", "parameters": {"properties": {"cmd": {"type": "string"}}}}
CHAT = {"type": "function", "function": {"name": "bash", "parameters": BASH["input_schema"]}}
GEMINI = {
    "functionDeclarations": [{"name": "run_shell_command", "parametersJsonSchema": BASH["input_schema"]}]
}
GENERATE = "/v1beta/models/gemini-2.5-pro:generateContent"


def post(model: ScriptedModel, path: str, body: dict[str, Any]) -> str:
    request = urllib.request.Request(f"{model.url}{path}", json.dumps(body).encode(), method="POST")
    with urllib.request.urlopen(request, timeout=10) as answer:
        return str(answer.read().decode())


def events(told: str) -> list[dict[str, Any]]:
    return [json.loads(line[6:]) for line in told.splitlines() if line.startswith("data: {")]


def test_a_command_is_called_with_the_tool_that_the_agent_declares() -> None:
    with ScriptedModel([Turn(shell="make"), Turn(shell="make")]) as model:
        told = json.loads(post(model, "/v1/messages", {"tools": [BASH], "messages": []}))
        assert told["content"][0]["input"] == {"command": "make"}
        assert told["stop_reason"] == "tool_use"
        told = json.loads(post(model, "/v1/responses", {"tools": [EXEC], "input": []}))
        assert json.loads(told["output"][0]["arguments"]) == {"cmd": "make"}


def test_a_chat_completion_and_gemini_are_answered_in_their_own_form() -> None:
    with ScriptedModel([Turn(text="Look.", shell="make")] * 2) as model:
        told = json.loads(post(model, "/v1/chat/completions", {"tools": [CHAT], "messages": []}))
        (choice,) = told["choices"]
        assert (choice["finish_reason"], choice["message"]["content"]) == ("tool_calls", "Look.")
        (call,) = choice["message"]["tool_calls"]
        assert json.loads(call["function"]["arguments"]) == {"command": "make"}
        told = json.loads(post(model, GENERATE, {"tools": [GEMINI], "contents": []}))
        said, called = told["candidates"][0]["content"]["parts"]
        assert said == {"text": "Look."}
        assert called["functionCall"]["name"] == "run_shell_command"
        assert called["functionCall"]["args"] == {"command": "make"}


def test_a_streamed_chat_completion_ends_with_its_mark_and_says_what_the_whole_one_says() -> None:
    with ScriptedModel([Turn(text="Look.", shell="make")]) as model:
        told = post(model, "/v1/chat/completions", {"tools": [CHAT], "stream": True})
    assert told.endswith("data: [DONE]\n\n")
    assert "event:" not in told
    choices = [choice for event in events(told) for choice in event["choices"]]
    assert "".join(choice["delta"].get("content", "") for choice in choices) == "Look."
    assert [choice["finish_reason"] for choice in choices][-1] == "tool_calls"
    assert events(told)[-1]["usage"]["total_tokens"] > 0


def test_a_request_may_come_in_chunks_and_tokens_are_counted_for_who_asks() -> None:
    with ScriptedModel([Turn(text="first")]) as model:
        connection = http.client.HTTPConnection(model.url.removeprefix("http://"), timeout=10)
        told = [b'{"tools": ', json.dumps([BASH]).encode(), b"}"]
        connection.request("POST", "/v1/messages", iter(told), encode_chunked=True,
                           headers={"Transfer-Encoding": "chunked"})  # fmt: skip
        assert json.loads(connection.getresponse().read())["content"][0]["text"] == "first"
        connection.close()
        counted = json.loads(post(model, "/v1beta/models/x:countTokens", {"contents": ["some words"]}))
        assert counted["totalTokens"] > 0
        assert len(model.asked) == 1


@pytest.mark.parametrize(
    ("path", "tool"),
    [
        ("/v1/messages", BASH),
        ("/v1/responses", EXEC),
        ("/v1/chat/completions", CHAT),
        (GENERATE.replace("generate", "streamGenerate"), GEMINI),
    ],
)
def test_a_streamed_answer_holds_the_same(path: str, tool: dict[str, Any]) -> None:
    with ScriptedModel([Turn(text="Look.", calls=(Call("note", {"x": 1}),))]) as model:
        told = events(post(model, path, {"tools": [tool], "stream": True}))
        assert "Look." in json.dumps(told)
        assert "note" in json.dumps(told)
        assert told[-1].get("type") in ("message_stop", "response.completed", None)


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
