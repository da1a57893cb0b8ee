"""The checks of `holdfast doctor` that look at agents: whether they call Holdfast, and what that costs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from holdfast.connect import blocks, levels
from holdfast.connect.finding import Finding, note, ok, problem
from holdfast.connect.mcp import wiring as mcp
from holdfast.connect.plugin.presence import plugged_in
from holdfast.connect.skills.installation import prompt_text
from holdfast.connect.wiring import launcher, looking, registry
from holdfast.connect.wiring.agent import Agent, Surroundings
from holdfast.connect.wiring.agents import AGENTS, installed
from holdfast.connect.wiring.change import Change
from holdfast.connect.wiring.reconcile import Reconciliation, by_now
from holdfast.connect.wiring.registry import Relying
from holdfast.recall.tokens import estimate
from holdfast.repo import config
from holdfast.repo.location import Repository
from holdfast.repo.trust import TrustStore, key

MENDS = "holdfast doctor --fix"
AT_REST = 300
"""Tokens that all of Holdfast may cost a request while it says nothing."""


def check_agents(repository: Repository) -> Iterator[Finding]:
    """Check that the agents of this machine call Holdfast, and that nothing keeps them from it."""
    around = Surroundings.own()
    known = registry.read()
    relying = known.repositories.get(key(repository))
    if relying is None and config.mode(repository) is None:
        return
    if registry.is_damaged():
        yield problem(
            "wiring",
            "what was written into your agents' settings cannot be read, so it is not known",
            registry.path(),
            hint="holdfast init",
        )
    calling: set[str] = set()
    if relying is not None:
        calling.update(relying.agents, relying.tracked)
        yield from _wired(repository, around, known, relying)
    for name in _plugged(around):
        if name not in calling:
            yield ok(AGENTS[name].title, "calls Holdfast by its plug-in")
    yield from _others(repository, around, calling.union(_plugged(around)))


def check_prompt_cost(repository: Repository) -> Iterator[Finding]:
    """Say what all that is installed costs each request while it says nothing."""
    relying = registry.read().repositories.get(key(repository))
    parts = {*(levels.parts(relying.level) if relying is not None else ())}
    if _plugged(Surroundings.own()):
        parts |= {"mcp", "skills"}
    costs = {}
    if "mcp" in parts and mcp.is_installed():
        costs["tools"] = mcp.cost().deferred
    if "skills" in parts:
        costs["skills"] = estimate(prompt_text())
    if "blocks" in parts and repository.root is not None:
        costs["block"] = estimate(blocks.render("text"))
    total = sum(costs.values())
    if not costs:
        yield ok("prompt cost", "0 tokens while Holdfast says nothing: hooks add none")
        return
    told = ", ".join(f"{what} {tokens}" for what, tokens in costs.items())
    said = f"about {total} tokens in each request ({told})"
    if "tools" in costs and (whole := mcp.cost().declared) > costs["tools"]:
        said += f"; {total - costs['tools'] + whole} in agents that show tools whole"
    if total > AT_REST:
        yield note("prompt cost", said, hint="holdfast init --level flow")
    else:
        yield ok("prompt cost", said)


def _plugged(around: Surroundings) -> tuple[str, ...]:
    """Return the agents that have Holdfast by its plug-in."""
    return tuple(name for name in AGENTS if plugged_in(name, around.home, around.variables))


def _wired(
    repository: Repository, around: Surroundings, known: registry.Registry, relying: Relying
) -> Iterator[Finding]:
    """Check the launcher, and each agent that was wired for this repository."""
    state = by_now(known, around)
    yield from _launcher(state, around, relying)
    active = looking.Activity(repository, around)
    for name in relying.agents:
        if name in AGENTS:
            yield from _agent(AGENTS[name], relying, state, active)
    for name in relying.tracked:
        if name in AGENTS:
            yield from _shared(repository, AGENTS[name], state)


def _others(repository: Repository, around: Surroundings, calling: set[str]) -> Iterator[Finding]:
    """Name the agents of this machine that do not call Holdfast, where the level has them do so."""
    chosen = config.settings(repository)
    others = [each.agent.title for each in installed(around) if each.agent.name not in calling]
    if not others or (chosen is not None and not levels.events(chosen.level)):
        return
    names = ", ".join(others)
    verb = "does" if len(others) == 1 else "do"
    said = (
        f"{names} {verb} not call Holdfast here" if calling else f"none calls Holdfast here; found: {names}"
    )
    yield note("agents", said, hint="holdfast init")


def _launcher(state: Reconciliation, around: Surroundings, relying: Relying) -> Iterator[Finding]:
    """Check what the agents call."""
    if not relying.agents:
        return
    path, made = launcher.path(around), state.launcher
    if made is not None and made.problem:
        yield problem("launcher", made.problem, path, hint=f"Move it away, then: {MENDS}")
        return
    text = (made.before if made is not None else None) or b""
    if not text:
        yield problem("launcher", "what your agents call is missing, so they call nothing", path, hint=MENDS)
        return
    runs = launcher.runs(text.decode("utf-8", "replace"))
    if runs.gone:
        yield problem("launcher", f"it runs {runs.gone}, which is gone: silent", path, hint=MENDS)
    elif path.stat().st_mode & 0o100 == 0:
        yield problem("launcher", "it may not be run: silent", path, hint=MENDS)
    elif made is not None and made.changes:
        yield note("launcher", f"it runs another installation of Holdfast: {runs.hook}", path, hint=MENDS)
    else:
        yield ok("launcher", "what your agents call is there", path)


def _agent(
    agent: Agent, relying: Relying, state: Reconciliation, active: looking.Activity
) -> Iterator[Finding]:
    """Check one agent that calls Holdfast by its user-level settings."""
    path = agent.hooks_file(active.around)
    wrong = [
        each for each in state.changes if each.agent == agent.name and each.top is None and _differs(each)
    ]
    if wrong:
        for each in wrong:
            yield _wrong(agent, each)
        return
    events = ", ".join(agent.wired_events(levels.events(relying.level)))
    yield (
        _twice(agent, active.around, path)
        or _silent(agent, relying, active, path)
        or _shared_as_well(agent, active, path)
        or ok(agent.title, f"calls Holdfast ({events})", path)
    )


def _twice(agent: Agent, around: Surroundings, path: Path) -> Finding | None:
    """Return what is wrong with an agent that has the plug-in, too."""
    if not plugged_in(agent.name, around.home, around.variables):
        return None
    return problem(agent.title, "calls Holdfast twice: by its plug-in and by its settings", path, hint=MENDS)


def _silent(agent: Agent, relying: Relying, active: looking.Activity, path: Path) -> Finding | None:
    """Return what keeps an agent from running the hooks that its settings hold."""
    if off := looking.is_off(agent, active.around):
        hint = "Take that setting out, or leave it: Holdfast says nothing then."
        return problem(agent.title, f"runs no hooks at all: its settings say so by `{off}`", path, hint=hint)
    if agent.name == "codex" and (unreviewed := looking.unreviewed(agent, active.around)):
        said = f"was not told to run {', '.join(unreviewed)}: it leaves them out, silently"
        hint = f"Type /hooks in Codex and accept them, or: {MENDS}"
        return problem(agent.title, said, path, hint=hint)
    if TrustStore().state(active.repository).trusted and active.never_called(agent, relying):
        hint = "Start a new session: one that was open before does not know the hooks."
        return problem(agent.title, "had sessions here since, and never called Holdfast", path, hint=hint)
    return None


def _shared_as_well(agent: Agent, active: looking.Activity, path: Path) -> Finding | None:
    """Return what is worth knowing of an agent that a file for colleagues calls Holdfast for, too."""
    shared = looking.shared_hooks(active.repository, agent)
    if not shared:
        return None
    told = f"calls Holdfast by {shared} as well; the second call of an event is ignored"
    return note(agent.title, told, path, hint=MENDS if looking.shared_program(active.around) else "")


def _shared(repository: Repository, agent: Agent, state: Reconciliation) -> Iterator[Finding]:
    """Check one agent that calls Holdfast by files for colleagues."""
    wrong = [
        each
        for each in state.changes
        if each.agent == agent.name and each.top == repository.root and _differs(each)
    ]
    for each in wrong:
        yield _wrong(agent, each)
    if not wrong:
        yield ok(agent.title, "calls Holdfast by a file that colleagues share", agent.tracked_file)


def _differs(each: Change) -> bool:
    return bool(each.problem or each.added or each.removed)


def _wrong(agent: Agent, each: Change) -> Finding:
    name = agent.title
    if each.problem:
        return problem(
            name,
            f"its settings cannot be brought up to date: the file {each.problem}",
            each.path,
            hint="Mend that file.",
        )
    told = []
    if each.added:
        told.append(f"{', '.join(dict.fromkeys(each.added))} missing")
    if each.removed:
        told.append(f"{', '.join(dict.fromkeys(each.removed))} out of date or twice")
    return problem(name, f"its settings are not as they were wired: {'; '.join(told)}", each.path, hint=MENDS)
