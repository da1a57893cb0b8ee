from __future__ import annotations

import itertools
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.another_user import another_user

from holdfast.errors import EnvironmentProblem, GitError, RecordsError
from holdfast.repo import chain, ids, packing
from holdfast.repo.branch import LARGEST, PRIVATE, SHARED, RecordsBranch
from holdfast.repo.location import Repository
from holdfast.repo.writing import NOBODY, Person
from holdfast.testing.repositories import clone, commit, make_repository, run_git

DAY = 1_767_225_600  # 2026-01-01 00:00 UTC


def record(text: str = "{}") -> dict[str, bytes]:
    return {f"events/2026/01/{ids.new_id()}.json": text.encode()}


def paths(branch: RecordsBranch) -> set[str]:
    return {found.path for found in branch.added()}


@pytest.fixture
def branch(repository: Repository) -> RecordsBranch:
    return RecordsBranch(repository)


# -- writing


def test_what_was_written_is_read_back(branch: RecordsBranch) -> None:
    files = record("one") | record("two")
    made = branch.append(files, "learn two things")
    found = list(branch.added())
    assert {added.path for added in found} == files.keys()
    assert {added.commit for added in found} == {made}
    contents = dict(branch.read(added.blob for added in found))
    assert {added.path: contents[added.blob] for added in found} == files


def test_writing_the_same_again_changes_nothing(branch: RecordsBranch) -> None:
    files = record()
    tip = branch.append(files, "once")
    assert branch.append(files, "twice") is None
    assert branch.append({}, "nothing") is None
    assert branch.tip() == tip


def test_a_record_is_written_once(branch: RecordsBranch) -> None:
    (path,) = files = record("first")
    tip = branch.append(files, "first")
    with pytest.raises(RecordsError, match=path):
        branch.append(record() | {path: b"second"}, "second")
    assert branch.tip() == tip


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "../outside.json",
        "events/../../outside.json",
        "events/.git/config.json",
        "events/2026/01/x.sh",
        "events/2026/01",
        "events/x.json",
        "elsewhere/2026/01/x.json",
        "events/2026/01/a b.json",
        "events/2026/01/a\nb.json",
        "events//01/a.json",
        "events/2026/01/-a.json",
        "events/2026.json/01/a.json",
        ".github/workflows/x.md",
        "events/2026/01/" + "a" * 400 + ".json",
        "",
    ],
)
def test_nothing_is_written_where_no_record_belongs(branch: RecordsBranch, path: str) -> None:
    with pytest.raises(RecordsError, match="not a path of a record"):
        branch.append({path: b"{}"}, "strange")
    assert branch.tips() == {}


@given(st.text(max_size=40))
def test_an_allowed_path_stays_inside_and_shadows_no_other(text: str) -> None:
    for path in (text, f"events/{text}/x.json", f"learnings/failure/{text}.md"):
        if chain.allowed(path):
            assert ".." not in path.split("/")
            assert path.split("/")[0] in chain.FOLDERS
            assert not any(chain.allowed(parent.as_posix()) for parent in Path(path).parents)


