from __future__ import annotations

import pytest

from holdfast.measure.following import asked, behind_runner, breaks, follows, sets_more, words_of


@pytest.mark.parametrize(
    ("run", "line", "does"),
    [
        ("npm test", "npm test", True),
        ("npm run test -- --run", "npm test", True),
        ("npm t", "npm test", True),
        ("pnpm run lint", "pnpm lint", True),
        ("timeout 60 npm test", "npm test", True),
        ("pytest tests/a.py", "pytest", True),
        ("uv run pytest", "pytest", False),
        ("bun run test", "bun test", False),
        ("npm run test:unit", "npm test", False),
        ("python3 -m pytest", "python -m pytest", False),
        ("go test ./store", "go test ./...", False),
    ],
)
def test_a_run_follows_a_line_when_it_begins_with_its_words(run: str, line: str, does: bool) -> None:
    (words,) = asked(line)
    assert follows(words_of(run), words) is does


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("cd web && npm test", [("npm", "test")]),
        ("npm run fmt && npm run lint", [("npm", "run", "fmt"), ("npm", "run", "lint")]),
        ("make test PKG=<name>", [("make", "test")]),
        ("<command> --help", []),
        ("pytest <file>", []),
        ("export A=1", []),
    ],
)
def test_what_a_line_asks_for_ends_where_the_reader_is_to_put_something_in(
    command: str, words: list[tuple[str, ...]]
) -> None:
    assert asked(command) == words


@pytest.mark.parametrize(
    ("run", "forbidden", "does"),
    [
        ("git push origin main --force", "git push --force", True),
        ("git push -f", "git push --force", True),
        ("git push --force-with-lease", "git push --force", False),
        ("git clean -xdf", "git clean -fdx", True),
        ("git clean -n", "git clean -fdx", False),
        ("git commit -m --force", "git commit --force", False),
        ("npm test -- --force", "npm test --force", False),
        ("git add src/a.py", "git add .", False),
        ("git add . src", "git add .", True),
    ],
)
def test_a_run_breaks_a_prohibition_in_any_order_of_options(run: str, forbidden: str, does: bool) -> None:
    assert breaks(words_of(run), words_of(forbidden)) is does


def test_an_option_alone_is_forbidden_for_its_program_only() -> None:
    assert breaks(words_of("git commit -n -m x"), ("--no-verify",), program="git commit")
    assert not breaks(words_of("npm ci --no-verify"), ("--no-verify",), program="git commit")
    assert not breaks(words_of("git commit --no-verify"), ("--no-verify",))


def test_what_a_runner_fetches_is_the_program_without_its_version() -> None:
    assert behind_runner(words_of("npx -y vitest@2 run")) == ("vitest", "run")
    assert behind_runner(words_of("npm test")) == ("npm", "test")


def test_a_variable_that_the_line_does_not_set_makes_another_command() -> None:
    assert sets_more("CI=1 npm test", "npm test")
    assert not sets_more("CI=1 npm test", "CI=1 npm test")
