"""A model on loopback that says what a script tells it, to drive real agents in tests, offline.

::

    with ScriptedModel([Turn(shell="pytest -q"), Turn(text="It fails.")]) as model:
        run_agent(base_url=model.url)
    assert "It fails" not in model.asked[0].text

A request that declares no tools, as for a title, is answered shortly and takes no turn. When no turn is left
the answer is `OVER`.
"""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, ClassVar, Self

import msgspec

from holdfast.testing.model_protocols import PROTOCOLS, Call, ModelProtocol, Turn, calls_of

OVER = "There is nothing left to do."
_POLL = 0.02
"""Seconds between looks whether to shut down."""
MODELS = ("claude-sonnet-4-5", "gpt-5.5")


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """One request that a model got.

    Attributes:
        path: Where to.
        body: What it held.
        turn: Which turn of the script answered it; None for none.
    """

    path: str
    body: dict[str, Any]
    turn: int | None

    @property
    def text(self) -> str:
        """Return all of it as one text, to look for what reached the model."""
        return json.dumps(self.body, ensure_ascii=False)


class ScriptedModel:
    """A server that answers with the turns of a script, each once, in their order. A context manager.

    Args:
        turns: The script.

    Attributes:
        asked: The requests so far, in order; of those that end a session the last may come late.
    """

    def __init__(self, turns: Sequence[Turn]) -> None:
        self._turns = dict(enumerate(turns))
        self._lock = threading.Lock()
        self.asked: list[Asked] = []
        handler = type("Handler", (_Handler,), {"model": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(_POLL,), daemon=True)

    @property
    def url(self) -> str:
        """Return where it listens, without the path of a protocol."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def left(self) -> int:
        """Return how many turns were not taken."""
        return len(self._turns)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, protocol: ModelProtocol, path: str, body: dict[str, Any]) -> tuple[str, list[Call]]:
        """Take the turn that a request gets; return what is said and called."""
        tools = protocol.tools(body)
        with self._lock:
            number = self._next(json.dumps(body, ensure_ascii=False)) if tools else None
            turn = Turn(text=OVER) if number is None else self._turns.pop(number)
            self.asked.append(Asked(path=path, body=body, turn=number))
        return turn.text, calls_of(turn, tools)

    def _next(self, told: str) -> int | None:
        return next((at for at, turn in self._turns.items() if turn.when in told), None)


class _Handler(BaseHTTPRequestHandler):
    model: ClassVar[ScriptedModel]
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_HEAD(self) -> None:
        """Answer who only looks whether somebody is there."""
        self._send({})

    def do_GET(self) -> None:
        """List the models."""
        listed = [{"id": name, "type": "model", "object": "model", "display_name": name} for name in MODELS]
        self._send({"object": "list", "data": listed, "has_more": False})

    def do_POST(self) -> None:
        """Answer a request for a turn; others with nothing."""
        path = self.path.partition("?")[0].rstrip("/")
        data = self._sent()
        if self.headers.get("Content-Encoding") == "gzip":
            data = gzip.decompress(data)
        if path.endswith(("/count_tokens", ":countTokens")):
            self._send({"input_tokens": len(data) // 4, "totalTokens": len(data) // 4})
            return
        protocol = next((each for each in PROTOCOLS if path.endswith(each.ends_with)), None)
        if protocol is None:
            self._send({})
            return
        body = json.loads(data)
        text, calls = self.model.answer(protocol, path, body)
        events = list(protocol.events(body, text, calls, len(data) // 4))
        if body.get("stream") or path.endswith(":streamGenerateContent"):
            self._stream(events, protocol.closing)
        else:
            self._send(protocol.whole(events))

    def _sent(self) -> bytes:
        """Return what a request sends, in one piece or in chunks."""
        if "chunked" not in (self.headers.get("Transfer-Encoding") or "").lower():
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        data = b""
        while size := int(self.rfile.readline().partition(b";")[0], 16):
            data += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return data

    def _send(self, answer: dict[str, Any]) -> None:
        data = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def _stream(self, events: Sequence[dict[str, Any]], closing: str) -> None:
        named = ((f"event: {event['type']}\n" if "type" in event else "", event) for event in events)
        told = (f"{name}data: {json.dumps(event)}\n\n" for name, event in named)
        data = "".join((*told, closing)).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
