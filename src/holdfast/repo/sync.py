"""Exchange records with one remote: fetch, merge, scan what would leave, push.

Nothing of the user's is fetched or pushed, no hook of theirs runs, and no history is ever replaced.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress

import msgspec

from holdfast.errors import RecordsBusy, RecordsError, Refused, UsageError
from holdfast.repo import chain, checkout, ids, lock, merging, remotes, tombstones, verify, writing
from holdfast.repo.branch import SHARED, Added, RecordsBranch
from holdfast.repo.location import Repository
from holdfast.repo.tombstones import Tombstone

Scan = Callable[[str, bytes], list[str]]
"""Names what must not leave the machine in the bytes of a path; never quotes it."""

_ATTEMPTS = 6


class SyncReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a sync did.

    Attributes:
        remote: The remote's name.
        received: Records that came from it.
        sent: Records that went to it.
        merged: True when both sides had something new.
        tip: Where both are now; None when neither has records.
        notes: What else there is to know.
    """

    remote: str
    received: int = 0
    sent: int = 0
    merged: bool = False
    tip: str | None = None
    notes: list[str] = []


def sync(branch: RecordsBranch, remote: str, scan: Scan, *, wait: float = lock.WAIT) -> SyncReport:
    """Exchange records with ``remote`` until both sides hold the same.

    Args:
        branch: The records; a private one is refused.
        remote: Name of a remote of this repository.
        scan: Judges every record, and every commit message, that would leave the machine.
        wait: Seconds to wait for other writers.

    Raises:
        UsageError: The records are private, or there is no such remote.
        Refused: The scan found something; nothing was pushed.
        RecordsError: The remote's records cannot be merged, or one side still holds what was purged;
            the hint has the steps.
        EnvironmentProblem: The remote cannot be reached, or refused the push.
    """
    repository = branch.repository
    _check(branch, remote)
    received = 0
    merged = False
    notes: list[str] = []
    for _ in range(_ATTEMPTS):
        before = branch.tips().get(remotes.tracking_ref(remote))
        theirs = remotes.fetch(repository, remote)
        if theirs is not None and branch.partial():
            remotes.fetch_left_out(repository, remote, theirs)
        with lock.held(repository, wait) as descriptor:
            checkout.refuse_if_checked_out(repository, branch.ref)
            lock.wait_for_ref(repository, branch.ref, wait)
            try:
                notes += _take_up_lost(branch, remote, before, theirs, descriptor)
                own = branch.tip()
                _refuse_purged(branch, remote, own, theirs)
                _check_grown(repository, f"The records at `{remote}`", theirs, own)
                _check_grown(repository, "Your records", own, theirs)
                tip = merging.merge(branch, theirs, descriptor) if theirs and own else own
            except writing.Moved:
                continue
        received += _count(repository, theirs, own)
        merged = merged or tip not in (own, theirs)
        if tip is None or tip == theirs:
            return _done(branch, remote, tip or theirs, received, 0, merged, notes)
        _scan(branch, tip, theirs, scan)
        if not chain.contains(repository, branch.tip() or tip, tip):
            continue  # a record was purged while others were judged
        if remotes.push(repository, remote, tip):
            sent = _count(repository, tip, theirs)
            return _done(branch, remote, tip, received, sent, merged, notes)
    raise RecordsBusy(
        f"The records at `{remote}` moved {_ATTEMPTS} times while they were being sent.",
        "Others are writing there: run `holdfast sync` again in a moment.",
    )


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """A commit that a sync would send, without the records in it.

    Attributes:
        commit: Its id.
        author, committer: The raw lines that git stores: name, address, seconds since the epoch, zone.
        message: The whole message.
    """

    commit: str
    author: str
    committer: str
    message: str


class Outgoing(msgspec.Struct, frozen=True, kw_only=True):
    """What a sync would send: the records, and the commits that they are in."""

    records: list[Added] = []
    commits: list[Envelope] = []


