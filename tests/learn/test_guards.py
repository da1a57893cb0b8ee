"""Guards are kept where a person can read and change them, and count only where one accepted them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from holdfast.errors import UsageError
from holdfast.learn import guards
from holdfast.learn.guard_files import LOCAL, SHARED, Guard
from holdfast.repo.location import Repository
from holdfast.repo.trust import TrustStore
from holdfast.testing import repositories

NPM = Guard(
    rule="Never run `npm install`; use `pnpm install`.", source="AGENTS.md", commands=("npm install",)
)


def usable(repository: Repository) -> list[str]:
    return [one.name for one in guards.read_guards(repository).kept if not one.usable]


def test_a_guard_of_ones_own_is_kept_in_local_state_alone(empty: Repository) -> None:
    guards.activate(empty, "npm", NPM)
    assert usable(empty) == ["npm"]
    assert repositories.run_git(empty.directory, "status", "--porcelain") == ""


def test_a_guard_for_everybody_is_a_file_of_the_tree_that_keeps_this_repository_trusted(
    empty: Repository,
) -> None:
    guards.activate(empty, "npm", NPM, shared=True)
    assert empty.root is not None
    assert "[guards.npm]" in (empty.root / SHARED).read_text()
    assert TrustStore().state(empty).trusted
    assert usable(empty) == ["npm"]


def test_a_shared_guard_counts_only_where_its_file_is_trusted(empty: Repository) -> None:
    guards.activate(empty, "npm", NPM, shared=True)
    TrustStore().revoke(empty)
    (kept,) = guards.read_guards(empty).kept
    assert "holdfast trust" in kept.usable


def test_writing_a_shared_guard_accepts_nothing_else(empty: Repository) -> None:
    assert empty.root is not None
    (empty.root / ".holdfast").mkdir(exist_ok=True)
    (empty.root / ".holdfast" / "run.sh").write_text("rm -rf ~")
    guards.activate(empty, "npm", NPM, shared=True)
    assert not TrustStore().state(empty).trusted


def test_a_guard_in_a_copied_folder_was_not_accepted_here(empty: Repository, tmp_path: Path) -> None:
    guards.activate(empty, "npm", NPM)
    shutil.copytree(empty.directory, tmp_path / "copy")
    copy = Repository.find(tmp_path / "copy")
    assert usable(empty) == ["npm"]
    assert usable(copy) == []


def test_a_guard_changed_by_hand_is_another_one(empty: Repository) -> None:
    guards.activate(empty, "npm", NPM)
    path = empty.state_dir / LOCAL
    path.write_text(path.read_text().replace("npm install", "make test"))
    assert usable(empty) == []


def test_comments_and_other_guards_outlive_a_change(empty: Repository) -> None:
    guards.activate(empty, "npm", NPM, shared=True)
    assert empty.root is not None
    path = empty.root / SHARED
    path.write_text(path.read_text() + '\n# ours\n[guards.own]\nrule = "r"   # why\ncommands = ["x y"]\n')
    TrustStore().accept(empty)
    guards.remove(empty, "npm")
    assert '# ours\n[guards.own]\nrule = "r"   # why' in path.read_text()
    assert usable(empty) == ["own"]


def test_the_last_guard_takes_its_file_along(empty: Repository) -> None:
    guards.activate(empty, "npm", NPM, shared=True)
    guards.remove(empty, "npm")
    assert repositories.run_git(empty.directory, "status", "--porcelain") == ""


def test_a_second_guard_of_a_name_is_refused(empty: Repository) -> None:
    guards.activate(empty, "npm", NPM)
    with pytest.raises(UsageError, match="already"):
        guards.activate(empty, "npm", Guard(rule="other", commands=("make x",)))


def test_which_of_two_guards_of_a_name_is_meant_has_to_be_said(empty: Repository) -> None:
    guards.activate(empty, "npm", NPM)
    guards.activate(empty, "npm", Guard(rule="r", commands=("npm i",)), shared=True)
    assert usable(empty) == ["npm", "npm"]
    with pytest.raises(UsageError, match="two guards `npm`"):
        guards.remove(empty, "npm")
    with pytest.raises(UsageError, match="two guards `npm`"):
        guards.keep_on(empty, "npm")
    assert not guards.remove(empty, "npm", shared=False).shared
    with pytest.raises(UsageError, match="no guard `npm` of your own"):
        guards.remove(empty, "npm", shared=False)
    assert guards.remove(empty, "npm").shared
    assert usable(empty) == []


def test_a_guard_that_stops_nothing_is_refused(empty: Repository) -> None:
    with pytest.raises(UsageError, match="needs a command or a path"):
        guards.activate(empty, "npm", Guard(rule="r"))


@pytest.mark.parametrize(
    ("guard", "said"),
    [
        (Guard(rule="Never force.", commands=("--force",)), "names no command"),
        (Guard(rule=" ", commands=("git push --force",)), "the rule in words"),
    ],
)
def test_a_guard_that_could_never_stop_or_say_anything_is_refused(
    empty: Repository, guard: Guard, said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        guards.activate(empty, "force", guard)
    assert guards.read_guards(empty).kept == []


def test_what_is_wrong_with_a_guard_is_said_and_the_others_count(empty: Repository) -> None:
    guards.activate(empty, "npm", NPM, shared=True)
    assert empty.root is not None
    path = empty.root / SHARED
    path.write_text(path.read_text() + "\n[guards.bad]\nrule = 3\n")
    TrustStore().accept(empty)
    found = guards.read_guards(empty)
    assert [one.name for one in found.kept] == ["npm"]
    assert "guard `bad`" in found.problems[0]


def test_keeping_a_guard_on_gives_it_more_days(empty: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOLDFAST_NOW", "1780000000")
    assert guards.activate(empty, "npm", NPM).until == "2026-08-26"
    monkeypatch.setenv("HOLDFAST_NOW", "1790000000")
    assert guards.keep_on(empty, "npm", 10).guard.until == "2026-10-01"
    assert usable(empty) == ["npm"]
    assert guards.kept_on(empty) == {"npm": 1790000000.0}


def test_a_rule_stands_as_long_as_its_file_says_so(empty: Repository) -> None:
    assert empty.root is not None
    file = empty.root / "AGENTS.md"
    assert not guards.rule_stands(empty, NPM)
    file.write_text(f"# Rules\n\n  - {NPM.rule}\n")
    assert guards.rule_stands(empty, NPM)
    file.write_text(f"- {NPM.rule} Unless you are asked to.\n")
    assert not guards.rule_stands(empty, NPM)


def test_a_rule_too_long_to_be_kept_whole_stands_by_its_beginning(empty: Repository) -> None:
    assert empty.root is not None
    line = "Never run `npm install`, because " + "of what it does " * 40
    (empty.root / "AGENTS.md").write_text(f"- {line}\n")
    rule = line[: guards.LONGEST_RULE].strip()
    assert guards.rule_stands(empty, Guard(rule=line[: guards.LONGEST_RULE], source="AGENTS.md"))
    assert not guards.rule_stands(empty, Guard(rule=f"x{rule}"[: guards.LONGEST_RULE], source="AGENTS.md"))


def test_a_name_is_made_of_what_is_stopped() -> None:
    assert guards.name_of("git commit --no-verify") == "commit-no-verify"
    assert guards.name_of("db/schema.rb") == "db-schema-rb"
    assert guards.name_of("git stash") == "git-stash"
    assert guards.name_of("…") == "guard"
