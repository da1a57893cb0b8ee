"""The checks of `holdfast doctor` that look at trust, settings and what is kept on this machine."""

from __future__ import annotations

import os
import shlex
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path

from holdfast.connect import removal, setup
from holdfast.connect.finding import Finding, note, ok, problem
from holdfast.learn import wording
from holdfast.repo import config, trust
from holdfast.repo.items import CONFIG
from holdfast.repo.location import Repository

_NAMED = 5


def check_set_up(repository: Repository) -> Iterator[Finding]:
    """Say whether records are shared or private here."""
    mode = config.mode(repository)
    if mode is None:
        yield note("set up", "this repository is not set up; records would be shared", hint="holdfast init")
    elif mode == "private":
        yield ok("set up", "records are private: a ref of this clone that nothing fetches or pushes")
    else:
        yield ok("set up", "records are shared: the branch `holdfast`; nothing is sent unasked")


def check_local_state(repository: Repository) -> Iterator[Finding]:
    """Check that local state was made here, is this user's, can be written, and cannot be read by others."""
    folder = repository.state_dir
    for told in setup.made_elsewhere(repository):
        yield note("local state", told)
    try:
        found = folder.lstat()
    except FileNotFoundError:
        if _may_write(repository.common_dir):
            yield ok("local state", "made when it is needed", folder)
        else:
            yield problem(
                "local state", "cannot be made: this user may not write there", repository.common_dir,
                hint="Give this user write access to the repository's git directory.",
            )  # fmt: skip
        return
    if not stat.S_ISDIR(found.st_mode):
        yield problem(
            "local state", "is not a folder", folder, hint=f"Move it away: mv {folder} {folder}.old"
        )
    elif not _may_write(folder):
        yield problem(
            "local state",
            "this user may not write there",
            folder,
            hint=f"chmod u+rwx {folder}, or ask its owner",
        )
    elif found.st_mode & 0o077:
        yield problem(
            "local state", "others on this machine can look into it", folder, hint=f"chmod go-rwx {folder}"
        )
    else:
        yield ok("local state", "for you alone", folder)


def check_trust(repository: Repository) -> Iterator[Finding]:
    """Say what of this repository was not accepted on this machine."""
    store = trust.TrustStore()
    state = store.state(repository, trust.seen_identities(repository))
    if state.trusted:
        yield ok("trust", "everything here was accepted on this machine", store.path)
    elif store.file.problem(repository):
        yield problem("trust", state.reason, store.path, hint=store.file.way_out(repository))
    elif not (state.items or state.documents or state.new_identities):
        yield note("trust", "nothing here needs it yet", hint="holdfast init")
    else:
        names = [change.name for change in state.changed] + list(state.documents)
        listed = ", ".join(names[:_NAMED]) + (
            f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        )
        told = f" Not used and not told to agents: {listed}." if names else ""
        yield problem("trust", state.reason + told, hint="holdfast trust")
    if state.new_identities:
        yield note(
            "trust",
            f"records by {', '.join(state.new_identities[:_NAMED])} are found by recall and not told unasked",
            hint="holdfast trust",
        )
    for item in state.items:
        if item.kind == "refused":
            yield note("trust", item.does, item.path)
    for name in state.documents:
        if repository.root is not None and (repository.root / name).is_symlink():
            yield note("trust", "is never read: it is a symbolic link", name)


def check_settings(repository: Repository) -> Iterator[Finding]:
    """Check the settings file of the tree, when it is used."""
    loaded = config.load(trust.TrustStore().state(repository))
    if loaded.used:
        yield ok("settings", "used", CONFIG)
    for told in loaded.warnings:
        yield note("settings", told)


def check_index(repository: Repository) -> Iterator[Finding]:
    """Check that the index is there and sound; it is only a cache."""
    path = repository.state_dir / "index.db"
    if not path.exists():
        yield ok("index", "made by the next command that needs it")
        return
    try:
        database = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)
        try:
            answer = database.execute("PRAGMA quick_check(1)").fetchone()
        finally:
            database.close()
    except sqlite3.Error as error:
        answer = (str(error),)
    if answer == ("ok",):
        yield ok("index", f"{path.stat().st_size:,} bytes", path)
    else:
        yield note("index", "damaged; the next command makes it anew, to the same answers", path)


def check_wording(repository: Repository) -> Iterator[Finding]:
    """Say which command words what is learned, when one was chosen."""
    chosen = config.settings(repository)
    if chosen is None or not chosen.wording:
        return
    command = shlex.join(chosen.wording)
    if wording.is_chosen(repository, chosen.wording):
        yield ok("wording", f"`holdfast ingest` runs `{command}`, at most {chosen.wording_calls} times")
    else:
        yield problem(
            "wording",
            f"local state names the command `{command}`, which was not chosen on this machine; it is not run",
            hint="holdfast learn --wording off",
        )


def check_private_originals(repository: Repository) -> Iterator[Finding]:
    """List what exists on this machine alone and is deleted by nobody but you."""
    for name, what in removal.NEVER_REMOVED.items():
        folder = repository.state_dir / name
        files = [path for path in _files(folder) if path.is_file()]
        if files:
            size = sum(path.stat().st_size for path in files)
            count = "1 file" if len(files) == 1 else f"{len(files):,} files"
            yield note(
                "only here", f"{name}: {what} ({count}, {size:,} bytes); nothing deletes it unasked", folder
            )


def _may_write(folder: Path) -> bool:
    return os.access(folder, os.W_OK | os.X_OK, effective_ids=os.access in os.supports_effective_ids)


def _files(folder: Path) -> list[Path]:
    if folder.is_symlink():
        return []
    return sorted(folder.rglob("*")) if folder.is_dir() else [folder] if folder.is_file() else []
