"""Plans that an agent puts to a person: their title, and what was agreed in one beyond the list of tasks."""

from __future__ import annotations

import re
from collections import Counter

from holdfast.hook.patterns import regex

TOOLS = ("ExitPlanMode", "exit_plan_mode", "plan_exit")
"""The calls that ask for a plan's approval, by the agents' own names."""

MAX_AGREED = 1500
"""Characters that are kept of what was agreed."""

_APPROVED = regex(r"^#{1,3} Approved Plan(?P<edited> \(edited by user\))?:\s*$", re.MULTILINE)
_HEADING = regex(r"^#{1,4} +(.*?)\s*$")
_SETTLED = regex(
    r"(?:key |design |technical |architecture |architectural )?(?:decisions?|constraints?|conventions?"
    r"|non-goals|out of scope|trade-?offs?|rules|principles|invariants)(?: made)?\b",
    re.IGNORECASE,
)
_TITLE = regex(r"^#{1,3} +(?:Implementation )?(?:Plan:? *)?(.+)$", re.MULTILINE)


def title(plan: str) -> str:
    """Return the title of a plan: its first heading, else the start of its first line."""
    found = _TITLE.search(plan)
    line = found[1] if found else plan.strip().split("\n", 1)[0]
    return line.strip()[:200]


def agreed(plan: str, approval: str) -> str:
    """Return what approving a plan settled: the lines a person changed, else those under its decisions.

    Args:
        plan: The plan that was put to the person.
        approval: The text of the result, which may hold the plan as it was approved.
    """
    mark = _APPROVED.search(approval)
    if mark and mark["edited"]:
        changed = _changed(plan, approval[mark.end() :])
        if changed:
            return changed[:MAX_AGREED]
    return _settled(plan)[:MAX_AGREED]


def _changed(before: str, after: str) -> str:
    """Return the lines that are new, in order; one that only moved is not."""
    left = Counter(line.strip() for line in before.split("\n"))
    found: list[str] = []
    for line in map(str.strip, after.split("\n")):
        if left[line] > 0:
            left[line] -= 1
        elif line and not _HEADING.match(line):
            found.append(line)
    return "\n".join(found)


def _settled(plan: str) -> str:
    """Return the lines under headings such as "Decisions" and "Constraints", code left out."""
    found: list[str] = []
    inside = fenced = False
    for line in plan.split("\n"):
        fenced ^= line.lstrip().startswith("```")
        heading = None if fenced else _HEADING.match(line)
        if heading:
            inside = bool(_SETTLED.match(heading[1].strip("*_ ")))
        elif inside and not fenced and line.strip() and not line.lstrip().startswith("```"):
            found.append(line.strip())
    return "\n".join(found)
