"""Where each agent keeps its logs, and how a log's place tells the directory that its session worked in.

Every place is the agent's own default or what its own environment variable says. The facts were read off
the programs: Claude Code 2.1, Codex 0.169, Gemini CLI 0.61, Qwen Code 0.15, Copilot CLI 1.0, OpenCode 1.18,
Pi, aider 0.86, mini-swe-agent 2.4.
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from holdfast.errors import HoldfastError
from holdfast.repo import git
from holdfast.transcripts.origin import DatabaseOrigin, FileOrigin
from holdfast.transcripts.readers import HEAD, find_reader
from holdfast.transcripts.search import Found, Search
from holdfast.transcripts.values import some_text, table
from holdfast.transcripts.walking import File, Skipped, Walk, head_of

NAME_LIMIT = 200
"""Characters of a project directory's name that Claude Code keeps of a long path."""

_SETTINGS_LIMIT = 4 * 1024 * 1024


Finder = Callable[[Search, list[Skipped]], Iterator[Found]]


def claude_code(search: Search, told: list[Skipped]) -> Iterator[Found]:
    """Find Claude Code's: ``projects/<directory's name>/<session>.jsonl`` and its subagents' below."""
    place, walk = search.place("CLAUDE_CONFIG_DIR", ".claude")
    yield from _projects("claude-code", place / "projects", walk, search)
    told += walk.told
    if search.named("CLAUDE_CONFIG_DIR") is None:  # where some versions kept them
        place, walk = search.place("XDG_CONFIG_HOME", ".config")
        yield from _projects("claude-code", place / "claude" / "projects", walk, search)
        told += walk.told


def codex(search: Search, told: list[Skipped]) -> Iterator[Found]:
    """Find Codex's: ``sessions/YYYY/MM/DD/rollout-….jsonl``, and archived ones."""
    place, walk = search.place("CODEX_HOME", ".codex")
    for name in ("sessions", "archived_sessions"):
        files = walk.files(place / name, lambda name: name.startswith("rollout-") and name.endswith(".jsonl"))
        yield from _logs("codex", walk.newest(files), search)
    told += walk.told


def gemini(search: Search, told: list[Skipped]) -> Iterator[Found]:
    """Find Gemini CLI's: ``tmp/<project>/chats/…``, where the project's folder tells its directory."""
    base, walk = search.place("GEMINI_CLI_HOME", "")
    yield from _chats("gemini-cli", base / ".gemini", walk, search)
    told += walk.told


def qwen(search: Search, told: list[Skipped]) -> Iterator[Found]:
    """Find Qwen Code's: ``projects/<directory's name>/chats/…``; older versions kept Gemini's layout."""
    variable = "QWEN_RUNTIME_DIR" if search.named("QWEN_RUNTIME_DIR") else "QWEN_HOME"
    place, walk = search.place(variable, ".qwen")
    yield from _projects("qwen-code", place / "projects", walk, search)
    yield from _chats("qwen-code", place, walk, search)
    told += walk.told


def copilot(search: Search, told: list[Skipped]) -> Iterator[Found]:
    """Find Copilot CLI's: ``session-state/<id>/events.jsonl``; older ones flat, or as history."""
    place, walk = search.place("COPILOT_HOME", ".copilot")
    files = walk.files(place / "session-state", lambda name: name.endswith(".jsonl"), depth=1)
    yield from _logs("copilot-cli", walk.newest(files), search)
    old = walk.files(
        place / "history-session-state", lambda name: name.endswith((".json", ".jsonl")), depth=1
    )
    yield from _logs("copilot-cli", _readable(walk.newest(old)), search)
    told += walk.told


