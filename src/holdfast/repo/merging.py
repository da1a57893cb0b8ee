"""Merging two sides of the records: the union of their trees, for files are only ever added."""

from __future__ import annotations

from holdfast.repo import chain, writing
from holdfast.repo.branch import RecordsBranch


def merge(branch: RecordsBranch, other: str, lock: int) -> str:
    """Bring the records of ``other`` into the ref that ``branch`` writes, and return where it is now.

    Nothing is written when they are there already; the ref is moved when it is behind, and made
    when it is not there; otherwise a merge commit holds both sides and nothing else.

    Args:
        branch: The side that is written.
        other: A commit, checked before: it must hold records alone.
        lock: Descriptor of our own lock.

    Raises:
        RecordsError: Both sides hold different bytes at one path; the message names it.
        Moved: The ref moved meanwhile.
    """
    repository = branch.repository
    own = branch.tip()
    if own is None or chain.contains(repository, other, own):
        if own != other:
            writing.move(repository, branch.ref, other, own, branch.person())
        return other
    if chain.contains(repository, own, other):
        return own
    added = chain.union(repository, [own, other])
    return branch.write([writing.Commit("Merge records", (own, other), blobs=added)], lock)[-1]
