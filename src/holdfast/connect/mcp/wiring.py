"""How agents are told to start the server, and what it costs them at rest."""

from __future__ import annotations

import json
import os
import sys
from importlib.util import find_spec
from pathlib import Path

import msgspec

from holdfast.connect.mcp import declared
from holdfast.recall.tokens import estimate

INSTALL = 'python -m pip install "holdfast[mcp]"'
"""What installs the SDK."""


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """Tokens that the tools cost each request, estimated.

    Attributes:
        deferred: In an agent that shows their names alone until they are looked for, as Claude Code and Codex
            do for the models that they know.
        declared: In an agent that shows them whole.
    """

    deferred: int
    declared: int


def command() -> list[str]:
    """Return the command line that starts the server.

    It names a program of this machine, so it belongs into settings of the user's own, and it runs nothing
    that lies in the directory where it is started.
    """
    script = Path(sys.executable).with_name("holdfast")
    if os.access(script, os.X_OK):
        return [str(script), "mcp"]
    return [sys.executable, "-P", "-m", "holdfast", "mcp"]


def is_installed() -> bool:
    """Tell whether the SDK is there: without it the server says so and ends."""
    return find_spec("mcp") is not None and find_spec("mcp_types") is not None


def cost() -> Cost:
    """Return what the tools and the server's instructions cost at rest."""
    names = " ".join(f"mcp__{declared.NAME}__{tool['name']}" for tool in declared.TOOLS)
    shown = [{name: part for name, part in tool.items() if name != "annotations"} for tool in declared.TOOLS]
    whole = json.dumps(shown, separators=(",", ":"))
    said = estimate(declared.INSTRUCTIONS)
    return Cost(deferred=estimate(names) + said, declared=estimate(whole) + said)
