"""Install the skills for a set of agents, and take away exactly what was installed.

They go into the user's own folders, where every repository finds them, or, asked for with ``tracked``, into
the repository's tree for everybody who works there. A file that somebody changed since is never replaced
or removed.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from holdfast.connect.plugin.presence import plugged_in
from holdfast.connect.skills import record
from holdfast.connect.skills.folders import IN_HOME, IN_TREE, READERS, choose, in_home, twice
from holdfast.connect.skills.places import HomeFiles, TreeFiles
from holdfast.connect.skills.record import Place
from holdfast.connect.skills.sources import skills
from holdfast.connect.wiring.agents import AGENTS
from holdfast.errors import EnvironmentProblem, UsageError
from holdfast.repo import git, safe_read
from holdfast.repo.location import Repository
from holdfast.repo.trust import key


class _File(NamedTuple):
    """A file that is wanted: its path, the name of its folder of skills, what it holds."""

    path: str
    folder: str
    data: bytes


def install(
    repository: Repository, agents: Sequence[str], *, dry_run: bool = False, tracked: bool = False
) -> list[str]:
    """Give agents the skills, each exactly one copy; doing it again changes nothing.

    Args:
        repository: Which asks for it; the last one that does no longer takes them along.
        agents: Those that the repository is worked on with; what it asked for before and not now is undone.
        dry_run: Say what would be done and do nothing.
        tracked: Write them into the repository's tree instead of the user's own folders.

    Returns:
        Sentences: what was done, or would be.

    Raises:
        EnvironmentProblem: Something cannot be written; what was written until then is recorded.
        UsageError: ``tracked`` in a repository without a worktree.
    """
    mine, asked = key(repository), sorted(READERS.intersection(agents))
    disk = _disk(repository, tracked=tracked)
    wanted, did = (asked, []) if tracked else _not_yet_served(repository, asked)
    with record.trying() if dry_run else record.changing() as places:
        for name, place in places.items():
            if name != disk.name and mine in place.users:
                other = _disk(repository, tracked=not tracked)
                did += _change(other, place, mine, [], dry_run=dry_run)
        did += _change(disk, places.setdefault(disk.name, Place()), mine, wanted, dry_run=dry_run)
        if did and tracked and "codex" in wanted:
            did += _also_at_home(places.get(record.HOME, Place()))
    if wanted and did and shutil.which("holdfast") is None:
        did.append("`holdfast` is not on your PATH, where the skills look for it.")
    return did


def uninstall(repository: Repository, *, dry_run: bool = False) -> list[str]:
    """Take away what `install` wrote for this repository, unless another one relies on it.

    A file that was changed since stays, and is named.

    Raises:
        EnvironmentProblem: Something cannot be removed.
    """
    mine = key(repository)
    if not any(mine in place.users for place in record.read().values()):
        return []
    did: list[str] = []
    with record.trying() if dry_run else record.changing() as places:
        for name, place in sorted(places.items()):
            if mine in place.users:
                disk = _disk(repository, tracked=name != record.HOME)
                did += _change(disk, place, mine, [], dry_run=dry_run)
    return did


def lie_in_tree(repository: Repository) -> bool:
    """Tell whether `install` wrote the skills into the repository's tree."""
    return key(repository) in record.read()


def installed_for(agent: str) -> list[Path]:
    """Return the folders in this user's home from which an agent reads the skills that were installed."""
    home = Path.home()
    place = record.read().get(record.HOME, Place())
    found = {Path(file).parent.parent for file in place.files}
    return [
        folder
        for name, readers in IN_HOME.items()
        if agent in readers and (folder := in_home(name, home, os.environ)) in found
    ]


def prompt_text() -> str:
    """Return what a session is told of the skills at its start, before any is used."""
    return "".join(skill.line for skill in skills())


def _disk(repository: Repository, *, tracked: bool) -> HomeFiles:
    if not tracked:
        return HomeFiles(Path.home(), os.environ)
    if repository.root is None:
        raise UsageError("A bare repository has no tree to write skills into.", "Run it in a clone.")
    return TreeFiles(repository, repository.root)


def _not_yet_served(repository: Repository, agents: list[str]) -> tuple[list[str], list[str]]:
    """Return the agents that do not have the skills otherwise, and sentences on those that do."""
    brought = [folder for folder in IN_TREE if _lies_in(repository, folder)]
    left: list[str] = []
    did: list[str] = []
    for agent in agents:
        if any(agent in IN_TREE[folder] for folder in brought):
            did.append(f"{AGENTS[agent].title} finds the skills in this repository; it gets no second copy.")
        elif plugged_in(agent, Path.home(), os.environ):
            did.append(f"{AGENTS[agent].title} has the skills by the plug-in; it gets no second copy.")
        else:
            left.append(agent)
    return left, did