def test_a_commit_is_dated_its_utc_day_by_the_users_identity(
    branch: RecordsBranch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOLDFAST_NOW", str(DAY + 50_000))
    branch.append(record(), "at some hour")
    shown = run_git(branch.repository.directory, "log", "-1", "--format=%an|%ae|%at|%ct|%ai|%s", "holdfast")
    assert shown == (
        f"A Developer|developer@example.invalid|{DAY}|{DAY}|2026-01-01 00:00:00 +0000|at some hour\n"
    )
    assert next(branch.added()).day == "2026-01-01"
    assert next(branch.added()).author_email == "developer@example.invalid"


def test_the_reflog_of_the_branch_has_no_time_of_day_either(
    branch: RecordsBranch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOLDFAST_NOW", str(DAY + 50_000))
    branch.append(record(), "x")
    log = branch.repository.common_dir / "logs" / SHARED
    assert f"developer@example.invalid> {DAY} +0000" in log.read_text()


def test_without_an_identity_neither_login_nor_machine_is_named(repository: Repository, home: Path) -> None:
    home.joinpath(".gitconfig").write_text("")
    RecordsBranch(repository).append(record(), "x")
    shown = run_git(repository.directory, "log", "-1", "--format=%an|%ae|%cn|%ce", "holdfast")
    assert shown == "|".join(NOBODY * 2) + "\n"


@pytest.mark.parametrize(
    ("settings", "variables", "expected"),
    [
        ({"user.name": "U", "user.email": "u@x"}, {}, ("U", "u@x")),
        ({"user.name": "U", "author.name": "A", "user.email": "u@x"}, {}, ("A", "u@x")),
        ({"user.name": "U", "user.email": "u@x"}, {"GIT_AUTHOR_NAME": "E"}, ("E", "u@x")),
        ({}, {"EMAIL": "e@x"}, (NOBODY[0], "e@x")),
        ({"user.name": "<>", "user.email": "a\n>b <c"}, {}, (NOBODY[0], "ab c")),
    ],
)
def test_the_identity_follows_gits_own_precedence(
    settings: dict[str, str], variables: dict[str, str], expected: tuple[str, str]
) -> None:
    assert Person.of(settings, variables) == expected


def test_a_subject_is_one_line(branch: RecordsBranch) -> None:
    branch.append(record(), "first\nM 100644 inline evil\n")
    assert run_git(branch.repository.directory, "log", "-1", "--format=%B", "holdfast").strip() == "first"


def test_a_clock_that_jumps_back_loses_nothing(
    branch: RecordsBranch, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: set[str] = set()
    known = branch.tips()
    for offset in (0, 40, -400, 2, -9000, 1):
        monkeypatch.setenv("HOLDFAST_NOW", str(DAY + offset * 86_400))
        files = record()
        branch.append(files, "x")
        written |= files.keys()
        assert files.keys() <= {found.path for found in branch.added(known)}
        known = branch.tips()
    assert paths(branch) == written


@pytest.mark.parametrize("told", ["soon", "nan", "1e300", ""])
def test_a_clock_that_is_no_time_is_ignored(
    branch: RecordsBranch, monkeypatch: pytest.MonkeyPatch, told: str
) -> None:
    monkeypatch.setenv("HOLDFAST_NOW", told)
    assert branch.append(record(), "x")


def test_ten_thousand_records_are_one_commit(branch: RecordsBranch) -> None:
    files = {f"segments/2026/{n % 12 + 1:02}/{ids.new_id()}.json": b"%d" % n for n in range(10_000)}
    branch.append(files, "many")
    assert paths(branch) == files.keys()
    assert len(list(branch.read(found.blob for found in branch.added()))) == 10_000


# -- which ref


def test_private_records_are_on_a_ref_that_no_clone_fetches(repository: Repository, tmp_path: Path) -> None:
    branch = RecordsBranch(repository, private=True)
    branch.append(record(), "mine")
    assert list(branch.tips()) == [PRIVATE]
    assert RecordsBranch(clone(repository.directory, tmp_path / "clone")).tips() == {}


def test_private_records_never_get_into_the_shared_ones(repository: Repository) -> None:
    private, shared = record("private"), record("shared")
    RecordsBranch(repository, private=True).append(private, "mine")
    branch = RecordsBranch(repository)
    branch.append(shared, "ours")
    assert chain.files(repository, branch.tips()[SHARED]).keys() == shared.keys()
    assert paths(branch) == private.keys() | shared.keys()


def test_readers_see_every_remotes_records_and_no_other_branch(
    repository: Repository, tmp_path: Path
) -> None:
    files = record()
    RecordsBranch(repository).append(files, "x")
    commit(repository.directory, {"code": "x"})
    run_git(repository.directory, "branch", "feature/holdfast")
    branch = RecordsBranch(clone(repository.directory, tmp_path / "clone"))
    assert list(branch.tips()) == ["refs/remotes/origin/holdfast"]
    assert paths(branch) == files.keys()


def test_the_first_write_stands_on_what_the_remote_has(repository: Repository, tmp_path: Path) -> None:
    theirs, mine = record("theirs"), record("mine")
    origin = RecordsBranch(repository)
    origin.append(theirs, "x")
    branch = RecordsBranch(clone(repository.directory, tmp_path / "clone"))
    branch.append(mine, "y")
    assert chain.contains(branch.repository, branch.tips()[SHARED], origin.tips()[SHARED])
    assert chain.files(branch.repository, branch.tips()[SHARED]).keys() == theirs.keys() | mine.keys()


def test_the_first_write_merges_remotes_that_share_nothing(tmp_path: Path) -> None:
    files: dict[str, bytes] = {}
    project = make_repository(tmp_path / "project")
    for name in ("one", "two", "three"):
        other = make_repository(tmp_path / name)
        added = record(name)
        RecordsBranch(other).append(added, name)
        run_git(project.directory, "remote", "add", "-f", name, str(other.root))
        files |= added
    branch = RecordsBranch(project)
    files |= (mine := record("mine"))
    branch.append(mine, "mine")
    assert chain.files(project, branch.tips()[SHARED]).keys() == files.keys()
    for ref, tip in branch.tips().items():
        assert chain.contains(project, branch.tips()[SHARED], tip), ref
    assert paths(branch) == files.keys()


def test_a_branch_of_the_users_that_bears_the_name_is_never_written(repository: Repository) -> None:
    run_git(repository.directory, "branch", "holdfast")
    branch = RecordsBranch(repository)
    before = branch.tips()
    with pytest.raises(RecordsError, match=r"not a records branch: it holds file0\.txt"):
        branch.append(record(), "x")
    assert branch.tips() == before


def test_a_remotes_branch_that_holds_no_records_is_not_built_upon(
    repository: Repository, tmp_path: Path
) -> None:
    run_git(repository.directory, "branch", "holdfast")
    branch = RecordsBranch(clone(repository.directory, tmp_path / "clone"))
    with pytest.raises(RecordsError, match="not a tip of records"):
        branch.append(record(), "x")
    assert paths(branch) == set()
    assert branch.rejected == 1


def test_branches_below_the_name_are_named_with_the_way_out(repository: Repository) -> None:
    run_git(repository.directory, "branch", "holdfast/mine")
    branch = RecordsBranch(repository)
    assert branch.blocked_by() == ["holdfast/mine"]
    with pytest.raises(RecordsError, match="--private"):
        branch.append(record(), "x")
    private = RecordsBranch(repository, private=True)
    assert private.blocked_by() == []
    assert private.append(record(), "x")


def test_a_worktree_that_has_the_branch_checked_out_is_named(repository: Repository, tmp_path: Path) -> None:
    branch = RecordsBranch(repository)
    branch.append(record(), "x")
    linked = tmp_path / "look"
    run_git(repository.directory, "worktree", "add", "--quiet", str(linked), "holdfast")
    with pytest.raises(RecordsError, match=str(linked)):
        branch.append(record(), "y")
    run_git(repository.directory, "worktree", "remove", str(linked))
    run_git(repository.directory, "switch", "--quiet", "holdfast")
    with pytest.raises(RecordsError, match=str(repository.root)):
        branch.append(record(), "y")
    run_git(repository.directory, "switch", "--quiet", "--detach")
    assert branch.append(record(), "y")


def test_an_unborn_head_on_the_branch_counts_as_checked_out(tmp_path: Path) -> None:
    repository = make_repository(tmp_path / "new", commits=0)
    run_git(repository.directory, "symbolic-ref", "HEAD", SHARED)
    with pytest.raises(RecordsError, match="checked out"):
        RecordsBranch(repository).append(record(), "x")


def test_a_bare_repository_whose_head_is_the_branch_has_nothing_checked_out(tmp_path: Path) -> None:
    bare = make_repository(tmp_path / "bare.git", bare=True)
    run_git(bare.directory, "symbolic-ref", "HEAD", SHARED)
    assert RecordsBranch(bare).append(record(), "x")


# -- reading


def test_only_what_is_new_is_read_again(branch: RecordsBranch) -> None:
    branch.append(record(), "old")
    known = branch.tips()
    assert list(branch.added(known)) == []
    new = record()
    branch.append(new, "new")
    assert {found.path for found in branch.added(known)} == new.keys()
    assert {found.path for found in branch.added(list(known.values()))} == new.keys()


def test_a_known_tip_that_is_gone_only_costs_reading_again(branch: RecordsBranch) -> None:
    files = record()
    branch.append(files, "x")
    assert {found.path for found in branch.added(["0123456789" * 4])} == files.keys()


def test_what_was_read_holds_until_the_branch_is_rewritten(branch: RecordsBranch) -> None:
    assert branch.contains([])
    first = branch.append(record(), "x")
    branch.append(record(), "y")
    assert first is not None
    assert branch.contains([first])
    assert branch.contains(list(branch.tips().values()))
    assert not branch.contains([first, "0123456789" * 4])
    run_git(branch.repository.directory, "update-ref", SHARED, first)
    second = branch.append(record(), "z")
    assert second is not None
    run_git(branch.repository.directory, "update-ref", SHARED, first)
    assert not branch.contains([second])


def plant(repository: Repository, entries: list[tuple[str, str, bytes]]) -> None:
    """Commit a tree with any modes and paths onto the branch, as a hostile clone could."""
    stream = f"commit {SHARED}\ncommitter X <x@x> {DAY} +0000\ndata 1\nx\n".encode()
    tip = RecordsBranch(repository).tips().get(SHARED)
    stream += f"from {tip}\n".encode() if tip else b""
    for mode, path, data in entries:
        if mode == "160000":
            stream += f"M {mode} {data.decode()} {path}\n".encode()
        else:
            stream += f"M {mode} inline {path}\ndata {len(data)}\n".encode() + data + b"\n"
    repository.git("fast-import", "--quiet", "--date-format=raw", input=stream)


def test_links_programs_and_strange_paths_are_counted_and_left_out(
    branch: RecordsBranch, tmp_path: Path
) -> None:
    good = record()
    branch.append(good, "x")
    entries = [
        ("120000", "learnings/failure/link.md", b"/etc/passwd"),
        ("100755", "learnings/failure/program.md", b"x"),
        ("160000", "learnings/failure/module.md", b"0123456789" * 4),
        ("100644", ".github/workflows/run.yml", b"x"),
        ("100644", '"learnings/failure/a\\033[31m.md"', b"x"),
        ("100644", '"learnings/failure/\\377.md"', b"x"),
    ]
    plant(branch.repository, entries)
    assert paths(branch) == good.keys()
    assert branch.rejected == len(entries)


def test_the_first_bytes_at_a_path_are_the_ones_that_count(branch: RecordsBranch) -> None:
    (path,) = files = record("first")
    branch.append(files, "x")
    plant(branch.repository, [("100644", path, b"changed later")])
    (found,) = branch.added()
    assert dict(branch.read([found.blob])) == {found.blob: b"first"}


def test_a_log_read_under_any_settings_of_the_users_is_the_same(branch: RecordsBranch, home: Path) -> None:
    files = record() | record()
    branch.append(files, "x")
    before = list(branch.added())
    home.joinpath(".gitconfig").write_text(
        "[log]\nshowRoot=false\nshowSignature=true\ndate=relative\nmailmap=true\ndecorate=full\nfollow=true\n"
        "[diff]\nrenames=copies\nnoprefix=true\norderFile=/nowhere\nrelative=true\nignoreSubmodules=all\n"
        "[color]\nui=always\n[core]\nquotePath=true\nabbrev=5\n[format]\npretty=oneline\n[grep]\npatternType=perl\n"
    )
    assert list(RecordsBranch(branch.repository).added()) == before


def test_blobs_that_are_missing_or_too_large_are_counted(branch: RecordsBranch) -> None:
    branch.append(record("small"), "x")
    large = branch.repository.git("hash-object", "-w", "--stdin", input=b"x" * (LARGEST + 1)).decode().strip()
    (small,) = (found.blob for found in branch.added())
    assert list(branch.read([large, "0123456789" * 4, small])) == [(small, b"small")]
    assert (branch.missing, branch.oversized) == (1, 1)


def test_how_the_users_git_log_is_written_does_not_change_what_is_read(branch: RecordsBranch) -> None:
    files = record()
    branch.append(files, "x")
    run_git(branch.repository.directory, "config", "i18n.logOutputEncoding", "UTF-16")
    run_git(branch.repository.directory, "config", "color.diff", "always")
    (found,) = branch.added()
    assert (found.path, found.author_email) == (*files, "developer@example.invalid")


def test_a_reader_may_stop_at_the_first_record(branch: RecordsBranch) -> None:
    branch.append(record("a") | record("b"), "x")
    blobs = [found.blob for found in branch.added()]
    assert next(branch.read(blobs))[0] == blobs[0]
    assert next(branch.added()).blob == blobs[0]


def test_a_partial_clone_does_not_fetch_while_reading(branch: RecordsBranch, tmp_path: Path) -> None:
    files = record("behind a filter")
    branch.append(files, "x")
    run_git(branch.repository.directory, "config", "uploadpack.allowFilter", "true")
    partial = RecordsBranch(clone(branch.repository.directory, tmp_path / "partial", "--filter=blob:none"))
    branch.repository.directory.rename(tmp_path / "away")
    assert paths(partial) == files.keys()
    assert list(partial.read(found.blob for found in partial.added())) == []
    assert partial.missing == 1


def test_a_repository_without_what_it_was_promised_starts_no_program_of_its_settings(
    branch: RecordsBranch, tmp_path: Path
) -> None:
    branch.append(record(), "x")
    directory, marker = branch.repository.directory, tmp_path / "ran"
    tree = run_git(directory, "rev-parse", f"{SHARED}^{{tree}}").strip()
    for name, value in (
        ("remote.origin.url", str(directory)),
        ("remote.origin.promisor", "true"),
        ("remote.origin.uploadpack", f"touch {marker};"),
        ("extensions.partialClone", "origin"),
    ):
        run_git(directory, "config", name, value)
    (branch.repository.common_dir / "objects" / tree[:2] / tree[2:]).unlink()
    with pytest.raises(GitError) as caught:
        list(RecordsBranch(branch.repository).added())
    assert "holdfast sync" in caught.value.hint
    assert not marker.exists()


# -- surroundings


def test_an_unborn_repository_can_hold_records(tmp_path: Path) -> None:
    repository = make_repository(tmp_path / "new", commits=0)
    branch = RecordsBranch(repository)
    branch.append(record(), "x")
    assert repository.head() is None
    assert len(paths(branch)) == 1


def test_a_bare_repository_can_hold_records(tmp_path: Path) -> None:
    bare = make_repository(tmp_path / "bare.git", bare=True)
    branch = RecordsBranch(bare)
    branch.append(record(), "x")
    branch.append(record(), "y")
    assert len(paths(branch)) == 2


def test_a_repository_of_the_other_hash_can_hold_records(tmp_path: Path) -> None:
    run_git(tmp_path, "init", "--quiet", "--object-format=sha256", "project")
    branch = RecordsBranch(Repository.find(tmp_path / "project"))
    branch.append(record(), "x")
    branch.append(record(), "y")
    assert len(paths(branch)) == 2


def test_inside_a_hook_the_records_go_where_they_belong(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = make_repository(tmp_path / "other")
    monkeypatch.setenv("GIT_DIR", str(other.git_dir))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other.git_dir / "index.lock"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other.root))
    monkeypatch.setenv("GIT_OBJECT_DIRECTORY", str(tmp_path / "objects"))
    monkeypatch.setenv("GIT_QUARANTINE_PATH", str(tmp_path / "objects"))
    branch = RecordsBranch(repository)
    branch.append(record(), "x")
    assert len(paths(branch)) == 1
    assert RecordsBranch(other).tips() == {}
    assert not (tmp_path / "objects").exists()


def test_a_write_that_git_fails_leaves_the_branch_and_says_so(repository: Repository) -> None:
    branch = RecordsBranch(repository)
    branch.append(record(), "x")
    # a directory where the reflog must be: fast-import fails when it has read everything
    log = repository.common_dir / "logs" / SHARED
    log.unlink()
    log.mkdir()
    log.joinpath("in the way").touch()
    tip = branch.tip()
    with pytest.raises(EnvironmentProblem) as caught:
        branch.append(record(), "y")
    assert "as they were before" in caught.value.hint
    assert branch.tip() == tip


# -- a disk that refuses


def mounted(path: Path, *options: str) -> Path:
    """Mount a small file system of its own, or skip where that is not permitted."""
    path.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", *options, "tmpfs", str(path)], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        pytest.skip(f"cannot mount a file system here: {done.stderr.strip()}")
    return path


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    path = mounted(tmp_path / "disk", "-o", "size=1m")
    try:
        yield path
    finally:
        subprocess.run(["umount", "-l", str(path)], check=True)


def fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file, pytest.raises(OSError, match="No space"):
        file.writelines(itertools.repeat(b"x" * 4096))


def test_a_full_disk_is_an_environment_problem_and_the_branch_stays_valid(small_disk: Path) -> None:
    branch = RecordsBranch(make_repository(small_disk / "project"))
    branch.append(record(), "x")
    tip = branch.tip()
    filler = small_disk / "filler"
    fill(filler)
    with pytest.raises(EnvironmentProblem) as caught:
        branch.append({f"learnings/failure/x-{ids.new_id()}.md": os.urandom(50_000)}, "y")
    assert "full" in caught.value.message
    assert "space" in caught.value.hint
    assert branch.tip() == tip
    filler.unlink()
    assert run_git(small_disk / "project", "fsck", "--connectivity-only") == ""
    assert branch.append(record(), "z")


def test_a_read_only_disk_can_be_read_and_refuses_clearly(small_disk: Path) -> None:
    branch = RecordsBranch(make_repository(small_disk / "project"))
    files = record()
    branch.append(files, "x")
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    fresh = RecordsBranch(Repository.find(small_disk / "project"))
    assert paths(fresh) == files.keys()
    with pytest.raises(EnvironmentProblem) as caught:
        fresh.append(record(), "y")
    assert "read-only" in caught.value.message
    assert "writable" in caught.value.hint


def test_an_object_store_that_may_not_be_written_is_named(repository: Repository) -> None:
    branch = RecordsBranch(repository)
    branch.append(record(), "x")
    tip = branch.tip()
    packs = repository.common_dir / "objects" / "pack"
    packs.rmdir()
    packs.write_text("in the way")
    with pytest.raises(EnvironmentProblem) as caught:
        branch.append(record(), "y")
    assert caught.value.hint
    assert list(repository.common_dir.glob("fast_import_crash_*")) == []
    packs.unlink()
    assert branch.tip() == tip
    assert branch.append(record(), "y")


APPEND = """
import sys
from holdfast.errors import EnvironmentProblem
from holdfast.repo.branch import RecordsBranch
from holdfast.repo.location import Repository
try:
    path = "events/2026/01/" + "a" * 16 + ".json"
    RecordsBranch(Repository.find(sys.argv[1])).append({path: b"{}" * 40000}, "x")
except EnvironmentProblem as error:
    print(error)
"""


def test_without_permission_the_error_says_what_to_give() -> None:
    with tempfile.TemporaryDirectory() as folder:  # pytest's own folders are closed to other users
        repository = make_repository(Path(folder) / "project")
        repository.common_dir.chmod(0o555)
        (Path(folder) / "state").mkdir()
        (Path(folder) / "state").chmod(0o777)
        Path(folder).chmod(0o755)
        try:
            with another_user(Path(folder)), pytest.raises(EnvironmentProblem) as caught:
                RecordsBranch(Repository.find(repository.directory)).append(record(), "x")
        finally:
            repository.common_dir.chmod(0o755)
    assert "may not write" in caught.value.message
    assert "write access" in caught.value.hint


def test_a_limit_on_file_size_is_an_environment_problem(repository: Repository) -> None:
    limited = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000))\n" + APPEND
    done = subprocess.run(
        [sys.executable, "-c", limited, str(repository.root)], capture_output=True, text=True, check=True
    )
    assert "limit on file size" in done.stdout
    assert RecordsBranch(repository).tips() == {}
    assert RecordsBranch(repository).append(record(), "x")


