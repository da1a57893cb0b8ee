"""The index holds the commits that worktrees stand on, however they came and went."""

from __future__ import annotations

import random
import subprocess
from pathlib import Path

import pytest

from holdfast.index.documents import Document
from holdfast.learn.sources import Budget
from holdfast.learn.sources.commits import Commits, document
from holdfast.learn.view import View
from holdfast.repo.history import Commit
from holdfast.repo.location import Repository
from holdfast.testing import repositories
from holdfast.testing.repositories import commit, run_git


@pytest.fixture
def root(empty: Repository) -> Path:
    assert empty.root is not None
    return empty.root


def held(path: Path, seconds: float | None = None) -> dict[str, Document]:
    with View(Repository.find(path), seconds=seconds) as view:
        return {each.id.partition(":")[2]: each for each in view.index.all(sources=["commit"])}


def anew(path: Path) -> dict[str, Document]:
    for file in Repository.find(path).state_dir.glob("index.db*"):
        file.unlink()
    return held(path)


def reachable(path: Path) -> set[str]:
    heads = run_git(path, "worktree", "list", "--porcelain").splitlines()
    names = [line.removeprefix("HEAD ") for line in heads if line.startswith("HEAD ") and line[5:].strip("0")]
    return set(run_git(path, "rev-list", *names).split()) if names else set()


def test_a_commit_is_a_document_without_secrets_or_escapes(root: Path) -> None:
    token = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    made = commit(
        root, {"src/api.py": "1"}, f"Use the v2 client\n\nThe old one \x1b[31mfails\x1b[0m with {token}."
    )
    found = held(root)[made]
    assert (found.source, found.kind, found.title) == ("commit", "commit", "Use the v2 client")
    assert found.paths == ("src/api.py",)
    assert found.text.startswith("Use the v2 client. The old one fails with [redacted:")
    assert token not in f"{found}"
    assert "\x1b" not in f"{found}"
    assert found.at is not None
    assert found.author is None
    assert found.by == run_git(root, "log", "-1", "--format=%an").strip()


def test_a_long_message_is_cut_to_a_lead_and_its_rest(root: Path) -> None:
    made = commit(root, {}, "Subject\n\n" + " ".join(f"word{number}" for number in range(300)))
    found = held(root)[made]
    assert len(found.text.split()) <= 81
    assert found.detail.endswith("word299")


@pytest.mark.parametrize(
    "text",
    [
        "This reverts commit {0}.",
        "This reverts commits {0} and {1}.",
        "This reverts commit {0},\nreversing changes made to {1}.",
        "Broke the build.\n\nThis reverts commit {2}.",
    ],
)
def test_a_commit_that_is_taken_back_is_superseded(root: Path, text: str) -> None:
    first, other = commit(root, {"a": "1"}, "Add a"), commit(root, {"b": "1"}, "Add b")
    assert held(root)[first].state == ""
    made = commit(root, {"a": "2"}, 'Revert "Add a"\n\n' + text.format(first, other, first[:10]))
    assert held(root)[first].state == "superseded"
    assert "revert" in held(root)[made].tags
    assert (held(root)[other].state == "superseded") == ("and {1}" in text)
    assert held(root) == anew(root)


@pytest.mark.parametrize(
    ("subject", "revert"),
    [
        ("Add a", 'Revert "Add a"'),
        ("Add a (#12)", 'Revert "Add a (#12)" (#13)'),
        ("Add a (#12)", 'Revert "Add a" (#13)\n\nReverts some/where#12'),
        ('Say "a"', 'revert: "Say "a""'),
    ],
)
def test_a_revert_without_an_id_takes_back_the_newest_earlier_commit_of_that_subject(
    root: Path, subject: str, revert: str
) -> None:
    older, newer = commit(root, {"a": "1"}, subject), commit(root, {"a": "2"}, subject)
    other = commit(root, {"a": "3"}, f"{subject} again")
    held(root)
    made = commit(root, {"a": "2"}, revert)
    later = commit(root, {"a": "4"}, subject)
    found = held(root)
    assert {each for each in found if found[each].state} == {newer}
    assert {older, other, made, later} <= found.keys()
    assert found == anew(root)


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ("Use tabs\n\nSpaces broke it.", "Use tabs. Spaces broke it."),
        ("Use tabs.\n\nSpaces broke it.", "Use tabs. Spaces broke it."),
        ("Use tabs", "Use tabs"),
        ('Revert "Use tabs"\n\nThey broke it.', 'Revert "Use tabs" They broke it.'),
        (f'Revert "A b"\n\nThis reverts commit {"a" * 40}.\n\nIt broke.', 'Revert "A b" It broke.'),
        (f'Revert "A b"\n\nThis reverts commit {"a" * 40}.', 'Revert "A b"'),
        (f"Back to A\n\nThis reverts commit {'a' * 40}, which broke.", None),
    ],
)
def test_subject_and_body_are_joined_as_sentences(message: str, text: str | None) -> None:
    told = text or message.replace("\n\n", ". ")
    assert document(Commit(id="a" * 40, at=0, message=message)).text == told


