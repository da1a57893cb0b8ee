"""The status line of Claude Code: how full the context is, drawn from what the client says of it.

The client gives JSON on standard input (``context_window`` since version 2.1; older ones give the log's path
alone) and shows the first line that is printed. Nothing of the repository is read but the branch.
"""

from __future__ import annotations

from .json_reading import read_object
from .meter_log import steps_in
from .meter_state import Meter
from .meter_windows import at_least, window_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_CELLS = 10
_TAIL = 1 << 18
_GREEN, _YELLOW, _RED, _PLAIN = "\x1b[32m", "\x1b[33m", "\x1b[31m", "\x1b[0m"


def status_line(data: str, *, colour: bool = True) -> str:
    """Return the line for what Claude Code gives a status line; empty when that says nothing.

    Args:
        data: The JSON.
        colour: Whether to colour it; the client shows colours, ``NO_COLOR`` turns them off.
    """
    told = read_object(data)
    model = _table(told, "model")
    used, window = _stated(told)
    name = _text(model, "display_name") or _text(model, "id")
    parts = [name] if name else []
    if window:
        percent = 100 * used // window
        parts.append(_bar(percent, window, colour))
    elif used:
        parts.append(f"context {_short(used)} tokens")
    branch = _branch(_text(_table(told, "workspace"), "current_dir") or _text(told, "cwd"))
    return " · ".join([*parts, branch] if branch else parts)


def _bar(percent: int, window: int, colour: bool) -> str:
    filled = min(_CELLS, round(percent * _CELLS / 100))
    bar = "▓" * filled + "░" * (_CELLS - filled)
    advice = ": write down, then start afresh" if percent >= 70 else ": finish, then start afresh"
    text = f"{bar} {percent} % of {_short(window)}{advice if percent >= 40 else ''}"
    if not colour:
        return text
    return f"{_RED if percent >= 70 else _YELLOW if percent >= 40 else _GREEN}{text}{_PLAIN}"


def _stated(told: dict[str, Any]) -> tuple[int, int]:
    """Return the tokens in use and the window, from the client or else from the end of the log."""
    stated = _table(told, "context_window")
    usage = _table(stated, "current_usage")
    names = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
    window = _count(stated.get("context_window_size"))
    if stated:
        used = sum(_count(usage.get(name)) for name in names)
        percent = min(100, _count(stated.get("used_percentage")))
        return used or -(
            -window * percent // 100
        ), window  # rounded up, so that the share stays what was said
    from .meter import read_tail

    meter = Meter()
    for line in read_tail(_text(told, "transcript_path"), 0, _TAIL)[0].split(b"\n"):
        for step in steps_in(line):
            meter.feed(step)
    window = window_of(meter.model or _text(_table(told, "model"), "id"))
    return meter.used, at_least(window, meter.peak)


def _branch(directory: str) -> str:
    from .place import find

    place = find(directory) if directory else None
    return "".join(char for char in place.branch if char.isprintable())[:60] if place else ""


def _table(told: dict[str, Any], name: str) -> dict[str, Any]:
    value = told.get(name)
    return value if isinstance(value, dict) else {}


def _text(told: dict[str, Any], name: str) -> str:
    value = told.get(name)
    return "".join(char for char in value if char.isprintable())[:4096] if isinstance(value, str) else ""


def _count(value: object) -> int:
    return int(value) if isinstance(value, int | float) and 0 < value < 1e12 else 0


def _short(tokens: int) -> str:
    return f"{tokens / 1_000_000:g}M" if tokens >= 1_000_000 else f"{round(tokens / 1000)}k"
