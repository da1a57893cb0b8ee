"""``python -m holdfast.connect.plugin FOLDER``: write the plug-in and its marketplace into a folder."""

from __future__ import annotations

import sys
from pathlib import Path

from holdfast.connect.plugin.build import write
from holdfast.connect.plugin.presence import NAME

_NEXT = """\
Claude Code:  claude plugin marketplace add {folder} && claude plugin install {name}@{name}
Codex:        codex plugin marketplace add {folder} && codex plugin add {name}@{name}
"""


def main() -> int:
    """Write it and say how it is installed; 2 without a folder."""
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        sys.stderr.write("Say where: python -m holdfast.connect.plugin FOLDER\n")
        return 2
    folder = Path(sys.argv[1])
    written = write(folder)
    sys.stdout.write(f"Wrote {len(written)} files to {folder}.\n")
    sys.stdout.write(_NEXT.format(folder=folder.resolve(), name=NAME))
    return 0


if __name__ == "__main__":
    sys.exit(main())
