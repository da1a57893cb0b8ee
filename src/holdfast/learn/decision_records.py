"""Architecture decision records: what each says of itself, and which ones stand.

A chain is a folder whose records supersede each other. Of a chain the newest stands: a record that says it is
superseded, and one that another record says it supersedes, is not told any more. Statuses are read as
adr-tools writes them (a section ``Status`` with ``Superseded by [5. …](0005-….md)``), as MADR does (front
matter or list, ``status: superseded by ADR-0005``), and as log4brains does.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from holdfast.hook.patterns import regex

_STATUS = regex(
    r"\b(?:(?P<superseded>superseded|replaced by|obsoleted)|(?P<deprecated>deprecated|obsolete)"
    r"|(?P<rejected>rejected|declined)|(?P<proposed>proposed|draft|pending|under review|in review)"
    r"|(?P<accepted>accepted|approved|adopted|decided))\b",
    re.IGNORECASE,
)
_SUPERSEDES = regex(r"\b(?:supersedes|replaces|obsoletes)\b(.*)", re.IGNORECASE)
_LINK = regex(r"\]\(\s*<?([^)>\s#]+)")
_NAMED = regex(r"\b(?:ADR|decision)?[-\s#]*(\d{1,6})\b", re.IGNORECASE)
_NUMBER = regex(r"^(?:adr[-_ ]?)?(\d{1,8})(?=[-_. ])", re.IGNORECASE)


class Standing(NamedTuple):
    """What a record says of itself and of others.

    Attributes:
        status: ``accepted``, ``proposed``, ``rejected``, ``deprecated``, ``superseded``, or empty.
        supersedes: File names and numbers of the records that it supersedes.
    """

    status: str
    supersedes: frozenset[str]


def standing(status: str, text: str) -> Standing:
    """Return what a record says, from its status as written and its whole text.

    Of several statuses in one section the last holds: adr-tools adds lines.
    """
    told = ""
    for line in status.split("\n"):
        if _SUPERSEDES.search(line) and not re.search(r"superseded", line, re.IGNORECASE):
            continue
        found = _STATUS.search(line)
        told = (found.lastgroup or "") if found else told
    replaced: set[str] = set()
    for line in text.split("\n"):
        found = _SUPERSEDES.search(line)
        if found and len(line) < 400:
            replaced |= _records_in(found.group(1))
    return Standing(told, frozenset(replaced))


def standing_of_chain(records: dict[str, Standing]) -> dict[str, str]:
    """Return the status of each record of a folder by its file name, those that others supersede included."""
    by_number: dict[str, set[str]] = {}
    for name in records:
        by_number.setdefault(number_of(name), set()).add(name)
    replaced: set[str] = set()
    for name, told in records.items():
        if told.status in ("proposed", "rejected"):
            continue  # it took nothing's place
        for other in told.supersedes:
            names = {other} if other in records else by_number.get(other, set()) if other else set()
            replaced |= names - {name}
    return {name: "superseded" if name in replaced else told.status for name, told in records.items()}


def number_of(name: str) -> str:
    """Return the number that a record's file name begins with, without leading zeros; empty when none."""
    found = _NUMBER.match(name)
    return found.group(1).lstrip("0") or "0" if found else ""


def _records_in(text: str) -> set[str]:
    """Return the records that a line names: linked files by name, else numbers."""
    links = {link.rpartition("/")[2] for link in _LINK.findall(text) if link.endswith(".md")}
    return links or {number.lstrip("0") or "0" for number in _NAMED.findall(text)[:10]}
