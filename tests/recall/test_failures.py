"""A failing command is answered with what ended that failure, or with nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from holdfast.hook import signature
from holdfast.learn import write
from holdfast.learn.ingest import ingest
from holdfast.learn.view import View
from holdfast.recall.failures import answer_text, recall_failure
from holdfast.recall.situation import Situation
from holdfast.repo import records
from holdfast.repo.ids import new_id
from holdfast.repo.location import Repository
from holdfast.repo.records import Applies, Learning
from holdfast.repo.trust import TrustStore
from holdfast.testing import repositories
from holdfast.testing.sessions import ClaudeSession

NO_MODULE = "ImportError while loading conftest\nE   ModuleNotFoundError: No module named 'shop'"


def test_the_same_failure_is_answered_with_what_ended_it(view: View) -> None:
    answer = recall_failure(view, "pytest -q", NO_MODULE)
    assert answer.match == "exact"
    assert (answer.fixes[0].worked, answer.fixes[0].seen, answer.fixes[0].confidence) == (4, 4, "proven")
    assert "uv run pytest" in answer.fixes[0].text
    assert answer.message == "E ModuleNotFoundError: No module named 'shop'" or "No module" in answer.message


def test_one_of_its_family_is_answered_when_the_fix_worked_in_two_sessions(view: View) -> None:
    answer = recall_failure(view, "pytest -q", NO_MODULE.replace("shop", "warehouse"))
    assert (answer.match, answer.fixes[0].exact, answer.fixes[0].worked) == ("family", False, 4)


def test_one_of_its_family_is_not_answered_after_one_session(empty: Repository, samples: Path) -> None:
    with View(empty) as view:
        ingest(view, [samples / "01-claude.jsonl"])
        assert recall_failure(view, "pytest -q", NO_MODULE).match == "exact"
        answer = recall_failure(view, "pytest -q", NO_MODULE.replace("shop", "warehouse"))
        (learned,) = view.told()
    assert (answer.match, answer.fixes, answer.seen) == ("none", [], 1)
    assert [learned.id.startswith(other) for other in answer.others] == [True]


@pytest.mark.parametrize("output", ["", "FAILED", "exit status 1", "error", "make: *** [test] Error 1"])
def test_what_says_only_that_something_failed_is_never_answered(view: View, output: str) -> None:
    assert recall_failure(view, "pytest -q", output).fixes == []


def test_sessions_that_only_failed_somehow_are_not_said_to_have_met_it(
    empty: Repository, tmp_path: Path
) -> None:
    session = ClaudeSession("00000001-0000-4000-8000-0000000000aa", root="/home/ada/shop", start=1.7723e9)
    session.bash("pytest -q", "exit status 1", exit_code=1)
    with View(empty) as view:
        ingest(view, [session.write(tmp_path / "session.jsonl")])
        assert view.index.occurrences()
        assert recall_failure(view, "pytest -q", "exit status 1").seen == 0


@pytest.mark.parametrize(("command", "output"), [
    ("go build ./...", "cmd/main.go:3:1: undefined: foo"),
    ("cargo test", "error[E0433]: failed to resolve: use of undeclared crate"),
    ("npm run lint", "error  'x' is assigned a value but never used  no-unused-vars"),
])  # fmt: skip
def test_an_unknown_failure_is_met_with_silence(view: View, command: str, output: str) -> None:
    answer = recall_failure(view, command, output)
    assert (answer.match, answer.fixes, answer.seen) == ("none", [], 0)


def test_what_was_retired_is_not_told(view: View) -> None:
    for document in view.told():
        write.retire(view, document.id, "")
    assert recall_failure(view, "pytest -q", NO_MODULE).fixes == []


def test_a_candidate_that_waits_is_not_told(view: View) -> None:
    texts = [
        fix.text for fix in recall_failure(view, "cd web && npm install left-pad", "npm error E403").fixes
    ]
    assert not any("No new dependency" in text for text in texts)


def test_a_fix_that_stands_in_the_output_is_not_repeated(view: View) -> None:
    text = recall_failure(view, "pytest -q", NO_MODULE).fixes[0].text
    assert recall_failure(view, "pytest -q", f"{NO_MODULE}\nholdfast: {text}").fixes == []


def test_a_secret_in_the_output_is_not_given_back(view: View) -> None:
    token = "ghp_" + "Ab3dEf6hIj9lMn2pQr5tUv8xYz1C" + "3e5G7i9K"
    answer = recall_failure(view, "gh api user", f"error: invalid token {token} from /home/ada/.netrc")
    assert token not in str(answer)
    assert "/home/ada" not in str(answer)


def test_of_several_fixes_the_one_that_worked_most_comes_first(empty: Repository, tmp_path: Path) -> None:
    with View(empty) as view:
        for number in range(5):
            session = ClaudeSession(
                f"{number:08d}-0000-4000-8000-0000000000aa",
                root="/home/ada/shop",
                start=1.7723e9 + number * 86400,
            )
            session.bash("pytest -q", NO_MODULE, exit_code=4)
            session.bash("uv run pytest -q" if number < 3 else "python -m pytest -q", "24 passed")
            session.write(tmp_path / f"{number}.jsonl")
        ingest(view, [tmp_path])
        answer = recall_failure(view, "pytest -q", NO_MODULE)
    assert "uv run pytest" in answer.fixes[0].text
    assert answer.fixes[0].worked >= 3


def test_a_generic_failure_is_not_answered_even_when_a_learning_names_it(empty: Repository) -> None:
    signed = signature.sign("Bash", "pytest -q", "FAILED")
    assert signed.generic
    known = Learning(
        id=new_id(), kind="failure", created="2026-03-01", text="Use `uv run pytest`, not `pytest`.",
        applies=Applies(families=(signed.family,), specifics=(signed.specific,)),
    )  # fmt: skip
    with View(empty) as view:
        view.branch.append({known.path: records.encode(known)}, "add")
        view.refresh()
        assert recall_failure(view, "pytest -q", "FAILED").fixes == []


def test_what_strangers_recorded_is_for_who_asks_for_it(learned: Repository) -> None:
    """The answer is put before agents by default, so it holds what may be put before them."""
    output = "ImportError while loading conftest\nE   ModuleNotFoundError: No module named 'shop'"
    for name in ("own-records", "index.db"):  # as in a clone that wrote none of it
        (learned.state_dir / name).unlink()
    with View(learned) as view:
        assert recall_failure(view, "pytest -q", output).fixes == []
        assert recall_failure(view, "pytest -q", output, strangers=True).fixes


LINT = "cmd/{}.go:{}:2: error is not nil (line 3) but it returns nil (nilerr)"


def _linted(number: int, folder: Path, *, directive: str = "//nolint:nilerr") -> Path:
    made = ClaudeSession(
        f"{number:08d}-0000-4000-8000-000000000000", root="/home/ada/shop", start=1.7723e9 + number * 90_000
    )
    made.bash("make lint", LINT.format(f"one{number}", number + 10), exit_code=1)
    made.edit(f"cmd/one{number}.go", "return nil", f"return nil {directive}")
    made.bash("make lint", "")
    return made.write(folder / f"{number}.jsonl")


def test_a_finding_of_a_linter_is_answered_in_whatever_file_it_stands(
    empty: Repository, tmp_path: Path
) -> None:
    with View(empty) as view:
        assert recall_failure(view, "make lint", LINT.format("new", 7)).fixes == []
        ingest(view, [_linted(number, tmp_path) for number in range(3)])
        answer = recall_failure(view, "make lint 2>&1 | tail", LINT.format("new", 7))
        other = recall_failure(view, "make lint", "cmd/new.go:7:2: unused-parameter: x (revive)")
    (fix,) = answer.fixes
    assert (fix.kind, fix.worked, fix.seen, fix.confidence) == ("directive", 3, 3, "proven")
    assert "`//nolint:nilerr`" in fix.text
    assert answer.worth is not None
    assert answer.worth.pays
    assert other.fixes == []


def test_what_was_done_told_or_stands_in_the_instructions_is_not_told(
    empty: Repository, tmp_path: Path
) -> None:
    failing = LINT.format("new", 7)
    with View(empty) as view:
        ingest(view, [_linted(number, tmp_path) for number in range(3)])
        (fix,) = recall_failure(view, "make lint", failing).fixes
        for situation in (
            Situation(added=("return nil //nolint:nilerr // as elsewhere",)),
            Situation(told=frozenset([fix.id])),
        ):
            assert recall_failure(view, "make lint", failing, situation=situation).fixes == []
        assert view.repository.root is not None
        (view.repository.root / "AGENTS.md").write_text("Best effort errors: `//nolint:nilerr`.\n")
        assert recall_failure(view, "make lint", failing).fixes == []


def test_the_session_that_asks_is_no_earlier_session(empty: Repository, tmp_path: Path) -> None:
    with View(empty) as view:
        ingest(view, [_linted(1, tmp_path)])
        (session,) = {row.session for row in view.index.occurrences()}
        answer = recall_failure(
            view, "make lint", LINT.format("new", 7), situation=Situation(session=session)
        )
    assert (answer.fixes, answer.seen) == ([], 0)


def test_a_path_is_told_only_for_the_file_that_was_asked_for(empty: Repository, tmp_path: Path) -> None:
    made = ClaudeSession("00000001-0000-4000-8000-000000000000", root="/home/ada/shop", start=1.7723e9)
    made.read("src/shop.py", "", missing=True)
    made.read("src/store/shop.py", "text")
    made.edit("src/store/shop.py", "one", "two")
    missing = "File does not exist."
    with View(empty) as view:
        ingest(view, [made.write(tmp_path / "session.jsonl")])
        same = recall_failure(view, "src/shop.py", missing, tool="Read")
        other = recall_failure(view, "src/cart.py", missing, tool="Read")
    assert [fix.text for fix in same.fixes] == ["The file is `src/store/shop.py`."]
    assert other.fixes == []


def test_what_a_stranger_saw_end_a_failure_is_not_told(
    empty: Repository, tmp_path: Path, fetch_records: Callable[..., None]
) -> None:
    with View(empty) as view:
        ingest(view, [_linted(number, tmp_path) for number in range(3)])
    other = repositories.make_repository(tmp_path / "other")
    other.git("config", "user.email", "someone-else@example.invalid")
    fetch_records(other, empty)
    with View(other) as view:
        answer = recall_failure(view, "make lint", LINT.format("new", 7))
        assert answer.fixes == []
        assert view.index.occurrences()
    TrustStore().accept(other, ["developer@example.invalid"])
    with View(other) as view:
        assert recall_failure(view, "make lint", LINT.format("new", 7)).fixes


def test_what_was_masked_is_no_fix(empty: Repository, tmp_path: Path) -> None:
    """Nobody can apply a line again from which a password was taken."""
    output = "AssertionError: password of the database is not set"
    made = []
    for number in range(3):
        session = ClaudeSession(
            f"{number:08d}-0000-4000-8000-0000000000aa", root="/home/ada/shop", start=1.7723e9 + number * 9000
        )
        session.bash("make seed", output, exit_code=1)
        session.edit("seed.py", "x = 1", "password = 'Tr0ub4dor&3xyz!'")
        session.bash("make seed", "seeded")
        made.append(session.write(tmp_path / f"{number}.jsonl"))
    with View(empty) as view:
        ingest(view, made)
        assert any("[redacted:" in (row.fixes or "") for row in view.index.occurrences())
        assert recall_failure(view, "make seed", output).fixes == []


def test_what_a_person_wrote_about_this_very_failure_is_told(empty: Repository) -> None:
    with View(empty) as view:
        text = "Run `make gen`. `make build` failed: error: stale proto."
        write.learn_text(view, text, kind="failure", anyway="for the test")
        (fix,) = recall_failure(view, "make build", "error: stale proto").fixes
        assert (fix.exact, fix.worked) == (True, 0)
        assert answer_text([fix]).endswith("(written down for it)"), "not: worked in 0 of 0 sessions"
        assert recall_failure(view, "make build", "error: stale lock file").fixes == []
        assert recall_failure(view, "npm run build", "error: stale proto").fixes == []
