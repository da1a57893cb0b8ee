"""Write a learning down as a note: at the level quickstart, in the user's own ``learnings.md``.

There are no records at that level: what is learned is a line at the end of a file that the person sees,
commits or takes out again. It is indexed live like every note, and found at each level.
"""

from __future__ import annotations

from holdfast.errors import EnvironmentProblem
from holdfast.hook.levels import NAMES, known
from holdfast.hook.patterns import regex
from holdfast.repo import config, lock, safe_read
from holdfast.repo.location import Repository
from holdfast.repo.records import Learning

FILE = "learnings.md"
_NEW = "# Learnings\n\n"
_NAMED = {"decision": "Decision: ", "failure": "Failure: ", "pattern": "Pattern: "}
_HEADING = regex(r"^#{1,6}[ \t]+(.+?)[ \t#]*$")


def are_kept(repository: Repository) -> bool:
    """Tell whether what is learned here is kept as a note: at the first level, where there is a worktree."""
    settings = config.settings(repository)
    return settings is not None and repository.root is not None and known(settings.level) == NAMES[0]


def keep(repository: Repository, learning: Learning) -> str:
    """Add a learning at the end of ``learnings.md``, which is made when it is missing; return its place.

    Args:
        repository: Where; it has a worktree.
        learning: Redacted, and passed by the gate.

    Returns:
        The file and the line, such as ``learnings.md:12``; of the line that is there already, if so.

    Raises:
        EnvironmentProblem: The file cannot be written, is a link, or is not UTF-8.
    """
    assert repository.root is not None
    with lock.held(repository, name="notes.lock"):
        data = safe_read.read(repository.root, FILE)
        before = _text(data)
        note = _note(learning)
        there = _line(before, note[0])
        if there:
            return f"{FILE}:{there}"
        end = "\r\n" if "\r\n" in before else "\n"
        start = before if not before or before.endswith("\n") else before + end
        after = (start or _NEW) + "".join(line + end for line in note)
        if data is None:
            safe_read.create(repository.root, FILE, after.encode())
        else:
            safe_read.overwrite(repository.root, FILE, after.encode())
        return f"{FILE}:{after.count(chr(10)) - len(note) + 1}"


def _text(data: bytes | None) -> str:
    try:
        return "" if data is None else data.decode()
    except UnicodeDecodeError as error:
        raise EnvironmentProblem(
            f"{FILE} is not UTF-8, so nothing was added to it.",
            f"Save it as UTF-8, or move it: `mv {FILE} old.md`.",
        ) from error


def _note(learning: Learning) -> list[str]:
    """Return the lines of a note: what an agent is shown, then what belongs to it, one thing a line."""
    lines = [f"- {_NAMED.get(learning.kind, '')}{' '.join(learning.lead.split())}"]
    label = ""
    for paragraph in learning.text.split("\n\n")[1:]:
        heading = _HEADING.match(paragraph.strip())
        if heading:
            label = "" if heading.group(1) == "Details" else f"{heading.group(1)}: "
        elif paragraph.strip():
            lines.append(f"  {label}{' '.join(paragraph.split())}")
            label = ""
    applies = [*(f"`{command}`" for command in learning.applies.commands), *learning.applies.paths]
    if applies:
        lines.append(f"  Applies to: {', '.join(applies)}")
    return lines


def _line(text: str, note: str) -> int:
    """Return the number of the line that says what a note says; 0 without one."""
    lines = [line.rstrip() for line in text.split("\n")]
    return lines.index(note) + 1 if note in lines else 0
