"""The handoff that is asked for by name: of a branch, or of an issue, as things stand now."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from holdfast.flow import handoff_store as store
from holdfast.flow import handoff_text
from holdfast.flow.handoff_record import Handoff
from holdfast.flow.handoff_work import branch_of, commits_since, detached_of, is_at, uncommitted
from holdfast.hook import clock
from holdfast.recall.tokens import estimate
from holdfast.repo.location import Repository
from holdfast.repo.trust import TrustStore

MOST_OTHERS = 5


class HandoffAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What was handed over.

    Attributes:
        trusted: False when nothing is told because the repository is not trusted here; see ``reason``.
        branch: The branch that was asked about; ``issue`` the issue, when one was.
        text: The whole of it, at most 500 tokens; empty when nothing was handed over.
        tokens: Its estimated size.
        handoff: The record that the text was made from.
        patch: The path of the patch with its uncommitted work, when there is one.
        commits_since: Commits that the branch has got since; None when that cannot be told.
        others: Branches on which something was handed over, the latest first.
    """

    trusted: bool
    reason: str = ""
    branch: str = ""
    issue: str = ""
    text: str = ""
    tokens: int = 0
    handoff: Handoff | None = None
    patch: str = ""
    commits_since: int | None = None
    others: list[str] = []


def handed_over(
    repository: Repository, branch: str | None = None, issues: Sequence[str] = ()
) -> HandoffAnswer:
    """Return the latest handoff of a branch, or of the first of some issues that has one.

    What it says of uncommitted work is looked at anew: what was committed since is not called uncommitted.

    Args:
        repository: The repository.
        branch: The branch; the one that is checked out by default.
        issues: Issues such as ``#12``; when given, a handoff of any branch that names one.
    """
    state = TrustStore().state(repository)
    if not state.trusted:
        return HandoffAnswer(trusted=False, reason=state.reason)
    asked = branch or (branch_of(repository.root) if repository.root is not None else "")
    found, issue = _found(repository, "" if issues and branch is None else asked, issues)
    others = list(dict.fromkeys(one.branch for one in store.every(repository) if one.branch != asked))
    if found is None:
        return HandoffAnswer(trusted=True, branch=asked, issue=issue, others=others[:MOST_OTHERS])
    found = _as_it_stands(repository, found)
    since = commits_since(repository, found.branch, found.head)
    patch = store.patch_path(repository, found)
    text = handoff_text.whole(found, clock.now(), since=since)
    return HandoffAnswer(
        trusted=True,
        branch=found.branch,
        issue=issue,
        text=text,
        tokens=estimate(text),
        handoff=found,
        patch=str(patch) if found.patch and patch.is_file() else "",
        commits_since=since,
        others=others[:MOST_OTHERS],
    )


def _found(repository: Repository, branch: str, issues: Sequence[str]) -> tuple[Handoff | None, str]:
    for name in issues:
        named = name if not name.isdigit() else f"#{name}"
        for one in store.of_issue(repository, named):
            if not branch or one.branch == branch:
                return one, named
    if issues:
        return None, issues[0]
    found = store.read(repository, branch)[:1]
    if repository.root is not None and branch == branch_of(repository.root):
        found += [
            one for one in store.read(repository, detached_of(repository.root)) if _holds(repository, one)
        ]
    return max(found, key=lambda one: one.ended or 0.0, default=None), ""


def _holds(repository: Repository, handoff: Handoff) -> bool:
    """Tell whether what was left without a branch is in what is checked out now."""
    if not handoff.head:
        return False
    bases = repository.git("merge-base", handoff.head, "HEAD", check=False)
    return bases.decode("ascii", "replace").strip() == handoff.head


def _as_it_stands(repository: Repository, handoff: Handoff) -> Handoff:
    """Return a handoff without the files that were committed since, where that can be seen."""
    if not handoff.uncommitted:
        return handoff
    for top in repository.worktrees():
        if top.is_dir() and is_at(top, handoff.branch):
            left = set(uncommitted(top, handoff.uncommitted))
            still = [path for path in handoff.uncommitted if path in left]
            return msgspec.structs.replace(handoff, uncommitted=still, patch=handoff.patch if still else "")
    return handoff
