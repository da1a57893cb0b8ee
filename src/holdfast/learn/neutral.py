"""What shared records may say: no secret, no person's name, no path of the machine it was recorded on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TypeVar

import msgspec

from holdfast.hook.signature import plain
from holdfast.learn.redact import find, redact
from holdfast.repo import ids
from holdfast.repo.records import Learning, RecordEvent, Segment

_Kind = TypeVar("_Kind", Learning, Segment, RecordEvent)

_EXACT = frozenset(
    ["id", "session", "digest", "specific", "specifics", "schema", "segment", "same_as", "after", "subject"]
)
_SHORTEST = 6
"""Characters of the shortest secret that is looked for elsewhere; a shorter one would be found in words."""
_QUOTES = "\"'` "
_MACHINE = re.compile(
    r"(?<![\w./~])(?:~|/(?:private|var/folders|mnt|media|Volumes|srv|opt|nix|run/user|Applications|root|data|workspaces?"
    r"|work|app|builds?|home|Users|tmp)\b)"
    r"(?:/[\w.@+%-]+)+"
)


def neutral_text(text: str, root: str | None = None) -> str:
    """Return text without escapes, secrets, names and machine paths; the session's root becomes ``.``."""
    text = plain(text)
    if root and len(root) > 1:
        whole = re.escape(root.rstrip("/\\"))
        text = re.sub(rf"(?<![\w.-]){whole}[/\\](?=[\w.@])", "", text)
        text = re.sub(rf"(?<![\w.-]){whole}(?![\w-]|\.\w)", ".", text)
    return _MACHINE.sub(_last_part, redact(text))


def _last_part(match: re.Match[str]) -> str:
    parts = match.group().split("/")
    return match.group() if parts[0] == "~" and len(parts) <= 2 else "…/" + parts[-1]


def neutral_record(record: _Kind, root: str | None = None, said: Iterable[str] = ()) -> _Kind:
    """Return a record whose every text is neutral; ids and digests stay.

    Args:
        record: The record.
        root: The session's root, which becomes ``.``.
        said: Further texts that its texts were made from. A secret that one of them tells is taken out of
            all: what a command is given its output often repeats bare.
    """
    built: object = msgspec.to_builtins(record)
    secrets = secrets_in([*_texts(built), *said])
    return msgspec.convert(_walk(built, root, secrets), type(record))


def secrets_in(texts: Iterable[str]) -> list[str]:
    """Return the secrets that texts tell as such, the longest first; names and addresses are none."""
    found = {
        text[finding.start : finding.end].strip(_QUOTES)
        for text in dict.fromkeys(texts)
        for finding in find(text)
        if finding.kind not in ("home", "email")
    }
    return sorted(
        (secret for secret in found if len(secret) >= _SHORTEST), key=lambda secret: (-len(secret), secret)
    )


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)


def _walk(value: object, root: str | None, secrets: list[str]) -> object:
    if isinstance(value, str):
        if ids.is_id(value):
            return value
        for secret in secrets:
            value = value.replace(secret, "[redacted:secret]")
        return neutral_text(value, root)
    if isinstance(value, dict):
        return {
            _walk(key, root, secrets): item if key in _EXACT else _walk(item, root, secrets)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [_walk(item, root, secrets) for item in value]
    return value