def outgoing(branch: RecordsBranch, remote: str) -> Outgoing:
    """Return what a sync would send now; the remote is asked what it holds, and nothing is sent.

    Raises:
        UsageError: The records are private, or there is no such remote.
        EnvironmentProblem: The remote cannot be reached, so what it lacks is not known.
    """
    repository = branch.repository
    _check(branch, remote)
    own = branch.tips().get(branch.ref)
    theirs = remotes.fetch(repository, remote)
    if own is None:
        return Outgoing()
    return Outgoing(
        records=list(_leaving(repository, own, theirs)), commits=list(_envelopes(repository, own, theirs))
    )


def _envelopes(repository: Repository, own: str, theirs: str | None) -> Iterator[Envelope]:
    for commit, data in chain.raw_commits(repository, own, [theirs] if theirs else []).items():
        header, _, message = data.decode("utf-8", "replace").partition("\n\n")
        lines = dict(line.partition(" ")[::2] for line in header.split("\n"))
        yield Envelope(
            commit=commit,
            author=lines.get("author", ""),
            committer=lines.get("committer", ""),
            message=message,
        )


def remote_steps(branch: RecordsBranch, purged: Collection[Tombstone]) -> list[str]:
    """Return the commands by which each remote that still holds what was purged gets rid of it.

    A push that replaces a remote's records is offered only when nothing else would be lost by it.
    """
    repository = branch.repository
    tips = branch.tips()
    own = tips.get(SHARED)
    steps: dict[str, None] = {}
    for ref, tip in tips.items():
        held = tombstones.held(repository, tip, purged) if remotes.is_tracking(ref) else []
        if not held:
            continue
        if own is None or verify.explained(repository, tip, own, purged)[0]:
            steps |= dict.fromkeys(map(_purge_command, held))
        else:
            remote = shlex.quote(remotes.name_of(ref))
            lease = f"--force-with-lease={SHARED}:{tip}"
            steps[f"git push --no-verify {lease} {remote} {SHARED}:{SHARED}"] = None
    return list(steps)


def _purge_command(stone: Tombstone) -> str:
    return f"holdfast review purge {stone.id} --reason {shlex.quote(stone.reason)}"


def _check(branch: RecordsBranch, remote: str) -> None:
    if branch.private:
        raise UsageError(
            "The records of this repository are private: they are never sent.",
            "Share new ones from now on with `holdfast init --shared`.",
        )
    names = remotes.names(branch.repository)
    if remote not in names:
        known = (
            f"There are: {', '.join(names)}." if names else "There is none yet: `git remote add origin URL`."
        )
        raise UsageError(f"This repository has no remote `{remote}`.", known)


def _refuse_purged(branch: RecordsBranch, remote: str, own: str | None, theirs: str | None) -> None:
    repository = branch.repository
    purged = branch.purged()
    if own is not None and (mine := tombstones.held(repository, own, purged)):
        steps = "\n".join(map(_purge_command, mine))
        raise RecordsError(
            f"Your records still hold {_named(mine)}, which somebody purged: {mine[0].reason}.",
            f"Remove it here too, then run `holdfast sync` again:\n{steps}",
        )
    if theirs is not None and (held := tombstones.held(repository, theirs, purged)):
        steps = "\n".join(remote_steps(branch, held))
        raise RecordsError(
            f"The records at `{remote}` still hold {_named(held)}, which was purged here: {held[0].reason}.",
            f"Replace them there, then run `holdfast sync` again:\n{steps}",
        )


def _named(stones: list[Tombstone]) -> str:
    return ", ".join(ids.shortest(stone.id for stone in stones).values())


def _take_up_lost(
    branch: RecordsBranch, remote: str, before: str | None, theirs: str | None, descriptor: int
) -> list[str]:
    """Say so when a remote no longer holds what it was last seen with; what only it held is kept here.

    Raises:
        RecordsError: Something was taken up: a person looks at it before it is sent anywhere.
    """
    repository = branch.repository
    own = branch.tip()
    notes: dict[str, None] = {}
    seen = [commit for commit in (verify.load_anchors(repository).get(remote), before) if commit]
    for commit in chain.present(repository, seen):
        told = _lost(repository, commit, theirs)
        if not told:
            continue
        notes[f"`{remote}` {told}"] = None
        if not tombstones.held(repository, commit, branch.purged()):
            with suppress(RecordsError):  # what breaks the rules, or another record's path, is not taken up
                _check_grown(repository, "", commit, own)
                merging.merge(branch, commit, descriptor)
    if branch.tip() != own:
        raise RecordsError(
            f"{' '.join(notes)} They are kept here now, and nothing was sent.",
            f"See what would be given back, `holdfast sync --preview {remote}`; then sync again to do so.",
        )
    return list(notes)


