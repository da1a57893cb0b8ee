"""Symptoms: how somebody who does not know a decision comes upon what it settles, in their own words.

They are worded by the user's own agent when a person asks for it, kept on this machine alone, and only ever
searched: nobody is shown them. They belong to what was read when they were worded; a text that changed since
has none until it is read again.
"""

from __future__ import annotations

import contextlib
import hashlib
import stat
from collections.abc import Callable, Mapping

import msgspec

from holdfast.errors import EnvironmentProblem
from holdfast.index.documents import Document
from holdfast.repo import git
from holdfast.repo.location import Repository
from holdfast.repo.lock import held
from holdfast.repo.replacing import replace

FILE = "symptoms.json"
SCHEMA = 1
MAX_TEXTS, MAX_LENGTH = 8, 240
"""Texts of one decision, and characters of one, that are kept."""
MAX_REPLACES = 8
"""Earlier decisions that one replaces, that are kept."""
MAX_FILE = 64 * 1024 * 1024
"""Bytes of the file that are read; a longer one was not written here."""
_LOCK = "symptoms.lock"
_NEWER, _UNREADABLE = "It was written by a newer Holdfast.", "It cannot be read."
_OTHER = "It has another form."


class Symptoms(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the agent said of one document.

    Attributes:
        read: Digest of what it was given, `digest_of`.
        settles: Whether it found a decision there.
        met: The symptoms; empty when it found none.
        compared: Whether it was compared with earlier decisions.
        replaces: Digests of those that no longer hold because of it.
    """

    read: str
    settles: bool = False
    met: tuple[str, ...] = ()
    compared: bool = False
    replaces: tuple[str, ...] = ()


class _Kept(msgspec.Struct, kw_only=True):
    schema: int = SCHEMA
    documents: dict[str, Symptoms] = {}


class _Schema(msgspec.Struct):
    schema: int = SCHEMA


def digest_of(document: Document) -> str:
    """Return the digest of what of a document is read for its symptoms: 16 hex digits."""
    told = f"{document.title}\n{document.text}\n{document.detail}"
    return hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()[:16]


def read(repository: Repository) -> dict[str, Symptoms]:
    """Return what is kept, by the id of the document; nothing of a file that cannot be read."""
    return _load(repository)[0]


def update(
    repository: Repository, change: Callable[[dict[str, Symptoms]], Mapping[str, Symptoms]]
) -> Mapping[str, Symptoms]:
    """Keep what a change makes of what is kept, which nobody else changes meanwhile, and return it.

    Raises:
        EnvironmentProblem: It cannot be written, or a newer Holdfast wrote what is there.
        RecordsBusy: Another process kept it locked.
    """
    with held(repository, name=_LOCK):
        before, why = _load(repository)
        if why == _NEWER:
            raise EnvironmentProblem(
                f"{repository.state_dir / FILE} was written by a newer Holdfast; this one cannot change it.",
                "Upgrade: `python -m pip install -U holdfast`",
            )
        after = change(dict(before))
        if after != before:
            if why == _UNREADABLE:
                _set_aside(repository)
            _write(repository, after)
    return after


def add(repository: Repository, found: Mapping[str, Symptoms]) -> None:
    """Keep symptoms by the id of the document, in place of those of the same id; see `update` for errors."""
    update(repository, lambda kept: {**kept, **found})


def forget(repository: Repository, gone: Callable[[str], bool]) -> int:
    """Remove the symptoms of documents by their id; return of how many. See `update` for errors."""
    removed = 0

    def change(kept: dict[str, Symptoms]) -> dict[str, Symptoms]:
        nonlocal removed
        left = {name: each for name, each in kept.items() if not gone(name)}
        removed = len(kept) - len(left)
        return left

    update(repository, change)
    return removed


def problem(repository: Repository) -> str:
    """Say why what is kept cannot be used; empty when it can, or nothing is kept."""
    return _load(repository)[1]


def _load(repository: Repository) -> tuple[dict[str, Symptoms], str]:
    """Return what is kept, by the id of the document, and why that is nothing though there is a file."""
    try:
        content = _content(repository)
        if msgspec.json.decode(content, type=_Schema).schema > SCHEMA:
            return {}, _NEWER
        kept = msgspec.json.decode(content, type=_Kept)
    except FileNotFoundError:
        return {}, ""
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return {}, _UNREADABLE
    if kept.schema != SCHEMA:
        return {}, _OTHER
    return {name: _bounded(each) for name, each in kept.documents.items()}, ""


def _content(repository: Repository) -> bytes:
    path = repository.state_dir / FILE
    status = path.stat()
    return path.read_bytes() if stat.S_ISREG(status.st_mode) and status.st_size <= MAX_FILE else b""


def _write(repository: Repository, documents: Mapping[str, Symptoms]) -> None:
    path = repository.ensure_state() / FILE
    data = msgspec.json.encode(_Kept(documents=dict(sorted(documents.items()))))
    try:
        replace(path, msgspec.json.format(data, indent=0))
    except OSError as error:
        raise git.disk_problem(error, f"Cannot write {path}") from error


def _set_aside(repository: Repository) -> None:
    """Keep a file that cannot be read beside the new one: what is in it was paid for."""
    path = repository.state_dir / FILE
    with contextlib.suppress(OSError):
        path.replace(path.with_name(f"{FILE}.unreadable"))


def _bounded(found: Symptoms) -> Symptoms:
    met = tuple(text[:MAX_LENGTH] for text in found.met[:MAX_TEXTS])
    return msgspec.structs.replace(found, met=met, replaces=found.replaces[:MAX_REPLACES])
