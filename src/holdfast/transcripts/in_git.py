"""Find the transcripts that a team commits to git: in refs, by their content, without a checkout.

Entire keeps them on a branch ``entire/checkpoints/v1`` (``<2 hex>/<10 hex>/<n>/full.jsonl``) or under one
ref a checkpoint (``refs/entire/checkpoints/<shard>/<id>``, ``<n>/full.jsonl``); a long one is cut into
``full.jsonl``, ``full.jsonl.001``, …. Each checkpoint holds its session from the start, so of the
checkpoints of a session the longest is read. Whatever else a tree holds is told by content.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from holdfast.errors import UsageError
from holdfast.hook.patterns import regex
from holdfast.transcripts.git_trees import TreeFile, commits_of, heads_of, list_files, sizes_of
from holdfast.transcripts.origin import BlobOrigin
from holdfast.transcripts.readers import HEAD, find_reader
from holdfast.transcripts.values import seconds_of, some_text, table

_FULL = regex(r"(?:.*/)?full\.(?:jsonl(?:\.\d{3,6})?|log)")
_SUBAGENT = regex(r"(?:.*/)?tasks/[^/]+/agent-[^/]+\.jsonl")
_MAYBE = regex(r"(?:.*/)?[^/]+\.(?:jsonl|json|md)")
_SESSION = re.compile(rb'"(?:sessionId|session_id|sessionID)"\s*:\s*"([^"\\]{1,200})"')
_METADATA_LIMIT = 1024 * 1024


class InGit(NamedTuple):
    """The transcripts in some refs, and the files that this clone does not have, as ``REF:path``."""

    origins: list[BlobOrigin]
    missing: list[str]


class _Log(NamedTuple):
    """One log of a checkpoint: its files in order, its size, what its metadata says."""

    files: list[TreeFile]
    size: int
    session: str
    created: float

    def origin(self, repository: Path) -> BlobOrigin:
        """Return it as an origin, known by its session while it has one."""
        first = self.files[0]
        return BlobOrigin(
            repository,
            tuple(file.blob for file in self.files),
            f"{first.ref}:{first.path}",
            key=f"entire:{self.session}" if self.session else "",
            size=self.size,
            mtime=self.created,
            copy=bool(_FULL.fullmatch(first.path)),
        )


def _fetching(name: str) -> str:
    """Return how a ref that only a remote has is fetched; nothing for what cannot be one."""
    if not re.fullmatch(r"[\w.][\w./-]*", name):
        return ""
    place = f"refs/remotes/origin/{name.removeprefix('refs/heads/')}"
    return f" One that only a remote has is fetched first: `git fetch origin {name}:{place}`"


def find_in_refs(repository: Path, names: Iterable[str]) -> InGit:
    """Return the transcripts in the trees of refs.

    Args:
        repository: A directory of the repository.
        names: Commits, branches, tags, folders of refs, or globs of refs.

    Raises:
        UsageError: A name stands for nothing.
    """
    commits: dict[str, str] = {}
    for name in names:
        found = commits_of(repository, name)
        if not found:
            raise UsageError(
                f"There is no ref {name!r} in this repository.",
                f"See them: `git for-each-ref`.{_fetching(name)}",
            )
        commits.update(found)
    listing = list_files(repository, commits)
    wanted = [file for file in listing.files if _MAYBE.fullmatch(file.path) or _FULL.fullmatch(file.path)]
    sizes = sizes_of(repository, (file.blob for file in wanted if file.blob not in listing.lacking))
    checkpoints = _checkpoints(repository, wanted, sizes)
    others = _others(repository, wanted, sizes)
    missing = [*listing.missing, *(f"{file.ref}:{file.path}" for file in _transcripts_lacking(wanted, sizes))]
    origins = sorted([*checkpoints, *others], key=lambda origin: (origin.mtime, origin.name))
    return InGit(origins, missing)


def _transcripts_lacking(wanted: list[TreeFile], sizes: dict[str, int]) -> Iterator[TreeFile]:
    """Give the files that may be transcripts and that this clone does not have."""
    folders = {folder for folder, _ in _by_folder(wanted)}
    for file in wanted:
        if file.blob in sizes:
            continue
        beside = _folder(file) in folders and not _FULL.fullmatch(file.path)
        if not beside and not file.path.endswith("metadata.json"):
            yield file


def _folder(file: TreeFile) -> tuple[str, str]:
    return file.ref, file.path.rpartition("/")[0]


def _by_folder(files: Iterable[TreeFile]) -> list[tuple[tuple[str, str], list[TreeFile]]]:
    """Return the parts of each full log, in order, by the folder that they stand in."""
    found: dict[tuple[str, str], list[TreeFile]] = {}
    for file in files:
        if _FULL.fullmatch(file.path):
            found.setdefault(_folder(file), []).append(file)
    for parts in found.values():
        parts.sort(key=lambda file: (len(file.path), file.path))  # part 1000 comes after part 999
    return list(found.items())


def _checkpoints(repository: Path, files: list[TreeFile], sizes: dict[str, int]) -> list[BlobOrigin]:
    """Return the longest log of each session, and of each subagent."""
    metadata = _metadata(repository, files, sizes)
    logs = []
    for folder, parts in _by_folder(files):
        if all(part.blob in sizes for part in parts):
            about = metadata.get(folder, {})
            session = some_text(about.get("session_id")) or some_text(about.get("sessionID")) or ""
            created = seconds_of(about.get("created_at") or about.get("createdAt")) or 0.0
            logs.append(_Log(parts, sum(sizes[part.blob] for part in parts), session, created))
    logs = _with_sessions(repository, logs)
    for file in files:
        if _SUBAGENT.fullmatch(file.path) and file.blob in sizes:
            logs.append(_Log([file], sizes[file.blob], file.path.rpartition("/")[2], 0.0))
    return [log.origin(repository) for log in _longest(logs)]


def _longest(logs: list[_Log]) -> Iterator[_Log]:
    best: dict[str, _Log] = {}
    for log in logs:
        key = log.session or log.files[0].blob
        if key not in best or (log.size, log.created) > (best[key].size, best[key].created):
            best[key] = log
    yield from best.values()


def _with_sessions(repository: Path, logs: list[_Log]) -> list[_Log]:
    """Return the logs, those without metadata under the session that their own first bytes name."""
    unnamed = list(dict.fromkeys(log.files[0].blob for log in logs if not log.session))
    named = {}
    for blob, head in heads_of(repository, unnamed, HEAD):
        match = _SESSION.search(head)
        named[blob] = match[1].decode("utf-8", "replace") if match else ""
    return [log if log.session else log._replace(session=named.get(log.files[0].blob, "")) for log in logs]


def _metadata(
    repository: Path, files: list[TreeFile], sizes: dict[str, int]
) -> dict[tuple[str, str], dict[str, Any]]:
    """Return what stands in the ``metadata.json`` of each folder."""
    place: dict[str, list[tuple[str, str]]] = {}
    for file in files:
        if file.path.endswith("metadata.json") and sizes.get(file.blob, _METADATA_LIMIT) < _METADATA_LIMIT:
            place.setdefault(file.blob, []).append(_folder(file))
    found = {}
    for blob, data in heads_of(repository, list(place), _METADATA_LIMIT):
        try:
            about = table(msgspec.json.decode(data))
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            continue
        found.update(dict.fromkeys(place[blob], about))
    return found


def _others(repository: Path, files: list[TreeFile], sizes: dict[str, int]) -> Iterator[BlobOrigin]:
    """Give the files that no checkpoint is made of and whose content some reader recognises."""
    folders = {folder for folder, _ in _by_folder(files)}
    wanted: dict[str, TreeFile] = {}
    for file in files:
        apart = _folder(file) not in folders and not _SUBAGENT.fullmatch(file.path)
        if apart and not _FULL.fullmatch(file.path) and sizes.get(file.blob):
            wanted.setdefault(file.blob, file)
    for blob, head in heads_of(repository, list(wanted), HEAD):
        file = wanted[blob]
        if find_reader(head)[0] is not None:
            yield BlobOrigin(repository, (blob,), f"{file.ref}:{file.path}", size=sizes[blob])