def test_a_bare_repository_has_the_commits_of_its_head(root: Path, tmp_path: Path) -> None:
    made = commit(root, {"learnings.md": "- Keep it.\n"}, "Before")
    bare = tmp_path / "bare.git"
    run_git(root, "clone", "--quiet", "--bare", str(root), str(bare))
    assert made in held(bare)
    with View(Repository.find(bare)) as view:
        assert {each.source for each in view.index.all()} == {"commit"}
        seen = view.index.get(f"commit:{made}")
        assert seen is not None
        assert view.sees(seen)
    run_git(bare, "worktree", "add", "-q", "-b", "topic", str(tmp_path / "topic"))
    theirs = commit(tmp_path / "topic", {"a": "1"}, "Theirs")
    for path, of_both in ((bare, False), (tmp_path / "topic", True)):
        with View(Repository.find(path)) as view:
            document = view.index.get(f"commit:{theirs}")
            assert document is not None
            assert view.sees(document) == of_both


def test_a_commit_whose_revert_is_taken_back_stands_again(root: Path) -> None:
    first = commit(root, {"a": "1"}, "Add a")
    second = commit(root, {"a": "2"}, f'Revert "Add a"\n\nThis reverts commit {first}.')
    held(root)
    commit(root, {"a": "3"}, f'Reapply "Add a"\n\nThis reverts commit {second}.')
    found = held(root)
    assert (found[first].state, found[second].state) == ("", "superseded")
    run_git(root, "reset", "--hard", "--quiet", "HEAD~2")
    assert held(root)[first].state == ""
    assert held(root) == anew(root)


def test_a_revert_of_what_is_not_here_changes_nothing(root: Path) -> None:
    commit(root, {"a": "1"}, f"Revert it\n\nThis reverts commit {'a' * 40}. This reverts commit zzz.")
    assert all(found.state == "" for found in held(root).values())


def test_what_was_amended_or_rebased_away_disappears(root: Path) -> None:
    commit(root, {"a": "1"}, "One")
    gone = commit(root, {"a": "2"}, "Two")
    assert gone in held(root)
    run_git(root, "commit", "--quiet", "--amend", "--message", "Two, better")
    found = held(root)
    assert gone not in found
    assert "Two, better" in {each.title for each in found.values()}
    run_git(root, "reflog", "expire", "--expire=now", "--all")
    run_git(root, "gc", "--quiet", "--prune=now")
    run_git(root, "commit", "--quiet", "--amend", "--message", "Two, best")
    run_git(root, "reflog", "expire", "--expire=now", "--all")
    run_git(root, "gc", "--quiet", "--prune=now")
    assert held(root).keys() == reachable(root)


def test_a_worktree_sees_no_commits_of_another_alone(root: Path, tmp_path: Path) -> None:
    shared = commit(root, {"a": "1"}, "Shared")
    run_git(root, "worktree", "add", "-q", "-b", "topic", str(tmp_path / "other"))
    theirs, ours = commit(tmp_path / "other", {"b": "1"}, "Theirs"), commit(root, {"c": "1"}, "Ours")
    for path, seen in ((root, {shared, ours}), (tmp_path / "other", {shared, theirs})):
        with View(Repository.find(path)) as view:
            documents = {name: view.index.get(f"commit:{name}") for name in (shared, ours, theirs)}
            assert {name for name, each in documents.items() if each and view.sees(each)} == seen


def test_neither_of_two_worktrees_undoes_what_the_other_filled(root: Path, tmp_path: Path) -> None:
    (root / "learnings.md").write_text("- Only in the main worktree.\n")
    run_git(root, "worktree", "add", "-q", "-b", "topic", str(tmp_path / "other"))
    commit(tmp_path / "other", {"decisions.md": "- Use tabs there.\n"}, "Theirs")
    revisions = []
    for path in (root, tmp_path / "other") * 3:
        with View(Repository.find(path)) as view:
            revisions.append(view.index.revision())
    assert len(set(revisions)) == 1


def test_a_repository_without_commits_has_none(tmp_path: Path) -> None:
    made = repositories.make_repository(tmp_path / "r", commits=0)
    assert made.root is not None
    assert held(made.root) == {}
    first = commit(made.root, {"a": "1"})
    assert held(made.root).keys() == {first}


def test_a_shallow_clone_that_is_deepened_gets_the_rest(root: Path, tmp_path: Path) -> None:
    for number in range(5):
        commit(root, {"a": str(number)})
    cut = repositories.clone(root, tmp_path / "cut", "--depth=2")
    assert cut.root is not None
    assert len(held(cut.root)) == 2
    run_git(cut.root, "fetch", "--quiet", "--unshallow")
    assert held(cut.root).keys() == reachable(root)


