"""Find references to what a repository no longer holds: paths, links, names in code, commands and options.

A reference is stale when git's history once held it and the tree does not, or when the line plainly refers
to something that ought to be there (see `holdfast.measure.stale_lines`). What git ignores, what a line says
is gone or is made, and what lies elsewhere is left alone: an accusation that is wrong costs more than one
that is missing.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from holdfast.hook.patterns import regex
from holdfast.learn.instruction_commands import PROGRAMS, parts, prose_of, spans
from holdfast.learn.instructions import InstructionLine, read_text_lines
from holdfast.learn.prohibitions import in_another_tongue, tells_of_the_past
from holdfast.measure.audit.finding import Finding
from holdfast.measure.audit.history import used_now
from holdfast.measure.audit.memory import Entry, Memory
from holdfast.measure.audit.options import missing_options, scripts_gone
from holdfast.measure.audit.pages import front_matter_end
from holdfast.measure.audit.project import Project
from holdfast.measure.audit.quote import quote
from holdfast.measure.audit.references import Reference, lies_elsewhere, references
from holdfast.measure.stale_lines import ignored_by_git, missing_of, missing_of_command
from holdfast.repo.safe_read import read_text

MAX_SYMBOLS = 400
"""Names of code that one audit looks up."""

_DEFINES = (
    r"(?:\b(?:def|class|function|func|fn|struct|enum|trait|interface|type|const|let|var|val|module"
    r"|macro_rules!"
    r"|public|private|protected|static|async|export|object|record|protocol)\b[^=(\n]{{0,80}}?\b{name}\b"
    r"|^\s*{name}\s*(?::[^=\n]+)?=(?!=)|^\s*(?:[\w<>\[\],*&]+\s+)+{name}\s*\()"
)
_PUT = regex(r"\b(?:put|when the (?:next|second|first)|comes? along|once there is)\b", re.IGNORECASE)
_CHANGES = regex(r"cd\s+([\w./-]+)\s*&&\s*")
_IN_FILE = regex(r"\s*\(?(?:is |are |lives |defined |implemented )?(?:in|from)\s+`([^`]+)`")


class Missing(NamedTuple):
    """Something that a line names and that is not there."""

    line: int
    what: str
    is_path: bool
    sure: bool
    """True when history proves that it was there once."""
    place: str = ""
    """Of a link, where it leads, from the top."""

    @property
    def target(self) -> str:
        """Return the path from the top."""
        return self.place or self.what.removeprefix("./")


def stale_findings(memories: Sequence[Memory]) -> Iterator[Finding]:
    """Yield each reference of some memories that leads nowhere, in the order of files and lines."""
    projects: dict[Path, Project] = {}
    found: list[tuple[Memory, Entry, Missing]] = []
    for memory in memories:
        if memory.root not in projects:
            projects[memory.root] = Project(memory.root)
        project = projects[memory.root]
        found += [(memory, entry, missing) for entry, missing in _of_memory(project, memory)]
    for root, project in projects.items():
        mine = [memory for memory in memories if memory.root == root]
        found += _symbols(project, mine)
    ignored = {
        root: ignored_by_git(
            root, sorted({one.target for memory, _, one in found if memory.root == root and one.is_path})
        )
        for root in projects
    }
    given: set[tuple[str, int, str]] = set()
    for memory, _, missing in found:
        key = memory.path, missing.line, missing.what.strip("./")
        if key in given or (missing.is_path and missing.target in ignored[memory.root]):
            continue
        given.add(key)
        yield _finding(projects[memory.root], memory, missing)


def _of_memory(project: Project, memory: Memory) -> Iterator[tuple[Entry, Missing]]:
    strict = _strictly(project, memory)
    if memory.entries:
        for line, folder in _globs(project, memory):
            yield memory.entries[0], Missing(line, folder, is_path=True, sure=True)
    for entry in memory.entries:
        past = any(tells_of_the_past(heading) for heading in entry.above)
        if not (entry.closed or entry.kind == "heading" or past):
            plainly = strict.get(entry.line, []) if project.is_project else []
            for missing in _of_entry(project, memory, entry, plainly):
                yield entry, missing


def _of_entry(project: Project, memory: Memory, entry: Entry, plainly: list[Missing]) -> Iterator[Missing]:
    """Yield what an entry names and is gone.

    Args:
        project: What it is about.
        memory: Where it stands.
        entry: The entry.
        plainly: What it plainly refers to and the tree does not hold.
    """
    beside = posixpath.dirname(memory.place)
    given: list[str] = []
    for line, reference in _placed(entry):
        missing = _gone(project, reference, beside, line)
        if missing is not None:
            given.append(missing.what)
            yield missing
    if entry.kind != "row" or len(list(spans(entry.text))) <= 1:  # other rows list where things may be
        for missing in plainly:
            if not any(missing.what.strip("./") in one or one.strip("./") in missing.what for one in given):
                yield missing
    for line, task in scripts_gone(project.tree, project.history, entry):
        yield Missing(line, task, is_path=False, sure=True)
    for line, option in _options(project, entry):
        yield Missing(line, option, is_path=False, sure=False)


def _globs(project: Project, memory: Memory) -> Iterator[tuple[int, str]]:
    """Yield the folders that the globs of an editor's rule begin with, and that are gone."""
    for number, line in enumerate(memory.lines[: front_matter_end(memory.lines)], 1):
        if re.match(r"\s*(?:globs|paths|applyTo)\s*:|\s*-\s", line):
            for folder in re.findall(r"(?<![\w*/.])((?:[\w.-]+/)*[\w.-]+)/(?:\*|$)", line):
                if project.history.once_held(folder) and folder not in project.tree.folders:
                    yield number, folder


