"""A folder or repository to put memories in, and the audit of it in a form that is easy to compare."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from holdfast.measure.audit import Audit, Finding, audit
from holdfast.measure.audit.collect import Collected
from holdfast.measure.audit.mend import Mended, mend
from holdfast.measure.audit.run import audit_of
from holdfast.testing.repositories import commit, make_repository, run_git

TOKEN = "ghp_" + "16C7e42F292c6912E7710c838347Ae178B4a"
Told = list[tuple[str, str, int]]


class Place:
    """A project, and what an audit says of it."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, path: str, *lines: str, end: str = "\n") -> Place:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes("".join(f"{line}{end}" for line in lines).encode())
        return self

    def commit(self, message: str = "change") -> Place:
        run_git(self.root, "add", "--all")
        run_git(self.root, "commit", "--quiet", "--allow-empty", "-m", message)
        return self

    def audit(self, *paths: str) -> Audit:
        return audit([Path(path) for path in paths], here=self.root)

    def findings(self, *paths: str) -> list[Finding]:
        return self.audit(*paths).findings

    def told(self, *paths: str) -> Told:
        return [(one.kind, one.path, one.line) for one in self.findings(*paths)]


def changes(place: Place, *paths: str, secrets: bool = True) -> list[Mended]:
    """Return what ``--fix`` would change."""
    collected = Collected([Path(path) for path in paths], place.root)
    memories = list(collected.memories())
    return list(mend(memories, audit_of(memories, collected).findings, secrets=secrets))


@pytest.fixture
def folder(tmp_path: Path) -> Place:
    """A folder outside any repository."""
    root = tmp_path / "folder"
    root.mkdir()
    return Place(root)


@pytest.fixture
def project(tmp_path: Path) -> Place:
    """A repository that has moved one file, removed another and renamed a function."""
    repository = make_repository(tmp_path / "project", commits=0)
    assert repository.root is not None
    body = "\n".join(f"    step_{number} = {number}" for number in range(12))
    files = {
        "src/shop/billing.py": f"def charge(customer):\n{body}\n",
        "src/shop/old_cart.py": "def empty_cart():\n    return 1\n",
        "scripts/deploy.py": "import argparse\nargparse.ArgumentParser().add_argument('--slow')\n",
        "Makefile": "test:\n\tpytest\n",
        ".gitignore": "data/\n",
        "data.txt": "x\n",
    }
    commit(repository.root, files, "start")
    run_git(repository.root, "mv", "src/shop/billing.py", "src/shop/invoices.py")
    run_git(repository.root, "rm", "--quiet", "src/shop/old_cart.py")
    run_git(repository.root, "commit", "--quiet", "-m", "tidy")
    return Place(repository.root)


Single = Callable[[str], list[str]]


@pytest.fixture
def kinds(folder: Place) -> Single:
    """Return the classes that are found in a memory of one line."""

    def found(line: str) -> list[str]:
        return [kind for kind, _, _ in folder.write("NOTES.md", "# Notes", "", line).told("NOTES.md")]

    return found
