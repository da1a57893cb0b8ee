"""What was written into agents' settings, where, and which repositories rely on it.

One file of this user's, ``wiring.json`` beside the file of trust, so that all repositories know of each
other: user-level settings are taken out again when the last one is.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Literal

import msgspec

from holdfast.connect import user_lock
from holdfast.errors import EnvironmentProblem
from holdfast.repo import git, own_state
from holdfast.repo.replacing import replace
from holdfast.repo.trust_file import TrustFile, default_folder

SCHEMA = "holdfast.wiring/1"

_OWN = ("trust.json", "lock", "wiring.lock", "mended.json")

Kind = Literal["element", "member", "support", "text", "block"]


class Added(msgspec.Struct, frozen=True):
    """One thing that was added to a file: where, what, and of which kind."""

    at: tuple[str, ...]
    value: Any
    kind: Kind


class Wired(msgspec.Struct, frozen=True, kw_only=True):
    """What was added to one file.

    Attributes:
        agent: Whose file it is.
        repository: The common git directory of the repository that the file is in; empty at user level.
        created: Whether the file was made for it, or held nothing; ``was`` what it held, None for no file.
        folders: The folders that were made for it.
        made: The objects and arrays that were made in it.
        hollow: Those that were empty, with the space between their brackets.
        added: What was added.
    """

    agent: str
    repository: str = ""
    created: bool = False
    was: str | None = None
    folders: tuple[str, ...] = ()
    made: tuple[tuple[str, ...], ...] = ()
    hollow: tuple[tuple[tuple[str, ...], str], ...] = ()
    added: tuple[Added, ...] = ()


class Relying(msgspec.Struct, frozen=True, kw_only=True):
    """What one repository relies on.

    Attributes:
        level: Its level.
        agents: The agents that call Holdfast for it, by their user-level settings.
        tracked: Those that do by files in the repository.
        since: When it was set up so, in seconds since the epoch; ``agents_since`` by agent, where later.
    """

    level: str
    agents: tuple[str, ...] = ()
    tracked: tuple[str, ...] = ()
    since: int = 0
    agents_since: dict[str, int] = {}


class Registry(msgspec.Struct, frozen=True, kw_only=True):
    """All of it: by common git directory, and by file; and the folders that were made on the way."""

    schema: str = SCHEMA
    folders: tuple[str, ...] = ()
    repositories: dict[str, Relying] = {}
    files: dict[str, Wired] = {}


def path() -> Path:
    """Return the file that the registry is in."""
    return default_folder() / "wiring.json"


def read() -> Registry:
    """Return the registry; an empty one when there is none, or it is damaged.

    Raises:
        EnvironmentProblem: A newer version wrote it.
    """
    try:
        data = path().read_bytes()
        schema = msgspec.json.decode(data, type=dict[str, Any]).get("schema", "")
        if schema != SCHEMA:
            raise EnvironmentProblem(
                f"{path()} was written by a newer Holdfast ({schema}).", "Upgrade Holdfast, then try again."
            )
        return msgspec.json.decode(data, type=Registry)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return Registry()


def is_damaged() -> bool:
    """Tell whether there is a registry that cannot be read: what was written where is not known then."""
    try:
        return path().exists() and read() == Registry() and bool(path().stat().st_size)
    except EnvironmentProblem:
        return False


def remove_if_empty() -> None:
    """Remove what this user's store holds when nothing is wired or trusted any more, as an undo leaves it."""
    folder = default_folder()
    trusted = TrustFile(folder)
    if path().exists() or trusted.read() or not folder.exists():
        return
    stays = {own_state.SECRET, own_state.MARKED}  # local state elsewhere may need them
    if {each.name for each in folder.iterdir()} <= {*_OWN, "accepted", *stays}:
        for name in _OWN if trusted.path.exists() else ():
            (folder / name).unlink(missing_ok=True)
        with suppress(OSError):
            (folder / "accepted").rmdir()
        own_state.forget_unused(folder)


@contextmanager
def alone() -> Iterator[None]:
    """Keep other processes of this user from wiring agents at the same time.

    Raises:
        EnvironmentProblem: The folder cannot be written.
    """
    with user_lock.held(default_folder() / "wiring.lock", guards=path()):
        yield


def write(registry: Registry) -> None:
    """Keep the registry, for its owner alone; an empty one leaves no file.

    Raises:
        EnvironmentProblem: It cannot be written.
    """
    target = path()
    try:
        if not registry.repositories and not registry.files:
            target.unlink(missing_ok=True)
            return
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        replace(target, msgspec.json.format(msgspec.json.encode(registry)) + b"\n")
    except OSError as error:
        raise git.disk_problem(error, f"Cannot write {target}") from error
