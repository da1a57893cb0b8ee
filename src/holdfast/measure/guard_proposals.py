"""Guards to offer: rules of the user's own that sessions broke all the same, each proven on what is past."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Sequence

import msgspec

from holdfast.errors import EnvironmentProblem
from holdfast.hook.patterns import regex
from holdfast.learn import guards
from holdfast.learn.guard_files import Guard
from holdfast.learn.guard_history import SessionDeeds, read_sessions
from holdfast.learn.instruction_commands import PLACE, parts
from holdfast.learn.instruction_dates import dated
from holdfast.learn.instructions import InstructionLine, read_instructions
from holdfast.measure.broken_lines import broken_lines
from holdfast.measure.following import asked, folded, words_of
from holdfast.measure.guard_proof import Proof, prove
from holdfast.measure.line_fault import InstructionFault
from holdfast.measure.line_runs import ordered
from holdfast.repo.location import Repository
from holdfast.repo.replacing import replace

SESSIONS = 3
"""Sessions that must have broken a rule before a guard is offered."""
MOST_WRONG = 0.2
"""Share of what a guard would have stopped that the person had asked for; with more it is not offered."""

_OFFERED = "guards-offered.json"

_ALIASES = {
    "npm install": ("npm i", "npm add"),
    "npm run test": ("npm test", "npm t"),
    "npm test": ("npm run test", "npm t"),
    "npm start": ("npm run start",),
    "pnpm install": ("pnpm i",),
    "yarn install": ("yarn",),
    "pip install": ("pip3 install", "python -m pip install", "python3 -m pip install"),
    "git push --force": ("git push -f",),
    "git commit --no-verify": ("git commit -n",),
    "git add --all": ("git add -A",),
    "git add -A": ("git add --all",),
}
"""Other ways to type the same, by how a line begins."""
_MANAGERS = frozenset("npm pnpm yarn bun pip pip3 pipenv poetry uv conda".split())
_PROJECT_VERBS = (
    "install i ci add remove uninstall update upgrade run test start build exec create init".split()
)
"""What a package manager does to a project: a line that forbids ``npm`` does not mean ``npm view``."""
_ENVIRONMENT = regex(r"\b([A-Z][A-Z0-9_]{2,})=")
_MARK = regex(r"^\s*(?:[-*+•]|\d{1,3}[.)])\s+(?:\[[ xX]\]\s+)?")


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """A guard that is offered.

    Attributes:
        name: What it would be called by.
        guard: As it would be kept.
        path, line: The line of the instruction file.
        broken: Sessions that broke the rule, of ``of`` that knew it.
        can_rewrite: Whether the call could be replaced instead of stopped.
        proof: What it would have done.
    """

    name: str
    guard: Guard
    path: str
    line: int
    broken: int
    of: int
    can_rewrite: bool
    proof: Proof


def proposals(repository: Repository, *, dropped: bool = False) -> list[Proposal]:
    """Return the guards to offer a person, those of the rules most often broken first.

    Sessions are those that are kept here: see `guard_history.note_sessions`.

    Args:
        repository: Where. What stands there as a guard already is left out.
        dropped: Offer those that were set aside too.
    """
    if repository.root is None:
        return []
    sessions = read_sessions(repository)
    if len(sessions) < SESSIONS:
        return []
    lines = dated(repository, read_instructions(repository.root))
    known = guards.read_guards(repository).kept
    taken = {one.name for one in known} | (frozenset() if dropped else guards.dropped(repository))
    stopped = {(one.guard.commands, one.guard.paths) for one in known}
    found: list[Proposal] = []
    for fault in broken_lines(lines, ordered([one.facts for one in sessions])):
        made = _proposal(fault, lines, sessions) if fault.sessions >= SESSIONS else None
        if made is None or made.name in taken or (made.guard.commands, made.guard.paths) in stopped:
            continue
        taken.add(made.name)
        found.append(made)
    return sorted(found, key=lambda one: (-one.broken, -one.proof.stopped, one.name))


def remember(repository: Repository) -> list[Proposal]:
    """Return what `proposals` does, and keep the names, so that `waiting` need not look again."""
    found = proposals(repository)
    with contextlib.suppress(OSError, EnvironmentProblem):
        path = repository.ensure_state() / _OFFERED
        replace(path, msgspec.json.encode([one.name for one in found]), durable=False)
    return found


def waiting(repository: Repository) -> list[str]:
    """Return the names of the guards that wait for a person's word, as they were last looked for: at once."""
    try:
        names = msgspec.json.decode((repository.state_dir / _OFFERED).read_bytes(), type=list[str])
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return []
    if not names:
        return []
    done = guards.dropped(repository) | {one.name for one in guards.read_guards(repository).kept}
    return [name for name in names if name not in done]


