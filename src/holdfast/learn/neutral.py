"""What shared records may say: no secret, no person's name, no path of the machine it was recorded on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import TypeVar

import msgspec

from holdfast.hook.patterns import regex
from holdfast.hook.signature import plain
from holdfast.learn.private_words import (
    own_names,
    private_words,
    without_machines,
    without_prose,
    without_words,
)
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
_MACHINE = regex(
    r"(?<![\w./~])(?:~|/(?:private|var/folders|mnt|media|Volumes|srv|opt|nix|run/user|Applications|root|data|workspaces?"
    r"|work|app|builds?|home|Users|tmp)\b)"
    r"(?:/[\w.@+%-]+)+"
)


def neutral_text(text: str, root: str | None = None) -> str:
    """Return text without escapes, secrets, names and machine paths; the session's root becomes ``.``."""
    return _neutral(text, root, _words_of(root) if root else {})


_words_of = lru_cache(maxsize=64)(lambda root: private_words((), root))


def _neutral(text: str, root: str | None, words: dict[str, str]) -> str:
    text = plain(text)
    if root and len(root) > 1:
        whole = re.escape(root.rstrip("/\\"))
        text = re.sub(rf"(?<![\w.-]){whole}[/\\](?=[\w.@])", "", text)
        text = re.sub(rf"(?<![\w.-]){whole}(?![\w-]|\.\w)", ".", text)
    text = _MACHINE.sub(_last_part, without_machines(redact(text)))
    return without_words(text, words) if words else text


def _last_part(match: re.Match[str]) -> str:
    parts = match.group().split("/")
    return match.group() if parts[0] == "~" and len(parts) <= 2 else "…/" + parts[-1]


def neutral_record(
    record: _Kind, root: str | None = None, said: Iterable[str] = (), *, is_new: bool = False
) -> _Kind:
    """Return a record whose every text is neutral; ids and digests stay.

    Args:
        record: The record.
        root: The session's root, which becomes ``.``.
        said: Further texts that its texts were made from. A secret that one of them tells is taken out of
            all, and so is the name of a user or of a machine: what a command is given its output often
            repeats bare. What a person wrote down keeps the names in it.
        is_new: Whether an agent writes it here and now, so that the names of this user and this machine go
            too. What is on record already reads the same on every machine.
    """
    built: object = msgspec.to_builtins(record)
    texts = [*_texts(built), *said]
    secrets = secrets_in(texts)
    by_person = _is_by_person(record)
    words = {} if by_person else private_words(texts, root)
    if is_new and not by_person:
        words |= own_names(root)

    def change(text: str) -> str:
        for secret in secrets:
            text = text.replace(secret, "[redacted:secret]")
        return _neutral(text if by_person else without_prose(text), root, words)

    return msgspec.convert(_walk(built, change), type(record))


def _is_by_person(record: object) -> bool:
    if isinstance(record, RecordEvent):
        return not record.by
    return isinstance(record, Learning) and record.by.kind == "person"


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


def _walk(value: object, change: Callable[[str], str]) -> object:
    if isinstance(value, str):
        return value if ids.is_id(value) else change(value)
    if isinstance(value, dict):
        return {
            _walk(key, change): item if key in _EXACT else _walk(item, change) for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [_walk(item, change) for item in value]
    return value
