"""A rule that sessions broke is offered as a guard, with what it would have done to those very sessions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from holdfast.learn import guards
from holdfast.learn.guard_files import Guard
from holdfast.learn.guard_history import note_sessions, read_sessions
from holdfast.measure.guard_proof import prove
from holdfast.measure.guard_proposals import Proposal, proposals, remember, waiting
from holdfast.measure.guard_trial import on_history, tried
from holdfast.repo.location import Repository
from holdfast.testing.sessions import ClaudeSession
from holdfast.transcripts.discovery import expand

Offer = Callable[..., list[Proposal]]
NPM = "- Never run `npm install`; use `pnpm install`.\n"


@pytest.fixture
def offer(empty: Repository, tmp_path: Path) -> Offer:
    """Return what is offered for a text of rules and sessions given as their commands."""

    def made(rules: str, *sessions: list[str], prompt: str = "go on", edit: str = "") -> list[Proposal]:
        assert empty.root is not None
        (empty.root / "AGENTS.md").write_text(rules)
        for number, commands in enumerate(sessions):
            session = ClaudeSession(
                f"{number:08x}" * 4, root=str(empty.root), start=1_780_000_000.0 + 86_400 * number
            )
            session.prompt(prompt)
            for command in commands:
                session.bash(command, "ok")
            if edit:
                session.edit(edit, "a", "b")
            session.write(tmp_path / "logs" / f"{number}.jsonl")
        note_sessions(empty, list(expand([tmp_path / "logs"])))
        return proposals(empty)

    return made


def test_a_rule_broken_in_three_sessions_is_offered_with_its_proof(offer: Offer) -> None:
    (one,) = offer(NPM, ["npm install x", "make"], ["cd web && npm i"], ["npm install", "npm install y"])
    assert (one.name, one.path, one.line, one.broken, one.of) == ("npm-install", "AGENTS.md", 1, 3, 3)
    assert (one.proof.stopped, one.proof.sessions, one.proof.wrongly) == (4, 3, 0)
    assert one.guard.rule == "Never run `npm install`; use `pnpm install`."
    assert one.guard.instead == "`pnpm install`"
    assert one.rewrite == "pnpm install"


@pytest.mark.parametrize(("prompt", "wrongly"), [("Change schema.rb by hand.", 3), ("go on", 0)])
def test_a_file_that_the_person_named_may_be_written_by_a_command_too(
    offer: Offer, empty: Repository, prompt: str, wrongly: int
) -> None:
    offer("- Be kind.\n", *[["sed -i s/a/b/ db/schema.rb"]] * 3, prompt=prompt)
    found = prove(Guard(rule="Never edit it.", paths=("db/schema.rb",)), read_sessions(empty))
    assert (found.stopped, found.wrongly) == (3, wrongly)


def test_a_rule_against_yarn_install_does_not_stop_yarn_test(offer: Offer) -> None:
    (one,) = offer("- Never run `yarn install`; use `pnpm install`.\n", *[["yarn install", "yarn test"]] * 3)
    assert (one.guard.commands, one.proof.stopped) == (("yarn install",), 3)


def test_a_rule_broken_in_two_sessions_is_not_offered(offer: Offer) -> None:
    assert offer(NPM, ["npm install"], ["npm install"], ["make"]) == []


def test_what_the_person_asked_for_counts_as_wrongly_stopped(offer: Offer) -> None:
    runs = ["npm install"]
    found = offer(NPM, *[runs] * 3, prompt="run npm install, I know what I do")
    assert found == [], "every one of them was asked for"


def test_an_option_that_is_forbidden_is_stopped_for_its_own_command(offer: Offer) -> None:
    run = ["git commit -m 'a b' --no-verify", "git push", "git commit -m 'why --no-verify is bad'"]
    (one,) = offer("- Never use `--no-verify`.\n", run, run, run)
    assert (one.proof.stopped, one.proof.wrongly) == (3, 0)
    assert one.guard.commands[0] == "git commit --no-verify"
    assert one.rewrite == "", "the option can be taken away"


def test_a_file_that_is_not_to_be_edited_is_guarded(offer: Offer) -> None:
    (one,) = offer("- Do not edit `db/schema.rb` by hand.\n", *[["make"]] * 3, edit="db/schema.rb")
    assert (one.name, one.guard.paths, one.proof.stopped) == ("db-schema-rb", ("db/schema.rb",), 3)
    assert one.rewrite is None


def test_what_another_line_tells_to_run_is_not_stopped(offer: Offer) -> None:
    rules = "- Never run `docker compose`.\n- Start the database: `docker compose up db`\n"
    runs = ["docker compose down", "docker compose up db"]
    (one,) = offer(rules, runs, runs, runs)
    assert "docker compose up db" in one.guard.unless
    assert one.proof.stopped == 3


def test_a_bare_command_is_meant_where_the_rule_names_another_of_the_same_program(offer: Offer) -> None:
    (one,) = offer("- Use `npm ci`, not `npm install`.\n", *[["npm install", "npm install left-pad"]] * 3)
    assert one.proof.stopped == 3, "packages may be added"


@pytest.mark.parametrize(
    ("rule", "ran", "stopped"),
    [
        ("Never use `git add .` or `git add -A`.", ["git add .", "git add --all"], 2),
        ("Never force push (`git push --force`, `git push -f`).", ["git push -f", "git push"], 1),
        ("Never run `git reset --hard` or `git checkout -- .`", ["git reset --hard", "git checkout main"], 1),
        ("Never use `npm`; this project uses `pnpm`.", ["npm test", "npm view x", "npm run lint"], 2),
        ("Do not use bare `python`; use `uv run python`.", ["python x.py", "uv run python x.py"], 1),
        (
            "Use `uv pip install`, never `pip install`.",
            ["pip install x", "python -m pip install x", "uv pip install x"],
            2,
        ),
        ("Never run `rm -rf node_modules`.", ["rm -rf node_modules", "rm -rf dist"], 1),
    ],
)
def test_all_that_a_line_forbids_is_stopped_and_nothing_else(
    offer: Offer, rule: str, ran: list[str], stopped: int
) -> None:
    (one,) = offer(f"- {rule}\n", ran, ran, ran)
    assert one.proof.stopped == 3 * stopped


@pytest.mark.parametrize(
    ("rule", "ran", "rewrite"),
    [
        ("Never run `npm run build`; use `pnpm run build`.", "npm run build", "pnpm run build"),
        ("Do not run bare `pytest`; use `uv run pytest`.", "pytest -q", "uv run pytest"),
        ("Do not run `pytest`, use `make test`.", "pytest -q", None),
        ("Never run `npm test`; use `make test`.", "npm test", None),
        ("Never run `git reset --hard`.", "git reset --hard", None),
        ("Never commit with `--no-verify`.", "git commit --no-verify", ""),
        ("Never run `git push --force`.", "git push --force", ""),
    ],
)
def test_a_call_is_replaced_only_by_what_takes_the_same_arguments(
    offer: Offer, rule: str, ran: str, rewrite: str | None
) -> None:
    (one,) = offer(f"- {rule}\n", [ran], [ran], [ran])
    assert one.rewrite == rewrite


def test_what_stands_or_was_set_aside_is_not_offered_again(offer: Offer, empty: Repository) -> None:
    (one,) = offer(NPM, *[["npm install"]] * 3)
    guards.drop(empty, one.name)
    assert proposals(empty) == []
    assert [each.name for each in proposals(empty, dropped=True)] == [one.name]
    guards.activate(empty, "by-another-name", one.guard)
    assert proposals(empty, dropped=True) == []


def test_what_waits_is_known_without_looking_again(offer: Offer, empty: Repository) -> None:
    (one,) = offer(NPM, *[["npm install"]] * 3)
    assert waiting(empty) == [], "nobody looked yet"
    assert [each.name for each in remember(empty)] == ["npm-install"]
    (kept,) = waiting(empty)
    assert (kept.name, kept.broken, kept.of, kept.path, kept.line) == ("npm-install", 3, 3, "AGENTS.md", 1)
    guards.activate(empty, one.name, one.guard)
    assert waiting(empty) == []


def test_a_command_is_tried_without_running_it(offer: Offer, empty: Repository) -> None:
    (one,) = offer(NPM, *[["npm install"]] * 3)
    assert [trial.standing for trial in tried(empty, "npm i lodash", ()).guards] == ["proposed"]
    guards.activate(empty, one.name, one.guard)
    (trial,) = tried(empty, "npm i lodash", ()).guards
    assert (trial.standing, trial.becomes) == ("on", "")
    assert "Never run `npm install`" in trial.told
    assert tried(empty, "pnpm install", ()).guards == []


def test_guards_in_force_are_tried_on_past_sessions(offer: Offer, empty: Repository) -> None:
    (one,) = offer(NPM, *[["npm install"]] * 3)
    guards.activate(empty, one.name, one.guard)
    (trial,) = on_history(empty).guards
    assert trial.proof is not None
    assert (trial.proof.stopped, trial.proof.of) == (3, 3)
