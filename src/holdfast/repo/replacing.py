"""Replace a file as a whole: a reader, a crash and a full disk all find the old bytes or the new ones."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path


def replace(path: Path, data: bytes, *, durable: bool = True, like: os.stat_result | None = None) -> None:
    """Make ``data`` the content of a file that its owner alone may read, or those who may by ``like``.

    Args:
        path: Which; its folder must exist.
        data: The whole content.
        durable: Wait until the disk has it; a cache need not.
        like: The file whose owner and group, where this process may give them, and mode it is to have.

    Raises:
        OSError: It cannot be written; it is as it was, and nothing is left beside it.
    """
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            if like is not None:
                give(descriptor, like)
            if durable:
                file.flush()
                os.fsync(descriptor)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def give(descriptor: int, like: os.stat_result) -> None:
    """Give an open file the owner and group of another, as far as this process may, and its mode.

    Raises:
        OSError: The mode cannot be set.
    """
    os.fchmod(descriptor, like.st_mode & 0o777)
    for user, group in ((-1, like.st_gid), (like.st_uid, -1)):  # who gave a file away can change no more
        with suppress(OSError):
            os.fchown(descriptor, user, group)
