"""What states a choice, a rule or a rejection is told from what only says what was done."""

from __future__ import annotations

import pytest

from holdfast.index.documents import Document
from holdfast.recall.decision_form import may_be_told, settles
from holdfast.recall.hinging import hinges
from holdfast.recall.nearness import Near


def commit(title: str, body: str = "") -> Document:
    return Document(
        id="commit:1", source="commit", kind="commit", title=title, text=f"{title}. {body}".strip()
    )


def said(text: str) -> Document:
    return Document(id="statement:a:0", source="statement", kind="statement", title="", text=text)


@pytest.mark.parametrize("document", [
    commit("Keep prices five minutes", "Asking each time would break their limit, so a price is kept."),
    commit("Never retry a card payment", "The bank charges twice, because it has no idempotency key."),
    commit("Drop the message broker", "Nobody could run it, so jobs live in the database only."),
    said("store wall-clock times, never a length, because people agree on times"),
])  # fmt: skip
def test_a_choice_with_its_reason_settles_something(document: Document) -> None:
    assert settles(document) > 0.5


@pytest.mark.parametrize("document", [
    commit("Fix typo in the footer"),
    commit("Bump django to 5.2.3"),
    commit("Show the room on the clinic page", "Seen on small screens."),
    said("can you look at the failing test?"),
    said("thanks"),
])  # fmt: skip
def test_routine_settles_nothing(document: Document) -> None:
    assert settles(document) < 0.5


def test_a_record_says_what_it_is() -> None:
    record = Document(id="x", source="record", kind="decision", title="", text="Use UTC.")
    assert settles(record) > settles(
        Document(id="y", source="record", kind="failure", title="", text="Use UTC.")
    )


@pytest.mark.parametrize("text", [
    "Is there anything that would explain this?", "Totals are off by a cent", "why does the list not load",
    "Can you look at the failing test and fix it please", "Would it not be better to only retry once?",
])  # fmt: skip
def test_what_asks_or_settles_nothing_is_not_told_as_a_decision(text: str) -> None:
    assert not may_be_told(said(text), 1.0)


@pytest.mark.parametrize("text", [
    "Use UTC in the database, never local time, because reports compare days across countries.",
    "We keep the old endpoint until March since two partners still call it.",
])  # fmt: skip
def test_a_rule_or_choice_that_a_person_stated_is_told(text: str) -> None:
    document = said(text)
    assert may_be_told(document, settles(document))


def test_the_more_a_decision_is_about_the_task_the_likelier_it_hinges_on_it() -> None:
    assert hinges(Near(weight=0.5, share=0.4, about=1.0, met=4), 1000) > 0
    assert hinges(Near(weight=0.5, share=0.4, about=0.2, met=4), 1000) < 0
    assert hinges(Near(weight=0.5, share=0.4, about=0.7, met=4), 10) > 0
