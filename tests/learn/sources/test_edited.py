from __future__ import annotations

import pytest

from holdfast.learn.sources.edited import documents_of_segment, is_inside
from holdfast.repo.records import Segment, Source


def segment(*edited: str) -> Segment:
    return Segment(
        id="abcdefghjkmnpqrs",
        session="0" * 16,
        agent="claude-code",
        day="2026-03-01",
        extractor="1",
        transcript=Source(digest="d", start=0, end=1),
        edited=edited,
    )


def test_a_segment_tells_its_files_and_each_file_can_be_found() -> None:
    whole, *files = documents_of_segment(segment("a.py", "lib/b.py"), "here")
    assert (whole.id, whole.source, whole.kind) == ("segment:abcdefghjkmnpqrs", "segment", "session")
    assert (whole.paths, whole.session, whole.author) == (("a.py", "lib/b.py"), "0" * 16, "here")
    assert [(file.id, file.paths) for file in files] == [
        ("file:a.py", ("a.py",)),
        ("file:lib/b.py", ("lib/b.py",)),
    ]
    assert not any(document.trusted for document in (whole, *files))


def test_a_segment_without_edits_tells_nothing() -> None:
    assert documents_of_segment(segment(), "here") == []


@pytest.mark.parametrize(
    "path", ["", "/etc/passwd", "../up.py", "a/../../b", "~/x", "C:\\x", "a\nb", "a\x1b[31m", "x" * 5000]
)
def test_what_a_stranger_calls_a_file_outside_is_left_out(path: str) -> None:
    assert not is_inside(path)
    assert documents_of_segment(segment(path), "stranger@example.com") == []
