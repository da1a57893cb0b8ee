from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.learn.instruction_commands import PLACE, as_command, assignments, parts, spans, without_comment


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("npm test", "npm test"),
        ("$ npm test", "npm test"),
        ("go test ./... # all of it", "go test ./..."),
        ("./scripts/check.sh", "./scripts/check.sh"),
        ("scripts/check.sh", "scripts/check.sh"),
        ("uv run pytest -k <name>", "uv run pytest -k <name>"),
        ("src/app.py", None),
        ("fmt.Println(", None),
        ("npm: the manager", None),
        ("snake_case", None),
        ("# only a comment", None),
        ("<command>", None),
        ("", None),
    ],
)
def test_a_span_is_a_command_when_it_begins_with_a_program(text: str, command: str | None) -> None:
    assert as_command(text) == command


def test_in_a_shell_block_any_program_will_do() -> None:
    assert as_command("frobnicate --all", in_shell=True) == "frobnicate --all"
    assert as_command("frobnicate --all") is None


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("make test PKG=<name>", [["make", "test", PLACE]]),
        ("pytest tests/<file>.py", [["pytest", PLACE]]),
        ("npm run [script]", [["npm", "run", PLACE]]),
        ("gh pr view $NUMBER", [["gh", "pr", "view", PLACE]]),
        ("go test ./...", [["go", "test", "./..."]]),
        ("sudo CI=1 npm ci && npm test", [["npm", "ci"], ["npm", "test"]]),
        ("timeout 60 npm test", [["npm", "test"]]),
        ("uv run pytest", [["uv", "run", "pytest"]]),
    ],
)
def test_words_that_stand_for_others_are_known_and_what_changes_nothing_is_left_out(
    command: str, words: list[list[str]]
) -> None:
    assert parts(command) == words


def test_the_variables_that_a_command_sets_are_named() -> None:
    assert assignments("CI=1 NODE_ENV=test npm test") == {"CI", "NODE_ENV"}
    assert assignments("make test PKG=a") == frozenset()


def test_a_hash_in_quotes_or_in_a_word_is_no_comment() -> None:
    assert without_comment("grep '# x' a#b # rest") == "grep '# x' a#b"


def test_spans_are_found_with_their_places() -> None:
    text = "Run `make` or ``make `x` ``, not ```no```"
    assert [span.text for span in spans(text)] == ["make", "make `x`", "no"]
    first = next(spans(text))
    assert text[first.start : first.end] == "`make`"


@given(st.text(max_size=300))
def test_any_text_is_a_command_or_not(text: str) -> None:
    command = as_command(text, in_shell=True)
    assert command is None or parts(command)
