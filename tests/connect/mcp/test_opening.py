"""What is answered before the SDK is loaded is what the SDK answers."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from importlib.metadata import version
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.connect.mcp.conftest import ABOUT, handshake, stateless

from holdfast.connect.mcp import declared
from holdfast.connect.mcp.opening import HANDSHAKES, MOST, Opening
from holdfast.connect.mcp.server import serve_lines

INITIALIZED = {"jsonrpc": "2.0", "method": "notifications/initialized"}
LIST = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
LIST_WITH_PARAMS = {
    "jsonrpc": "2.0",
    "id": "b",
    "method": "tools/list",
    "params": {"_meta": {"progressToken": 0}},
}
PING = {"jsonrpc": "2.0", "id": 2, "method": "ping"}


class Held(StringIO):
    """Lines whose end comes only when as many answers as requests were written."""

    def __init__(self, lines: list[str], out: StringIO, answers: int) -> None:
        super().__init__("".join(lines))
        self._out, self._answers = out, answers

    def readline(self, size: int | None = -1, /) -> str:
        line = super().readline()
        while not line and self._out.getvalue().count("\n") < self._answers:
            time.sleep(0.01)
        return line


def from_sdk(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    out = StringIO()
    lines = [json.dumps(message) + "\n" for message in messages]
    serve_lines(Path(), Held(lines, out, sum("id" in each for each in messages)), out)
    return sorted(
        (json.loads(line) for line in out.getvalue().splitlines()), key=lambda each: str(each["id"])
    )


def from_opening(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    opening = Opening()
    answers = [opening.take(json.dumps(message) + "\n") for message in messages]
    assert None not in answers
    return sorted((json.loads(each) for each in answers if each), key=lambda each: str(each["id"]))


@pytest.mark.parametrize("asked", [*HANDSHAKES, "2026-07-28", "1999-01-01"])
def test_a_handshake_is_answered_as_the_sdk_does(asked: str) -> None:
    messages = [handshake(asked), INITIALIZED, LIST, LIST_WITH_PARAMS, PING]
    assert from_opening(messages) == from_sdk(messages)


def test_a_stateless_opening_is_answered_as_the_sdk_does() -> None:
    messages = [stateless("server/discover", "probe"), stateless("tools/list", 0)]
    assert from_opening(messages) == from_sdk(messages)


def taken(*messages: object) -> list[str | None]:
    opening = Opening()
    return [opening.take(each if isinstance(each, str) else json.dumps(each)) for each in messages]


LEFT = [
    {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "recall", "arguments": {}}},
    {"jsonrpc": "2.0", "id": 1, "method": "resources/list"},
    {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {"cursor": "x"}},
    {"jsonrpc": "2.0", "id": None, "method": "ping"},
    {"jsonrpc": "2.0", "id": True, "method": "ping"},
    {"jsonrpc": "1.0", "id": 1, "method": "ping"},
    {"jsonrpc": "2.0", "id": 1, "method": "ping", "params": []},
    handshake("2025-11-25", 7),
    stateless("tools/list", 1),
    [],
    "no JSON",
    "",
]


@pytest.mark.parametrize("message", LEFT, ids=range(len(LEFT)))
def test_what_is_no_opening_is_left_to_the_sdk(message: object) -> None:
    assert taken(handshake("2025-11-25"), message)[1] is None


@pytest.mark.parametrize("missing", ["protocolVersion", "clientInfo", "clientCapabilities"])
def test_a_request_that_does_not_say_who_asks_is_left_to_the_sdk(missing: str) -> None:
    message = stateless("tools/list", 1)
    del message["params"]["_meta"][f"{ABOUT}{missing}"]
    assert taken(message) == [None]


def test_a_handshake_after_a_stateless_request_is_left_to_the_sdk() -> None:
    assert taken(stateless("server/discover", 1), handshake("2025-11-25"))[1] is None


def test_who_never_stops_asking_is_left_to_the_sdk() -> None:
    answers = taken(handshake("2025-11-25"), *[PING] * MOST)
    assert answers[MOST - 1] is not None
    assert answers[MOST] is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
)
MESSAGES = st.fixed_dictionaries(
    {"jsonrpc": st.just("2.0")},
    optional={
        "id": JSON,
        "method": st.sampled_from(["initialize", "tools/list", "server/discover", "ping"]) | JSON,
        "params": JSON | st.fixed_dictionaries({"_meta": JSON}),
    },
)


@given(st.lists(st.text(max_size=40) | MESSAGES.map(json.dumps), max_size=5))
def test_no_line_breaks_it(lines: list[str]) -> None:
    opening = Opening()
    for line in lines:
        answer = opening.take(line)
        assert answer is None or answer == "" or json.loads(answer)["jsonrpc"] == "2.0"
    assert opening.lines == lines


def test_the_version_is_that_of_the_package() -> None:
    assert version("holdfast") == declared.VERSION


def test_the_opening_needs_no_sdk(wire: Callable[..., Any], tmp_path: Path) -> None:
    broken = tmp_path / "packages" / "mcp"
    broken.mkdir(parents=True)
    (broken / "__init__.py").write_text("raise SystemExit('the SDK was loaded')")
    server = wire(tmp_path, PYTHONPATH=str(broken.parent))
    server.send(handshake("2025-06-18"), INITIALIZED, LIST)
    assert [server.read()["id"], server.read()["id"]] == [0, 1]
    assert server.end() == (b"", b"")
    assert server.process.returncode == 0
