from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.evidence.episodes import Episode, EpisodeTracker, Failure, Fix
from holdfast.learn import failures
from holdfast.learn.candidates import Candidate
from holdfast.learn.neutral import neutral_text
from holdfast.transcripts.events import Call, Edit, Result


def episode(
    failed: str, message: str, fixed: str, *, edits: tuple[Edit, ...] = (), between: tuple[str, ...] = ()
) -> Episode:
    """Return the closed episode of a session: a failure, what was done, and the success."""
    tracker = EpisodeTracker()
    steps = [(failed, message, 1), *((command, "", 0) for command in between)]
    for number, (command, text, code) in enumerate(steps):
        tracker.feed(Call(id=str(number), tool="Bash", name="Bash", command=command), number)
        status = "failed" if code else "ok"
        tracker.feed(Result(call_id=str(number), status=status, text=text, exit_code=code), number)  # type: ignore[arg-type]
    for number, change in enumerate(edits, start=100):
        tracker.feed(Call(id=str(number), tool="Edit", name="Edit", paths=(change.path,), edits=(change,)))
        tracker.feed(Result(call_id=str(number), status="ok"))
    tracker.feed(Call(id="last", tool="Bash", name="Bash", command=fixed), 200)
    tracker.feed(Result(call_id="last", status="ok", exit_code=0), 201)
    (closed,) = tracker.closed
    return closed


def lead(made: Candidate | None) -> str | None:
    return made.text.split("\n\n")[0] if made else None


def test_another_way_to_call_the_tool_is_taught_with_what_failed() -> None:
    made = failures.candidate(
        episode("gh pr diff 8 --stat", "unknown flag: --stat", "gh pr diff 8 --name-only")
    )
    assert made is not None
    assert (
        lead(made) == "Use `gh pr diff 8 --name-only`, not `gh pr diff 8 --stat`, "
        "which failed with “unknown flag: --stat”."
    )
    assert made.proven
    assert not made.quotes_person
    assert made.applies.commands == ("gh pr diff",)
    assert made.applies.families == ("gh pr diff: unknown flag: --stat",)
    assert (made.evidence.failed_exit, made.evidence.fixed_exit, made.evidence.fixed_line) == (1, 0, 201)
    for part in ("- Tried: `gh pr diff 8 --stat`", "- Exit code: 1", "It failed once"):
        assert part in made.text


def test_the_same_lesson_of_another_number_has_the_same_key() -> None:
    one = failures.candidate(
        episode("gh pr diff 8 --stat", "unknown flag: --stat", "gh pr diff 8 --name-only")
    )
    other = failures.candidate(
        episode("gh pr diff 91 --stat", "unknown flag: --stat", "gh pr diff 91 --name-only")
    )
    assert one is not None
    assert other is not None
    assert one.same == other.same


def test_a_directory_that_a_command_needs_is_taught() -> None:
    made = failures.candidate(
        episode("npm run lint", 'npm error Missing script: "lint"', "cd web && npm run lint")
    )
    assert (
        lead(made)
        == 'Run `npm run lint` in `web`: elsewhere it failed with “npm error Missing script: "lint"”.'
    )
    assert made is not None
    assert made.applies.paths == ("web",)


def test_a_step_that_must_come_first_is_taught() -> None:
    made = failures.candidate(
        episode(
            "bun run lint",
            "bash: line 1: biome: command not found",
            "bun run lint",
            between=("ls", "bun install"),
        )
    )
    assert lead(made) == (
        "Run `bun install` before `bun run lint`: without it, "
        "it failed with “bash: line 1: biome: command not found”."
    )


def test_of_two_commands_the_one_that_failed_is_taught() -> None:
    made = failures.candidate(
        episode(
            "make fmt && bun run lint",
            "bash: line 1: biome: command not found",
            "make fmt && bun run lint",
            between=("bun install",),
        )
    )
    assert made is not None
    assert made.applies.commands == ("bun run lint",)


def test_a_variable_is_taught_only_when_the_message_names_it() -> None:
    slow = failures.candidate(
        episode("bun test a", "error: exit code 143 not found", "BUN_TIMEOUT=9 bun test a")
    )
    missing = failures.candidate(episode("deploy", "API_URL must be set", "API_URL=x deploy"))
    assert slow is None
    assert missing is not None


def test_a_line_of_configuration_that_names_what_was_missing_is_taught() -> None:
    change = Edit("pyproject.toml", "[tool]", '[tool]\nasyncio_mode = "auto"')
    made = failures.candidate(
        episode("pytest", "error: unknown setting asyncio_mode needed here", "pytest", edits=(change,))
    )
    assert made is not None
    assert 'set `asyncio_mode = "auto"` in `pyproject.toml`' in made.text


