"""Documents of the tree that name what is gone: a README, a guide, the files under ``docs``."""

from __future__ import annotations

from pathlib import Path

from holdfast.errors import HoldfastError
from holdfast.learn.instructions import read_text_lines
from holdfast.measure.stale_lines import StaleLine, stale_lines
from holdfast.repo.location import Repository
from holdfast.repo.safe_read import read_text

MOST_FILES = 100
"""Documents that are read, those at the top first."""
LARGEST = 256 * 1024
"""Bytes of one document."""
_AT_TOP = ("README.md", "CONTRIBUTING.md", "DEVELOPMENT.md", "HACKING.md", "ARCHITECTURE.md", "TESTING.md")


def stale_documents(repository: Repository) -> list[StaleLine]:
    """Return the lines of the tracked documents that name a file or task which is not there."""
    root = repository.root
    if root is None:
        return []
    listed = repository.git("ls-files", "-z", "--", *_AT_TOP, "docs/*.md", "doc/*.md", check=False)
    paths = sorted(filter(None, listed.decode("utf-8", "surrogateescape").split("\0")))
    paths.sort(key=lambda path: path.count("/"))
    lines = [line for path in paths[:MOST_FILES] for line in read_text_lines(path, _text(root, path))]
    return stale_lines(root, lines)


def _text(root: Path, path: str) -> str:
    try:
        return read_text(root, path, LARGEST) or ""
    except HoldfastError:
        return ""
