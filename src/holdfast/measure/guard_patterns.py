"""Turn a rule that was broken into a guard: the patterns of what it forbids, and of what it does not mean.

Strict like the reading of the rule itself (`measure.broken_lines`): what a line does not clearly forbid, and
what it or another line tells to run, is not stopped.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from holdfast.hook.patterns import regex
from holdfast.learn.guard_files import Guard
from holdfast.learn.guards import LONGEST_RULE
from holdfast.learn.instruction_commands import PLACE, parts
from holdfast.learn.instructions import InstructionLine
from holdfast.measure.following import asked, folded, words_of
from holdfast.measure.line_fault import InstructionFault

_ALIASES = {
    "npm install": ("npm i", "npm add"),
    "npm run test": ("npm test", "npm t"),
    "npm test": ("npm run test", "npm t"),
    "npm start": ("npm run start",),
    "pnpm install": ("pnpm i",),
    "pip install": ("pip3 install", "python -m pip install", "python3 -m pip install"),
    "git push --force": ("git push -f",),
    "git commit --no-verify": ("git commit -n",),
    "git add --all": ("git add -A",),
    "git add -A": ("git add --all",),
}
"""Other ways to type the same, by how a line begins."""
_MANAGERS = frozenset("npm pnpm yarn bun pip pip3 pipenv poetry uv conda".split())
_NODE = frozenset("npm pnpm yarn bun".split())
"""Package managers that take the same arguments for the same work."""
_PROJECT_VERBS = (
    "install i ci add remove uninstall update upgrade run test start build exec create init".split()
)
"""What a package manager does to a project: a line that forbids ``npm`` does not mean ``npm view``."""
_ENVIRONMENT = regex(r"\b([A-Z][A-Z0-9_]{2,})=")
_MARK = regex(r"^\s*(?:[-*+•]|\d{1,3}[.)])\s+(?:\[[ xX]\]\s+)?")
_SPARED = frozenset(
    f"git {each}"
    for each in ("commit --no-verify", "push --no-verify", "push --force", "commit --no-gpg-sign")
)
"""Commands that without their option do the same with a check that was to be skipped."""
_MOST = 40
_PLAIN = regex(r"[\w ./:@-]+\Z")


def guard_of(fault: InstructionFault, lines: Sequence[InstructionLine]) -> Guard | None:
    """Return the guard of a rule that was broken; None where its words say too little.

    All that its line forbids is stopped, not only what was broken.

    Args:
        fault: From `broken_lines`.
        lines: All lines of the instruction files.
    """
    mine = [one for one in lines if (one.path, one.line) == (fault.path, fault.line) and one.forbidden]
    if not mine:
        return None
    rule = _MARK.sub("", mine[0].text).strip()[:LONGEST_RULE]
    if fault.kept_off:
        paths = tuple(dict.fromkeys(path for one in mine for path in one.kept_off))
        return Guard(rule=rule, source=fault.path, paths=paths)
    forbidden = [command for one in mine if not one.conditional for command in one.commands]
    commands = _patterns(fault.command, fault)
    if not commands:
        return None
    for command in forbidden:
        if not command.startswith("-"):
            commands += _patterns(command, fault)
    return Guard(
        rule=rule,
        source=fault.path,
        commands=tuple(dict.fromkeys(commands))[:_MOST],
        unless=tuple(_exempt(commands, fault, mine[0], lines))[:_MOST],
        instead=f"`{fault.instead}`" if fault.instead else "",
    )


def rewrite_of(fault: InstructionFault, guard: Guard) -> str | None:
    """Return what can be put in place of a guard's command; None where that is not sure to be right.

    An option that is forbidden as such is taken away. A command is replaced when what the rule names instead
    does the same with the same arguments: ``pnpm install`` for ``npm install``, ``uv run python`` for
    ``python``.
    """
    if guard.paths:
        return None
    if fault.command.startswith("-") or guard.commands[0] in _SPARED:
        return ""
    old, new = guard.commands[0].split(), (fault.instead or "").split()
    if not new or not _PLAIN.match(" ".join(new)) or any(word.startswith("-") for word in [*old, *new]):
        return None
    wrapped = len(new) > len(old) and new[-len(old) :] == old
    renamed = {old[0], new[0]} <= _NODE and len(old) > 1 and new[1:] == old[1:]
    return " ".join(new) if wrapped or renamed else None


def name_for(guard: Guard) -> str:
    """Return what a guard on commands is named after."""
    first = guard.commands[0].split()
    return first[0] if len(guard.commands) > 10 and first[0] in _MANAGERS else " ".join(first)


def _patterns(command: str, fault: InstructionFault) -> list[str]:
    """Return the patterns of one command that a line forbids; none where its words say too little."""
    found = [list(words) for words in parts(command)]
    words = found[0] if len(found) == 1 else []
    words = words[: words.index(PLACE)] if PLACE in words else words
    if not words or any(PLACE in word for word in words):
        return []
    if words[0].startswith("-"):
        owner = _owner(fault)
        words = [*owner, *words] if owner else []
    elif len(words) == 1 and words[0] in _MANAGERS:
        return [f"{words[0]} {verb}" for verb in _PROJECT_VERBS]
    text = " ".join(words)
    return list(dict.fromkeys(_with_aliases(text))) if text else []


def _with_aliases(text: str) -> Iterator[str]:
    yield text
    for begins, others in _ALIASES.items():
        if text == begins or text.startswith(f"{begins} "):
            yield from (other + text[len(begins) :] for other in others)


def _owner(fault: InstructionFault) -> list[str]:
    """Return the command that an option alone belongs to: what those have in common that gave it."""
    ran = [words_of(row.command) for row in fault.evidence]
    plain = [tuple(word for word in words if not word.startswith("-"))[:2] for words in ran if words]
    if not plain or len({words[0] for words in plain if words}) != 1:
        return []
    return list(plain[0]) if len(set(plain)) == 1 else [plain[0][0]]


def _exempt(
    commands: Sequence[str], fault: InstructionFault, line: InstructionLine, lines: Sequence[InstructionLine]
) -> list[str]:
    """Return the patterns of what fits and is not meant."""
    found = [advised for command in commands for advised in _advised(command, lines)]
    found += [f"{name}=*" for name in _ENVIRONMENT.findall(line.text)]
    instead = (fault.instead or "").split()
    if instead and PLACE not in " ".join(instead) and " ".join(instead) not in commands:
        found.append(" ".join(instead))
    for command in commands:
        words = command.split()
        if words[1:] in (["install"], ["i"]) and instead[:1] == words[:1]:
            found.append(f"{command} *")  # "`npm ci`, not `npm install`" lets packages be added
    return list(dict.fromkeys(each[:300] for each in found))


def _advised(pattern: str, lines: Sequence[InstructionLine]) -> list[str]:
    """Return the commands that lines tell to run although the pattern fits them."""
    wanted = folded(pattern.split())
    found = [
        words
        for line in lines
        if not line.forbidden
        for command in line.commands
        for words in asked(command)
        if len(words) > len(wanted) and words[: len(wanted)] == wanted
    ]
    return [" ".join(words) for words in dict.fromkeys(found)]
