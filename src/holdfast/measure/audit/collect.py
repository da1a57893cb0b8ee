"""Find and read what is to be audited: the files that are named, those below folders, and own records.

No link is followed below a folder, and one that is named is followed only to a file of the same tree: in a
clone it may lead anywhere. What is not read is named with the reason.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from holdfast.errors import EnvironmentProblem, HoldfastError
from holdfast.learn.instruction_files import FOLDERS, NAMES, ROOT_FILES, files_of
from holdfast.measure.audit import exports
from holdfast.measure.audit.finding import NotRead
from holdfast.measure.audit.memory import Format, Memory
from holdfast.measure.audit.pages import MAX_ENTRIES, read_page
from holdfast.measure.audit.scope import scope_of
from holdfast.measure.audit.stored import read_records
from holdfast.repo import safe_read
from holdfast.repo.live_documents import list_documents
from holdfast.repo.location import Repository

MAX_FILES = 20_000
"""Files of one audit."""
MAX_BYTES = 64 << 20
"""Bytes of all of them together."""
LIMIT = 8 << 20
"""Bytes of one file."""

_PAGES = (".md", ".mdc", ".markdown", ".mdx")
_EXPORTS = (".json", ".jsonl", ".ndjson")
_SKIPPED = frozenset(
    ".git node_modules .venv venv target dist build __pycache__ vendor third_party .tox .cache".split()
)
_NO_MEMORY = frozenset(
    "changelog changes history news license licence code_of_conduct security notice authors".split()
)
_NOTES = ("memor", "lesson", "insight", "knowledge", "beads", "learnings")
_BEADS = ".beads/issues.jsonl"


class Collected:
    """Read memories one after another.

    Args:
        paths: What a person named; none for whatever the repository of ``here`` keeps.
        here: The folder that it was started in.

    Attributes:
        not_read: What was left out, filled while reading.
    """

    def __init__(self, paths: Iterable[Path], here: Path) -> None:
        self._paths = list(paths)
        self._here = Path(os.path.normpath(here.absolute()))
        self._roots: dict[Path, Path | None] = {}
        self._seen: set[tuple[int, int]] = set()
        self._bytes = 0
        self.not_read: list[NotRead] = []

    def memories(self) -> Iterator[Memory]:
        """Yield each memory once, in the order in which they were named and lie in folders."""
        if not self._paths:
            yield from self._kept_here()
        for path in self._paths:
            whole = Path(os.path.normpath(self._here / path))
            if whole.name == ".holdfast" and not whole.is_file():
                yield from self._records(whole.parent)
                if not whole.is_dir():
                    continue
            yield from self._named(whole)

    def _named(self, path: Path) -> Iterator[Memory]:
        try:
            real = path.resolve(strict=True)
            state = real.stat()
        except (OSError, RuntimeError) as error:
            absent = isinstance(error, FileNotFoundError) and not path.is_symlink()
            self._refuse(path, "it is not there" if absent else "it cannot be opened")
            return
        folder = real if stat.S_ISDIR(state.st_mode) else real.parent
        root = self._root(path.parent) or self._here
        if path.is_symlink() and not real.is_relative_to(root.resolve()):
            self._refuse(path, "it is a link to a place outside this folder; name that place itself")
        elif stat.S_ISDIR(state.st_mode):
            for file in self._below(real):
                yield from self._read(file, self._root(file.parent) or real, chosen=False)
        else:
            inside = real.is_relative_to(self._here.resolve())
            yield from self._read(real, self._root(folder) or (self._here if inside else folder), chosen=True)

    def _kept_here(self) -> Iterator[Memory]:
        """Yield the records of this repository, and the files in which it keeps what agents are told."""
        top = self._root(self._here) or self._here
        yield from self._records(top)
        listed = [f":(glob)**/{name}" for name in NAMES]
        nested = [path for path in files_of(top, listed) if "/" in path]
        below = [
            f"{folder}/{name}"
            for folder, endings in FOLDERS.items()
            for name in safe_read.list_directory(top, folder)
            if name.endswith(endings)
        ]
        documents = [entry.path for entry in list_documents(top).entries]
        for path in dict.fromkeys([*NAMES, *ROOT_FILES, *below, *documents, *nested, _BEADS]):
            if os.path.lexists(top / path) and not (top / path).is_symlink():
                yield from self._read(top / path, top, chosen=True)

    def _records(self, top: Path) -> Iterator[Memory]:
        try:
            repository = Repository.find(top)
        except HoldfastError:
            return
        yield from read_records(repository)

    def _below(self, folder: Path) -> Iterator[Path]:
        """Yield the files below a folder that may hold a memory, in order; no link is followed."""
        own = self._root(folder)
        project = own is not None and own.resolve() == folder
        kept = set(files_of(folder)) if own is not None else None
        given = 0
        for top, folders, files in os.walk(folder, onerror=self._unlisted):
            folders[:] = sorted(name for name in folders if name not in _SKIPPED)
            for name in sorted(files):
                path = Path(top) / name
                below = path.relative_to(folder).as_posix()
                if not _may_hold(below, project=project) or (kept is not None and below not in kept):
                    continue
                if given == MAX_FILES:
                    self._refuse(path, f"it and what follows is beyond {MAX_FILES:,} files")
                    return
                given += 1
                yield path

    def _unlisted(self, error: OSError) -> None:
        self._refuse(Path(error.filename), f"it cannot be listed ({error.strerror})")

    def _read(self, path: Path, root: Path, *, chosen: bool) -> Iterator[Memory]:
        """Yield the memory that a file holds; nothing when it was read already or holds none."""
        try:
            state = path.lstat()
            if stat.S_ISLNK(state.st_mode) or (state.st_dev, state.st_ino) in self._seen:
                return
            self._seen.add((state.st_dev, state.st_ino))
            if self._bytes + state.st_size > MAX_BYTES:
                self._refuse(path, f"it is beyond {MAX_BYTES >> 20} MB in all")
                return
            data = safe_read.read(path.parent, path.name, LIMIT)
        except EnvironmentProblem as problem:
            told = problem.message.partition(": ")[2].rstrip(".") or problem.message
            self._refuse(path, told)
            return
        except OSError as error:
            self._refuse(path, f"it cannot be read ({error.strerror})")
            return
        if data is None:
            return
        self._bytes += len(data)
        text = text_of(data)
        if text is None:
            self._refuse(path, "it is no text")
            return
        written = _format(path.name, text, chosen=chosen)
        if written is not None:
            yield self._memory(path, root, text, written)

    def _memory(self, path: Path, root: Path, text: str, written: Format) -> Memory:
        name = self._name(path)
        inside = path.resolve().is_relative_to(root.resolve())
        place = path.resolve().relative_to(root.resolve()).as_posix() if inside else ""
        reader = read_page if written == "markdown" else exports.read_export
        scope, applies = scope_of(place or path.name, text)
        entries = list(reader(name, text))
        if len(entries) >= MAX_ENTRIES:
            self._refuse(path, f"what stands below line {entries[-1].end:,} is too much")
        return Memory(
            path=name, file=path, root=root, place=place, format=written, text=text, entries=entries,
            scope=scope, applies=applies,
        )  # fmt: skip

    def _name(self, path: Path) -> str:
        for here in (self._here, self._here.resolve()):
            if path.is_relative_to(here):
                return path.relative_to(here).as_posix()
        return str(path)

    def _refuse(self, path: Path, reason: str) -> None:
        self.not_read.append(NotRead(path=self._name(path), reason=reason))

    def _root(self, folder: Path) -> Path | None:
        """Return the top of the worktree that a folder lies in; None outside a repository."""
        if folder not in self._roots:
            try:
                self._roots[folder] = Repository.find(folder).root
            except HoldfastError:
                self._roots[folder] = None
            except OSError:
                self._roots[folder] = None
        return self._roots[folder]


def _may_hold(path: str, *, project: bool) -> bool:
    """Tell whether a file below a folder may hold a memory.

    Args:
        path: Relative to the folder.
        project: The folder is a whole project: then JSON counts only where a memory is kept.
    """
    name = path.rpartition("/")[2].lower()
    stem, dot, ending = name.rpartition(".")
    if name in {one.lower() for one in NAMES}:
        return True
    if f"{dot}{ending}" in _PAGES:
        return stem not in _NO_MEMORY
    if f"{dot}{ending}" not in _EXPORTS:
        return False
    return not project or any(word in name for word in _NOTES) or path.startswith((".agents/", ".beads/"))


def _format(name: str, text: str, *, chosen: bool) -> Format | None:
    ending = "." + name.lower().rpartition(".")[2]
    if ending not in _EXPORTS:
        return "markdown"
    shaped = exports.is_memory(text, lines=ending != ".json" or exports.is_lines(text))
    return "json" if chosen or shaped else None


def text_of(data: bytes) -> str | None:
    """Return bytes as text that can be turned back into the same bytes; None for what is no text."""
    if b"\0" in data[:8192]:
        return None
    return data.decode("utf-8", "surrogateescape")
