"""The report opens with what one can act on, and is honest about what it does not know."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from holdfast.measure.tuition import since
from holdfast.measure.tuition.change import apply_change
from holdfast.measure.tuition.report import Tuition, tuition
from holdfast.measure.tuition.sessions import read_sessions
from holdfast.repo.location import Repository
from holdfast.testing.repositories import commit, make_repository
from holdfast.testing.sessions import ClaudeSession
from holdfast.transcripts.transcript import expand

from .conftest import DAY, GREEN, RED, START, Ran, write

INSTRUCTIONS = (
    "# Shop\n\n- Run tests with `bun test`\n- Never run `npm install`: it rewrites the lock file.\n"
)
INSTALLED = Ran("npm install left-pad", "added 1 package")


@pytest.fixture
def repository(tmp_path: Path, isolated_home: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A repository whose commits are older than every session."""
    monkeypatch.setenv("GIT_COMMITTER_DATE", f"{START - DAY:.0f} +0000")
    return make_repository(tmp_path / "shop")


def report(repository: Repository | None, folder: Path, **more: object) -> Tuition:
    return tuition(read_sessions(list(expand([folder]))), repository, **more)  # type: ignore[arg-type]


def test_a_line_that_fails_comes_first_with_its_change(repository: Repository, tmp_path: Path) -> None:
    commit(repository.directory, {"CLAUDE.md": INSTRUCTIONS, "package.json": '{"scripts":{"test":"vitest"}}'})
    for number in range(12):
        write(tmp_path / "logs", number, [RED, Ran("ls"), GREEN, *([INSTALLED] if number % 3 == 0 else [])])
    found = report(repository, tmp_path / "logs")
    first, second, *_ = found.findings
    assert first.kind == "instruction that fails"
    assert first.text.startswith("CLAUDE.md:3 says `bun test`; it failed in all 12 sessions")
    assert first.cure.change is not None
    apply_change(repository.directory, first.cure.change)
    assert "- Run tests with `bun run test`\n" in (repository.directory / "CLAUDE.md").read_text()
    assert second.kind == "instruction that is broken"
    assert second.cure.form == "guard"
    assert second.cure.change is not None
    assert second.cure.change.path == ".claude/settings.json"
    assert not found.healthy


def test_a_failure_with_one_fix_gets_a_line_of_its_own(repository: Repository, tmp_path: Path) -> None:
    for number in range(6):
        wrong = Ran("gh pr diff 12 --stat", "unknown flag: --stat", 1)
        write(tmp_path / "logs", number, [wrong, Ran("gh pr diff 12 --name-only", "a.py")])
    found = report(repository, tmp_path / "logs")
    (finding,) = found.findings
    assert finding.kind == "repeated failure"
    assert "`gh pr diff 12 --name-only` worked instead" in finding.text
    assert finding.cure.change is not None
    assert (finding.cure.change.path, finding.cure.change.creates) == ("AGENTS.md", True)


def test_a_line_that_fails_is_not_told_again_as_one_that_names_what_is_gone(
    repository: Repository, tmp_path: Path
) -> None:
    commit(repository.directory, {"CLAUDE.md": "- Ship with `make deploy`\n", "Makefile": "test:\n\ttrue\n"})
    missing = Ran("make deploy", "make: *** No rule to make target 'deploy'.  Stop.", 2)
    for number in range(6):
        write(tmp_path / "logs", number, [missing])
    kinds = [finding.kind for finding in report(repository, tmp_path / "logs").findings]
    assert kinds == ["instruction that fails"]


