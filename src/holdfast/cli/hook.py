"""``holdfast hook``: what agents call at their events; for programs, not for people."""

from __future__ import annotations

import click


@click.command(
    "hook",
    epilog="""\b
Example:
  echo '{"session_id": "s", "cwd": ".", "source": "startup"}' | holdfast hook claude-code start
""",
)
@click.argument("agent")
@click.argument("event")
def command(agent: str, event: str) -> int:
    """Take an agent's event as JSON on standard input; print what its model is told, or nothing.

    AGENT is claude-code, codex, copilot, gemini, qwen, cursor or opencode; EVENT is start, prompt, call,
    result, failure, compact, end or stop. It always ends with 0. `holdfast init` lets agents call the same
    program without loading the rest of Holdfast.
    """
    from holdfast.hook.__main__ import main

    return main([agent, event])