def _lost(repository: Repository, seen: str, theirs: str | None) -> str:
    """Say what a remote lost since it was at ``seen``; empty when nothing, or when a tombstone says why."""
    if theirs is None:
        return "had records before and had none now."
    if chain.contains(repository, theirs, seen):
        return ""
    lost, _ = verify.explained(repository, seen, theirs, tombstones.find(repository, [theirs]))
    return f"had lost {len(lost)} of the records that it held before, at {seen[:12]}." if lost else ""


def _check_grown(repository: Repository, whose: str, tip: str | None, since: str | None) -> None:
    """Check that a tip holds records alone, and that no commit on the way to it does more than add some."""
    if tip is None:
        return
    chain.check_tree(repository, tip)
    for faults in verify.check_chain(repository, [tip], [since] if since else []):
        if faults:
            raise RecordsError(
                f"{whose} break the rule that history only grows. {' '.join(faults[:3])}",
                "Nothing was exchanged. Ask who wrote that commit; `holdfast ledger verify` lists them all.",
            )


def _count(repository: Repository, tip: str | None, without: str | None) -> int:
    """Return how many records a tip holds that the other does not."""
    if tip is None or tip == without:
        return 0
    there = chain.files(repository, without) if without else {}
    return sum(path not in there for path in chain.files(repository, tip))


def _leaving(repository: Repository, tip: str, theirs: str | None) -> Iterator[Added]:
    """Yield every content that pushing ``tip`` would send, one that a later commit took away too."""
    there = chain.files(repository, theirs) if theirs else {}
    known = {(path, blob) for path, (_, blob) in there.items()}
    for step in chain.walk(repository, [tip], [theirs] if theirs else [], each_parent=True):
        for change in step.changes:
            if change.status != "D" and (change.path, change.blob) not in known:
                known.add((change.path, change.blob))
                yield Added(change.path, change.blob, step.email, step.day, step.commit)


def _scan(branch: RecordsBranch, tip: str, theirs: str | None, scan: Scan) -> None:
    """Judge what would leave the machine, the messages of commits too."""
    repository = branch.repository
    leaving: dict[str, list[str]] = {}
    for added in _leaving(repository, tip, theirs):
        leaving.setdefault(added.blob, []).append(added.path)
    found = [
        f"{path}: {finding}"
        for blob, data in branch.read(leaving)
        for path in leaving[blob]
        for finding in scan(path, data)
    ]
    if branch.missing or branch.oversized:
        found.append(
            f"{branch.missing + branch.oversized} records could not be read, so they were not judged"
        )
    for step in chain.walk(repository, [tip], [theirs] if theirs else []):
        found += [f"commit {step.commit[:12]}: {one}" for one in scan("message", step.message.encode())]
    if found:
        more = f" … and {len(found) - 5} more" if len(found) > 5 else ""
        named = "; ".join(found[:5])
        raise Refused(
            f"Nothing was sent: the records hold what should not leave this machine. {named}{more}.",
            "Remove the record with `holdfast review purge ID`, then run `holdfast sync` again.",
        )


def _done(
    branch: RecordsBranch,
    remote: str,
    tip: str | None,
    received: int,
    sent: int,
    merged: bool,
    notes: list[str],
) -> SyncReport:
    repository = branch.repository
    if tip is not None:
        ref = remotes.tracking_ref(remote)
        with lock.held(repository), suppress(writing.Moved):  # another sync has seen a newer one
            verify.save_anchors(repository, {**verify.load_anchors(repository), remote: tip})
            writing.move(repository, ref, tip, branch.tips().get(ref), branch.person())
    return SyncReport(
        remote=remote, received=received, sent=sent, merged=merged, tip=tip, notes=list(dict.fromkeys(notes))
    )
