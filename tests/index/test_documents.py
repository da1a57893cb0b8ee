from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.index import Document, Occurrence
from holdfast.index.documents import decode, encode, storable

any_text = st.text(st.characters(exclude_categories=()))


@given(any_text, any_text)
def test_any_document_can_be_stored_and_is_read_as_encode_returned_it(title: str, detail: str) -> None:
    document, data = encode(Document("id", "records", "failure", title, "text", detail, tags=(title,)))
    assert decode(data) == document


def test_a_document_without_lone_surrogates_is_unchanged() -> None:
    given_document = Document(
        "é", "s", "k", "\0\x1b[31m", "😀", paths=("a", "b"), evidence=10**30, trusted=False
    )
    assert encode(given_document)[0] == given_document


def test_a_field_of_a_wrong_type_is_refused_before_it_is_stored() -> None:
    with pytest.raises(msgspec.ValidationError, match=r"\$\.text"):
        encode(Document("id", "s", "k", "title", 5))  # type: ignore[arg-type]


def test_numbers_that_no_database_holds_are_brought_into_range() -> None:
    row = storable(Occurrence(segment="s", session="x", count=10**30, order=-(10**30), steps=float("nan")))
    assert (row.count, row.order, row.steps) == (2**63 - 1, -(2**63), None)
