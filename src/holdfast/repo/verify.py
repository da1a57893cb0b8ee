"""Verify the ledger: that history only ever grew, and still holds what was seen of it before.

git's chain of commits is the ledger's hash link, so a change to the past changes every later id.
What git alone cannot tell is that the whole chain was replaced: for that there are *anchors*, the tip
that each remote was last seen at (kept in local state) and the tips that receipts quote.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import msgspec

from holdfast.errors import GitError
from holdfast.repo import chain, git, ids, remotes, tombstones
from holdfast.repo.branch import SHARED, RecordsBranch
from holdfast.repo.location import Repository
from holdfast.repo.replacing import replace
from holdfast.repo.tombstones import Tombstone

ANCHORS = "anchors.json"
"""Name of the file of anchors in local state."""

_NAMED_AT_MOST = 20


class VerifyReport(msgspec.Struct, frozen=True, kw_only=True):
    """What verifying found.

    Attributes:
        problems: What is wrong, a sentence each; empty when the ledger holds.
        notes: What could not be checked, or was explained by a tombstone.
        commits: Commits that were walked.
        anchors: The tip that each remote was last seen at.
    """

    problems: list[str] = []
    notes: list[str] = []
    commits: int = 0
    anchors: dict[str, str] = {}

    @property
    def ok(self) -> bool:
        """Tell whether nothing is wrong."""
        return not self.problems


def verify(branch: RecordsBranch, quoted: Collection[str] = ()) -> VerifyReport:
    """Walk every chain of records here and hold it against the anchors.

    Args:
        branch: The records.
        quoted: Further anchors: tips quoted elsewhere, as by receipts.
    """
    repository = branch.repository
    tips = branch.tips()
    problems: list[str] = []
    notes: list[str] = []
    commits = 0
    anchors = load_anchors(repository)
    try:
        for step_problems in check_chain(repository, list(tips.values())):
            commits += 1
            problems += step_problems
        problems += _double_ids(repository, tips.values())
        purged = branch.purged()
        notes += _cut(repository, tips)
        notes += _still_held(repository, tips, purged)
        for found in _against_anchors(repository, tips, anchors, quoted, purged):
            problems += found.problems
            notes += found.notes
    except GitError as error:
        problems.append(f"The history is damaged: {error.message}")
    if tips and not anchors and not quoted:
        notes.append(_NO_ANCHOR)
    more = len(problems) - _NAMED_AT_MOST
    if more > 0:
        problems = [*problems[:_NAMED_AT_MOST], f"… and {more} more."]
    return VerifyReport(problems=problems, notes=notes, commits=commits, anchors=anchors)


_NO_ANCHOR = (
    "There is no anchor: nothing here says what a remote held before, so a history that was replaced as a "
    "whole would go unseen. `holdfast sync` sets one."
)


def check_chain(
    repository: Repository, tips: Collection[str], since: Collection[str] = ()
) -> Iterator[list[str]]:
    """Yield, for every commit, what it does that a commit of records never does.

    Raises:
        GitError: The history is damaged.
    """
    steps = chain.walk(repository, tips, since, each_parent=True)
    for commit, blocks in groupby(steps, key=lambda step: step.commit):
        yield _faults(commit, list(blocks))


def _double_ids(repository: Repository, tips: Iterable[str]) -> list[str]:
    """Name the files that claim one id: a second file would stand in for the first without changing it."""
    paths: dict[str, set[str]] = {}
    for tip in tips:
        for path in chain.files(repository, tip):
            name = ids.of_path(path)
            if name is not None:
                paths.setdefault(name, set()).add(path)
    return [
        f"{len(claimed)} files bear the id {name}: {', '.join(map(repr, sorted(claimed)))}."
        for name, claimed in sorted(paths.items())
        if len(claimed) > 1
    ]


def _faults(commit: str, blocks: list[chain.Step]) -> list[str]:
    short = commit[:12]
    found: dict[str, None] = {}
    for step in blocks:
        for change in step.changes:
            if change.status == "D":
                found[f"Commit {short} deletes {change.path!r}."] = None
            elif change.status != "A":
                found[f"Commit {short} changes {change.path!r}."] = None
            elif change.mode != chain.FILE_MODE or not chain.allowed(change.path):
                found[f"Commit {short} adds {change.path!r}, which is no record."] = None
    parents = blocks[0].parents
    # git prints no block for a parent that the merge equals: then nothing was added beside that parent
    if len(parents) > 1 and len(blocks) == len(parents):
        added = [{change.path for change in step.changes if change.status == "A"} for step in blocks]
        for path in sorted(set.intersection(*added)):
            found[f"Merge {short} adds {path!r}, which neither side has."] = None
    return list(found)


def explained(
    repository: Repository, anchor: str, tip: str, purged: Collection[Tombstone]
) -> tuple[list[str], list[Tombstone]]:
    """Return what ``tip`` lacks of ``anchor`` unexplained, and the tombstones that explain the rest.

    A tombstone counts when ``tip`` holds it, and for exactly the contents it names.
    """
    there = chain.files(repository, tip)
    stones = [stone for stone in purged if stone.event in there]
    lost: list[str] = []
    used: dict[Tombstone, None] = {}
    for path, entry in chain.files(repository, anchor).items():
        if there.get(path) == entry:
            continue
        stone = next((one for one in stones if entry[1] in one.blobs and path not in there), None)
        if stone is None:
            lost.append(path)
        else:
            used[stone] = None
    return lost, list(used)


class _Found(NamedTuple):
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def _against_anchors(
    repository: Repository,
    tips: Mapping[str, str],
    anchors: Mapping[str, str],
    quoted: Collection[str],
    purged: Collection[Tombstone],
) -> Iterator[_Found]:
    for remote, anchor in sorted(anchors.items()):
        said = f"`{remote}` was last seen at"
        refs = [ref for ref in (remotes.tracking_ref(remote), SHARED) if ref in tips]
        if not refs:
            yield _Found((f"{said} {anchor[:12]}, and no records are left here.",))
        for ref in refs:
            yield _hold(repository, said, anchor, ref, tips[ref], purged)
    for anchor in sorted(set(quoted)):
        yield _hold_quoted(repository, anchor, tips, purged)


def _hold(
    repository: Repository, what: str, anchor: str, ref: str, tip: str, purged: Collection[Tombstone]
) -> _Found:
    """Hold one tip against one anchor."""
    said = f"{what} {anchor[:12]}"
    if not chain.present(repository, [anchor]):
        stone = next((one for one in purged if one.old_tip == anchor), None)
        if stone is None:
            return _Found((f"{said}, and that commit is gone: what it held cannot be compared.",))
        return _Found(notes=(f"{said}, before {stone.id} was purged: {stone.reason}.",))
    if chain.contains(repository, tip, anchor):
        return _Found()
    lost, stones = explained(repository, anchor, tip, purged)
    if lost:
        named = ", ".join(lost[:3]) + (f" and {len(lost) - 3} more" if len(lost) > 3 else "")
        return _Found((f"{said}, and {ref} no longer holds {named}: history was rewritten.",))
    if stones:
        named = ", ".join(stone.id for stone in stones)
        return _Found(
            notes=(f"{ref} was rewritten without {named}, as its tombstones say; all else is there.",)
        )
    if tombstones.held(repository, tip, purged):
        return _Found()  # the chain from before a purge, which holds all the same: noted by itself
    if repository.common_dir.joinpath("shallow").exists():
        return _Found(notes=(f"{said}; this clone's history is cut, but {ref} holds all those records.",))
    return _Found((f"{said}, and {ref} was rewritten since, without a tombstone to say why.",))


def _hold_quoted(
    repository: Repository, anchor: str, tips: Mapping[str, str], purged: Collection[Tombstone]
) -> _Found:
    if chain.present(repository, [anchor]) and chain.within(repository, [anchor], list(tips.values())):
        return _Found()
    if not tips:
        return _Found((f"A receipt quotes {anchor[:12]}, and there are no records here.",))
    ref, tip = next(iter(tips.items()))
    return _hold(repository, "A receipt quotes", anchor, ref, tip, purged)


def _cut(repository: Repository, tips: Mapping[str, str]) -> list[str]:
    try:
        boundary = repository.common_dir.joinpath("shallow").read_text("ascii").split()
    except (OSError, UnicodeDecodeError):
        return []
    commits = {step.commit for step in chain.walk(repository, list(tips.values()))}
    cuts = len(commits.intersection(boundary))
    if not cuts:
        return []
    return [f"This clone is shallow: what came before {cuts} of the commits was not checked."]


def _still_held(repository: Repository, tips: Mapping[str, str], purged: Collection[Tombstone]) -> list[str]:
    return [
        f"{ref} still holds {stone.id}, which was purged. `holdfast sync` says what to do."
        for ref, tip in tips.items()
        for stone in tombstones.held(repository, tip, purged)
    ]


def load_anchors(repository: Repository) -> dict[str, str]:
    """Return the tip that each remote was last seen at."""
    try:
        return msgspec.json.decode(_file(repository).read_bytes(), type=dict[str, str])
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return {}


def save_anchors(repository: Repository, anchors: Mapping[str, str]) -> None:
    """Keep the tip that each remote was last seen at.

    Raises:
        EnvironmentProblem: It cannot be written.
    """
    repository.ensure_state()
    path = _file(repository)
    try:
        replace(path, msgspec.json.encode(dict(anchors)))
    except OSError as error:
        raise git.disk_problem(error, f"Cannot write {path}") from error


def _file(repository: Repository) -> Path:
    return repository.state_dir / ANCHORS