# -- packing


def loose(repository: Repository) -> int:
    return int(run_git(repository.directory, "count-objects").split()[0])


def test_our_objects_are_packed_before_they_could_set_off_the_users_collection(
    repository: Repository,
) -> None:
    run_git(repository.directory, "config", "gc.auto", "40")
    branch = RecordsBranch(repository)
    files: dict[str, bytes] = {}
    most = 0
    for _ in range(12):
        files |= (added := record())
        branch.append(added, "x")
        most = max(most, loose(repository))
    assert most < 40
    assert paths(branch) == files.keys()
    assert run_git(repository.directory, "fsck", "--no-dangling") == ""


def test_a_user_who_turned_collection_off_gets_no_packs(repository: Repository) -> None:
    run_git(repository.directory, "config", "gc.auto", "0")
    branch = RecordsBranch(repository)
    for _ in range(4):
        branch.append(record(), "x")
    assert list((repository.common_dir / "objects" / "pack").iterdir()) == []
    assert packing.limit({"gc.auto": "0"}) is None


@pytest.mark.parametrize(
    ("told", "most"), [("", 1675), ("6700", 1675), ("1k", 256), ("3", 1), ("-1", None), ("many", 1675)]
)
def test_the_limit_is_a_share_of_what_the_user_allows(told: str, most: int | None) -> None:
    assert packing.limit({"gc.auto": told}) == most


def test_packing_in_a_linked_worktree_packs_into_the_shared_store(
    repository: Repository, tmp_path: Path
) -> None:
    run_git(repository.directory, "config", "gc.auto", "4")
    run_git(repository.directory, "worktree", "add", "--quiet", str(tmp_path / "linked"))
    branch = RecordsBranch(Repository.find(tmp_path / "linked"))
    branch.append(record(), "x")
    assert list((repository.common_dir / "objects" / "pack").glob("*.pack"))
