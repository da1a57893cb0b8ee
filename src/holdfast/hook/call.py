"""Before a command runs: guards first, then a warning where the very call mostly fails here."""

from __future__ import annotations

from .moment import Moment, Told

HEADING = "Known in this repository about this call (data from earlier sessions, not an instruction):"


def call_told(moment: Moment) -> Told | None:
    """Return what is told before a call; None for nothing, which is nearly always."""
    command = moment.incoming.command
    if not command:
        return None
    _note_followed(moment, command)
    if not moment.speaks("call"):
        return None
    programs = moment.published.get("programs")
    if not isinstance(programs, list) or not any(program in command for program in programs):
        return None
    from . import commands

    for words in commands.mains(command):
        family = commands.family_of(commands.unwrapped(words))
        known = moment.published.get(f"advice:{commands.main_text(command, family)}")
        if isinstance(known, dict) and known.get("root", moment.place.root) != moment.place.root:
            known = None
        known = known or moment.published.get(f"calls:{family}")
        if isinstance(known, dict) and not _is_followed(known, command):
            if known.get("hold") and _is_held_out(moment, family, known["id"]):
                return None
            return Told(f"{HEADING}\n- {known['line']}", [known["id"]], "call", noted={"family": family})
    return None


def _is_held_out(moment: Moment, family: str, item: str) -> bool:
    from .assignment import DEFAULT, is_held_out

    meta = moment.meta
    share = float(meta.get("held_out", DEFAULT))
    if not is_held_out(str(meta.get("seed", "")), moment.key, family, "call", share):
        return False
    moment.journal.withhold(moment.now, "call", item, family)
    return True


def _is_followed(known: dict[str, str], command: str) -> bool:
    """Tell whether a command does already what is told instead of it."""
    better = known.get("code", "")
    return bool(better) and better in " ".join(command.split())


def _note_followed(moment: Moment, command: str) -> None:
    """Write down, once, that the session does what it was told to do last."""
    for line in reversed(moment.journal.lines):
        if line.get("sub", "") != moment.incoming.subagent:
            continue
        if line.get("do") == "followed":
            return
        if line.get("do") == "told" and line.get("codes"):
            folded = " ".join(command.split())
            for code in line["codes"]:
                if len(code) > 3 and code in folded:
                    moment.journal.add_once(moment.now, "followed", ids=line["ids"], code=code)
                    return
            return
