"""Exchange records with one remote: fetch, merge, scan what would leave, push.

Nothing of the user's is fetched or pushed, no hook of theirs runs, and no history is ever replaced.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress

import msgspec

from holdfast.errors import EnvironmentProblem, GitError, RecordsBusy, RecordsError, Refused, UsageError
from holdfast.repo import chain, checkout, git, ids, lock, merging, tombstones, verify, writing
from holdfast.repo.branch import SHARED, Added, RecordsBranch
from holdfast.repo.location import Repository
from holdfast.repo.tombstones import Tombstone

Scan = Callable[[str, bytes], list[str]]
"""Names what must not leave the machine in the bytes of a path; never quotes it."""

_ATTEMPTS = 6
_QUIET = ("-c", "gc.auto=0", "-c", "maintenance.auto=false", "-c", "fetch.writeCommitGraph=false")


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
        before = branch.tips().get(tracking_ref(remote))
        theirs = _fetch(repository, remote)
        if theirs is not None:
            _fetch_promised(branch, remote, theirs)
        with lock.held(repository, wait) as descriptor:
            checkout.refuse_if_checked_out(repository, branch.ref)
            lock.wait_for_ref(repository, branch.ref, wait)
            own = branch.tip()
            _refuse_purged(branch, remote, own, theirs)
            notes += _rewound(repository, remote, before, theirs)
            if theirs is not None:
                _check_theirs(repository, remote, theirs, own)
            try:
                tip = merging.merge(branch, theirs, descriptor) if theirs and own else own
            except writing.Moved:
                continue
        received += _count(repository, theirs, own)
        merged = merged or tip not in (own, theirs)
        if tip is None or tip == theirs:
            return _done(branch, remote, tip or theirs, received, 0, merged, notes)
        sent = _scan(branch, tip, theirs, scan)
        if _push(repository, remote, tip):
            return _done(branch, remote, tip, received, sent, merged, notes)
    raise RecordsBusy(
        f"The records at `{remote}` moved {_ATTEMPTS} times while they were being sent.",
        "Others are writing there: run `holdfast sync` again in a moment.",
    )


def outgoing(branch: RecordsBranch, remote: str) -> Iterator[Added]:
    """Yield the records that a sync would send, by what was last seen of the remote; sends nothing."""
    repository = branch.repository
    _check(branch, remote)
    tips = branch.tips()
    own, theirs = tips.get(branch.ref), tips.get(tracking_ref(remote))
    if own is None:
        return
    there = chain.files(repository, theirs) if theirs else {}
    for step in chain.walk(repository, [own], [theirs] if theirs else []):
        for change in step.changes:
            if change.status == "A" and change.path not in there:
                yield Added(change.path, change.blob, step.email, step.day, step.commit)


def remotes(repository: Repository) -> list[str]:
    """Return the names of this repository's remotes."""
    return repository.git("remote").decode("utf-8", "replace").split()


def tracking_ref(remote: str) -> str:
    """Return the ref under which the records of a remote are kept here."""
    return f"refs/remotes/{remote}/holdfast"


def remote_steps(branch: RecordsBranch, purged: Collection[Tombstone]) -> list[str]:
    """Return the commands by which each remote that still holds what was purged gets rid of it.

    A push that replaces a remote's records is offered only when nothing else would be lost by it.
    """
    repository = branch.repository
    tips = branch.tips()
    own = tips.get(SHARED)
    steps: dict[str, None] = {}
    for ref, tip in tips.items():
        held = tombstones.held(repository, tip, purged) if ref.startswith("refs/remotes/") else []
        if not held:
            continue
        if own is None or verify.explained(repository, tip, own, purged)[0]:
            steps |= dict.fromkeys(map(_purge_command, held))
        else:
            remote = ref.removeprefix("refs/remotes/").removesuffix("/holdfast")
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
    names = remotes(branch.repository)
    if remote not in names:
        known = (
            f"There are: {', '.join(names)}." if names else "There is none yet: `git remote add origin URL`."
        )
        raise UsageError(f"This repository has no remote `{remote}`.", known)


def _fetch(repository: Repository, remote: str) -> str | None:
    """Fetch the records of a remote and return where they are, or None when it has none."""
    ref = tracking_ref(remote)
    args = [*_QUIET, "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-prune", "--refmap="]
    args += ["--recurse-submodules=no", remote, f"+{SHARED}:{ref}"]
    try:
        git.run(args, cwd=repository.directory, network=True)
    except GitError as error:
        if "couldn't find remote ref" in error.stderr:
            return None
        raise _unreachable(remote, error) from error
    return repository.git("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}").decode().strip()


