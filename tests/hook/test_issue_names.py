"""Which issues a text names, and which only look so."""

from __future__ import annotations

import pytest

from holdfast.hook.issue_names import names_in, names_in_branch


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("fix #12, then #7 and #12 again.", ["#12", "#7"]),
        ("see ABC-7 (and GH-3)", ["ABC-7", "#3"]),
        ("decode UTF-8 and check the SHA-256 by RFC-2119", []),
        ("#fff is white, a#1 none, #12a neither", ["#1"]),
        ("a-b-c, X-1, abc-7", []),
        ("#123456789", []),
        ("", []),
    ],
)
def test_a_text_names_issues_by_a_sign_or_a_key(text: str, names: list[str]) -> None:
    assert names_in(text) == names


@pytest.mark.parametrize(
    ("branch", "names"),
    [
        ("fix/12-login", ["#12"]),
        ("ada/abc-7-login", ["ABC-7"]),
        ("issue-33", ["#33"]),
        ("12", ["#12"]),
        ("release/1.2", []),
        ("2026-06-24-plan", []),
        ("20260205-leaks", []),
        ("phase-2", []),
        ("main", []),
    ],
)
def test_a_branch_is_named_after_an_issue_also_by_a_bare_number(branch: str, names: list[str]) -> None:
    assert names_in_branch(branch) == names
