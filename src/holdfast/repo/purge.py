"""Purge a record: the one rewrite of history there is, and the tombstone that says so.

The new chain has the same commits without the record's contents: same authors, days and messages. So
two clones that purge the same record rewrite what they share into the same commits, and merge.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

import msgspec

from holdfast.errors import RecordsError, UsageError
from holdfast.hook import clock
from holdfast.repo import (
    chain,
    checkout,
    ids,
    lock,
    merging,
    own_records,
    records,
    remotes,
    sync,
    tombstones,
    verify,
    writing,
)
from holdfast.repo.branch import PRIVATE, SHARED, RecordsBranch
from holdfast.repo.location import Repository

_WORKING = "refs/holdfast/purging"
"""The ref that holds the new chain until it is complete."""
# what git fast-import takes: its raw date, and a zone of at most 14 hours
_SIGNATURE = re.compile(rb"\w+ [^<>\0]*<[^<>\0]*> [0-9]{1,12} [+-](?:0[0-9]{3}|1[0-3][0-9]{2}|1400)")
_NOBODY = " {} <{}> 0 +0000".format(*writing.NOBODY).encode()


class PurgeReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a purge did.

    Attributes:
        id: The purged record.
        paths: The files that are gone from the records.
        blobs: Their contents, by git's names for them.
        rewritten: Old and new tip of each ref that was rewritten.
        tombstones: The events that say so.
        remote_steps: Commands for the remotes that still hold it, to be run by a person.
        notes: What still holds the content on this machine, and what mentions the record.
    """

    id: str
    paths: list[str]
    blobs: list[str]
    rewritten: dict[str, tuple[str, str]]
    tombstones: list[str]
    remote_steps: list[str]
    notes: list[str]


def purge(branch: RecordsBranch, record_id: str, reason: str, person: str) -> PurgeReport:
    """Rewrite the records without one record, and leave a tombstone.

    Args:
        branch: The records.
        record_id: The whole id of the record.
        reason: Why; it stays on record.
        person: Who decided it; stays on record.

    Raises:
        UsageError: No record here has that id, or it was purged already.
        RecordsError: The branch cannot be rewritten as it is.
        EnvironmentProblem: The disk is full, read-only, or not writable for this user.
    """
    if not reason.strip():
        raise UsageError(
            "A purge needs a reason: it stays on record.", "Give it: --reason 'holds a password'"
        )
    with lock.held(branch.repository) as descriptor:
        try:
            _bring_in(branch, record_id, descriptor)
            purges = _planned(branch, record_id)
            for one in purges:
                one.run(reason.strip(), person, descriptor)
        except writing.Moved as error:
            raise RecordsError(
                "The records moved while they were being rewritten; they are as that writer left them.",
                "Run the purge again.",
            ) from error
    return _report(branch, record_id, purges)


def _planned(branch: RecordsBranch, record_id: str) -> list[_Purge]:
    """Return what has to be rewritten: each of our own refs that holds the record."""
    purges = []
    for ref in (SHARED, PRIVATE):
        tip = branch.tips().get(ref)
        if tip is not None and (found := _contents(branch.repository, tip, record_id)):
            checkout.refuse_if_checked_out(branch.repository, ref)
            lock.wait_for_ref(branch.repository, ref)
            lock.wait_for_ref(branch.repository, _WORKING)
            side = RecordsBranch(branch.repository, private=ref == PRIVATE)
            purges.append(_Purge(side, record_id, tip, found))
    if not purges:
        raise _nothing(branch, record_id)
    return purges


