"""Serve clients over streamable HTTP: on this machine alone, to those who show the token."""

from __future__ import annotations

import errno
import hmac
import signal
import socket
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

import msgspec

from holdfast.connect.mcp import token
from holdfast.errors import EnvironmentProblem
from holdfast.repo.git import disk_problem
from holdfast.repo.location import Repository

PORT = 4653
"""The port when none is asked for."""
HOST = "127.0.0.1"
_SECONDS = 2
"""How long calls that are worked on may go on when the server is stopped."""

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Scope]]
Send = Callable[[Scope], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """Where the tools are served.

    Attributes:
        url: What a client connects to.
        token_file: The file with the token that it shows as ``Authorization: Bearer TOKEN``.
        repository: The repository that is asked about.
    """

    url: str
    token_file: str
    repository: str


def serve(directory: Path, port: int, announce: Callable[[Address], None]) -> None:
    """Serve until the process is told to stop.

    Args:
        directory: The repository that is asked about is the one around it.
        port: Which port of the loopback address; 0 for a free one.
        announce: Called once it is listening.

    Raises:
        RepositoryError: There is no repository.
        EnvironmentProblem: The port is taken, the token cannot be kept, or the SDK is not installed.
    """
    import uvicorn

    from holdfast.connect.mcp.server import make_server

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)  # until the server listens to them itself
    repository = Repository.find(directory)
    application = guarded(
        make_server(directory).streamable_http_app(host=HOST, json_response=True), token.token()
    )
    listening = _listen(port)
    number = listening.getsockname()[1]
    announce(
        Address(
            url=f"http://{HOST}:{number}/mcp",
            token_file=str(token.path()),
            repository=str(repository.directory),
        )
    )
    settings = uvicorn.Config(
        application, log_level="warning", access_log=False, timeout_graceful_shutdown=_SECONDS
    )
    uvicorn.Server(settings).run(sockets=[listening])


def guarded(application: Application, secret: str) -> Application:
    """Return an application that answers those alone who show a token."""
    expected = f"Bearer {secret}".encode()

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await application(scope, receive, send)
            return
        shown = [value for name, value in scope.get("headers", ()) if name == b"authorization"]
        if len(shown) == 1 and hmac.compare_digest(shown[0], expected):
            await application(scope, receive, send)
        elif scope["type"] == "http":
            headers = [(b"www-authenticate", b"Bearer"), (b"content-length", b"0")]
            await send({"type": "http.response.start", "status": 401, "headers": headers})
            await send({"type": "http.response.body", "body": b""})
        else:
            await send({"type": "websocket.close", "code": 1008})

    return answer


def _listen(port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, port))
        listening.listen()
    except OSError as error:
        listening.close()
        if error.errno == errno.EADDRINUSE:
            raise EnvironmentProblem(
                f"Port {port} of {HOST} is taken.", "Take a free one: `holdfast mcp --http --port 0`"
            ) from error
        raise disk_problem(error, f"Cannot listen on port {port} of {HOST}") from error
    return listening
