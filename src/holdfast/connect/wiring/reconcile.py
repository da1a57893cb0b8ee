"""Work out what every file of every agent is to hold, from the repositories that rely on it; then do it."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from msgspec.structs import replace as with_fields

from holdfast.connect import levels
from holdfast.connect.mcp import wiring as mcp_server
from holdfast.connect.wiring import change, claude_code, json_file, launcher, other_files, registry
from holdfast.connect.wiring.agent import (
    Addition,
    Agent,
    Block,
    Element,
    Member,
    Surroundings,
    Text,
    portable,
)
from holdfast.connect.wiring.agents import AGENTS
from holdfast.connect.wiring.change import Change
from holdfast.connect.wiring.registry import Registry, Wired
from holdfast.errors import EnvironmentProblem
from holdfast.repo import git
from holdfast.repo.location import Repository
from holdfast.repo.trust import key


@dataclass
class Reconciliation:
    """What is to be done, the registry as it is afterwards, and folders that may be empty then."""

    registry: Registry
    changes: list[Change] = field(default_factory=list)
    launcher: Change | None = None
    emptied: list[str] = field(default_factory=list)

    @property
    def changes_files(self) -> bool:
        """Tell whether any file changes."""
        return any(each.changes for each in (*self.changes, self.launcher) if each is not None)

    def do(self) -> None:
        """Do it: the launcher before what calls it, and the registry last.

        Raises:
            EnvironmentProblem: The launcher or the registry cannot be written. A file of an agent's that
            cannot is noted as its problem.
        """
        if self.launcher is not None and self.launcher.problem:
            raise EnvironmentProblem(
                f"{self.launcher.path} {self.launcher.problem}.", "Move it away, then try again."
            )
        files = dict(self.registry.files)
        folders = self.registry.folders
        try:
            if self.launcher is not None and self.launcher.after is not None:
                folders = tuple(dict.fromkeys((*folders, *change.missing_folders(self.launcher.path))))
                self._write_launcher(self.launcher)
            for each in self.changes:
                try:
                    each.do()
                except EnvironmentProblem as error:  # it keeps no other agent out
                    each.failed(error)
                if each.problem:
                    continue  # the file is as it was, and so is what is on record of it
                name = str(each.path)
                if each.wired is not None and each.wired.added:
                    files[name] = each.wired
                else:
                    gone = files.pop(name, None)
                    self.emptied += gone.folders if gone is not None and each.after is None else ()
            if self.launcher is not None and self.launcher.after is None:
                self.launcher.do()
                self.emptied.append(str(self.launcher.path.parent))
        finally:
            self.registry = with_fields(self.registry, files=files, folders=folders)
            registry.write(self.registry)
            if not self.registry.repositories and not files:
                self.emptied += folders

    @staticmethod
    def _write_launcher(made: Change) -> None:
        made.do()
        try:
            made.path.chmod(0o755)
        except OSError as error:
            raise git.disk_problem(error, f"Cannot write {made.path}") from error


def reconcile(
    known: Registry,
    around: Surroundings,
    *,
    mcp: list[str] | None = None,
    tracked: Path | None = None,
    strays: Iterable[Agent] = (),
) -> Reconciliation:
    """Return what has to change for every file to hold what is wanted.

    Args:
        known: The registry, with its repositories as they are to be.
        around: The user's home.
        mcp: The command of the MCP server; None for none.
        tracked: The top of a worktree that files for colleagues are to be in, too.
        strays: Agents whose settings are looked through for hooks of ours that are not on record, to take
            them out: each is known by what it calls.
    """
    at = launcher.path(around)
    wanted = dict(_user_level(known, around, portable(at, around), mcp))
    for path in (Path(name) for name, each in known.files.items() if not each.repository):
        if (agent := AGENTS.get(known.files[str(path)].agent)) is not None:
            wanted.setdefault(path, (agent, []))
    for agent in strays:
        wanted.setdefault(agent.hooks_file(around), (agent, []))
    found = Reconciliation(known)
    for path, (agent, additions) in wanted.items():
        wired = known.files.get(str(path)) or Wired(agent=agent.name)
        found.changes.append(_changed(path, additions, wired, None))
    for top, path, additions, wired in _in_repositories(known, tracked):
        found.changes.append(_changed(path, additions, wired, top))
    found.launcher = _launcher(at, needed=any(each.agents for each in known.repositories.values()))
    return found


def by_now(known: Registry, around: Surroundings) -> Reconciliation:
    """Return what would have to change for every file to hold what it was wired to hold."""
    return reconcile(known, around, mcp=server_command())


def server_command() -> list[str] | None:
    """Return the command of the MCP server; None where what it needs is not installed."""
    return mcp_server.command() if mcp_server.is_installed() else None


def _user_level(
    known: Registry, around: Surroundings, called: str, mcp: list[str] | None
) -> Iterable[tuple[Path, tuple[Agent, list[Addition]]]]:
    """Yield each user-level file with what is wanted in it, by all repositories that rely on it."""
    for agent in AGENTS.values():
        everywhere = known.repositories.values()
        level = _highest(each.level for each in everywhere if agent.name in each.agents)
        hooks = agent.hooks(levels.events(level), called) if level else []
        if agent.name == "claude-code" and level and "status-line" in levels.parts(level):
            hooks.append(claude_code.status_line(called))
        any_level = _highest(each.level for each in everywhere if agent.name in (*each.agents, *each.tracked))
        server = agent.server_file(around)
        servers = [agent.mcp_server(mcp)] if any_level and "mcp" in levels.parts(any_level) and mcp else []
        if server == agent.hooks_file(around):
            hooks += servers
        elif server is not None and servers:
            yield server, (agent, servers)
        if hooks:
            yield agent.hooks_file(around), (agent, hooks)


def _highest(names: Iterable[str]) -> str:
    """Return the highest of some levels; empty for none."""
    return max(names, key=lambda name: len(levels.up_to(name)), default="")


def _in_repositories(
    known: Registry, tracked: Path | None
) -> Iterable[tuple[Path, Path, list[Addition], Wired]]:
    """Yield the files for colleagues: the top of their worktree, the file, what is wanted in it."""
    places = {
        (top_of(name, each), each.repository): None
        for name, each in known.files.items()
        if each.repository and each.agent in AGENTS
    }
    if tracked is not None:
        common = key(Repository.find(tracked))
        places[(tracked, common if common in known.repositories else "")] = None
    for top, common in places:
        relying = known.repositories.get(common)
        events = levels.events(relying.level) if relying else ()
        wanted = {
            top / AGENTS[name].tracked_file: AGENTS[name].hooks(events, None)
            for name in (relying.tracked if relying else ())
            if name in AGENTS and AGENTS[name].tracked_file and top.is_dir()
        }
        agents = {top / agent.tracked_file: agent for agent in AGENTS.values() if agent.tracked_file}
        for path, agent in agents.items():
            wired = known.files.get(str(path))
            if path in wanted or wired is not None:
                record = wired or Wired(agent=agent.name, repository=common)
                yield top, path, wanted.get(path, []), record


def top_of(name: str, wired: Wired) -> Path:
    """Return the top of the worktree that a file for colleagues is in."""
    return Path(name).parents[len(Path(AGENTS[wired.agent].tracked_file).parts) - 1]


def _changed(path: Path, wanted: Sequence[Addition], wired: Wired, top: Path | None) -> Change:
    """Return what happens to one file."""
    found = Change(path, wired.agent, top, wired=wired)
    found.before, found.problem = change.read(path, top)
    found.after = found.before
    if found.problem:
        return found
    try:
        text = None if found.before is None else found.before.decode("utf-8")
        result = _brought(path, text, wanted, wired)
    except UnicodeDecodeError:
        found.problem = "is not UTF-8"
    except ValueError as error:
        found.problem = f"cannot be changed: {error}"
    else:
        found.after = None if result.text is None else result.text.encode()
        found.wired, found.added = result.wired, result.added
        found.removed, found.left = result.removed, result.left
    if found.changes and change.is_read_only(path):
        found.problem = f"is read-only and stays as it is. To change it: chmod u+w {shlex.quote(str(path))}"
        found.after, found.wired, found.added, found.removed = found.before, wired, [], []
    return found


def _brought(path: Path, text: str | None, wanted: Sequence[Addition], wired: Wired) -> json_file.Result:
    if path.suffix == ".toml":
        block = next((each for each in wanted if isinstance(each, Block)), None)
        return other_files.brought_block(text, block, wired)
    if path.suffix == ".js":
        whole = next((each for each in wanted if isinstance(each, Text)), None)
        return other_files.brought_text(text, whole, wired)
    return json_file.brought(text, [each for each in wanted if isinstance(each, Element | Member)], wired)


def _launcher(path: Path, *, needed: bool) -> Change | None:
    """Return what happens to the launcher; one that is not ours is left and is a problem."""
    before, problem = change.read(path, None)
    found = Change(path, "", before=before, after=before, problem=problem)
    if problem:
        return found
    ours = before is not None and launcher.is_ours(before.decode("utf-8", "replace"))
    if before is not None and not ours:
        if not needed:
            return None
        found.problem = "is there already, and Holdfast did not write it"
        return found
    if needed:
        found.after = launcher.script().encode()
    elif before is None:
        return None
    else:
        found.after = None
    return found
