"""The server as a client starts it: a process of its own, over its standard input and output."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ABOUT = "io.modelcontextprotocol/"
COMMAND = [sys.executable, "-m", "holdfast", "mcp"]


def handshake(version: str, id_: int | str = 0) -> dict[str, Any]:
    client = {"name": "a-client", "version": "1"}
    params = {"protocolVersion": version, "capabilities": {}, "clientInfo": client}
    return {"jsonrpc": "2.0", "id": id_, "method": "initialize", "params": params}


def stateless(method: str, id_: int | str, **params: Any) -> dict[str, Any]:
    about = {
        f"{ABOUT}protocolVersion": "2026-07-28",
        f"{ABOUT}clientInfo": {"name": "a-client", "version": "1"},
        f"{ABOUT}clientCapabilities": {},
    }
    return {"jsonrpc": "2.0", "id": id_, "method": method, "params": {"_meta": about, **params}}


class Wire:
    """One server, and what it answered so far."""

    def __init__(self, directory: Path, **environment: str) -> None:
        self.process = subprocess.Popen(
            COMMAND, cwd=directory, env={**os.environ, **environment}, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def send(self, *messages: dict[str, Any] | bytes) -> None:
        assert self.process.stdin
        for message in messages:
            data = message if isinstance(message, bytes) else json.dumps(message).encode()
            self.process.stdin.write(data + b"\n")
        self.process.stdin.flush()

    def read(self) -> dict[str, Any]:
        assert self.process.stdout
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer

    def ask(self, message: dict[str, Any]) -> dict[str, Any]:
        self.send(message)
        return self.read()

    def call(self, name: str, id_: int = 9, **arguments: Any) -> Any:
        params = {"name": name, "arguments": arguments}
        return self.ask({"jsonrpc": "2.0", "id": id_, "method": "tools/call", "params": params})["result"]

    def end(self) -> tuple[bytes, bytes]:
        """Close the client's end; return what else the server wrote."""
        return self.process.communicate(timeout=60)


@pytest.fixture
def wire(home: Path) -> Iterator[Callable[..., Wire]]:
    """Start a server in a directory."""
    started: list[Wire] = []

    def start(directory: Path, **environment: str) -> Wire:
        started.append(Wire(directory, **environment))
        return started[-1]

    yield start
    for each in started:
        each.process.kill()
        each.process.communicate()
