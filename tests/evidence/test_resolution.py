from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.evidence import resolution
from holdfast.transcripts.events import Call


@pytest.mark.parametrize(
    "message",
    [
        "unknown flag: --stat",
        "error: unrecognized arguments: -x",
        "bash: tsc: command not found",
        "fatal: not a git repository",
        "stat ./session: no such file or directory",
        "ModuleNotFoundError: No module named 'yaml'",
    ],
)
def test_a_message_about_the_call_or_the_set_up_blames_usage(message: str) -> None:
    assert resolution.is_usage(message)


@pytest.mark.parametrize(
    "message",
    [
        "a.go:1:2: undefined: Foo",
        "a_test.go:7: file not found, want it",
        "--- FAIL: TestMissing",
        "src/a.ts(1,2): error TS2304: Cannot find name 'x'",
        "AssertionError: assert 1 == 2",
        "",
    ],
)
def test_a_message_about_the_code_blames_no_usage(message: str) -> None:
    assert not resolution.is_usage(message)


@pytest.mark.parametrize(
    ("command", "targets"),
    [
        ("go test ./a ./b -v -count=1 > log", {"./a", "./b"}),
        ("pytest -q tests/x.py -k slow", {"tests/x.py"}),
        ("git commit -m 'a message' a.txt", {"a.txt"}),
        ("npm run build", set()),
        ("", set()),
    ],
)
def test_targets_are_what_a_command_works_on(command: str, targets: set[str]) -> None:
    assert resolution.targets(command) == targets


@given(st.text(max_size=80), st.text(max_size=80), st.text(max_size=80))
def test_any_pair_of_commands_is_judged(failed: str, message: str, succeeded: str) -> None:
    call = Call(id="x", tool="Bash", name="Bash", command=succeeded)
    assert resolution.resolves("Bash", failed, message, (), call) in (True, False)


@given(
    st.sampled_from(["go test ./a", "npm run build", "make -j8 x", "python -m pytest a.py"]),
    st.text(max_size=60),
)
def test_the_same_command_succeeding_always_ends_its_failure(command: str, message: str) -> None:
    call = Call(id="x", tool="Bash", name="Bash", command=command)
    assert resolution.resolves("Bash", command, message, (), call)


def test_calls_of_many_words_are_compared_in_bounded_time() -> None:
    failed, mended = ("tool " + " ".join(f"{n:04}{x * 95}" for n in range(300)) for x in ("ab", "ac"))
    message = "unknown option " + failed
    assert not resolution.resolves(
        "Bash", failed, message, (), Call(id="1", tool="Bash", name="Bash", command=mended)
    )
