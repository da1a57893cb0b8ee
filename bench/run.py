"""Run every benchmark in turn: ``make bench``, or ``make bench TRANSCRIPTS=path`` for the real-data halves.

The frozen halves of the labelled sets are not run here; they are run once, by hand, with ``--frozen``.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
WITH_DATA = ("ingest", "tuition", "gate", "redact", "decide", "instructions", "replay")
NEEDS_DATA = ("extract",)

if __name__ == "__main__":
    data = sys.argv[1:]
    labelled = ("gate", "redact", "decide", "instructions", "decisions", "audit")
    names = (
        "ingest",
        "tuition",
        "hooks",
        "mcp",
        "records",
        "recall",
        "semantic",
        *labelled,
        "replay",
        *NEEDS_DATA,
    )
    for name in names:
        if name in NEEDS_DATA and not data:
            continue
        print(f"\n== {name}", flush=True)
        arguments = data if name in (*WITH_DATA, *NEEDS_DATA) else []
        done = subprocess.run([sys.executable, str(HERE / name / "run.py"), *arguments], check=False)
        if done.returncode not in (0, 1):
            sys.exit(done.returncode)
