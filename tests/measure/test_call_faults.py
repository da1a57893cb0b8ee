from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.measure.call_faults import call_fault, is_its_work, passes_by_itself

BLAMED = [
    ('npm error Missing script: "test:unit"', "not defined", "test:unit"),
    ("ERR_PNPM_NO_SCRIPT  Missing script: lint", "not defined", "lint"),
    ('error: Script not found "types"', "not defined", "types"),
    ('error Command "tset" not found.', "not defined", "tset"),
    ("make: *** No rule to make target 'docs'.  Stop.", "not defined", "docs"),
    ("mise ERROR no task test:unit found", "not defined", "test:unit"),
    ("error: Justfile does not contain recipe `tests`.", "not defined", "tests"),
    ('task: Task "tests" does not exist', "not defined", "tests"),
    ("Don't know how to build task 'db:sed'", "not defined", "db:sed"),
    ("error: no such command: `nextest`", "not defined", "nextest"),
    ("error: package ID specification `store` did not match any packages", "not defined", "store"),
    ("error: unexpected argument '--all-target' found", "no such option", "--all-target"),
    ("pytest: error: unrecognized arguments: --fast", "no such option", "--fast"),
    ("CACError: Unknown option `--runInBand`", "no such option", "--runInBand"),
    ("flag provided but not defined: -fast", "no such option", "-fast"),
    ("unknown shorthand flag: 'x' in -x", "no such option", "-x"),
    ("error: features `a` and `b` are mutually exclusive", "no such option", ""),
    ("bash: line 1: rspec: command not found", "not installed", "rspec"),
    ("sh: 1: vitest: not found", "not installed", "vitest"),
    ("zsh: command not found: docker-compose", "not installed", "docker-compose"),
    ("/usr/bin/python3: No module named pytest", "not installed", "pytest"),
    ("E   ModuleNotFoundError: No module named 'shop'", "not set up", "shop"),
    (
        'a.go:12: running "mockgen": exec: "mockgen": executable file not found in $PATH',
        "not installed",
        "mockgen",
    ),
    ("error: Failed to spawn: `pytest`", "not installed", "pytest"),
    (
        "error: could not find `Cargo.toml` in `/home/ada` or any parent directory",
        "wrong folder",
        "Cargo.toml",
    ),
    ("go: go.mod file not found in current directory or any parent directory", "wrong folder", "go.mod"),
    ("npm error code ENOENT", "wrong folder", ""),
    ("ERROR: file or directory not found: tests/unit", "wrong folder", "tests/unit"),
    ("python: can't open file '/home/ada/manage.py': [Errno 2]", "wrong folder", "/home/ada/manage.py"),
    ("No test files found, exiting with code 1", "wrong folder", ""),
    ("Error: Cannot find package 'core' imported from a.ts", "not set up", "core"),
    ('Error: @prisma/client did not initialize yet. Please run "prisma generate"', "not set up", ""),
    (
        "Could not find a.gem in locally installed gems. Run `bundle install` to install missing gems.",
        "not set up",
        "",
    ),
    ("error: DATABASE_URL is not set", "not set up", "DATABASE_URL"),
    ('connection to server at "localhost", port 5432 failed: Connection refused', "not set up", ""),
    ("Cannot connect to the Docker daemon at unix:///var/run/docker.sock", "not set up", ""),
    ("This project is configured to use pnpm because package.json says so", "refused", "pnpm"),
    ("error: externally-managed-environment", "refused", ""),
    ("./scripts/check.sh: Permission denied", "refused", "./scripts/check.sh"),
]


@pytest.mark.parametrize(("message", "reason", "named"), BLAMED)
def test_what_blames_the_call_or_its_set_up_is_known_with_the_word_it_names(
    message: str, reason: str, named: str
) -> None:
    fault = call_fault(message)
    assert fault is not None
    assert (fault.reason, fault.named) == (reason, named)


NOT_BLAMED = [
    "FAILED tests/test_a.py::test_b - assert 1 == 2",
    "AssertionError: expected 1 to be 2",
    "src/a.ts(3,1): error TS2304: Cannot find name 'x'.",
    "error[E0308]: mismatched types",
    "store.go:12:3: undefined: Foo",
    "--- FAIL: TestA (0.00s)",
    "Tests: 3 failed, 9 passed",
    "error: could not compile `store` (lib) due to 2 previous errors",
    "main.go:4: got 3 attempts, want 5",
    "npm error network request to https://example.org failed, reason: ECONNRESET",
    "error: Failed to fetch: `https://example.org/simple/httpx/`",
    "fatal: Unable to create '.git/index.lock': File exists.",
    "✗ 3 problems (3 errors, 0 warnings)",
    "panic: runtime error: index out of range",
    "Error: Cannot find module './missing' from 'src/a.ts'",
    "",
]


@pytest.mark.parametrize("message", NOT_BLAMED)
def test_red_tests_broken_code_and_what_passes_blame_nobody(message: str) -> None:
    assert call_fault(message) is None


def test_a_service_of_the_project_that_does_not_run_does_not_pass_by_itself() -> None:
    assert not passes_by_itself("dial tcp 127.0.0.1:5432: connect: connection refused")
    assert passes_by_itself("dial tcp 93.184.216.34:443: connect: connection refused")
    assert is_its_work("--- FAIL: TestA")
    assert not is_its_work("FAIL\texample.com/a [setup failed]")


@given(st.text(max_size=400))
def test_any_message_is_judged(message: str) -> None:
    call_fault(message)
