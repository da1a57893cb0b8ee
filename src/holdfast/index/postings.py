"""Which documents hold a stem, and where: an inverted index in bitmaps, kept in blocks of documents.

A document's number is its rowid. A posting says that a document holds a stem, with a *place* from 1 to 3:
in its details alone, in its text or terms, in its title (the best of them counts). A block of `BLOCK`
documents is written as sorted numbers when few of it hold the stem, else as two bitmaps, one for each binary
digit of the place. Beside stems, postings hold what documents are: their kind, source, class of length, and
the digits of their day and of a digest of their id, by which equals are told apart. Where a document is
numbered therefore shows in no answer.
"""

from __future__ import annotations

import datetime
import hashlib
import sqlite3
from array import array
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

import msgspec

from holdfast.index.documents import Document
from holdfast.index.schema import FIELD_WEIGHTS, Damaged
from holdfast.index.stems import stems
from holdfast.index.tokens import split

BLOCK = 1 << 14
"""Documents of a block: a number in it and a place make 16 bits."""
WEIGHT_OF_PLACE = (0, 1, 2, 4)
"""How many times a word counts in each place."""
LENGTHS = (16, 40, 100)
"""Where the classes of length end; length counts words by the weight of their field."""
DAY_DIGITS, ID_DIGITS = 16, 16

_BYTES = BLOCK // 8
_MOST = 1 << 27
"""More than the number of any document: bitmaps of so many would fill the memory."""
_FEW = 256
"""Postings of a block that are written as numbers."""
_SORTED, _BITMAPS = b"\0", b"\1"
_EPOCH = datetime.date(1970, 1, 1).toordinal()
_PLACES = {field: WEIGHT_OF_PLACE.index(weight) for field, weight in FIELD_WEIGHTS.items()}

ALL = "\0all"
"""Held by every document. No stem begins with NUL."""


class Words(msgspec.Struct):
    """What of a document is searched: its length, and each stem with the best place it stands in."""

    length: int
    places: dict[str, int]


class Bitmap(msgspec.Struct):
    """Which documents hold a stem: bit n stands for document n.

    Attributes:
        any: Those that hold it anywhere; ``text`` those that do in text, terms or title; ``title`` those that
            do in the title.
        low, high: The digits of the place, as bytes, for single documents.
    """

    any: int
    text: int
    title: int
    low: bytearray
    high: bytearray


def words_of(document: Document) -> Words:
    """Return what of a document is searched."""
    about = (*document.tags, *document.commands, *document.paths, document.path or "")
    fields = {
        "title": split(document.title),
        "text": split(document.text),
        "terms": split("\n".join(about)),
        "detail": split(document.detail),
    }
    stemmed = stems(word for words in fields.values() for word in words)
    places: dict[str, int] = {}
    for field, words in fields.items():
        place = _PLACES[field]
        for word in words:
            for stem in stemmed[word]:
                if places.get(stem, 0) < place:
                    places[stem] = place
    return Words(sum(len(words) * FIELD_WEIGHTS[field] for field, words in fields.items()), places)


def marks_of(document: Document, length: int) -> list[str]:
    """Return under which names the postings hold what a document is."""
    day = _day_number(document.day)
    digest = int.from_bytes(hashlib.sha256(document.id.encode()).digest()[:2], "big")
    return [
        ALL,
        kind_mark(document.kind),
        source_mark(document.source),
        length_mark(sum(length > end for end in LENGTHS)),
        *(day_mark(digit) for digit in range(DAY_DIGITS) if day >> digit & 1),
        *(id_mark(digit) for digit in range(ID_DIGITS) if digest >> digit & 1),
    ]


def kind_mark(kind: str) -> str:
    """Return the name that documents of a kind are held under."""
    return f"\0kind:{kind}"


def source_mark(source: str) -> str:
    """Return the name that documents of a source are held under."""
    return f"\0source:{source}"


def length_mark(number: int) -> str:
    """Return the name that documents of a class of length are held under."""
    return f"\0length:{number}"


def day_mark(digit: int) -> str:
    """Return the name that documents are held under whose day has a binary digit."""
    return f"\0day:{digit}"


def id_mark(digit: int) -> str:
    """Return the name that documents are held under the digest of whose id has a binary digit."""
    return f"\0id:{digit}"


