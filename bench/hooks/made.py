"""A repository that met any number of failures, each with the learning that ended it, to measure hooks on."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

from holdfast.connect import setup
from holdfast.hook import signature
from holdfast.repo import records
from holdfast.repo.location import Repository
from holdfast.repo.records import Applies, Learning, Segment, SignatureStatistics, Source
from holdfast.repo.trust import TrustStore, seen_identities

_TOOLS = "pytest cargo make gradle tox deno mix rake bazel ninja".split()
_SUBJECTS = "lock socket schema cache token fixture migration manifest bundle worker".split()
SESSION = 20
"""Failures that one session met."""


def make(folder: Path, learnings: int) -> Repository:
    """Return a repository that is set up, with so many learnings and the sessions that they come from."""
    subprocess.run(["git", "init", "-q", "-b", "main", str(folder)], check=True)
    repository = Repository.find(folder)
    repository.git("config", "user.name", "A")
    repository.git("config", "user.email", "a@example.invalid")
    repository.git("commit", "-q", "--allow-empty", "-m", "first")
    setup.init(repository, private=False)
    every = b"".join(_records(learnings))
    subprocess.run(["git", "fast-import", "--quiet"], cwd=folder, input=every, check=True)
    TrustStore().accept(repository, seen_identities(repository))
    return repository


def command(number: int) -> str:
    """Return the command of a failure."""
    return f"{_TOOLS[number % 10]} run {_SUBJECTS[number // 10 % 10]}{number}"


def output(number: int) -> str:
    """Return what it printed, after a page of what is no error."""
    page = "\n".join(f"collected item {line} of module part{line}" for line in range(40))
    return (
        f"Exit code 1\n{page}\n{_SUBJECTS[number // 10 % 10]}{number}: error: cannot open the part {number}x"
    )


def _records(learnings: int) -> Iterator[bytes]:
    yield b"commit refs/heads/holdfast\ncommitter A <a@example.invalid> 1700000000 +0000\ndata 4\nfill\n"
    met: list[SignatureStatistics] = []
    for number in range(learnings):
        signed = signature.sign("Bash", command(number), output(number))
        learning = Learning(
            id=_id(f"learning {number}"),
            kind="failure",
            created="2026-01-05",
            text=f"Use `{command(number)} --part`, not `{command(number)}`: “{signed.line}”.",
            applies=Applies(
                commands=(signed.owner,), families=(signed.family,), specifics=(signed.specific,)
            ),
        )
        yield _file(learning.path, records.encode(learning))
        met.append(
            SignatureStatistics(
                family=signed.family, specific=signed.specific, command=signed.owner, occurrences=1,
                resolved=1, steps=(4,), tokens=900, fixed_by={learning.id: 1},
            )
        )  # fmt: skip
        if len(met) > SESSION or number == learnings - 1:
            for copy in range(2):
                segment = _segment(f"{number} {copy}", tuple(met))
                yield _file(segment.path, records.encode(segment))
            del met[1:]  # the first comes back in every session, so that a start has something to tell


def _segment(name: str, met: tuple[SignatureStatistics, ...]) -> Segment:
    return Segment(
        id=_id(f"segment {name}"), session=_digest(name)[:16], agent="claude-code", day="2026-01-06",
        extractor="2", transcript=Source(digest=_digest(name), start=0, end=1), model="m", calls=60,
        failures=len(met), prompts=3, context={"p10": 20000, "p50": 60000, "p90": 90000, "max": 99000},
        signatures=met, records=200,
    )  # fmt: skip


def _file(path: str, data: bytes) -> bytes:
    return f"M 100644 inline {path}\ndata {len(data)}\n".encode() + data + b"\n"


def _id(name: str) -> str:
    number = int(_digest(name), 16)
    return "".join("abcdefghijklmnopqrstuvwxyz234567"[number >> 5 * place & 31] for place in range(16))


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()
