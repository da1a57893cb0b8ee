"""Orientation: what sessions spend before their first edit, and which files they read first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import msgspec

from holdfast.evidence.session_facts import SessionFacts

MAX_FILES = 20
MIN_SESSIONS = 3
"""Sessions that must have read a file before their first edit for it to be named."""


class OrientationFile(msgspec.Struct, frozen=True, gc=False):
    """A file, the sessions that read it before their first edit, and those that changed it."""

    path: str
    read: int
    edited: int


class Orientation(msgspec.Struct, frozen=True, kw_only=True):
    """What sessions spend before the first edit.

    Attributes:
        sessions: Sessions that changed a file; the medians are theirs.
        median_calls: Calls before the first edit.
        median_tokens: Fresh tokens before it.
        files: What most sessions read before it.
    """

    sessions: int = 0
    median_calls: int = 0
    median_tokens: int = 0
    files: tuple[OrientationFile, ...] = ()


def orientation(sessions: Iterable[SessionFacts]) -> Orientation:
    """Return what sessions spend before the first edit; forks of one session count once."""
    seen: set[str] = set()
    calls: list[int] = []
    tokens: list[int] = []
    read: Counter[str] = Counter()
    edited: Counter[str] = Counter()
    for session in sessions:
        if session.first_edit is None or session.key in seen:
            continue
        seen.add(session.key)
        calls.append(session.first_edit.calls)
        tokens.append(session.first_edit.tokens)
        read.update({path for path in session.first_edit.read if _inside(path)})
        edited.update(path for path in set(session.edited) if _inside(path))
    files = [
        OrientationFile(path, count, edited[path]) for path, count in read.items() if count >= MIN_SESSIONS
    ]
    files.sort(key=lambda one: (-one.read, one.path))
    return Orientation(
        sessions=len(calls),
        median_calls=_median(calls),
        median_tokens=_median(tokens),
        files=tuple(files[:MAX_FILES]),
    )


def _inside(path: str) -> bool:
    return not path.startswith(("/", "~", ".."))


def _median(values: list[int]) -> int:
    """Return the lower median."""
    return sorted(values)[(len(values) - 1) // 2] if values else 0
