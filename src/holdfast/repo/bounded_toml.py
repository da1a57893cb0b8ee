"""Read TOML that nobody has vouched for, in bounded time."""

from __future__ import annotations

import tomllib
from typing import Any

LARGEST = 1 << 16
"""Bytes that a file may have."""

_MOST_DOTS = 500  # in a line: tomllib takes time quadratic in the parts of a dotted key


def read(text: str) -> dict[str, Any]:
    """Return the tables of a TOML text.

    Raises:
        ValueError: It is no TOML, or too large or too deep to be settings; the message says which,
            with the line where one is known.
    """
    if len(text.encode("utf-8", "replace")) > LARGEST:
        raise ValueError(f"it is larger than {LARGEST:,} bytes")
    for number, line in enumerate(text.splitlines(), 1):
        if line.count(".") > _MOST_DOTS:
            raise ValueError(f"a key has too many parts (at line {number})")
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
