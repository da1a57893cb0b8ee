from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from holdfast.evidence.session_facts import FactsBuilder, SessionFacts
from holdfast.learn.instructions import read_text_lines
from holdfast.measure.instruction_faults import InstructionFault, instruction_faults
from holdfast.measure.line_cures import Cure, mended_line, within
from holdfast.testing.sessions import ClaudeSession
from holdfast.transcripts.transcript import open_transcript

Runs = list[tuple[str, str, int]]
Find = Callable[..., list[InstructionFault]]
ROOT = "/home/ada/shop"
MISSING = ("npm run check", 'npm error Missing script: "check"', 1)
RED = ("npm test", "FAIL src/a.test.ts\n  AssertionError: expected 1 to be 2\n 1 failed", 1)


@pytest.fixture
def find(tmp_path: Path) -> Find:
    """Return the faults of a text for sessions given as runs; ``edits`` are made before the last run."""

    def faults(
        text: str, *sessions: Runs, edits: tuple[str, ...] = (), path: str = "CLAUDE.md"
    ) -> list[InstructionFault]:
        return instruction_faults(list(read_text_lines(path, text)), facts(tmp_path, list(sessions), edits))

    return faults


def facts(folder: Path, sessions: list[Runs], edits: tuple[str, ...] = ()) -> list[SessionFacts]:
    found = []
    for number, runs in enumerate(sessions):
        session = ClaudeSession(f"{number:08x}" * 4, root=ROOT, start=1_780_000_000.0 + 86_400 * number)
        session.prompt("go on")
        for position, (command, output, code) in enumerate(runs):
            for path in edits if position == len(runs) - 1 else ():
                session.edit(path, "a", "b")
            session.bash(command, output, exit_code=code)
        transcript = open_transcript(session.write(folder / f"{number}.jsonl"))
        builder = FactsBuilder()
        for event in transcript.events():
            builder.feed(event, transcript.line)
        found.append(builder.build(transcript.session, f"session {number}"))
    return found


def ok(command: str, output: str = "done") -> tuple[str, str, int]:
    return command, output, 0


def test_a_line_that_fails_in_most_sessions_is_found_with_what_worked_instead(find: Find) -> None:
    fails = ("pytest -q", "E   ModuleNotFoundError: No module named 'shop'", 2)
    (fault,) = find(
        "# Shop\n\n- Run the tests with `pytest`, all of them.\n",
        [fails, ok("uv run pytest -q")],
        [fails, ok("uv run pytest tests/test_a.py -q")],
        [ok("uv run pytest")],
    )
    assert (fault.path, fault.line, fault.kind) == ("CLAUDE.md", 3, "followed and failed")
    assert (fault.command, fault.sessions, fault.of, fault.times) == ("pytest", 2, 2, 2)
    assert fault.instead == "uv run pytest"
    assert fault.cure_line == "- Run the tests with `uv run pytest`, all of them."
    assert fault.example == ("session 0", 2)
    assert fault.seconds > 0
    assert fault.tokens > 0
    assert [row.instead for row in fault.evidence] == ["uv run pytest", "uv run pytest"]


def test_one_session_is_not_enough(find: Find) -> None:
    assert find("- `npm run check`\n", [MISSING, ok("npm run lint")]) == []


def test_red_tests_are_the_command_doing_its_work(find: Find) -> None:
    assert find("- Tests: `npm test`\n", [RED, RED], [RED, ok("npm test")], [RED]) == []


def test_what_failed_early_and_works_since_has_been_mended(find: Find) -> None:
    well = [ok("npm run check")]
    assert find("- `npm run check`\n", [MISSING], [MISSING], well, well) == []
    assert find("- `npm run check`\n", well, well, [MISSING], [MISSING]) != []


def test_a_network_that_is_down_is_nobodys_fault(find: Find) -> None:
    down = ("uv sync", "error: Failed to fetch: connection reset by peer", 2)
    assert find("- `uv sync`\n", [down, ok("uv sync")], [down, ok("uv sync")]) == []