class _Purge:
    """The rewriting of one ref."""

    def __init__(
        self, branch: RecordsBranch, record_id: str, old: str, contents: Mapping[str, Collection[str]]
    ) -> None:
        self.branch = branch
        self.id = record_id
        self.old = old
        self.new = ""
        self.paths = set(contents)
        self.blobs = {blob for blobs in contents.values() for blob in blobs}
        self.event = ""

    def run(self, reason: str, person: str, descriptor: int) -> None:
        """Write the new chain beside the old one, then move the ref to it in one step."""
        repository = self.branch.repository
        commits, replaced = self._rewritten()
        author = self.branch.person()
        made = writing.write(repository, _WORKING, commits, author, descriptor, force=True)
        mapping = dict(zip(replaced, made, strict=True))
        new_tip = mapping[self.old]
        event = records.RecordEvent(
            id=ids.new_id(),
            kind=tombstones.KIND,
            subject=self.id,
            day=clock.today(),
            by=person,
            data={"blobs": sorted(self.blobs), "old_tip": self.old, "new_tip": new_tip, "reason": reason},
        )
        self.event = event.path
        last = writing.Commit(
            f"{tombstones.SUBJECT}{self.id}", (new_tip,), {event.path: records.encode(event)}
        )
        own_records.note(repository, last.files.values())
        (self.new,) = writing.write(repository, _WORKING, [last], author, descriptor)
        try:
            writing.move(repository, self.branch.ref, self.new, self.old, author)
        finally:
            repository.git("update-ref", "-d", _WORKING, check=False)
        anchors = verify.load_anchors(repository)
        if self.branch.ref == SHARED and anchors:
            verify.save_anchors(repository, {name: mapping.get(tip, tip) for name, tip in anchors.items()})
        repository.git("reflog", "expire", "--expire=now", self.branch.ref, check=False)

    def _rewritten(self) -> tuple[list[writing.Commit], list[str]]:
        """Return the new commits, and the old ones they replace, in the same order."""
        repository = self.branch.repository
        marks: dict[str, str] = {}
        commits: list[writing.Commit] = []
        raw = chain.raw_commits(repository, self.old)
        for step in chain.walk(repository, [self.old]):
            changes = step.changes
            if len(step.parents) > 1:
                changes = _against(repository, step.parents[0], step.commit)
            touches = any(self._goes(change) for change in changes)
            if not touches and not any(parent in marks for parent in step.parents):
                continue
            parents = tuple(marks.get(parent, parent) for parent in step.parents)
            commits.append(self._again(raw[step.commit], parents, changes))
            marks[step.commit] = f":{len(commits)}"
        return commits, list(marks)

    def _again(
        self, raw: bytes, parents: tuple[str, ...], changes: Collection[chain.Change]
    ) -> writing.Commit:
        """Return one commit as it was, without what is purged."""
        head, _, message = raw.partition(b"\n\n")
        signed = _signature(head, b"author") + _signature(head, b"committer")
        kept = [change for change in changes if not self._goes(change)]
        strange = [change.path for change in kept if not _plain(change)]
        if strange:
            raise RecordsError(
                f"The records cannot be rewritten: {strange[0]!r} is no record.",
                "See what is wrong with them first: `holdfast ledger verify`.",
            )
        return writing.Commit(
            "",
            parents,
            blobs={change.path: change.blob for change in kept if change.status != "D"},
            without=[change.path for change in kept if change.status == "D"],
            signed=signed,
            message=message,
        )

    def _goes(self, change: chain.Change) -> bool:
        return change.path in self.paths or change.blob in self.blobs


def _signature(head: bytes, role: bytes) -> bytes:
    """Return who made a commit as it was written; one that git would not write again is nobody's."""
    line = next((line for line in head.split(b"\n") if line.startswith(role + b" ")), b"")
    return (line if _SIGNATURE.fullmatch(line) else role + _NOBODY) + b"\n"


def _plain(change: chain.Change) -> bool:
    """Tell whether a change is one of a record's file, so that it can be written again."""
    return chain.allowed(change.path) and (change.status == "D" or change.mode == chain.FILE_MODE)


