"""Temporary git repositories for tests: isolated from the machine's git, and easy to compare.

Nothing here needs a test framework::

    with temporary_repository() as repository:
        RecordsBranch(repository).append({...}, "learn something")

With pytest, isolate the process once and build what a test needs in its ``tmp_path``::

    @pytest.fixture(autouse=True)
    def _isolated(tmp_path_factory):
        with isolated(tmp_path_factory.mktemp("home")):
            yield

    def test_it(tmp_path):
        repository = make_repository(tmp_path / "project", files={"README": "hello"})
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from holdfast.repo.location import Repository

CONFIGURATION = """\
[user]
\tname = A Developer
\temail = developer@example.invalid
[init]
\tdefaultBranch = main
[commit]
\tgpgSign = false
[protocol "file"]
\tallow = always
[advice]
\tdetachedHead = false
"""
"""The git configuration of an isolated home."""

_OUTSIDE = (
    "GIT_",
    "XDG_",
    "AIDER_",
    "CLAUDE_",
    "CODEX_",
    "COPILOT_",
    "GEMINI_",
    "HOLDFAST_SEMANTIC_",
    "MSWEA_",
    "OPENCODE_",
    "PI_",
    "QWEN_",
)
"""How the variables begin that lead git, or the search for agents' logs, out of an isolated home."""


def isolated_environment(home: Path) -> dict[str, str]:
    """Return this process's environment with ``home`` as home; without the machine's git and agents."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OUTSIDE)}
    configuration = home / ".gitconfig"
    if not configuration.exists():
        home.mkdir(parents=True, exist_ok=True)
        configuration.write_text(CONFIGURATION)
    told = {
        "HOME": str(home),
        "GIT_CONFIG_GLOBAL": str(configuration),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
    }
    for name in ("CONFIG", "DATA", "STATE", "CACHE"):
        told[f"XDG_{name}_HOME"] = str(home / name.lower())
    return {**kept, **told}


@contextmanager
def isolated(home: Path) -> Iterator[Path]:
    """Make ``home`` this process's home, and its git configuration the only one, for a while."""
    before = dict(os.environ)
    told = isolated_environment(home)
    os.environ.clear()
    os.environ.update(told)
    try:
        yield home
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def temporary_repository(
    *, files: Mapping[str, str] | None = None, bare: bool = False
) -> Iterator[Repository]:
    """Give a repository in a directory of its own, in an isolated environment, and remove it afterwards."""
    with tempfile.TemporaryDirectory(prefix="holdfast-") as folder, isolated(Path(folder) / "home"):
        yield make_repository(Path(folder) / "repository", files=files, bare=bare)


def make_repository(
    path: Path, *, files: Mapping[str, str] | None = None, commits: int = 1, bare: bool = False
) -> Repository:
    """Make a repository at ``path`` on branch ``main``.

    Args:
        path: Where; made when missing.
        files: Text by path for the first commit; one small file when not given.
        commits: Commits on the branch; 0 leaves HEAD unborn.
        bare: Make it bare, and so without commits.
    """
    path.mkdir(parents=True, exist_ok=True)
    run_git(path, "init", "--quiet", "--initial-branch=main", *(["--bare"] if bare else []))
    if not bare:
        for number in range(commits):
            content = (
                files if files is not None and number == 0 else {f"file{number}.txt": f"line {number}\n"}
            )
            commit(path, content, f"commit {number}")
    return Repository.find(path)


def commit(path: Path, files: Mapping[str, str], message: str = "a commit") -> str:
    """Write files into the worktree at ``path``, commit them, and return the commit."""
    for name, text in files.items():
        file = path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    run_git(path, "add", "--all")
    run_git(path, "commit", "--quiet", "--allow-empty", "--message", message)
    return run_git(path, "rev-parse", "HEAD").strip()


def clone(source: Path, path: Path, *options: str) -> Repository:
    """Clone ``source`` to ``path`` with git's own options, over the file protocol (so depth counts)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    run_git(path.parent, "clone", "--quiet", *options, f"file://{source}", str(path))
    return Repository.find(path)


def run_git(path: Path, *args: str, check: bool = True, input: str | None = None) -> str:  # noqa: A002
    """Run git as a user would, hooks and all, and return what it printed.

    Raises:
        subprocess.CalledProcessError: It failed, and ``check`` is true.
    """
    done = subprocess.run(
        ["git", *args],
        cwd=path,
        input=input,
        capture_output=True,
        text=True,
        check=False,
    )
    if check and done.returncode != 0:
        error = subprocess.CalledProcessError(done.returncode, done.args, done.stdout, done.stderr)
        error.add_note(done.stderr)
        raise error
    return done.stdout


def snapshot(repository: Repository) -> dict[str, tuple[int, bytes]]:
    """Return mode and bytes of every file of the user's: worktrees, index, refs, logs, hooks, config, stash.

    Left out is exactly what Holdfast may write: objects (content-addressed, only ever added), its own
    ref with that ref's reflog, and its own directory of state. Compare two of these with ``==``.
    """
    tops = [repository.common_dir, *repository.worktrees()]
    found: dict[str, tuple[int, bytes]] = {}
    for top in tops:
        for file in sorted(top.rglob("*")):
            name = str(file)
            if file.is_dir() and not file.is_symlink():
                continue
            if not _ours(file, repository.common_dir):
                data = os.fsencode(file.readlink()) if file.is_symlink() else file.read_bytes()
                found[name] = (file.lstat().st_mode, data)
    return found


def _ours(file: Path, common_dir: Path) -> bool:
    if common_dir not in file.parents:
        return False
    name = file.relative_to(common_dir).as_posix()
    refs = ("refs/heads/holdfast", "refs/holdfast/private")
    return name.startswith(("objects/", "holdfast/")) or name in (*refs, *(f"logs/{ref}" for ref in refs))
