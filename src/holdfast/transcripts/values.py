"""Take a value of the expected kind out of an untrusted record, or nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from holdfast.transcripts.events import MAX_TEXT

LARGEST = 2**53


def text_of(value: Any) -> str:
    """Return a text, or the empty text for anything else."""
    return value if isinstance(value, str) else ""


def some_text(value: Any) -> str | None:
    """Return a text that is not empty, else None."""
    return value if isinstance(value, str) and value else None


def table(value: Any) -> dict[str, Any]:
    """Return a JSON object, or an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def items(value: Any) -> list[Any]:
    """Return a JSON array, or an empty one for anything else."""
    return value if isinstance(value, list) else []


def count_of(value: Any) -> int:
    """Return a count that is not negative and not absurd, else 0."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < LARGEST:
        return value
    return 0


def exit_code_of(value: Any) -> int | None:
    """Return an exit code, else None."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < LARGEST:
        return value
    return None


def seconds_of(value: Any) -> float | None:
    """Return a time in seconds since the epoch from an ISO 8601 text or a number.

    A number above 1e11 is taken as milliseconds, a text without an offset as UTC.
    """
    if isinstance(value, str):
        if len(value) > 40:
            return None
        try:
            moment = datetime.fromisoformat(value)
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        except (ValueError, OverflowError):
            return None
    if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value < 1e15:
        return value / 1000 if value > 1e11 else float(value)
    return None


def cut(text: str, limit: int = MAX_TEXT) -> str:
    """Return at most ``limit`` characters of a text: its start and its end."""
    if len(text) <= limit:
        return text
    mark = f"\n[… {len(text) - limit} characters cut …]\n"
    room = limit - len(mark)
    return text[: room // 2] + mark + text[len(text) - (room - room // 2) :]


def joined_text(content: Any) -> str:
    """Return the text of a content value: a text, or the texts of a list of blocks."""
    if isinstance(content, str):
        return content
    texts = [
        block if isinstance(block, str) else text_of(block.get("text"))
        for block in items(content)
        if isinstance(block, (str, dict))
    ]
    return "\n".join(text for text in texts if text)
