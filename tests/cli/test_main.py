"""The program as a whole: help, exit codes, errors that say what to do, and a quick start."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from holdfast.cli.main import COMMANDS
from holdfast.repo.location import Repository
from holdfast.testing import repositories

Run = Callable[..., Any]


def test_bare_holdfast_shows_the_status(learned: Repository, program: Run) -> None:
    done = program(cwd=learned.directory)
    assert done.code == 0
    assert done.out.startswith("Known: ")
    assert done.out.splitlines()[-1].startswith("Next: holdfast ")
    assert done.out == program("status", cwd=learned.directory).out


def test_help_imports_nothing_heavy() -> None:
    code = """
import sys
sys.argv = ["holdfast", "--help"]
from holdfast.cli.main import main
try:
    main()
except SystemExit as stop:
    assert stop.code == 0
heavy = {"rich", "ruamel", "ruamel.yaml", "sqlite3", "tomlkit", "msgspec", "holdfast.repo.git"}
sys.exit(", ".join(sorted(heavy & set(sys.modules))) or 0)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_help_lists_every_command_with_its_line(program: Run, tmp_path: Path) -> None:
    done = program("--help", "--all", cwd=tmp_path, COLUMNS="110")
    assert done.code == 0
    for name, line in COMMANDS.items():
        assert name in done.out
        assert line in done.out
    assert "\n    holdfast init " in done.out, "examples stand on lines of their own"
    assert done == program("--all", "--help", cwd=tmp_path, COLUMNS="110")


def test_a_misspelt_command_is_met_with_the_nearest(holdfast: Run) -> None:
    done = holdfast("recal", "x")
    assert done.code == 2
    assert "There is no command 'recal'." in done.err
    assert "Did you mean `holdfast recall`" in done.err
    assert "holdfast --help" in holdfast("xyzzy").err


@pytest.mark.parametrize("args", [
    ("recall", "--no-such-option"), ("ingest", "--limit"), ("recall",), ("recall", "x", "--command", "y"),
    ("recall", "--command", " "), ("why",), ("why", "zzzz"), ("learn",), ("learn", "x", "-k", "rumour"),
    ("review", "accept", "zzzz"), ("ingest",), ("recall", "x", "-n", "0"),
    ("recall", "--command", "y", "--output", "missing.txt"), ("status", "-C", "missing"),
])  # fmt: skip
def test_a_wrong_call_exits_with_2_and_says_what_next(
    repository: Repository, holdfast: Run, args: tuple[str, ...]
) -> None:
    done = holdfast(*args)
    assert done.code == 2
    assert done.out == ""
    first, *rest = done.err.splitlines()
    assert first.startswith("holdfast: ")
    assert rest, "what to do next"
    assert all(line.startswith("  ") for line in rest)


def test_an_error_is_one_json_document_when_asked_for(repository: Repository, holdfast: Run) -> None:
    done = holdfast("why", "zzzz", "--json")
    assert done.json["schema"] == "holdfast.error/1"
    assert done.json["error"]["exit_code"] == done.code == 2
    assert done.json["error"]["hint"]
    assert done.err.startswith("holdfast: ")


@pytest.mark.parametrize("args", [(), ("status",), ("recall", "pytest"), ("why", "ID"), ("review",)])
def test_a_pipe_gets_no_escapes(learned: Repository, program: Run, args: tuple[str, ...]) -> None:
    args = tuple(_an_id(learned) if arg == "ID" else arg for arg in args)
    done = program(*args, cwd=learned.directory)
    assert done.code == 0
    assert "\x1b" not in done.out + done.err


def _an_id(repository: Repository) -> str:
    from holdfast.learn.view import View

    with View(repository) as view:
        return view.learnings()[0].id


def test_a_terminal_gets_colour_unless_no_color_is_set(learned: Repository) -> None:
    assert b"\x1b[1m" in _on_a_terminal(learned, "status")
    assert b"\x1b" not in _on_a_terminal(learned, "status", NO_COLOR="1")


def _on_a_terminal(repository: Repository, *args: str, **environment: str) -> bytes:
    import pty

    primary, secondary = pty.openpty()
    kept = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    running = subprocess.Popen(
        [sys.executable, "-m", "holdfast", *args], cwd=repository.directory,
        stdin=secondary, stdout=secondary, stderr=secondary, env={**kept, "TERM": "xterm", **environment},
    )  # fmt: skip
    os.close(secondary)
    printed = b""
    try:
        while chunk := os.read(primary, 4096):
            printed += chunk
    except OSError:
        pass  # the other side is closed
    finally:
        os.close(primary)
    assert running.wait(30) == 0
    return printed


