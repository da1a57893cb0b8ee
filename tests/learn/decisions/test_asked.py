from __future__ import annotations

import pytest

from holdfast.learn.decisions.asked import settles


@pytest.mark.parametrize(
    "question",
    [
        "Which wire format should the workers and the broker speak?",
        "Is the rate limit per user, per API key or per tenant?",
        "Should deleted users be kept for audits or removed for good?",
        "Which Python versions do we support?",
        "Where do uploaded files go?",
    ],
)
def test_a_question_about_the_project_settles_something(question: str) -> None:
    assert settles(question)


@pytest.mark.parametrize(
    "question",
    [
        "",
        "Want me to implement this?",
        "Would you like me to commit these changes?",
        "Which approach do you prefer?",
        "What do you think?",
        "Does this look right?",
        "Should I proceed with the rebase?",
        "Any files that I'm missing?",
        "Does it feel like the right model for the workers and the broker?",
        "Want to test it with the old client on different branches?",
        "Is this tooling specific to one team, or should it be reusable across projects?",
        "I found two failing tests. Which one shall I look at first?",
    ],
)
def test_a_question_about_how_to_go_on_does_not(question: str) -> None:
    assert not settles(question)
