"""Guards: rules of the user's own that a person had enforced before each call.

How they are kept is said in `learn.guard_files`, what their patterns mean in `hook.matching`.
"""

from __future__ import annotations

import datetime
import re
from pathlib import Path
from typing import Any

import msgspec

from holdfast.errors import UsageError
from holdfast.hook import clock
from holdfast.hook.written_rule import is_written
from holdfast.learn.guard_files import LOCAL, SHARED, Guard, change, is_accepted, key_of, local_text, read
from holdfast.repo import git
from holdfast.repo.location import Repository
from holdfast.repo.replacing import replace
from holdfast.repo.trust import TrustState, TrustStore

DAYS = 90
"""Days that a guard stands before it asks to be kept."""
LONGEST_RULE = 300
"""Characters of a line that are kept as a rule: its beginning."""


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

    @property
    def key(self) -> str:
        """Return what it is called in journals."""
        return key_of(self.name, shared=self.shared)


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

    A guard of one's own and one for everybody may have the same name: they are two, and both count.

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
        for name, guard in read(shared.text, SHARED, found.problems).items():
            found.kept.append(Kept(name=name, guard=guard, shared=True, usable=why))
    for name, guard in read(local_text(repository), LOCAL, found.problems).items():
        proven = is_accepted(repository, name, guard)
        why = "" if proven else "it was not accepted on this machine"
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
        UsageError: A guard of this name stands, or the guard stops nothing, or has no words.
        EnvironmentProblem: It cannot be written, or the file of the tree is not readable.
    """
    if not guard.commands and not guard.paths:
        raise UsageError("A guard needs a command or a path that it stops.", 'Name one: "npm install"')
    if not guard.rule.strip():
        raise UsageError("A guard needs the rule in words.", 'Say it: --rule "Use `pnpm install`."')
    idle = [each for each in guard.commands if all(word.startswith("-") for word in each.split())]
    if idle:
        raise UsageError(
            f"`{idle[0]}` names no command, so it would stop nothing.",
            'Name the command too: "git push --force"',
        )
    taken = next((one for one in _named(repository, name) if one.shared == shared), None)
    if taken is not None and taken.usable == "" and taken.guard != guard:
        which = "--shared" if shared else "--own"
        raise UsageError(
            f"There is a guard `{name}` already.",
            f"Remove it first: `holdfast review guard remove {name} {which}`",
        )
    today = clock.today()
    made = msgspec.structs.replace(guard, made=guard.made or today, until=guard.until or day_after(DAYS))
    change(repository, name, made, shared=shared)
    return made


def remove(repository: Repository, name: str, *, shared: bool | None = None) -> Kept:
    """Enforce a rule no longer; return the guard that was taken away.

    Raises:
        UsageError: As `known` does.
    """
    kept = known(repository, name, shared=shared)
    change(repository, name, None, shared=kept.shared)
    return kept


def keep_on(repository: Repository, name: str, days: int = DAYS, *, shared: bool | None = None) -> Kept:
    """Let a guard stand for some days more, and forget the false alarms that it gave so far.

    Raises:
        UsageError: As `known` does.
    """
    kept = known(repository, name, shared=shared)
    guard = msgspec.structs.replace(kept.guard, until=day_after(days))
    change(repository, name, guard, shared=kept.shared)
    notes = _notes(repository)
    notes.kept_on[kept.key] = clock.now()
    _save_notes(repository, notes)
    return msgspec.structs.replace(kept, guard=guard)


def known(repository: Repository, name: str, *, shared: bool | None = None) -> Kept:
    """Return the guard of a name.

    Args:
        repository: Where.
        name: Its name.
        shared: Which of two that have this name: the one for everybody, or one's own.

    Raises:
        UsageError: There is none, or there are two and nobody said which.
    """
    found = [one for one in _named(repository, name) if shared in (None, one.shared)]
    if not found:
        kind = {None: "", True: " for everybody", False: " of your own"}[shared]
        raise UsageError(f"There is no guard `{name}`{kind}.", "See which there are: `holdfast review guard`")
    if len(found) > 1:
        raise UsageError(
            f"There are two guards `{name}`: one of your own, and one for everybody.",
            "Say which is meant: `--own` or `--shared`",
        )
    return found[0]


def _named(repository: Repository, name: str) -> list[Kept]:
    return [one for one in read_guards(repository).kept if one.name == name]


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
    """Return when each guard was kept on by a person, by its key, in seconds since the epoch."""
    return _notes(repository).kept_on


def name_of(text: str) -> str:
    """Return a name for a guard, from what it stops: ``npm-install``, ``commit-no-verify``."""
    words = re.findall(r"[a-z0-9]+", text.lower())
    if words[:1] == ["git"] and len(words) > 2:
        words.pop(0)
    return "-".join(words)[:40].strip("-") or "guard"


def day_after(days: int) -> str:
    """Return the UTC day that comes a number of days after today."""
    today = datetime.date.fromisoformat(clock.today())
    return (today + datetime.timedelta(days=days)).isoformat()


def rule_stands(repository: Repository, guard: Guard) -> bool:
    """Tell whether the file that a guard was made from still says so in this worktree, or cannot be told."""
    root = "" if repository.root is None else str(repository.root)
    return is_written(root, guard.source, guard.rule, cut=is_cut(guard))


def is_cut(guard: Guard) -> bool:
    """Tell whether a guard's rule is but the beginning of its line."""
    return len(guard.rule) >= LONGEST_RULE


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
