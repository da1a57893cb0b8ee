"""What is known of one agent: where it is, what it calls hooks and MCP servers by, what it will ask.

A hook is a command line in a file of the agent's. User-level files call the launcher, which is in the user's
home; files in a repository, which colleagues share, call ``holdfast-hook`` where that is installed. Both test
for presence first, so that nobody without Holdfast sees an error.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple

SECONDS = 5
"""How long an agent waits for a hook, which gives up by itself after one."""

_OURS = re.compile(r"holdfast[/-]hook[\"']? ([a-z-]+) ([a-z]+)\b")


class Surroundings(NamedTuple):
    """A user's home, and the variables that move folders out of it."""

    home: Path
    variables: Mapping[str, str]

    @classmethod
    def own(cls) -> Surroundings:
        """Return those of this process; a user without a home has no agents in it."""
        try:
            home = Path.home()
        except RuntimeError:  # as in a container: neither HOME nor a user that the system knows
            home = Path(os.devnull, "home")
        return cls(home, dict(os.environ))

    def named(self, variable: str) -> Path | None:
        """Return the folder that a variable names; None when it names none, or no absolute one."""
        value = self.variables.get(variable, "") if variable else ""
        path = self.home / value[2:] if value.startswith("~/") else Path(value)
        return path if value and path.is_absolute() else None

    def shown(self, path: Path | str) -> str:
        """Return a path as a person writes it: ``~`` for the home."""
        path = Path(path)
        return f"~/{path.relative_to(self.home)}" if path.is_relative_to(self.home) else str(path)


class Called(NamedTuple):
    """What a command line of ours calls: the agent and the event."""

    agent: str
    event: str


def called(command: object) -> Called | None:
    """Return what a command line calls, when it is one of ours."""
    found = _OURS.search(command) if isinstance(command, str) else None
    return Called(found[1], found[2]) if found else None


def launcher_command(launcher: str, agent: str, event: str) -> str:
    """Return the command line that calls the launcher; for every POSIX shell, and for fish."""
    return f'[ -x "{launcher}" ] || exit 0; exec "{launcher}" {agent} {event}'


def shared_command(agent: str, event: str) -> str:
    """Return the command line for files that colleagues share: silent where Holdfast is not installed.

    A program whose interpreter is gone is found all the same, so nothing is made of how it ends.
    """
    call = f"holdfast-hook {agent} {event} 2>/dev/null"
    return f"command -v holdfast-hook >/dev/null 2>&1 || exit 0; {call} || exit 0"


class Element(NamedTuple):
    """An element of an array in a JSON file: one hook."""

    at: tuple[str, ...]
    value: Any


class Member(NamedTuple):
    """A member of an object in a JSON file, with what it is in words.

    ``support`` is one that the others need, such as a version; a file that holds nothing else is empty.
    """

    at: tuple[str, ...]
    value: Any
    what: str
    support: bool = False


class Text(NamedTuple):
    """A whole file of ours."""

    text: str
    what: str


class Block(NamedTuple):
    """A table in a TOML file, as text; ``at`` is its name, part by part."""

    at: tuple[str, ...]
    text: str
    what: str


Addition = Element | Member | Text | Block

Form = Literal["grouped", "flat"]


