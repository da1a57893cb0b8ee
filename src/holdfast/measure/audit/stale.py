"""Find references to what a repository no longer holds: paths, links, names in code, commands and options.

A reference is stale when git's history once held it and the tree does not, or when the line plainly refers
to something that ought to be there (see `holdfast.measure.stale_lines`). What git ignores, what a line says
is gone or is made, and what lies elsewhere is left alone: an accusation that is wrong costs more than one
that is missing.
"""

from __future__ import annotations

import json
import posixpath
import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from holdfast.learn.instruction_commands import parts, prose_of, spans
from holdfast.learn.instructions import InstructionLine, read_text_lines
from holdfast.learn.prohibitions import in_another_tongue, tells_of_the_past
from holdfast.measure.audit.finding import Finding
from holdfast.measure.audit.history import History, used_now
from holdfast.measure.audit.memory import Entry, Memory
from holdfast.measure.audit.options import missing_options
from holdfast.measure.audit.quote import quote
from holdfast.measure.audit.references import Reference, lies_elsewhere, references
from holdfast.measure.project_tree import ProjectTree
from holdfast.measure.renamed_files import Renames
from holdfast.measure.stale_lines import ignored_by_git, missing_of, missing_of_command
from holdfast.repo.safe_read import read_text

MAX_SYMBOLS = 400
"""Names of code that one audit looks up."""

_NOTES = (".md", ".mdc", ".mdx", ".txt", ".json", ".jsonl", ".ndjson", ".markdown")
_DEFINES = (
    r"(?:\b(?:def|class|function|func|fn|struct|enum|trait|interface|type|const|let|var|val|module"
    r"|macro_rules!"
    r"|public|private|protected|static|async|export|object|record|protocol)\b[^=(\n]{{0,80}}?\b{name}\b"
    r"|^\s*{name}\s*(?::[^=\n]+)?=(?!=)|^\s*(?:[\w<>\[\],*&]+\s+)+{name}\s*\()"
)
_CHANGES = re.compile(r"cd\s+([\w./-]+)\s*&&\s*")
_IN_FILE = re.compile(r"\s*\(?(?:is |are |lives |defined |implemented )?(?:in|from)\s+`([^`]+)`")


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


class Project:
    """One repository or folder, and what is known of its past, asked for lazily and once."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.tree = ProjectTree(root)
        self.history = History(root)
        self.renames = Renames(root, self.tree)

    @cached_property
    def programs(self) -> frozenset[str]:
        """Return the programs that the project itself installs, by its pyproject.toml or package.json."""
        found: set[str] = set()
        for path in self.tree.by_name.get("pyproject.toml", [])[:20]:
            with suppress(ValueError, AttributeError, RecursionError):
                settings = tomllib.loads(read_text(self.root, path) or "")
                found.update(settings.get("project", {}).get("scripts", {}))
                found.update(settings.get("tool", {}).get("poetry", {}).get("scripts", {}))
        for path in self.tree.by_name.get("package.json", [])[:20]:
            with suppress(ValueError, AttributeError, RecursionError):
                package = json.loads(read_text(self.root, path) or "{}")
                programs = package.get("bin") or {}
                found.update([package.get("name", "")] if isinstance(programs, str) else programs)
        return frozenset(str(name) for name in found)

    @cached_property
    def is_project(self) -> bool:
        """Tell whether more than notes stands here: a folder of notes lacks all that they are about."""
        return any(not path.lower().endswith(_NOTES) for path in self.tree.files)


def stale_findings(memories: Sequence[Memory]) -> Iterator[Finding]:
    """Yield each reference of some memories that leads nowhere, in the order of files and lines."""
    projects: dict[Path, Project] = {}
    found: list[tuple[Memory, Entry, Missing]] = []
    for memory in memories:
        project = projects.setdefault(memory.root, Project(memory.root))
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
    beside = posixpath.dirname(memory.place)
    strict = _strictly(project, memory)
    for entry in memory.entries:
        if entry.closed or entry.kind == "heading":
            continue
        if any(tells_of_the_past(heading) for heading in entry.above):
            continue
        given: list[str] = []
        for line, reference in _placed(entry):
            missing = _gone(project, reference, beside, line)
            if missing is not None:
                given.append(missing.what)
                yield entry, missing
        plainly = strict.get(entry.line, ()) if project.is_project else ()
        if entry.kind == "row" and len(plainly) > 1:
            continue  # a row that lists where things may be
        for missing in plainly:
            if not any(missing.what.strip("./") in one or one.strip("./") in missing.what for one in given):
                yield entry, missing
        for line, option in _options(project, entry):
            yield entry, Missing(line, option, is_path=False, sure=False)


def _placed(entry: Entry) -> Iterator[tuple[int, Reference]]:
    """Yield the references of an entry with the line that each stands on."""
    if in_another_tongue(entry.text):
        return
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
        if inside.startswith("..") or project.tree.holds(what, beside) or project.tree.holds(inside):
            return None
        return Missing(line, what, is_path=True, sure=project.history.once_held(inside), place=inside)
    if project.tree.holds(what, beside) or not project.history.once_held(what):
        return None
    if reference.kind == "name" and what.rpartition("/")[2] in project.tree.by_name:
        return None
    return Missing(line, what, is_path=True, sure=True)


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
    if lies_elsewhere(line.text):
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
                if reference.kind in ("symbol", "option")
                and not reference.gone
                and (reference.kind == "symbol" or reference.what in project.programs)
            ]
    words = list(dict.fromkeys(_word(reference) for *_, reference in named))[:MAX_SYMBOLS]
    used = used_now(project.root, words)
    if used is None:
        return
    absent = [word for word in words if word not in used]
    removed = project.history.removed_lines(absent)
    for memory, entry, line, reference in named:
        name = _word(reference)
        if name in used or name not in absent:
            continue
        if reference.kind == "option":
            if any(name in text for text in removed):
                yield memory, entry, Missing(line, name, is_path=False, sure=True)
            continue
        pattern = re.compile(_DEFINES.format(name=re.escape(name)))
        if any(name in text and pattern.search(text) for text in removed) or _said_in(
            project, entry, reference
        ):
            yield memory, entry, Missing(line, reference.text, is_path=False, sure=True)


def _word(reference: Reference) -> str:
    """Return what is looked for in code."""
    return reference.text if reference.kind == "option" else reference.what


def _said_in(project: Project, entry: Entry, reference: Reference) -> bool:
    """Tell whether the text says that a name is in a file which is there, and holds it no more."""
    _, found, behind = entry.flat.partition(f"`{reference.text}`")
    match = _IN_FILE.match(behind)
    if not reference.called or not found or match is None or match.group(1) not in project.tree.files:
        return False
    return bool((read_text(project.root, match.group(1)) or "").strip())


def _finding(project: Project, memory: Memory, missing: Missing) -> Finding:
    now = project.renames.of(missing.target) if missing.is_path else None
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
