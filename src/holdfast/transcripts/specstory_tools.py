"""Read one tool use out of a SpecStory history, as the several agents' layouts have it.

A command stands in a ``bash`` fence, in an inline code span or in the summary; an edit in a ``diff`` fence;
the output in a ``text`` fence. An exit code is told only where the agent's own result began with it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import NamedTuple

from holdfast.hook.patterns import regex
from holdfast.transcripts.claude_results import read_outcome
from holdfast.transcripts.events import Edit
from holdfast.transcripts.outcome import Outcome
from holdfast.transcripts.paths import SessionPaths
from holdfast.transcripts.tools import tool_of
from holdfast.transcripts.values import cut

_ATTRIBUTE = regex(r'data-tool-(type|name)="([^"]{1,200})"')
_SAYS = regex(r"(?:Tool use: )?\*\*[^*]*\*\*\s*(?:•\s*)?|Tool use: ")
_FENCE = regex(r"(`{3,})(\S*)")
_CODE = regex(r"`([^`]+)`")
_CODE_LINE = regex(r"^[ \t]*`(.+)`[ \t]*$", re.MULTILINE)
_TYPES = {"shell": "Bash", "read": "Read", "write": "Edit", "search": "Grep"}
_TOOLS = ("Bash", "Edit", "Write", "Read", "Grep", "Glob")
_TOLD = ("Run command: ", "Edit file: ", "Read file: ", "Write file: ", "Grep search: ")
_FAILED = regex(
    r"(?:Error: )?Exit code:? (-?\d{1,9})|Process exited with code (-?\d{1,9})|Error: |<tool_use_error>"
)
_REFUSED = (
    "The user doesn't want to proceed",
    "User rejected",
    "Tool execution aborted",
    "Permission to use ",
)
_NAMED = regex(
    r"(?:The file (\S+) has been updated|(?:File created|File written) successfully (?:at|to):? (\S+))"
)


class ToolUse(NamedTuple):
    """What one tool use says."""

    tool: str
    name: str
    command: str | None
    paths: tuple[str, ...]
    edits: tuple[Edit, ...]
    query: str | None
    outcome: Outcome | None


class _Fence(NamedTuple):
    language: str
    text: str


def read_tool(lines: list[str], paths: SessionPaths) -> ToolUse | None:
    """Return what the lines from ``<tool-use`` to ``</tool-use>`` say; None when they name no tool.

    Args:
        lines: The lines, the tags among them.
        paths: What paths are made relative to.
    """
    attributes = dict(_ATTRIBUTE.findall(lines[0]))
    name = attributes.get("name", "")
    if not name:
        return None
    tool = tool_of(name)
    if tool not in _TOOLS:
        tool = _TYPES.get(attributes.get("type", ""), tool)
    fences, outside = _split(lines)
    summary = _SAYS.sub("", html.unescape(_summary(outside)), count=1)
    plain = [line for line in outside if not line.startswith("<") and "<summary>" not in line]
    spans = _CODE.findall("\n".join(plain))
    said = next((summary.removeprefix(start) for start in _TOLD if summary.startswith(start)), "")
    output = next((fence.text for fence in reversed(fences) if fence.language in ("text", "")), None)
    outcome = _outcome(output) if output is not None else None
    if tool == "Bash":
        typed = next((fence.text for fence in fences if fence.language in ("bash", "sh", "shell", "zsh")), "")
        alone = _CODE_LINE.search("\n".join(plain))
        command = typed or (alone[1] if alone else "") or next(iter(spans), "") or said
        return ToolUse(tool, name, command.strip() or None, (), (), None, outcome)
    if tool in ("Edit", "Write"):
        place = said or _named(output or "") or next(iter(spans), "")
        edits = tuple(_edits(fences, paths.relative(place), tool)) if place else ()
        return ToolUse(tool, name, None, (paths.relative(place),) if place else (), edits, None, outcome)
    place = next(iter(spans), "") or said
    if tool in ("Grep", "Glob"):
        return ToolUse(tool, name, None, (), (), spans[-1] if spans else said or None, outcome)
    named = (paths.relative(place),) if place and tool == "Read" else ()
    return ToolUse(tool, name, None, named, (), None, outcome)


def _summary(lines: list[str]) -> str:
    line = next((line for line in lines if "<summary>" in line), "")
    return line.partition("<summary>")[2].partition("</summary>")[0]


def _split(lines: list[str]) -> tuple[list[_Fence], list[str]]:
    """Return the fenced parts, and the lines outside them."""
    fences: list[_Fence] = []
    outside: list[str] = []
    mark, language = "", ""
    block: list[str] = []
    for line in lines:
        opened = _FENCE.match(line)
        if mark:
            if line.rstrip() == mark:
                fences.append(_Fence(language, "\n".join(block)))
                mark, block = "", []
            else:
                block.append(line)
        elif opened:
            mark, language = opened[1], opened[2].lower()
        else:
            outside.append(line)
    return fences, outside


def _outcome(text: str) -> Outcome:
    failed = _FAILED.match(text)
    outcome = read_outcome(text, is_error=failed is not None or text.startswith(_REFUSED), denied=False)
    if failed is None or outcome.exit_code is not None:
        return outcome
    code = next((int(group) for group in failed.groups() if group), None)
    return outcome._replace(status="ok" if code == 0 else outcome.status, exit_code=code)


def _named(output: str) -> str:
    """Return the file that the result of an edit names."""
    named = _NAMED.search(output[:2000])
    return next((group for group in named.groups() if group), "") if named else ""


def _edits(fences: list[_Fence], path: str, tool: str) -> Iterator[Edit]:
    for fence in fences:
        if fence.language == "diff":
            yield from _hunks(html.unescape(fence.text), path)
        elif tool == "Write" and fence.language not in ("text", ""):
            yield Edit(path, "", cut(fence.text))


def _hunks(diff: str, path: str) -> Iterator[Edit]:
    removed: list[str] = []
    added: list[str] = []
    for line in [*diff.split("\n"), "@@"]:
        if line.startswith("@@"):
            if removed or added:
                yield Edit(path, cut("\n".join(removed)), cut("\n".join(added)))
            removed, added = [], []
        elif line.startswith("-") and not line.startswith("--- "):
            removed.append(line[1:])
        elif line.startswith("+") and not line.startswith("+++ "):
            added.append(line[1:])
