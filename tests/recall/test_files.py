"""Files likely to be edited: what like tasks edited, and nothing that is not there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.evidence.outline import Turn
from holdfast.learn import outlines
from holdfast.learn.outlines import Outline
from holdfast.learn.view import View
from holdfast.recall.files import MAX_TASK, LikelyFile, chance_of, files_for
from holdfast.recall.situation import Situation
from holdfast.repo.location import Repository
from holdfast.testing import repositories

NOW = 1_772_359_200.0
DAY = 86_400.0
FILES = ("shop/cart.py", "shop/tax.py", "shop/mail.py", "docs/tax.md", "web/app.ts", "tests/test_tax.py")
Ask = Callable[..., list[LikelyFile]]


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = repositories.make_repository(tmp_path / "r")
    for name in FILES:
        (tmp_path / "r" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "r" / name).write_text("x")
    return made


@pytest.fixture
def ask(repository: Repository) -> Ask:
    def asked(task: str, limit: int = 5, **known: object) -> list[LikelyFile]:
        situation = Situation(**{"now": NOW, "developer": "nobody", **known})  # type: ignore[arg-type]
        with View(repository) as view:
            return files_for(view, task, situation=situation, limit=limit)

    return asked


def paths(found: Sequence[LikelyFile]) -> list[str]:
    return [file.path for file in found]


def session(
    repository: Repository,
    name: str,
    prompt: str,
    *edited: str,
    days: float = 1.0,
    branch: str = "main",
    developer: str = "",
) -> str:
    key, at = name.rjust(16, "0"), NOW - days * DAY
    turn = Turn(kind="prompt", text=prompt, at=at - 60, line=1, edited=list(edited))
    outline = Outline(
        session=key,
        branch=branch,
        developer=developer,
        started=at - 60,
        ended=at,
        turns=[turn],
        edited=dict.fromkeys(edited, at),
    )
    outlines.append(repository, [outline])
    return key


def test_commits_alone_tell_which_files_a_like_task_changed(repository: Repository, ask: Ask) -> None:
    assert repository.root is not None
    repositories.commit(repository.root, {}, "Begin")
    change = {"shop/tax.py": "rounded", "tests/test_tax.py": "rounded"}
    repositories.commit(repository.root, change, "Round the value added tax per line")
    found = ask("the value added tax is rounded wrongly per line")
    assert set(paths(found)[:2]) == {"shop/tax.py", "tests/test_tax.py"}
    assert "commit" in found[0].why


def test_sessions_alone_tell_it_too(repository: Repository, ask: Ask) -> None:
    session(repository, "a", "send a mail when the parcel leaves", "shop/mail.py")
    session(repository, "b", "show the logo", "web/app.ts")
    found = ask("the parcel mail is sent twice")
    assert paths(found)[0] == "shop/mail.py"
    assert "edited in" in found[0].why
    assert "nearest session" in found[0].why


def test_of_equal_sessions_the_newer_one_counts_more(repository: Repository, ask: Ask) -> None:
    session(repository, "a", "send a mail for the parcel", "shop/mail.py", days=40)
    session(repository, "b", "send a mail for the parcel", "web/app.ts", days=1)
    assert paths(ask("send a mail for the parcel"))[:2] == ["web/app.ts", "shop/mail.py"]


def test_only_files_of_the_worktree_are_told(repository: Repository, ask: Ask) -> None:
    session(repository, "a", "send a mail", "shop/mail.py", "shop/gone.py", "../outside.py", "/etc/passwd")
    assert paths(ask("send a mail")) == ["shop/mail.py"]


def test_a_named_file_is_not_told_and_raises_what_goes_with_it(repository: Repository, ask: Ask) -> None:
    session(repository, "a", "something else", "shop/tax.py", "docs/tax.md", days=30)
    session(repository, "b", "something else", "web/app.ts", days=1)
    found = ask("mend tax.py")
    assert "shop/tax.py" not in paths(found)
    assert paths(found)[0] == "docs/tax.md"
    assert "edited together with tax.py" in found[0].why


def test_what_the_session_edited_is_not_told_and_raises_what_goes_with_it(
    repository: Repository, ask: Ask
) -> None:
    session(repository, "a", "something else", "shop/tax.py", "docs/tax.md", days=30)
    found = ask("go on", edited=("shop/tax.py",))
    assert paths(found) == ["docs/tax.md"]


def test_the_session_that_asks_is_no_earlier_session(repository: Repository, ask: Ask) -> None:
    own = session(repository, "a", "send a mail", "shop/mail.py")
    assert paths(ask("send a mail")) == ["shop/mail.py"]
    assert [file for file in ask("send a mail", session=own) if "session" in file.why] == []


def test_a_branch_of_its_own_tells_its_files_without_a_word(repository: Repository, ask: Ask) -> None:
    session(repository, "a", "mails", "shop/mail.py", branch="mails")
    session(repository, "b", "logo", "web/app.ts", branch="logo", days=0.1)
    found = ask("", branch="mails")
    assert paths(found)[0] == "shop/mail.py"
    assert "edited on this branch" in found[0].why


def test_the_branch_of_the_worktree_is_known(repository: Repository, ask: Ask) -> None:
    session(repository, "a", "mails", "shop/mail.py", branch="mails")
    repository.git("checkout", "-q", "-b", "mails")
    assert paths(ask("")) == ["shop/mail.py"]


def test_ones_own_last_files_are_told_last(repository: Repository, ask: Ask) -> None:
    session(repository, "a", "send a mail", "shop/mail.py", developer="ada")
    session(repository, "b", "show the logo", "web/app.ts", developer="ada")
    session(repository, "c", "sum the cart", "shop/cart.py", developer="grace")
    assert paths(ask("show the logo", developer="ada")) == ["web/app.ts", "shop/mail.py"]


def test_commits_of_another_worktree_do_not_count(repository: Repository, ask: Ask, tmp_path: Path) -> None:
    repository.git("worktree", "add", "-q", "-b", "other", str(tmp_path / "other"))
    repositories.commit(tmp_path / "other", {"web/app.ts": "new"}, "Paint the button green")
    assert ask("paint the button green") == []


def test_a_segment_of_another_clone_tells_what_goes_together(learned: Repository) -> None:
    (learned.state_dir / outlines.FILE).unlink()
    with View(learned) as view:
        edited = next(document.paths for document in view.index.all(sources=["segment"]) if document.paths)
        assert learned.root is not None
        for path in edited:
            (learned.root / path).parent.mkdir(parents=True, exist_ok=True)
            (learned.root / path).write_text("x")
        found = files_for(view, " ".join(Path(path).stem for path in edited))
    assert set(paths(found)) & set(edited)


def test_nothing_known_tells_nothing(tmp_path: Path) -> None:
    for made in (
        repositories.make_repository(tmp_path / "none", commits=0),
        repositories.make_repository(tmp_path / "bare", bare=True),
    ):
        with View(made) as view:
            assert files_for(view, "send a mail") == []


@pytest.mark.parametrize(
    "task",
    ["", " ", "the of and", 'AND OR NOT "(*', "x" * 1_000_000, "a.py " * 200_000, "送信メール", "\x00\ud800"],
)
def test_any_task_is_answered(repository: Repository, ask: Ask, task: str) -> None:
    session(repository, "a", "send a mail", "shop/mail.py")
    assert all(isinstance(file, LikelyFile) for file in ask(task))


def test_the_end_of_a_long_task_is_not_searched(repository: Repository, ask: Ask) -> None:
    session(repository, "a", "send a mail for the parcel", "shop/mail.py")
    assert ask("zzz " * MAX_TASK + "send a mail for the parcel") == []


def test_no_more_are_told_than_asked_for(repository: Repository, ask: Ask) -> None:
    session(repository, "a", "send a mail", *FILES)
    assert len(ask("send a mail")) == 5
    assert len(ask("send a mail", limit=2)) == 2
    assert ask("send a mail", limit=0) == []
    assert paths(ask("send a mail", limit=2)) == paths(ask("send a mail"))[:2]


def test_a_chance_and_a_score_go_down_with_the_rank(repository: Repository, ask: Ask) -> None:
    session(repository, "a", "send a mail", *FILES[:3])
    session(repository, "b", "send a mail for tax", *FILES[2:5], days=3)
    found = ask("send a mail for tax")
    assert [file.score for file in found] == sorted((file.score for file in found), reverse=True)
    assert all(0 < file.score <= 1 for file in found)


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_neither_a_higher_score_nor_a_nearer_task_has_a_lower_chance(
    one: float, other: float, same: float
) -> None:
    low, high = sorted((one, other))
    assert 0 < chance_of(low, same) <= chance_of(high, same) < 1
    assert chance_of(same, low) <= chance_of(same, high)


def test_a_match_of_the_whole_task_has_a_higher_chance_than_one_of_a_word(
    repository: Repository, ask: Ask
) -> None:
    session(repository, "a", "send a mail for each parcel that leaves the house", "shop/mail.py")
    (whole,) = ask("send a mail for each parcel that leaves the house")
    (word,) = ask("paint the cart and its wheels in a green of the old house")
    assert whole.path == word.path
    assert whole.chance > 1.3 * word.chance