def _also_at_home(place: Place) -> list[str]:
    """Say that Codex, which lists a skill for each folder, finds them in the home too."""
    if not any("codex" in asked for asked in place.users.values()):
        return []
    return ["Codex also finds them in your home, for another repository: here it lists them twice."]


def _lies_in(repository: Repository, folder: str) -> bool:
    """Tell whether a folder of the tree holds the skills as they ship, not written by this user's wish.

    Others of the same names may say anything: a clone is untrusted.
    """
    if repository.root is None:
        return False
    mine = record.read().get(key(repository), Place()).files
    files = {f"{folder}/{skill.name}/SKILL.md": skill.text for skill in skills()}
    return not mine.keys() & files.keys() and all(
        safe_read.read_text(repository.root, path) == text for path, text in files.items()
    )


def _change(disk: HomeFiles, place: Place, mine: str, agents: list[str], *, dry_run: bool) -> list[str]:
    """Bring a place to what all that use it ask for; change its record; return what was done."""
    if agents:
        place.users[mine] = agents
    else:
        place.users.pop(mine, None)
    everybody = sorted({agent for asked in place.users.values() for agent in asked})
    wanted = [
        _File(disk.path(folder, skill.name), folder, skill.text.encode())
        for folder in choose(everybody, disk.read_by)
        for skill in skills()
    ]
    try:
        did = [
            *_write(disk, place, wanted, everybody, dry_run=dry_run),
            *_remove(disk, place, wanted, dry_run=dry_run),
        ]
    except OSError as error:
        raise git.disk_problem(error, f"Cannot change {error.filename or 'a folder of skills'}") from error
    return did


def _write(
    disk: HomeFiles, place: Place, wanted: Sequence[_File], agents: Sequence[str], *, dry_run: bool
) -> list[str]:
    wrote: dict[tuple[str, str], list[str]] = {}
    did: list[str] = []
    for path, folder, data in wanted:
        try:
            found, known = disk.read(path), place.files.get(path)
        except EnvironmentProblem as problem:
            reason = problem.message.removeprefix(f"{path} is not read: ")
            did.append(f"Left {disk.shown(path)} as it is: {reason}")
            continue
        if found is not None and found != data and _digest(found) != known:
            did.append(f"Kept {disk.shown(path)}, which is not as Holdfast wrote it.")
            continue
        if found != data:
            if not dry_run:
                made = disk.write(path, data)
                place.folders += [one for one in made if one not in place.folders]
            wrote.setdefault((folder, _above(path)), []).append(Path(path).parent.name)
        if found != data or known is not None:
            place.files[path] = _digest(data)
    verb = "Would write" if dry_run else "Wrote"
    for (folder, shown), names in wrote.items():
        readers = _in_words([AGENTS[one].title for one in agents if one in disk.read_by[folder]])
        did.append(f"{verb} the skills {', '.join(names)} to {disk.shown(shown)}, for {readers}.")
    if wrote and (again := twice(agents, disk.read_by)):
        named = _in_words([AGENTS[one].title for one in again])
        did.append(f"{named} reads more than one of these folders and may list the skills twice.")
    return did


def _remove(disk: HomeFiles, place: Place, wanted: Sequence[_File], *, dry_run: bool) -> list[str]:
    gone: list[str] = []
    did: list[str] = []
    for path in sorted(place.files.keys() - {file.path for file in wanted}):
        found = _found(disk, path)
        digest = place.files.pop(path)
        if found is None:
            continue
        if _digest(found) != digest:
            did.append(f"Left {disk.shown(path)}: it was changed since Holdfast wrote it.")
            continue
        if not dry_run:
            disk.remove(path)
        gone.append(path)
    if not dry_run:
        _remove_folders(disk, place, [*place.files])
    verb = "Would remove" if dry_run else "Removed"
    folders = sorted({_above(path) for path in gone})
    did += [f"{verb} the skills of Holdfast from {disk.shown(folder)}." for folder in folders]
    return did


def _remove_folders(disk: HomeFiles, place: Place, used: Sequence[str]) -> None:
    """Remove the folders that were made and hold nothing any more; others are forgotten, not removed."""
    for folder in sorted(place.folders, key=len, reverse=True):
        if any(path.startswith(f"{folder}/") for path in used):
            continue
        place.folders.remove(folder)
        try:
            disk.remove_folder(folder)
        except OSError:  # somebody else put something there
            continue


def _found(disk: HomeFiles, path: str) -> bytes | None:
    try:
        return disk.read(path)
    except EnvironmentProblem:
        return b""  # something stands there that is never read: not ours


def _above(path: str) -> str:
    """Return the folder of skills that a skill's file lies in."""
    return str(Path(path).parent.parent)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _in_words(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
