"""A worktree of one's own is made beside the checkout, prepared, and costs nobody anything they had."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from holdfast.crew.worktree import make
from holdfast.errors import EnvironmentProblem, HoldfastError, RepositoryError, UsageError
from holdfast.repo.location import Repository
from holdfast.repo.trust import TrustStore
from holdfast.testing import repositories
from holdfast.testing.repositories import run_git, snapshot

ENVIRONMENT = ".env\n.env.*\nbuild/\n"


@pytest.fixture
def project(isolated_home: Path, tmp_path: Path) -> Repository:
    files = {".gitignore": ENVIRONMENT, "shop.py": "print('hi')\n"}
    return repositories.make_repository(tmp_path / "project", files=files)


def choose(repository: Repository, text: str) -> None:
    (repository.directory / ".holdfast").mkdir(exist_ok=True)
    (repository.directory / ".holdfast" / "config.toml").write_text(text)
    TrustStore().accept(repository)


def test_it_lies_beside_the_checkout_on_a_new_branch_at_head(project: Repository, tmp_path: Path) -> None:
    made = make(project, "fix-login")
    path = tmp_path / "project-worktrees" / "fix-login"
    assert made.path == str(path)
    assert (made.branch, made.new, made.new_branch) == ("fix-login", True, True)
    assert made.start.startswith("main (")
    assert made.cd == f"cd {path}"
    assert (path / "shop.py").read_text() == "print('hi')\n"
    assert Repository.find(path).head() == project.head()
    assert Repository.find(path).common_dir == project.common_dir, "what is known is shared"


def test_nothing_of_the_checkout_is_changed(project: Repository) -> None:
    (project.directory / "shop.py").write_text("changed\n")
    (project.directory / "new.txt").write_text("new\n")
    before = (run_git(project.directory, "status", "--porcelain"), project.head())
    made = make(project, "other")
    assert (run_git(project.directory, "status", "--porcelain"), project.head()) == before
    assert f"2 changed files stay in {project.directory}, not committed yet." in made.notes
    assert not Path(made.path, "new.txt").exists()


def test_doing_it_again_gives_the_same_one_as_it_is(project: Repository) -> None:
    first = make(project, "fix")
    Path(first.path, "work.txt").write_text("mine\n")
    again = make(project, "fix")
    assert (again.path, again.new, again.cd) == (first.path, False, first.cd)
    assert Path(again.path, "work.txt").read_text() == "mine\n"


def test_one_that_another_session_works_in_is_said_to_be_no_longer_ones_own(project: Repository) -> None:
    made = make(project, "fix")
    assert make(project, "fix").notes == ()
    began = {"at": time.time(), "do": "start", "agent": "codex", "session": "x", "root": made.path}
    journal = project.ensure_state() / "journal"
    journal.mkdir()
    (journal / f"{'b' * 16}.jsonl").write_text(json.dumps(began) + "\n")
    (told,) = make(project, "fix").notes
    assert told.startswith("Another session is at work in it (codex).")


def test_of_several_that_want_the_same_name_at_once_one_gets_it(project: Repository) -> None:
    def attempt(_: int) -> bool:
        try:
            return make(project, "same").new
        except HoldfastError:
            return False

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(attempt, range(4))) == [False, False, False, True]


def test_it_is_an_ordinary_worktree_that_git_refuses_to_remove_with_work_in_it(project: Repository) -> None:
    made = make(project, "fix")
    Path(made.path, "work.txt").write_text("mine\n")
    done = subprocess.run(
        ["git", "worktree", "remove", made.path], cwd=project.directory, capture_output=True
    )
    assert done.returncode != 0
    Path(made.path, "work.txt").unlink()
    run_git(project.directory, "worktree", "remove", made.path)
    assert not Path(made.path).exists()


def test_a_name_with_a_slash_and_one_that_a_shell_would_split(project: Repository, tmp_path: Path) -> None:
    assert make(project, "feature/login").path.endswith("project-worktrees/feature/login")
    made = make(project, "plain", folder=tmp_path / "a folder's")
    gone = subprocess.run(["sh", "-c", f"{made.cd} && pwd -P"], capture_output=True, text=True, check=True)
    assert gone.stdout.rstrip("\n") == made.path


@pytest.mark.parametrize("name", [
    "", "a b", "-x", "--help", "../out", "a..b", "/abs", "HEAD", "x.lock", "@{-1}", "-", "a\nb", "a\0b",
    "holdfast",
])  # fmt: skip
def test_a_name_that_no_branch_can_have_is_refused(project: Repository, name: str) -> None:
    before = snapshot(project)
    with pytest.raises(UsageError):
        make(project, name)
    assert snapshot(project) == before


def test_a_branch_that_exists_is_checked_out(project: Repository) -> None:
    run_git(project.directory, "branch", "old")
    made = make(project, "old")
    assert (made.new, made.new_branch) == (True, False)
    run_git(project.directory, "branch", "older")
    with pytest.raises(UsageError, match="there already"):
        make(project, "older", start="main")


def test_a_branch_that_is_checked_out_elsewhere_is_named_with_its_place(project: Repository) -> None:
    with pytest.raises(UsageError, match="is checked out in") as refused:
        make(project, "main")
    assert f"cd {project.directory}" in refused.value.hint


def test_a_branch_of_a_remote_is_followed(project: Repository, tmp_path: Path) -> None:
    run_git(project.directory, "branch", "shared")
    clone = tmp_path / "clone"
    run_git(tmp_path, "clone", "--quiet", str(project.directory), str(clone))
    made = make(Repository.find(clone), "shared")
    assert made.start.startswith("origin/shared (")
    assert run_git(Path(made.path), "rev-parse", "--abbrev-ref", "@{upstream}").strip() == "origin/shared"
    other = make(Repository.find(clone), "mine", start="origin/shared")
    assert other.new_branch
    with pytest.raises(subprocess.CalledProcessError):
        run_git(Path(other.path), "rev-parse", "@{upstream}")


def test_a_start_that_is_no_commit_is_refused(project: Repository) -> None:
    for start in ("nowhere", "--all", "HEAD:shop.py"):
        with pytest.raises(UsageError, match="no commit"):
            make(project, "x", start=start)


def test_before_the_first_commit_it_says_so(isolated_home: Path, tmp_path: Path) -> None:
    unborn = repositories.make_repository(tmp_path / "new", commits=0)
    with pytest.raises(RepositoryError, match="Nothing is committed"):
        make(unborn, "x")


def test_from_a_linked_worktree_it_lies_beside_the_main_one(project: Repository, tmp_path: Path) -> None:
    first = make(project, "first")
    (Path(first.path) / "shop.py").write_text("first\n")
    run_git(Path(first.path), "commit", "--quiet", "-am", "first")
    second = make(Repository.find(first.path), "second")
    assert second.path == str(tmp_path / "project-worktrees" / "second")
    assert second.start.startswith("first ("), "it starts where one comes from"


@pytest.mark.parametrize(
    ("top", "beside"), [("shop.git", "shop-worktrees"), ("shop/.bare", "shop-worktrees")]
)
def test_of_a_bare_repository_it_lies_beside_that(
    project: Repository, tmp_path: Path, top: str, beside: str
) -> None:
    run_git(tmp_path, "clone", "--quiet", "--bare", str(project.directory), str(tmp_path / "bare" / top))
    made = make(Repository.find(tmp_path / "bare" / top), "x")
    assert made.path == str(tmp_path / "bare" / beside / "x")


def test_it_is_never_made_inside_a_worktree(project: Repository) -> None:
    before = snapshot(project)
    for folder in (project.directory, project.directory / "below"):
        with pytest.raises(UsageError, match="lies inside the worktree"):
            make(project, "x", folder=folder)
    assert snapshot(project) == before


def test_what_stands_in_its_place_is_left(project: Repository, tmp_path: Path) -> None:
    place = tmp_path / "project-worktrees"
    (place / "taken").mkdir(parents=True)
    (place / "taken" / "notes.txt").write_text("mine")
    (place / "file").write_text("mine")
    (place / "link").symlink_to("nowhere")
    for name in ("taken", "file", "link"):
        with pytest.raises(UsageError, match="is there already"):
            make(project, name)
    assert (place / "taken" / "notes.txt").read_text() == "mine"
    assert not run_git(project.directory, "branch", "--list", "taken")


def test_a_worktree_whose_folder_is_gone_is_told_how_to_forget(project: Repository) -> None:
    made = make(project, "gone")
    for file in (*Path(made.path).iterdir(),):
        file.unlink()
    Path(made.path).rmdir()
    with pytest.raises(UsageError) as refused:
        make(project, "gone")
    assert "git worktree prune" in refused.value.hint
    run_git(project.directory, "worktree", "prune")
    assert make(project, "gone").new


def test_a_worktree_of_the_branch_that_is_gone_elsewhere_is_named(
    project: Repository, tmp_path: Path
) -> None:
    made = make(project, "gone", folder=tmp_path / "elsewhere")
    shutil.rmtree(made.path)
    with pytest.raises(UsageError, match="whose folder is gone") as refused:
        make(project, "gone")
    assert made.path in refused.value.message


def test_each_file_of_a_new_folder_counts_as_changed(project: Repository) -> None:
    (project.directory / "new").mkdir()
    for name in "abc":
        (project.directory / "new" / name).write_text("x")
    noted = make(project, "one").notes
    assert f"3 changed files stay in {project.directory}, not committed yet." in noted


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_place_that_cannot_be_written_names_the_way_out(project: Repository, tmp_path: Path) -> None:
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)
    with pytest.raises(EnvironmentProblem) as refused:
        make(project, "x", folder=locked)
    assert "--folder" in refused.value.hint


def test_a_place_below_a_file_is_an_error_with_a_way_out(project: Repository, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EnvironmentProblem) as refused:
        make(project, "x", folder=tmp_path / "file" / "below")
    assert refused.value.hint


# -- prepared


def test_files_that_the_settings_list_are_copied_as_they_are(project: Repository) -> None:
    top = project.directory
    (top / ".env").write_text("SECRET=1\n")
    (top / ".env").chmod(0o600)
    (top / "services" / "a").mkdir(parents=True)
    (top / "services" / "a" / ".env.local").write_text("A=1\n")
    (top / "services" / "run.sh").write_text("#!/bin/sh\n")
    (top / "services" / "run.sh").chmod(0o755)
    choose(project, '[worktree]\ncopy = [".env", "services/**/.env.*", "services/*.sh", "missing"]\n')
    made = make(project, "x")
    path = Path(made.path)
    assert made.copied == (".env", "services/a/.env.local", "services/run.sh")
    assert (path / ".env").read_text() == "SECRET=1\n"
    assert (path / ".env").stat().st_mode & 0o777 == 0o600
    assert (path / "services" / "run.sh").stat().st_mode & 0o777 == 0o755
    (path / ".env").write_text("SECRET=2\n")
    assert (top / ".env").read_text() == "SECRET=1\n", "a copy, not the same file"


def test_settings_that_nobody_accepted_copy_nothing(project: Repository) -> None:
    (project.directory / ".env").write_text("SECRET=1\n")
    (project.directory / ".holdfast").mkdir()
    settings = '[worktree]\nfolder = "/elsewhere"\ncopy = [".env"]\n'
    (project.directory / ".holdfast" / "config.toml").write_text(settings)
    made = make(project, "x")
    assert made.copied == ()
    assert "project-worktrees" in made.path
    assert any("not trusted" in note for note in made.notes)


def test_env_files_that_nobody_listed_are_named_with_the_line_that_lists_them(project: Repository) -> None:
    (project.directory / ".env").write_text("SECRET=1\n")
    assert any('copy = [".env"]' in note for note in make(project, "x").notes)
    choose(project, "[worktree]\ncopy = []\n")
    assert not Path(make(project, "y").path, ".env").exists()


def test_nothing_outside_the_repository_is_copied(project: Repository, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x")
    choose(project, f'[worktree]\ncopy = ["../secret", "{tmp_path}/secret", "", "a/../../secret"]\n')
    made = make(project, "x")
    assert made.copied == ()
    assert len([note for note in made.notes if "nothing was copied" in note]) == 4


def test_a_tracked_file_is_that_of_the_branch_and_never_replaced(project: Repository) -> None:
    (project.directory / "shop.py").write_text("local\n")
    choose(project, '[worktree]\ncopy = ["shop.py", "*.py"]\n')
    made = make(project, "x")
    assert made.copied == ()
    assert Path(made.path, "shop.py").read_text() == "print('hi')\n"


def test_a_link_leads_where_it_led(project: Repository, tmp_path: Path) -> None:
    (tmp_path / "shared.env").write_text("S=1\n")
    (project.directory / ".env").symlink_to("../shared.env")
    choose(project, '[worktree]\ncopy = [".env"]\n')
    made = make(project, "x")
    assert Path(made.path, ".env").read_text() == "S=1\n"
    assert Path(made.path, ".env").is_symlink()


def test_a_link_of_the_branch_leads_no_copy_out_of_the_worktree(project: Repository, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    run_git(project.directory, "checkout", "--quiet", "-b", "hostile")
    (project.directory / "build").symlink_to(outside)
    run_git(project.directory, "add", "--force", "build")
    run_git(project.directory, "commit", "--quiet", "-m", "link")
    run_git(project.directory, "checkout", "--quiet", "main")
    (project.directory / "build").mkdir()
    (project.directory / "build" / "key").write_text("secret")
    choose(project, '[worktree]\ncopy = ["build/**"]\n')
    made = make(project, "hostile")
    assert made.copied == ()
    assert list(outside.iterdir()) == []


def test_the_settings_say_where_it_lies(project: Repository, tmp_path: Path) -> None:
    choose(project, '[worktree]\nfolder = "../trees/{repository}"\n')
    assert make(project, "x").path == str(tmp_path / "trees" / "project" / "x")


def test_submodules_are_mentioned(project: Repository) -> None:
    (project.directory / ".gitmodules").write_text('[submodule "a"]\n\tpath = a\n\turl = ../a\n')
    run_git(project.directory, "add", ".gitmodules")
    run_git(project.directory, "commit", "--quiet", "-m", "submodule")
    assert any("git submodule update --init" in note for note in make(project, "x").notes)


def test_filters_of_the_repository_s_own_settings_do_not_run_and_the_user_s_do(
    project: Repository, isolated_home: Path, tmp_path: Path
) -> None:
    top = project.directory
    (top / ".gitattributes").write_text("*.a filter=theirs\n*.b filter=mine\n*.c filter=odd=name\n")
    for name in ("x.a", "x.b", "x.c"):
        (top / name).write_text("stored\n")
    run_git(top, "add", "--all")
    run_git(top, "commit", "--quiet", "-m", "files")
    for name in ("theirs", "odd=name"):
        for kind in ("smudge", "clean", "process"):
            run_git(top, "config", f"filter.{name}.{kind}", f"touch {tmp_path}/ran; cat")
        run_git(top, "config", f"filter.{name}.required", "true")
    run_git(top, "config", "--global", "filter.mine.smudge", "tr a-z A-Z")
    (top / "x.a").write_text("changed\n")
    made = make(project, "x")
    found = [Path(made.path, name).read_text() for name in ("x.a", "x.b", "x.c")]
    assert found == ["stored\n", "STORED\n", "stored\n"]
    assert not (tmp_path / "ran").exists()
    (told,) = [note for note in made.notes if "were not run" in note]
    assert "(odd=name, theirs)" in told


def test_no_hook_of_the_user_runs(project: Repository, tmp_path: Path) -> None:
    hook = project.common_dir / "hooks" / "post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    hook.chmod(0o755)
    make(project, "x")
    assert not (tmp_path / "ran").exists()
