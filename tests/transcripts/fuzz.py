"""Mutate transcripts and read them: nothing may be raised but the errors that `open_transcript` documents.

Run by hand with many mutants: ``python tests/transcripts/fuzz.py --count 10000 [--seed N] [FILE…]``.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from holdfast.errors import TranscriptError
from holdfast.transcripts.transcript import Checkpoint, open_transcript

FIXTURES = Path(__file__).parent / "fixtures"
HOSTILE = (
    b"null", b"[]", b"{}", b"NaN", b"1e999", b"-1", b"9" * 5_000, b'"\\ud83d"', b"\xff\xfe", b"\x00", b"\n",
    b'"', b"\\", b"}{", b"[" * 2_000, b'{"a":' * 500, b"true", b'"\x1b[31m"', b'""', b"\xef\xbb\xbf", b"\r",
)  # fmt: skip


def mutate(content: bytes, random_: random.Random) -> bytes:
    """Return a transcript with one to eight faults of the kinds that real and hostile files have."""
    for _ in range(random_.randint(1, 8)):
        content = random_.choice(FAULTS)(content, random_)
    return content


def _flip(content: bytes, random_: random.Random) -> bytes:
    at = random_.randrange(len(content) + 1)
    return content[:at] + bytes([random_.randrange(256)]) + content[at + 1 :]


def _delete(content: bytes, random_: random.Random) -> bytes:
    at = random_.randrange(len(content) + 1)
    return content[:at] + content[at + random_.randrange(200) :]


def _insert(content: bytes, random_: random.Random) -> bytes:
    at = random_.randrange(len(content) + 1)
    return content[:at] + random_.choice(HOSTILE) + content[at:]


def _replace_value(content: bytes, random_: random.Random) -> bytes:
    """Put a hostile value in the place of one that stands after a colon."""
    colons = (
        [at for at in range(len(content)) if content[at : at + 1] == b":"] if len(content) < 50_000 else []
    )
    at = random_.choice(colons) + 1 if colons else random_.randrange(len(content) + 1)
    end = min(
        (stop for stop in (content.find(mark, at) for mark in (b",", b"}", b"\n")) if stop > 0), default=at
    )
    return content[:at] + random_.choice(HOSTILE) + content[end:]


def _truncate(content: bytes, random_: random.Random) -> bytes:
    return content[: random_.randrange(len(content) + 1)]


def _swap_lines(content: bytes, random_: random.Random) -> bytes:
    lines = content.split(b"\n")
    one, other = random_.randrange(len(lines)), random_.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return b"\n".join(lines)


def _repeat_line(content: bytes, random_: random.Random) -> bytes:
    lines = content.split(b"\n")
    lines.insert(random_.randrange(len(lines)), random_.choice(lines))
    return b"\n".join(lines)


def _join_lines(content: bytes, random_: random.Random) -> bytes:
    at = content.find(b"\n", random_.randrange(len(content) + 1))
    return content if at < 0 else content[:at] + content[at + 1 :]


FAULTS: Sequence[Callable[[bytes, random.Random], bytes]] = (
    _flip, _delete, _insert, _replace_value, _truncate, _swap_lines, _repeat_line, _join_lines,
)  # fmt: skip


def read_mutant(path: Path, content: bytes, random_: random.Random) -> str:
    """Read a mutant at once and in two goes; return what came of it.

    Raises:
        AssertionError: Counts do not add up, or a checkpoint cannot be stored.
    """
    path.write_bytes(content)
    try:
        transcript = open_transcript(path)
    except TranscriptError:
        return "not recognised"
    events = list(transcript.events())
    counts = transcript.counts
    assert counts.records == counts.understood + counts.ignored + counts.unknown, counts
    assert msgspec.json.encode(events)
    path.write_bytes(content[: random_.randrange(len(content) + 1)])
    try:
        first = open_transcript(path)
        list(first.events())
    except TranscriptError:
        return "read"
    stored = msgspec.json.encode(first.checkpoint())
    path.write_bytes(content)
    second = open_transcript(path, since=msgspec.json.decode(stored, type=Checkpoint))
    list(second.events())
    assert second.byte_range[1] == transcript.byte_range[1]
    total = first.counts.records + second.counts.records if second.resumed else second.counts.records
    assert total == counts.records, (total, counts)
    return "read with malformed lines" if counts.malformed else "read"


def fuzz(count: int, seed: int, files: Sequence[Path]) -> Counter[str]:
    """Read mutants of some files; return how many came to what.

    Raises:
        RuntimeError: A mutant raised something; the message names its seed, by which it is made again.
    """
    outcomes: Counter[str] = Counter()
    originals = [path.read_bytes() for path in files]
    with tempfile.TemporaryDirectory() as folder:
        for number in range(count):
            random_ = random.Random(f"{seed}/{number}")
            content = mutate(random_.choice(originals), random_)
            try:
                outcomes[read_mutant(Path(folder) / "log.jsonl", content, random_)] += 1
            except Exception as problem:
                raise RuntimeError(
                    f"mutant {seed}/{number}: {type(problem).__name__}: {problem}"
                ) from problem
    return outcomes


def fixtures() -> list[Path]:
    """Return the fixture logs."""
    return sorted(path for path in FIXTURES.iterdir() if not path.name.endswith(".events.jsonl"))


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("files", nargs="*", type=Path)
    options = parser.parse_args()
    outcomes = fuzz(options.count, options.seed, options.files or fixtures())
    sys.stdout.write("".join(f"{number:7d}  {outcome}\n" for outcome, number in outcomes.most_common()))


if __name__ == "__main__":
    main()
