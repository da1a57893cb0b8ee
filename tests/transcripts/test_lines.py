from __future__ import annotations

import hashlib
import io

from hypothesis import given
from hypothesis import strategies as st

from holdfast.transcripts import lines as module
from holdfast.transcripts.lines import LineReader

PIECES = st.lists(
    st.sampled_from([b"a", b"bb", b"\n", b"\n\n", b"\r\n", b"x" * 9, b" ", b"y" * 30]), max_size=40
)


@given(pieces=PIECES, limit=st.integers(1, 20), chunk=st.integers(1, 12), start=st.integers(0, 20))
def test_lines_offsets_and_digest_do_not_depend_on_the_size_of_chunks(pieces, limit, chunk, start):
    content = b"".join(pieces)
    start = min(start, len(content))
    usual, module.CHUNK = module.CHUNK, chunk
    try:
        reader = LineReader(io.BytesIO(content), start, len(content), limit=limit)
        given_lines = list(reader)
    finally:
        module.CHUNK = usual
    *complete, tail = content[start:].split(b"\n")
    assert given_lines == [line for line in complete if line.strip() and len(line) <= limit]
    assert reader.oversized == sum(len(line) > limit for line in complete)
    assert reader.line == reader.complete == len(complete)
    assert reader.tail == (tail if len(tail) <= limit else b"")
    assert reader.offset == len(content) - len(tail)
    assert reader.digest == hashlib.sha256(content[start : reader.offset]).hexdigest()


def test_reading_stops_at_the_end_it_was_given():
    reader = LineReader(io.BytesIO(b"one\ntwo\nthree\n"), 4, 8)
    assert list(reader) == [b"two"]
    assert reader.offset == 8


def test_a_file_that_shrank_while_it_was_read_ends_the_reading():
    reader = LineReader(io.BytesIO(b"one\n"), 0, 1_000)
    assert list(reader) == [b"one"]
    assert reader.offset == 4
