"""Replace a file as a whole: a reader, a crash and a full disk all find the old bytes or the new ones."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def replace(path: Path, data: bytes, *, durable: bool = True) -> None:
    """Make ``data`` the content of a file that its owner alone may read.

    Args:
        path: Which; its folder must exist.
        data: The whole content.
        durable: Wait until the disk has it; a cache need not.

    Raises:
        OSError: It cannot be written; it is as it was, and nothing is left beside it.
    """
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            if durable:
                file.flush()
                os.fsync(descriptor)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
