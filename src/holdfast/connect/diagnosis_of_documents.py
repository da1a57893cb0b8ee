"""The check of `holdfast doctor` that looks at the user's own documents: what of them is not read."""

from __future__ import annotations

from collections.abc import Iterator

from holdfast.connect.finding import Finding, note, ok
from holdfast.learn.documents import is_cut_short, read_document
from holdfast.repo.live_documents import MOST_FILES, LiveEntry, list_documents
from holdfast.repo.location import Repository
from holdfast.repo.safe_read import LIMIT

_NAMED = 5


def check_documents(repository: Repository) -> Iterator[Finding]:
    """Name the files of notes and decisions that are not read, or not to their end."""
    root = repository.root
    if root is None:
        return
    listing = list_documents(root)
    unread = [(entry, why) for entry in listing.entries if (why := _why_unread(repository, entry))]
    for entry, why in unread[:_NAMED]:
        yield note("documents", f"{entry.path} {why}", hint="Cut it, or save it as Markdown in UTF-8.")
    more = len(unread) - _NAMED
    if more > 0:
        yield note("documents", f"{more} more files are not read, or not to their end")
    if listing.left_out:
        yield note(
            "documents", f"{listing.left_out} files are not read: {MOST_FILES} files or 16 MiB are the most"
        )
    if listing.entries and not unread and not listing.left_out:
        files = "file is" if len(listing.entries) == 1 else "files are"
        yield ok("documents", f"of your own notes and decisions {len(listing.entries)} {files} read")


def _why_unread(repository: Repository, entry: LiveEntry) -> str:
    if entry.size > LIMIT:
        return f"is not read: it is larger than {LIMIT >> 20} MiB"
    text = read_document(repository.directory, entry.path)
    if text is None:
        return "is not read: it is no text file that can be opened"
    return "is not read to its end: it holds too many things" if is_cut_short(text, entry.path) else ""
