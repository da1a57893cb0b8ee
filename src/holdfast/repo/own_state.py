"""Which local state this user made here, and which came along with a git directory or is another user's.

Local state travels with a copied or unpacked git directory, and says which records are one's own. So state of
ours bears a mark: the HMAC-SHA256 (RFC 2104) in hexadecimal of the common git directory's inode number, under
a secret that lies outside every repository, where trust is kept. A directory that is moved keeps its inode; a
copy has another one, and only who has the secret can make its mark.

Each user has a folder: the first one ``holdfast``. Where something of that name is there that does not bear
our mark, ours is ``holdfast-`` and eight digits, which differ by user and git directory. So a host and a
container with another home use one checkout side by side. What does not bear our mark is not read, moved or
changed. Where no secret can be kept, as without a home, it is ``holdfast`` as it is: trust cannot be kept
there either, so nothing is told.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import hmac
import os
import secrets
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from holdfast.errors import EnvironmentProblem
from holdfast.hook.place import STATE, is_state
from holdfast.repo import safe_read
from holdfast.repo.replacing import replace
from holdfast.repo.trust_file import TOKEN, TrustFile, key

if TYPE_CHECKING:
    from holdfast.repo.location import Repository

MARK = "mark"
"""Name of the file in local state that shows whose it is."""
SECRET = "secret"  # noqa: S105 - the name of a file
"""Name of the file beside trust that marks are made with; without it no state is one's own any more."""

MARKED = "marked"
"""Name of the file beside it that lists what was marked, a folder a line; the secret ends with them."""

_MADE = "made: "
"""What a line of that list begins with that names a folder which was made for it."""
_BYTES = 32


def is_ours(repository: Repository) -> bool:
    """Tell whether there is local state that bears the mark only this user can have given it."""
    store = TrustFile()
    return not store.unusable(repository) and _marked(repository, _secret(store)) is not None


def folder(repository: Repository) -> Path:
    """Return where this user's local state is, or will be; it may not exist yet.

    State that was made before there were marks is marked, when this repository was trusted with it.

    Raises:
        EnvironmentProblem: There is no room for it, or no place to keep the secret in.
    """
    store = TrustFile()
    plain = repository.common_dir / STATE
    if store.unusable(repository):
        return plain
    found = _marked(repository, _secret(store)) or _trusted(repository, store)
    if found is not None or _is_free(plain):
        return found or plain
    with _alone(store) as secret:
        return _room(repository, secret)


def make(repository: Repository) -> Path:
    """Return the folder of local state, made and marked unless it is there, readable by its owner alone.

    Raises:
        EnvironmentProblem: There is no room for it, or no place to keep the secret in.
        OSError: It cannot be made.
    """
    store = TrustFile()
    if store.unusable(repository):
        plain = repository.common_dir / STATE
        plain.mkdir(mode=0o700, exist_ok=True)
        return plain
    found = _marked(repository, _secret(store)) or _trusted(repository, store)
    if found is not None:
        return found
    had_secret = _secret(store) is not None
    with _alone(store) as secret:
        while (ours := _marked(repository, secret)) is None:
            room = _room(repository, secret)
            try:
                is_put = _put(room, _mark(repository, secret), store)
            except OSError:
                if not had_secret:
                    forget_unused(store.folder)
                raise
            if is_put:
                return room
        return ours


def mark(repository: Repository) -> None:
    """Mark the folder ``holdfast`` that is there as ours.

    Raises:
        EnvironmentProblem: There is no place to keep the secret in.
        OSError: It cannot be written.
    """
    store = TrustFile()
    with _alone(store) as secret:
        _write_mark(repository.common_dir / STATE, _mark(repository, secret), store)


def others(repository: Repository) -> list[Path]:
    """Return what lies where local state would and is not ours, so that it is never read; no empty folder."""
    try:
        ours = folder(repository)
    except EnvironmentProblem:
        ours = None
    return [path for path in _folders(repository) if path != ours and not _is_free(path)]


def remove_if_empty(repository: Repository) -> None:
    """Remove the folder of local state when nothing but its mark is in it."""
    store = TrustFile()
    if store.unusable(repository):
        found: Path | None = repository.common_dir / STATE
    else:
        found = _marked(repository, _secret(store))
    if found is None or not found.exists():
        return
    with suppress(OSError, EnvironmentProblem), ExitStack() as stack:
        secret = None if store.unusable(repository) else stack.enter_context(_alone(store))
        if all(path.name == MARK for path in found.iterdir()):
            (found / MARK).unlink(missing_ok=True)
            try:
                found.rmdir()
            except OSError:  # another process has just put something there
                if secret is not None:
                    _write_mark(found, _mark(repository, secret), store)


def forget_unused(folder: Path) -> None:
    """Remove the secret from a user's store, with what was made for it, when nothing bears its mark."""
    listed = folder / MARKED
    with suppress(OSError):
        lines = listed.read_text("utf-8").splitlines() if listed.exists() else []
        if any(Path(line, MARK).exists() for line in lines if not line.startswith(_MADE)):
            return
        (folder / SECRET).unlink(missing_ok=True)
        listed.unlink(missing_ok=True)
        made = [line.removeprefix(_MADE) for line in lines if line.startswith(_MADE)]
        for each in sorted(made, key=len, reverse=True):
            Path(each).rmdir()


