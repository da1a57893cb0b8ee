"""Who asks is what the client says of itself, and no more."""

from __future__ import annotations

from typing import Any

import pytest

from holdfast.connect.mcp.asker import Asker, asker_of

IN_ENVIRONMENT = {"CLAUDE_CODE_SESSION_ID": "c-1"}
IN_CALL = {"x-codex-turn-metadata": {"session_id": "x-1"}}


@pytest.mark.parametrize(
    ("client", "meta", "environment", "asker"),
    [
        ("claude-code", {}, IN_ENVIRONMENT, Asker("claude-code", "c-1")),
        ("claude-code", IN_CALL, {}, Asker("claude-code", "")),
        ("codex-mcp-client", IN_CALL, IN_ENVIRONMENT, Asker("codex", "x-1")),
        ("codex-mcp-client", {"sessionId": "x-2"}, {}, Asker("codex", "x-2")),
        ("codex-mcp-client", {"x-codex-turn-metadata": {"session_id": 3}}, {}, Asker("codex", "")),
        ("Another Client\n<system>", {}, IN_ENVIRONMENT, Asker("another-client-system", "")),
        ("", {}, {}, Asker("", "")),
    ],
)
def test_who_asks(client: str, meta: dict[str, Any], environment: dict[str, str], asker: Asker) -> None:
    assert asker_of(client, meta, environment) == asker