def test_a_reader_that_goes_away_is_no_traceback(learned: Repository) -> None:
    done = subprocess.run(
        f"{sys.executable} -m holdfast status | true",
        shell=True, cwd=learned.directory, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "Traceback" not in done.stderr


# -- a bad environment


def everywhere(program: Run, cwd: Path, **environment: str) -> list[Any]:
    """Run every command that needs a repository."""
    calls = [
        ("status",), ("recall", "x"), ("brief",), ("why", "abcd"), ("review",), ("ingest", "x.jsonl"),
        ("learn", "Use `make`, since `gmake` fails with exit 2 in `build/`."),
    ]  # fmt: skip
    return [program(*call, cwd=cwd, **environment) for call in calls]


def test_outside_a_repository_it_says_so(program: Run, tmp_path: Path) -> None:
    for done in everywhere(program, tmp_path):
        assert done.code == 2
        assert "no git repository" in done.err
        assert "git init" in done.err
        assert "Traceback" not in done.err


def test_without_git_it_names_how_to_install_it(program: Run, tmp_path: Path) -> None:
    for done in everywhere(program, tmp_path, PATH=str(tmp_path)):
        assert done.code == 2
        assert "git is not installed" in done.err
        assert "Traceback" not in done.err


@pytest.mark.parametrize("kind", ["bare", "unborn"])
def test_a_bare_repository_and_an_unborn_head_work(
    isolated_home: Path, program: Run, tmp_path: Path, samples: Path, kind: str
) -> None:
    made = repositories.make_repository(tmp_path / "project", bare=kind == "bare", commits=0)
    done = program("ingest", str(samples), cwd=made.directory)
    assert (done.code, done.err) == (0, "")
    assert "uv run pytest" in program("recall", "pytest", cwd=made.directory).out
    assert program("status", cwd=made.directory).code == 0


def test_a_clock_that_jumps_back_changes_no_answer(learned: Repository, program: Run, samples: Path) -> None:
    said = program("recall", "pytest", cwd=learned.directory).out
    assert program("recall", "pytest", cwd=learned.directory, HOLDFAST_NOW="0").out == said
    done = program("learn", "Use `make gen` before `make test`, since it reads `gen/`; it failed otherwise.",
                   "--anyway", "old", "--json", cwd=learned.directory, HOLDFAST_NOW="1000000000")  # fmt: skip
    assert done.code == 0
    assert program("ingest", str(samples), cwd=learned.directory, HOLDFAST_NOW="1").code == 0
    assert "2001-09-09" in program("recall", "make gen", cwd=learned.directory).out


@pytest.mark.parametrize("now", ["tomorrow", "-1e99", "nan"])
def test_a_clock_that_is_none_is_ignored(learned: Repository, program: Run, now: str) -> None:
    assert program("status", cwd=learned.directory, HOLDFAST_NOW=now).code == 0


def test_a_full_disk_is_said_and_loses_nothing(
    learned: Repository, program: Run, tmp_path: Path, samples: Path
) -> None:
    """A limit on file size stands in for a full disk."""
    fresh = repositories.make_repository(tmp_path / "fresh")
    done = subprocess.run(
        ["sh", "-c", f"ulimit -f 8; exec {sys.executable} -m holdfast ingest '{samples}'"],
        cwd=fresh.directory, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    assert done.returncode in (0, 2)
    done = program("ingest", str(samples), cwd=fresh.directory)
    assert done.code == 0
    assert "uv run pytest" in program("recall", "pytest", cwd=fresh.directory).out


def test_local_state_that_is_in_the_way_is_named(learned: Repository, program: Run, samples: Path) -> None:
    plain = learned.state_dir
    plain.rename(plain.with_name("away"))
    plain.write_text("in the way")
    assert program("recall", "pytest", cwd=learned.directory).code == 0
    second = Repository.find(learned.directory).state_dir
    assert second != plain
    second.rename(second.with_name("away-too"))
    second.write_text("in the way too")
    assert program("recall", "pytest", cwd=learned.directory).code == 0
    for args in (
        ("ingest", str(samples)),
        ("learn", "Use `make`, since `gmake` fails.", "--anyway", "x"),
    ):
        done = program(*args, cwd=learned.directory)
        assert done.code == 2
        assert f"mv {second}" in done.err.replace("\n  ", " ")
        assert "Traceback" not in done.err


def test_an_output_that_is_closed_or_full_is_no_traceback(learned: Repository) -> None:
    for shell in ("exec >&-; {0} status", "{0} brief --json >/dev/full", "{0} status >/dev/full"):
        line = shell.format(f"{sys.executable} -m holdfast")
        done = subprocess.run(
            ["bash", "-c", line], cwd=learned.directory, capture_output=True, text=True, check=False
        )
        assert "Traceback" not in done.stderr, line
