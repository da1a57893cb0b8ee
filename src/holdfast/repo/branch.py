"""The records branch: an orphan branch of records that only ever grows.

Records are read from the union of the local branch, every remote's copy of it that was fetched, and
the private ref. They are written to one of the two local refs, a commit a write, without touching
any file, index or branch of the user's.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import islice
from typing import NamedTuple

from holdfast.errors import RecordsBusy, RecordsError
from holdfast.repo import chain, checkout, git, lock, own_records, packing, remotes, tombstones, writing
from holdfast.repo.location import Repository
from holdfast.repo.remotes import SHARED as SHARED

PRIVATE = "refs/holdfast/private"
LARGEST = 1 << 20
"""Bytes of the largest record that is read: 1 MiB. A larger one is counted and skipped."""

_ATTEMPTS = 50
_AT_ONCE = 5000
_SETTINGS = (
    r"^((user|author)\.(name|email)|gc\.auto|(fastimport|transfer)\.unpacklimit|remote\..*\.promisor)$"
)


class Added(NamedTuple):
    """One record as it was added to the branch."""

    path: str
    blob: str
    author_email: str
    day: str
    """The UTC day of the commit that added it."""
    commit: str
    here: bool = False
    """Whether this clone wrote it: an address alone can be forged."""


class RecordsBranch:
    """The records of one repository.

    Args:
        repository: Where.
        private: Write to a ref that no fetch or push touches unasked, and that `sync` refuses.

    Attributes:
        ref: The ref that is written.
        rejected: Files that the last `added` left out: not a plain file, or where no record belongs.
        missing: Blobs that the last `read` did not find here (a partial clone, a purge).
        oversized: Blobs that the last `read` skipped for their size.
    """

    def __init__(self, repository: Repository, *, private: bool = False) -> None:
        self.repository = repository
        self.private = private
        self.ref = PRIVATE if private else SHARED
        self.rejected = 0
        self.missing = 0
        self.oversized = 0
        self._settings: dict[str, str] | None = None

    def tips(self) -> dict[str, str]:
        """Return the refs that hold records here, with the commit each is at: our own first."""
        out = self.repository.git(
            "for-each-ref", "--format=%(objectname) %(refname)", SHARED, PRIVATE, "refs/remotes/**/holdfast"
        )
        found = {}
        for line in out.decode("utf-8", "surrogateescape").splitlines():
            commit, _, ref = line.partition(" ")
            found[ref] = commit
        # a pattern of for-each-ref also matches the refs below it
        mine = [ref for ref in (self.ref, SHARED, PRIVATE) if ref in found]
        others = [ref for ref in sorted(found) if remotes.is_tracking(ref)]
        if any("/" in remotes.name_of(ref) for ref in others):  # remote `x/y`, or branch `y/holdfast` of `x`
            known = remotes.names(self.repository)
            others = [ref for ref in others if "/" not in (name := remotes.name_of(ref)) or name in known]
        return {ref: found[ref] for ref in [*mine, *others]}

    def tip(self) -> str | None:
        """Return the commit that the ref we write is at, or None before the first write."""
        return self.tips().get(self.ref)

    def blocked_by(self) -> list[str]:
        """Return the user's branches named ``holdfast/…``, which leave no room for ``holdfast``."""
        if self.private:
            return []
        out = self.repository.git("for-each-ref", "--format=%(refname:short)", f"{SHARED}/")
        return out.decode("utf-8", "replace").split()

    # -- writing

    def append(self, files: Mapping[str, bytes], subject: str, *, wait: float = lock.WAIT) -> str | None:
        """Add records in one commit and return it, or None when all of them were there already.

        Args:
            files: Bytes by path. A path that exists with the same bytes is left out.
            subject: First line of the commit's message. It is shared: no text of a record in it.
            wait: Seconds to wait for other writers.

        Raises:
            RecordsError: A path is no record's, or holds other bytes already, or the branch cannot
                be written as it is (checked out somewhere, or a branch of the user's own).
            RecordsBusy: Others wrote for longer than ``wait``.
            EnvironmentProblem: The disk is full, read-only, or not writable for this user.
        """
        for path in files:
            _check_path(path)
        if not files:
            return None
        with lock.held(self.repository, wait) as descriptor:
            for _ in range(_ATTEMPTS):
                checkout.refuse_if_checked_out(self.repository, self.ref)
                lock.wait_for_ref(self.repository, self.ref, wait)
                commits = self._planned(files, subject)
                if not commits:
                    return None
                own_records.note(self.repository, commits[-1].files.values())
                try:
                    made = self.write(commits, descriptor)
                except writing.Moved:
                    continue
                return made[-1]
        raise RecordsBusy(
            f"{self.ref} moved {_ATTEMPTS} times while this was being written.",
            "Something else writes that ref: find it, then try again.",
        )

    def write(self, commits: list[writing.Commit], descriptor: int, *, force: bool = False) -> list[str]:
        """Write prepared commits under a lock that the caller holds; see `holdfast.repo.writing`."""
        settings = self.settings()
        made = writing.write(self.repository, self.ref, commits, self.person(), descriptor, force=force)
        packing.note(self.repository, made[-1], sum(map(_objects, commits)), settings)
        return made

    def person(self) -> writing.Person:
        """Return the identity that commits are written under."""
        return writing.Person.of(self.settings(), os.environ)

    def settings(self) -> dict[str, str]:
        """Return the few settings of the user's git that writing heeds; read once."""
        if self._settings is None:
            out = self.repository.git("config", "-z", "--get-regexp", _SETTINGS, check=False)
            entries = out.decode("utf-8", "replace").split("\0")
            self._settings = {key: value for key, _, value in (entry.partition("\n") for entry in entries)}
        return self._settings

    def _planned(self, files: Mapping[str, bytes], subject: str) -> list[writing.Commit]:
        tips = self.tips()
        own = tips.get(self.ref)
        base: list[writing.Commit] = []
        present: dict[str, bytes | str] = {}
        if own is not None:
            present = self._present(own, files)
            parents: tuple[str, ...] = (own,)
        else:
            self._refuse_if_blocked()
            base, parents = self._first(tips)
            present = self._present_in_first(base, parents, files)
        fresh = {path: data for path, data in files.items() if path not in present}
        if not fresh:
            return []
        return [*base, writing.Commit(subject, parents, fresh)]

    def _present(self, tip: str, files: Mapping[str, bytes]) -> dict[str, bytes | str]:
        """Return those of ``files`` that ``tip`` holds; refuse other bytes, and a branch not ours."""
        asked = [f"{tip}^{{tree}}", *(f"{tip}:{path}" for path in files)]
        found: dict[str, bytes | str] = {}
        lines = "".join(f"{line}\n" for line in asked).encode()
        with git.stream(["cat-file", "--batch"], cwd=self.repository.directory, input=lines) as out:
            top = git.read_object(out)
            answers = {path: git.read_object(out) for path in files}
        self._refuse_if_foreign(chain.names(top or b"", len(tip) // 2))
        for path, data in answers.items():
            if data is None:
                continue
            if data != files[path]:
                raise chain.conflict(path, self.ref)
            found[path] = data
        return found

    def _first(self, tips: Mapping[str, str]) -> tuple[list[writing.Commit], tuple[str, ...]]:
        """Return what the first write stands on: nothing, one remote's tip, or a merge of several."""
        others = [] if self.private else self._independent([tips[ref] for ref in tips if ref != PRIVATE])
        for commit in others:
            chain.check_tree(self.repository, commit)
        if len(others) < 2:
            return [], tuple(others)
        merge = writing.Commit("Merge records", tuple(others), blobs=chain.union(self.repository, others))
        return [merge], (":1",)

    def _present_in_first(
        self, base: list[writing.Commit], parents: tuple[str, ...], files: Mapping[str, bytes]
    ) -> dict[str, bytes | str]:
        found: dict[str, bytes | str] = {}
        for tip in base[0].parents if base else parents:
            found |= self._present(tip, files)
        return found

    def _independent(self, tips: list[str]) -> list[str]:
        purged = tombstones.find(self.repository, tips)
        clean = [tip for tip in dict.fromkeys(tips) if not tombstones.held(self.repository, tip, purged)]
        if len(clean) < 2:
            return clean
        return sorted(self.repository.git("merge-base", "--independent", *clean).decode().split())

    def _refuse_if_blocked(self) -> None:
        in_the_way = self.blocked_by()
        if in_the_way:
            raise RecordsError(
                f"git cannot make a branch `holdfast` beside the branches {', '.join(in_the_way)}.",
                "Rename them, or keep the records on a private ref: `holdfast init --private`.",
            )

    def _refuse_if_foreign(self, names: list[str]) -> None:
        strange = [name for name in names if name not in chain.FOLDERS]
        if strange:
            raise RecordsError(
                f"{self.ref} is not a records branch: it holds {', '.join(strange[:5])}.",
                "If that branch is yours, rename it, or keep the records on a private ref: "
                "`holdfast init --private`.",
            )

    # -- reading

    def purged(self) -> list[tombstones.Tombstone]:
        """Return what was purged, by the tombstones of every tip."""
        return tombstones.find(self.repository, list(self.tips().values()))

    def contains(self, commits: Collection[str]) -> bool:
        """Tell whether what was read up to ``commits`` still holds: none was rewritten, nothing purged since.

        When it does not, whatever was derived from those commits must be derived again from the start.
        """
        tips = list(self.tips().values())
        if not chain.within(self.repository, commits, tips):
            return False
        return not any(chain.walk(self.repository, tips, commits, subject=tombstones.SUBJECT))

    def added(self, since: Mapping[str, str] | Collection[str] = ()) -> Iterator[Added]:
        """Yield the records that were added in commits reachable from the tips but not from ``since``.

        The first occurrence of a path counts, our own ref before the others; what was purged is left
        out, and so is whatever is no plain file at a record's path (counted in ``rejected``).
        A record may come again when a ref was rewritten, so keep the first of each path.

        Args:
            since: Tips as `tips` once returned them, or commits; those that are gone are ignored.
        """
        self.rejected = 0
        tips = self.tips()
        known = list(since.values() if isinstance(since, Mapping) else since)
        if set(tips.values()) <= set(known):
            return
        purged = tombstones.find(self.repository, list(tips.values()))
        own = own_records.read(self.repository)
        seen: set[str] = set()
        for commit in dict.fromkeys(tips.values()):
            if commit in known:
                continue
            for step in chain.walk(self.repository, [commit], known):
                for change in step.changes:
                    if change.status != "A" or change.path in seen:
                        continue
                    seen.add(change.path)
                    if change.mode != chain.FILE_MODE or not chain.allowed(change.path):
                        self.rejected += 1
                        continue
                    here = change.blob in own
                    stones = tombstones.covering(purged, change.path, change.blob)
                    # a tombstone that only a remote holds may be a stranger's: it hides nothing of one's own
                    if not stones or (here and not self._purged_here(stones, tips)):
                        yield Added(change.path, change.blob, step.email, step.day, step.commit, here)
            known.append(commit)

    def _purged_here(self, stones: list[tombstones.Tombstone], tips: Mapping[str, str]) -> bool:
        """Tell whether one of our own refs holds one of the tombstones."""
        local = [tip for ref, tip in tips.items() if not remotes.is_tracking(ref)]
        asked = [f"{tip}:{stone.event}" for tip in local for stone in stones]
        return any(
            self.repository.git("rev-parse", "--verify", "--quiet", name, check=False) for name in asked
        )

    def read(self, blobs: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Yield blobs with their bytes, in order; those missing or too large are counted and left out."""
        self.missing = self.oversized = 0
        remaining = iter(blobs)
        while chunk := list(islice(remaining, _AT_ONCE)):
            wanted = self._readable(chunk)
            lines = "".join(f"{blob}\n" for blob in wanted).encode()
            if not wanted:
                continue
            with git.stream(["cat-file", "--batch"], cwd=self.repository.directory, input=lines) as out:
                for blob in wanted:
                    data = git.read_object(out)
                    if data is None:
                        self.missing += 1
                    else:
                        yield blob, data

    def partial(self) -> bool:
        """Tell whether this is a partial clone, which fetches what it lacks only when asked."""
        return any(name.endswith(".promisor") for name in self.settings())

    def _readable(self, blobs: list[str]) -> list[str]:
        if self.partial():  # git would stop at the first blob that is only promised
            lacking = chain.lacking(self.repository, self.tips().values())
            self.missing += sum(blob in lacking for blob in blobs)
            blobs = [blob for blob in blobs if blob not in lacking]
        lines = "".join(f"{blob}\n" for blob in blobs).encode()
        out = self.repository.git("cat-file", "--batch-check", input=lines)
        wanted = []
        for blob, line in zip(blobs, out.decode("utf-8", "replace").splitlines(), strict=True):
            kind, _, size = line.partition(" ")[2].partition(" ")
            if kind != "blob":
                self.missing += 1
            elif int(size) > LARGEST:
                self.oversized += 1
            else:
                wanted.append(blob)
        return wanted


def _check_path(path: str) -> None:
    if not chain.allowed(path):
        raise RecordsError(
            f"{path!r} is not a path of a record.",
            f"A record stands in one of {', '.join(chain.FOLDERS)}, under plain names.",
        )


def _objects(commit: writing.Commit) -> int:
    folders = {path.rsplit("/", depth)[0] for path in commit.files for depth in range(1, path.count("/") + 1)}
    return len(commit.files) + len(folders) + 2