def _contents(repository: Repository, tip: str, record_id: str) -> dict[str, set[str]]:
    """Return the paths of a record with all contents they ever had, and other paths that hold the same."""
    found: dict[str, set[str]] = {}
    every: list[tuple[str, str]] = []
    for step in chain.walk(repository, [tip]):
        for change in step.changes:
            if change.status == "D":
                continue
            every.append((change.path, change.blob))
            if ids.of_path(change.path) == record_id:
                found.setdefault(change.path, set()).add(change.blob)
    blobs = {blob for held in found.values() for blob in held}
    for path, blob in every:
        if blob in blobs:
            found.setdefault(path, set()).add(blob)
    return found


def _against(repository: Repository, parent: str, commit: str) -> tuple[chain.Change, ...]:
    """Return what a merge holds beyond its first parent."""
    before, after = chain.files(repository, parent), chain.files(repository, commit)
    added = [
        chain.Change("A", mode, blob, path, "")
        for path, (mode, blob) in after.items()
        if before.get(path) != (mode, blob)
    ]
    return (*added, *(chain.Change("D", "", "", path, "") for path in before.keys() - after.keys()))


def _bring_in(branch: RecordsBranch, record_id: str, descriptor: int) -> None:
    """Merge the remotes that hold the record, so that the new chain can take their place.

    One of which nothing is missing here but what was purged before is left as it is.
    """
    if branch.private:
        return
    repository = branch.repository
    for ref, tip in branch.tips().items():
        if not remotes.is_tracking(ref) or not _contents(repository, tip, record_id):
            continue
        own = branch.tips().get(SHARED)
        if own is not None and not verify.explained(repository, tip, own, branch.purged())[0]:
            continue
        chain.check_tree(repository, tip)
        checkout.refuse_if_checked_out(repository, SHARED)
        lock.wait_for_ref(repository, SHARED)
        merging.merge(branch, tip, descriptor)


def _nothing(branch: RecordsBranch, record_id: str) -> UsageError:
    stone = next((one for one in branch.purged() if one.id == record_id), None)
    if stone is None:
        return UsageError(f"No record here has the id {record_id}.", "Give an id as it was shown.")
    steps = sync.remote_steps(branch, [stone])
    hint = "\n".join(["A remote still holds it. Run:", *steps]) if steps else "Nothing is left to do here."
    return UsageError(f"{record_id} was purged before: {stone.reason}.", hint)


def _report(branch: RecordsBranch, record_id: str, purges: list[_Purge]) -> PurgeReport:
    paths = {path for one in purges for path in one.paths}
    blobs = sorted({blob for one in purges for blob in one.blobs})
    stones = [stone for stone in branch.purged() if stone.id == record_id]
    steps = sync.remote_steps(branch, stones)
    notes = [
        "The content is no longer part of the records here. Until git prunes what nothing refers to any "
        "more, it is still in this clone's object store: `git gc --prune=now` removes it, together with "
        "everything else of yours that is unreachable."
    ]
    if steps:
        held = " ".join(ref for ref in branch.tips() if remotes.is_tracking(ref))
        notes.append(
            "A remote still holds it, and this clone's copy of that remote, until the steps are run; "
            f"then also `git reflog expire --expire=now {held}` before git prunes."
        )
    notes.append("Other clones keep it until they purge it too: `holdfast sync` there says how.")
    mentions = _mentions(branch, record_id, {one.event for one in purges})
    if mentions:
        stay = "1 other record mentions" if len(mentions) == 1 else f"{len(mentions)} other records mention"
        notes.append(f"{stay} its id, and no more of it: {', '.join(mentions[:3])}.")
    return PurgeReport(
        id=record_id,
        paths=sorted(paths),
        blobs=blobs,
        rewritten={one.branch.ref: (one.old, one.new) for one in purges},
        tombstones=[one.event for one in purges],
        remote_steps=steps,
        notes=notes,
    )


def _mentions(branch: RecordsBranch, record_id: str, but: Collection[str]) -> list[str]:
    found = {added.blob: added.path for added in branch.added() if added.path not in but}
    wanted = record_id.encode()
    return sorted(found[blob] for blob, data in branch.read(found) if wanted in data)
