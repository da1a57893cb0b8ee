"""Trust: which content of which repository a person on this machine has accepted.

A clone is untrusted. What was accepted is kept outside every repository, in
``$XDG_STATE_HOME/holdfast`` (by default ``~/.local/state/holdfast``): ``trust.json``, and under
``accepted/`` the contents, so that a later change can be shown as a diff. Trust holds for digests:
changed or new content is untrusted until it is accepted; content that was accepted before stays
accepted, so that going between branches asks nothing. Nothing inside a repository can trust it.
"""

from __future__ import annotations

import difflib
import secrets
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Literal

import msgspec

from holdfast.errors import EnvironmentProblem, Untrusted
from holdfast.hook import clock, published
from holdfast.hook.place import STATE
from holdfast.repo import items as tree
from holdfast.repo import safe_read
from holdfast.repo.branch import RecordsBranch
from holdfast.repo.items import Item
from holdfast.repo.location import Repository
from holdfast.repo.trust_file import TOKEN, Accepted, TrustFile, key, worktree
from holdfast.repo.visible import visible

__all__ = ["Change", "TrustState", "TrustStore", "key", "own_identity", "seen_identities"]

_KEPT_DIGESTS = 20


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """An item that was not accepted as it is now.

    Attributes:
        diff: What changed since it was last accepted, as a unified diff that is safe to show; the
            whole text when it is new; empty for a section of a file and for what is never read.
    """

    name: str
    what: Literal["new", "changed"]
    does: str
    diff: str = ""


class TrustState(msgspec.Struct, frozen=True, kw_only=True):
    """What a repository holds, and whether a person has accepted it here.

    Attributes:
        trusted: Whether all that is there now was accepted.
        reason: Why not, or that it is, in one plain sentence.
        items: Everything that could run or reach an agent, as it is now: use these texts, not the
            files, which may change after the check.
        changed: Items that are new or other than accepted.
        removed: Names of accepted items that are gone; this takes no trust away.
        documents: The user's own documents that would be quoted to agents as data.
        identities: Addresses whose records may be shown unasked.
        new_identities: Addresses with records here that were not accepted.
    """

    trusted: bool
    reason: str
    items: tuple[Item, ...] = ()
    changed: tuple[Change, ...] = ()
    removed: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    identities: tuple[str, ...] = ()
    new_identities: tuple[str, ...] = ()