def opencode(search: Search, told: list[Skipped]) -> Iterator[Found]:
    """Find OpenCode's: sessions in ``opencode.db``, or in the database of another release channel."""
    place, walk = search.place("XDG_DATA_HOME", ".local", "share")
    data = place / "opencode"
    files = list(walk.files(data, lambda name: name.startswith("opencode") and name.endswith(".db"), depth=0))
    named = search.settings.get("OPENCODE_DB")
    if named and named != ":memory:":
        files += (
            walk.file(data / named) if not Path(named).is_absolute() else Walk(Path("/")).file(Path(named))
        )
    for path in dict.fromkeys(file.path for file in files):
        try:
            found = [
                origin
                for origin in sessions_in(path)
                if search.everywhere or search.concerns(origin.directory)
            ]
        except (HoldfastError, OSError) as problem:
            told.append(Skipped(str(path), reason_of(problem, path)))
            continue
        yield from (Found(origin, "opencode", origin.size, origin.mtime) for origin in found)
    told += walk.told


def pi(search: Search, told: list[Skipped]) -> Iterator[Found]:
    """Find Pi's: ``sessions/--<directory's name>--/….jsonl``; Oh My Pi keeps the same under its own name."""
    if search.named("PI_CODING_AGENT_SESSION_DIR"):
        own, inside = search.place("PI_CODING_AGENT_SESSION_DIR")
    else:
        agent, inside = search.place("PI_CODING_AGENT_DIR", ".pi", "agent")
        own = agent / "sessions"
    for directory, walk in ((own, inside), search.place("", ".omp", "agent", "sessions")):
        files = walk.files(directory, lambda name: name.endswith(".jsonl"), depth=2)
        yield from _logs("pi", walk.newest(files), search)
        told += walk.told


def mini_swe_agent(search: Search, told: list[Skipped]) -> Iterator[Found]:
    """Find mini-swe-agent's: trajectories in its folder of settings."""
    config = ("Library", "Application Support") if sys.platform == "darwin" else (".config",)
    named = search.named("MSWEA_GLOBAL_CONFIG_DIR")
    place, walk = search.place("MSWEA_GLOBAL_CONFIG_DIR" if named else "XDG_CONFIG_HOME", *config)
    folder = place if named else place / "mini-swe-agent"
    files = walk.files(folder, lambda name: name.endswith(".traj.json"), depth=2)
    yield from _logs("mini-swe-agent", walk.newest(files), search)
    told += walk.told


def in_repository(search: Search, told: list[Skipped]) -> Iterator[Found]:
    """Find what agents keep in the repository itself: aider's history, and SpecStory's.

    What git tracks may have come with a clone, written by anybody: it is read when it is named.
    """
    named = search.settings.get("AIDER_CHAT_HISTORY_FILE") or ".aider.chat.history.md"
    for root in dict.fromkeys(Path(root).resolve() for root in search.roots):
        walk = Walk(root)
        folder = root / ".specstory" / "history"
        files = [(file, "aider") for file in walk.file(root / named)]
        markdown = walk.files(folder, lambda name: name.endswith(".md"), depth=2)
        files += [(file, "specstory") for file in _readable(walk.newest(markdown))]
        tracked = _tracked(root, (named, ".specstory"), {file.path for file, _ in files})
        for file, agent in files:
            if file.path not in tracked:
                yield Found(FileOrigin(file.path, str(root)), agent, file.size, file.mtime)
        told += walk.told
        for path in sorted({folder if folder in path.parents else path for path in tracked}):
            reason = "tracked by git, so anybody may have written it; read when named: holdfast ingest PATH"
            told.append(Skipped(str(path), reason))


FINDERS: tuple[Finder, ...] = (
    claude_code, codex, gemini, qwen, copilot, opencode, pi, mini_swe_agent, in_repository,
)  # fmt: skip
"""One for each agent whose logs are looked for."""


def project_directory_name(directory: str) -> str:
    """Return the name that Claude Code and Qwen Code give to the log directory of a working directory."""
    return re.sub(r"[^A-Za-z0-9]", "-", directory)


def sessions_in(path: Path) -> list[DatabaseOrigin]:
    """Return the sessions of an agent's database.

    Raises:
        HoldfastError: It is no agent's, or cannot be read.
    """
    from holdfast.transcripts import opencode_database

    return [
        DatabaseOrigin(path, session, size, updated, directory or None)
        for session, directory, updated, size in opencode_database.sessions(path)
    ]


