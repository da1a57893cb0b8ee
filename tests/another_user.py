"""Act as a user who may do less, since root may read and write anything."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_NOBODY = 65534


@contextmanager
def another_user(folder: Path) -> Iterator[None]:
    """Give up root for a while; settings of git and what is kept for a user are below ``folder``."""
    (folder / ".gitconfig").write_text("[safe]\n\tdirectory = *\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GIT_CONFIG_GLOBAL", str(folder / ".gitconfig"))
        patch.setenv("XDG_STATE_HOME", str(folder / "state"))
        if os.geteuid() != 0:
            yield
            return
        os.setegid(_NOBODY)
        os.seteuid(_NOBODY)
        try:
            yield
        finally:
            os.seteuid(0)
            os.setegid(0)
