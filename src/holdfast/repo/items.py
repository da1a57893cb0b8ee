"""What a repository holds that could run, or reach an agent: the items a person is asked to trust.

Everything under ``.holdfast/`` counts, because a check may run what lies there. The sections of
``config.toml`` and ``goals.toml`` are items of their own, so that a change names the check it is in.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any, Literal

import msgspec

from holdfast.repo import bounded_toml, live_documents, safe_read
from holdfast.repo.location import Repository
from holdfast.repo.visible import visible_line

FOLDER = ".holdfast"
CONFIG = f"{FOLDER}/config.toml"
GOALS = f"{FOLDER}/goals.toml"
GUIDANCE = f"{FOLDER}/guidance"

Kind = Literal["config", "goals", "section", "guidance", "file", "refused"]

_COMMANDS = ("run", "command", "cmd", "exec", "measure")
_PLAIN_SECTIONS = frozenset({"brief"})


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that a person accepts or does not.

    Attributes:
        name: Its path, or the section of a file, such as ``checks.test``.
        path: The file it stands in.
        kind: ``refused`` is what is never read: a link, a device, a file too large.
        does: What trusting it would allow, in plain words.
        digest: SHA-256 of its bytes; of a refused item, of the reason.
        text: The file's text, for ``guidance`` and to show what changed; empty for a section.
    """

    name: str
    path: str
    kind: Kind
    does: str
    digest: str
    text: str = ""

    @property
    def key(self) -> str:
        """Return what tells it from every other item: two files may have a section of one name."""
        return f"{self.path}: {self.name}" if self.kind == "section" else self.name


def of_tree(repository: Repository) -> tuple[Item, ...]:
    """Return the items of a repository's worktree, in order of path; none in a bare repository.

    Raises:
        EnvironmentProblem: This user may not read the worktree.
    """
    if repository.root is None:
        return ()
    found: list[Item] = []
    for entry in safe_read.below(repository.root, FOLDER):
        found.extend(_items(entry))
    return tuple(found)


def documents(repository: Repository) -> tuple[str, ...]:
    """Return the user's own documents that would be quoted to agents as data, relative to the worktree."""
    if repository.root is None:
        return ()
    return live_documents.present(repository.root)


def _items(entry: safe_read.Found) -> Iterator[Item]:
    path = _printable(entry.path)
    if entry.data is None:
        told = _printable(entry.refused)
        yield Item(
            name=path, path=path, kind="refused", digest=_digest(told.encode()),
            does=f"is never read: it {visible_line(told)}",
        )  # fmt: skip
        return
    text = entry.data.decode("utf-8", "replace")
    kind, does = _kind(entry.path)
    yield Item(name=path, path=path, kind=kind, does=does, digest=_digest(entry.data), text=text)
    if kind in ("config", "goals"):
        yield from _sections(path, text, entry.data)


def _kind(path: str) -> tuple[Kind, str]:
    if path == CONFIG:
        return "config", "settings of this repository"
    if path == GOALS:
        return "goals", "goals of this repository"
    if path.startswith(f"{GUIDANCE}/") and path.endswith(".md"):
        return "guidance", "is told to agents, word for word"
    if path == f"{FOLDER}/guards.toml":
        return "file", "stops the calls of agents that fit its patterns, or replaces them as it says"
    return "file", "lies where a check could run it"


def _sections(path: str, text: str, data: bytes) -> Iterator[Item]:
    try:
        tables = bounded_toml.read(data.decode())
        told = [
            (_printable(name), _told(content), json.dumps(content, default=str))
            for section, value in tables.items()
            if section not in _PLAIN_SECTIONS
            for name, content in _parts(section, value)
        ]
    except (ValueError, RecursionError) as error:
        why = str(error) if isinstance(error, ValueError) else "it is nested too deeply"
        told = [(f"{path} (unreadable)", f"nothing: it cannot be read ({visible_line(why)})", text)]
    for name, does, content in told:
        digest = _digest(content.encode("utf-8", "replace"))
        yield Item(name=name, path=path, kind="section", does=does, digest=digest)


def _parts(section: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and value and all(isinstance(child, dict) for child in value.values()):
        yield from ((f"{section}.{name}", child) for name, child in value.items())
    elif isinstance(value, list) and value and all(isinstance(child, dict) for child in value):
        yield from ((f"{section}.{number}", child) for number, child in enumerate(value, 1))
    else:
        yield section, value


def _told(content: Any) -> str:
    """Say what a section would do: the commands it would run first, then every other value."""
    commands, others = [], []
    for name, value in _leaves("", content):
        written = visible_line(json.dumps(value, default=str, ensure_ascii=False))
        if name.rpartition(".")[2].split("[")[0] in _COMMANDS:
            commands.append(f"run {written}")
        else:
            others.append(f"{visible_line(name)} = {written}" if name else written)
    return "; ".join([*commands, *others]) or "nothing"


def _leaves(name: str, content: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(content, dict):
        for key, value in content.items():
            yield from _leaves(f"{name}.{key}" if name else str(key), value)
    else:
        yield name, content


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _printable(path: str) -> str:
    """Return a path as text that any output can hold: bytes that are not UTF-8 are written as escapes."""
    return path.encode("utf-8", "backslashreplace").decode()
