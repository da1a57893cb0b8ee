"""``holdfast brief --handoff`` as a user meets it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from holdfast.cli import schemas
from holdfast.flow.handoff import write_handoffs
from holdfast.repo.location import Repository
from holdfast.repo.trust import TrustStore
from holdfast.testing import repositories
from holdfast.testing.sessions import ClaudeSession

Run = Callable[..., Any]


@pytest.fixture
def project(empty: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A repository in whose last session a file was edited and not committed."""
    TrustStore().accept(empty)
    session = ClaudeSession("5f0c1a2b-0000", root=str(empty.directory), start=1_772_359_200.0)
    session.prompt("Let the cart take a discount, as #12 asks")
    session.edit("cart.py", "", "CART = 1\n")
    (empty.directory / "cart.py").write_text("CART = 1\n")
    session.say("Done.\n\nNext steps:\n- Add a test for the discount")
    write_handoffs(empty, [session.write(tmp_path / "session.jsonl")])
    monkeypatch.chdir(empty.directory)
    return empty


def test_it_prints_what_the_last_session_left_and_where_its_patch_is(
    project: Repository, holdfast: Run
) -> None:
    done = holdfast("brief", "--handoff")
    assert done.code == 0
    assert "Goal: Let the cart take a discount, as #12 asks" in done.out
    assert "Not committed: cart.py" in done.out
    assert "Next: Add a test for the discount" in done.out
    patch = done.out.splitlines()[-1].rpartition("git apply ")[2]
    assert "+CART = 1" in Path(patch).read_text()


def test_what_was_committed_since_is_not_called_uncommitted(project: Repository, holdfast: Run) -> None:
    repositories.commit(project.directory, {}, "Add the cart")
    told = holdfast("brief", "--handoff", "--json").json
    assert told["handoff"]["uncommitted"] == []
    assert told["commits_since"] == 1
    assert "1 more commit on the branch" in told["text"]
    assert told["patch"] == ""


def test_another_branch_and_an_issue_are_asked_for_by_name(project: Repository, holdfast: Run) -> None:
    repositories.run_git(project.directory, "switch", "--quiet", "--create", "elsewhere")
    here = holdfast("brief", "--handoff")
    assert (here.code, here.out) == (1, "")
    assert "on elsewhere" in here.err
    assert "There is one of: main" in here.err
    assert holdfast("brief", "--handoff", "--branch", "main").code == 0
    assert holdfast("brief", "--handoff", "--issue", "#12").code == 0
    assert holdfast("brief", "--handoff", "--issue", "12").code == 0
    assert holdfast("brief", "--handoff", "--issue", "#13").code == 1


def test_a_repository_without_one_says_when_there_will_be(
    empty: Repository, holdfast: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    TrustStore().accept(empty)
    monkeypatch.chdir(empty.directory)
    done = holdfast("brief", "--handoff")
    assert (done.code, done.out) == (1, "")
    assert "no session handed anything over on main" in done.err


def test_nothing_is_told_in_an_untrusted_repository(project: Repository, holdfast: Run) -> None:
    holdfast("trust", "--revoke")
    done = holdfast("brief", "--handoff", "--json")
    assert (done.code, done.json["trusted"], done.json["text"]) == (1, False, "")
    assert "holdfast trust" in done.err


def test_its_document_keeps_to_its_schema(project: Repository, holdfast: Run) -> None:
    told = holdfast("brief", "--handoff", "--json").json
    jsonschema.validate(told, schemas.shipped("brief-handoff/1"))
    assert told["tokens"] <= 500


def test_options_that_do_not_go_together_are_refused(project: Repository, holdfast: Run) -> None:
    alone = holdfast("brief", "--branch", "main")
    assert (alone.code, "--branch belongs to --handoff" in alone.err) == (2, True)
    beside = holdfast("brief", "--handoff", "--prompt", "x")
    assert (beside.code, "--branch and --issue alone" in beside.err) == (2, True)
