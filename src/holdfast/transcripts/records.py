"""Decode one line of JSON into typed records, tolerating what real logs hold.

Real logs hold lines that strict JSON forbids: lone surrogates where a writer cut a text, NaN, two
records glued together by concurrent writers, bytes that are not UTF-8. Strict decoding goes first;
what it refuses is mended when the mending is certain, and is otherwise malformed.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, Generic, TypeVar

import msgspec

from holdfast.hook.patterns import regex

T = TypeVar("T")

MEND_LIMIT = 4 * 1024 * 1024
"""Bytes of the longest line that is mended; a longer one that is not strict JSON is malformed."""

BOM = b"\xef\xbb\xbf"
FAULTS = (msgspec.MsgspecError, ValueError, RecursionError, OverflowError, TypeError)
"""What decoding untrusted bytes may raise."""


class RecordDecoder(Generic[T]):
    """Decode lines into records of one type, whose fields should be typed ``Any`` or ``Raw``."""

    def __init__(self, kind: type[T]) -> None:
        self._decode = msgspec.json.Decoder(kind).decode

    def decode(self, line: bytes) -> tuple[list[T], int]:
        """Return the records of a line (usually one) and how many pieces of it were malformed."""
        try:
            return [self._decode(line)], 0
        except FAULTS:
            pass
        documents, malformed = mend(line)
        records = []
        for document in documents:
            try:
                records.append(self._decode(document))
            except FAULTS:
                malformed += 1
        return records, malformed


def mend(line: bytes) -> tuple[list[bytes], int]:
    """Return the JSON objects that a line holds as strict JSON, and the number of malformed pieces.

    Bytes that are not UTF-8 and lone surrogates become replacement characters; numbers outside JSON
    become null; a backslash that escapes nothing (as left by a redaction) stands for itself; objects
    written one after another on one line are told apart.
    """
    if len(line) > MEND_LIMIT:
        return [], 1
    text = line.removeprefix(BOM).decode("utf-8", "replace").strip(" \t\r\n")
    text = _ESCAPE.sub(_escaped, text)
    objects: list[bytes] = []
    malformed = 0 if text else 1
    position = 0
    while position < len(text):
        try:
            value, position = _LENIENT.raw_decode(text, position)
            document = json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
        except (ValueError, RecursionError, OverflowError):
            return objects, malformed + 1
        if isinstance(value, dict):
            objects.append(document)
        else:
            malformed += 1
        while position < len(text) and text[position] in " \t\r\n":
            position += 1
    return objects, malformed


def is_whole(tail: bytes) -> bool:
    """Tell whether a last line without a newline consists of whole records after all."""
    if not tail.rstrip(b" \t\r\n").endswith(b"}"):
        return False
    objects, malformed = mend(tail)
    return bool(objects) and not malformed


def decode_as(kind: type[T], raw: Any) -> T | None:
    """Decode raw JSON as one type; None when it is absent or of another shape."""
    try:
        return msgspec.json.decode(raw, type=kind)
    except FAULTS:
        return None


def _finite(number: str) -> float | None:
    value = float(number)
    return value if math.isfinite(value) else None


def _escaped(match: re.Match[str]) -> str:
    return match[0] if match[1] else "\\\\"


_ESCAPE = regex(r"""\\(["\\/bfnrt]|u[0-9A-Fa-f]{4})|\\""")
_LENIENT = json.JSONDecoder(strict=False, parse_float=_finite, parse_constant=lambda _: None)