def _folders(repository: Repository) -> list[Path]:
    """Return all that bears a name of local state, ``holdfast`` first."""
    try:
        found = sorted(path for path in repository.common_dir.iterdir() if is_state(path.name))
    except OSError:
        return [repository.common_dir / STATE]
    return found


def _marked(repository: Repository, secret: bytes | None) -> Path | None:
    if secret is None:
        return None
    mark = _mark(repository, secret).encode()
    for path in _folders(repository):
        told = _read(repository, f"{path.name}/{MARK}").encode()
        if told and hmac.compare_digest(told, mark):
            return path
    return None


def _trusted(repository: Repository, store: TrustFile) -> Path | None:
    """Return the state that this repository was trusted with, and mark it; None when it is not there."""
    known = store.read().get(key(repository))
    if known is None or not known.token or not is_state(known.folder):
        return None
    if known.token != _read(repository, f"{known.folder}/{TOKEN}"):
        return None
    found = repository.common_dir / known.folder
    with suppress(OSError, EnvironmentProblem), _alone(store) as secret:
        _write_mark(found, _mark(repository, secret), store)
    return found


def _room(repository: Repository, secret: bytes) -> Path:
    """Return the first name for state of ours that nothing is at."""
    inode = repository.common_dir.stat().st_ino
    digits = hmac.new(secret, f"folder {inode}".encode(), hashlib.sha256).hexdigest()[:8]
    names = [repository.common_dir / name for name in (STATE, f"{STATE}-{digits}")]
    free = next((path for path in names if _is_free(path)), None)
    if free is None:
        raise EnvironmentProblem(
            f"There is no room for local state: {names[0]} and {names[1]} were both made elsewhere.",
            f"Move one of them away: mv {names[1]} {names[1]}.old",
        )
    return free


def _is_free(path: Path) -> bool:
    """Tell whether nothing is at a path that could be believed or lost: at most an empty folder."""
    try:
        return stat.S_ISDIR(path.lstat().st_mode) and not any(path.iterdir())
    except FileNotFoundError:
        return True
    except OSError:  # a folder that cannot be listed
        return False


def _put(path: Path, mark: str, store: TrustFile) -> bool:
    """Make a folder with its mark in it, at once; False when another process was there first."""
    _list(store.folder, str(path))
    made = Path(tempfile.mkdtemp(prefix=f"{STATE}.new-", dir=path.parent))
    try:
        replace(made / MARK, f"{mark}\n".encode(), durable=False)
        with suppress(OSError):
            path.rmdir()  # an empty folder, which not every file system lets a rename replace
        made.rename(path)
    except OSError as error:
        shutil.rmtree(made, ignore_errors=True)
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR):
            raise
        return False
    return True


def _write_mark(folder: Path, mark: str, store: TrustFile) -> None:
    replace(folder / MARK, f"{mark}\n".encode(), durable=False)
    with suppress(OSError):  # without it the secret only goes earlier
        _list(store.folder, str(folder))


def _list(folder: Path, *lines: str) -> None:
    """Note a folder that is marked, or one that was made for the secret."""
    listed = folder / MARKED
    known = listed.read_text("utf-8").splitlines() if listed.exists() else []
    new = [line for line in lines if line not in known and "\n" not in line]
    if new:
        text = "".join(f"{each}\n" for each in (*known, *new))
        replace(listed, text.encode("utf-8", "backslashreplace"), durable=False)


def _mark(repository: Repository, secret: bytes) -> str:
    inode = repository.common_dir.stat().st_ino
    return hmac.new(secret, str(inode).encode(), hashlib.sha256).hexdigest()


def _read(repository: Repository, path: str) -> str:
    try:
        found = safe_read.read(repository.common_dir, path, 200)
    except EnvironmentProblem:
        return ""
    return (found or b"").decode("ascii", "replace").strip()


@contextmanager
def _alone(store: TrustFile) -> Iterator[bytes]:
    """Give the secret, which is made when it is missing, while no other process of this user makes or marks.

    Raises:
        EnvironmentProblem: It cannot be kept.
    """
    with ExitStack() as stack:
        try:
            missing = [str(each) for each in (store.folder, *store.folder.parents) if not each.exists()]
            store.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = os.open(store.folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            stack.callback(os.close, lock)
            with suppress(OSError):  # a file system without locks
                fcntl.flock(lock, fcntl.LOCK_EX)
            secret = _secret(store)
            if secret is None:
                _list(store.folder, *(f"{_MADE}{each}" for each in missing))
                secret = secrets.token_bytes(_BYTES)
                replace(store.folder / SECRET, secret)
        except OSError as error:
            raise store.cannot_be_written(error) from error
        yield secret


def _secret(store: TrustFile) -> bytes | None:
    """Return the secret; None when there is none, or none that this user alone can have read and written."""
    try:
        found = (store.folder / SECRET).lstat()
        data = safe_read.read(store.folder, SECRET, _BYTES)
    except (OSError, EnvironmentProblem):
        return None
    private = found.st_uid == os.geteuid() and not found.st_mode & 0o077
    return data if private and data is not None and len(data) == _BYTES else None
