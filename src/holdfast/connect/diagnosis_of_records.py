"""The checks of `holdfast doctor` that look at the records and their branch."""

from __future__ import annotations

from collections.abc import Iterator

from holdfast.connect.finding import Finding, note, ok, problem
from holdfast.errors import RecordsError
from holdfast.repo import branch, chain, checkout, config, lock, records, remotes
from holdfast.repo.branch import RecordsBranch
from holdfast.repo.location import Repository

_NAMED = 5
_UPGRADE = "python -m pip install --upgrade holdfast"


def check_branch(repository: Repository) -> Iterator[Finding]:
    """Check that the records branch is there or can be made, is ours, and can be written."""
    found = _branch(repository)
    tips = found.tips()
    sound = True
    if found.tip() is None and (in_the_way := found.blocked_by()):
        sound = False
        yield problem(
            "branch",
            f"git cannot make a branch `holdfast` beside {', '.join(in_the_way)}",
            hint="Rename those branches, or keep records on a private ref: holdfast init --private",
        )
    for ref, tip in tips.items():
        names = repository.git("ls-tree", "-z", "--name-only", tip).decode("utf-8", "replace").split("\0")
        strange = [name for name in names if name and name not in chain.FOLDERS]
        if strange:
            sound = False
            yield problem(
                "branch",
                f"not a records branch, or one of a newer Holdfast: it holds {', '.join(strange[:_NAMED])}",
                ref,
                hint=f"If it is yours, rename it. If a newer Holdfast wrote it: {_UPGRADE}",
            )
    for worktree in checkout.worktrees_at(repository, found.ref):
        sound = False
        yield problem(
            "branch",
            "the branch `holdfast` is checked out, so nothing is written: it would look like deletions there",
            worktree,
            hint=f"git -C {worktree} switch -",
        )
    yield from _held(repository, found.ref)
    if sound:
        yield ok("branch", "made by the first record" if found.tip() is None else "can be written", found.ref)


def check_records(repository: Repository) -> Iterator[Finding]:
    """Read every record, and name those that cannot be read or are too new for this version."""
    found = _branch(repository)
    added: dict[str, branch.Added] = {}
    for entry in found.added():
        added.setdefault(entry.blob, entry)
    unreadable, newer, read = [], 0, 0
    for blob, data in found.read(added):
        try:
            record = records.decode(added[blob].path, data)
        except RecordsError as error:
            unreadable.append(error.message)
            continue
        read += 1
        newer += record.schema > records.SCHEMA
    yield ok("records", f"{read:,} can be read")
    if unreadable:
        more = f" and {len(unreadable) - _NAMED} more" if len(unreadable) > _NAMED else ""
        yield problem(
            "records",
            f"unreadable and left out: {'; '.join(unreadable[:_NAMED])}{more}",
            hint="They stay where they are. To remove one for good: holdfast review purge ID",
        )
    if newer:
        yield problem(
            "records",
            f"of a newer Holdfast: {newer:,}; records are read here, and none can be added",
            hint=_UPGRADE,
        )
    yield from _left_out(found)


def check_remotes(repository: Repository) -> Iterator[Finding]:
    """Name remotes whose records were never fetched."""
    tips = _branch(repository).tips()
    for name in remotes.names(repository):
        if remotes.tracking_ref(name) not in tips:
            yield note(
                "remote", f"no records were fetched from `{name}`; there may be some", hint=_sync(name)
            )


def _branch(repository: Repository) -> RecordsBranch:
    return RecordsBranch(repository, private=config.mode(repository) == "private")


def _held(repository: Repository, ref: str) -> Iterator[Finding]:
    path = repository.common_dir / f"{ref}.lock"
    if not path.exists():
        return
    if lock.holders(repository):
        yield note("branch", "git is writing it right now", path)
    else:
        yield note("branch", "a git that was stopped left its lock; the next write removes it", path)


def _left_out(found: RecordsBranch) -> Iterator[Finding]:
    if found.rejected:
        yield problem(
            "records",
            f"never read, being links, programs or in no place for a record: {found.rejected} of the files",
            hint="Ask whoever wrote them; `git log --stat` on that branch names them.",
        )
    if found.oversized:
        yield problem(
            "records",
            f"larger than {branch.LARGEST:,} bytes and left out: {found.oversized}",
            hint="Ask whoever wrote them; no record of Holdfast is so large.",
        )
    if found.missing:
        yield note(
            "records",
            f"purged, or not fetched because this is a partial clone: {found.missing}",
            hint="git fetch --refetch --no-filter brings back what a partial clone left out.",
        )


def _sync(remote: str) -> str:
    return "holdfast sync" if remote == "origin" else f"holdfast sync {remote}"
