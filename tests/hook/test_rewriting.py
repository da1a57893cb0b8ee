"""A forbidden command is replaced only where nothing else of the line can change."""

from __future__ import annotations

import pytest

from holdfast.hook.rewriting import rewritten


@pytest.mark.parametrize(
    ("line", "becomes"),
    [
        ("npm install", "pnpm install"),
        ("npm install left-pad --save-dev", "pnpm install left-pad --save-dev"),
        ("cd web && npm install 2>&1 | tail -5", "cd web && pnpm install 2>&1 | tail -5"),
        ("npm install && npm install -D vite", "pnpm install && pnpm install -D vite"),
        ("npm i lodash", "pnpm install lodash"),
        ("(npm install)", "(pnpm install)"),
    ],
)
def test_the_words_of_the_command_are_replaced_and_the_rest_stays(line: str, becomes: str) -> None:
    assert rewritten(line, ["npm install", "npm i"], [], "pnpm install") == becomes


@pytest.mark.parametrize(
    "line",
    [
        "npm  install",
        "npm --prefix web install",
        "bash -c 'npm install'",
        'echo "$(npm install)"',
        "npm install && echo npm install",
        "ssh build npm install; npm install",
        "/usr/bin/npm install",
        "cat <<'EOF' > NOTES.md\nnpm install\nEOF\nnpm install",
    ],
)
def test_a_line_of_which_one_cannot_be_sure_is_not_changed(line: str) -> None:
    assert rewritten(line, ["npm install"], [], "pnpm install") == ""


def test_what_stands_in_quotes_stays() -> None:
    line = "echo 'npm install' && npm install"
    assert rewritten(line, ["npm install"], [], "pnpm install") == "echo 'npm install' && pnpm install"


def test_an_option_is_taken_away() -> None:
    patterns = ["git commit --no-verify", "git commit -n"]
    assert rewritten("git commit --no-verify -m 'x  y'", patterns, [], "") == "git commit -m 'x  y'"
    assert (
        rewritten("git commit -m x --no-verify && git push", patterns, [], "")
        == "git commit -m x && git push"
    )
    assert rewritten("git commit -n -m x", patterns, [], "") == "git commit -m x"
    assert rewritten("git commit -anm x", patterns, [], "") == "", "one letter of a bundle is not cut out"


def test_a_message_that_names_the_option_is_left_alone() -> None:
    line = "git commit -m 'never --no-verify again' --no-verify"
    assert rewritten(line, ["git commit --no-verify"], [], "") == ""


def test_what_runs_outside_the_repository_is_not_replaced() -> None:
    line = "npm install && cd /elsewhere && npm install"
    assert rewritten(line, ["npm install"], [], "pnpm install", "/project", "/project") == ""
    there = "npm install && cd /project/web && npm install"
    becomes = there.replace("npm", "pnpm")
    assert rewritten(there, ["npm install"], [], "pnpm install", "/project", "/project") == becomes


def test_what_is_exempt_stays() -> None:
    line = "npm install -g x; npm install y"
    assert rewritten(line, ["npm install"], ["npm install -g"], "pnpm install") == ""
