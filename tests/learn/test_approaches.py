from __future__ import annotations

import pytest
from msgspec.structs import replace

from holdfast.evidence.approaches import AbandonedApproach
from holdfast.learn import approaches
from holdfast.learn.candidates import Candidate
from holdfast.learn.gate import judge

OBJECTED = AbandonedApproach(
    kind="rewritten",
    approach="if maxWidth > 80",
    names=("maxWidth",),
    paths=("list/view.go",),
    why="The table runs off the screen. Let me add a hard maximum for the width:",
    failure="Hmm, 80 is not much, doesn't the library give the terminal's own size?",
    ended_by="person",
    because="The `maxWidth` cap breaks wide terminals.",
    replacement="width := terminalWidth()",
    survived=True,
    line=7,
    end_line=19,
)
DETOUR = AbandonedApproach(
    kind="switched",
    approach="bun --check scripts/publish.ts",
    paths=("scripts/publish.ts",),
    failure="npm error code ENEEDAUTH",
    ended_by="error",
    replacement="bun build scripts/publish.ts --target=bun",
    survived=True,
    owner="bun",
    family="bun: npm error code ENEEDAUTH",
    specific="0123456789ab",
    line=3,
    end_line=9,
)


def lead(made: Candidate | None) -> str:
    assert made is not None
    return made.text.split("\n\n")[0]


def test_what_a_person_spoke_against_is_told_with_their_words_and_what_came_instead() -> None:
    said = replace(OBJECTED, failure="The library gives the terminal's own size.", replacement="term.Width")
    made = approaches.candidate(said)
    assert lead(made) == (
        "In `list/view.go`, do not add a hard maximum for the width (`if maxWidth > 80`): "
        "“The library gives the terminal's own size.” "
        "The `maxWidth` cap breaks wide terminals. Use `term.Width` instead."
    )
    assert made is not None
    assert made.kind == "failure"
    assert made.quotes_person
    assert made.applies.paths == ("list/view.go",)
    assert (made.evidence.line, made.evidence.fixed_line) == (7, 19)
    assert judge(lead(made), kind=made.kind).accepted


def test_an_intent_that_is_about_something_else_is_not_taken_for_what_was_tried() -> None:
    made = approaches.candidate(replace(OBJECTED, why="Now let me dispatch the next worker for the docs:"))
    assert lead(made).startswith("In `list/view.go`, do not use `if maxWidth > 80`: ")


def test_what_the_agent_took_back_itself_says_why_after_what_to_do() -> None:
    made = approaches.candidate(replace(OBJECTED, ended_by="agent", failure="", replacement="term.Width"))
    assert lead(made).endswith("; use `term.Width` instead: The `maxWidth` cap breaks wide terminals.")


def test_a_person_who_only_asks_is_not_quoted_and_a_line_of_code_is_no_advice() -> None:
    made = approaches.candidate(OBJECTED)
    assert lead(made) == (
        "In `list/view.go`, do not add a hard maximum for the width (`if maxWidth > 80`): "
        "The `maxWidth` cap breaks wide terminals."
    )
    assert approaches.candidate(replace(OBJECTED, because="")) is None


def test_what_an_error_ended_is_proven_and_found_by_that_error() -> None:
    made = approaches.candidate(
        replace(
            OBJECTED,
            ended_by="error",
            failure="panic: no terminal",
            owner="go test",
            family="go test: panic",
            specific="0123456789ab",
        )
    )
    assert made is not None
    assert made.proven
    assert made.applies.families == ("go test: panic",)
    assert "it failed with “panic: no terminal”" in lead(made)
    assert made.quotes_person


def test_another_command_is_told_without_a_word_of_anybody() -> None:
    made = approaches.candidate(DETOUR)
    assert lead(made) == (
        "Use `bun build scripts/publish.ts --target=bun`, not `bun --check scripts/publish.ts`, "
        "which failed with “npm error code ENEEDAUTH”."
    )
    assert made is not None
    assert not made.quotes_person
    assert made.proven
    assert made.applies.commands == ("bun",)
    assert judge(lead(made), kind=made.kind, proven=True).accepted


@pytest.mark.parametrize(
    "useless",
    [
        replace(OBJECTED, survived=False),
        replace(OBJECTED, because="", failure=""),
        replace(OBJECTED, approach="", names=(), why=""),
        replace(OBJECTED, paths=()),
        replace(OBJECTED, paths=("view\n\n# of another.go",)),
        replace(DETOUR, replacement="bun build " + "x" * 400),
    ],
)
def test_without_a_lasting_replacement_a_reason_a_name_or_a_place_nothing_is_told(
    useless: AbandonedApproach,
) -> None:
    assert approaches.candidate(useless) is None


def test_a_secret_in_what_was_said_is_taken_out() -> None:
    token = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    made = approaches.candidate(replace(OBJECTED, why=f"Let me use the token {token} here:"))
    assert made is not None
    assert token not in made.text


def test_the_same_approach_of_two_sessions_is_the_same() -> None:
    one, other = approaches.candidate(OBJECTED), approaches.candidate(replace(OBJECTED, line=70, end_line=99))
    assert one is not None
    assert other is not None
    assert one.same == other.same