def _day_number(day: str | None) -> int:
    try:
        number = datetime.date.fromisoformat(day or "").toordinal() - _EPOCH
    except ValueError:
        return 0
    return max(0, min((1 << DAY_DIGITS) - 1, number))


class Changes:
    """Gather changes of postings, then write each block once."""

    def __init__(self) -> None:
        self._blocks: dict[int, dict[str, dict[int, int]]] = defaultdict(lambda: defaultdict(dict))
        self._documents: dict[str, int] = defaultdict(int)

    def replace(self, number: int, old: Mapping[str, int], new: Mapping[str, int]) -> None:
        """Let a document hold the names of ``new``, each with its place, in place of those of ``old``."""
        block, local = divmod(number, BLOCK)
        changed = self._blocks[block]
        for name in old.keys() - new.keys():
            changed[name][local] = 0
            self._documents[name] -= 1
        for name, place in new.items():
            before = old.get(name, 0)
            if before != place:
                changed[name][local] = place
                self._documents[name] += not before

    def write(self, connection: sqlite3.Connection) -> None:
        """Write what was gathered, inside the caller's transaction, and begin to gather anew."""
        for block, names in self._blocks.items():
            known = connection.execute("SELECT 1 FROM postings WHERE stem = ? AND block = ?", (ALL, block))
            fresh = known.fetchone() is None
            for name in sorted(names):
                _write_block(connection, name, block, names[name], fresh=fresh)
        counts = [(name, count) for name, count in sorted(self._documents.items()) if count]
        connection.executemany(
            "INSERT INTO stems VALUES (?, ?) ON CONFLICT(stem) DO UPDATE SET documents = documents + "
            "excluded.documents",
            counts,
        )
        gone = [(name,) for name, count in counts if count < 0]
        connection.executemany("DELETE FROM stems WHERE stem = ? AND documents = 0", gone)
        self._blocks.clear()
        self._documents.clear()


def _write_block(
    connection: sqlite3.Connection, name: str, block: int, changed: dict[int, int], *, fresh: bool
) -> None:
    held: dict[int, int] = {}
    if not fresh:
        row = connection.execute(
            "SELECT data FROM postings WHERE stem = ? AND block = ?", (name, block)
        ).fetchone()
        if row is not None and row[0][:1] == _BITMAPS and len(changed) < _FEW:
            data = _patched(row[0], changed)
            if data is not None:
                connection.execute(
                    "UPDATE postings SET data = ? WHERE stem = ? AND block = ?", (data, name, block)
                )
                return
        held = _decoded(row[0]) if row is not None else {}
    held |= changed
    held = {local: place for local, place in held.items() if place}
    if held:
        connection.execute("INSERT OR REPLACE INTO postings VALUES (?, ?, ?)", (name, block, _encoded(held)))
    else:
        connection.execute("DELETE FROM postings WHERE stem = ? AND block = ?", (name, block))


def _encoded(held: Mapping[int, int]) -> bytes:
    if len(held) < _FEW:
        return _SORTED + array("H", sorted(local << 2 | place for local, place in held.items())).tobytes()
    low, high = bytearray(_BYTES), bytearray(_BYTES)
    for local, place in held.items():
        bit = 1 << (local & 7)
        if place & 1:
            low[local >> 3] |= bit
        if place & 2:
            high[local >> 3] |= bit
    return _BITMAPS + bytes(low + high if any(high) else low)


def _decoded(data: bytes) -> dict[int, int]:
    if data[:1] == _SORTED and len(data) % 2:
        return {value >> 2: value & 3 for value in array("H", data[1:])}
    low, high = bytearray(_BYTES), bytearray(_BYTES)
    _spread(data, low, high, 0)
    held = {}
    for number in numbers(int.from_bytes(low, "little") | int.from_bytes(high, "little")):
        byte, bit = number >> 3, number & 7
        held[number] = (low[byte] >> bit & 1) | (high[byte] >> bit & 1) << 1
    return held


