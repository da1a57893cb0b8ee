"""What shared records may say: no secret, no person's name, no path of the machine it was recorded on."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TypeVar

import msgspec

from holdfast.hook.signature import plain
from holdfast.learn.redact import redact
from holdfast.repo import ids
from holdfast.repo.records import Learning, RecordEvent, Segment

_Kind = TypeVar("_Kind", Learning, Segment, RecordEvent)

_EXACT = frozenset(
    ["id", "session", "digest", "specific", "specifics", "schema", "segment", "same_as", "after", "subject"]
)
_SHORT = 400
_MACHINE = re.compile(
    r"(?<![\w./~])(?:~|/(?:private|var/folders|mnt|media|Volumes|srv|opt|nix|run/user|Applications|root|data|workspaces?"
    r"|work|app|builds?|home|Users|tmp)\b)"
    r"(?:/[\w.@+%-]+)+"
)


def neutral_text(text: str, root: str | None = None) -> str:
    """Return text without escapes, secrets, names and machine paths; the session's root becomes ``.``."""
    return _remembered(text, root) if len(text) <= _SHORT else _neutral(text, root)


def _neutral(text: str, root: str | None) -> str:
    text = plain(text)
    if root and len(root) > 1:
        whole = re.escape(root.rstrip("/\\"))
        text = re.sub(rf"(?<![\w.-]){whole}[/\\](?=[\w.@])", "", text)
        text = re.sub(rf"(?<![\w.-]){whole}(?![\w-]|\.\w)", ".", text)
    return _MACHINE.sub(_last_part, redact(text))


# The same commands, files and messages come again in session after session.
_remembered = lru_cache(maxsize=8192)(_neutral)


def _last_part(match: re.Match[str]) -> str:
    parts = match.group().split("/")
    return match.group() if parts[0] == "~" and len(parts) <= 2 else "…/" + parts[-1]


def neutral_record(record: _Kind, root: str | None = None) -> _Kind:
    """Return a record whose every text is neutral; ids and digests stay."""
    return msgspec.convert(_walk(msgspec.to_builtins(record), root), type(record))


def _walk(value: object, root: str | None) -> object:
    if isinstance(value, str):
        return value if ids.is_id(value) else neutral_text(value, root)
    if isinstance(value, dict):
        return {_walk(key, root): item if key in _EXACT else _walk(item, root) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_walk(item, root) for item in value]
    return value