def many(root: Path, count: int) -> None:
    """Add commits quickly, some of them merges and reverts."""
    chance, lines = random.Random(count), list[str]()
    for number in range(1, count + 1):
        lines += ["commit refs/heads/main", f"mark :{number}"]
        lines += [f"committer A <a@example.invalid> {1_600_000_000 + number} +0000"]
        message = f"No {number}"
        lines += [f"data {len(message)}", message]
        lines += [
            f"from {'refs/heads/main^0' if number == 1 else f':{max(1, number - chance.randrange(1, 4))}'}"
        ]
        if number > 5 and chance.random() < 0.2:
            lines += [f"merge :{number - 4}"]
    subprocess.run(
        ["git", "fast-import", "--quiet", "--force"],
        cwd=root,
        input="\n".join(lines).encode() + b"\n",
        check=True,
    )


def test_what_does_not_fit_the_time_is_read_at_later_uses(root: Path) -> None:
    many(root, 400)
    sizes = []
    while not sizes or sizes[-1] < len(reachable(root)):
        found = held(root, seconds=0)
        sizes.append(len(found))
        assert len(sizes) < 50
        if len(sizes) == 2:
            newest = commit(root, {"new": "1"}, "While reading")
            assert newest in held(root, seconds=0)
    assert sizes == sorted(sizes)
    assert len(sizes) > 2
    with View(Repository.find(root), seconds=0) as view:
        assert view.unread == []
    assert held(root) == anew(root)


def test_the_newest_are_read_first(root: Path) -> None:
    many(root, 300)
    with View(Repository.find(root), seconds=0) as view:
        found = view.index.all(sources=["commit"])
        assert view.unread == ["commit"]
    times = run_git(root, "log", "--format=%ct").split()
    assert [str(int(each.at or 0)) for each in found] == times[: len(found)]


def _step(chance: random.Random, root: Path, others: Path) -> None:
    trees = [root, *sorted(path for path in others.iterdir() if path.is_dir())]
    at = chance.choice(trees)
    every = run_git(root, "log", "--all", "--format=%H").split()
    doing = chance.choice(
        ["commit", "commit", "amend", "revert", "branch", "switch", "reset", "merge", "worktree", "remove"]
    )
    if doing == "commit":
        commit(at, {chance.choice("abc"): str(chance.random())}, f"Commit {chance.randrange(9)}")
    elif doing == "amend":
        run_git(at, "commit", "--quiet", "--amend", "--allow-empty", "-m", f"Amended {chance.randrange(9)}")
    elif doing == "revert":
        bare = f'Revert "Commit {chance.randrange(9)}"'
        named = f"Revert\n\nThis reverts commit {chance.choice(every)}."
        commit(at, {"r": str(chance.random())}, chance.choice([bare, named]))
    elif doing == "branch":
        run_git(at, "switch", "--quiet", "-C", f"b{chance.randrange(99)}{at.name}")
    elif doing == "switch":
        run_git(at, "checkout", "--quiet", "--detach", chance.choice(every))
    elif doing == "reset":
        run_git(at, "reset", "--quiet", "--hard", chance.choice(every))
    elif doing == "merge":
        run_git(at, "merge", "--quiet", "--no-edit", "-X", "ours", chance.choice(every), check=False)
        run_git(at, "merge", "--abort", check=False)
    elif doing == "worktree":
        name = others / f"w{chance.randrange(99)}"
        run_git(root, "worktree", "add", "--quiet", "--detach", str(name), chance.choice(every), check=False)
    elif len(trees) > 1:
        run_git(root, "worktree", "remove", "--force", str(trees[-1]))


@pytest.mark.parametrize("seed", range(4))
def test_whatever_happens_to_branches_the_index_is_that_of_filling_anew(
    root: Path, tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    others = tmp_path / "worktrees"
    others.mkdir()
    for _ in range(25):
        _step(chance, root, others)
        if chance.random() < 0.6:
            held(root, seconds=chance.choice([0, None]))
    found = held(root)
    assert found.keys() == reachable(root)
    assert found == anew(root)


def test_a_source_is_asked_with_what_it_kept(root: Path) -> None:
    commit(root, {"a": "1"})
    source, repository = Commits(), Repository.find(root)
    first = source.changes(repository, {}, Budget(None))
    state = {key: value for key, value in first.state.items() if value is not None}
    again = source.changes(repository, state, Budget(None))
    assert first.add
    assert (again.add, again.remove, again.state, again.more) == ([], [], {}, False)


def test_commits_of_one_second_stand_in_the_order_in_which_they_were_written(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_COMMITTER_DATE", "1700000000 +0000")
    for written in (1_699_900_000, 1_699_900_001):
        monkeypatch.setenv("GIT_AUTHOR_DATE", f"{written} +0000")
        commit(root, {"a": str(written)}, f"Keep {written}")
    found = [each for each in anew(root).values() if each.title.startswith("Keep")]
    first, second = sorted(found, key=lambda each: each.title)
    assert first.day == second.day == "2023-11-14"
    assert first.at is not None
    assert second.at is not None
    assert 0 < second.at - first.at < 1


@pytest.mark.parametrize("at", [-(10**12), -1, 0, 10**12])
def test_a_commit_of_an_impossible_time_is_taken_in(at: int) -> None:
    assert document(Commit(id="a" * 40, at=at, message="x")).title == "x"
