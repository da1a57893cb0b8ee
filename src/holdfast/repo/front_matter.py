"""Front matter of a record: YAML between two ``---`` lines, then Markdown.

Holdfast writes each value as one line of JSON, which is YAML too, so that reading 10,000 records
needs no YAML parser; a record that a person wrote in another YAML form is read by ruamel.yaml.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

_FENCE = "---"


def encode(fields: Mapping[str, Any], body: str) -> bytes:
    """Write fields and body as front matter; keys keep their order."""
    lines = [f"{key}: {msgspec.json.encode(value).decode()}" for key, value in fields.items()]
    return "\n".join([_FENCE, *lines, _FENCE, body.strip(), ""]).encode()


def decode(data: bytes) -> tuple[dict[str, Any], str]:
    """Read fields and body.

    Raises:
        ValueError: The bytes are not UTF-8 text with front matter.
    """
    text = data.decode().replace("\r\n", "\n")
    if not text.startswith(_FENCE + "\n"):
        raise ValueError("no front matter: the first line must be ---")
    head, fence, body = text[4:].partition("\n" + _FENCE + "\n")
    if not fence:
        raise ValueError("front matter is not closed by a line ---")
    try:
        fields = dict(_json_field(line) for line in head.split("\n") if line.strip())
    except (ValueError, msgspec.DecodeError):
        fields = _decode_yaml(head)
    return fields, body.strip()


def _json_field(line: str) -> tuple[str, Any]:
    key, colon, value = line.partition(": ")
    if not colon or not key.replace("_", "").isalnum():
        raise ValueError(line)
    return key, msgspec.json.decode(value)


def _decode_yaml(head: str) -> dict[str, Any]:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        loaded = YAML(typ="safe", pure=True).load(head)
    except (YAMLError, RecursionError) as error:
        raise ValueError(f"front matter is not YAML: {error}") from error
    if not isinstance(loaded, dict):
        raise ValueError("front matter must be a mapping of names to values")
    return {str(key): value for key, value in loaded.items()}