def _fetch_promised(branch: RecordsBranch, remote: str, theirs: str) -> None:
    """In a partial clone, get the records that the clone left out."""
    if not branch.partial():
        return
    # as git itself asks for promised objects (its promisor-remote.c)
    args = [*_QUIET, "-c", "fetch.negotiationAlgorithm=noop", "fetch", "--quiet", "--no-tags", "--refmap="]
    args += ["--no-write-fetch-head", "--recurse-submodules=no", "--filter=blob:none", "--stdin", remote]
    for _ in range(2):  # folders first, where they were left out too; then what is in them
        if lacking := chain.lacking(branch.repository, [theirs]):
            lines = "".join(f"{one}\n" for one in sorted(lacking)).encode()
            git.run(args, cwd=branch.repository.directory, input=lines, network=True)


def _unreachable(remote: str, error: GitError) -> EnvironmentProblem:
    words = error.stderr.strip().splitlines()
    said = next((line for line in words if line.startswith("fatal:")), words[-1] if words else "")
    return EnvironmentProblem(
        f"The remote `{remote}` cannot be read: {said.removeprefix('fatal: ')}.",
        f"Try `git fetch {remote}`, which may ask you to sign in; then `holdfast sync` again. "
        "Nothing was changed here.",
    )


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


def _rewound(repository: Repository, remote: str, before: str | None, theirs: str | None) -> list[str]:
    """Say so when a remote no longer holds what it was last seen with; our side gives it back."""
    anchor = verify.load_anchors(repository).get(remote) or before
    if anchor is None or not chain.present(repository, [anchor]):
        return []
    if theirs is None:
        return [f"`{remote}` had records before and had none now."]
    if chain.contains(repository, theirs, anchor):
        return []
    lost, _ = verify.explained(repository, anchor, theirs, tombstones.find(repository, [theirs]))
    return [f"`{remote}` had lost {len(lost)} records that it held before."] if lost else []


def _check_theirs(repository: Repository, remote: str, theirs: str, own: str | None) -> None:
    chain.check_tree(repository, theirs)
    for faults in verify.check_chain(repository, [theirs], [own] if own else []):
        if faults:
            raise RecordsError(
                f"The records at `{remote}` break the rule that history only grows. {' '.join(faults[:3])}",
                "Nothing was merged. Ask who wrote that commit; `holdfast ledger verify` lists them all.",
            )


def _count(repository: Repository, theirs: str | None, own: str | None) -> int:
    if theirs is None or theirs == own:
        return 0
    there = chain.files(repository, own) if own else {}
    return sum(path not in there for path in chain.files(repository, theirs))


def _scan(branch: RecordsBranch, tip: str, theirs: str | None, scan: Scan) -> int:
    """Judge what would leave the machine; returns how many records that is."""
    repository = branch.repository
    there = chain.files(repository, theirs) if theirs else {}
    leaving: dict[str, list[str]] = {}
    for path, (_, blob) in chain.files(repository, tip).items():
        if path not in there:
            leaving.setdefault(blob, []).append(path)
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
        found += [f"commit {step.commit[:12]}: {one}" for one in scan("message", step.subject.encode())]
    if found:
        more = f" … and {len(found) - 5} more" if len(found) > 5 else ""
        named = "; ".join(found[:5])
        raise Refused(
            f"Nothing was sent: the records hold what should not leave this machine. {named}{more}.",
            "Remove the record with `holdfast review purge ID`, then run `holdfast sync` again.",
        )
    return sum(map(len, leaving.values()))


def _push(repository: Repository, remote: str, tip: str) -> bool:
    """Push without force; returns False when the remote moved meanwhile."""
    args = [*_QUIET, "push", "--quiet", "--porcelain", "--no-verify", "--no-follow-tags", "--no-signed"]
    args += ["--recurse-submodules=no", remote, f"{tip}:{SHARED}"]
    with git.start(args, cwd=repository.directory, network=True) as process:
        out, err = process.communicate()
    if process.returncode == 0:
        return True
    words = out.decode("utf-8", "replace") + err.decode("utf-8", "replace")
    if re.search(
        r"\[rejected\].*\((fetch first|non-fast-forward)\)|cannot lock ref|failed to update ref", words
    ):
        return False
    refusal = re.search(r"\[remote rejected\].*\((.*)\)", words)
    if refusal:
        raise EnvironmentProblem(
            f"The remote `{remote}` refused the branch `holdfast`: {refusal[1]}.",
            "Allow pushing that branch there, or keep the records here; they are complete without it.",
        )
    error = git.failure(args, process.returncode, err, repository.directory)
    raise _unreachable(remote, error) if isinstance(error, GitError) else error


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
        ref = tracking_ref(remote)
        with suppress(writing.Moved):  # a single-branch clone's refspec leaves this ref alone
            writing.move(repository, ref, tip, branch.tips().get(ref), branch.person())
        verify.save_anchors(repository, {**verify.load_anchors(repository), remote: tip})
    return SyncReport(
        remote=remote, received=received, sent=sent, merged=merged, tip=tip, notes=list(dict.fromkeys(notes))
    )
