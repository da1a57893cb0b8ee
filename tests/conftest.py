"""A repository that has learned from the sample sessions, made once and copied for each test that asks."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from holdfast.connect import setup
from holdfast.learn.ingest import ingest
from holdfast.learn.view import View, open_view
from holdfast.repo import own_state
from holdfast.repo.location import Repository
from holdfast.repo.trust import TrustStore
from holdfast.testing import repositories
from holdfast.transcripts import readers

SAMPLES = Path(__file__).parent.parent / "examples" / "sessions"


class Ran(NamedTuple):
    """What a program answered."""

    code: int
    out: str
    err: str


@pytest.fixture(scope="session")
def samples() -> Path:
    """The sample sessions that ship with the project."""
    return SAMPLES


@pytest.fixture(scope="session", autouse=True)
def _never_this_machines_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let no test read or write the home, or use the git settings, of whoever runs the suite."""
    with repositories.isolated(tmp_path_factory.mktemp("home-of-all")):
        yield


@pytest.fixture
def isolated_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with repositories.isolated(tmp_path_factory.mktemp("home")) as path:
        yield path


@pytest.fixture
def empty(isolated_home: Path, tmp_path: Path) -> Repository:
    """A repository with one commit that is set up and has learned nothing."""
    made = repositories.make_repository(tmp_path / "project")
    setup.init(made, private=False)
    return made


@pytest.fixture(scope="session")
def _learned_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("learned")
    with repositories.isolated(folder / "home"):
        made = repositories.make_repository(folder / "project")
        setup.init(made, private=False)
        with View(made) as view:
            ingest(view, [SAMPLES])
        return made.directory


@pytest.fixture
def learned(_learned_once: Path, isolated_home: Path, tmp_path: Path) -> Repository:
    """A repository that has learned from the sample sessions; trusted."""
    shutil.copytree(_learned_once, tmp_path / "learned", symlinks=True)
    made = Repository.find(tmp_path / "learned")
    own_state.mark(made)  # as if it had been made here
    TrustStore().accept(made)
    return made


@pytest.fixture
def view(learned: Repository) -> Iterator[View]:
    with View(learned) as opened:
        yield opened


@pytest.fixture
def program(isolated_home: Path) -> Callable[..., Ran]:
    """Run the program as a user does: a process of its own, without a terminal."""

    def run(*args: str, cwd: Path, stdin: str = "", **environment: str) -> Ran:
        done = subprocess.run(
            [sys.executable, "-m", "holdfast", *args], cwd=cwd, input=stdin, text=True, encoding="utf-8",
            capture_output=True, check=False, env={**os.environ, "COLUMNS": "96", **environment},
        )  # fmt: skip
        return Ran(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture(scope="session")
def fetch_records() -> Callable[..., None]:
    """Fetch another repository's shared records, as a remote's."""

    def fetch(into: Repository, source: Repository, remote: str = "origin") -> None:
        refs = f"refs/heads/holdfast:refs/remotes/{remote}/holdfast"
        repositories.run_git(into.directory, "fetch", "--quiet", str(source.directory), refs)

    return fetch


class Knowledge(NamedTuple):
    """What a repository knows, without the random ids: equal when two have learned the same."""

    learnings: list[tuple[Any, ...]]
    occurrences: dict[tuple[Any, ...], int]
    ended: dict[tuple[Any, ...], int]
    sessions: int


@pytest.fixture(scope="session")
def knowledge() -> Callable[[Repository], Knowledge]:
    def know(repository: Repository) -> Knowledge:
        with open_view(repository.directory) as view:
            documents = view.index.all()
            texts = {document.id: document.text for document in documents}
            counts: Counter[tuple[Any, ...]] = Counter()
            ended: Counter[tuple[Any, ...]] = Counter()
            for row in view.index.occurrences():
                key = (row.session, row.family, row.specific, row.command)
                counts[key] += row.count
                ended[(*key, texts.get(row.learning or ""))] += row.resolved
            learnings = sorted(
                (d.source, d.kind, d.text, d.detail, d.state, d.commands, d.paths, d.families)
                for d in documents
                if d.source not in ("commit", "segment", "session", "statement", "file")
            )
            return Knowledge(learnings, dict(+counts), dict(+ended), view.index.sessions())

    return know


@pytest.fixture
def diary(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The module `diary`, whose reader is registered as one of an installed package."""
    spec = importlib.util.spec_from_file_location("diary", Path(__file__).parent / "diary.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setitem(sys.modules, "diary", module)
    folder = tmp_path_factory.mktemp("packages")
    info = folder / "diary-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: diary\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[holdfast.readers]\ndiary = diary:DiaryReader\n")
    monkeypatch.syspath_prepend(str(folder))
    readers.third_party_readers.cache_clear()
    yield module
    readers.third_party_readers.cache_clear()


@pytest.fixture(scope="session")
def tiny_model() -> Any:
    """The module `tiny_model`, which writes sentence-embedding models of a few bytes."""
    spec = importlib.util.spec_from_file_location("tiny_model", Path(__file__).parent / "tiny_model.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
