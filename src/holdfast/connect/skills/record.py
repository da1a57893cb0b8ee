"""What was installed where: digests of each file, and which repositories rely on it.

One file in the user's state, readable by its owner alone, since it names repositories. The key ``home``
stands for the user's own folders, the path of a repository's git directory for files in its tree.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from holdfast.connect import user_lock
from holdfast.errors import EnvironmentProblem
from holdfast.repo import git
from holdfast.repo.replacing import replace
from holdfast.repo.trust_file import default_folder

SCHEMA = "holdfast.skills/1"
HOME = "home"


class Place(msgspec.Struct, kw_only=True):
    """What was installed in one place.

    Attributes:
        files: The SHA-256 of each file as it was written, by its path.
        folders: Folders that were made for them, the innermost first.
        users: The agents that each repository asked for, by the path of its git directory.
    """

    files: dict[str, str] = {}
    folders: list[str] = []
    users: dict[str, list[str]] = {}


class _Content(msgspec.Struct, kw_only=True):
    schema: str = SCHEMA
    places: dict[str, Place] = {}


def path() -> Path:
    """Return where the record is kept."""
    return default_folder() / "skills.json"


def read() -> dict[str, Place]:
    """Return what was installed, by place; nothing when the record is absent.

    Raises:
        EnvironmentProblem: It is damaged, or of a newer version: what was written is then not known.
    """
    file = path()
    try:
        found = msgspec.json.decode(file.read_bytes(), type=_Content)
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise git.disk_problem(error, f"Cannot read {file}") from error
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise EnvironmentProblem(
            f"{file} is damaged, so nobody can tell which skills Holdfast installed.",
            f"Remove it, `rm {file}`, then the folders holdfast-* in your agents' folders of skills.",
        ) from error
    if found.schema != SCHEMA:
        raise EnvironmentProblem(
            f"{file} was written by a newer Holdfast ({found.schema}).", "Upgrade Holdfast, then try again."
        )
    return found.places


@contextmanager
def trying() -> Iterator[dict[str, Place]]:
    """Give the record to change without any of it being written."""
    yield read()


@contextmanager
def changing() -> Iterator[dict[str, Place]]:
    """Give the record to change; it is written when the block ends, also when it ends by an error.

    Raises:
        EnvironmentProblem: It cannot be read or written.
    """
    file = path()
    with user_lock.held(file.parent / "skills.lock", guards=file):
        places = read()
        try:
            yield places
        finally:
            _write(file, {name: place for name, place in places.items() if place.files or place.users})


def _write(file: Path, places: dict[str, Place]) -> None:
    try:
        if places:
            replace(file, msgspec.json.format(msgspec.json.encode(_Content(places=places))) + b"\n")
        else:
            file.unlink(missing_ok=True)
    except OSError as error:
        raise git.disk_problem(error, f"Cannot write {file}") from error
