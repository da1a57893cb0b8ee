"""The repository of a replay grows by every commit, and its files stay."""

from __future__ import annotations

from pathlib import Path

import pytest
from bench.replay.checkout import Checkout
from bench.replay.past import Commit


def a_commit(number: int, *files: str) -> Commit:
    return Commit(1000.0 * number, "ada", f"Change {number}", "Because.", list(files))


@pytest.mark.usefixtures("isolated_home")
def test_every_commit_stands_in_the_history_in_order(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path / "made")
    for batch in ((1, 2, 3), (4,), (5, 6)):
        for number in batch:
            checkout.add(a_commit(number, "src/cart.go", f"src/new{number}.go"))
        assert checkout.settle()
    assert not checkout.settle()
    told = checkout.git("log", "--reverse", "--format=%s %ct", "--", "src").decode().split("\n")[:-1]
    assert told == [f"Change {number} {number * 1000}" for number in range(1, 7)]
    assert (checkout.folder / "src" / "new2.go").exists()


@pytest.mark.usefixtures("isolated_home")
def test_what_nobody_committed_stays_and_nothing_leaves_the_folder(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path / "made")
    checkout.note(["draft.go", "../out.go", "/etc/out.go", ".git/config"])
    checkout.know("CLAUDE.md", "Run the tests.")
    checkout.add(a_commit(1, "draft.go/inner.go", "CLAUDE.md", 'with "quotes" and ümlaut.md'))
    checkout.settle()
    assert (checkout.folder / "CLAUDE.md").read_text() == "Run the tests."
    assert (checkout.folder / 'with "quotes" and ümlaut.md').exists()
    assert (checkout.folder / "draft.go" / "inner.go").exists()
    assert not (tmp_path / "out.go").exists()
