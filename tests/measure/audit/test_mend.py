"""A mended file differs from the old one in what was found alone, and nothing of it is lost."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.measure.audit.conftest import TOKEN, Place, changes

from holdfast.errors import EnvironmentProblem, Refused
from holdfast.measure.audit.keeping import apply


def mended(place: Place, path: str) -> bytes:
    for change in changes(place, path):
        apply(change)
    return (place.root / path).read_bytes()


def test_junk_goes_and_the_list_is_numbered_anew(folder: Place) -> None:
    folder.write("A.md", "# A", "", "1. Use pnpm.", "2. Done!", "3. Amounts are integers.", "", "In UTC.")
    assert mended(folder, "A.md") == b"# A\n\n1. Use pnpm.\n2. Amounts are integers.\n\nIn UTC.\n"


def test_of_two_equal_lines_one_stays(folder: Place) -> None:
    line = "- Amounts are stored as integer cents."
    assert mended(folder.write("A.md", "# A", line, "- Use pnpm.", line), "A.md").count(line.encode()) == 1


def test_line_ends_encoding_and_front_matter_stay(folder: Place) -> None:
    text = b"---\r\nalwaysApply: true\r\n---\r\n# Caf\xe9\r\n\r\n- Done!\r\n- Use pnpm.\r\n- No end"
    (folder.root / "A.md").write_bytes(text)
    assert mended(folder, "A.md") == text.replace(b"- Done!\r\n", b"")


def test_a_moved_file_gets_its_new_name(project: Place) -> None:
    project.write("CLAUDE.md", "- Charges: `src/shop/billing.py` and [here](./src/shop/billing.py).").commit()
    assert mended(project, "CLAUDE.md") == (
        b"- Charges: `src/shop/invoices.py` and [here](./src/shop/invoices.py).\n"
    )


def test_a_secret_gives_way_to_a_placeholder(folder: Place) -> None:
    after = mended(folder.write("A.md", "# A", f"- Push with {TOKEN} as token."), "A.md")
    assert TOKEN.encode() not in after
    assert b"- Push with <github-token> as token." in after
    assert folder.told("A.md") == []


def test_a_contradiction_is_left_to_the_person(folder: Place) -> None:
    folder.write("A.md", "# A", "- Commit the lockfile.", "- Never commit the lockfile.")
    assert changes(folder, "A.md") == []


def test_an_item_that_others_hang_on_stays(folder: Place) -> None:
    folder.write("A.md", "# A", "- Done!", "  - Use pnpm.")
    assert changes(folder, "A.md") == []


def test_a_line_of_an_export_goes_as_a_whole(folder: Place) -> None:
    keep = '{"_type":"memory","key":"a","value":"Amounts are integers in cents."}'
    folder.write("m.jsonl", '{"_type":"memory","key":"b","value":"Done!"}', keep)
    assert mended(folder, "m.jsonl") == f"{keep}\n".encode()


def test_what_git_does_not_hold_is_kept_as_a_copy(project: Place, folder: Place) -> None:
    project.write("CLAUDE.md", "# A", "- Use pnpm.", "- Done!").commit()
    assert [apply(change) for change in changes(project, "CLAUDE.md")] == [None]
    project.write("CLAUDE.md", "# A", "- Use yarn.", "- ok")
    (kept,) = [apply(change) for change in changes(project, "CLAUDE.md")]
    assert kept is not None
    assert kept.read_text() == "# A\n- Use yarn.\n- ok\n"
    assert kept.is_relative_to(project.root / ".git" / "holdfast")
    for number in range(2):
        folder.write("A.md", "# A", f"- Use pnpm {number}.", "- ok")
        (beside,) = [apply(change) for change in changes(folder, "A.md")]
        assert beside is not None
        assert beside.read_text() == f"# A\n- Use pnpm {number}.\n- ok\n"


def test_a_file_that_changed_meanwhile_is_left_as_it_is(folder: Place) -> None:
    (change,) = changes(folder.write("A.md", "# A", "- Done!", "- Use pnpm."), "A.md")
    folder.write("A.md", "# A", "- Use yarn.")
    with pytest.raises(Refused):
        apply(change)
    assert (folder.root / "A.md").read_text() == "# A\n- Use yarn.\n"


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_diff_is_one_that_git_applies(project: Place, end: str) -> None:
    lines = [
        "# A",
        *(f"- Use tool {letter} here." for letter in "abcdefgh"),
        "- Done!",
        "- Use pnpm.",
        "- ok",
    ]
    project.write("notes/A.md", *lines, end=end).commit()
    (change,) = changes(project, "notes/A.md")
    subprocess.run(["git", "apply", "-"], cwd=project.root, input=change.diff.encode(), check=True)
    assert (project.root / "notes/A.md").read_bytes() == change.after.encode()


def test_only_the_list_that_loses_an_item_is_numbered_anew(folder: Place) -> None:
    rest = [
        "## Other",
        "",
        "1. Amounts are integers.",
        "4. Times are in UTC.",
        "",
        "```",
        "1. x",
        "3. y",
        "```",
    ]
    folder.write("A.md", "1. Use pnpm.", "2. Done!", "3. Squash merges.", *rest)
    assert mended(folder, "A.md").decode().split("\n") == ["1. Use pnpm.", "2. Squash merges.", *rest, ""]


def test_an_item_that_is_known_by_its_number_stays(folder: Place) -> None:
    folder.write("A.md", "1. Use pnpm.", "2. Done!", "3. Squash merges.", "", "Step 3 needs a review.")
    assert changes(folder, "A.md") == []


def test_a_heading_that_is_a_blank_stays_while_something_stands_below(folder: Place) -> None:
    folder.write("A.md", "# [Your project name]", "", "Use pnpm.", "", "Title", "=====", "", "Squash merges.")
    assert changes(folder, "A.md") == []


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_what_goes_at_the_end_leaves_no_blank_line_and_a_whole_line_end(folder: Place, end: str) -> None:
    folder.write("A.md", "# A", "", "- Use pnpm.", "", "## Empty", end=end)
    assert mended(folder, "A.md") == f"# A{end}{end}- Use pnpm.{end}".encode()


@pytest.mark.parametrize(
    "lines",
    [
        ("<fill in here>", "See the deploy guide for production steps."),
        ("- I have successfully set up the cache. Entries expire after an hour.",),
        ("- Done! Deploys go by `make ship`.",),
        ("- [Insert name] answers for releases and for the pager.",),
        ("- You are a senior engineer. Amounts are integers in cents.",),
        ("- I have moved the tokens to src/auth/store.ts.",),
        ("Next steps: add a retry to the uploader.",),
        ("- All tests pass now.", "  Their database is made by the fixture."),
    ],
)
def test_no_sentence_goes_that_says_something(folder: Place, lines: tuple[str, ...]) -> None:
    folder.write("A.md", "# A", "", *lines)
    for change in changes(folder, "A.md"):
        assert lines[-1] in change.after


def test_thanks_and_closings_go(folder: Place) -> None:
    folder.write(
        "A.md", "# A", "", "- I have completed the task! Let me know if you need anything.", "- Use pnpm."
    )
    assert mended(folder, "A.md") == b"# A\n\n- Use pnpm.\n"


def test_documents_for_people_keep_their_lines(folder: Place) -> None:
    folder.write("docs/adr/0001-cache.md", "# 1. Cache", "", "Currently working on the cache.", "", "Done!")
    assert folder.told("docs") != []
    assert changes(folder, "docs") == []


def test_what_goes_is_what_was_said_to_go(folder: Place) -> None:
    folder.write(
        "CLAUDE.md",
        "# A",
        "- Run `npm run build` before `npm test`.",
        "- Use pnpm.",
        "- Run `npm run build` before running `npm test`.",
    )
    (found,) = folder.findings("CLAUDE.md")
    assert found.do == "CLAUDE.md:4 can go."
    assert (
        mended(folder, "CLAUDE.md").decode() == "# A\n- Run `npm run build` before `npm test`.\n- Use pnpm.\n"
    )


def test_a_file_of_other_agents_takes_nothing_from_a_memory(folder: Place) -> None:
    line = "- Amounts are stored as integer cents."
    for name in ("CLAUDE.md", "AGENTS.md", ".cursorrules", "notes/a.md"):
        folder.write(name, "# A", line)
    assert changes(folder, ".", ".cursorrules") == []
    folder.write("CLAUDE.md", "# A", line, "- Use pnpm.", line)
    (change,) = changes(folder, ".", ".cursorrules")
    assert change.after == f"# A\n{line}\n- Use pnpm.\n"


def test_the_wider_file_keeps_what_a_folder_says_too(folder: Place) -> None:
    line = "- Amounts are stored as integer cents."
    folder.write("web/CLAUDE.md", "# Web", "- Use pnpm.", line).write("CLAUDE.md", "# A", line)
    assert [change.memory.path for change in changes(folder, "web/CLAUDE.md", "CLAUDE.md")] == [
        "web/CLAUDE.md"
    ]


REAL = (
    "Use pnpm.", "See the deploy guide for production steps.", "Deploys wait for the nightly import.",
    "Amounts are stored as integer cents.", "Owners of billing answer within a day.", "Status: Accepted",
)  # fmt: skip
EMPTY = ("Done!", "<fill in here>", "I have successfully completed the task.", "ok", "TODO")
MARKS = ("- ", "", "1. ", "> ")


@settings(deadline=None, max_examples=50)
@given(
    st.permutations(REAL),
    st.lists(st.tuples(st.sampled_from(EMPTY), st.integers(0, 6)), max_size=5),
    st.lists(st.sampled_from(MARKS), min_size=11, max_size=11),
)
def test_whatever_stands_beside_junk_stays(
    real: list[str], junk: list[tuple[str, int]], marks: list[str]
) -> None:
    lines = list(real)
    for line, at in junk:
        lines.insert(at, line)
    with TemporaryDirectory() as name:
        place = Place(Path(name)).write("A.md", "# A", "", *map(str.__add__, marks, lines))
        after = mended(place, "A.md").decode()
        assert [line for line in real if line not in after] == []
        assert changes(place, "A.md") == []


def test_json_without_its_secret_is_json_still(folder: Place) -> None:
    folder.write("m.json", json.dumps([{"text": f"The login password is Tr0ub4dor3xZ9. Push with {TOKEN}"}]))
    (one,) = json.loads(mended(folder, "m.json"))
    assert one == {"text": "The login password is <password>. Push with <github-token>"}


def test_a_read_only_file_is_left_as_it_is(folder: Place) -> None:
    (change,) = changes(folder.write("A.md", "# A", "- Done!", "- Use pnpm."), "A.md")
    (folder.root / "A.md").chmod(0o444)
    with pytest.raises(EnvironmentProblem):
        apply(change)
    assert (folder.root / "A.md").read_text() == change.memory.text