def test_an_argument_that_the_session_added_is_not_the_lines_fault(find: Find) -> None:
    wrong = ("npm test -- --bail", "error: unknown option '--bail'", 1)
    assert find("- `npm test`\n", [wrong, ok("npm test")], [wrong, ok("npm test")]) == []
    assert find("- `npm test -- --bail`\n", [wrong, ok("npm test")], [wrong, ok("npm test")]) != []


def test_a_word_that_the_session_had_to_put_in_is_not_the_lines_fault(find: Find) -> None:
    wrong = ("make test PKG=./store", 'go: malformed import path "././store"', 2)
    right = ok("make test PKG=store")
    assert find("- `make test PKG=<name>` tests one package\n", [wrong, right], [wrong, right]) == []


def test_the_wrong_folder_is_cured_by_the_right_one(find: Find) -> None:
    fails = ("npm test", "npm error code ENOENT\nnpm error path package.json", 254)
    session = [fails, ok("cd web && npm test")]
    (fault,) = find("- Tests: `npm test`\n", session, session)
    assert fault.cure_line == "- Tests: `cd web && npm test`"


def test_a_line_that_changes_folder_is_not_blamed_for_runs_elsewhere(find: Find) -> None:
    fails = ("npm test", "npm error code ENOENT", 254)
    session = [fails, ok("cd web && npm test")]
    found = find("- Tests: `cd web && npm test`\n- In short: `npm test`\n", session, session)
    assert [fault.line for fault in found] == [2]


def test_set_up_that_was_missing_comes_first_in_the_mended_line(find: Find) -> None:
    fails = ("pnpm test", "Error: Cannot find package 'core' imported from a.ts", 1)
    session = [fails, ok("pnpm build"), ok("pnpm test")]
    (fault,) = find("1. `pnpm test`\n", session, session)
    assert fault.cure_line == "1. `pnpm build && pnpm test`"


def test_a_project_that_was_edited_until_it_worked_had_no_faulty_line(find: Find) -> None:
    fails = ("pnpm test", "Error: Cannot find module './missing'", 1)
    session = [fails, ok("pnpm test")]
    assert find("- `pnpm test`\n", session, session, edits=("src/a.ts",)) == []


def test_a_command_that_never_works_while_another_for_the_same_purpose_does_is_at_fault(find: Find) -> None:
    fails = ("bun test", "ReferenceError: document is not defined", 1)
    session = [fails, ok("bun run test")]
    (fault,) = find("**Tests:** `bun test`\n", session, session)
    assert fault.cure_line == "**Tests:** `bun run test`"
    assert find("**Tests:** `bun test`\n", session, session, [ok("bun test")]) == []


def test_a_narrower_command_that_works_cures_nothing(find: Find) -> None:
    session = [RED, ok("npx vitest run src/a.test.ts")]
    assert find("- `npm test`\n", session, session) == []


def test_a_rejected_command_is_neither_followed_nor_broken(find: Find, tmp_path: Path) -> None:
    session = ClaudeSession("a" * 32, root=ROOT, start=1_780_000_000.0)
    session.reject("git push --force", "no")
    transcript = open_transcript(session.write(tmp_path / "rejected.jsonl"))
    builder = FactsBuilder()
    for event in transcript.events():
        builder.feed(event, transcript.line)
    rejected = builder.build(transcript.session, "rejected")
    lines = list(read_text_lines("CLAUDE.md", "Never `git push --force`."))
    assert instruction_faults(lines, [rejected, rejected]) == []


def test_of_two_lines_the_one_that_says_more_answers_for_a_run(find: Find) -> None:
    fails = ("npm test -- --ci", "error: unknown option '--ci'", 1)
    found = find("- `npm test`\n- CI: `npm test -- --ci`\n", [fails], [fails])
    assert [fault.line for fault in found] == [2]


