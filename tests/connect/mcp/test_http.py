"""Over HTTP the tools are there for who shows the token, from this machine, and for nobody else."""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import signal
import socket
import stat
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from mcp.client.client import Client, ConnectMode
from mcp.client.streamable_http import streamable_http_client
from tests.connect.mcp.conftest import COMMAND, handshake

from holdfast.connect.mcp import token
from holdfast.errors import EnvironmentProblem
from holdfast.repo.location import Repository

Address = dict[str, str]


@pytest.fixture
def served(learned: Repository) -> Iterator[Address]:
    command = [*COMMAND, "--http", "--port", "0", "--json"]
    process = subprocess.Popen(
        command, cwd=learned.directory, env=dict(os.environ), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stdout
        text = b""
        while not text.endswith(b"}\n"):
            line = process.stdout.readline()
            assert line, process.stderr and process.stderr.read()
            text += line
        yield json.loads(text)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == -signal.SIGTERM
        assert process.stderr
        assert b"Traceback" not in process.stderr.read()
    finally:
        process.kill()
        process.communicate()


def post(address: Address, secret: str | None, **headers: str) -> tuple[int, bytes]:
    """Open a session as a client does; return the status and what came."""
    where = urlsplit(address["url"])
    told = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream", **headers}
    if secret is not None:
        told["Authorization"] = f"Bearer {secret}"
    with closing(http.client.HTTPConnection(where.hostname or "", where.port, timeout=30)) as connection:
        connection.request("POST", where.path, json.dumps(handshake("2025-11-25")), told)
        response = connection.getresponse()
        return response.status, response.read()


@pytest.mark.parametrize("mode", ["legacy", "auto"])
def test_the_client_of_the_sdk_calls_with_the_token(mode: ConnectMode, served: Address) -> None:
    async def talk() -> Any:
        headers = {"Authorization": f"Bearer {token.token()}"}
        async with httpx2.AsyncClient(headers=headers) as http_client:
            transport = streamable_http_client(served["url"], http_client=http_client)
            async with Client(transport, mode=mode) as client:
                return await client.call_tool("recall", {"query": "vitest not found"})

    assert "npm ci" in asyncio.run(talk()).content[0].text


def test_only_who_shows_the_token_is_answered(served: Address) -> None:
    secret = token.token()
    assert post(served, secret)[0] == 200
    for shown in (None, "", "x", secret[:-1], secret + "x", secret.upper()):
        assert post(served, shown) == (401, b"")


def test_a_page_of_a_browser_is_refused_also_with_the_token(served: Address) -> None:
    secret = token.token()
    assert post(served, secret, Origin="https://evil.invalid")[0] == 403
    assert post(served, secret, Host="evil.invalid")[0] == 421


def test_it_listens_on_the_loopback_address_alone(served: Address) -> None:
    where = urlsplit(served["url"])
    assert where.hostname == "127.0.0.1"
    with socket.socket() as other:
        try:
            other.bind(("127.0.0.2", 0))
        except OSError:
            pytest.skip("this machine has one loopback address alone")
    with socket.socket() as beside:  # the same port of another address is free
        beside.bind(("127.0.0.2", where.port or 0))


def test_the_token_is_kept_for_its_owner_alone(served: Address) -> None:
    file = token.path()
    assert served["token_file"] == str(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert token.token() == file.read_text().strip()
    assert len(token.token()) >= 40


def test_a_token_that_others_could_read_is_not_used(home: object) -> None:
    token.token()
    token.path().chmod(0o640)
    with pytest.raises(EnvironmentProblem, match="Others could read"):
        token.token()


def test_a_token_behind_a_link_is_not_used(home: object) -> None:
    made = token.token()
    elsewhere = token.path().with_name("elsewhere")
    token.path().rename(elsewhere)
    token.path().symlink_to(elsewhere)
    with pytest.raises(EnvironmentProblem):
        token.token()
    assert elsewhere.read_text().strip() == made


def test_an_empty_token_lets_nobody_in(home: object) -> None:
    token.token()
    token.path().write_text("\n")
    with pytest.raises(EnvironmentProblem, match="There is no token"):
        token.token()


def test_a_port_that_is_taken_is_said_to_be(learned: Repository, program: Callable[..., Any]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = program("mcp", "--http", "--port", port, cwd=learned.directory)
    assert done.code == 2
    assert done.err.splitlines()[0] == f"holdfast: Port {port} of 127.0.0.1 is taken."
    assert "--port 0" in done.err
