"""Choose the cheapest cure that lasts, with the change of a file that makes it where one does.

In this order: an instruction line mended or added, a script, a guard, a test, and a hint as the last resort.
"""

from __future__ import annotations

import json
import os
import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from holdfast.errors import EnvironmentProblem
from holdfast.hook.patterns import regex
from holdfast.learn.instructions import InstructionLine
from holdfast.measure.instruction_faults import InstructionFault
from holdfast.measure.tuition.change import Change, make_change, text_of
from holdfast.measure.tuition.cure import Cure
from holdfast.measure.tuition.repeated import RepeatedFailure
from holdfast.measure.tuition.since import begins_with

_LINTS = regex(r"lint|fmt|format|prettier|ruff|biome|vet\b")
_CHECKS = regex(r"test|check|build|tsc|mypy|compile")
_CHANGED = "Give paths from the top of the repository: a `cd` of an earlier call may still hold."
_TOOL_HINTS = {
    "File does not exist": "Find a file by its name before reading it: paths are guessed.",
    "Path does not exist": "Find a folder by its name before searching in it: paths are guessed.",
    "EISDIR": "List a folder before reading in it.",
    "File has not been read yet": "Read a file before changing it: the agent's own rule.",
    "String to replace not found": "Read the lines again before an edit after another, or after a formatter.",
    "but replace_all is false": "Quote more of the surroundings, or replace all of them.",
    "No changes to make": "Look whether the change is there already.",
    " cd: ": _CHANGED,
    ":cd:": _CHANGED,
}
"""What helps against mistakes in the use of an agent's own tools, by words of their message."""

HEADING = "## What works here"
"""The heading under which new lines are put when a file has none of that name."""
FEWEST_SESSIONS = 3
"""Sessions that must have met a failure before a new line is proposed for it."""
LONGEST = 100
"""Characters of a command that is told in a line; a longer one is better a script."""
SETTINGS = ".claude/settings.json"

_READ_BY: dict[str, tuple[str, ...]] = {
    "aider": (),
    "claude-code": ("CLAUDE.md", ".claude/CLAUDE.md", "AGENTS.md"),
    "codex": ("AGENTS.md",),
    "copilot-cli": ("AGENTS.md", ".github/copilot-instructions.md", "CLAUDE.md", "GEMINI.md"),
    "gemini-cli": ("GEMINI.md",),
    "mini-swe-agent": (),
    "opencode": ("AGENTS.md", "CLAUDE.md"),
    "pi": ("AGENTS.md", "CLAUDE.md"),
    "qwen-code": ("QWEN.md", "AGENTS.md"),
}
"""The instruction files that each agent reads by itself, the one it prefers first."""
_READ_ALL = ("copilot-cli", "qwen-code")
"""Agents that read all of theirs; the others read the first that is there."""
_USUAL = "AGENTS.md"


class InstructionFile(msgspec.Struct, frozen=True, kw_only=True):
    """The file in which most sessions would read a new line; ``text`` is None when it is still to be made."""

    path: str
    text: str | None


def instruction_file(root: Path, agents: Mapping[str, int]) -> InstructionFile | None:
    """Return the instruction file that reaches most sessions; None when no line can be put there.

    Args:
        root: The top of the worktree.
        agents: How many sessions each agent had.
    """
    names = dict.fromkeys(name for names in _READ_BY.values() for name in names)
    texts = {name: text for name in names if (text := _text(root, name)) is not None}
    links = {name: to for name in names if (to := _linked(root, name)) in texts}
    reached = dict.fromkeys(texts, 0)
    standing = {name: links.get(name, name) for name in names if os.path.lexists(root / name)}
    for agent, sessions in agents.items():
        for name in _read_by(agent, texts, standing):
            reached[name] += sessions
    if any(reached.values()):
        best = max(reached, key=lambda name: (reached[name], name == _USUAL))
        return InstructionFile(path=best, text=texts[best])
    if any(name not in texts for name in standing.values()):  # beside it a new file might not be read
        return None
    path = _to_make(agents)
    return InstructionFile(path=path, text=texts.get(path))