def test_a_prohibition_that_sessions_break_is_found_with_what_the_line_advises(find: Find) -> None:
    (fault,) = find(
        "- Use `pnpm add`, not `npm install`\n",
        [ok("npm install zod")],
        [ok("npm install left-pad"), ok("npm install zod")],
        [ok("pnpm add zod")],
    )
    assert (fault.kind, fault.command, fault.sessions, fault.of, fault.times) == (
        "read and broken",
        "npm install",
        2,
        3,
        3,
    )
    assert fault.instead == "pnpm add"
    assert (fault.seconds, fault.tokens, fault.cure_line) == (0, 0, None)


KEPT = [
    ("- Never `git push --force`\n", "git push --force-with-lease origin x"),
    ("- Never `git push --force`\n", "git push origin main"),
    ("- Never commit with `--no-verify`\n", "git commit -m 'do not use --no-verify'"),
    ("- Never use `npm`\n", "grep -rn 'npm install' docs"),
    ("- Never use `npm`; use `pnpm`\n", "npm view zod version"),
    ("- Never call `python` directly; use `uv run python`\n", "uv run python tools/a.py"),
    ("- Do not run `pytest` alone\n", "pytest -q"),
    ("- Never run `go test`. For one package: `go test ./store`\n", "go test ./store -run TestA"),
    ("- Install with `npm ci`, not `npm install`\n", "npm install zod"),
    ("- Never `git clean -fdx` here; elsewhere it is fine\n", "cd /tmp/x && git clean -fdx"),
    (
        "- Do not run `bin/rails db:reset`. With RAILS_ENV=test it is fine.\n",
        "RAILS_ENV=test bin/rails db:reset",
    ),
    ("- Never run `make deploy` unless asked\n", "make deploy"),
]


@pytest.mark.parametrize(("text", "command"), KEPT)
def test_a_prohibition_that_is_broken_only_apparently_accuses_nobody(
    find: Find, text: str, command: str
) -> None:
    assert find(text, [ok(command)], [ok(command)], [ok(command)]) == []


BROKEN = [
    ("- Never `git push --force`\n", "git push origin main --force"),
    ("- Never `git push --force`\n", "git push -f"),
    ("- Never commit with `--no-verify`\n", "git commit -n -m 'Round'"),
    ("- Never `git add -A`\n", "git add --all"),
    ("- Never `rm -rf node_modules`\n", "rm -fr node_modules"),
    ("- Never use `npm`; use `pnpm`\n", "npm i zod"),
    ("- Do not use `vitest` directly\n", "npx vitest run src"),
    ("- Never edit files in `gen/`\n", ""),
]


@pytest.mark.parametrize(("text", "command"), BROKEN)
def test_a_prohibition_is_broken_in_any_spelling(find: Find, text: str, command: str) -> None:
    runs = [ok(command)] if command else [ok("ls")]
    edits = () if command else ("gen/api.go",)
    (fault,) = find(text, runs, runs, edits=edits)
    assert (fault.kind, fault.sessions) == ("read and broken", 2)
    assert (fault.kept_off == "gen/") is not command


def test_a_copy_in_the_log_of_a_forked_session_counts_once(tmp_path: Path) -> None:
    lines = list(read_text_lines("CLAUDE.md", "- Never `git stash`\n"))
    (one,) = facts(tmp_path, [[ok("git stash")]])
    assert instruction_faults(lines, [one, one]) == []


def test_no_sessions_and_no_lines_give_no_faults(tmp_path: Path) -> None:
    assert instruction_faults([], facts(tmp_path, [[MISSING], [MISSING]])) == []
    assert instruction_faults(list(read_text_lines("A.md", "- `npm run check`")), []) == []


FINDS = [
    ("cargo fmt --check", "Diff in src/a.rs:3:", "cargo fmt"),
    ("black --check .", "would reformat shop/a.py", "black ."),
    ("prettier --check .", "[warn] Code style issues found in 3 files.", "prettier --write ."),
    ("make test", "--- FAIL: TestA (0.00s)", "make test-unit"),
    ("git push", "error: failed to push some refs", "git push --force-with-lease"),
    ("git rebase origin/main", "error: could not apply 1a2b3c4... Round", "git rebase --continue"),
    ("git commit -m x", "lint-staged failed", "git commit --no-verify -m x"),
]


