"""What shared records may say: no secret, no person's name, no path of the machine it was recorded on."""

from __future__ import annotations

import re
from typing import TypeVar

import msgspec

from holdfast.hook.signature import plain
from holdfast.learn.redact import redact
from holdfast.repo.records import Learning, RecordEvent, Segment

_Kind = TypeVar("_Kind", Learning, Segment, RecordEvent)

_EXACT = frozenset(
    ["id", "session", "digest", "specific", "specifics", "schema", "segment", "same_as", "after", "subject"]
)
_MACHINE = re.compile(
    r"(?<![\w./~])(?:~|/(?:private|var/folders|mnt|Volumes|srv|root|data|workspaces?|work|app|builds?|home|Users)\b)"
    r"(?:/[\w.@+%-]+)+"
)


def neutral_text(text: str, root: str | None = None) -> str:
    """Return text without escapes, secrets, names and machine paths; the session's root becomes ``.``."""
    text = plain(text)
    if root and len(root) > 1:
        text = text.replace(root.rstrip("/\\") + "/", "").replace(root.rstrip("/\\"), ".")
    return _MACHINE.sub(_last_part, redact(text))


def _last_part(match: re.Match[str]) -> str:
    parts = match.group().split("/")
    return match.group() if parts[0] == "~" and len(parts) <= 2 else "…/" + parts[-1]


def neutral_record(record: _Kind, root: str | None = None) -> _Kind:
    """Return a record whose every text is neutral; ids and digests stay."""
    built = msgspec.to_builtins(record)
    return msgspec.convert(_walk(built, root), type(record))


def _walk(value: object, root: str | None) -> object:
    if isinstance(value, str):
        return neutral_text(value, root)
    if isinstance(value, dict):
        return {
            key if len(key) < 3 else neutral_text(key, root): item if key in _EXACT else _walk(item, root)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [_walk(item, root) for item in value]
    return value
