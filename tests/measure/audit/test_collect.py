"""Every form of memory is read where it stands; what is not read is named; no link leads out."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.measure.audit.conftest import Place

from holdfast.learn.view import open_view
from holdfast.learn.write import learn_text
from holdfast.measure.audit import audit
from holdfast.repo.location import Repository

FORMS = (
    ("m.jsonl", ['{"_type":"memory","key":"a","value":"Use pnpm."}', '{"memory":"Done!"}'], 2),
    ("m.json", ["[", ' {"content": "Use pnpm."},', ' {"content": "Done!"}', "]"], 3),
    ("m.json", ['{"entities": [{"name": "x",', ' "observations": ["Use pnpm.", "Done!"]}]}'], 2),
    (".cursor/rules/a.mdc", ["---", "globs: '*.py'", "---", "Done!"], 4),
    (".agents/learnings/a.md", ["# A", "", "Done!"], 3),
)


@pytest.mark.parametrize(("path", "lines", "line"), FORMS)
def test_each_form_is_read_and_its_line_named(folder: Place, path: str, lines: list[str], line: int) -> None:
    assert folder.write(path, *lines).told(path) == [("junk", path, line)]


def test_without_a_path_the_memory_files_of_the_repository_are_read(project: Place) -> None:
    for path in ("CLAUDE.md", ".cursor/rules/a.mdc", "web/AGENTS.md", ".agents/learnings/a.md"):
        project.write(path, "# A", "- Done!")
    project.write("README.md", "- Done!").write("src/notes.md", "- Done!").commit()
    assert [path for _, path, _ in project.told()] == [
        "CLAUDE.md", ".cursor/rules/a.mdc", ".agents/learnings/a.md", "web/AGENTS.md",
    ]  # fmt: skip


def test_own_records_are_read_and_nothing_is_written(empty: Repository) -> None:
    assert empty.root is not None
    with open_view(empty.root) as view:
        learn_text(view, "Use `pnpm` because npm breaks the workspace links; `npm install` failed in CI.")
    before = sorted(path for path in empty.common_dir.rglob("*"))
    found = audit([Path(".holdfast")], here=empty.root)
    assert found.files >= 1
    assert sorted(path for path in empty.common_dir.rglob("*")) == before


def test_no_link_leads_out_and_no_cycle_is_endless(folder: Place, tmp_path: Path) -> None:
    (tmp_path / "outside.md").write_text("- Done!\n")
    (folder.root / "out.md").symlink_to(tmp_path / "outside.md")
    (folder.root / "again").symlink_to(folder.root)
    folder.write("A.md", "- Use pnpm.")
    found = folder.audit(".", "out.md")
    assert (found.files, found.findings) == (1, [])
    assert [one.path for one in found.not_read] == ["out.md"]


def test_what_is_no_text_absent_or_not_to_be_read_is_named(folder: Place) -> None:
    (folder.root / "binary.md").write_bytes(b"\0" * 100)
    folder.write("closed.md", "- x")
    (folder.root / "closed.md").chmod(0)
    named = ["absent.md", "binary.md", *(["closed.md"] if os.geteuid() else [])]
    assert [one.path for one in folder.audit("absent.md", "binary.md", "closed.md").not_read] == named


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "a" * 1_000_000,
        "word " * 200_000,
        "`" * 100_000,
        "[" * 100_000,
        "- " * 50_000,
        "#" * 1000 + "\n" + "> " * 1000,
        "---\n" * 1000,
        "| a " * 20_000,
        "\ufeff# A\n\x1b[31mred\x07\n",
    ],
)
def test_any_text_is_read(folder: Place, text: str) -> None:
    (folder.root / "A.md").write_text(text)
    assert folder.audit("A.md").files == 1


@pytest.mark.parametrize("text", ["", "{", "[1, 2]", '{"a": ' * 500, '{"text": "x"}\nnot json\n[]\n', "null"])
def test_any_json_is_read(folder: Place, text: str) -> None:
    (folder.root / "m.json").write_text(text)
    (folder.root / "m.jsonl").write_text(text)
    assert folder.audit("m.json", "m.jsonl").files == 2


def test_what_is_too_long_to_read_whole_is_named(folder: Place) -> None:
    found = folder.write("A.md", *(f"- Keep {number}." for number in range(20_001))).audit("A.md")
    assert [(one.path, one.reason) for one in found.not_read] == [
        ("A.md", "what stands below line 20,000 is too much")
    ]
