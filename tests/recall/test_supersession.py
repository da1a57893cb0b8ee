"""A later decision replaces an earlier one of the same subject and scope, never a mere neighbour."""

from __future__ import annotations

import pytest

from holdfast.index.documents import Document
from holdfast.recall.supersession import ENOUGH, Statement, chance, day_of, is_later, names, signs


def commit(number: int, title: str, text: str = "", *paths: str) -> Document:
    return Document(
        id=f"commit:{number:040x}", source="commit", kind="commit", title=title, text=f"{title}. {text}",
        at=float(number), day="2026-01-01", paths=paths,
    )  # fmt: skip


OLD = commit(1, "Keep sessions for thirty minutes", "The auditors asked for it.", "accounts/session.py")


def likely(later: Document, earlier: Document = OLD) -> float:
    return chance(signs(Statement(later), Statement(earlier)))


@pytest.mark.parametrize("later", [
    commit(2, "Keep sessions for eight hours", "Thirty minutes was too short.", "accounts/session.py"),
    commit(2, "Sessions last a day", f"Supersedes {OLD.id[7:19]}.", "accounts/middleware.py"),
])  # fmt: skip
def test_another_value_or_a_reference_replaces(later: Document) -> None:
    assert likely(later) >= ENOUGH


@pytest.mark.parametrize("later", [
    commit(2, "Sort the staff list by name", "People look for surnames.", "staff/list.py"),
    commit(2, "Keep invoices for ten years", "The law asks for it.", "billing/retention.py"),
    commit(2, "Retry a failed payment once", "The bank asks for it.", "billing/pay.py"),
])  # fmt: skip
def test_a_neighbour_stands_beside(later: Document) -> None:
    assert likely(later) < ENOUGH


def test_the_other_component_with_the_same_words_replaces_less() -> None:
    same = commit(2, "Keep sessions for eight hours", "", "accounts/login.py")
    other = commit(2, "Keep sessions for eight hours", "", "kiosk/login.py")
    assert likely(other) < likely(same)


def test_a_reference_alone_does_not_replace() -> None:
    mention = commit(2, "Log sessions", f"See {OLD.id[7:19]} for how long they last.")
    assert not names(Statement(mention), Statement(OLD))


def test_order_is_by_time_then_day_then_number() -> None:
    record = Document(id="a", source="document:x", kind="decision", title="2026-03-01 Sessions", text="x")
    first = Document(
        id="b", source="document:x", kind="decision", title="", text="x", path="docs/adr/0002-a.md:1"
    )
    second = Document(
        id="c", source="document:x", kind="decision", title="", text="x", path="docs/adr/0010-b.md:1"
    )
    assert day_of(record) == "2026-03-01"
    assert is_later(record, OLD)
    assert not is_later(OLD, record)
    assert is_later(second, first)
    assert not is_later(first, second)
    assert not is_later(first, record)