def _proposal(
    fault: InstructionFault, lines: Sequence[InstructionLine], sessions: Sequence[SessionDeeds]
) -> Proposal | None:
    line = next(
        (one for one in lines if (one.path, one.line) == (fault.path, fault.line) and one.forbidden), None
    )
    guard = _guard(fault, line, lines) if line is not None else None
    if guard is None or line is None:
        return None
    proof = prove(guard, sessions, line.since)
    right = proof.stopped - proof.wrongly
    if not right or proof.sessions < SESSIONS or proof.wrongly > MOST_WRONG * proof.stopped:
        return None
    guard = msgspec.structs.replace(guard, stopped=proof.stopped, sessions=proof.sessions)
    return Proposal(
        name=guards.name_of(fault.kept_off or _named(guard)),
        guard=guard,
        path=fault.path,
        line=fault.line,
        broken=fault.sessions,
        of=fault.of,
        can_rewrite=rewrite_of(guard) is not None,
        proof=proof,
    )


def rewrite_of(guard: Guard) -> str | None:
    """Return what would be put in place of a guard's command; None where it can only be stopped.

    Options are taken away; a command is replaced by the one that the rule names, when that one is plain.
    """
    first = guard.commands[0].split() if guard.commands and not guard.paths else []
    if any(word.startswith("-") for word in first):
        return ""
    instead = guard.instead.strip("`")
    plain = bool(instead) and not re.search(r"[^\w ./:@-]", instead) and PLACE not in instead
    return instead if first and plain else None


def _guard(fault: InstructionFault, line: InstructionLine, lines: Sequence[InstructionLine]) -> Guard | None:
    rule = _MARK.sub("", line.text).strip()[: guards.LONGEST_RULE]
    if fault.kept_off:
        return Guard(rule=rule, source=fault.path, paths=(fault.kept_off,))
    commands = _patterns(fault)
    if not commands:
        return None
    instead = f"`{fault.instead}`" if fault.instead else ""
    unless = [*_advised(commands[0], lines), *(f"{name}=*" for name in _ENVIRONMENT.findall(line.text))]
    if fault.instead and _means_bare(commands[0], fault.instead):
        unless += [f"{command} *" for command in commands]
    return Guard(
        rule=rule,
        source=fault.path,
        commands=tuple(commands),
        unless=tuple(dict.fromkeys(unless))[:40],
        instead=instead,
    )


def _patterns(fault: InstructionFault) -> list[str]:
    """Return the patterns of what a line forbids; none where its words say too little."""
    found = [list(words) for words in parts(fault.command)]
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


def _advised(pattern: str, lines: Sequence[InstructionLine]) -> list[str]:
    """Return the commands that other lines tell to run although the pattern fits them."""
    wanted = folded(pattern.split())
    found = [
        words
        for line in lines
        if not line.forbidden
        for command in line.commands
        for words in asked(command)
        if len(words) > len(wanted) and words[: len(wanted)] == wanted
    ]
    return [" ".join(words)[:300] for words in dict.fromkeys(found)]


def _means_bare(pattern: str, instead: str) -> bool:
    """Tell whether only the bare command is meant: "`npm ci`, not `npm install`" lets packages be added."""
    words = pattern.split()
    return words[1:] in (["install"], ["i"]) and instead.split()[:1] == words[:1]


def _named(guard: Guard) -> str:
    first = guard.commands[0].split()
    whole = len(guard.commands) > 10 and first[0] in _MANAGERS
    return first[0] if whole else " ".join(first)
