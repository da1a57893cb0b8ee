"""A repository of any size to measure recall on: learnings on record, commits, all of made-up words."""

from __future__ import annotations

import itertools
import random
import subprocess
from collections.abc import Iterator
from pathlib import Path

from holdfast.repo import records
from holdfast.repo.location import Repository
from holdfast.repo.records import Applies, Learning

_FIRST = "ba co di fe gu ha jo ki lu me no pa qui ro sa te vu wi xe zo".split()
_SECOND = "ral min ton ser lik dor ven pus gar net fol bex".split()
_THIRD = "a er ing ed ist om ux ian ory el ant iv ot ul ish on y ak esh ip od ur en ow as".split()
_START = 1_300_000_000


class Words:
    """Made-up words, the n-th as frequent as 1/n, as in prose."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.all = ["".join(parts) for parts in itertools.product(_FIRST, _SECOND, _THIRD)]
        random.Random(0).shuffle(self.all)
        self._weights = list(itertools.accumulate(1 / (place + 2) for place in range(len(self.all))))

    def some(self, count: int) -> str:
        """Return so many words, the frequent ones more often."""
        return " ".join(self.chance.choices(self.all, cum_weights=self._weights, k=count))

    def path(self) -> str:
        """Return the name of one of some thousands of files."""
        return f"src/{self.chance.choice(self.all[:40])}/{self.chance.choice(self.all[40:190])}.py"


def make(folder: Path, learnings: int, commits: int) -> Repository:
    """Return a new repository with so many learnings on record and so many commits."""
    subprocess.run(["git", "init", "-q", "-b", "main", str(folder)], check=True)
    words = Words(commits)
    every = b"".join([*_history(words, commits), *_records(words, learnings)])
    subprocess.run(["git", "fast-import", "--quiet"], cwd=folder, input=every, check=True)
    subprocess.run(["git", "reset", "-q", "--hard"], cwd=folder, check=True)
    repository = Repository.find(folder)
    repository.git("config", "user.name", "A")
    repository.git("config", "user.email", "a@example.invalid")
    return repository


def _records(words: Words, learnings: int) -> Iterator[bytes]:
    """Yield the records branch as one commit, as a person's clone gets it from another."""
    yield b"commit refs/heads/holdfast\n"
    yield f"committer A <a@example.invalid> {_START} +0000\ndata 4\nfill\n".encode()
    for _ in range(learnings):
        record = learning(words)
        data = records.encode(record)
        yield f"M 100644 inline {record.path}\ndata {len(data)}\n".encode() + data + b"\n"


def learning(words: Words) -> Learning:
    """Return a learning of about a hundred words."""
    number = words.chance.getrandbits(80)
    id_ = "".join("abcdefghijklmnopqrstuvwxyz234567"[number >> 5 * place & 31] for place in range(16))
    return Learning(
        id=id_,
        kind="gotcha",
        created=f"20{words.chance.randrange(20, 26)}-{words.chance.randrange(1, 13):02d}-11",
        text=f"{words.some(45)}.\n\n## Details\n\n{words.some(60)}",
        applies=Applies(
            commands=(words.some(2),),
            paths=(words.path(),),
            families=(f"{words.some(1)}: {words.some(1)} <name>",),
            specifics=(f"{number:x}",),
        ),
    )


def _history(words: Words, commits: int) -> Iterator[bytes]:
    for number in range(commits):
        message = f"{words.some(8)}\n\n{words.some(60)}\n".encode()
        yield b"commit refs/heads/main\n"
        yield f"committer A <a@example.invalid> {_START + number * 1000} +0000\n".encode()
        yield b"data %d\n%s" % (len(message), message)
        for _ in range(3):
            yield f"M 100644 inline {words.path()}\ndata 8\n{number:08d}\n".encode()
