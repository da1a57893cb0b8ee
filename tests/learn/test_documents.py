"""A user's own notes are indexed as they stand, line by line, and never followed out of the tree."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.learn import exported
from holdfast.learn.documents import MAX_ITEMS_BELOW, items, read_documents, split_lead
from holdfast.learn.markdown import MAX_ITEMS
from holdfast.repo.live_documents import MOST_FILES, list_documents, present

NOTES = """# Build

Use `make gen` first.
It writes *.pb.go.

- one
  goes on
* [x] two `go test ./...` in `pkg/api`
1. three

```sh
# no heading
make all
```
## Deploy
4) four
"""


def test_list_items_and_paragraphs_become_items_with_line_and_heading() -> None:
    assert [(line, heading, " ".join(text.split())) for line, heading, text in items(NOTES)] == [
        (3, "Build", "Use `make gen` first. It writes *.pb.go."),
        (6, "Build", "one goes on"),
        (8, "Build", "two `go test ./...` in `pkg/api`"),
        (9, "Build", "three"),
        (11, "Build", "```sh # no heading make all ```"),
        (16, "Deploy", "four"),
    ]


def test_documents_say_where_they_stand_and_what_they_are_about(tmp_path: Path) -> None:
    (tmp_path / "learnings.md").write_text(NOTES)
    (file,) = read_documents(tmp_path, "wt")
    found = {document.path: document for document in file.documents}
    assert found["learnings.md:8"].commands == ("go test",)
    assert found["learnings.md:8"].paths == ("pkg/api",)
    assert {document.kind for document in file.documents} == {"note"}
    assert all(document.id.startswith(file.prefix) for document in file.documents)


def test_guidance_is_read_beside_notes_in_the_order_of_names(tmp_path: Path) -> None:
    folder = tmp_path / ".holdfast" / "guidance"
    folder.mkdir(parents=True)
    (folder / "b.md").write_text("- second")
    (folder / "a.md").write_text("- first")
    (folder / "c.txt").write_text("- not Markdown")
    files = list(read_documents(tmp_path, "wt"))
    assert [(file.path, file.documents[0].kind) for file in files] == [
        (".holdfast/guidance/a.md", "guidance"),
        (".holdfast/guidance/b.md", "guidance"),
    ]


def test_a_link_out_of_the_tree_is_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret.md"
    secret.write_text("- private")
    root = tmp_path / "tree"
    root.mkdir()
    (root / "learnings.md").symlink_to(secret)
    assert list(read_documents(root, "wt")) == []


def test_secrets_and_escapes_do_not_reach_the_index(tmp_path: Path) -> None:
    token = "ghp_" + "Ab3dEf6hIj9lMn2pQr5tUv8xYz1C" + "3e5G7i9K"
    (tmp_path / "learnings.md").write_bytes(f"- use {token} \x1b[2J for gh\n\xff".encode("latin-1"))
    (file,) = read_documents(tmp_path, "wt")
    assert token not in file.documents[0].text
    assert "\x1b" not in file.documents[0].text


def test_a_short_text_is_all_lead() -> None:
    assert split_lead("  two\n words ") == ("two words", "")


def test_a_long_text_is_cut_at_a_sentence() -> None:
    lead, rest = split_lead("word " * 60 + "end. " + "more " * 60)
    assert lead.endswith("end.")
    assert rest.startswith("more")


@given(st.text(max_size=3000))
def test_nothing_of_a_text_is_lost_when_it_is_cut(text: str) -> None:
    lead, rest = split_lead(text)
    kept = lead.removesuffix(" …") + rest if rest else lead
    assert "".join(kept.split()) == "".join(text.split())
    assert len(lead) <= 1002


def kinds(root: Path) -> dict[str, str]:
    return {
        document.path or "": document.kind
        for file in read_documents(root, "wt")
        for document in file.documents
    }


def plant(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


def test_each_of_the_users_own_places_has_its_kind(tmp_path: Path) -> None:
    plant(tmp_path, dict.fromkeys(PLACES, "- one thing\n"))
    assert {path.rpartition(":")[0]: kind for path, kind in kinds(tmp_path).items()} == PLACES


PLACES = {
    "learnings.md": "note",
    "learnings/a.md": "note",
    "docs/learnings/deep/er/a.md": "note",
    "failures/a.md": "failure",
    "decisions.md": "decision",
    "session-notes.md": "note",
    "TODO.md": "todo",
    "research-caching.md": "research",
    "doc/adr/0001-a.md": "decision",
    "docs/decisions/0001-a.md": "decision",
    "adr/0001-a.md": "decision",
    ".agents/learnings/a.md": "note",
    ".agents/failures/a.md": "failure",
    ".agents/research/deep/a.md": "research",
    ".agents/plans/a.md": "plan",
    "MEMORY.md": "memory",
    "memory/a.md": "memory",
    ".cursor/rules/a.mdc": "rule",
    ".cursorrules": "rule",
}


@pytest.mark.parametrize(
    "path",
    [
        ".agents/skills/x/SKILL.md", ".agents/skills/x/more.md", ".agents/tools/x/SKILL.md",
        "failures/README.md",
        ".github/copilot-instructions.md", "CLAUDE.md", ".agents/AGENTS.md", "memory/deep/a.md",
        "docs/adr/template.md",
        "failures/a.txt", "src/learnings.md", ".agents/learnings/.hidden/a.md", "research-x.txt",
    ],
)  # fmt: skip
def test_skills_instructions_and_code_hold_no_learnings(tmp_path: Path, path: str) -> None:
    plant(tmp_path, {path: "- one thing\n"})
    assert kinds(tmp_path) == {}


def test_a_folder_that_holds_a_skill_is_left_out_whole(tmp_path: Path) -> None:
    plant(tmp_path, {".agents/learnings/x/SKILL.md": "- a", ".agents/learnings/x/notes.md": "- b"})
    assert kinds(tmp_path) == {}


def states(root: Path) -> dict[str, str]:
    return {
        (document.path or "").rpartition("/")[2].partition(":")[0]: document.state
        for file in read_documents(root, "wt")
        for document in file.documents
    }


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("# 1. A\n\n## Status\n\nAccepted\n\nSuperseded by [2. B](0002-b.md)\n\n## Decision\n\nUse A.\n",
         "# 2. B\n\n## Status\n\nAccepted\n\nSupersedes [1. A](0001-a.md)\n\n## Decision\n\nUse B.\n"),
        ("---\nstatus: superseded by ADR-0002\n---\n# A\n\n## Decision Outcome\n\nUse A.\n",
         "---\nstatus: accepted\n---\n# B\n\n## Decision Outcome\n\nUse B.\n"),
        ("# A\n\n* Status: accepted\n\n## Decision\n\nUse A.\n",
         "# B\n\n- Status: accepted\n\nThis supersedes ADR-0001.\n\n## Decision\n\nUse B.\n"),
    ],
    ids=["adr-tools", "madr", "the newer one alone says so"],
)  # fmt: skip
def test_of_a_chain_of_decisions_the_newest_stands(tmp_path: Path, old: str, new: str) -> None:
    plant(tmp_path, {"docs/adr/0001-a.md": old, "docs/adr/0002-b.md": new})
    assert states(tmp_path) == {"0001-a.md": "superseded", "0002-b.md": ""}


def test_a_proposal_supersedes_nothing_and_is_not_told(tmp_path: Path) -> None:
    proposal = "# New\n\nStatus: proposed\n\nSupersedes ADR-1.\n\n## Decision\n\nUse B.\n"
    plant(tmp_path, {"docs/adr/0001-a.md": "# Old\n\nUse A.\n", "docs/adr/0002-b.md": proposal})
    (file,) = read_documents(tmp_path, "wt")
    assert [(found.text, found.state, found.trusted) for found in file.documents] == [
        ("Old: Use A.", "", True), ("Proposed: New: Use B.", "", False),
    ]  # fmt: skip


def test_what_is_to_be_done_is_never_told_and_gone_when_done(tmp_path: Path) -> None:
    plant(tmp_path, {"TODO.md": "- [ ] mend the build\n- [x] buy milk\n"})
    (file,) = read_documents(tmp_path, "wt")
    assert [(found.text, found.trusted) for found in file.documents] == [("mend the build", False)]


def test_front_matter_says_kind_day_tags_and_what_it_applies_to(tmp_path: Path) -> None:
    head = '---\nkind: gotcha\ndate: 2026-02-03\ntags: [ci, proto]\nglobs: "api/*.proto, web/"\n---\n'
    plant(tmp_path, {".agents/notes/a.md": f"{head}- Run `make gen`.\n"})
    (found,) = next(read_documents(tmp_path, "wt")).documents
    assert (found.kind, found.day, found.tags, found.paths) == (
        "gotcha", "2026-02-03", ("ci", "proto"), ("api/*.proto", "web/"),
    )  # fmt: skip
    assert found.path == ".agents/notes/a.md:7"


def test_an_agents_memory_is_one_thing(tmp_path: Path) -> None:
    head = "---\nname: prefer-rg\ndescription: ripgrep over grep\nmetadata:\n  type: feedback\n---\n"
    plant(tmp_path, {"memory/a.md": f"{head}Reach for `rg` first.\n\n**Why:** grep is slow here.\n"})
    (found,) = next(read_documents(tmp_path, "wt")).documents
    assert (found.kind, found.text) == ("memory", "Reach for `rg` first.")
    assert "ripgrep over grep" in found.detail
    assert "grep is slow here" in found.detail


@pytest.mark.parametrize(
    "data", [b"\xff\xfe\x00\x01" * 50, "- 数据库迁移前先运行 `make gen`\n".encode(), b"", b"\0" * 10]
)
def test_another_language_or_no_text_at_all_is_no_error(tmp_path: Path, data: bytes) -> None:
    plant(tmp_path, {"failures/a.md": "", "learnings.md": "- kept\n"})
    (tmp_path / "failures/a.md").write_bytes(data)
    texts = [found.text for file in read_documents(tmp_path, "wt") for found in file.documents]
    assert "kept" in texts
    assert ("数据库迁移前先运行 `make gen`" in texts) == ("数".encode() in data)


def test_folders_behind_links_are_not_entered(tmp_path: Path) -> None:
    plant(tmp_path, {"outside/a.md": "- private\n", "tree/docs/x": ""})
    (tmp_path / "tree/failures").symlink_to(tmp_path / "outside")
    (tmp_path / "tree/docs/adr").symlink_to(tmp_path / "outside")
    (tmp_path / "tree/.agents").symlink_to(tmp_path / "outside")
    assert list(read_documents(tmp_path / "tree", "wt")) == []
    assert set(present(tmp_path / "tree")) == {"failures", "docs/adr", ".agents"}


def test_no_more_files_are_taken_than_the_bounds_allow(tmp_path: Path) -> None:
    plant(tmp_path, {f"failures/{n:04}.md": f"- thing {n}\n" for n in range(MOST_FILES + 20)})
    listing = list_documents(tmp_path)
    assert (len(listing.entries), listing.left_out) == (MOST_FILES, 20)


def test_an_exported_file_gives_its_items_without_where_they_come_from(tmp_path: Path) -> None:
    body = (
        "# Learnings\n\n## Gotchas\n\n- Use `x`."
        + exported.origin("proven (2 of 3)", "k3p2")
        + "\n- Mine _(too)_\n"
    )
    plant(tmp_path, {"learnings.md": exported.marked(body)})
    (file,) = read_documents(tmp_path, "wt")
    assert [found.text for found in file.documents] == ["Use `x`.", "Mine _(too)_"]


def test_an_export_is_told_from_one_that_was_changed() -> None:
    text = exported.marked("# A\n\n- one\n")
    assert exported.is_unchanged(text)
    assert exported.is_unchanged(text.replace("\n", "\r\n"))
    assert not exported.is_unchanged(text.replace("one", "two"))
    assert exported.is_export(text.replace("one", "two"))
    assert not exported.is_export("# A\n" + text)


def test_a_file_in_a_folder_tells_less_than_one_at_the_top(tmp_path: Path) -> None:
    plant(tmp_path, {"learnings.md": "- x\n" * 3000, "failures/a.md": "- x\n" * 3000})
    assert [len(file.documents) for file in read_documents(tmp_path, "wt")] == [MAX_ITEMS, MAX_ITEMS_BELOW]
