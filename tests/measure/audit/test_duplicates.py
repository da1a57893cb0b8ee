"""Two places are duplicates when either could go with nothing lost."""

from __future__ import annotations

import pytest
from tests.measure.audit.conftest import Place

SAME = (
    ("- Run `make test` before every commit.", "- Before each commit, run `make test`."),
    ("- Amounts are stored as integer cents.", "* amounts are stored as integer cents"),
    ("- Schreibe Kommentare auf Deutsch.", "- Schreibe Kommentare auf Deutsch."),
)
OTHER = (
    ("- Run `make test` in api/ before a commit.", "- Run `make test` in web/ before a commit."),
    (
        "- Sessions are kept for 30 days in the store.",
        "- Sessions are kept for 90 days in the archive store.",
    ),
    (
        "- Regenerate the client after changing the schema.",
        "- Regenerate the server after changing the schema.",
    ),
    ("- Migrations run on every deploy.", "- Migrations run on every deploy except hotfixes."),
    ("- Ask the owner of the table before it grows.", "- Ask the owner of the table while it grows."),
    ("| Modified | No overlap | - | New suffix |", "| Modified | Overlap exists | No | New suffix |"),
    ("1. Run `make test` and look at what it says.", "2. Run `make test` and look at what it says."),
)


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same_in_other_order_or_case_is_told_once_with_both_places(
    folder: Place, one: str, other: str
) -> None:
    found = folder.write("A.md", "# A", one).write("B.md", "# B", other).findings("A.md", "B.md")
    assert [(one.kind, one.path, one.line) for one in found] == [("duplicate", "A.md", 2)]
    assert [(place.path, place.line) for place in found[0].others] == [("B.md", 2)]


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_the_same_form_of_another_subject_is_none(folder: Place, one: str, other: str) -> None:
    found = folder.write("A.md", "# A", one, other).told("A.md")
    assert [kind for kind, _, _ in found if kind == "duplicate"] == []


def test_a_pasted_section_is_told_as_one_block(folder: Place) -> None:
    lines = (
        "- Money is kept in integer cents.",
        "- Times are stored in UTC always.",
        "- Wrap SQL in `repo/`.",
    )
    folder.write("A.md", "# A", *lines).write("B.md", "# B", *lines)
    (found,) = folder.findings("A.md", "B.md")
    assert (found.line, found.end) == (2, 4)


def test_a_linked_copy_and_one_file_named_twice_are_read_once(folder: Place) -> None:
    folder.write("AGENTS.md", "- Amounts are stored as integer cents.")
    (folder.root / "CLAUDE.md").symlink_to("AGENTS.md")
    assert folder.told("AGENTS.md", "CLAUDE.md", ".", "AGENTS.md") == []


def test_files_of_sibling_folders_may_say_the_same(folder: Place) -> None:
    for name in ("api", "web"):
        folder.write(f"{name}/AGENTS.md", "- Amounts are stored as integer cents.")
    assert folder.told(".") == []


def test_a_step_of_another_procedure_is_none(folder: Place) -> None:
    one, other = "1. The editor opens and makes a draft on disk.", "1. The editor makes a draft on disk."
    folder.write("A.md", "# A", "## First case", one, "## Second case", other)
    assert folder.told("A.md") == []


def test_code_that_stands_between_ends_a_block(folder: Place) -> None:
    rules = ["- Write every migration by hand in SQL.", "- Keep each handler under fifty lines of code."]
    folder.write("A.md", "# A", *rules).write(
        "B.md", "# B", rules[0], "", "```", "make b", "```", "", rules[1]
    )
    assert [len(one.others) for one in folder.findings("A.md", "B.md")] == [1, 1]
