"""Write a large transcript into a temporary directory, read it in a process of its own, say what it took.

Run by hand: ``python tests/transcripts/large.py --megabytes 1024``. The file is deleted at the end.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

READ = """
import resource, sys, time
from holdfast.transcripts.transcript import open_transcript
begun = time.perf_counter()
transcript = open_transcript(sys.argv[1])
events = sum(1 for _ in transcript.events())
transcript.checkpoint()
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
peak = peak // 1024 if sys.platform == "darwin" else peak
print(events, round(time.perf_counter() - begun, 1), peak // 1024, transcript.counts.oversized)
"""


def write(path: Path, size: int) -> None:
    """Write a transcript of about a size in bytes: calls, long outputs, one line over the limit."""
    common = {"isSidechain": False, "sessionId": "s" * 36, "cwd": "/home/ada/shop", "version": "2.1.12"}
    output = "\n".join(f"tests/test_{number}.py::test_it PASSED \t\u2713" for number in range(400))
    with path.open("w", encoding="utf-8") as log:
        number = 0
        while log.tell() < size:
            number += 1
            identity = f"toolu_{number:024d}"
            call = {
                "type": "tool_use",
                "id": identity,
                "name": "Bash",
                "input": {"command": f"make {number}"},
            }
            answer = {"type": "tool_result", "tool_use_id": identity, "content": output}
            for kind, block in (("assistant", call), ("user", answer)):
                message = {"role": kind, "content": [block]}
                if kind == "assistant":
                    message |= {"id": f"msg_{number:024d}", "usage": {"output_tokens": number}}
                record = {**common, "type": kind, "uuid": f"{kind}-{number:030d}", "message": message}
                log.write(json.dumps(record | {"toolUseResult": {"stdout": output}}) + "\n")
            if number == 100:
                log.write('{"type":"user","message":"' + "x" * (48 << 20) + '"}\n')


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=1024)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.jsonl"
        begun = time.perf_counter()
        write(path, options.megabytes << 20)
        size = path.stat().st_size
        sys.stdout.write(f"wrote {size >> 20} MiB in {time.perf_counter() - begun:.0f} s\n")
        done = subprocess.run(
            [sys.executable, "-c", READ, str(path)], capture_output=True, text=True, check=True
        )
    events, seconds, peak, oversized = done.stdout.split()
    sys.stdout.write(
        f"read {events} events in {seconds} s ({(size >> 20) / float(seconds):.0f} MiB/s), "
        f"peak memory {peak} MiB, lines passed over {oversized}\n"
    )
    sys.exit(int(peak) >= 200)


if __name__ == "__main__":
    main()
