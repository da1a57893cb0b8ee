"""At the first level what is learned is a line of the user's own file, and no branch is made."""

from __future__ import annotations

import pytest

from holdfast.errors import EnvironmentProblem, Refused
from holdfast.learn.view import View
from holdfast.learn.write import Written, learn_text
from holdfast.repo import config
from holdfast.repo.location import Repository
from holdfast.repo.records import Applies, Kind

TEXT = "Use `make gen` before `make test`, since it reads `gen/`; it failed with “gen missing” otherwise."
OTHER = "Use `uv run pytest -q`, not `pytest -q`, which failed with “No module named 'shop'”."


@pytest.fixture
def first(empty: Repository) -> Repository:
    config.choose(empty, level="quickstart")
    return empty


def learned(repository: Repository, text: str = TEXT, kind: Kind = "gotcha", **more: object) -> Written:
    with View(repository) as view:
        return learn_text(view, text, kind=kind, **more)  # type: ignore[arg-type]


def notes(repository: Repository) -> str:
    return (repository.directory / "learnings.md").read_bytes().decode()


def test_it_stands_in_learnings_md_and_no_record_is_made(first: Repository) -> None:
    told = learned(first)
    assert (told.kind, told.id, told.already, told.commit) == ("note", "learnings.md:3", False, None)
    assert notes(first) == f"# Learnings\n\n- {TEXT}\n"
    assert not first.git("for-each-ref", "refs/heads/holdfast", "refs/holdfast")


def test_it_is_found_like_every_note_and_at_the_next_level_too(first: Repository) -> None:
    learned(first)
    for level in ("quickstart", "foundation"):
        config.choose(first, level=level)
        with View(first) as view:
            assert [note.text for note in view.index.all(sources=[view.sources[2]])] == [TEXT]


def test_from_the_next_level_on_it_is_a_record(first: Repository) -> None:
    config.choose(first, level="foundation")
    assert learned(first).kind == "gotcha"
    assert not (first.directory / "learnings.md").exists()


@pytest.mark.parametrize(("before", "after"), [
    ("- old\n", "- old\n- {}\n"), ("- old", "- old\n- {}\n"), ("- old\r\n", "- old\r\n- {}\r\n"),
    ("", "# Learnings\n\n- {}\n"), ("# Mine\n\nwords\n", "# Mine\n\nwords\n- {}\n"),
])  # fmt: skip
def test_it_is_added_at_the_end_and_the_rest_stays_byte_for_byte(
    first: Repository, before: str, after: str
) -> None:
    path = first.directory / "learnings.md"
    path.write_bytes(before.encode())
    path.chmod(0o640)
    learned(first)
    assert notes(first) == after.format(TEXT)
    assert path.stat().st_mode & 0o777 == 0o640


def test_said_again_it_is_not_written_again(first: Repository) -> None:
    learned(first)
    learned(first, OTHER)
    again = learned(first)
    assert (again.already, again.id) == (True, "learnings.md:3")
    assert notes(first).count("- ") == 2


def test_a_decision_keeps_its_parts_as_one_thing(first: Repository) -> None:
    lead = (
        "Use SQLite instead of PostgreSQL because one user needs no server; the server failed to start twice."
    )
    text = (
        f"{lead}\n\n## Details\n\n### Context\n\nOne user,\none machine.\n\n### Alternatives\n\nPostgreSQL."
    )
    learned(first, text, "decision", applies=Applies(commands=("make db",), paths=("src/db.py",)))
    assert notes(first).splitlines()[2:] == [
        f"- Decision: {lead}", "  Context: One user, one machine.", "  Alternatives: PostgreSQL.",
        "  Applies to: `make db`, src/db.py",
    ]  # fmt: skip
    with View(first) as view:
        (note,) = view.index.all(sources=[view.sources[2]])
    assert "SQLite" in note.text


def test_the_gate_and_redaction_hold_here_too(first: Repository) -> None:
    with pytest.raises(Refused):
        learned(first, "ok")
    assert not (first.directory / "learnings.md").exists()
    told = learned(
        first, "Use `curl -H 'Authorization: Bearer sk-ant-api03-" + "a" * 40 + "'`; it failed without."
    )
    assert told.redacted
    assert "sk-ant" not in notes(first)


def test_a_link_and_a_file_that_is_no_text_are_left(first: Repository) -> None:
    path = first.directory / "learnings.md"
    path.write_bytes(b"\xff\xfe- old")
    with pytest.raises(EnvironmentProblem, match="UTF-8"):
        learned(first)
    assert path.read_bytes() == b"\xff\xfe- old"
    path.unlink()
    (first.directory / "other.md").write_text("mine\n")
    path.symlink_to("other.md")
    with pytest.raises(EnvironmentProblem):
        learned(first)
    assert (first.directory / "other.md").read_text() == "mine\n"
