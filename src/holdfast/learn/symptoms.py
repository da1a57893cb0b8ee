"""Symptoms: how somebody who does not know a decision comes upon what it settles, in their own words.

They are worded by the user's own agent when a person asks for it, kept on this machine alone, and only ever
searched: nobody is shown them. They belong to what was read when they were worded; a text that changed since
has none until it is read again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping

import msgspec

from holdfast.index.documents import Document
from holdfast.repo import git
from holdfast.repo.location import Repository
from holdfast.repo.replacing import replace

FILE = "symptoms.json"
MAX_TEXTS, MAX_LENGTH = 8, 240
"""Texts of one decision, and characters of one, that are kept."""
MAX_FILE = 64 * 1024 * 1024
"""Bytes of the file that are read; a longer one was not written here."""


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
    schema: int = 1
    documents: dict[str, Symptoms] = {}


def digest_of(document: Document) -> str:
    """Return the digest of what of a document is read for its symptoms: 16 hex digits."""
    told = f"{document.title}\n{document.text}\n{document.detail}"
    return hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()[:16]


def read(repository: Repository) -> dict[str, Symptoms]:
    """Return what is kept, by the id of the document; nothing of a file that cannot be read."""
    path = repository.state_dir / FILE
    try:
        if path.stat().st_size > MAX_FILE:
            return {}
        kept = msgspec.json.decode(path.read_bytes(), type=_Kept)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return {}
    return {name: _bounded(each) for name, each in kept.documents.items()} if kept.schema == 1 else {}


def add(repository: Repository, found: Mapping[str, Symptoms]) -> None:
    """Keep symptoms by the id of the document, in place of those of the same id.

    Raises:
        EnvironmentProblem: They cannot be written.
    """
    if found:
        _write(repository, {**read(repository), **found})


def forget(repository: Repository, gone: Callable[[str], bool]) -> int:
    """Remove the symptoms of documents by their id; return of how many.

    Raises:
        EnvironmentProblem: They cannot be written.
    """
    held = read(repository)
    kept = {name: each for name, each in held.items() if not gone(name)}
    if len(kept) < len(held):
        _write(repository, kept)
    return len(held) - len(kept)


def _write(repository: Repository, documents: dict[str, Symptoms]) -> None:
    path = repository.ensure_state() / FILE
    data = msgspec.json.encode(_Kept(documents=dict(sorted(documents.items()))))
    try:
        replace(path, msgspec.json.format(data, indent=0))
    except OSError as error:
        raise git.disk_problem(error, f"Cannot write {path}") from error


def _bounded(found: Symptoms) -> Symptoms:
    met = tuple(text[:MAX_LENGTH] for text in found.met[:MAX_TEXTS])
    return msgspec.structs.replace(found, met=met)
