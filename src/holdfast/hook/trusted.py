"""Tell, without git and without the rest of Holdfast, whether a person trusted what a repository holds now.

`holdfast.repo.trust` says what trust is. Here the same file is read: the repository's mark must be the one
that was accepted, and each file under ``.holdfast/`` must have a digest that was. Where anything is in doubt
the answer is no.
"""

from __future__ import annotations

import os
import stat

from .json_reading import read_object
from .place import Place, read_text

_FOLDER = ".holdfast"
_SCHEMA = "holdfast.trust/1"
_MOST_FILES, _DEEPEST, _LARGEST = 500, 8, 1 << 20
_STORE = 1 << 24


def is_trusted(place: Place) -> bool:
    """Tell whether everything that a repository holds now was accepted on this machine."""
    folder = _store()
    if not folder or not _is_own(folder, place):
        return False
    content = read_object(read_text(os.path.join(folder, "trust.json"), _STORE))
    entries = content.get("repositories")
    if content.get("schema", _SCHEMA) != _SCHEMA or not isinstance(entries, dict):
        return False
    name = os.path.realpath(place.common_dir).encode("utf-8", "backslashreplace").decode()
    accepted = entries.get(name)
    if not isinstance(accepted, dict):
        return False
    mark = read_text(os.path.join(place.state, "trust-id"), 200).strip()
    items = accepted.get("items", {})
    if accepted.get("token", "") != mark or not isinstance(items, dict):
        return False
    return _all_accepted(place.root, items)


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
    inside = any(here.startswith(top.rstrip("/") + "/") for top in (place.root, place.common_dir))
    return not inside or here == _usual()


def _usual() -> str:
    import pwd

    try:
        home = pwd.getpwuid(os.geteuid()).pw_dir
    except KeyError:
        return ""
    return os.path.realpath(os.path.join(home, ".local/state/holdfast"))


def _all_accepted(root: str, items: dict[str, object]) -> bool:
    """Tell whether each file under ``.holdfast/`` was accepted as it is; what is no file is never read."""
    top = os.path.join(root, _FOLDER)
    if os.path.islink(top) or not os.path.isdir(top):
        return not os.path.lexists(top) or _FOLDER in items
    seen = 0
    waiting = [(_FOLDER, 0)]
    while waiting:
        name, depth = waiting.pop()
        with os.scandir(os.path.join(root, name)) as entries:
            for entry in entries:
                seen += 1
                path = f"{name}/{entry.name}"
                if seen > _MOST_FILES or depth > _DEEPEST:
                    return False
                if entry.is_dir(follow_symlinks=False):
                    waiting.append((path, depth + 1))
                elif not _is_accepted(root, path, items):
                    return False
    return True


def _is_accepted(root: str, path: str, items: dict[str, object]) -> bool:
    known = items.get(path.encode("utf-8", "backslashreplace").decode())
    if not isinstance(known, list):
        return False
    full = os.path.join(root, path)
    if os.path.islink(full) or not os.path.isfile(full):
        return True  # it was shown as something that is never read
    if os.path.getsize(full) > _LARGEST:
        return True
    with open(full, "rb") as file:
        return sha256(file.read(_LARGEST + 1)) in known


def sha256(data: bytes) -> str:
    """Return the SHA-256 of bytes in hexadecimal, by the interpreter's own code: OpenSSL loads slowly."""
    try:
        from _sha2 import sha256 as digest  # type: ignore[import-not-found]
    except ImportError:
        try:
            from _sha256 import sha256 as digest  # type: ignore[import-not-found]
        except ImportError:
            from hashlib import sha256 as digest
    return str(digest(data).hexdigest())