@pytest.mark.parametrize(("command", "output", "other"), FINDS)
def test_a_command_that_finds_something_which_another_call_mends_is_sound(
    find: Find, command: str, output: str, other: str
) -> None:
    session = [(command, output, 1), ok(other)]
    assert find(f"- `{command}`\n", session, session, session) == []


def test_no_cure_takes_a_check_away(find: Find) -> None:
    fails = ("uv pip install shop", "error: No virtual environment found; run `uv venv` to create one", 2)
    session = [fails, ok("uv pip install shop --break-system-packages")]
    for fault in find("- `uv pip install shop`\n", session, session, session):
        assert "break" not in (fault.cure_line or "")


def test_a_folder_that_was_changed_by_a_command_of_its_own_is_the_cure_too(find: Find) -> None:
    fails = ("npm test", "npm error code ENOENT", 254)
    session = [fails, ok("cd web", ""), ok("npm test")]
    (fault,) = find("- `npm test`\n", session, session)
    assert fault.cure_line == "- `cd web && npm test`"


def test_sessions_from_before_a_line_was_written_did_not_read_it(tmp_path: Path) -> None:
    found = facts(tmp_path, [[ok("git stash")]] * 3)
    (line,) = (one for one in read_text_lines("CLAUDE.md", "- Never `git stash`\n") if one.forbidden)
    assert instruction_faults([line], found) != []
    started = sorted(session.started or 0.0 for session in found)
    later = msgspec.structs.replace(line, since=started[1] + 1)
    assert instruction_faults([later], found) == []
    (fault,) = instruction_faults([msgspec.structs.replace(line, since=started[1])], found)
    assert (fault.sessions, fault.of) == (2, 2)


@pytest.mark.parametrize("other", ["mise run lint", "mise run build", "go vet ./...", "mise run test:ci"])
def test_another_task_that_works_does_not_convict_tests_that_never_pass(find: Find, other: str) -> None:
    red = ("mise run test", "--- FAIL: TestRound (0.00s)\n    round_test.go:12: got 1, want 2", 1)
    session = [red, ok(other)]
    assert find("- `mise run test`\n", session, session, session, session) == []


@pytest.mark.parametrize(
    ("command", "other"),
    [
        ("pytest", "npm test"),
        ("pytest", "pytest tests/test_b.py"),
        ("go test ./...", "go test -short ./..."),
        ("cargo test", "cargo test -p store"),
        ("npm run build", "cargo build"),
        ("mypy src", "mypy src/b.py"),
    ],
)
def test_another_part_of_a_project_that_passes_convicts_no_line(find: Find, command: str, other: str) -> None:
    session = [(command, "src/a.py:3: error: 1 failed", 1), ok(other)]
    assert find(f"- `{command}`\n", session, session, session, session) == []


@pytest.mark.parametrize(
    "output",
    [
        "FileNotFoundError: [Errno 2] No such file or directory: 'data/prices.json'",
        "Error: Cannot find module './prices' from 'src/a.test.ts'",
        "DeprecationWarning: the url module has been deprecated",
    ],
)
def test_what_the_code_under_test_misses_is_not_missing_from_the_line(find: Find, output: str) -> None:
    session = [("npm test", output, 1)]
    assert find("- `npm test`\n", session, session, session) == []


def test_a_folder_beside_the_repository_is_not_within_it() -> None:
    assert within("/home/me/app-old/x", "/home/me/app") == "/home/me/app-old/x"
    assert within("/home/me/app/x", "/home/me/app") == "x"
    assert within("/home/me/app/", "/home/me/app") == ""


def test_a_mended_line_differs_and_can_be_typed() -> None:
    words = ("make", "test")
    assert mended_line("Run `make test`.", words, Cure()) is None
    mended = mended_line("Run `make test`.", words, Cure(words=("make", "test", "ARGS=it's a")))
    assert mended is not None
    assert shlex.split(mended.split("`")[1]) == ["make", "test", "ARGS=it's a"]
