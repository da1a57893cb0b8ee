"""Cut a memory that is kept as JSON or JSON lines into entries: any tool's, by the names of its fields.

Beads exports hold issues and memories (``_type``); others hold ``memory``, ``content``, ``text`` or lists of
``observations``. An entry stands on the line on which its text begins.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import Any

from holdfast.hook.patterns import regex
from holdfast.measure.audit.memory import Entry
from holdfast.measure.audit.pages import read_page

TOLD = frozenset(
    """
    memory memories content text value observation observations fact facts note notes learning lesson insight
    summary body message description rule rules preference detail details decision statement data what
    """.split()
)
"""Fields whose text is knowledge."""
ISSUE = ("title", "description", "design", "acceptance_criteria", "notes")
"""Fields of a beads issue that hold text."""
SHAPED = TOLD | {"_type", "entities", "relations", "items", "title"}

_STRING = regex(r'"((?:[^"\\]|\\.)*)"(\s*:)?', re.DOTALL)
_CLOSED = frozenset(["closed", "tombstone", "done", "cancelled", "canceled"])


def is_memory(text: str, *, lines: bool) -> bool:
    """Tell whether JSON, or the first of its lines, looks like a memory that some tool wrote."""
    first = text if not lines else next((line for line in text.split("\n") if line.strip()), "")
    value = _loaded(first)
    while isinstance(value, list) and value:
        value = value[0]
    return isinstance(value, dict) and bool(SHAPED & {str(key).lower() for key in value})


def is_lines(text: str) -> bool:
    """Tell JSON lines from one JSON document."""
    first = next((line for line in text.split("\n") if line.strip()), "")
    return isinstance(_loaded(first), dict | list) and "\n" in text.strip()


def read_export(path: str, text: str) -> Iterator[Entry]:
    """Yield the entries of a JSON or JSON lines text; lines that are no JSON are passed over."""
    if not is_lines(text):
        if _loaded(text) is not None:
            yield from _document(path, text)
        return
    for number, line in enumerate(text.split("\n"), 1):
        value = _loaded(line)
        if isinstance(value, dict):
            yield from _object(path, number, value)


def _object(path: str, number: int, value: dict[str, Any]) -> Iterator[Entry]:
    """Yield what one line tells."""
    if "status" in value and "title" in value and value.get("_type", "issue") == "issue":
        told = [value[name] for name in ISSUE if isinstance(value.get(name), str)]
        closed = str(value.get("status", "")).lower() in _CLOSED
        text = "\n".join(one.strip() for one in told if one.strip())
        if text:
            yield Entry(
                path=path, line=number, end=number, kind="item", text=text, field="issue", task=True,
                closed=closed,
            )  # fmt: skip
        return
    for name, text in _texts(value):
        yield from _pieces(path, number, name, text)


def _texts(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Yield the texts that a value holds in the fields that tell something, each with its field."""
    if isinstance(value, str):
        if name in TOLD and value.strip():
            yield name, value
    elif isinstance(value, list):
        for one in value[:1000]:
            yield from _texts(one, name)
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from _texts(one, str(key).lower())


def _document(path: str, text: str) -> Iterator[Entry]:
    """Yield what one JSON document tells; where a text stands is known by reading its strings in order."""
    starts = [0, *(match.end() for match in re.finditer("\n", text))]
    name = ""
    for match in _STRING.finditer(text):
        if match.group(2):
            name = match.group(1).lower()
            continue
        value = _loaded(f'"{match.group(1)}"')
        if name in TOLD and isinstance(value, str) and value.strip():
            yield from _pieces(path, bisect_right(starts, match.start()), name, value)


def _pieces(path: str, number: int, field: str, text: str) -> Iterator[Entry]:
    for entry in read_page(path, text):
        yield Entry(
            path=path, line=number, end=number, kind=entry.kind, text=entry.text, level=entry.level,
            above=entry.above, lead=entry.lead, field=field,
        )  # fmt: skip


def _loaded(text: str) -> Any:
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None
