from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from holdfast.hook import signature
from holdfast.hook.signature import Signature, sign

OUTPUT = st.text(
    st.sampled_from("error: FAIL\n\t\x1b[31m]\x07\r()\"'`/.:=+-0123456789aEx\u202e") | st.characters(),
    max_size=300,
)


def signed(output: str, command: str = "go test ./...") -> Signature:
    return sign("Bash", command, output)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a/b.go:12:3: undefined: Foo", "a/b.go:99:7: undefined: Foo"),
        ("a/b.go:12:3: undefined: Foo", "/home/me/x/a/b.go:12:3: undefined: Foo"),
        ("a/b.go:12:3: undefined: Foo", "b.go:1:1: undefined: Foo"),
        ("--- FAIL: TestX (0.01s)", "--- FAIL: TestX (12.50s)"),
        (
            "src/a.ts(3,5): error TS2304: Cannot find name 'x'.",
            "src/a.ts(9,1): error TS2304: Cannot find name 'x'.",
        ),
        ("2026-01-02 10:11:12 error: no disk", "2027-03-04 20:21:22 error: no disk"),
        ("error: bad pointer 0x1f9080", "error: bad pointer 0x22"),
        ("\x1b[31merror: boom\x1b[0m", "error: boom"),
    ],
)
def test_the_same_error_at_another_line_time_or_directory_is_the_same(one: str, other: str) -> None:
    assert signed(one).specific == signed(other).specific
    assert signed(one).family == signed(other).family


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a.go:1:2: undefined: Foo", "a.go:1:2: undefined: Bar"),
        ("error: unknown option '--foo'", "error: unknown option '--bar'"),
        ("ModuleNotFoundError: No module named 'yaml'", "ModuleNotFoundError: No module named 'toml'"),
        ("Error: Cannot find module './a'", "Error: Cannot find module './b'"),
        ("a.go:1:2: declared and not used: x", "a.go:1:2: declared and not used: y"),
    ],
)
def test_another_identifier_is_the_same_family_and_another_failure(one: str, other: str) -> None:
    assert signed(one).family == signed(other).family
    assert signed(one).specific != signed(other).specific


def test_another_command_or_another_message_is_another_family() -> None:
    assert signed("error: boom here").family != signed("error: boom here", "go build").family
    assert signed("error: boom here").family != signed("error: no disk left").family


def test_the_codes_and_names_of_errors_are_part_of_the_template() -> None:
    assert signature.mask("src/a.ts(3,5): error TS2304: Cannot find name 'x'.") == (
        "<path>(<n>): error TS2304: Cannot find name <q>."
    )
    assert signature.mask("E   requests.exceptions.ConnectionError: 127.0.0.1") == (
        "E requests.exceptions.ConnectionError: <n>"
    )
    assert (
        signature.mask("error[E0382]: borrow of moved value: `v`")
        == "error[E0382]: borrow of moved value: <q>"
    )


def test_an_apostrophe_opens_no_quotation() -> None:
    assert signature.mask("sed: can't read what isn't there") == "sed: can't read what isn't there"


@pytest.mark.parametrize(
    "output",
    [
        "FAIL",
        "exit status 1",
        "Exit code 1",
        "make: *** [Makefile:3: test] Error 2",
        "FAIL\texample.com/a\t0.1s",
        "--- FAIL: TestX (0.01s)",
        "3 failed, 2 passed in 1.2s",
        'error: script "lint" exited with code 1',
        "npm ERR! code ELIFECYCLE",
        "Found 3 errors.",
        "[lint] ERROR task failed",
        "",
        "x",
    ],
)
def test_a_message_that_says_only_that_something_failed_is_generic(output: str) -> None:
    assert signed(output).generic


@pytest.mark.parametrize(
    "output", ["a.go:1:2: undefined: X", "fatal: not a git repository", "error: unknown option '-z'"]
)
def test_a_message_that_says_what_failed_is_not_generic(output: str) -> None:
    assert not signed(output).generic


@pytest.mark.parametrize(
    ("output", "line"),
    [
        (
            "ok  \ta\t0.1s\n# pkg [pkg.test]\na.go:1:2: undefined: X\nFAIL\nexit status 1",
            "a.go:1:2: undefined: X",
        ),
        ("warning: unused\nerror[E0382]: moved\n --> a.rs:1", "error[E0382]: moved"),
        (
            "=== RUN TestX\n    a_test.go:12: got 1, want 2\n--- FAIL: TestX (0.0s)",
            "a_test.go:12: got 1, want 2",
        ),
        ("Traceback (most recent call last):\n  File \"a.py\", line 1\nKeyError: 'x'", "KeyError: 'x'"),
        ("a.go:38: 38-50 lines are duplicate\nfunc f() error {", "a.go:38: 38-50 lines are duplicate"),
        ("panic({0x10, 0x20})\ngoroutine 1 [running]:\npanic: nil map", "panic: nil map"),
        ("0 errors so far\n10 errors found in a.txt", "10 errors found in a.txt"),
        ("all is well", "all is well"),
        ("", ""),
    ],
)
def test_the_line_that_says_best_what_went_wrong_is_chosen(output: str, line: str) -> None:
    assert signature.error_line(output) == line


