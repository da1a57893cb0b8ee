"""A user's own notes are indexed as they stand, line by line, and never followed out of the tree."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from holdfast.learn.documents import items, read_documents, split_lead

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