def reason_of(problem: Exception, path: Path) -> str:
    """Return why a file could not be read, without its path."""
    said = problem.message if isinstance(problem, HoldfastError) else str(problem)
    return said.removeprefix("cannot read ").removeprefix(str(path)).lstrip(": ")


def directory_beside(path: Path) -> str | None:
    """Return the working directory of a log that does not name it, as its place tells it."""
    if path.name == ".aider.chat.history.md":
        return str(path.absolute().parent)
    parts = path.absolute().parts
    if ".specstory" in parts[-4:-1]:
        return str(Path(*parts[: parts.index(".specstory")]))
    if "chats" in parts[-3:-1]:
        return _marked(Path(*parts[: len(parts) - 1 - parts[::-1].index("chats")]))
    return None


def _projects(agent: str, place: Path, walk: Walk, search: Search) -> Iterator[Found]:
    names = [project_directory_name(root)[:NAME_LIMIT] for root in search.roots]
    for directory in walk.folders(place):
        name = directory.name[:NAME_LIMIT]
        exact = name in names
        if not search.everywhere and not exact and not any(name.startswith(f"{own}-") for own in names):
            continue
        files = walk.files(directory, lambda name: name.endswith(".jsonl"))
        yield from _logs(agent, walk.newest(files), search, unknown=exact)


def _chats(agent: str, base: Path, walk: Walk, search: Search) -> Iterator[Found]:
    """Give the logs below ``tmp/<project>/chats``.

    The project's folder is named by the SHA-256 of its directory, or by a short name that
    ``projects.json`` and the file ``.project_root`` in it explain.
    """
    known = {
        hashlib.sha256(root.encode("utf-8", "surrogateescape")).hexdigest(): root for root in search.roots
    }
    listed = table(_json_of(base / "projects.json").get("projects"))
    known.update({slug: path for path, slug in listed.items() if isinstance(slug, str)})
    for folder in walk.folders(base / "tmp"):
        directory = _marked(folder) or known.get(folder.name)
        if not search.everywhere and not search.concerns(directory):
            continue
        files = walk.files(folder / "chats", lambda name: name.endswith((".json", ".jsonl")), depth=2)
        for file in walk.newest(files):
            yield Found(FileOrigin(file.path, directory), agent, file.size, file.mtime)


def _logs(agent: str, files: list[File], search: Search, *, unknown: bool = False) -> Iterator[Found]:
    for file in files:
        if search.wants(file.path, unknown=unknown):
            yield Found(FileOrigin(file.path), agent, file.size, file.mtime)


def _tracked(root: Path, places: tuple[str, ...], paths: set[Path]) -> set[Path]:
    """Return those of some files that git tracks in a worktree; all of them when git cannot tell.

    A file is tracked, too, where a link or a submodule is that it lies in, and under a name that a file
    system may take for its own.
    """
    inside = [(root / place).relative_to(root) for place in places if (root / place).is_relative_to(root)]
    if not paths or not (root / ".git").exists():
        return set()
    try:
        asked = (f":(icase,literal){place.as_posix()}" for place in inside)
        out = git.run(["ls-files", "-z", "--", *asked], cwd=root)
    except HoldfastError:
        return paths
    names = {os.fsdecode(name).casefold() for name in out.split(b"\0") if name}
    return {path for path in paths if path.is_relative_to(root) and _is_named(path.relative_to(root), names)}


def _is_named(path: Path, names: set[str]) -> bool:
    return not names.isdisjoint(place.as_posix().casefold() for place in (path, *path.parents))


def _readable(files: list[File]) -> list[File]:
    return [file for file in files if find_reader(head_of(file.path, HEAD))[0] is not None]


def _marked(folder: Path) -> str | None:
    """Return the directory that a project's folder of Gemini CLI says it belongs to."""
    root = head_of(folder / ".project_root", 4096).decode("utf-8", "replace").strip()
    return some_text(root)


def _json_of(path: Path) -> dict[str, Any]:
    try:
        return table(msgspec.json.decode(head_of(path, _SETTINGS_LIMIT)))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return {}