def _placed(entry: Entry) -> Iterator[tuple[int, Reference]]:
    """Yield the references of an entry with the line that each stands on."""
    lines = entry.text.split("\n")
    for reference in references(entry.text, code=entry.kind == "code"):
        at = next((at for at, line in enumerate(lines) if reference.text in line), 0)
        yield min(entry.line + at, entry.end), reference


def _gone(project: Project, reference: Reference, beside: str, line: int) -> Missing | None:
    """Return a path that is referred to and gone; None for what is there, unknown, or no path."""
    if reference.gone or reference.kind in ("symbol", "option"):
        return None
    what = reference.what
    if reference.kind == "module":
        return _gone_module(project, reference, line)
    if reference.kind == "link":
        inside = posixpath.normpath(posixpath.join(beside, what))
        once = project.history.once_held(inside)
        held = project.holds(what, beside, once=once) or project.holds(inside, "", once=once)
        if inside.startswith("..") or held:
            return None
        return Missing(line, what, is_path=True, sure=once, place=inside)
    once = project.history.once_held(what)
    if project.holds(what, beside, once=once):
        return None
    if reference.kind == "name" and what.rpartition("/")[2] in project.tree.by_name:
        return None
    if once or (project.outside_git and project.has_its_like(what)):
        return Missing(line, what, is_path=True, sure=once)
    return None


def _gone_module(project: Project, reference: Reference, line: int) -> Missing | None:
    """Return a module of Python, named with dots, whose file was there once."""
    path = reference.what.replace(".", "/")
    if any(project.tree.holds(one) for one in (path, f"{path}.py", path.rpartition("/")[0] + ".py")):
        return None
    once = any(project.history.once_held(one) for one in (f"{path}.py", f"{path}/__init__.py"))
    return Missing(line, reference.text, is_path=False, sure=True) if once else None


def _strictly(project: Project, memory: Memory) -> dict[int, list[Missing]]:
    """Return what lines plainly refer to and the tree does not hold, by the line of the entry."""
    found: dict[int, list[Missing]] = {}
    for entry in memory.entries if memory.format != "markdown" else ():
        for line in read_text_lines(memory.place or memory.path, entry.text):
            found.setdefault(entry.line, []).extend(_plain(project, line, entry.line))
    if memory.format == "markdown":
        starts = {at: entry.line for entry in memory.entries for at in range(entry.line, entry.end + 1)}
        for line in memory.instructions:
            if line.line in starts:
                found.setdefault(starts[line.line], []).extend(_plain(project, line, line.line))
    return found


