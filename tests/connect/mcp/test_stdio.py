"""The server as clients start it, with the SDK's own client and with bad ones."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from mcp import StdioServerParameters
from mcp.client.client import Client, ConnectMode
from tests.connect.mcp.conftest import COMMAND, handshake, stateless

from holdfast.connect.mcp import declared
from holdfast.repo.location import Repository

Start = Callable[..., Any]
INITIALIZED = {"jsonrpc": "2.0", "method": "notifications/initialized"}


@pytest.mark.parametrize("mode", ["legacy", "auto", "2026-07-28"])
def test_the_client_of_the_sdk_lists_and_calls(mode: ConnectMode, learned: Repository) -> None:
    server = StdioServerParameters(
        command=COMMAND[0], args=COMMAND[1:], cwd=learned.directory, env=dict(os.environ)
    )

    async def talk() -> tuple[list[str], Any]:
        async with Client(server, mode=mode) as client:
            tools = await client.list_tools()
            answer = await client.call_tool("recall", {"query": "vitest not found"})
            return [tool.name for tool in tools.tools], answer

    names, answer = asyncio.run(talk())
    assert names == [tool["name"] for tool in declared.TOOLS]
    assert not answer.is_error
    assert "npm ci" in answer.content[0].text


def test_what_a_client_was_answered_is_answered_once(wire: Start, learned: Repository) -> None:
    server = wire(learned.directory)
    server.send(handshake("2025-11-25"), INITIALIZED, {"jsonrpc": "2.0", "id": 1, "method": "tools/list"})
    assert [server.read()["id"], server.read()["id"]] == [0, 1]
    assert "npm ci" in server.call("recall", 2, query="vitest not found")["content"][0]["text"]
    assert server.ask({"jsonrpc": "2.0", "id": 3, "method": "ping"})["id"] == 3
    assert server.end()[0] == b""


def test_a_client_may_skip_the_opening(wire: Start, learned: Repository) -> None:
    server = wire(learned.directory)
    params = {"name": "recall", "arguments": {"query": "vitest not found"}}
    answer = server.ask(stateless("tools/call", 1, **params))
    assert "npm ci" in answer["result"]["content"][0]["text"]


def test_calls_at_once_are_all_answered(wire: Start, learned: Repository) -> None:
    server = wire(learned.directory)
    params = {"name": "recall", "arguments": {"command": "npm test"}}
    server.send(*(stateless("tools/call", number, **params) for number in range(10)))
    answers = [server.read() for _ in range(10)]
    assert sorted(each["id"] for each in answers) == list(range(10))
    assert len({each["result"]["content"][0]["text"] for each in answers}) == 1


def test_what_is_no_message_stops_nothing(wire: Start, learned: Repository) -> None:
    server = wire(learned.directory)
    server.send(handshake("2025-11-25"), INITIALIZED)
    server.read()
    server.send(b"no json", b"", b"[]", b"\xff\xfe", b'{"jsonrpc":"2.0","id":5}', b"[" * 50_000)
    assert "npm ci" in server.call("recall", query="vitest not found")["content"][0]["text"]


def test_a_huge_output_is_cut_and_answered(wire: Start, learned: Repository) -> None:
    server = wire(learned.directory)
    server.ask(handshake("2025-11-25"))
    output = "sh: 1: vitest: not found\n" + "x" * (8 << 20)
    assert "npm ci" in server.call("recall", command="npm test", output=output)["content"][0]["text"]


def test_text_that_is_no_unicode_is_answered(wire: Start, learned: Repository) -> None:
    server = wire(learned.directory)
    server.ask(handshake("2025-11-25"))
    server.send(
        b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"recall","arguments":{"query":"\\ud800"}}}'
    )
    server.send({"jsonrpc": "2.0", "id": 2, "method": "ping"})
    while server.read()["id"] != 2:
        pass


def test_what_else_prints_or_reads_stays_off_the_wire() -> None:
    program = (
        "import os, subprocess, sys\n"
        "from holdfast.connect.mcp.stdio import _claim\n"
        "incoming, outgoing = _claim()\n"
        "print('STRAY', flush=True)\n"
        "subprocess.run(['sh', '-c', 'echo STRAY; cat'], check=True)\n"
        "outgoing.write(incoming.readline()); outgoing.flush()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], input="a line\n", capture_output=True, text=True, check=True
    )
    assert (done.stdout, done.stderr) == ("a line\n", "STRAY\nSTRAY\n")


def test_it_ends_with_its_client(wire: Start, learned: Repository) -> None:
    server = wire(learned.directory)
    server.ask(handshake("2025-11-25"))
    server.call("recall", query="vitest not found")
    out, _ = server.end()
    assert (out, server.process.returncode) == (b"", 0)


@pytest.mark.parametrize(("number", "called"), [(signal.SIGINT, False), (signal.SIGTERM, True)])
def test_it_ends_when_it_is_told_to(
    number: signal.Signals, called: bool, wire: Start, learned: Repository
) -> None:
    server = wire(learned.directory)
    server.ask(handshake("2025-11-25"))
    if called:
        server.call("recall", query="vitest not found")
    server.process.send_signal(number)
    assert server.process.wait(60) == -number


def test_outside_a_repository_it_says_so_when_it_is_asked(wire: Start, tmp_path: Path) -> None:
    server = wire(tmp_path)
    server.ask(handshake("2025-11-25"))
    answer = server.call("recall", query="anything")
    assert answer["isError"]
    assert "There is no git repository" in answer["content"][0]["text"]


def test_a_server_started_elsewhere_answers_of_the_clients_project(
    wire: Start, learned: Repository, tmp_path: Path
) -> None:
    server = wire(tmp_path, CLAUDE_PROJECT_DIR=str(learned.directory))
    server.ask(handshake("2025-11-25"))
    assert "npm ci" in server.call("recall", query="vitest not found")["content"][0]["text"]
