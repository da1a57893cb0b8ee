"""Guards: a call that breaks a rule of the user's own is stopped once, or replaced by what the rule asks for.

Each guard was accepted by a person on this machine. What is stopped is told why, and what to do instead. The
same call sent again is let through, and that is written down: it is how a guard that is wrong retires. What
was sent in one message with a stopped call, before the agent could hear of it, is stopped as well. In a new
context, as after a compaction, a guard stops once more, unless its call was insisted on in this session.
"""

from __future__ import annotations

import os

from .globs import fits_path
from .matching import fits_run, relative, runs
from .moment import Moment, Told
from .trusted import sha256

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from .matching import Run

SURFACE = "guards"
REWRITES = frozenset(["claude-code", "codex", "copilot", "opencode"])
"""Agents seen to take what a hook puts in place of a call; elsewhere such a call is stopped."""
_PATCH_MARKS = ("*** Update File: ", "*** Delete File: ", "*** Add File: ", "*** Move to: ")
_MOST_PATCH = 1 << 20
_LATE = 2.0
"""Seconds after a denial within which an agent's log may not hold the denied call yet."""


def guarded(moment: Moment) -> Told | None:
    """Return why a call is stopped or replaced; None where no guard stands against it."""
    guards = _published(moment.published.get(SURFACE))
    if not guards:
        return None
    incoming = moment.incoming
    named = incoming.path if incoming.tool == "Edit" else ""
    call = Deed(incoming.command, incoming.cwd, _paths(named, incoming.tool_input), moment.place.root)
    stopping: list[dict[str, Any]] = []
    replacing: list[tuple[dict[str, Any], dict[str, Any]]] = []
    for guard in guards:
        if moment.now < _until(guard) and stops(guard, call) and _is_in_force(guard, call.root):
            put = _replacement(moment, guard, call)
            if put is not None:
                replacing.append((guard, put))
            elif _may_stop(moment, guard, call.digest):
                stopping.append(guard)
    if stopping:
        return _stopped(moment, stopping, call.digest)
    return _replaced(moment, *replacing[0], call.digest) if replacing else None


class Deed:
    """What is about to be done.

    Attributes:
        command: The shell line, or "".
        cwd: Where.
        paths: The files that it edits, relative to the top of the repository.
        root: That top.
    """

    __slots__ = ("_runs", "command", "cwd", "paths", "root")

    def __init__(self, command: str, cwd: str, paths: list[str], root: str) -> None:
        self.command, self.cwd, self.root = command, cwd, root
        self.paths = [path for each in paths if (path := relative(os.path.join(cwd or root, each), root))]
        self._runs: list[Run] | None = None

    @property
    def runs(self) -> list[Run]:
        """Return the simple commands of the line, read once."""
        if self._runs is None:
            self._runs = runs(self.command, self.cwd, self.root) if self.command else []
        return self._runs

    @property
    def digest(self) -> str:
        """Return what is the same for the same call."""
        said = "\n".join([" ".join(self.command.split()), *self.paths])
        return sha256(said.encode("utf-8", "replace"))[:16]


def stops(guard: dict[str, Any], call: Deed) -> bool:
    """Tell whether a guard stands against a call."""
    if any(_is_kept_off(guard, path) for path in call.paths):
        return True
    said = f"{call.command}\n{call.cwd}"  # a path that a line writes may be named by where it runs
    if not call.command or not any(_may_fit(needle, said) for needle in _texts(guard, "needles")):
        return False
    commands, unless = _texts(guard, "commands"), _texts(guard, "unless")
    for run in call.runs:
        fits = not run.elsewhere and any(fits_run(each, run) for each in commands)
        if fits and not any(fits_run(each, run) for each in unless):
            return True
        if any(_is_kept_off(guard, path) for path in run.writes):
            return True
    return False


def _may_fit(needle: str, said: str) -> bool:
    """Tell, before anything costly is imported, whether a text holds the words that a pattern asks for."""
    return all(word in said for word in needle.split(" "))


def _is_kept_off(guard: dict[str, Any], path: str) -> bool:
    if not any(fits_path(each, path) for each in _texts(guard, "paths")):
        return False
    return not any(fits_path(each, path) for each in _texts(guard, "unless"))


def _is_in_force(guard: dict[str, Any], root: str) -> bool:
    """Tell whether the worktree that a call is made in still has the rule that a guard was made from."""
    source = _text(guard, "source")
    if not source:
        return True
    from .written_rule import is_written

    return is_written(root, source, _text(guard, "rule"), cut=bool(guard.get("cut")))


