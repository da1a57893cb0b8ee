"""Front matter of a record: YAML between two ``---`` lines, then Markdown.

Holdfast writes each value as one line of JSON, which is YAML too, so that reading 10,000 records
needs no YAML parser; a record that a person wrote in another YAML form is read by ruamel.yaml,
within bounds: no aliases, little nesting, little text.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

import msgspec

MAX_HEAD = 256 * 1024
"""Characters of front matter that are read; Holdfast's own stays far below."""
MAX_YAML = 32 * 1024
"""Characters of front matter that are read as general YAML."""
MAX_DEPTH = 16
"""Levels of nesting in general YAML."""
_FENCE = "---"


def encode(fields: Mapping[str, Any], body: str) -> bytes:
    """Write fields and body as front matter; keys keep their order.

    Raises:
        ValueError: A text holds half of a surrogate pair, which no file can.
    """
    lines = [f"{key}: {msgspec.json.encode(value).decode()}" for key, value in fields.items()]
    text = body.replace("\r\n", "\n").strip()
    return "\n".join([_FENCE, *lines, _FENCE, text, ""]).encode()


def decode(data: bytes) -> tuple[dict[str, Any], str]:
    """Read fields and body.

    Raises:
        ValueError: The bytes are not UTF-8 text with front matter, or exceed the bounds.
    """
    text = data.decode("utf-8-sig").replace("\r\n", "\n")
    if not text.startswith(_FENCE + "\n"):
        raise ValueError("no front matter: the first line must be ---")
    head, fence, body = (text[4:] + "\n").partition("\n" + _FENCE + "\n")
    if not fence:
        raise ValueError("front matter is not closed by a line ---")
    if len(head) > MAX_HEAD:
        raise ValueError(f"front matter is longer than {MAX_HEAD:,} characters")
    try:
        fields = dict(_json_field(line) for line in head.split("\n") if line.strip())
    except (ValueError, msgspec.DecodeError):
        fields = _decode_yaml(head + "\n")
    except RecursionError:
        raise ValueError("front matter is nested too deep") from None
    return fields, body.strip()


def _json_field(line: str) -> tuple[str, Any]:
    key, colon, value = line.partition(": ")
    if not colon or not key.replace("_", "").isalnum():
        raise ValueError(line)
    return key, msgspec.json.decode(value)


def _decode_yaml(head: str) -> dict[str, Any]:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    if len(head) > MAX_YAML:
        raise ValueError(
            f"front matter that is not one JSON value a line is longer than {MAX_YAML:,} characters"
        )
    yaml = YAML(typ="safe", pure=True)
    try:
        _check_events(yaml.parse(head))
        loaded = yaml.load(head)
    except (YAMLError, RecursionError, OverflowError, TypeError, LookupError, AttributeError) as error:
        raise ValueError(f"front matter is not YAML: {error}") from error
    if not isinstance(loaded, dict):
        raise ValueError("front matter must be a mapping of names to values")
    return {str(key): _plain(value) for key, value in loaded.items()}


def _check_events(events: Any) -> None:
    """Refuse aliases, with which a small file becomes a huge value, and deep nesting."""
    from ruamel.yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent

    depth = 0
    for event in events:
        if isinstance(event, AliasEvent):
            raise ValueError("front matter must not use YAML aliases")
        if isinstance(event, CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise ValueError("front matter is nested too deep")
        elif isinstance(event, CollectionEndEvent):
            depth -= 1


def _plain(value: Any) -> Any:
    """Return a YAML value with dates as text, which is how a person writes a day."""
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set):
        return [_plain(item) for item in value]
    return value
