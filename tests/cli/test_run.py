"""``holdfast run worktree`` as a user, or an agent, meets it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from holdfast.repo.location import Repository

Run = Callable[..., Any]


def test_the_last_line_goes_there(repository: Repository, holdfast: Run) -> None:
    done = holdfast("run", "worktree", "fix-login")
    assert done.code == 0
    assert done.out.startswith("A worktree of your own, on the new branch `fix-login`, from main (")
    last = done.out.splitlines()[-1]
    gone = subprocess.run(
        ["sh", "-c", f"{last} && git branch --show-current"], capture_output=True, text=True
    )
    assert gone.stdout == "fix-login\n"


def test_it_needs_no_init_and_makes_no_local_state_but_git_s(repository: Repository, holdfast: Run) -> None:
    assert holdfast("run", "worktree", "x").code == 0
    assert not repository.state_dir.exists()


def test_asked_again_it_says_that_it_is_there(repository: Repository, holdfast: Run) -> None:
    first = holdfast("run", "worktree", "x").out.splitlines()[-1]
    again = holdfast("run", "worktree", "x").out.splitlines()
    assert again[0].startswith("That worktree is there already, on the branch `x`, at ")
    assert again[-1] == first


def test_programs_are_told_where_it_is(repository: Repository, holdfast: Run) -> None:
    told = holdfast("run", "worktree", "x", "--json").json
    assert told["schema"] == "holdfast.run-worktree/1"
    assert Path(told["path"]).is_dir()
    assert told["cd"] == f"cd {told['path']}"


def test_a_refusal_says_what_next(repository: Repository, holdfast: Run) -> None:
    done = holdfast("run", "worktree", "main")
    assert done.code == 2
    assert "is checked out in" in done.err
    assert "or choose another name" in done.err
