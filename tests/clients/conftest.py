"""The real programs, each in a home of its own, against a scripted model on loopback.

They are looked for in ``.clients`` of this repository, where ``make test-clients`` and ``make
test-more-clients`` put them, or in the folder that ``HOLDFAST_CLIENTS`` names; without them these tests are
skipped.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from holdfast.testing import repositories

ROOT = Path(__file__).parents[2]
SECONDS = 120


def program(name: str) -> str:
    """Return the path of a client; skip the test when it is not there."""
    folder = Path(os.environ.get("HOLDFAST_CLIENTS") or ROOT / ".clients")
    found = folder / "node_modules" / ".bin" / name
    if not found.exists():
        target = "test-clients" if name in ("claude", "codex") else "test-more-clients"
        pytest.skip(f"{name} is not in {folder}: `make {target}` installs it")
    return str(found)


class Client:
    """A home and a project in which a client runs."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.home.mkdir()
        self.repository = repositories.make_repository(folder / "project")

    def run(self, command: list[str], **environment: str) -> str:
        """Run a client and return what it printed; it must end with 0."""
        told = {
            "HOME": str(self.home), "PATH": os.environ["PATH"], "TERM": "dumb", "LANG": "C.UTF-8",
            **environment,
        }  # fmt: skip
        done = subprocess.run(
            command,
            cwd=self.repository.directory,
            env=told,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
        return done.stdout


@pytest.fixture
def client(isolated_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Client:
    """A client, whose home is this process's own too: local state belongs to a home."""
    made = Client(tmp_path)
    monkeypatch.setenv("HOME", str(made.home))
    for name in ("STATE", "DATA", "CONFIG", "CACHE"):
        monkeypatch.delenv(f"XDG_{name}_HOME", raising=False)
    return made
