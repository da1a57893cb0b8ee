"""Which local state was made here, and which came along with somebody's git directory.

Local state travels with a copied or unpacked git directory, and says which records are one's own. So state of
ours bears a mark: the HMAC-SHA256 (RFC 2104) in hexadecimal of the common git directory's inode number, under
a secret that lies outside every repository, where trust is kept. A directory that is moved keeps its inode; a
copy has another one, and only who has the secret can make its mark.

State without our mark is set aside before anything of it is read, and nothing of it counts. Where no secret
can be kept, all is left as it is: trust cannot be kept there either, so nothing is told.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import itertools
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from holdfast.errors import EnvironmentProblem
from holdfast.repo import safe_read
from holdfast.repo.replacing import replace
from holdfast.repo.trust_file import TOKEN, TrustFile, key

if TYPE_CHECKING:
    from holdfast.repo.location import Repository

STATE = "holdfast"
"""Name of the directory of local state, in the common git directory."""
MARK = "mark"
"""Name of the file in it that shows whose it is."""
SECRET = "secret"  # noqa: S105 - the name of a file
"""Name of the file beside trust that marks are made with; without it no state is one's own any more."""

MARKED = "marked"
"""Name of the file beside it that lists where state was marked, a path a line; the secret ends with them."""

_MADE = "made: "
"""What a line of that list begins with that names a folder which was made for it."""
_SET_ASIDE = f"{STATE}.set-aside-"
_BYTES = 32


def is_ours(repository: Repository) -> bool:
    """Tell whether local state bears the mark that only this user can have given it."""
    secret = _secret(repository)
    return secret is not None and _is_marked(repository, STATE, secret)


def mark(repository: Repository) -> None:
    """Mark the local state that is there as ours; nothing is done where no secret can be kept.

    Raises:
        OSError: It cannot be written.
    """
    with _alone(repository) as secret:
        if secret is not None:
            _write_mark(repository, secret)


def make(repository: Repository) -> None:
    """Make the directory of local state, marked and readable by its owner alone, unless ours is there.

    Raises:
        EnvironmentProblem: State of somebody else's is there and cannot be set aside.
        OSError: It cannot be made.
    """
    if is_ours(repository):
        return
    claim(repository)
    state = repository.common_dir / STATE
    with _alone(repository) as secret:  # so that nobody meets it before its mark is there
        state.mkdir(mode=0o700, exist_ok=True)
        if secret is not None and not any(state.iterdir()):
            _write_mark(repository, secret)


def claim(repository: Repository) -> Path | None:
    """Set local state aside that is not ours, before anything of it is read.

    State that was made before there were marks is marked, when this repository was trusted with it. Ours that
    was set aside, as by a container with another home, is put back.

    Returns:
        Where it lies now; None when there was nothing to set aside.

    Raises:
        EnvironmentProblem: It cannot be set aside.
    """
    if is_ours(repository) or not (_holds_state(repository) or set_aside(repository)):
        return None
    with _alone(repository) as secret:
        if secret is None or _is_marked(repository, STATE, secret):
            return None
        if _was_trusted(repository):
            with suppress(OSError):
                _write_mark(repository, secret)
            return None
        try:
            moved = _move_aside(repository) if _holds_state(repository) else None
            _put_back(repository, secret)
        except OSError as error:
            raise EnvironmentProblem(
                f"{repository.common_dir / STATE} was made elsewhere, so nothing of it counts, and it cannot "
                f"be set aside: {error.strerror}.",
                f"Move it away, or give this user write access to {repository.common_dir}.",
            ) from error
        return moved


def set_aside(repository: Repository) -> list[Path]:
    """Return where local state lies that was set aside, the first one first."""
    found = {}
    for path in repository.common_dir.glob(f"{_SET_ASIDE}*"):
        number = path.name.removeprefix(_SET_ASIDE)
        if number.isascii() and number.isdecimal():
            found[int(number)] = path
    return [found[number] for number in sorted(found)]


def remove_if_empty(repository: Repository) -> None:
    """Remove the directory of local state when nothing but its mark is in it."""
    state = repository.common_dir / STATE
    if not state.exists():
        return
    with suppress(OSError), _alone(repository) as secret:
        if all(path.name == MARK for path in state.iterdir()):
            (state / MARK).unlink(missing_ok=True)
            try:
                state.rmdir()
            except OSError:  # another process has just put something there
                if secret is not None:
                    _write_mark(repository, secret)


