"""The file that trust is kept in: where it is, who may have written it, and how it is replaced."""

from __future__ import annotations

import errno
import fcntl
import os
import pwd
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from holdfast.errors import EnvironmentProblem
from holdfast.hook.place import STATE
from holdfast.repo import git
from holdfast.repo.replacing import replace

if TYPE_CHECKING:
    from holdfast.repo.location import Repository

SCHEMA = "holdfast.trust/1"
TOKEN = "trust-id"  # noqa: S105 - the name of a file
"""Name of the file in local state that holds the token of what was accepted."""

OWN_FOLDER = "Set XDG_STATE_HOME to a folder of your own, outside the repository."
"""What to do about a store that cannot be believed."""

_MEND_WORKTREE = "Work where it belongs. If this is a worktree of it that was moved: `git worktree repair`."
_NOWHERE = Path(os.devnull, "holdfast")


class Accepted(msgspec.Struct, frozen=True, kw_only=True):
    """What a person accepted of one repository.

    Attributes:
        token: The mark left in the repository's local state; see `holdfast.repo.trust`.
        accepted: When, in seconds since the epoch.
        folder: The name of this user's local state; see `holdfast.repo.own_state`.
        worktree: Where it was accepted when the git directory does not say whose it is, and then the only
            place where it counts; see `holdfast.hook.place.knows`.
        items: By item, the digests that were accepted, the newest first.
        identities: Addresses whose records may be shown unasked.
    """

    token: str = ""
    folder: str = STATE
    worktree: str = ""
    accepted: int = 0
    items: dict[str, tuple[str, ...]] = {}
    identities: tuple[str, ...] = ()


class _Content(msgspec.Struct, frozen=True, kw_only=True):
    schema: str = SCHEMA
    repositories: dict[str, Accepted] = {}