def test_what_a_viewer_shows_is_not_its_error() -> None:
    shown = "error: this stands in the file\nsed: can't read b.txt: No such file or directory"
    assert sign("Bash", "sed -n 1p a.txt b.txt", shown).line.startswith("sed: can't read")
    assert signature.complaint("cat a.txt", "error_log: this stands in the file") == ""
    assert (
        signature.complaint("cat a.txt", "zsh:1: command not found: cat") == "zsh:1: command not found: cat"
    )


def test_a_directory_that_is_not_there_is_blamed_on_cd() -> None:
    failed = signed("(eval):cd:1: no such file or directory: web", "cd web && npm test")
    assert (failed.owner, failed.family.split(":")[0]) == ("cd", "cd")


def test_of_two_commands_the_one_that_failed_owns_the_failure() -> None:
    failed = signed("a.go:1:2: bad (errcheck)\n[lint] ERROR task failed", "mise run fmt && mise run lint")
    assert failed.owner == "mise run lint"
    assert failed.family == signed("b.go:7:1: bad (errcheck)", "mise run lint").family


def test_a_file_tool_is_signed_by_its_first_line() -> None:
    failed = sign("Edit", None, "String to replace not found in file.\nString: error: boom")
    assert failed.family == "Edit: String to replace not found in file."
    assert failed.owner == "Edit"


@pytest.mark.parametrize(
    "output",
    [
        "--- FAIL: TestX (0.0s)",
        "FAILED tests/a.py::test_x - assert 1 == 2",
        "E       assert 1 == 2",
        "a.go:1:2: undefined: X",
        "src/a.ts(3,5): error TS2304: Cannot find name",
        "error[E0382]: moved",
        "main.c:3:1: error: expected ';'",
        "main.c: fatal error: x.h",
        "fatal: not a git repository",
        "Traceback (most recent call last):",
        "===== 1 failed, 2 passed in 3.1s =====",
        "Tests:       1 failed, 2 passed",
        "test result: FAILED. 1 passed; 1 failed",
        "bash: foo: command not found",
        "npm ERR! missing script: x",
        "Found 2 errors in 1 file",
        "[lint] ERROR task failed",
        "x (exit code 2)",
    ],
)
def test_a_tools_failure_report_is_recognised(output: str) -> None:
    assert signature.reports_failure("some line\n" + output + "\nmore")


@pytest.mark.parametrize(
    "output",
    [
        "2026-01-02 10:00:00 ERROR worker: connection lost",
        "ERROR:root:retrying",
        "handled error gracefully",
        "0 errors, 0 warnings",
        "===== 12 passed, 0 failed in 3s =====",
        "Found 0 errors. Watching for file changes.",
        "the test prints error: when asked",
        "main.c:3:1: warning: unused variable",
        "PASS\nok  \ta\t0.1s",
        "level=error msg=boom",
        "",
    ],
)
def test_a_log_that_tells_of_errors_is_no_failure_report(output: str) -> None:
    assert not signature.reports_failure(output)


@given(OUTPUT)
@example("\x1b\x1b[31m[31m")
@example("\r\x00\n")
@example("\x1b]0;title\x07text\ud800")
def test_plain_text_holds_no_controls_and_stays_as_it_is(output: str) -> None:
    text = signature.plain(output)
    assert signature.plain(text) == text
    assert not [c for c in text if (ord(c) < 32 and c not in "\t\n") or c in "\x7f\u202e\u200b\ufeff"]


@given(OUTPUT, st.none() | st.text(max_size=60))
def test_any_output_has_a_bounded_signature_and_always_the_same(output: str, command: str | None) -> None:
    first = sign("Bash", command, output)
    assert first == sign("Bash", command, output)
    assert len(first.family) <= 240
    assert len(first.line) <= signature.MAX_LINE
    assert len(first.specific) == 12
    assert "\n" not in first.family


@pytest.mark.parametrize(
    "hostile",
    [
        "\x1b[" * 500_000, "\x1b]" * 500_000, "a" * 10**6, "error: a\n" * 110_000, "=+ " * 330_000,
        "/a" * 500_000, "'" * 10**6, "error " * 170_000, "1.2." * 250_000, "a.b:1:" * 170_000,
    ],
    ids=["csi", "osc", "word", "lines", "equals", "path", "quotes", "words", "numbers", "positions"],
)  # fmt: skip
def test_a_megabyte_of_hostile_output_is_answered(hostile: str) -> None:
    assert len(signature.plain(hostile)) <= len(hostile)
    assert len(signed(hostile).family) <= 240
    signature.reports_failure(hostile)
    assert len(signature.mask(hostile)) <= 160
