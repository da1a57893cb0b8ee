"""Answer what a client asks when it starts a server, at once.

A client that starts a session waits for its servers, or does not wait and goes without: Codex calls its first
tools after half a second. To load the official SDK alone takes longer than that. So the few requests with
which every client begins are answered here from `declared`, in the words of the SDK, and the SDK is loaded by
the first one that is another. A test holds both answers equal in every version of the protocol.

A session is of one era, which its first request decides: that of ``initialize`` (2024-11-05 to 2025-11-25),
or that of the stateless requests of 2026-07-28, each of which says who asks.
"""

from __future__ import annotations

import json
from typing import Any, Literal

from holdfast.connect.mcp import declared

HANDSHAKES = ("2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25")
"""Versions of the protocol that begin with ``initialize``, oldest first."""
STATELESS = "2026-07-28"
"""The version of the protocol without a handshake."""
MOST = 64
"""Messages that are answered here; a client that goes on asking what it knows is left to the SDK."""
_ABOUT = "io.modelcontextprotocol/"


class Opening:
    """The first messages of one client.

    Attributes:
        lines: All that were taken, for the SDK to take them too.
        answered: The ids of the requests among them that have their answer.
    """

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.answered: list[int | str] = []
        self._era: Literal["", "handshake", "stateless"] = ""

    def take(self, line: str) -> str | None:
        """Take a line; return its answer, "" where it wants none, None for what is left to the SDK."""
        self.lines.append(line)
        if len(self.lines) > MOST:
            return None
        message = _read(line)
        if message is None:
            return None
        method, params = message.get("method"), message.get("params", {})
        if "id" not in message:
            return "" if isinstance(method, str) and method.startswith("notifications/") else None
        id_ = message["id"]
        if not isinstance(id_, int | str) or isinstance(id_, bool) or not isinstance(params, dict):
            return None
        result = self._result(method, params)
        if result is None:
            return None
        self.answered.append(id_)
        return json.dumps({"jsonrpc": "2.0", "id": id_, "result": result}, separators=(",", ":")) + "\n"

    def _result(self, method: object, params: dict[str, Any]) -> dict[str, Any] | None:
        if _is_stateless(params) and method != "initialize":
            if self._era == "handshake":
                return None
            self._era = "stateless"
            return _stateless(method, params)
        if not self._era and method == "initialize" and _is_handshake(params):
            self._era = "handshake"
            return _handshake(params["protocolVersion"])
        if self._era != "handshake" or f"{_ABOUT}protocolVersion" in (params.get("_meta") or {}):
            return None
        if method == "tools/list" and not params.get("cursor"):
            return {"tools": list(declared.TOOLS)}
        return {} if method == "ping" else None


def _read(line: str) -> dict[str, Any] | None:
    try:
        message = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return message if isinstance(message, dict) and message.get("jsonrpc") == "2.0" else None


def _is_handshake(params: dict[str, Any]) -> bool:
    return (
        isinstance(params.get("protocolVersion"), str)
        and isinstance(params.get("capabilities"), dict)
        and _is_client(params.get("clientInfo"))
    )


def _is_stateless(params: dict[str, Any]) -> bool:
    """Tell whether a request says of itself all that one of 2026-07-28 must."""
    about = params.get("_meta")
    return (
        isinstance(about, dict)
        and about.get(f"{_ABOUT}protocolVersion") == STATELESS
        and isinstance(about.get(f"{_ABOUT}clientCapabilities"), dict)
        and _is_client(about.get(f"{_ABOUT}clientInfo"))
    )


def _is_client(told: object) -> bool:
    return (
        isinstance(told, dict) and isinstance(told.get("name"), str) and isinstance(told.get("version"), str)
    )


def _handshake(version: str) -> dict[str, Any]:
    return {
        "protocolVersion": version if version in HANDSHAKES else HANDSHAKES[-1],
        "capabilities": {"tools": {"listChanged": False}},
        "serverInfo": _server(),
        "instructions": declared.INSTRUCTIONS,
    }


def _stateless(method: object, params: dict[str, Any]) -> dict[str, Any] | None:
    about = {f"{_ABOUT}serverInfo": _server()}
    whole = {"resultType": "complete", "ttlMs": 0, "cacheScope": "private", "_meta": about}
    if method == "server/discover":
        return {
            **whole,
            "supportedVersions": [STATELESS],
            "capabilities": {"tools": {"listChanged": False}},
            "instructions": declared.INSTRUCTIONS,
        }
    if method == "tools/list" and not params.get("cursor"):
        return {**whole, "tools": list(declared.TOOLS)}
    return None


def _server() -> dict[str, str]:
    return {"name": declared.NAME, "version": declared.VERSION}
