"""Tell, without git and without the rest of Holdfast, whether a person trusted what a repository holds now.

`holdfast.repo.trust` says what trust is. Here the same file is read. It names the folder of this user's local
state, which must hold the mark that was accepted, and each file under ``.holdfast/`` must have a digest that
was. Where anything is in doubt the answer is no.
"""

from __future__ import annotations

import os
import stat
import sys

from .json_reading import read_object
from .place import STATE, Place, is_state, may_hold_state, read_text

_FOLDER = ".holdfast"
_SCHEMA = "holdfast.trust/1"
_MOST_FILES, _DEEPEST, _LARGEST = 500, 8, 1 << 20
_STORE = 1 << 24


def is_trusted(place: Place) -> bool:
    """Tell whether everything that a repository holds now was accepted on this machine."""
    items = accepted(place)
    return items is not None and is_as_accepted(place, items)


def accepted(place: Place) -> dict[str, object] | None:
    """Return the digests that were accepted of a repository, and let the place know its local state.

    None when nothing was accepted, or it was another repository, or another folder that named this one.
    """
    folder = _store() if may_hold_state(place.common_dir) else ""
    if not folder or not _is_own(folder, place):
        return None
    content = read_object(read_text(os.path.join(folder, "trust.json"), _STORE))
    entries = content.get("repositories")
    if content.get("schema", _SCHEMA) != _SCHEMA or not isinstance(entries, dict):
        return None
    found = entries.get(_printable(os.path.realpath(place.common_dir)))
    if not isinstance(found, dict):
        return None
    name, items, token = found.get("folder", STATE), found.get("items", {}), found.get("token")
    is_here = place.is_known or found.get("worktree") == _printable(place.root)
    if not is_here or not isinstance(name, str) or not is_state(name) or not isinstance(items, dict):
        return None
    state = os.path.join(place.common_dir, name)
    mark = os.path.join(state, "trust-id")
    if os.path.islink(state) or os.path.islink(mark):
        return None
    if not token or token != read_text(mark, 200).strip():
        return None  # without a token nothing could be kept here, so what is here is not ours
    place.state = state
    return items


def is_as_accepted(place: Place, items: dict[str, object]) -> bool:
    """Tell whether what could run or reach an agent is as it was accepted, by the digests of `accepted`."""
    try:
        return _all_accepted(place.root, items)
    except OSError:
        return False


def _store() -> str:
    told = os.environ.get("XDG_STATE_HOME", "")
    if os.path.isabs(told):
        return os.path.join(told, "holdfast")
    home = os.path.expanduser("~")
    return os.path.join(home, ".local/state/holdfast") if os.path.isabs(home) else ""


def _is_own(folder: str, place: Place) -> bool:
    """Tell whether only this user can have written the store, and not as part of the repository."""
    for path in (folder, os.path.join(folder, "trust.json")):
        try:
            found = os.stat(path)
            linked = stat.S_ISLNK(os.lstat(path).st_mode)
        except OSError:
            return False
        if found.st_uid != os.geteuid() or found.st_mode & 0o022 or (linked and path != folder):
            return False
    here = os.path.realpath(folder)
    inside = any(f"{here}/".startswith(top.rstrip("/") + "/") for top in (place.root, place.common_dir))
    return not inside or here == _usual()


def _usual() -> str:
    import pwd

    try:
        home = pwd.getpwuid(os.geteuid()).pw_dir
    except KeyError:
        return ""
    return os.path.realpath(os.path.join(home, ".local/state/holdfast"))


def _all_accepted(root: str, items: dict[str, object]) -> bool:
    """Tell whether each file under ``.holdfast/``, or what stands in that folder's place, was accepted."""
    seen = 0
    waiting = [(_FOLDER, 0)]
    while waiting:
        name, depth = waiting.pop()
        path = os.path.join(root, name)
        try:
            mode = os.lstat(path).st_mode
        except FileNotFoundError:
            continue
        if stat.S_ISDIR(mode):
            if depth >= _DEEPEST:
                return False
            waiting.extend((f"{name}/{each}", depth + 1) for each in os.listdir(path))
            continue
        seen += 1
        known = items.get(_printable(name))
        if seen > _MOST_FILES or not isinstance(known, list) or _digest(path, mode) not in known:
            return False
    return True


def _digest(path: str, mode: int) -> str:
    """Return the digest by which a file is accepted as it is: see `holdfast.repo.items`.

    What is never read, as a link, is accepted by what is said of it; a device or a pipe never is.
    """
    if stat.S_ISLNK(mode):
        return sha256(_printable(f"is a symbolic link to {os.readlink(path)}").encode())
    if not stat.S_ISREG(mode):
        return ""
    with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
        data = file.read(_LARGEST + 1)
    return sha256(data if len(data) <= _LARGEST else f"is larger than {_LARGEST:,} bytes".encode())


def _printable(path: str) -> str:
    return path.encode("utf-8", "backslashreplace").decode()


def sha256(data: bytes) -> str:
    """Return the SHA-256 of bytes in hexadecimal, by the interpreter's own code: OpenSSL loads slowly."""
    try:
        own = __import__("_sha2" if sys.version_info >= (3, 12) else "_sha256")
    except ImportError:
        import hashlib as own
    return str(own.sha256(data).hexdigest())