def forget_unused(folder: Path) -> None:
    """Remove the secret from a user's store, with what was made for it, when nothing bears its mark."""
    listed = folder / MARKED
    with suppress(OSError):
        lines = listed.read_text("utf-8").splitlines() if listed.exists() else []
        if any(Path(line, STATE, MARK).exists() for line in lines if not line.startswith(_MADE)):
            return
        (folder / SECRET).unlink(missing_ok=True)
        listed.unlink(missing_ok=True)
        made = [line.removeprefix(_MADE) for line in lines if line.startswith(_MADE)]
        for each in sorted(made, key=len, reverse=True):
            Path(each).rmdir()


def _holds_state(repository: Repository) -> bool:
    """Tell whether something is there that could be believed: a folder that is not empty, or a link."""
    state = repository.common_dir / STATE
    try:
        mode = state.lstat().st_mode
        return stat.S_ISLNK(mode) or (stat.S_ISDIR(mode) and any(state.iterdir()))
    except FileNotFoundError:
        return False
    except OSError:  # a folder that cannot be listed
        return True


def _move_aside(repository: Repository) -> Path:
    paths = (repository.common_dir / f"{_SET_ASIDE}{number}" for number in itertools.count(1))
    path = next(path for path in paths if not os.path.lexists(path))
    return (repository.common_dir / STATE).rename(path)


def _put_back(repository: Repository, secret: bytes) -> None:
    ours = (path for path in set_aside(repository) if _is_marked(repository, path.name, secret))
    if path := next(ours, None):
        path.rename(repository.common_dir / STATE)


def _was_trusted(repository: Repository) -> bool:
    known = TrustFile().read().get(key(repository))
    return known is not None and known.token != "" and known.token == _read(repository, f"{STATE}/{TOKEN}")


def _is_marked(repository: Repository, folder: str, secret: bytes) -> bool:
    told = _read(repository, f"{folder}/{MARK}")
    return told != "" and hmac.compare_digest(told.encode(), _mark(repository, secret).encode())


def _write_mark(repository: Repository, secret: bytes) -> None:
    replace(repository.common_dir / STATE / MARK, f"{_mark(repository, secret)}\n".encode(), durable=False)
    _list(TrustFile().folder, key(repository))


def _list(folder: Path, *lines: str) -> None:
    """Note where state was marked, or a folder that was made for the secret."""
    with suppress(OSError):  # without it the secret only stays longer
        listed = folder / MARKED
        known = listed.read_text("utf-8").splitlines() if listed.exists() else []
        new = [line for line in lines if line not in known and "\n" not in line]
        if new:
            replace(listed, "".join(f"{each}\n" for each in (*known, *new)).encode(), durable=False)


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
def _alone(repository: Repository) -> Iterator[bytes | None]:
    """Give the secret, which is made when it is missing, while no other process marks or sets aside.

    None where it cannot be kept.
    """
    store = TrustFile()
    if store.problem(repository):
        yield None
        return
    with ExitStack() as stack:
        with suppress(OSError):  # a home that may only be read, or a file system without locks
            missing = [str(each) for each in (store.folder, *store.folder.parents) if not each.exists()]
            store.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _list(store.folder, *(f"{_MADE}{each}" for each in missing))
            lock = os.open(store.folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            stack.callback(os.close, lock)
            fcntl.flock(lock, fcntl.LOCK_EX)
        secret = _secret(repository)
        if secret is None:
            with suppress(OSError):
                replace(store.folder / SECRET, secrets.token_bytes(_BYTES))
            secret = _secret(repository)
        yield secret


def _secret(repository: Repository) -> bytes | None:
    """Return the secret; None when there is none, or none that this user alone can have read and written."""
    store = TrustFile()
    if store.problem(repository):
        return None
    try:
        found = (store.folder / SECRET).lstat()
        data = safe_read.read(store.folder, SECRET, _BYTES)
    except (OSError, EnvironmentProblem):
        return None
    private = found.st_uid == os.geteuid() and not found.st_mode & 0o077
    return data if private and data is not None and len(data) == _BYTES else None
