"""An override is one kind of event, with a reason, whoever goes on."""

from __future__ import annotations

import pytest

from holdfast.errors import UsageError
from holdfast.learn.overriding import KIND, MAX_TEXT, overridden
from holdfast.learn.view import View
from holdfast.repo import records


def test_an_override_says_whose_advice_who_and_why(view: View) -> None:
    event = overridden(view, "commit:abc", "approach", "  we  measured it ", by="codex", about="use npm")
    assert (event.kind, event.subject, event.by) == (KIND, "commit:abc", "codex")
    assert event.data == {"advice": "approach", "reason": "we measured it", "about": "use npm"}


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_an_override_needs_a_reason(view: View, reason: str) -> None:
    with pytest.raises(UsageError, match="reason"):
        overridden(view, "x", "gate", reason)


def test_what_is_kept_of_an_override_is_bounded_and_without_secrets(view: View) -> None:
    event = overridden(view, "x", "gate", "token ghp_" + "a1B2" * 9 + " " + "y" * 9_000)
    assert "ghp_a1B2" not in event.data["reason"]
    assert len(event.data["reason"]) <= MAX_TEXT + 40


def test_an_override_comes_after_what_is_known_of_its_subject(view: View) -> None:
    document = view.learnings()[0]
    first = overridden(view, document.id, "approach", "once")
    view.branch.append({first.path: records.encode(first)}, "go on")
    view.refresh()
    assert first.id in overridden(view, document.id, "approach", "twice").after
