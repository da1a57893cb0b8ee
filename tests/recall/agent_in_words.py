"""A scripted agent: a program that answers prompts from a table of words, as a real one is run."""

from __future__ import annotations

import json
import sys
from pathlib import Path

PROGRAM = """
import json, sys
settles, replaces, log = json.loads(sys.argv[1]), json.loads(sys.argv[2]), sys.argv[3]
prompt = sys.stdin.read()
with open(log, "a") as file:
    file.write(json.dumps(prompt) + "\\n")
for line in prompt.splitlines():
    if not line.startswith("{"):
        continue
    asked = json.loads(line)
    if "decision" in asked:
        old = [each["record"] for each in asked["earlier"] for new, word in replaces
               if new in asked["decision"]["text"] and word in each["text"]]
        print(json.dumps({"record": asked["record"], "replaces": old}))
    else:
        met = [texts for word, texts in settles.items() if word in asked["text"]]
        print(json.dumps({"record": asked["record"], "settles": bool(met), "met": met[0] if met else []}))
"""


def agent(
    folder: Path, settles: dict[str, list[str]], replaces: list[tuple[str, str]] | None = None
) -> list[str]:
    """Return the command of an agent.

    Args:
        folder: Where it lies, and where it writes what it was asked (``asked.jsonl``).
        settles: What is met by a text that holds a word.
        replaces: Words of decisions, and of the earlier ones that they replace.
    """
    program = folder / "agent.py"
    program.write_text(PROGRAM)
    table = [json.dumps(settles), json.dumps(replaces or [])]
    return [sys.executable, str(program), *table, str(folder / "asked.jsonl")]


def asked(folder: Path) -> list[str]:
    """Return the prompts that the agent was given."""
    path = folder / "asked.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