@pytest.mark.parametrize(
    ("failed", "message", "fixed", "edits", "between"),
    [
        # the code was at fault and was mended
        ("go test", "a.go:1:2: undefined: Foo", "go test", (Edit("a.go", "", "func Foo() {}"),), ()),
        # the same call again, nothing done
        ("git push origin main", "error: failed to push some refs", "git push origin main", (), ()),
        # only how much is printed differs
        ("go vet ./a", "go: cannot find main module", "go vet -v ./a", (), ()),
        # a message that says only that something failed
        ("make x", "make: *** [x] Error 2", "make x -k", (), ()),
        # another commit message explains nothing
        ("git commit -m 'one'", "fatal: unable to write new index file", "git commit -m 'two'", (), ()),
        # help is no fix
        ("tool --bad x", "error: unknown option --bad", "tool --help x", (), ()),
        # another step of the same work
        ("git rebase main", "error: could not read index", "git rebase --continue", (), ()),
        # reading configuration prepares nothing
        ("git fetch", "fatal: repository not found", "git fetch", (), ("git config --get url",)),
        # a linter was silenced: its message names the rule, and the reason is not known
        ("make lint", "a.go:1:2: bad (errcheck)", "make lint", (Edit("a.go", "", "//nolint:errcheck"),), ()),
        # a command too long to be shown
        ("tool --bad " + "x" * 300, "unknown option --bad", "tool --good " + "x" * 300, (), ()),
        # the directory was wrong, not the command
        ("cd x && go test -a ./b", "sh: line 1: cd: x: No such file", "go test -c ./b", (), ()),
        # a command of several lines
        ("tool --bad 'a\nb'", "unknown option --bad", "tool --good 'a\nb'", (), ()),
        # where a person looked
        ("cat a/b.txt", "cat: a/b.txt: No such file or directory", "cat b.txt", (), ()),
    ],
)  # fmt: skip
def test_a_fix_that_says_nothing_to_another_session_stays_statistics(
    failed: str, message: str, fixed: str, edits: tuple[Edit, ...], between: tuple[str, ...]
) -> None:
    assert lead(failures.candidate(episode(failed, message, fixed, edits=edits, between=between))) is None


def test_a_failure_that_has_not_ended_teaches_nothing() -> None:
    failure = Failure(
        family="f",
        specific="s",
        generic=False,
        message="unknown flag: --x",
        tool="Bash",
        owner="gh",
        command="gh --x",
    )
    assert failures.candidate(Episode(failure=failure)) is None


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("error in /home/me/code/a.go:1", "error in a.go:1"),
        ("two\n  lines", "two lines"),
        ("x" * 200, "x" * 139 + "…"),
        ("", ""),
    ],
)
def test_an_error_line_is_shown_short_and_without_directories(message: str, shown: str) -> None:
    assert failures.shown(message) == shown


COMMANDS = st.sampled_from(
    ["gh pr diff --stat", "gh pr diff 'a\n\nb'", "npm test", "cd x && npm test", "pip install y", "make lint"]
) | st.text(max_size=60)


@given(COMMANDS, st.text(max_size=120), COMMANDS, st.lists(COMMANDS, max_size=3), st.text(max_size=80))
def test_whatever_is_taught_is_one_paragraph_and_one_line(
    failed: str, message: str, fixed: str, between: list[str], added: str
) -> None:
    """The lead must be the first paragraph, for that is what an agent is shown."""
    made = failures.candidate(
        Episode(
            failure=Failure(
                family="f",
                specific="s",
                generic=False,
                message=message,
                tool="Bash",
                owner="",
                command=failed,
            ),
            fix=Fix(command=fixed, between=tuple(between), edits=(Edit("pyproject.toml", "", added),)),
        )
    )
    if made is not None:
        first, _, rest = made.text.partition("\n\n")
        assert "\n" not in first
        assert rest.startswith("## Details\n\n- Tried: ")
        assert all(made.same)


def test_no_half_of_a_secret_is_left_where_a_text_is_cut() -> None:
    token = "ghp_" + "Ab3dEf6hIj9lMn2pQr5tUv8xYz1C" + "3e5G7i9K"
    for before in range(80, 400, 8):
        long = "echo " + "b" * before + f" {token} && gh pr diff 8"
        message = f"unknown flag: --stat {'b' * before} {token}"
        made = failures.candidate(episode(f"{long} --stat", message, f"{long} --name-only"))
        assert made is not None
        kept = [made.text, made.evidence.failed or "", made.evidence.fixed or ""]
        assert "ghp_" not in " ".join(map(neutral_text, kept)), before
