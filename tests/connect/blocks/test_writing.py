"""The block is written where agents read it, nothing else changes, and exactly it is taken out again."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from holdfast.connect.blocks import check, record, remove, render, write
from holdfast.repo.location import Repository

ALL = ["claude-code", "codex", "copilot", "gemini", "qwen", "cursor", "opencode", "aider"]
BLOCK = render("text")


def tree(repository: Repository) -> dict[str, bytes]:
    """Return every file of a worktree, and folders with nothing in them."""
    root = repository.directory
    found = {}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root)
        if name.parts[0] == ".git":
            continue
        if path.is_file():
            found[str(name)] = path.read_bytes()
        elif not any(path.iterdir()):
            found[f"{name}/"] = b""
    return found


def standing(repository: Repository) -> dict[str, str]:
    return {one.path: one.how for one in check(repository).blocks}


@pytest.mark.parametrize("agent", ALL)
def test_one_agent_alone_gets_one_block_and_removing_it_leaves_no_trace(
    repository: Repository, agent: str
) -> None:
    before = tree(repository)
    assert len(write(repository, [agent])) == 1
    assert list(standing(repository).values()) == ["current"]
    assert check(repository).ok
    assert len(remove(repository)) == 1
    assert tree(repository) == before
    assert not (repository.state_dir / record.FILE).exists()
    assert check(repository).blocks == []


def test_files_of_the_users_own_are_as_they_were_after_removing(repository: Repository) -> None:
    root = repository.directory
    (root / "AGENTS.md").write_bytes(b"# Ours\r\n\r\nUse make.\r\n")
    (root / "GEMINI.md").write_bytes(b"no line end, \xff\xfe and not UTF-8")
    (root / ".github").mkdir()
    before = tree(repository)
    write(repository, ALL)
    changed = tree(repository)
    assert all(changed[path].startswith(data) for path, data in before.items() if not path.endswith("/"))
    remove(repository)
    assert tree(repository) == before


def test_writing_again_changes_nothing_and_says_nothing(repository: Repository) -> None:
    assert write(repository, ALL)
    before = tree(repository)
    assert write(repository, ALL) == []
    assert tree(repository) == before


def test_a_dry_run_says_what_would_be_and_writes_nothing(repository: Repository) -> None:
    before = tree(repository)
    told = write(repository, ALL, dry_run=True)
    assert tree(repository) == before
    assert standing(repository) == {}
    done = write(repository, ALL)
    assert [line.replace("Would write", "Wrote").replace("Would add", "Added") for line in told] == done
    written = tree(repository)
    told = remove(repository, dry_run=True)
    assert tree(repository) == written
    done = remove(repository)
    assert [line.replace("Would remove", "Removed").replace("Would take", "Took") for line in told] == done


def test_what_was_edited_around_it_stays(repository: Repository) -> None:
    path = repository.directory / "AGENTS.md"
    path.write_text("# Ours\n\nUse make.\n")
    write(repository, ["codex"])
    path.write_text("# New title\n" + path.read_text() + "\n## Below\n\nMore.\n")
    remove(repository)
    assert path.read_text() == "# New title\n# Ours\n\nUse make.\n\n## Below\n\nMore.\n"


def test_a_file_made_for_the_block_that_somebody_wrote_in_stays(repository: Repository) -> None:
    write(repository, ["codex"])
    path = repository.directory / "AGENTS.md"
    path.write_text(path.read_text() + "\nUse make.\n")
    remove(repository)
    assert path.read_text() == "\nUse make.\n"


def test_a_block_that_somebody_changed_is_left_and_named(repository: Repository) -> None:
    write(repository, ["codex"])
    path = repository.directory / "AGENTS.md"
    path.write_text(path.read_text().replace("recall", "forget"))
    mine = path.read_text()
    assert standing(repository) == {"AGENTS.md": "changed"}
    assert write(repository, ["codex"])[0].startswith("Left the block in AGENTS.md")
    assert remove(repository)[0].startswith("Left the block in AGENTS.md")
    assert path.read_text() == mine


def test_a_block_that_is_gone_is_missing_and_comes_back(repository: Repository) -> None:
    path = repository.directory / "AGENTS.md"
    path.write_text("# Ours\n")
    write(repository, ["codex"])
    path.write_text("# Ours\n")
    assert standing(repository) == {"AGENTS.md": "missing"}
    path.unlink()
    assert standing(repository) == {"AGENTS.md": "missing"}
    assert not check(repository).ok
    write(repository, ["codex"])
    assert check(repository).ok


def test_a_stale_block_is_found_and_brought_up_to_date(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = repository.directory / "AGENTS.md"
    path.write_text("# Ours\n\n<!-- holdfast 0 -->\nas it was\n<!-- /holdfast -->\nBelow.\n")
    monkeypatch.setattr("holdfast.connect.blocks.text.OLDER", frozenset({"as it was"}))
    assert standing(repository) == {"AGENTS.md": "stale"}
    assert write(repository, ["codex"]) == ["Brought up to date the block in AGENTS.md, for Codex."]
    assert path.read_text() == f"# Ours\n\n{BLOCK}Below.\n"


def test_a_clone_without_a_record_checks_the_blocks_that_it_finds(repository: Repository) -> None:
    (repository.directory / "CLAUDE.md").write_text(render("import"))
    assert standing(repository) == {"AGENTS.md": "missing", "CLAUDE.md": "current"}
    (repository.directory / "AGENTS.md").write_text(BLOCK + BLOCK)
    assert standing(repository) == {"AGENTS.md": "broken", "CLAUDE.md": "current"}
    assert remove(repository) == []


def test_what_an_agent_no_longer_needs_is_taken_out(repository: Repository) -> None:
    write(repository, ["gemini", "codex"])
    assert write(repository, ["codex"]) == ["Removed GEMINI.md, which held nothing else."]
    assert standing(repository) == {"AGENTS.md": "current"}


def test_a_link_out_of_the_repository_is_not_followed(repository: Repository, tmp_path: Path) -> None:
    other = tmp_path / "other.md"
    other.write_text("# Elsewhere\n")
    (repository.directory / "AGENTS.md").symlink_to(other)
    assert write(repository, ["codex"])[0].startswith("Left AGENTS.md as it is: it is a symbolic link")
    assert other.read_text() == "# Elsewhere\n"
    assert standing(repository) == {}


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ("Ünser\n".encode("utf-16"), "it is not plain text"),
        (b"# Ours\n\n```\nmake\n", "its last code block is not closed"),
    ],
)
def test_a_file_that_cannot_bear_a_block_is_left(repository: Repository, data: bytes, why: str) -> None:
    (repository.directory / "AGENTS.md").write_bytes(data)
    assert write(repository, ["codex"]) == [f"Left AGENTS.md as it is: {why}."]
    assert (repository.directory / "AGENTS.md").read_bytes() == data


def test_each_worktree_has_its_own_and_removing_takes_out_all(repository: Repository, tmp_path: Path) -> None:
    subprocess.run(
        ["git", "worktree", "add", "-q", "-b", "other", tmp_path / "other"],
        cwd=repository.directory, check=True,
    )  # fmt: skip
    other = Repository.find(tmp_path / "other")
    write(repository, ["codex"])
    assert check(other).blocks == []
    write(other, ["codex"])
    remove(repository)
    assert check(other).blocks == []
    assert not (tmp_path / "other" / "AGENTS.md").exists()


def test_the_rule_for_cursor_is_always_applied(repository: Repository) -> None:
    write(repository, ["cursor"])
    text = (repository.directory / ".cursor/rules/holdfast.mdc").read_text()
    assert text.startswith("---\n")
    assert "\nalwaysApply: true\n---\n" in text
    assert text.endswith(BLOCK)
