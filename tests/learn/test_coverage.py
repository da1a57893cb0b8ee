"""The bytes themselves tell what was counted, whatever a file is called."""

from __future__ import annotations

import hashlib
import itertools
import random
from pathlib import Path

import pytest

from holdfast.learn.coverage import Coverage, Span, digest_of, lines_in
from holdfast.transcripts.origin import FileOrigin

DATA = b"".join(b"line %d\n" % number for number in range(100))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "log"
    found.write_bytes(DATA)
    return found


def span(start: int, end: int, data: bytes = DATA) -> tuple[str, int, int]:
    return hashlib.sha256(data[start:end]).hexdigest(), start, end


@pytest.mark.parametrize(("spans", "start", "reached"), [
    ([], 0, 0),
    ([(0, 100)], 0, 100),
    ([(0, 100), (0, 300), (0, 200)], 0, 300),
    ([(0, 100), (100, 250), (250, 300)], 0, 300),
    ([(0, 100), (150, 250)], 0, 250),
    ([(150, 250)], 0, 250),
    ([(0, 100), (100, 250)], 100, 250),
    ([(0, 100)], 50, 50),
])  # fmt: skip
def test_stretches_are_followed_over_gaps(
    path: Path, spans: list[tuple[int, int]], start: int, reached: int
) -> None:
    coverage = Coverage({"s": [span(*ends) for ends in spans]})
    assert coverage.reaches(FileOrigin(path), start, "s") == reached


def test_bytes_that_differ_do_not_count(path: Path) -> None:
    other = DATA.replace(b"line 7\n", b"line X\n")
    assert Coverage({"s": [span(0, 300, other)]}).reaches(FileOrigin(path), 0, "s") == 0


def test_a_span_beyond_the_end_does_not_count(path: Path) -> None:
    digest = hashlib.sha256(DATA).hexdigest()
    assert Coverage({"s": [(digest, 0, len(DATA) + 5)]}).reaches(FileOrigin(path), 0, "s") == 0


def test_another_sessions_bytes_count_only_from_where_reading_begins(path: Path) -> None:
    coverage = Coverage({"other": [span(0, 100), span(150, 200)]})
    assert coverage.reaches(FileOrigin(path), 0, "s") == 200
    assert Coverage({"other": [span(150, 200)]}).reaches(FileOrigin(path), 0, "s") == 0


def test_whatever_stretches_there_are_the_end_is_found(path: Path) -> None:
    chance = random.Random(7)
    for _ in range(20):
        cuts = sorted({0, *(chance.randrange(1, len(DATA)) for _ in range(6))})
        coverage = Coverage({})
        for start, end in itertools.pairwise(cuts):
            coverage.add("s", Span(*span(start, end)))
        assert coverage.reaches(FileOrigin(path), 0, "s") == cuts[-1]


def test_lines_and_digests_are_of_the_bytes_between(path: Path) -> None:
    assert lines_in(FileOrigin(path), 0, len(DATA)) == 100
    assert lines_in(FileOrigin(path), 0, 3) == 1
    assert lines_in(FileOrigin(path), 0, 0) == 0
    assert digest_of(FileOrigin(path), 7, 20) == hashlib.sha256(DATA[7:20]).hexdigest()
