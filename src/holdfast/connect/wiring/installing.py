"""Wire agents for a repository, and take that out again: planned, shown, then done.

Settings are the user's, one file an agent, and hold for all repositories; the hook itself says nothing where
a repository is not trusted. Each repository notes which agents it relies on, so that the last one out takes
everything along.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
from msgspec.structs import replace as with_fields

from holdfast.connect import levels
from holdfast.connect.mcp import wiring as mcp
from holdfast.connect.plugin.presence import plugged_in
from holdfast.connect.wiring import looking, registry
from holdfast.connect.wiring.agent import Agent, Surroundings
from holdfast.connect.wiring.agents import AGENTS, installed
from holdfast.connect.wiring.change import Change, missing_folders, remove_folders
from holdfast.connect.wiring.reconcile import Reconciliation, reconcile, server_command
from holdfast.connect.wiring.registry import Registry, Relying
from holdfast.errors import UsageError
from holdfast.hook import clock
from holdfast.repo import own_state
from holdfast.repo.location import Repository
from holdfast.repo.trust import key


class FileReport(msgspec.Struct, frozen=True, kw_only=True):
    """What happens to one file: what is added and removed, what stays and why, what keeps it from it."""

    path: str
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    problem: str = ""


class AgentReport(msgspec.Struct, frozen=True, kw_only=True):
    """What happens to one agent.

    Attributes:
        name: Its name, as ``--agent`` takes it; ``title`` in sentences.
        found: By what it was found on this machine; empty when it was not.
        files: What happens to its files.
        events: The events at which it calls Holdfast afterwards.
        asks: What a person has to do once, at the agent.
        tells: What is worth knowing.
    """

    name: str
    title: str
    found: str = ""
    files: tuple[FileReport, ...] = ()
    events: tuple[str, ...] = ()
    asks: str = ""
    tells: str = ""


class Wiring(msgspec.Struct, frozen=True, kw_only=True):
    """What happens to all agents.

    Attributes:
        level: What is installed of Holdfast.
        agents: By agent; those alone that something happens to, or that are worth a word.
        launcher: The script that the agents call, when it is written; ``launcher_removed`` when it goes.
        tracked: Whether files for colleagues are written into the repository.
        more: Sentences: skills and managed blocks.
        changes: Whether anything is written at all.
    """

    level: str
    agents: tuple[AgentReport, ...] = ()
    launcher: str = ""
    launcher_removed: str = ""
    tracked: bool = False
    more: tuple[str, ...] = ()
    changes: bool = False


class Plan:
    """What is to be done to agents for a repository; made, shown, then done under a lock.

    Args:
        repository: Which.
        level: Its level.
        agents: Agents to wire besides those that are; None for all that are found. An empty sequence takes
            out all.
        tracked: Write files for colleagues into the repository, in place of user-level ones.
        undo: Take out instead: of ``agents``, or of all.
        around: The user's home.
    """

    def __init__(
        self,
        repository: Repository,
        *,
        level: str,
        agents: Sequence[Agent] | None = None,
        tracked: bool = False,
        undo: bool = False,
        around: Surroundings | None = None,
    ) -> None:
        if tracked and repository.root is None:
            raise UsageError("A bare repository has no files to share.", "Leave out --tracked.")
        self.repository, self.level, self.tracked, self.undo = repository, level, tracked, undo
        self.around = around or Surroundings.own()
        self.asked = agents
        self.missing = missing_folders(registry.path())  # before anything is written
        self.damaged = registry.is_damaged()
        self.found = {each.agent.name: each.by for each in installed(self.around)}

    def preview(self) -> Wiring:
        """Return what would happen, and do nothing."""
        had_state = self.repository.state_dir.exists()
        report = self._report(self._reconciled(), dry_run=True)
        if not had_state:
            own_state.remove_if_empty(self.repository)  # a lock was taken there
            registry.remove_if_empty()
        return report

    def do(self) -> Wiring:
        """Do it, and return what happened.

        Raises:
            EnvironmentProblem: A file cannot be written; what was written until then is on record.
        """
        first = self._reconciled()
        is_noted = first.registry.repositories == registry.read().repositories and not self.damaged
        if is_noted and not first.changes_files:
            return self._report(first, dry_run=False)
        with registry.alone():
            reconciled = self._reconciled()
            reconciled.do()
        report = self._report(reconciled, dry_run=False)
        if self.undo:
            own_state.remove_if_empty(self.repository)
        registry.remove_if_empty()
        remove_folders(tuple(reconciled.emptied))
        return report

    def _reconciled(self) -> Reconciliation:
        known = registry.read()
        known = with_fields(known, folders=_union(known.folders, self.missing))
        wanted = self._without(known) if self.undo else self._with(known)
        into = self.repository.root if self.tracked and not self.undo else None
        lost = self.undo and self.damaged
        strays = tuple(AGENTS.values() if self.asked is None else self.asked) if lost else ()
        return reconcile(wanted, self.around, mcp=server_command(), tracked=into, strays=strays)

    def _with(self, known: Registry) -> Registry:
        name = key(self.repository)
        before = known.repositories.get(name, Relying(level=self.level))
        shared: tuple[str, ...] = ()
        if self.asked is None:
            asked = tuple(agent for agent in self.found if not self._plugged(agent))
            shared = tuple(
                each for each in asked if looking.calls_by_shared(self.repository, each, self.around)
            )
            asked = tuple(each for each in asked if each not in shared)
        else:
            asked = tuple(agent.name for agent in self.asked)
        if not levels.events(self.level) or self.asked == ():
            relying = Relying(level=self.level, since=before.since or int(clock.now()))
        elif self.tracked:
            written = tuple(each for each in (*asked, *shared) if AGENTS[each].tracked_file)
            relying = with_fields(before, tracked=_union(before.tracked, written))
        else:
            tracked = _union(before.tracked, shared)
            relying = with_fields(before, agents=_union(before.agents, asked), tracked=tracked)
        now = int(clock.now())
        new = {each: now for each in relying.agents if each not in before.agents}
        since = {each: at for each, at in before.agents_since.items() if each in relying.agents}
        relying = with_fields(
            relying, level=self.level, since=before.since or now, agents_since={**since, **new}
        )
        others = {common: each for common, each in known.repositories.items() if common != name}
        mine = {name: relying} if relying.agents or relying.tracked else {}
        return with_fields(known, repositories={**others, **mine})

    def _without(self, known: Registry) -> Registry:
        name = key(self.repository)
        gone = None if self.asked is None else {agent.name for agent in self.asked}
        kept = {
            common: each
            for common, each in known.repositories.items()
            if common != name and Path(common).exists()
        }
        before = known.repositories.get(name)
        if gone is not None and before is not None:
            agents = tuple(each for each in before.agents if each not in gone)
            tracked = tuple(each for each in before.tracked if each not in gone)
            since = {each: at for each, at in before.agents_since.items() if each in agents}
            kept[name] = with_fields(before, agents=agents, tracked=tracked, agents_since=since)
        return with_fields(known, repositories=kept)

    def _plugged(self, agent: str) -> bool:
        return plugged_in(agent, self.around.home, self.around.variables)

    def _report(self, done: Reconciliation, *, dry_run: bool) -> Wiring:
        relying = done.registry.repositories.get(key(self.repository), Relying(level=self.level))
        more = [*self._others(done.registry), *self._more(relying, dry_run=dry_run)]
        reports = [self._agent(agent, relying, done.changes) for agent in AGENTS.values()]
        made = done.launcher if done.launcher is not None and done.launcher.changes else None
        place = self.around.shown(made.path) if made is not None else ""
        return Wiring(
            level=self.level,
            agents=tuple(each for each in reports if each is not None),
            launcher=place if made is not None and made.after is not None else "",
            launcher_removed=place if made is not None and made.after is None else "",
            tracked=self.tracked,
            more=tuple(more),
            changes=done.changes_files or bool(more),
        )

    def _agent(self, agent: Agent, relying: Relying, changes: Sequence[Change]) -> AgentReport | None:
        own = [each for each in changes if each.agent == agent.name and _is_told(each)]
        wired = agent.name in (*relying.agents, *relying.tracked)
        plugged = not self.undo and agent.name in self.found and self._plugged(agent.name)
        if not own and not wired and not plugged:
            return None
        files = tuple(
            FileReport(
                path=self._shown(each),
                added=tuple(each.added),
                removed=tuple(each.removed),
                left=tuple(each.left),
                problem=each.problem,
            )
            for each in own
        )
        new = any(each.added for each in own)
        asks = agent.asks_tracked if self.tracked else agent.asks
        return AgentReport(
            name=agent.name,
            title=agent.title,
            found=self.found.get(agent.name, ""),
            files=files,
            events=agent.wired_events(levels.events(relying.level)) if wired else (),
            asks=asks if new else "",
            tells="has Holdfast by its plug-in" if plugged and not wired else agent.tells if new else "",
        )

    def _shown(self, each: Change) -> str:
        return str(each.path.relative_to(each.top)) if each.top else self.around.shown(each.path)

    def _others(self, known: Registry) -> list[str]:
        """Say that other repositories rely on what stays after an undo, or that this is not known."""
        if self.damaged:
            elsewhere = (
                f"{self.around.shown(registry.path())} was damaged, so it is not known what your other "
                "repositories rely on: run `holdfast init` there again."
            )
            by_hand = (
                "Hooks alone were looked for: an MCP server `holdfast` or a status line of ours in your "
                "agents' settings is yours to take out."
            )
            return [elsewhere, by_hand] if self.undo else [elsewhere]
        others = sum(bool(each.agents) for each in known.repositories.values())
        if not self.undo or self.asked is not None or not others:
            return []
        rely = "another repository relies" if others == 1 else f"{others} other repositories rely"
        return [f"The settings of your agents stay: {rely} on them."]

    def _more(self, relying: Relying, *, dry_run: bool) -> list[str]:
        """Install or remove skills and managed blocks, as the level has them; return what was done."""
        from holdfast.connect import blocks, skills

        parts = () if self.undo and self.asked is None else levels.parts(self.level)
        agents = [*relying.agents, *relying.tracked]
        if "mcp" in parts and agents and not mcp.is_installed():
            missing = [f"The tools by MCP need one package more: `{mcp.INSTALL}`, then `holdfast init`."]
        else:
            missing = []
        if "skills" in parts and agents:
            tracked = self.tracked or bool(relying.tracked and skills.lie_in_tree(self.repository))
            did = missing + skills.install(self.repository, agents, dry_run=dry_run, tracked=tracked)
        else:
            did = skills.uninstall(self.repository, dry_run=dry_run)
        if self.repository.root is None:
            return did
        if "blocks" in parts and agents:
            return did + blocks.write(self.repository, agents, dry_run=dry_run)
        return did + blocks.remove(self.repository, dry_run=dry_run)


def _union(first: Sequence[str], second: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *second)))


def _is_told(each: Change) -> bool:
    return bool(each.problem or each.added or each.removed or each.left)