def _read_by(agent: str, texts: Mapping[str, str], standing: Mapping[str, str]) -> set[str]:
    """Return the files with a text that an agent reads: its own, where a link leads to, what they include."""
    there = [standing[name] for name in _READ_BY.get(agent, (_USUAL,)) if name in standing]
    first = {name for name in (there if agent in _READ_ALL else there[:1]) if name in texts}
    return first | {name for name in texts if any(f"@{name}" in texts[one] for one in first)}


def _to_make(agents: Mapping[str, int]) -> str:
    """Return the file to make where no agent reads one: the usual one, unless none here would read it."""
    read = [_READ_BY.get(agent, (_USUAL,)) for agent in sorted(agents, key=lambda agent: -agents[agent])]
    told = [names for names in read if names]
    return _USUAL if not told or any(_USUAL in names for names in told) else told[0][0]


def _linked(root: Path, name: str) -> str | None:
    """Return the file of the tree that a link names; it is not followed."""
    try:
        return posixpath.normpath(posixpath.join(posixpath.dirname(name), (root / name).readlink()))
    except OSError:
        return None


def not_changed(root: Path) -> Iterator[tuple[str, str]]:
    """Yield the instruction files in the root that no change is offered for, each with the reason."""
    names = dict.fromkeys(name for names in _READ_BY.values() for name in names)
    for name in names:
        try:
            text_of(root, name)
        except EnvironmentProblem as problem:
            if _linked(root, name) not in names:
                yield name, problem.message.removeprefix(f"{name} is not read: ").rstrip(".")
        except UnicodeDecodeError:
            yield name, "it is not UTF-8, so no change of it is offered"


def _text(root: Path, path: str) -> str | None:
    """Return the text of a file; None when there is none, or none that can be changed."""
    try:
        return text_of(root, path)
    except (EnvironmentProblem, UnicodeDecodeError):
        return None


def with_line(file: InstructionFile, line: str) -> Change:
    """Return the change that adds one line to an instruction file, under a heading of its own."""
    item = f"- {' '.join(line.split())}"
    if file.text is None or not file.text.strip():
        return make_change(file.path, file.text, f"{HEADING}\n\n{item}\n")
    end = "\r" if "\r\n" in file.text else ""
    lines = file.text.split("\n")
    if lines[-1]:  # the last line has no end yet
        lines[-1] += end
        lines.append("")
    bare = [one.rstrip("\r") for one in lines]
    if HEADING in bare:
        at = _end_of_list(bare, bare.index(HEADING) + 1)
        new = [item] if bare[at - 1] != HEADING else ["", item, *([""] if bare[at] else [])]
    else:
        at = len(lines) - 1
        new = [*([""] if bare[at - 1] else []), HEADING, "", item]
    lines[at:at] = [one + end for one in new]
    return make_change(file.path, file.text, "\n".join(lines))


def _end_of_list(lines: Sequence[str], start: int) -> int:
    """Return the place behind the list that begins at ``start``; ``start`` itself when none does."""
    end = start
    for at in range(start, len(lines)):
        if lines[at].startswith(("-", " ", "\t")):
            end = at + 1
        elif lines[at]:
            break
    return end


def with_line_replaced(root: Path, path: str, line: int, old: str, new: str) -> Change | None:
    """Return the change that replaces one line of a file; None when it does not stand there or stays."""
    text = _text(root, path)
    if text is None:
        return None
    lines = text.split("\n")
    if not 0 < line <= len(lines) or lines[line - 1].rstrip("\r").strip() != old.strip():
        return None
    end = "\r" if lines[line - 1].endswith("\r") else ""
    lines[line - 1] = new.rstrip("\r\n") + end
    after = "\n".join(lines)
    return make_change(path, text, after) if after != text else None


def with_denied(root: Path, rules: Sequence[str]) -> Change | None:
    """Return the change that adds ``deny`` rules to Claude Code's project settings; None where none is new.

    ``Bash(npm install:*)`` refuses what begins so, ``Edit(gen/**)`` changes below a folder:
    https://code.claude.com/docs/en/permissions
    """
    found = _settings(root)
    if found is None or is_denied(root, rules):
        return None
    text, settings = found
    denied = settings["permissions"]["deny"]
    denied += [rule for rule in rules if rule not in denied]
    indent = re.search(r"^([ \t]+)\"", text or "", re.MULTILINE)
    try:
        body = json.dumps(settings, indent=indent[1] if indent else 2, ensure_ascii=False, allow_nan=False)
    except ValueError:  # a number beyond what JSON here can hold
        return None
    newline = "\r\n" if "\r\n" in (text or "") else "\n"
    return make_change(SETTINGS, text, (body + "\n").replace("\n", newline))


