"""Take in notes that stand outside the worktree, such as an agent's memory in the user's home.

They are read only because their owner named them, never changed, and what they tell waits for a person:
redacted, judged by the gate, with where it came from.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from holdfast.errors import EnvironmentProblem
from holdfast.hook import clock
from holdfast.hook.patterns import regex
from holdfast.hook.signature import plain
from holdfast.learn import waiting
from holdfast.learn.candidates import key_of
from holdfast.learn.documents import Page, read_pieces, split_lead, text_of
from holdfast.learn.gate import judge, safety
from holdfast.learn.markdown import Piece
from holdfast.learn.neutral import neutral_record, neutral_text
from holdfast.learn.redact import redact
from holdfast.learn.report import NotRead, Refusal
from holdfast.learn.view import View
from holdfast.repo import safe_read
from holdfast.repo.ids import new_id
from holdfast.repo.live_documents import is_document, kind_in, list_documents
from holdfast.repo.lock import held
from holdfast.repo.records import Author, Kind, Learning

MOST_FILES = 500
"""Files of one import."""
MOST_ITEMS = 1000
"""Things of one import."""
WAIT = 60.0
"""Seconds to wait for an ingest or another import of this repository."""

_KINDS: dict[str, Kind] = {
    "failure": "failure", "decision": "decision", "pattern": "pattern", "rule": "convention",
    "convention": "convention", "model": "model",
}  # fmt: skip
_INDEX_LINE = regex(r"^\[[^\]\n]*\]\(([^)\s]+\.mdc?)\)")
_LINK = regex(r"\[([^\]\[\n]{1,300})\]\([^)\n]{0,500}\)")
_REFUSALS = 50


class ImportReport(msgspec.Struct, kw_only=True):
    """What an import did.

    Attributes:
        files: Files that were read.
        waiting: Ids of what waits for review now.
        known: Things that are on record, wait or were dropped already.
        refused: Things that the gate refused, by criterion, and the first of them in ``refusals``.
        not_read: Paths that were not read, and why.
    """

    files: int = 0
    waiting: list[str] = msgspec.field(default_factory=list)
    known: int = 0
    refused: dict[str, int] = msgspec.field(default_factory=dict)
    refusals: list[Refusal] = msgspec.field(default_factory=list)
    not_read: list[NotRead] = msgspec.field(default_factory=list)


def import_notes(view: View, paths: Iterable[Path]) -> ImportReport:
    """Let what Markdown files tell wait for review; importing them again adds nothing.

    Args:
        view: The repository's view.
        paths: Files, or folders of Markdown files.

    Raises:
        EnvironmentProblem: What waits cannot be written.
        RecordsBusy: An ingest takes too long.
    """
    with held(view.repository, WAIT, name="ingest.lock"):
        view.refresh()
        work = _Import(view)
        files = list(_files(paths, work))
        work.names = {path.name for path in files}
        for path in files:
            work.read(path)
        view.refresh()
    return work.report


class _Import:
    def __init__(self, view: View) -> None:
        self.view = view
        self.report = ImportReport()
        self.names: set[str] = set()
        root = view.repository.root
        self._root = str(root) if root else None
        self._live = {root / entry.path for entry in list_documents(root).entries} if root else set()
        believed = view.believed()
        recorded = [document for document in view.learnings() if document.author in believed]
        items = list(waiting.read(view.repository))
        self._keys = {document.digest for document in recorded} | {item.key for item in items}
        self._leads = {
            _folded(text) for text in (*(d.text for d in recorded), *(i.learning.lead for i in items))
        }
        self._texts = [document.text for document in recorded]

    def refuse(self, path: Path, reason: str) -> None:
        self.report.not_read.append(NotRead(path=str(path), reason=reason))

    def read(self, path: Path) -> None:
        """Take in one file."""
        if path in self._live:
            self.refuse(path, "it is searched live where it stands; there is nothing to import")
            return
        try:
            data = safe_read.read(path.parent, path.name)
        except EnvironmentProblem as problem:
            self.refuse(path, problem.message.partition(": ")[2].rstrip(".") or problem.message)
            return
        told = text_of(data) if data is not None else None
        if told is None:
            self.refuse(path, "it is not there" if data is None else "it is no text")
            return
        self.report.files += 1
        name = (
            "/".join(path.parts[-2:]) if path.parent.name in ("memory", "rules", "learnings") else path.name
        )
        text = redact(plain(told))
        page = read_pieces(text, name, kind_in(path.as_posix()))
        for piece in page.pieces:
            if len(self.report.waiting) >= MOST_ITEMS:
                self.refuse(path, f"what follows line {piece.line} is beyond {MOST_ITEMS:,} things")
                return
            self._take(piece, page, name)

    def _take(self, piece: Piece, page: Page, name: str) -> None:
        index = _INDEX_LINE.match(piece.text)
        if index and index.group(1).rpartition("/")[2] in self.names:
            return  # a line of a table of contents; the file it names is imported itself
        learning = neutral_record(self._learning(piece, page, name), self._root)
        key = learning.same_as or ""
        if key in self._keys or _folded(learning.lead) in self._leads:
            self.report.known += 1
            return
        harm = safety.fault(learning.text)
        verdict = judge(learning.lead, kind=learning.kind, known=self._texts)
        if harm or not verdict.accepted:
            self._refuse(learning, *(("safe", harm[0]) if harm else (verdict.criterion, verdict.reason)))
            return
        self._keys.add(key)
        self._leads.add(_folded(learning.lead))
        self._texts.append(learning.lead)
        waiting.write(self.view.repository, waiting.Waiting(key=key, learning=learning))
        self.report.waiting.append(learning.id)

    def _learning(self, piece: Piece, page: Page, name: str) -> Learning:
        lead, more = split_lead(_LINK.sub(r"\1", piece.text))
        kind = _KINDS.get(page.kind, "gotcha")
        detail = "\n\n".join(part for part in (more, piece.detail) if part)
        origin = f"## Details\n\n### Came from\n\n`{name}`, line {piece.line}"
        return Learning(
            id=new_id(),
            kind=kind,
            created=clock.today(),
            text="\n\n".join(part for part in (lead, origin, detail) if part),
            by=Author(kind="agent"),
            same_as=key_of(kind, neutral_text(lead, self._root)),
        )

    def _refuse(self, learning: Learning, criterion: str, reason: str) -> None:
        refused = self.report.refused
        refused[criterion] = refused.get(criterion, 0) + 1
        if len(self.report.refusals) < _REFUSALS:
            self.report.refusals.append(Refusal(text=learning.lead[:300], criterion=criterion, reason=reason))


def _files(paths: Iterable[Path], work: _Import) -> Iterator[Path]:
    """Yield the files; of a folder the Markdown in it, at most `MOST_FILES`, no link followed."""
    given = 0
    for named in paths:
        try:
            path = named.expanduser().resolve(strict=True)
            folder = stat.S_ISDIR(path.stat().st_mode)
        except (OSError, RuntimeError) as error:
            work.refuse(
                named, "it is not there" if isinstance(error, FileNotFoundError) else "it cannot be opened"
            )
            continue
        for file in _in_folder(path) if folder else (path,):
            if given == MOST_FILES:
                work.refuse(file, f"it and what follows is beyond {MOST_FILES} files")
                return
            given += 1
            yield file


def _in_folder(folder: Path) -> Iterator[Path]:
    for top, folders, files in os.walk(folder):
        skill = any(name.lower() == "skill.md" for name in files)
        folders[:] = [] if skill else sorted(name for name in folders if not name.startswith("."))
        for name in () if skill else sorted(files):
            if is_document(name) and not (Path(top) / name).is_symlink():
                yield Path(top) / name


def _folded(text: str) -> str:
    return " ".join(text.lower().split())