@dataclass(frozen=True)
class Agent:
    """What is known of one agent.

    Attributes:
        name: What its hooks are called with.
        title: Its name in sentences.
        record: The name that its sessions have on record.
        programs: Its programs; the first is the usual one.
        folder: Its folder in the home; ``variables`` those that name another, with what is below it.
        events: Its events by those of the hook; none for what it cannot tell.
        fails_by, ends_by: The hook's events by which it tells that a call failed, or that a session
            ended, where there are several.
        user_file: The file of its hooks, below its folder; ``tracked_file`` that in a repository, or "".
        form: Whether hooks stand in groups with a matcher.
        handler: One hook, from its command line and event.
        matchers: Which tools an event is told of; all where it is not named.
        needs: Members that a file of its hooks must have.
        server: Where its MCP servers are: the file below its folder, and the member or table.
        server_entry: One MCP server, from its command.
        asks: What a person has to do once, at the agent; ``asks_tracked`` for files in the repository.
        tells: Sentences worth knowing before it is wired.
    """

    name: str
    title: str
    record: str
    programs: tuple[str, ...]
    folder: tuple[str, ...]
    variables: tuple[tuple[str, tuple[str, ...]], ...] = ()
    events: Mapping[str, str] = field(default_factory=dict)
    fails_by: tuple[str, ...] = ()
    ends_by: tuple[str, ...] = ()
    user_file: str = ""
    tracked_file: str = ""
    form: Form = "grouped"
    handler: Callable[[str, str], dict[str, Any]] = lambda command, _: {"command": command}
    matchers: Mapping[str, str] = field(default_factory=dict)
    needs: tuple[Member, ...] = ()
    server: tuple[str, tuple[str, ...]] = ("", ())
    server_entry: Callable[[list[str]], dict[str, Any]] = lambda command: {
        "command": command[0],
        "args": command[1:],
    }
    asks: str = ""
    asks_tracked: str = ""
    tells: str = ""

    def place(self, around: Surroundings) -> Path:
        """Return its folder of settings."""
        for variable, below in self.variables:
            named = around.named(variable)
            if named is not None:
                return named.joinpath(*below)
        return around.home.joinpath(*self.folder)

    def found(self, around: Surroundings) -> str:
        """Say by what it is known to be installed; empty when it is not found."""
        path = around.variables.get("PATH", "")
        for program in self.programs:
            if shutil.which(program, path=path):
                return f"`{program}`"
        place = self.place(around)
        return around.shown(place) if place.is_dir() else ""

    def hooks_file(self, around: Surroundings) -> Path:
        """Return the user-level file of its hooks."""
        return self.place(around) / self.user_file

    def wired_events(self, events: tuple[str, ...]) -> tuple[str, ...]:
        """Return those of the hook's events that it can tell, or the nearest that it has."""
        near = {"failure": self.fails_by or ("result",), "end": self.ends_by or ("stop",)}
        several = {"failure": self.fails_by, "end": self.ends_by}
        told: list[str] = []
        for event in events:
            own = event in self.events and not several.get(event)
            told += (event,) if own else near.get(event, ())
        return tuple(dict.fromkeys(event for event in told if event in self.events))

    def hooks(self, events: tuple[str, ...], launcher: str | None) -> list[Addition]:
        """Return what is added to a file of its hooks; ``launcher`` is None for one that is shared."""
        added: list[Addition] = list(self.needs)
        for event in self.wired_events(events):
            command = (
                shared_command(self.name, event)
                if launcher is None
                else launcher_command(launcher, self.name, event)
            )
            handler = self.handler(command, event)
            matcher = {"matcher": self.matchers[event]} if event in self.matchers else {}
            value = {**matcher, "hooks": [handler]} if self.form == "grouped" else {**matcher, **handler}
            added.append(Element(("hooks", self.events[event]), value))
        return added

    def server_file(self, around: Surroundings) -> Path | None:
        """Return the user-level file of its MCP servers."""
        name = self.server[0]
        return self.place(around) / name if name else None

    def mcp_server(self, command: list[str]) -> Addition:
        """Return what is added to its MCP servers."""
        at = self.server[1]
        return Member((*at, "holdfast"), self.server_entry(command), "the MCP server `holdfast`")


def portable(launcher: Path, around: Surroundings) -> str:
    """Return a path for a shell's double quotes, by ``$HOME`` where it is below it: settings get synced."""
    text = str(launcher)
    if launcher.is_relative_to(around.home):
        return "$HOME/" + re.sub(r'(["$`\\])', r"\\\1", str(launcher.relative_to(around.home)))
    return re.sub(r'(["$`\\])', r"\\\1", text)


def as_json(value: Any) -> str:
    """Return a value in the form that two of them are compared in."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False)
