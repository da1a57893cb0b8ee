"""The files that guards stand in, and a guard as it stands there.

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
from typing import Annotated, Any

import msgspec
import tomlkit
import tomlkit.exceptions

from holdfast.errors import EnvironmentProblem, UsageError
from holdfast.repo import bounded_toml, git, own_choice, safe_read
from holdfast.repo.items import FOLDER
from holdfast.repo.location import Repository
from holdfast.repo.replacing import replace
from holdfast.repo.trust import TrustStore

SHARED = f"{FOLDER}/guards.toml"
LOCAL = "guards.toml"
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


def key_of(name: str, *, shared: bool) -> str:
    """Return what a guard is called in journals: one's own and a shared one may have the same name."""
    return f"shared/{name}" if shared else name


def is_accepted(repository: Repository, name: str, guard: Guard) -> bool:
    """Tell whether a person accepted a guard of local state on this machine."""
    return own_choice.is_proven(repository, _PROOF, _proved(name, guard))


def _proved(name: str, guard: Guard) -> list[Any]:
    return [name, msgspec.to_builtins(guard)]


def read(text: str, path: str, problems: list[str]) -> dict[str, Guard]:
    """Return the guards of a file's text; what cannot be read is added to ``problems``, a sentence each."""
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


def local_text(repository: Repository) -> str:
    """Return the text of the file of guards of one's own; empty when there is none."""
    try:
        return (repository.state_dir / LOCAL).read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def change(repository: Repository, name: str, guard: Guard | None, *, shared: bool) -> None:
    """Put a guard into its file, or take it out when it is None.

    Raises:
        EnvironmentProblem: The file cannot be written, or is not readable TOML.
        UsageError: It is to be shared, and there is no worktree.
    """
    if shared:
        _change_shared(repository, name, guard)
        return
    path = repository.ensure_state() / LOCAL
    text = _changed(local_text(repository), LOCAL, name, guard)
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
    if guard is None:
        guards.pop(name, None)
        return _cut(text, name, document.unwrap()) or tomlkit.dumps(document)
    if name in guards:
        held, told = guards[name], msgspec.to_builtins(guard)
        for key in [key for key in held if key not in told]:
            held.pop(key)
        held.update(told)
    else:
        guards[name] = msgspec.to_builtins(guard)
    return tomlkit.dumps(document)


def _cut(text: str, name: str, wanted: dict[str, Any]) -> str:
    """Return a text without the lines of one guard, comments behind it kept; empty where that goes wrong."""
    lines = text.splitlines(keepends=True)
    start = next((at for at, line in enumerate(lines) if line.strip() == f"[guards.{name}]"), len(lines))
    end = next((at for at in range(start + 1, len(lines)) if lines[at].startswith("[")), len(lines))
    while end > start and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#")):
        end -= 1
    kept = "".join(lines[:start] + lines[end:]).rstrip("\n") + "\n"
    try:
        found = bounded_toml.read(kept)
    except ValueError:
        return ""
    return kept if found.get("guards", {}) == wanted.get("guards", {}) else ""
