"""Take back what was set up in a repository: what `holdfast init --undo` does.

What was learned stays, and so does everything of which there is no other copy.
"""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from holdfast.connect.setup import Report
from holdfast.errors import EnvironmentProblem
from holdfast.repo import branch, config, lock, own_state, remotes, trust, verify
from holdfast.repo.items import CONFIG, FOLDER
from holdfast.repo.location import Repository

NEVER_REMOVED = {
    "journal": "what was shown to agents, not yet folded into records",
    "candidates": "learnings that wait for your word",
    "archive": "transcripts kept from your agents",
    "handoffs": "what sessions left open, for those that come after them",
    "guards.toml": "guards of your own",
    "guards.json": "how guards of yours were decided on",
    "drafts": "texts of yours that were refused, until they are recorded",
    "outlines.jsonl": "what was asked and edited in sessions; gone for good once their logs are deleted",
    "symptoms.json": "what your agent said of decisions; to ask again costs as much again",
}
"""Local state that no command deletes unasked, and what it is: private originals."""

NOTHING_MADE = ("Nothing to undo: Holdfast has made nothing here.",)
"""What is said where there is nothing to undo."""

_MADE = (
    "settings.json", "trust-id", "index.db", "index.db-*", "reading.db", "reading.db-*", "logs",
    "tombstones.json", "loose.json", "wording.json", "hook.*", "meter", "due.jsonl", "captured", "quiet",
    "guards-offered.json", "guard-history", "lock", "*.lock",
)  # fmt: skip


def undo(repository: Repository, *, dry_run: bool = False, store: trust.TrustStore | None = None) -> Report:
    """Remove what `init` and later commands made in local state, but nothing that was learned.

    Raises:
        EnvironmentProblem: Something cannot be removed.
    """
    store = store or trust.TrustStore()
    did: list[str] = []
    wrote = _wrote(repository)
    removable = [path for pattern in _MADE for path in sorted(repository.state_dir.glob(pattern))]
    names = ", ".join(path.name for path in removable if not path.name.endswith("lock"))
    if names:
        did.append(f"Removed from {repository.state_dir}: {names}.")
    did += _remove_config(repository, wrote, dry_run=dry_run)
    if store.file.read().get(trust.key(repository)) is not None:
        did.append("Forgot that this repository was trusted.")
    if not dry_run:
        if did:
            store.revoke(repository)
        _remove(repository, removable)
    return Report(
        did=tuple(did) or NOTHING_MADE,
        left=tuple(_left(repository, wrote)),
        dry_run=dry_run,
        next="holdfast init",
    )


def _wrote(repository: Repository) -> dict[str, str]:
    try:
        found = config.settings(repository)
    except EnvironmentProblem:
        return {}  # undo must work on a damaged file too
    return found.wrote if found else {}


def _remove_config(repository: Repository, wrote: dict[str, str], *, dry_run: bool) -> list[str]:
    path = _written_config(repository, wrote)
    if path is None:
        return []
    if not dry_run:
        path.unlink()
        if not any(path.parent.iterdir()):
            path.parent.rmdir()
    return [f"Removed {CONFIG}, which was as `holdfast init` wrote it."]


def _written_config(repository: Repository, wrote: dict[str, str]) -> Path | None:
    """Return the path of the settings file when it still is what `init` wrote."""
    if repository.root is None or CONFIG not in wrote or (repository.root / FOLDER).is_symlink():
        return None
    path = repository.root / CONFIG
    if path.is_symlink() or not path.is_file():
        return None
    return path if hashlib.sha256(path.read_bytes()).hexdigest() == wrote[CONFIG] else None


def _remove(repository: Repository, paths: list[Path]) -> None:
    if not paths:
        return
    with lock.held(repository):
        for path in paths:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        (repository.state_dir / "lock").unlink(missing_ok=True)
    own_state.remove_if_empty(repository)


def _left(repository: Repository, wrote: dict[str, str]) -> list[str]:
    left = [
        f"Records stay on {ref}; remove them with `git update-ref -d {ref}`."
        for ref in branch.RecordsBranch(repository).tips()
        if not remotes.is_tracking(ref)
    ]
    for name, what in NEVER_REMOVED.items():
        folder = repository.state_dir / name
        if folder.exists():
            left.append(f"{folder} stays: {what}.")
    if (repository.state_dir / verify.ANCHORS).exists():
        left.append(
            f"{repository.state_dir / verify.ANCHORS} stays: what each remote was last seen to hold, for "
            "`holdfast ledger verify`."
        )
    left += [f"{path} stays: local state that was made elsewhere." for path in own_state.others(repository)]
    changed = CONFIG in wrote and _written_config(repository, wrote) is None
    if changed and repository.root is not None and (repository.root / CONFIG).exists():
        left.append(f"{CONFIG} stays: it was changed since `holdfast init` wrote it.")
    return left
