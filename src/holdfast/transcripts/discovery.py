"""Find the logs of agents: those of a repository in a user's home, or those at given paths.

Only names and the first bytes of files are read, and only in the agents' own folders. Nobody is asked
here: the caller asks first.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from holdfast.errors import HoldfastError
from holdfast.transcripts.homes import (
    FINDERS,
    directory_beside,
    project_directory_name,
    reason_of,
    sessions_in,
)
from holdfast.transcripts.origin import DatabaseOrigin, FileOrigin, Origin, UnreadableOrigin
from holdfast.transcripts.readers import (
    HEAD,
    LONGEST_HEAD,
    find_reader,
    is_cut,
    third_party_readers,
)
from holdfast.transcripts.records import BOM
from holdfast.transcripts.search import Found, Search
from holdfast.transcripts.walking import Skipped, head_of, is_folder, walk

__all__ = ["WHERE", "Found", "discover", "expand", "project_directory_name"]

WHERE = (
    "~/.claude, ~/.codex, ~/.gemini, ~/.qwen, ~/.copilot, ~/.pi and the data of OpenCode and mini-swe-agent"
)
"""The places in a home that are looked at, as a person is told."""

PROBE = 4096
_SQLITE = b"SQLite format 3\0"


def discover(
    repository_root_paths: Sequence[Path],
    home: Path,
    everywhere: bool = False,
    *,
    environ: Mapping[str, str] | None = None,
    told: list[Skipped] | None = None,
) -> list[Found]:
    """Return the logs of sessions that worked in a repository, the oldest first.

    Args:
        repository_root_paths: The repository's root and the roots of its worktrees.
        home: The user's home directory.
        everywhere: Return the logs of all directories.
        environ: Where the variables are looked up that move the agents' folders; the process's own by
            default.
        told: Filled with what was not looked at: folders and databases that cannot be read, files beyond
            the bounds.
    """
    settings = os.environ if environ is None else environ
    search = Search(_spellings(repository_root_paths), home, settings, everywhere)
    skipped = [] if told is None else told
    found = [log for finder in FINDERS for log in finder(search, skipped)]
    return sorted(found, key=lambda log: (log.mtime, log.origin.name))


def expand(paths: Iterable[Path | Origin]) -> Iterator[Origin]:
    """Give the logs at some paths, in a stable order.

    A file is given as it is, and so is what is an origin already. A directory is walked, without
    following links to directories, for files whose content some reader recognises; what in it cannot be
    read is given as an origin that says so when opened. An agent's database
    gives the sessions in it; one that cannot be read is given as an origin that says so when opened.
    """
    for path in paths:
        if not isinstance(path, Path):
            yield path
        elif is_folder(path):
            skipped: list[Skipped] = []
            for file in walk(path, depth=64, told=skipped):
                yield from _logs_in(file)
            yield from (UnreadableOrigin(Path(place), reason) for place, reason in skipped)
        elif is_database(path):
            yield from _sessions(path)
        else:
            yield FileOrigin(path, directory_beside(path))


def is_database(path: Path) -> bool:
    """Tell whether a file is a database of SQLite, by its first bytes."""
    return head_of(path, len(_SQLITE)) == _SQLITE


def _logs_in(file: Path) -> Iterator[Origin]:
    """Give the log that a file among others is, or those in it."""
    if not os.access(file, os.R_OK):
        yield UnreadableOrigin(file, os.strerror(errno.EACCES))
    elif _is_recognized(file):
        yield FileOrigin(file, directory_beside(file))
    elif is_database(file):
        of_opencode = file.name.startswith("opencode")
        yield from (log for log in _sessions(file) if of_opencode or isinstance(log, DatabaseOrigin))


def _sessions(path: Path) -> Iterator[Origin]:
    try:
        yield from sessions_in(path)
    except (HoldfastError, OSError) as problem:
        yield UnreadableOrigin(path, reason_of(problem, path))


def _is_recognized(file: Path) -> bool:
    start = head_of(file, PROBE).removeprefix(BOM).lstrip()
    if b"\0" in start and not third_party_readers().readers:
        return False  # the built-in readers read text
    for size in (HEAD // 16, HEAD, LONGEST_HEAD):
        head = head_of(file, size)
        if find_reader(head)[0] is not None:
            return True
        if len(head) < size or (size == HEAD and not is_cut(head)):
            return False
    return False


def _spellings(roots: Sequence[Path]) -> list[str]:
    """Return each root as given and with its links resolved."""
    return list(dict.fromkeys(str(spelling) for root in roots for spelling in (root, root.resolve())))
