"""Build the plug-in: a folder that is a marketplace of one plug-in, for Claude Code and for Codex.

Formats as Claude Code 2.1.330 and Codex 0.169 read them. Both read skills and MCP servers of one plug-in
folder; each has a manifest and hooks of its own, because their events differ. Nothing in it names a machine:
the scripts look for the program where `holdfast init` or the user put it.
"""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

from holdfast.connect import levels
from holdfast.connect.plugin import scripts
from holdfast.connect.plugin.presence import NAME
from holdfast.connect.skills.sources import renamed, short_name, skills
from holdfast.connect.wiring import claude_code, codex
from holdfast.connect.wiring.agent import Agent, Element

PLUGIN = f"plugins/{NAME}"
"""The folder of the plug-in in its marketplace."""
LEVEL = "knowledge"
"""The level whose events it wires; in each repository the hook says what that repository's level says."""

_DESCRIPTION = "What earlier sessions in your git repository learned, told when it is worth its tokens."
_OWNER = {"name": "The Holdfast authors"}
_COMMON = {
    "name": NAME,
    "description": _DESCRIPTION,
    "author": _OWNER,
    "license": "Apache-2.0",
    "keywords": ["memory", "learnings", "operations"],
}
_ROOT = {"claude-code": "${CLAUDE_PLUGIN_ROOT}", "codex": "$PLUGIN_ROOT"}
_README = """\
# Holdfast for Claude Code and Codex

Wires Holdfast's hooks, tools and skills at once, for every repository that you trusted with `holdfast trust`.
It needs the program: `pip install "holdfast[mcp]"`, then `holdfast init --level knowledge` in a repository.

Claude Code: `/plugin install holdfast --marketplace <owner>/<repo>`, or a folder or address that holds the
marketplace. Codex: `codex plugin marketplace add <owner>/<repo>`, then `codex plugin add holdfast@holdfast`,
and `/hooks` once.

Built from the sources of Holdfast by `python -m holdfast.connect.plugin FOLDER`; do not edit it here.
"""


def package() -> dict[str, str]:
    """Return every file of the marketplace with its text, by path."""
    manifest = {**_COMMON, "version": version("holdfast")}
    files: dict[str, Any] = {
        ".claude-plugin/marketplace.json": _marketplace(),
        f"{PLUGIN}/.claude-plugin/plugin.json": manifest,
        f"{PLUGIN}/.codex-plugin/plugin.json": {
            **manifest, "skills": "./skills/", "hooks": "./hooks/codex.json", "mcpServers": "./.mcp.json",
        },
        f"{PLUGIN}/.mcp.json": _servers(),
        f"{PLUGIN}/hooks/hooks.json": _hooks(claude_code.AGENT),
        f"{PLUGIN}/hooks/codex.json": _hooks(codex.AGENT),
    }  # fmt: skip
    texts = {path: json.dumps(value, indent=2, ensure_ascii=False) + "\n" for path, value in files.items()}
    for skill in skills():
        short = renamed(skill, short_name(skill))
        texts[f"{PLUGIN}/skills/{short.name}/SKILL.md"] = short.text
    texts[f"{PLUGIN}/scripts/hook.sh"] = scripts.HOOK
    texts[f"{PLUGIN}/README.md"] = _README
    return dict(sorted(texts.items()))


def write(folder: Path) -> list[Path]:
    """Write the marketplace into a folder; return the files."""
    written = []
    for name, text in package().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        if path.suffix == ".sh":
            path.chmod(0o755)
        written.append(path)
    return written


def _marketplace() -> dict[str, Any]:
    entry = {"name": NAME, "source": f"./{PLUGIN}", "description": _DESCRIPTION}
    return {
        "name": NAME, "owner": _OWNER, "metadata": {"description": "Holdfast"}, "plugins": [entry],
    }  # fmt: skip


def _servers() -> dict[str, Any]:
    return {"mcpServers": {NAME: {"command": "sh", "args": ["-c", scripts.SERVER]}}}


def _hooks(agent: Agent) -> dict[str, Any]:
    """Return an agent's hooks as its own settings have them, but calling the plug-in's script."""
    script = f'sh "{_ROOT[agent.name]}/scripts/hook.sh"'
    found: dict[str, list[Any]] = {}
    for added in agent.hooks(levels.events(LEVEL), None):
        if not isinstance(added, Element):
            continue
        for handler in added.value["hooks"]:
            handler["command"] = f"{script} {agent.name} {_event(agent, added.at[1])}"
        found.setdefault(added.at[1], []).append(added.value)
    return {"description": _DESCRIPTION, "hooks": found}


def _event(agent: Agent, name: str) -> str:
    return next(event for event, known in agent.events.items() if known == name)