class TrustStore:
    """What was accepted on this machine.

    Args:
        folder: Where it is kept; by default in the user's XDG state directory.

    Attributes:
        path: The file that says what was accepted.
        folder: Where it lies, with the accepted contents.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.file = TrustFile(folder)
        self.path, self.folder = self.file.path, self.file.folder

    def state(self, repository: Repository, identities: Iterable[str] = ()) -> TrustState:
        """Compare what a repository holds now with what was accepted.

        Args:
            repository: Which.
            identities: Addresses with records in it, as `seen_identities` returns them.

        Raises:
            EnvironmentProblem: This user may not read the worktree.
        """
        items = tree.of_tree(repository)
        accepted, problem = self._accepted(repository)
        changed = tuple(self._change(item, accepted) for item in items if not _known(item, accepted))
        present = {item.key for item in items}
        return TrustState(
            trusted=not problem and not changed,
            reason=problem or _reason(changed),
            items=items,
            changed=changed,
            removed=tuple(sorted(name for name in accepted.items if name not in present)),
            documents=tree.documents(repository),
            identities=accepted.identities,
            new_identities=tuple(sorted(set(identities) - set(accepted.identities))),
        )

    def require(self, repository: Repository) -> TrustState:
        """Return the state of a trusted repository.

        Raises:
            Untrusted: It is not; the hint says what to run.
        """
        state = self.state(repository)
        if not state.trusted:
            raise Untrusted(state.reason, "See what it holds, and decide: `holdfast trust`.")
        return state

    def accept(
        self,
        repository: Repository,
        identities: Iterable[str] = (),
        items: Collection[Item] | None = None,
    ) -> None:
        """Accept what a repository holds.

        Args:
            repository: Which.
            identities: Addresses whose records may be shown unasked, besides those accepted before.
            items: What was shown to the person, from `state`; by default what is there now.

        Raises:
            EnvironmentProblem: The store cannot be written, or lies inside the repository.
        """
        shown = tree.of_tree(repository) if items is None else items
        with self.file.changing(repository) as entries:
            token = _make_token(repository)
            before, problem = self._accepted(repository)
            if problem:  # what a copy brought along was not published here
                (repository.state_dir / published.NAME).unlink(missing_ok=True)
            kept = {} if problem else before.items
            known = () if problem else before.identities
            for item in shown:
                if item.text:
                    self.file.keep(item.digest, item.text)
            digests = {
                item.key: (item.digest, *(d for d in kept.get(item.key, ()) if d != item.digest))
                for item in shown
            }
            entries[key(repository)] = Accepted(
                token=token,
                folder=repository.state_dir.name if token else STATE,
                worktree=worktree(repository),
                accepted=int(clock.now()),
                items={name: found[:_KEPT_DIGESTS] for name, found in {**kept, **digests}.items()},
                identities=tuple(sorted({*known, *identities})),
            )

    def revoke(self, repository: Repository) -> bool:
        """Forget that a repository was trusted; tells whether it had been."""
        with self.file.changing(repository) as entries:
            found = entries.pop(key(repository), None)
        for name in (TOKEN, published.NAME):
            (repository.state_dir / name).unlink(missing_ok=True)
        return found is not None

    def accepted_identities(self, repository: Repository) -> frozenset[str]:
        """Return the addresses whose records may be shown unasked; none while nothing was accepted."""
        accepted, problem = self._accepted(repository)
        return frozenset() if problem else frozenset(accepted.identities)

    def _accepted(self, repository: Repository) -> tuple[Accepted, str]:
        """Return what was accepted, and why it does not count: empty when it does."""
        problem = self.file.problem(repository)
        if problem:
            return Accepted(), problem
        found = self.file.read().get(key(repository))
        if found is None:
            return Accepted(), "This repository has not been trusted on this machine."
        if found.token != _token(repository):
            return Accepted(), "The repository at this path is another one than the one that was trusted."
        return found, ""

    def _change(self, item: Item, accepted: Accepted) -> Change:
        digests = accepted.items.get(item.key, ())
        what: Literal["new", "changed"] = "changed" if digests else "new"
        diff = ""
        if item.text:
            before = (self.file.kept(digests[0]) or "") if digests else ""
            lines = difflib.unified_diff(
                visible(before).splitlines(), visible(item.text).splitlines(),
                "accepted", "now", lineterm="", n=2,
            )  # fmt: skip
            diff = "\n".join(lines) if digests else visible(item.text)
        return Change(name=item.key, what=what, does=item.does, diff=diff)


def seen_identities(repository: Repository) -> tuple[str, ...]:
    """Return the addresses on the commits that added records which were not written in this clone."""
    added = RecordsBranch(repository).added()
    return tuple(sorted({entry.author_email for entry in added if not entry.here} - {""}))


def own_identity(repository: Repository) -> str:
    """Return the address that this user's own records bear."""
    return RecordsBranch(repository).person().email


def _known(item: Item, accepted: Accepted) -> bool:
    return item.digest in accepted.items.get(item.key, ())


def _reason(changed: tuple[Change, ...]) -> str:
    if not changed:
        return "Trusted: everything here was accepted."
    names = [change.name for change in changed]
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f"Not accepted as it is now: {', '.join(names[:3])}{more}."


def _token(repository: Repository) -> str:
    try:
        found = safe_read.read(repository.common_dir, f"{repository.state_dir.name}/{TOKEN}", 200)
    except EnvironmentProblem:
        return ""
    return (found or b"").decode("ascii", "replace").strip()


def _make_token(repository: Repository) -> str:
    """Mark this very repository, so that another one cloned to its path later is not taken for it.

    A clone cannot bring the mark along, and cannot guess it. Where the git directory cannot be
    written there is no mark, and the path alone decides.
    """
    existing = _token(repository)
    if existing:
        return existing
    made = secrets.token_hex(16)
    try:
        (repository.ensure_state() / TOKEN).write_text(made + "\n", "ascii")
    except (EnvironmentProblem, OSError):
        return ""
    return made
