"""The one clock: what every age, day and half-life in Holdfast counts from.

``HOLDFAST_NOW`` (seconds since the epoch, UTC) sets it by hand, for tests and for replaying old
sessions; otherwise the system's clock is used. A value that is not a number is ignored.
"""

from __future__ import annotations

import os
import time


def now() -> float:
    """Return the current time in seconds since the epoch, UTC."""
    said = os.environ.get("HOLDFAST_NOW")
    if said:
        from datetime import UTC, datetime  # here, because hooks wait for every import

        try:
            told = float(said)
            datetime.fromtimestamp(told, UTC)
        except (ValueError, OverflowError, OSError):
            return time.time()
        return told
    return time.time()


def today() -> str:
    """Return the current UTC day as ``YYYY-MM-DD``."""
    return day_of(now())


def day_of(moment: float) -> str:
    """Return the UTC day of a time in seconds since the epoch, as ``YYYY-MM-DD``; today if there is none."""
    from datetime import UTC, datetime

    try:
        return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d")
    except (ValueError, OverflowError, OSError):
        return today()


def recorded_day(at: float | None) -> str | None:
    """Return the UTC day of a time that a log told; None when it told none, or an impossible one."""
    return day_of(at) if at is not None and 0 < at < 4e9 else None