class TrustFile:
    """``trust.json`` and the contents beside it.

    Args:
        folder: Where; by default ``holdfast`` in the user's XDG state directory.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder if folder is not None else default_folder()
        self.path = self.folder / "trust.json"

    def problem(self, repository: Repository) -> str:
        """Say why what the file says does not count for a repository seen from here; empty when it does."""
        unusable = self.unusable(repository)
        if unusable or repository.is_known:
            return unusable
        here = repository.root or "This folder"
        if repository.is_known is False:
            named = repository.common_dir
            return f"{here} names {named} as its git directory, but that knows of no worktree there."
        entry = self.read().get(key(repository))
        if entry is None or entry.worktree == worktree(repository):
            return ""
        return f"{repository.common_dir} was trusted as the git directory of another worktree, not of {here}."

    def way_out(self, repository: Repository) -> str:
        """Say what to do about a `problem`, or where there is none but nothing was accepted."""
        if self.unusable(repository):
            return OWN_FOLDER
        return _MEND_WORKTREE if repository.is_known is False else "See what it holds: `holdfast trust`"

    def unusable(self, repository: Repository) -> str:
        """Say why the file cannot be believed; empty when it can.

        A store inside the repository, or one that another user owns or could write, says nothing.
        """
        if self.folder == _NOWHERE:
            return "This user has no home directory, so there is no place to keep trust in."
        places = [place for place in (repository.root, repository.common_dir) if place is not None]
        here = self.folder.resolve()
        if here != _own_folder() and any(here.is_relative_to(place) for place in places):
            return f"The place where trust is kept, {self.folder}, lies inside this repository."
        for path in (self.folder, self.path):
            try:
                state = path.lstat()
            except OSError:
                continue
            if stat.S_ISLNK(state.st_mode) and path == self.path:
                return f"{path} is a symbolic link, so what it says does not count."
            found = path.stat() if stat.S_ISLNK(state.st_mode) else state
            if found.st_uid != os.geteuid():
                return f"{path} belongs to another user, so what it says does not count."
            if found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
                return f"Others may write {path}, so what it says does not count. Run: chmod go-w {path}"
        return ""

    def read(self) -> dict[str, Accepted]:
        """Return what was accepted, by repository; nothing when the file is absent or unreadable."""
        try:
            content = msgspec.json.decode(self.path.read_bytes(), type=_Content)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return {}
        return content.repositories if content.schema == SCHEMA else {}

    @contextmanager
    def changing(self, repository: Repository) -> Iterator[dict[str, Accepted]]:
        """Give the entries to change; they are written when the block ends without an error.

        Raises:
            EnvironmentProblem: The store cannot be believed or written.
        """
        if self.unusable(repository) or repository.is_known is False:
            raise EnvironmentProblem(self.problem(repository), self.way_out(repository))
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.folder.chmod(0o700)
            with tempfile.TemporaryFile(dir=self.folder):
                pass  # nothing is begun where it could not be finished
            lock = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise self.cannot_be_written(error) from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self._keep_unreadable()
            entries = dict(self.read())
            yield entries
            replace(self.path, msgspec.json.format(msgspec.json.encode(_Content(repositories=entries))))
            self._forget(entries)
        except OSError as error:
            raise self.cannot_be_written(error) from error
        finally:
            os.close(lock)

    def cannot_be_written(self, error: OSError) -> EnvironmentProblem:
        """Return the error for a store that this user may not write, or that no room is left for."""
        said = git.disk_problem(error, f"Cannot write in {self.folder}, where this user's trust is kept")
        if error.errno not in (errno.EACCES, errno.EPERM, errno.EROFS):
            return said
        return EnvironmentProblem(
            said.message, f"Make {self.folder} writable, or set XDG_STATE_HOME to a folder that is."
        )

    def keep(self, digest: str, text: str) -> None:
        """Keep the text of accepted content, to show later what changed."""
        folder = self.folder / "accepted"
        folder.mkdir(mode=0o700, exist_ok=True)
        path = folder / digest
        if not path.exists():
            replace(path, text.encode("utf-8", "replace"))

    def kept(self, digest: str) -> str | None:
        """Return the text of accepted content, or None when it is not there any more."""
        path = self.folder / "accepted" / digest
        try:
            return path.read_bytes().decode("utf-8", "replace")
        except OSError:
            return None

    def _keep_unreadable(self) -> None:
        """Put aside a file that is damaged, and refuse to replace one that a newer version wrote."""
        try:
            data = self.path.read_bytes()
        except FileNotFoundError:
            return
        try:
            schema = msgspec.json.decode(data, type=_Content).schema
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            self.path.replace(self.path.with_name("trust.json.damaged"))
            return
        if schema != SCHEMA:
            raise EnvironmentProblem(
                f"{self.path} was written by a newer Holdfast ({schema}).",
                "Upgrade Holdfast, then try again.",
            )

    def _forget(self, entries: dict[str, Accepted]) -> None:
        wanted = {digest for entry in entries.values() for found in entry.items.values() for digest in found}
        for path in (self.folder / "accepted").glob("[0-9a-f]*"):
            if path.name not in wanted:
                path.unlink(missing_ok=True)


def key(repository: Repository) -> str:
    """Return what a repository is known by in the store: the real path of its common git directory."""
    return _printable(repository.common_dir.resolve())


def worktree(repository: Repository) -> str:
    """Return where trust of a repository counts alone; empty where its git directory knows the worktree."""
    return "" if repository.is_known or repository.root is None else _printable(repository.root)


def _printable(path: Path) -> str:
    return str(path).encode("utf-8", "backslashreplace").decode()


def default_folder() -> Path:
    """Return where trust is kept: ``$XDG_STATE_HOME/holdfast``, else ``~/.local/state/holdfast``.

    A relative ``XDG_STATE_HOME`` is ignored, as the XDG Base Directory Specification demands.
    """
    told = os.environ.get("XDG_STATE_HOME", "")
    if Path(told).is_absolute():
        return Path(told) / "holdfast"
    try:
        return Path("~/.local/state/holdfast").expanduser()
    except RuntimeError:  # a user without HOME whom the system does not know, as in a container
        return _NOWHERE


def _own_folder() -> Path | None:
    """Return the default folder of the user that the system knows, whatever ``HOME`` says.

    People keep their home directory itself in git; there the default folder counts all the same.
    """
    try:
        home = pwd.getpwuid(os.geteuid()).pw_dir
    except KeyError:
        return None
    return Path(home, ".local/state/holdfast").resolve()
