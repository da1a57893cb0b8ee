"""What a repository once held: the paths and the names in code that are gone, as git's history tells.

Git is asked for the paths once, when the first is looked up, and for names once for all that are missing;
both within a time limit, so that a huge history only makes less known.
"""

from __future__ import annotations

import re
import subprocess
import threading
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

from holdfast.errors import GitError, HoldfastError
from holdfast.measure.project_tree import folders_of
from holdfast.repo import git

SECONDS = 2.0
"""Time that one question to the history may take."""
MAX_COMMITS = 20_000
_NOTHING_FOUND = 1
_ALIKE = "-M20%"
"""How much of a file git must find again in another to call it moved."""
_CODE = (
    ":(exclude,glob)**/*.md", ":(exclude,glob)**/*.mdx", ":(exclude,glob)**/*.mdc", ":(exclude,glob)**/*.txt",
    ":(exclude,glob)**/*.rst", ":(exclude,glob)**/*.jsonl", ":(exclude,glob)**/*.lock",
)  # fmt: skip
"""Where a name is used as such: prose and lock files are no code."""


class History:
    """The past of one worktree; outside a repository it knows nothing.

    Args:
        root: The worktree.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    @cached_property
    def paths(self) -> frozenset[str]:
        """Return every path that some commit removed or moved away."""
        out = self._asked([
            "log", f"--max-count={MAX_COMMITS}", "--diff-filter=D", "--no-renames", "--name-only",
            "--format=", "-z",
        ])  # fmt: skip
        return frozenset(path.strip("\n") for path in out.split("\0") if path.strip("\n"))

    @cached_property
    def folders(self) -> frozenset[str]:
        """Return the folders of those paths."""
        return folders_of(self.paths)

    @cached_property
    def names(self) -> frozenset[str]:
        """Return the last parts of those paths and of their folders."""
        return frozenset(path.rpartition("/")[2] for path in (*self.paths, *self.folders))

    def once_held(self, path: str) -> bool:
        """Tell whether a path, from the top or as the end of another, was there once."""
        bare = path.removeprefix("./").strip("/")
        if bare in self.paths or bare in self.folders:
            return True
        if bare.rpartition("/")[2] not in self.names:
            return False
        return any(one.endswith("/" + bare) for one in (*self.paths, *self.folders))

    def moved_to(self, path: str) -> str | None:
        """Return where the commit that removed a path put a file like it, though much was changed in it."""
        commit = self._asked(
            ["log", "-1", "--diff-filter=D", "--no-renames", "--format=%H", "--", path]
        ).strip()
        if not commit:
            return None
        fields = self._asked([
            "show", _ALIKE, "--diff-filter=R", "--name-status", "--format=", "-z", "--no-textconv",
            "--no-ext-diff", commit,
        ]).split("\0")  # fmt: skip
        return next((fields[at + 2] for at in range(0, len(fields) - 2, 3) if fields[at + 1] == path), None)

    def removed_lines(self, words: Iterable[str]) -> list[str]:
        """Return the lines of code that commits removed and that hold one of some words, the newest first."""
        names = [re.escape(word) for word in words]
        if not names:
            return []
        out = self._asked([
            "log", f"--max-count={MAX_COMMITS}", "-p", "-U0", "--no-color", "--format=", "--no-renames",
            "--no-textconv", "--no-ext-diff", "-E", f"-G({'|'.join(names)})", "--", ".", *_CODE,
        ])  # fmt: skip
        return [line[1:] for line in out.split("\n") if line.startswith("-") and not line.startswith("---")]

    def _asked(self, arguments: list[str]) -> str:
        """Return what git prints within the time limit."""
        try:
            with git.start(arguments, cwd=self._root) as process:
                late = threading.Timer(SECONDS, process.kill)
                late.start()
                try:
                    out, _ = process.communicate()
                finally:
                    late.cancel()
        except (HoldfastError, OSError, subprocess.SubprocessError):
            return ""
        return out.decode("utf-8", "surrogateescape")


def _pattern(word: str) -> str:
    """Return an extended regular expression for a word; an option must end where it does."""
    escaped = re.sub(r"([^\w\s\"'-])", r"\\\1", word)
    return f"{escaped}([^[:alnum:]_-]|$)" if word.startswith("--") else escaped


def used_now(root: Path, words: Iterable[str]) -> frozenset[str] | None:
    """Return which of some words the code of a worktree holds; None when that cannot be known.

    Args:
        root: The worktree, or a folder outside any repository.
        words: Names or options, matched as they stand.
    """
    wanted = sorted(set(words))
    if not wanted:
        return frozenset()
    patterns = [part for word in wanted for part in ("-e", _pattern(word))]
    for where in ("--untracked", "--no-index"):  # the second outside a repository
        arguments = ["grep", where, "-I", "-h", "-o", "-E", "--no-color", *patterns, "--", ".", *_CODE]
        try:
            out = git.run(arguments, cwd=root).decode("utf-8", "surrogateescape")
        except GitError as error:
            if error.returncode == _NOTHING_FOUND and not error.stderr:
                return frozenset()
            continue
        except HoldfastError:
            return None
        held = out.split("\n")
        return frozenset(wanted) & {*held, *(text[:-1] for text in held)}
    return None