def test_what_a_mend_ended_is_marked_and_not_proposed_again(repository: Repository, tmp_path: Path) -> None:
    wrong, right = Ran("gh pr diff 12 --stat", "unknown flag: --stat", 1), Ran("gh pr diff 12 --name-only")
    for number in range(16):
        write(tmp_path / "logs", number, [wrong, right] if number < 8 else [right])
    before = report(repository, tmp_path / "logs")
    assert [finding.kind for finding in before.findings] == ["repeated failure"]
    at, command = START + 7.5 * DAY, "gh pr diff 12 --stat"
    since.note(repository, since.Mended(at=at, where="AGENTS.md:3", command=command))
    after = report(repository, tmp_path / "logs")
    assert after.findings == []
    assert [failure.ended for failure in after.repeated] == ["2026-06-28"]
    assert after.repeated[0].cure is None


def test_more_than_three_findings_are_all_in_the_report(repository: Repository, tmp_path: Path) -> None:
    lines = "".join(f"- The schema of {name} is in `db/{name}.sql`\n" for name in "abcde")
    commit(repository.directory, {"AGENTS.md": lines})
    assert len(report(repository, tmp_path / "none").findings) == 5


def test_sessions_of_other_folders_and_older_ones_are_counted(repository: Repository, tmp_path: Path) -> None:
    for number in range(6):
        root = str(repository.directory) if number % 2 else "/home/ada/other"
        write(tmp_path / "logs", number, [GREEN], root=root)
    found = report(repository, tmp_path / "logs", after=START + 1.5 * DAY)
    assert (found.sessions, found.older, found.elsewhere) == (4, 2, 2)


@pytest.mark.parametrize("odd", ["link", "latin", "pipe"])
def test_an_instruction_file_that_is_not_changed_is_named(
    repository: Repository, tmp_path: Path, odd: str
) -> None:
    path = repository.directory / "CLAUDE.md"
    if odd == "link":
        path.symlink_to("/dev/null")
    elif odd == "latin":
        path.write_bytes("Prüfen\n".encode("latin-1"))
    else:
        os.mkfifo(path)
    for number in range(6):
        wrong = Ran("gh pr diff 12 --stat", "unknown flag: --stat", 1)
        write(tmp_path / "logs", number, [wrong, Ran("gh pr diff 12 --name-only", "a.py")])
    found = report(repository, tmp_path / "logs")
    assert [item.name for item in found.unreadable] == ["CLAUDE.md"]
    assert found.findings[0].cure.change is None
    assert not any("read no instructions" in sentence for sentence in found.advice)


def test_a_wild_clock_says_nothing(repository: Repository, tmp_path: Path) -> None:
    for number in range(6):
        path = write(tmp_path / "logs", number, [GREEN])
        if number in (0, 5):
            path.write_text(path.read_text().replace("2026-", "1970-" if number else "9999-"))
    found = report(repository, tmp_path / "logs")
    assert (found.sessions, found.first, found.last) == (6, "2026-06-22", "2026-06-25")
    assert len(found.weeks) == 1


def test_what_the_instructions_say_already_is_not_proposed(repository: Repository, tmp_path: Path) -> None:
    commit(repository.directory, {"AGENTS.md": "- See a change with `gh pr diff 12 --name-only`\n"})
    for number in range(6):
        wrong = Ran("gh pr diff 12 --stat", "unknown flag: --stat", 1)
        write(tmp_path / "logs", number, [wrong, Ran("gh pr diff 12 --name-only", "a.py")])
    found = report(repository, tmp_path / "logs")
    assert found.findings == []
    assert [failure.cure.form for failure in found.repeated if failure.cure] == ["hint"]


def test_a_healthy_repository_is_called_so(repository: Repository, tmp_path: Path) -> None:
    for number in range(6):
        write(tmp_path / "logs", number, [GREEN])
    found = report(repository, tmp_path / "logs")
    assert (found.healthy, found.thin, found.findings, found.repeated) == (True, False, [], [])
    assert any("AGENTS.md" in sentence for sentence in found.advice)


def test_thin_history_is_said_and_the_tree_is_looked_at(repository: Repository, tmp_path: Path) -> None:
    commit(repository.directory, {"AGENTS.md": "- The schema is in `db/schema.sql`\n"})
    write(tmp_path / "logs", 0, [GREEN])
    found = report(repository, tmp_path / "logs")
    assert found.thin
    assert not found.healthy
    (finding,) = found.findings
    assert (finding.kind, finding.command) == ("stale instruction", "db/schema.sql")


