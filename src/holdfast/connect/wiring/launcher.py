"""The launcher: what user-level settings call, so that they hold when Holdfast is moved or taken away.

A script of POSIX sh in the user's data directory. It says nothing and succeeds when the interpreter or the
hook is gone.
"""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path
from typing import NamedTuple

import holdfast
from holdfast.connect.wiring.agent import Surroundings

_SCRIPT = """\
#!/bin/sh
# Written by `holdfast init`, removed by `holdfast init --undo`.
# Your coding agents call it; it is silent when Holdfast is gone.
PYTHON={python}
HOOK={hook}
[ -x "$PYTHON" ] && [ -d "$HOOK" ] || exit 0
exec "$PYTHON" -I -S "$HOOK/__main__.py" "$@" 2>/dev/null
"""
_ASSIGNED = re.compile(r"^(PYTHON|HOOK)=(.*)$", re.MULTILINE)


class Runs(NamedTuple):
    """What a launcher runs: the interpreter, and the folder of the hook."""

    python: str
    hook: str

    @property
    def gone(self) -> str:
        """Return the path that is not there any more; empty when all is."""
        if not self.python or not Path(self.python).is_file():
            return self.python or "the interpreter"
        return "" if Path(self.hook).is_dir() else self.hook or "the hook"


def path(around: Surroundings) -> Path:
    """Return where the launcher is: ``$XDG_DATA_HOME/holdfast/hook``, else below ``~/.local/share``."""
    data = around.named("XDG_DATA_HOME") or around.home / ".local" / "share"
    return data / "holdfast" / "hook"


def script() -> str:
    """Return the text of the launcher of this installation."""
    hook = Path(holdfast.__file__).parent / "hook"
    return _SCRIPT.format(python=shlex.quote(sys.executable), hook=shlex.quote(str(hook)))


def runs(text: str) -> Runs:
    """Return what a launcher runs."""
    found = {}
    for name, value in _ASSIGNED.findall(text):
        try:
            found[name] = "".join(shlex.split(value))
        except ValueError:
            continue
    return Runs(found.get("PYTHON", ""), found.get("HOOK", ""))


def is_ours(text: str) -> bool:
    """Tell whether a text is that of a launcher."""
    return text.startswith("#!/bin/sh\n# Written by `holdfast init`")
