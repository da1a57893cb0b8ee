"""What was written into which instruction file, so that exactly that can be taken out again."""

from __future__ import annotations

from pathlib import Path

import msgspec

from holdfast.connect.blocks.text import Kind
from holdfast.errors import EnvironmentProblem
from holdfast.repo import git
from holdfast.repo.location import Repository
from holdfast.repo.replacing import replace

FILE = "blocks.json"


class Written(msgspec.Struct, kw_only=True):
    """A block that was written.

    Attributes:
        root: The worktree, ``path`` the file in it.
        before: What was put before the block to set it apart, as text.
        created: Whether the file was made for it.
        folders: Folders that were made for it, the innermost first.
    """

    root: str
    path: str
    kind: Kind
    before: str = ""
    created: bool = False
    folders: list[str] = []


def read(repository: Repository) -> list[Written]:
    """Return the blocks that were written from this clone; none when nothing was.

    Raises:
        EnvironmentProblem: The record cannot be read.
    """
    path = repository.state_dir / FILE
    try:
        return msgspec.json.decode(path.read_bytes(), type=list[Written])
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise git.disk_problem(error, f"Cannot read {path}") from error
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise EnvironmentProblem(
            f"{path} is damaged, so nobody can tell which blocks Holdfast wrote.",
            f"Remove it: `rm {path}`. What stands between `<!-- holdfast` and `<!-- /holdfast` can go too.",
        ) from error


def save(repository: Repository, written: list[Written]) -> None:
    """Keep what was written; nothing leaves no file.

    Raises:
        EnvironmentProblem: It cannot be written.
    """
    path: Path = repository.state_dir / FILE
    try:
        if written:
            replace(
                repository.ensure_state() / FILE, msgspec.json.format(msgspec.json.encode(written)) + b"\n"
            )
        else:
            path.unlink(missing_ok=True)
    except OSError as error:
        raise git.disk_problem(error, f"Cannot write {path}") from error