def _plain(project: Project, line: InstructionLine, number: int) -> Iterator[Missing]:
    words = prose_of(line.text)
    if tells_of_the_past(words) or in_another_tongue(words) or tells_of_the_past(line.heading):
        return
    if lies_elsewhere(line.text) or _PUT.search(words):
        return
    for what, is_path in (*missing_of(project.tree, line), *_behind_cd(project, line)):
        yield Missing(number, what, is_path=is_path, sure=False)


def _behind_cd(project: Project, line: InstructionLine) -> Iterator[tuple[str, bool]]:
    """Yield the tasks that are gone of commands behind a change of folder: ``cd web && npm run lint``."""
    for span in spans(line.text):
        match = _CHANGES.match(span.text)
        if match is not None and not line.forbidden:
            for words in parts(span.text[match.end() :]):
                yield from missing_of_command(project.tree, words, "", match.group(1))


def _options(project: Project, entry: Entry) -> Iterator[tuple[int, str]]:
    lines = entry.text.split("\n")
    for at, line in enumerate(lines):
        for option in missing_options(project.tree, line, code=entry.kind == "code"):
            yield min(entry.line + at, entry.end), option


def _symbols(project: Project, memories: Iterable[Memory]) -> Iterator[tuple[Memory, Entry, Missing]]:
    """Yield the names of code that are gone: once defined, as history tells, and used nowhere now."""
    named: list[tuple[Memory, Entry, int, Reference]] = []
    for memory in memories:
        for entry in memory.entries:
            if entry.closed or entry.kind in ("heading", "code"):
                continue
            named += [
                (memory, entry, line, reference)
                for line, reference in _placed(entry)
                if reference.kind in ("symbol", "option") and not reference.gone and _is_own(reference)
            ]
    words = list(dict.fromkeys(word for *_, one in named for word in _words(one)))[:MAX_SYMBOLS]
    used = used_now(project.root, words)
    if used is None:
        return
    removed = project.history.removed_lines([word for word in words if word not in used])
    for memory, entry, line, reference in named:
        wanted = _words(reference)
        if not used.isdisjoint(wanted):
            continue
        if reference.kind == "option":
            if any(word in text for word in wanted for text in removed):
                yield memory, entry, Missing(line, reference.text, is_path=False, sure=True)
            continue
        (name,) = wanted
        pattern = re.compile(_DEFINES.format(name=re.escape(name)))
        defined = any(name in text and pattern.search(text) for text in removed)
        if defined or _said_in(project, entry, reference):
            yield memory, entry, Missing(line, reference.text, is_path=False, sure=True)


def _is_own(reference: Reference) -> bool:
    """Tell whether an option is one of a program of the project's own, for all that is known."""
    return reference.kind == "symbol" or reference.what.rpartition("/")[2] not in PROGRAMS


def _words(reference: Reference) -> tuple[str, ...]:
    """Return what is looked for in code; an option is named with its dashes or, in quotes, without."""
    if reference.kind == "symbol":
        return (reference.what,)
    bare = reference.text.removeprefix("--")
    return reference.text, f'"{bare}"', f"'{bare}'"


def _said_in(project: Project, entry: Entry, reference: Reference) -> bool:
    """Tell whether the text says that a name is in a file which is there, and holds it no more."""
    _, found, behind = entry.flat.partition(f"`{reference.text}`")
    match = _IN_FILE.match(behind)
    if not reference.called or not found or match is None or match.group(1) not in project.tree.files:
        return False
    return bool((read_text(project.root, match.group(1)) or "").strip())


def _finding(project: Project, memory: Memory, missing: Missing) -> Finding:
    now = project.now(missing.target) if missing.is_path else None
    if now and not missing.what.endswith("/"):
        now = now.rstrip("/")
    do = (
        f"Write `{now}` instead."
        if now
        else "Name what took its place, or remove the reference."
        if missing.sure
        else "Correct it, or remove the reference."
    )
    state = "is no longer in this repository" if missing.sure else "is not there"
    return Finding(
        kind="stale", path=memory.path, line=missing.line, end=missing.line, text=quote(memory, missing.line),
        why=f"`{missing.what}` {state}.", do=do, what=missing.what, now=now,
    )  # fmt: skip
