"""Guards: rules of the user's own that a person had enforced before each call; where they are kept.

A guard of one's own stands in ``guards.toml`` of local state; one for everybody in ``.holdfast/guards.toml``
of the tree, where it counts only when exactly its bytes were trusted. Local state travels with a copied
folder, so each guard in it counts only with the proof that it was accepted on this machine
(`repo.own_choice`)::

    [guards.npm-install]
    rule = "Never run `npm install`; use `pnpm install`."   # the line, as it stands
    source = "AGENTS.md"         # with the line gone from there, the guard rests
    commands = ["npm install", "npm i"]
    unless = ["npm install -g"]  # what fits and is not meant
    instead = "pnpm install"     # what the agent is told to do
    rewrite = "pnpm install"     # put in its place where the agent allows that; without it, it is stopped
    until = "2027-02-21"         # UTC day after which it rests

What patterns mean is said in `hook.matching`.
"""

from __future__ import annotations

import contextlib
import datetime
import re
from pathlib import Path
from typing import Annotated, Any

import msgspec
import tomlkit
import tomlkit.exceptions

from holdfast.errors import EnvironmentProblem, UsageError
from holdfast.hook import clock
from holdfast.repo import bounded_toml, git, own_choice, safe_read
from holdfast.repo.items import FOLDER
from holdfast.repo.location import Repository
from holdfast.repo.replacing import replace
from holdfast.repo.trust import TrustState, TrustStore

SHARED = f"{FOLDER}/guards.toml"
LOCAL = "guards.toml"
DAYS = 90
"""Days that a guard stands before it asks to be kept."""
MOST = 50
"""Guards of one file that are read: each is matched before every call."""
_PROOF = "guards"

_Pattern = Annotated[str, msgspec.Meta(min_length=1, max_length=300)]
_Patterns = Annotated[tuple[_Pattern, ...], msgspec.Meta(max_length=40)]
_Line = Annotated[str, msgspec.Meta(max_length=600)]
_Day = Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d\d-\d\d$")]

HEADER = """\
# Guards: rules that agents are held to before a call runs. Made and changed by `holdfast review guard`.
# Patterns are words and globs, never regular expressions. See docs/guards.md.
"""