def _patched(data: bytes, changed: Mapping[int, int]) -> bytes | None:
    """Return bitmaps with a few postings changed; None when too few are left for bitmaps."""
    planes = bytearray(data)
    if len(planes) == 1 + _BYTES:
        planes += bytes(_BYTES)
    for local, place in changed.items():
        byte, bit = 1 + (local >> 3), 1 << (local & 7)
        for start, digit in ((byte, place & 1), (byte + _BYTES, place >> 1)):
            planes[start] = planes[start] | bit if digit else planes[start] & ~bit
    low, high = planes[1 : 1 + _BYTES], planes[1 + _BYTES :]
    held = int.from_bytes(low, "little") | int.from_bytes(high, "little")
    if held.bit_count() < _FEW:
        return None
    return _BITMAPS + bytes(low + high if any(high) else low)


def _spread(data: object, low: bytearray, high: bytearray, start: int) -> None:
    """Write one block's postings into the bitmaps of all documents, from the byte ``start`` on."""
    if not isinstance(data, bytes) or len(data) % 2 == 0:
        raise Damaged("postings of a stem")
    if data[:1] == _BITMAPS and len(data) in (1 + _BYTES, 1 + 2 * _BYTES):
        low[start : start + _BYTES] = data[1 : 1 + _BYTES]
        if len(data) > 1 + _BYTES:
            high[start : start + _BYTES] = data[1 + _BYTES :]
    elif data[:1] == _SORTED:
        for value in array("H", data[1:]):
            byte, bit = start + (value >> 5), 1 << (value >> 2 & 7)
            if value & 1:
                low[byte] |= bit
            if value & 2:
                high[byte] |= bit
    else:
        raise Damaged("postings of a stem")


def read(connection: sqlite3.Connection, name: str, size: int) -> Bitmap:
    """Return which documents hold a name.

    Args:
        connection: The index.
        name: A stem, or the name of what documents are.
        size: More than the largest number of a document.
    """
    blocks = -(-size // BLOCK)
    low, high = bytearray(blocks * _BYTES), bytearray(blocks * _BYTES)
    sql = "SELECT block, data FROM postings WHERE stem = ? ORDER BY block"
    for block, data in connection.execute(sql, (name,)):
        if not 0 <= block < blocks:
            raise Damaged("a block of documents that are not there")
        _spread(data, low, high, block * _BYTES)
    first, second = int.from_bytes(low, "little"), int.from_bytes(high, "little")
    return Bitmap(first | second, second, first & second, low, high)


def frequencies(connection: sqlite3.Connection, names: Collection[str]) -> dict[str, int]:
    """Return how many documents hold each stem."""
    sql = "SELECT documents FROM stems WHERE stem = ?"
    found = {}
    for name in names:
        row = connection.execute(sql, (name,)).fetchone()
        if row is not None and not isinstance(row[0], int):
            raise Damaged("frequencies of stems")
        found[name] = max(0, row[0]) if row else 0
    return found


def size(connection: sqlite3.Connection) -> int:
    """Return one more than the largest number of a document."""
    top = connection.execute("SELECT max(rowid) FROM documents").fetchone()[0]
    if top is not None and not 0 <= top < _MOST:
        raise Damaged("a document has an impossible number")
    return 0 if top is None else int(top) + 1


def free(connection: sqlite3.Connection, wanted: int) -> list[int]:
    """Return the lowest numbers that no document has."""
    top, count = size(connection), connection.execute("SELECT sum(documents) FROM totals").fetchone()[0] or 0
    found: list[int] = []
    if count < top:
        holes = ~read(connection, ALL, top).any & (1 << top) - 1
        found = numbers(holes)[:wanted]
    return found + list(range(top, top + wanted - len(found)))


_BITS = [[bit for bit in range(8) if byte >> bit & 1] for byte in range(256)]


def numbers(bitmap: int) -> list[int]:
    """Return the documents of a bitmap, in order."""
    data = bitmap.to_bytes((bitmap.bit_length() + 7) // 8, "little")
    found: list[int] = []
    start, end = 0, len(data)
    while start < end:
        rest = data[start : start + 64]
        if not any(rest):
            start += 64
            continue
        for place, byte in enumerate(rest, start):
            if byte:
                found += [place << 3 | bit for bit in _BITS[byte]]
        start += 64
    return found


def joined(bitmaps: Iterable[int]) -> int:
    """Return the documents that are in any of the bitmaps."""
    whole = 0
    for bitmap in bitmaps:
        whole |= bitmap
    return whole
