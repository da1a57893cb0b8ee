"""Choose the cheapest cure that lasts, with the change of a file that makes it where one does.

In this order: an instruction line mended or added, a script, a guard, a test, and a hint as the last resort.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from holdfast.measure.instruction_faults import InstructionFault
from holdfast.measure.tuition.change import Change, make_change, text_of
from holdfast.measure.tuition.cure import Cure
from holdfast.measure.tuition.repeated import RepeatedFailure
from holdfast.measure.tuition.since import begins_with

_LINTS = re.compile(r"lint|fmt|format|prettier|ruff|biome|vet\b")
_CHECKS = re.compile(r"test|check|build|tsc|mypy|compile")
_TOOL_HINTS = {
    "File does not exist": "Name the folders that matter in the instructions, so that paths are not guessed.",
    "EISDIR: illegal operation on a directory, read": "List a folder before reading in it.",
}
"""What helps against mistakes in the use of an agent's own tools."""

HEADING = "## What works here"
"""The heading under which new lines are put when a file has none of that name."""
LONGEST = 100
"""Characters of a command that is told in a line; a longer one is better a script."""
SETTINGS = ".claude/settings.json"

_READ_BY: dict[str, tuple[str, ...]] = {
    "claude-code": ("CLAUDE.md", ".claude/CLAUDE.md", "AGENTS.md"),
    "codex": ("AGENTS.md",),
    "copilot": ("AGENTS.md", ".github/copilot-instructions.md", "CLAUDE.md", "GEMINI.md"),
    "gemini": ("GEMINI.md",),
    "opencode": ("AGENTS.md", "CLAUDE.md"),
    "pi": ("AGENTS.md", "CLAUDE.md"),
    "qwen": ("QWEN.md", "AGENTS.md"),
}
"""The instruction files that each agent reads by itself, the one it prefers first."""


class InstructionFile(msgspec.Struct, frozen=True, kw_only=True):
    """The file in which most sessions would read a new line; ``text`` is None when it is still to be made."""

    path: str
    text: str | None


def instruction_file(root: Path, agents: Mapping[str, int]) -> InstructionFile:
    """Return the instruction file that reaches most sessions.

    Args:
        root: The top of the worktree.
        agents: How many sessions each agent had.
    """
    names = dict.fromkeys(name for names in _READ_BY.values() for name in names)
    texts = {name: text for name in names if (text := _text(root, name)) is not None}
    reached = dict.fromkeys(texts, 0)
    for agent, sessions in agents.items():
        for name in _read_by(agent, texts):
            reached[name] += sessions
    if not any(reached.values()):
        return InstructionFile(path="AGENTS.md", text=texts.get("AGENTS.md"))
    best = max(reached, key=lambda name: (reached[name], name == "AGENTS.md"))
    return InstructionFile(path=best, text=texts[best])


def _read_by(agent: str, texts: Mapping[str, str]) -> list[str]:
    """Return the existing files that an agent reads: the first it looks for, and what that one includes."""
    first = next((name for name in _READ_BY.get(agent, ("AGENTS.md",)) if name in texts), None)
    if first is None:
        return []
    included = [name for name in texts if name != first and f"@{name}" in texts[first]]
    return [first, *included]


def _text(root: Path, path: str) -> str | None:
    try:
        return text_of(root, path)
    except UnicodeDecodeError:
        return None


def with_line(file: InstructionFile, line: str) -> Change:
    """Return the change that adds one line to an instruction file, under a heading of its own."""
    item = f"- {line}"
    if file.text is None:
        return make_change(file.path, None, f"{HEADING}\n\n{item}\n")
    lines = file.text.rstrip("\n").split("\n")
    if HEADING in lines:
        end = lines.index(HEADING) + 1
        while end < len(lines) and not lines[end].startswith("#"):
            end += 1
        while end > 0 and not lines[end - 1].strip():
            end -= 1
        blank = [""] if lines[end - 1] == HEADING else []
        lines[end:end] = [*blank, item]
    else:
        lines += ["", HEADING, "", item] if file.text.strip() else [HEADING, "", item]
    return make_change(file.path, file.text, "\n".join(lines).lstrip("\n") + "\n")


def with_line_replaced(root: Path, path: str, line: int, old: str, new: str) -> Change | None:
    """Return the change that replaces one line of a file; None when it does not stand there."""
    text = _text(root, path)
    if text is None:
        return None
    lines = text.split("\n")
    if not 0 < line <= len(lines) or lines[line - 1].rstrip("\r").strip() != old.strip():
        return None
    end = "\r" if lines[line - 1].endswith("\r") else ""
    lines[line - 1] = new.rstrip("\r\n") + end
    return make_change(path, text, "\n".join(lines))


def with_denied(root: Path, command: str) -> Change | None:
    """Return the change that makes Claude Code refuse a command, by a ``deny`` rule of its project settings.

    The rule matches by the command's beginning: https://code.claude.com/docs/en/permissions
    """
    text = _text(root, SETTINGS)
    settings: Any = {}
    if text is not None and text.strip():
        try:
            settings = json.loads(text)
        except ValueError:
            return None
    rules = settings.setdefault("permissions", {}) if isinstance(settings, dict) else None
    denied = rules.setdefault("deny", []) if isinstance(rules, dict) else None
    rule = f"Bash({command}:*)"
    if not isinstance(denied, list) or rule in denied:
        return None
    denied.append(rule)
    indent = re.search(r"^([ \t]+)\"", text or "", re.MULTILINE)
    body = json.dumps(settings, indent=indent[1] if indent else 2, ensure_ascii=False)
    return make_change(SETTINGS, text, body + "\n")


def cure_of(
    failure: RepeatedFailure, file: InstructionFile | None, faults: Sequence[InstructionFault] = ()
) -> Cure:
    """Return the cheapest lasting cure of a repeated failure.

    Args:
        failure: Which.
        file: Where a new instruction line would go; None outside a repository.
        faults: Lines of the instructions that are at fault; one may be its cause.
    """
    for fault in faults:
        if fault.kind == "followed and failed" and begins_with(failure.failed, fault.command):
            return Cure(form="instruction line", text=f"{fault.path}:{fault.line} says it: mend that line.")
    lesson = failure.instead
    if lesson is None:
        return _without_fix(failure)
    if lesson.form == "setting":
        return Cure(form="hint", text=f"`{lesson.instead}` was accepted; to be told when it fails again.")
    if len(lesson.instead) > LONGEST:
        text = f"Put this into a script and name it in the instructions: {lesson.instead}"
        return Cure(form="script", text=text)
    where = file.path if file else "the instructions"
    change = with_line(file, lesson.text) if file else None
    return Cure(form="instruction line", text=f"One line in {where}: {lesson.text}", change=change)


def _without_fix(failure: RepeatedFailure) -> Cure:
    if failure.code and _LINTS.search(failure.command):
        return Cure(form="test", text="A check before the commit, with the formatter in it.")
    if failure.code and _CHECKS.search(failure.command):
        return Cure(form="test", text="The same red result came back: a test that names its cause.")
    return Cure(
        form="hint", text=_TOOL_HINTS.get(failure.message.rstrip("."), "What ends it is not known yet.")
    )