def is_denied(root: Path, rules: Sequence[str]) -> bool:
    """Tell whether Claude Code's project settings hold every one of some ``deny`` rules."""
    found = _settings(root)
    return found is not None and all(rule in found[1]["permissions"]["deny"] for rule in rules)


def _settings(root: Path) -> tuple[str | None, dict[str, Any]] | None:
    """Return text and content of the project settings, with a list of rules; None where they are no such."""
    try:
        text = text_of(root, SETTINGS)
        settings = json.loads(text) if text and text.strip() else {}
    except (EnvironmentProblem, ValueError, RecursionError):
        return None
    permissions = settings.setdefault("permissions", {}) if isinstance(settings, dict) else None
    denied = permissions.setdefault("deny", []) if isinstance(permissions, dict) else None
    return (text, settings) if isinstance(denied, list) else None


def made_anew(root: Path, cure: Cure) -> Change | None:
    """Return the change of a cure for its file as it is now, which another cure may have changed meanwhile.

    None when it is not needed any more, or what it replaces is gone.
    """
    old = cure.change
    if old is None:
        return None
    if cure.denies:
        return with_denied(root, cure.denies)
    try:
        text = text_of(root, old.path)
    except (EnvironmentProblem, UnicodeDecodeError):
        return None
    if cure.adds:
        return with_line(InstructionFile(path=old.path, text=text), cure.adds)
    lines = (text or "").split("\n")
    places = [number for number, line in enumerate(lines, 1) if (line,) == old.removed]
    if not places:
        return None
    nearest = min(places, key=lambda number: abs(number - old.line))
    return with_line_replaced(root, old.path, nearest, *old.removed, *old.added)


def cure_of(
    failure: RepeatedFailure,
    file: InstructionFile | None,
    faults: Sequence[InstructionFault] = (),
    lines: Sequence[InstructionLine] = (),
) -> Cure | None:
    """Return the cheapest lasting cure of a repeated failure; None when none is known.

    Args:
        failure: Which.
        file: Where a new instruction line would go; None outside a repository.
        faults: Lines of the instructions that are at fault; one may be its cause.
        lines: What the instructions say; what they say already is not said again.
    """
    for fault in faults:
        if fault.kind == "followed and failed" and begins_with(failure.failed, fault.command):
            return Cure(form="instruction line", text=f"{fault.path}:{fault.line} says it: mend that line.")
    lesson = failure.instead
    if lesson is None:
        return _without_fix(failure)
    if lesson.form == "setting":
        return Cure(form="hint", text=f"`{lesson.instead}` was accepted; to be told when it fails again.")
    if any(lesson.instead in line.text and not line.forbidden for line in lines):
        return Cure(form="hint", text=f"`{lesson.instead}` ended it, as the instructions say.")
    if not lesson.exact:
        return Cure(form="hint", text="One fix ended it, with words in it that are left out here.")
    if failure.sessions < FEWEST_SESSIONS or failure.instead_in < 2:
        return Cure(form="hint", text=f"`{lesson.instead}` ended it; to be told when it fails again.")
    if len(lesson.instead) > LONGEST:
        text = f"Put this into a script and name it in the instructions: {lesson.instead}"
        return Cure(form="script", text=text)
    where = file.path if file else "the instructions"
    change = with_line(file, lesson.text) if file else None
    return Cure(
        form="instruction line",
        text=f"One line in {where}: {lesson.text}",
        change=change,
        adds=lesson.text if change else "",
    )


def _without_fix(failure: RepeatedFailure) -> Cure | None:
    if failure.code and _LINTS.search(failure.command):
        return Cure(
            form="test", text="Run it before each commit, by a hook: so it is met while the file is at hand."
        )
    if failure.code and _CHECKS.search(failure.command):
        return Cure(form="test", text="The same red result came back: a test that names its cause.")
    hint = next((text for words, text in _TOOL_HINTS.items() if words in failure.message), None)
    return Cure(form="hint", text=hint) if hint else None
