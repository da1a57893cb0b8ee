"""Mend what keeps agents from calling Holdfast, and take that back: `holdfast doctor --fix`, and its undo.

What files held before is kept for one undo, for the user alone. A file that was changed since is not taken
back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import msgspec
from msgspec.structs import replace as with_fields

from holdfast.connect.plugin.presence import plugged_in
from holdfast.connect.wiring import launcher, looking, registry
from holdfast.connect.wiring.agent import Surroundings
from holdfast.connect.wiring.agents import AGENTS
from holdfast.connect.wiring.change import Change, is_read_only, remove_folders
from holdfast.connect.wiring.reconcile import by_now
from holdfast.connect.wiring.registry import Registry, Relying
from holdfast.errors import EnvironmentProblem
from holdfast.repo import git
from holdfast.repo.location import Repository
from holdfast.repo.replacing import replace
from holdfast.repo.trust import key
from holdfast.repo.trust_file import default_folder

SCHEMA = "holdfast.mended/1"


class _File(msgspec.Struct, frozen=True, kw_only=True):
    """One file that was changed: what it held, None for no file, and the digest of what it held after."""

    path: str
    before: bytes | None
    after: str
    mode: int = 0o600


class _Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What one mending changed: the files, the registry before it, and who relied on what after it."""

    schema: str = SCHEMA
    files: tuple[_File, ...] = ()
    registry: Registry = Registry()
    relying: dict[str, Relying] = {}


def mend(repository: Repository, around: Surroundings) -> list[str]:
    """Bring settings and launcher to what was wired, and end double installs; return what was done.

    Raises:
        EnvironmentProblem: A file cannot be written.
    """
    with registry.alone():
        before = registry.read()
        wanted, did = _without_doubles(before, repository, around)
        state = by_now(wanted, around)
        changes = [each for each in (*state.changes, state.launcher) if each is not None and each.changes]
        stuck = state.launcher is not None and not state.launcher.changes and _is_stuck(state.launcher)
        if not changes and wanted == before and not stuck:
            return []
        did += [f"Made {around.shown(launcher.path(around))} runnable again."] if stuck else []
        keep([(each.path, each.before, each.after) for each in changes], before, wanted)
        state.do()
        remove_folders(tuple(state.emptied))
    return did + [sentence for each in changes for sentence in _told(each, around)]


def keep(
    changes: Sequence[tuple[Path, bytes | None, bytes | None]],
    known: Registry | None = None,
    wanted: Registry | None = None,
) -> None:
    """Keep what files hold before they are changed.

    Args:
        changes: Each file with what it holds, and what it will hold.
        known: The registry before; None to keep the files beside those that were kept last.
        wanted: The registry after; None where it stays as it is.

    Raises:
        EnvironmentProblem: It cannot be written.
    """
    files = []
    for path, before, after in changes:
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o600
        files.append(_File(path=str(path), before=before, after=_digest(after), mode=mode))
    last = _kept() if known is None else None
    earlier = known or (last.registry if last else registry.read())
    kept = _Kept(
        files=(*(last.files if last else ()), *files),
        registry=earlier,
        relying=last.relying if last else (wanted or earlier).repositories,
    )
    target = _path()
    try:
        replace(target, msgspec.json.encode(kept))
    except OSError as error:
        raise git.disk_problem(error, f"Cannot write {target}") from error


def take_back(around: Surroundings) -> list[str]:
    """Undo the last `mend`; return what was done and what was left.

    Raises:
        EnvironmentProblem: There is nothing to undo, agents were set up or taken out since, or a file
        cannot be written.
    """
    with registry.alone():
        kept = _kept()
        if kept is None:
            raise EnvironmentProblem("There is nothing to take back.", "holdfast doctor")
        if registry.read().repositories != kept.relying:
            raise EnvironmentProblem(
                "Agents were set up or taken out since the last mending, so it is not taken back.",
                "holdfast doctor",
            )
        did = []
        for each in reversed(kept.files):
            path = Path(each.path)
            now = path.read_bytes() if path.is_file() else None
            if _digest(now) != each.after:
                did.append(f"{around.shown(path)} stays: it was changed since.")
                continue
            if is_read_only(path):
                did.append(f"{around.shown(path)} stays: it is read-only.")
                continue
            change = Change(path, "", before=now, after=each.before)
            change.do()
            if each.before is not None:
                path.chmod(each.mode)
            did.append(f"{around.shown(path)} is as it was.")
        registry.write(kept.registry)
        _path().unlink()
    return did


def _without_doubles(
    known: Registry, repository: Repository, around: Surroundings
) -> tuple[Registry, list[str]]:
    """Return the registry without agents that call Holdfast by another way already."""
    did: list[str] = []
    repositories = dict(known.repositories)
    wired = dict.fromkeys(name for each in repositories.values() for name in each.agents if name in AGENTS)
    for name in wired:
        if plugged_in(name, around.home, around.variables):
            did.append(f"{AGENTS[name].title} has the plug-in; its settings call Holdfast no more.")
            repositories = {common: _less(each, name) for common, each in repositories.items()}
    mine = repositories.get(key(repository))
    for name in mine.agents if mine is not None else ():
        alone = sum(name in each.agents for each in repositories.values()) == 1
        shared = looking.shared_hooks(repository, AGENTS[name]) if name in AGENTS else ""
        if alone and shared and looking.shared_program(around) and mine is not None:
            did.append(f"{AGENTS[name].title} calls Holdfast by {shared} here; its own settings do no more.")
            mine = _less(mine, name)
            repositories[key(repository)] = mine = with_fields(mine, tracked=(*mine.tracked, name))
    return with_fields(known, repositories=repositories), did


def _less(relying: Relying, name: str) -> Relying:
    agents = tuple(each for each in relying.agents if each != name)
    return with_fields(relying, agents=agents)


def _is_stuck(made: Change) -> bool:
    return made.after is not None and made.path.is_file() and not made.path.stat().st_mode & 0o100


def _told(each: Change, around: Surroundings) -> list[str]:
    where = around.shown(each.path)
    if each.problem:
        return [f"{where} stays as it is: it {each.problem}."]
    if not each.agent:
        if each.after is None:
            return [f"Removed {where}: nothing calls it."]
        hook = launcher.runs(each.after.decode()).hook
        return [f"Wrote {where}: it runs this installation of Holdfast, {hook}."]
    done = []
    if each.added:
        done.append(f"put back {', '.join(dict.fromkeys(each.added))}")
    if each.removed:
        done.append(f"took out {', '.join(dict.fromkeys(each.removed))}")
    return [f"{AGENTS[each.agent].title}, {where}: {'; '.join(done) or 'mended'}."]


def _path() -> Path:
    return default_folder() / "mended.json"


def _kept() -> _Kept | None:
    try:
        kept = msgspec.json.decode(_path().read_bytes(), type=_Kept)
    except (OSError, msgspec.MsgspecError):
        return None
    return kept if kept.schema == SCHEMA else None


def _digest(data: bytes | None) -> str:
    return "" if data is None else hashlib.sha256(data).hexdigest()