class Guard(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One rule that is enforced.

    Attributes:
        rule: The user's own words.
        source: The file that they stand in; empty when a person wrote the guard itself.
        commands: Patterns of commands that are stopped; ``paths`` of files that are not to be edited.
        unless: Patterns of what fits and is not meant.
        instead: What to do in its place, to tell the agent.
        rewrite: What is put in place of the command; empty to take its options away; None to stop it.
        made, until: UTC days.
        stopped, sessions: Calls that it would have stopped in the sessions before it was made, and in how
            many.
    """

    rule: _Line
    source: _Line = ""
    commands: _Patterns = ()
    paths: _Patterns = ()
    unless: _Patterns = ()
    instead: _Line = ""
    rewrite: _Line | None = None
    made: _Day = ""
    until: _Day = ""
    stopped: int = 0
    sessions: int = 0


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A guard as it was found.

    Attributes:
        name: What a person calls it by.
        shared: Whether it stands in the tree, for everybody.
        usable: Empty; or why it is not enforced: nobody accepted it on this machine.
    """

    name: str
    guard: Guard
    shared: bool
    usable: str = ""


class Guards(msgspec.Struct, kw_only=True):
    """All guards of a repository, those of everybody first, and what could not be read."""

    kept: list[Kept] = []
    problems: list[str] = []


class _Notes(msgspec.Struct, kw_only=True):
    """What a person decided besides: proposals set aside, and when a guard that rested was kept on."""

    dropped: list[str] = []
    kept_on: dict[str, float] = {}


def read_guards(repository: Repository, state: TrustState | None = None) -> Guards:
    """Return the guards of a repository, trusted or not.

    Args:
        repository: Which.
        state: Its trust, when it was looked at already.

    Raises:
        EnvironmentProblem: This user may not read the worktree.
    """
    found = Guards()
    trust = state if state is not None else TrustStore().state(repository)
    shared = next((item for item in trust.items if item.name == SHARED), None)
    if shared is not None:
        why = "" if trust.trusted else "it is not trusted: `holdfast trust`"
        for name, guard in _read(shared.text, SHARED, found.problems).items():
            found.kept.append(Kept(name=name, guard=guard, shared=True, usable=why))
    names = {one.name for one in found.kept}
    for name, guard in _read(_local_text(repository), LOCAL, found.problems).items():
        proven = own_choice.is_proven(repository, _PROOF, _proved(name, guard))
        why = "" if proven else "it was not accepted on this machine"
        if name not in names:
            found.kept.append(Kept(name=name, guard=guard, shared=False, usable=why))
    return found


def made_of(told: dict[str, Any]) -> Guard:
    """Return a guard as a person describes it.

    Raises:
        UsageError: A part of it is out of its bounds.
    """
    try:
        return msgspec.convert(told, Guard)
    except msgspec.ValidationError as error:
        raise UsageError(f"That is no guard: {error}.", "See `holdfast review guard add --help`.") from error


def activate(repository: Repository, name: str, guard: Guard, *, shared: bool = False) -> Guard:
    """Enforce a rule from now on; return the guard as it is kept.

    Raises:
        UsageError: A guard of this name stands, or the guard stops nothing.
        EnvironmentProblem: It cannot be written, or the file of the tree is not readable.
    """
    if not guard.commands and not guard.paths:
        raise UsageError("A guard needs a command or a path that it stops.", 'Name one: "npm install"')
    taken = find(repository, name)
    if taken is not None and taken.usable == "" and taken.guard != guard:
        raise UsageError(
            f"There is a guard `{name}` already.", f"Remove it first: `holdfast review guard remove {name}`"
        )
    today = clock.today()
    made = msgspec.structs.replace(guard, made=guard.made or today, until=guard.until or day_after(DAYS))
    _change(repository, shared, name, made)
    return made


def remove(repository: Repository, name: str) -> Kept:
    """Enforce a rule no longer; return the guard that was taken away.

    Raises:
        UsageError: There is none of this name.
    """
    kept = known(repository, name)
    _change(repository, kept.shared, name, None)
    return kept


def keep_on(repository: Repository, name: str, days: int = DAYS) -> Guard:
    """Let a guard stand for some days more, and forget the false alarms that it gave so far.

    Raises:
        UsageError: There is none of this name.
    """
    kept = known(repository, name)
    guard = msgspec.structs.replace(kept.guard, until=day_after(days))
    _change(repository, kept.shared, name, guard)
    notes = _notes(repository)
    notes.kept_on[name] = clock.now()
    _save_notes(repository, notes)
    return guard


def find(repository: Repository, name: str) -> Kept | None:
    """Return the guard of a name; None when there is none."""
    return next((one for one in read_guards(repository).kept if one.name == name), None)


def known(repository: Repository, name: str) -> Kept:
    """Return the guard of a name.

    Raises:
        UsageError: There is none.
    """
    kept = find(repository, name)
    if kept is None:
        raise UsageError(f"There is no guard `{name}`.", "See which there are: `holdfast review guard`")
    return kept


def drop(repository: Repository, name: str) -> None:
    """Set a proposal aside for good."""
    notes = _notes(repository)
    if name not in notes.dropped:
        notes.dropped.append(name)
        _save_notes(repository, notes)


def dropped(repository: Repository) -> frozenset[str]:
    """Return the proposals that a person set aside."""
    return frozenset(_notes(repository).dropped)


def kept_on(repository: Repository) -> dict[str, float]:
    """Return when each guard was kept on by a person, in seconds since the epoch."""
    return _notes(repository).kept_on


def name_of(text: str) -> str:
    """Return a name for a guard, from what it stops: ``npm-install``, ``commit-no-verify``."""
    words = re.findall(r"[a-z0-9]+", text.lower().removeprefix("git "))
    return "-".join(words)[:40].strip("-") or "guard"


def day_after(days: int) -> str:
    """Return the UTC day that comes a number of days after today."""
    today = datetime.date.fromisoformat(clock.today())
    return (today + datetime.timedelta(days=days)).isoformat()


def rule_stands(repository: Repository, guard: Guard) -> bool:
    """Tell whether the file that a guard was made from still says so; True where nothing can be told."""
    if not guard.source or repository.root is None:
        return True
    try:
        text = safe_read.read_text(repository.root, guard.source)
    except EnvironmentProblem:
        return True
    wanted = _folded(guard.rule)
    return text is not None and any(_folded(line).endswith(wanted) for line in text.splitlines())


def _folded(line: str) -> str:
    return " ".join(line.split()).lstrip("-*+• ")


# -- the files


def _proved(name: str, guard: Guard) -> list[Any]:
    return [name, msgspec.to_builtins(guard)]


def _read(text: str, path: str, problems: list[str]) -> dict[str, Guard]:
    try:
        tables = bounded_toml.read(text).get("guards", {})
    except ValueError as error:
        problems.append(f"{path} is not readable TOML: {error}.")
        return {}
    found: dict[str, Guard] = {}
    if not isinstance(tables, dict):
        problems.append(f"{path}: `guards` holds no guards.")
        return {}
    for name, table in list(tables.items())[:MOST]:
        try:
            guard = msgspec.convert(table, Guard)
        except msgspec.ValidationError as error:
            problems.append(f"{path}: guard `{name}`: {error}.")
            continue
        if guard.commands or guard.paths:
            found[name] = guard
    if len(tables) > MOST:
        problems.append(f"{path} holds {len(tables)} guards; the first {MOST} are used.")
    return found


def _local_text(repository: Repository) -> str:
    try:
        return (repository.state_dir / LOCAL).read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def _change(repository: Repository, shared: bool, name: str, guard: Guard | None) -> None:
    if shared:
        _change_shared(repository, name, guard)
        return
    path = repository.ensure_state() / LOCAL
    text = _changed(_local_text(repository), LOCAL, name, guard)
    if guard is not None:
        own_choice.prove(repository, _PROOF, _proved(name, guard))
    try:
        replace(path, text.encode())
    except OSError as error:
        raise git.disk_problem(error, f"Cannot write {path}") from error


def _change_shared(repository: Repository, name: str, guard: Guard | None) -> None:
    """Change the file of the tree; a repository that was trusted stays so, since a person changed it."""
    if repository.root is None:
        raise UsageError("A bare repository has no files to put guards in.", "Leave out --shared.")
    store = TrustStore()
    was_trusted = store.state(repository).trusted
    before = safe_read.read_text(repository.root, SHARED)
    data = _changed(before or "", SHARED, name, guard).encode()
    if guard is None and data.strip() == HEADER.strip().encode():  # nobody but Holdfast wrote into it
        (repository.root / SHARED).unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            (repository.root / FOLDER).rmdir()
        return
    if before is None:
        with contextlib.suppress(FileExistsError):
            safe_read.create(repository.root, SHARED, data)
    else:
        safe_read.overwrite(repository.root, SHARED, data)
    if was_trusted:
        mine = [item for item in store.state(repository).items if item.name == SHARED]
        store.accept(repository, items=mine)


def _changed(text: str, path: str, name: str, guard: Guard | None) -> str:
    """Return the text of a file with one guard put in or taken out; all else stays as it stands."""
    try:
        document = tomlkit.parse(text or HEADER)
    except (tomlkit.exceptions.TOMLKitError, ValueError) as error:
        raise EnvironmentProblem(
            f"{path} is not readable TOML: {error}.", "Mend that line, or remove the file."
        ) from error
    guards: Any = document.get("guards")
    if guards is None:
        guards = tomlkit.table(is_super_table=True)
        document["guards"] = guards
    guards.pop(name, None)
    if guard is not None:
        guards[name] = msgspec.to_builtins(guard)
    return tomlkit.dumps(document)


def _notes_path(repository: Repository) -> Path:
    return repository.state_dir / "guards.json"


def _notes(repository: Repository) -> _Notes:
    try:
        return msgspec.json.decode(_notes_path(repository).read_bytes(), type=_Notes)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return _Notes()


def _save_notes(repository: Repository, notes: _Notes) -> None:
    repository.ensure_state()
    path = _notes_path(repository)
    try:
        replace(path, msgspec.json.format(msgspec.json.encode(notes)))
    except OSError as error:
        raise git.disk_problem(error, f"Cannot write {path}") from error