def _stopped(moment: Moment, guards: list[dict[str, Any]], digest: str) -> Told | None:
    """Return why a call is stopped, of all guards at once: sent again, it passes them all."""
    new = [guard for guard in guards if _is_new(moment, "denied", guard, digest)]
    if not new:
        return None
    text = "\n".join(_text(guard, "text") for guard in new)
    return Told(text, [_mark(moment, guard) for guard in new], "guard", deny=True, asked=True)


def _replaced(moment: Moment, guard: dict[str, Any], put: dict[str, Any], digest: str) -> Told | None:
    if not _text(guard, "id") or not _is_new(moment, "rewritten", guard, digest):
        return None
    text = f"{_text(guard, 'replaced')} The call is now `{_short(str(put['command']))}`."
    return Told(text, [_mark(moment, guard)], "guard", rewrite=put, asked=True)


def _is_new(moment: Moment, word: str, guard: dict[str, Any], digest: str) -> bool:
    """Write down what is done about a call; False when another installation does the same about it."""
    journal, call = moment.journal, moment.incoming.call_id
    told = {"guard": _text(guard, "id"), "call": call, "digest": digest}
    if call:
        return journal.add_once(moment.now, word, **told)
    journal.add(moment.now, word, **told)
    return True


def _mark(moment: Moment, guard: dict[str, Any]) -> str:
    """Return what is told of a guard about one call, by a name that no other call shares."""
    unique = moment.incoming.call_id or f"{os.getpid()}-{len(moment.journal.lines)}"
    return f"guard:{_text(guard, 'id')}#{unique}"


def _may_stop(moment: Moment, guard: dict[str, Any], digest: str) -> bool:
    """Tell whether a guard may stop a call; write down when one is let through."""
    name, incoming = _text(guard, "id"), moment.incoming
    if not name:
        return False
    lines = [line for line in moment.journal.lines if line.get("sub", "") == incoming.subagent]
    mine = [line for line in lines if line.get("guard") == name]
    call = incoming.call_id
    if call and any(line.get("call") == call for line in mine):
        return False  # the same call, told of by a second installation
    denied = [line for line in mine if line.get("do") == "denied"]
    last = max((at for at, line in enumerate(lines) if line.get("do") == "context"), default=-1)
    heard = [line for line in lines[last + 1 :] if line in denied]
    insisted = any(line.get("do") == "passed" and line.get("same") for line in mine)
    if not insisted and (not heard or _is_beside(moment, heard)):
        return True
    same = any(line.get("digest") == digest for line in denied)
    moment.journal.add(moment.now, "passed", guard=name, call=call, digest=digest, same=same or None)
    return False


def _is_beside(moment: Moment, denied: list[dict[str, Any]]) -> bool:
    """Tell whether a call was sent in one message with a denied one, before its model heard of that."""
    from .parallel import sent_together

    calls = [str(line["call"]) for line in denied if line.get("call")]
    late = any(moment.now - float(line.get("at", 0)) < _LATE for line in denied)
    return sent_together(moment.incoming.transcript, moment.incoming.call_id, calls, late=late)


def _replacement(moment: Moment, guard: dict[str, Any], call: Deed) -> dict[str, Any] | None:
    """Return what the tool is called with instead; None where the call is to be stopped."""
    put, given = guard.get("rewrite"), moment.incoming.tool_input
    if not isinstance(put, str) or moment.incoming.agent not in REWRITES:
        return None
    if given.get("command") != call.command:
        return None
    from .rewriting import rewritten

    line = rewritten(
        call.command, _texts(guard, "commands"), _texts(guard, "unless"), put, call.cwd, call.root
    )
    return {**given, "command": line} if line else None


def _paths(path: str, given: dict[str, Any]) -> list[str]:
    """Return the files that a call edits: the one it names, and those of a patch."""
    found = [path] if path else []
    for name in ("command", "input", "patch"):
        text = given.get(name)
        if isinstance(text, str) and "*** " in text:
            found += _of_patch(text[:_MOST_PATCH])
    return found


def _of_patch(text: str) -> Iterator[str]:
    for line in text.split("\n"):
        for mark in _PATCH_MARKS:
            if line.startswith(mark):
                yield line[len(mark) :].strip()


def _published(found: object) -> list[dict[str, Any]]:
    if isinstance(found, dict):
        found = list(found.values())
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _until(guard: dict[str, Any]) -> float:
    found = guard.get("until")
    return float(found) if isinstance(found, int | float) else float("inf")


def _texts(guard: dict[str, Any], name: str) -> list[str]:
    found = guard.get(name)
    return [each for each in found if isinstance(each, str)] if isinstance(found, list) else []


def _text(guard: dict[str, Any], name: str) -> str:
    found = guard.get(name)
    return found if isinstance(found, str) else ""


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 120 else f"{line[:119]}…"