def test_a_renamed_file_is_mended_in_the_line(repository: Repository, tmp_path: Path) -> None:
    top = repository.directory
    commit(
        top, {"AGENTS.md": "- The schema is in `db/schema.sql`\n", "db/schema.sql": "create table a;\n" * 9}
    )
    (top / "db" / "schema.sql").rename(top / "db" / "tables.sql")
    commit(top, {}, "Rename the schema")
    (finding,) = report(repository, tmp_path / "none").findings
    assert finding.cure.change is not None
    assert finding.cure.change.added == ("- The schema is in `db/tables.sql`",)


def test_without_a_repository_there_is_a_report_and_no_change(tmp_path: Path, isolated_home: Path) -> None:
    for number in range(6):
        wrong = Ran("gh pr diff 12 --stat", "unknown flag: --stat", 1)
        write(tmp_path / "logs", number, [wrong, Ran("gh pr diff 12 --name-only", "a.py")])
    found = report(None, tmp_path / "logs")
    assert found.findings[0].cure.change is None
    assert (found.repository, found.history) == (None, None)


def test_a_question_that_sessions_ask_again_is_a_decision_to_write_down(
    repository: Repository, tmp_path: Path
) -> None:
    for number in range(5):
        talk = ClaudeSession(
            f"5f0c{number:04x}-0000-4000-8000-{number:012d}",
            root="/home/ada/shop",
            start=START + number * DAY,
        )
        talk.prompt("add storage")
        talk.ask("Which database should the order history use?", ["SQLite", "PostgreSQL"], "SQLite")
        talk.write(tmp_path / "logs" / f"{number}.jsonl")
    found = report(repository, tmp_path / "logs")
    (asked,) = found.asked
    assert asked.answers == ("SQLite",)
    assert any(finding.kind == "asked again" for finding in found.findings)


def test_sessions_before_a_day_are_left_out(repository: Repository, tmp_path: Path) -> None:
    for number in range(8):
        write(tmp_path / "logs", number, [RED, GREEN])
    found = report(repository, tmp_path / "logs", after=START + 5.5 * DAY)
    assert found.sessions == 2


def test_only_asked_is_it_told_what_ended(repository: Repository, tmp_path: Path) -> None:
    for number in range(3):
        write(tmp_path / "logs", number, [RED, GREEN])
    assert report(repository, tmp_path / "logs").ended == []


def test_documents_that_name_what_is_gone_are_told(repository: Repository, tmp_path: Path) -> None:
    text = "# Shop\n\n- Settings are read in `src/config.py`.\n"
    commit(
        repository.directory,
        {"README.md": text, "docs/start.md": "See [the plan](plan.md).\n", "src/a.py": ""},
    )
    found = report(repository, tmp_path / "none").stale_documents
    assert [(stale.path, stale.line, stale.missing) for stale in found] == [
        ("README.md", 3, "src/config.py"),
        ("docs/start.md", 1, "docs/plan.md"),
    ]


def test_a_rule_is_not_broken_by_sessions_before_it(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_COMMITTER_DATE", f"{START + 99 * DAY:.0f} +0000")
    commit(repository.directory, {"CLAUDE.md": INSTRUCTIONS})
    for number in range(6):
        write(tmp_path / "logs", number, [INSTALLED])
    assert report(repository, tmp_path / "logs").findings == []


def test_what_is_run_in_another_directory_breaks_no_rule_here(repository: Repository, tmp_path: Path) -> None:
    commit(repository.directory, {"CLAUDE.md": INSTRUCTIONS})
    for number in range(6):
        write(tmp_path / "logs", number, [Ran("cd /tmp/other && npm install left-pad", "added 1 package")])
    assert report(repository, tmp_path / "logs").findings == []
