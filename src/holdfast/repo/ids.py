"""Names for records: 80 random bits, written as 16 lowercase base32 characters.

Random names need no coordination: with a million records in one repository the chance that any two
share a name is under one in two trillion (birthday bound, n² / 2⁸¹). People see and type the
shortest prefix that is unique.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterable

from holdfast.errors import UsageError
from holdfast.hook.patterns import regex

LENGTH = 16
"""Characters in an id."""

SHORTEST = 4
"""Characters shown at least, so that a prefix stays unique for a while."""

_ID = regex(r"[a-z2-7]{16}\Z")
_NAMED_AT_MOST = 8


def new_id() -> str:
    """Return a new random id: 16 characters of ``a-z2-7``."""
    return base64.b32encode(secrets.token_bytes(10)).decode("ascii").lower()


def is_id(text: str) -> bool:
    """Tell whether ``text`` is written as an id is."""
    return _ID.match(text) is not None


def of_path(path: str) -> str | None:
    """Return the id that the path of a record carries, or None when it carries none.

    ``learnings/<kind>/<slug>-<id>.md``, ``receipts/<tree>/<check>-<id>.json``, ``segments`` and
    ``events`` end in it; everything under ``issues/<id>/`` belongs to the issue.
    """
    parts = path.split("/")
    if parts[0] == "issues":
        candidate = parts[1] if len(parts) > 2 else ""
    else:
        candidate = parts[-1].rsplit(".", 1)[0].rsplit("-", 1)[-1]
    return candidate if is_id(candidate) else None


def shortest(ids: Iterable[str]) -> dict[str, str]:
    """Return the shortest prefix of each id that no other of ``ids`` has, at least four characters."""
    ordered = sorted(set(ids))
    shown: dict[str, str] = {}
    for position, name in enumerate(ordered):
        neighbours = ordered[max(0, position - 1) : position] + ordered[position + 1 : position + 2]
        shared = max((_shared(name, other) for other in neighbours), default=0)
        shown[name] = name[: max(SHORTEST, shared + 1)]
    return shown


def resolve(prefix: str, ids: Iterable[str]) -> str:
    """Return the one id of ``ids`` that starts with ``prefix``.

    Raises:
        UsageError: No id starts so, or several do; the message names them.
    """
    known = set(ids)
    wanted = prefix.strip().lower()
    if wanted in known:
        return wanted
    found = sorted(name for name in known if wanted and name.startswith(wanted))
    if len(found) == 1:
        return found[0]
    if not found:
        raise UsageError(f"No record has an id that starts with {prefix!r}.", "Give an id as it was shown.")
    shown = shortest(known)
    named = ", ".join(shown[name] for name in found[:_NAMED_AT_MOST])
    more = f" and {len(found) - _NAMED_AT_MOST} more" if len(found) > _NAMED_AT_MOST else ""
    raise UsageError(f"{prefix!r} is the start of {len(found)} ids: {named}{more}.", "Give more characters.")


def _shared(left: str, right: str) -> int:
    length = 0
    for a, b in zip(left, right, strict=False):
        if a != b:
            break
        length += 1
    return length
