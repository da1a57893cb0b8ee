"""Read JSON without the ``json`` package, whose import alone costs as much as starting the interpreter.

The scanner that ``json`` itself uses is part of the interpreter. Where it is not, ``json`` is imported.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class _Rules:
    """What the scanner asks for: plain JSON, no hooks."""

    strict = False
    object_hook = None
    object_pairs_hook = None
    parse_float = float
    parse_int = int
    memo: dict[str, str]

    def __init__(self) -> None:
        self.memo = {}

    @staticmethod
    def parse_constant(name: str) -> float:
        """Return ``NaN`` and the infinities, as Python's own reader does."""
        return float(name.replace("Infinity", "inf"))


def read(text: str) -> Any:
    """Return the value of a JSON text.

    Raises:
        ValueError: It is not JSON, or something stands after it.
        RecursionError: It is nested too deeply.
    """
    try:
        from _json import make_scanner
    except ImportError:
        import json

        return json.loads(text)
    start = len(text) - len(text.lstrip(" \t\r\n\ufeff"))
    try:
        value, end = make_scanner(_Rules())(text, start)  # type: ignore[arg-type]
    except (StopIteration, SystemError):  # the latter for broken JSON while `json` is not loaded
        raise ValueError("no JSON") from None
    if text[end:].strip(" \t\r\n"):
        raise ValueError("more than one value")
    return value


def read_object(text: str) -> dict[str, Any]:
    """Return the JSON object of a text; an empty one for anything else."""
    try:
        value = read(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def write(value: object) -> str:
    """Return a value as JSON in ASCII, on one line.

    Raises:
        TypeError: It is none of str, int, float, bool, None, dict, list and tuple.
    """
    if isinstance(value, str):
        return _quoted(value)
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int | float):
        return repr(value) if value == value and abs(value) != float("inf") else "null"
    if isinstance(value, dict):
        return "{" + ",".join(f"{_quoted(str(key))}:{write(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(write, value)) + "]"
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")


def _quoted(text: str) -> str:
    try:
        from _json import encode_basestring_ascii
    except ImportError:
        import json

        return json.dumps(text)
    return encode_basestring_ascii(text)
