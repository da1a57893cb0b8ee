"""``holdfast recall`` as a user meets it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from holdfast.learn.ingest import ingest
from holdfast.learn.view import View
from holdfast.repo.location import Repository
from holdfast.testing import repositories
from holdfast.testing.sessions import ClaudeSession

Run = Callable[..., Any]
NO_MODULE = "E   ModuleNotFoundError: No module named 'shop'\n"


@pytest.fixture(autouse=True)
def _there(learned: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(learned.directory)


def test_what_is_near_is_shown_with_how_sure_it_is(holdfast: Run) -> None:
    done = holdfast("recall", "pytest")
    assert done.code == 0
    assert "Use `uv run pytest -q`" in done.out
    assert "failure · proven · worked in 4 sessions · recorded · " in done.out


def test_nothing_near_exits_with_1(holdfast: Run) -> None:
    done = holdfast("recall", "kubernetes", "ingress")
    assert (done.code, done.out) == (1, "Nothing recorded that is near to “kubernetes ingress”.\n")


def test_a_failure_is_answered_with_what_ended_it(learned: Repository, program: Run) -> None:
    args = ("recall", "--command", "pytest -q", "--output", "-")
    done = program(*args, cwd=learned.directory, stdin=NO_MODULE)
    assert done.code == 0
    assert "ended this failure in 4 of 4 sessions · proven" in done.out
    done = program(*args, cwd=learned.directory, stdin="\x1b[2Jerror: unknown zebra 'x'\n")
    assert done.code == 1
    assert "Nothing is recorded about it." in done.out
    assert "\x1b" not in done.out


def test_the_output_may_come_from_a_file(holdfast: Run, tmp_path: Path) -> None:
    (tmp_path / "out.txt").write_text(NO_MODULE)
    assert holdfast("recall", "--command", "pytest -q", "--output", str(tmp_path / "out.txt")).code == 0


def test_a_failure_of_an_agents_own_tool_is_asked_for_by_its_name(
    learned: Repository, program: Run, tmp_path: Path
) -> None:
    session = ClaudeSession("00000077-0000-4000-8000-0000000000aa", root="/home/ada/shop", start=1.7723e9)
    session.read("src/gone.py", "", missing=True)
    session.edit("a.py", "one", "two")
    with View(learned) as view:
        ingest(view, [session.write(tmp_path / "session.jsonl")])
    done = program(
        "recall", "--command", "Read", "--output", "-", cwd=learned.directory, stdin="File does not exist.\n"
    )
    assert "It occurred in 1 session before" in done.out


def test_limit_is_kept(holdfast: Run) -> None:
    assert len(holdfast("recall", "failed not found", "-n", "1", "--json").json["items"]) <= 1


def test_notes_are_shown_with_their_line_once(holdfast: Run, learned: Repository) -> None:
    assert learned.root is not None
    (learned.root / "learnings.md").write_text("- Freeze `deploy/prod` on Fridays.\n")
    out = holdfast("recall", "freeze fridays").out
    assert out.count("learnings.md:1") == 1


def test_output_without_its_command_is_a_usage_error(holdfast: Run) -> None:
    done = holdfast("recall", "pytest", "--output", "out.txt")
    assert done.code == 2
    assert "--command CMD" in done.err


def test_what_a_stranger_recorded_is_said_to_be_theirs(
    holdfast: Run, learned: Repository, tmp_path: Path, fetch_records: Callable[..., None]
) -> None:
    other = repositories.make_repository(tmp_path / "other")
    other.git("config", "user.email", "somebody-else@example.invalid")
    fetch_records(other, learned)
    theirs = "recorded by developer@example.invalid, not accepted here"
    where = ("-C", str(other.directory))
    assert theirs in holdfast("recall", "pytest", *where).out
    failed = tmp_path / "out.txt"
    failed.write_text(NO_MODULE)
    assert theirs in holdfast("recall", "--command", "pytest -q", "--output", str(failed), *where).out
    known = holdfast("recall", "pytest", "--json", *where).json["items"][0]["id"]
    assert theirs in holdfast("why", known, *where).out


def test_before_a_command_runs_what_went_wrong_and_what_works_is_told(holdfast: Run) -> None:
    done = holdfast("recall", "--command", "pytest -q", "--explain")
    assert done.code == 0
    assert "`pytest` worked in 6 of 11 runs" in done.out
    assert "Use `uv run pytest -q`" in done.out
    assert "about this very call" in done.out
    assert "Worth: " in done.out


def test_a_command_that_never_ran_is_said_to_be_unknown(holdfast: Run) -> None:
    done = holdfast("recall", "--command", "zig build")
    assert (done.code, done.out) == (1, "Nothing recorded about `zig build`.\n")


def test_an_approach_that_failed_is_shown_with_its_evidence(holdfast: Run) -> None:
    done = holdfast("recall", "--approach", "run pytest -q")
    assert done.code == 0
    assert done.out.startswith("Risk: high, ≈ 83% that it fails (n = 4)\nAgainst it:\n")
    assert "--anyway REASON" in done.out


def test_nothing_recorded_about_an_approach_is_said(holdfast: Run) -> None:
    done = holdfast("recall", "--approach", "rewrite it in zig")
    assert (done.code, done.out) == (1, "Nothing recorded about “rewrite it in zig”.\n")


def test_going_on_all_the_same_is_recorded_and_shown_by_why(holdfast: Run) -> None:
    done = holdfast(
        "recall", "--approach", "run pytest -q", "--anyway", "the path is set", "--agent", "codex", "--json"
    )
    assert done.json["gone_on"]
    told = holdfast("why", done.json["against"][0]["id"]).out
    assert "gone on against it by codex with “run pytest -q”: the path is set" in " ".join(told.split())


@pytest.mark.parametrize(
    ("args", "told"),
    [
        ((), "one of the three"),
        (("x", "--command", "make"), "one of the three"),
        (("--command", "make", "--approach", "make it"), "one of the three"),
        (("--command", " "), "Which command?"),
        (("--approach", " "), "Which approach?"),
        (("--semantic", "--command", "make"), "goes with words"),
        (("pytest", "--context", "c"), "--approach TEXT"),
        (("pytest", "--anyway", "r"), "--approach TEXT"),
        (("--approach", "run pytest -q", "--agent", "codex"), "--anyway REASON"),
        (("--approach", "rewrite it in zig", "--anyway", "r"), "nothing to override"),
        (("--approach", "run pytest -q", "--anyway", " "), "needs a reason"),
    ],
)
def test_what_cannot_be_asked_says_what_to_do(holdfast: Run, args: tuple[str, ...], told: str) -> None:
    done = holdfast("recall", *args)
    assert done.code == 2
    assert told in done.err


def test_what_is_chosen_on_this_machine_finds_by_meaning(
    holdfast: Run, learned: Repository, samples: Path, tiny_model: Any, tmp_path: Path
) -> None:
    done = holdfast("recall", "--semantic", "pytest")
    assert done.code == 2
    assert "holdfast ingest --semantic FOLDER" in done.err
    model = tiny_model.make(tmp_path / "model")
    assert holdfast("ingest", str(samples), "--semantic", str(model)).code == 0
    assert "Use `uv run pytest -q`" in holdfast("recall", "--semantic", "pytest").out
    assert holdfast("ingest", str(samples), "--semantic", "off").code == 0
    assert holdfast("recall", "--semantic", "pytest").code == 2


def test_a_model_that_breaks_later_fails_no_ingest(
    holdfast: Run, learned: Repository, samples: Path, tiny_model: Any, tmp_path: Path
) -> None:
    model = tiny_model.make(tmp_path / "model")
    assert holdfast("ingest", str(samples), "--semantic", str(model)).code == 0
    (model / "model.onnx").write_bytes(b"no model")
    done = holdfast("ingest", str(samples))
    assert done.code == 0
    assert "No vectors were made" in done.err
