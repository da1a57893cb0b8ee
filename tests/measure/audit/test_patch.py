"""A patch applies as git takes it, mends what it can beside a secret, and never prints one."""

from __future__ import annotations

import subprocess
from itertools import pairwise

import pytest
from tests.measure.audit.conftest import TOKEN, Place, changes

from holdfast.measure.audit.patch import patch_of

SECRET = f"- Push with {TOKEN}."


def applied(place: Place, path: str) -> str:
    """Return a file after the patch of its audit, made without its secrets being taken out."""
    (change,) = changes(place, path, secrets=False)
    patch = patch_of(change)
    assert TOKEN not in patch.text
    subprocess.run(["git", "apply", "-"], cwd=place.root, input=patch.text.encode(), check=True)
    return (place.root / path).read_text()


@pytest.mark.parametrize("at", range(9))
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_secret_anywhere_leaves_the_other_cures(project: Place, at: int, end: str) -> None:
    lines = ["# A", "- Use pnpm.", "- Done!", "- Tabs.", "- Cents.", "- UTC.", "- ok", "- Go 1.22."]
    lines.insert(at, SECRET)
    project.write("A.md", *lines, end=end).commit()
    lost = {"- Done!", "- ok"} - {line for line, after in pairwise(lines) if after == SECRET}
    kept = [line for line in lines if line not in lost]
    assert applied(project, "A.md").splitlines() == kept


def test_what_the_patch_mends_is_told(project: Place) -> None:
    project.write("A.md", "# A", "- Done!", SECRET, "- Use pnpm.", "- Tabs.", "- ok", "- Cents.").commit()
    (change,) = changes(project, "A.md", secrets=False)
    patch = patch_of(change)
    assert not patch.whole
    assert [one.line for one in patch.mended] == [6]


def test_a_change_without_secrets_is_shown_whole(project: Place) -> None:
    project.write("A.md", "# A", *(f"- Rule {letter} holds." for letter in "abcdefghi"), "- Done!", end="\n")
    (change,) = changes(project.commit(), "A.md")
    assert patch_of(change) == (change.diff, change.findings, True)


@pytest.mark.parametrize("path", ['we"ird.md', "tab\there.md", "back\\slash.md", "with space.md", "über.md"])
def test_any_name_of_a_file_applies(project: Place, path: str) -> None:
    project.write(path, "# A", "- Use pnpm.", "- Done!").commit()
    assert applied(project, path) == "# A\n- Use pnpm.\n"
