"""Write the block where a set of agents reads it, and take out exactly what was written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from holdfast.connect import user_lock
from holdfast.connect.blocks import places, record, text
from holdfast.connect.blocks.record import Written
from holdfast.connect.blocks.text import Kind
from holdfast.connect.wiring.agents import AGENTS
from holdfast.errors import EnvironmentProblem, UsageError
from holdfast.repo import git, safe_read
from holdfast.repo.location import Repository

_WHAT = "three lines on how to ask what is known"


def write(repository: Repository, agents: Sequence[str], *, dry_run: bool = False) -> list[str]:
    """Write the block into the instruction files of these agents; doing it again changes nothing.

    A block that somebody changed is left, and named. What was written before and is not wanted now is taken
    out.

    Returns:
        Sentences: what was done, or would be.

    Raises:
        UsageError: The repository has no worktree.
        EnvironmentProblem: A file cannot be written; what was written until then is recorded.
    """
    root = _root(repository)
    with _alone(repository, dry_run=dry_run):
        known = record.read(repository)
        wanted = places.choose(root, agents)
        did = _take_out(
            known, [one for one in known if one.root == str(root) and one.path not in wanted], dry_run=dry_run
        )
        try:
            for path, (kind, readers) in wanted.items():
                did += _write_one(root, path, kind, readers, known, dry_run=dry_run)
        finally:
            if not dry_run:
                record.save(repository, known)
    return did


def remove(repository: Repository, *, dry_run: bool = False) -> list[str]:
    """Take out every block that `write` wrote from this clone, in all its worktrees; nothing else changes.

    Raises:
        EnvironmentProblem: A file cannot be written.
    """
    if not record.read(repository):
        return []
    with _alone(repository, dry_run=dry_run):
        known = record.read(repository)
        did = _take_out(known, list(known), dry_run=dry_run)
        if not dry_run:
            record.save(repository, known)
    return did


def _root(repository: Repository) -> Path:
    if repository.root is None:
        raise UsageError("A bare repository has no instructions to write into.", "Run it in a clone.")
    return repository.root


def _alone(repository: Repository, *, dry_run: bool) -> AbstractContextManager[None]:
    """Keep other processes from writing blocks at the same time."""
    if dry_run:
        return nullcontext()
    state = repository.ensure_state()
    return user_lock.held(state / "blocks.lock", guards=state / record.FILE)


def _write_one(
    root: Path, path: str, kind: Kind, readers: Iterable[str], known: list[Written], *, dry_run: bool
) -> list[str]:
    try:
        data = safe_read.read(root, path)
    except EnvironmentProblem as problem:
        return [f"Left {path} as it is: {_reason(problem, path)}."]
    if data is not None and (data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in data):
        return [f"Left {path} as it is: it is not plain text."]
    how = text.state(data or b"")
    if how in ("changed", "broken"):
        return [
            f"Left the block in {path} as it is: it is not as Holdfast wrote it. Remove it to have it anew."
        ]
    if how in ("newer", "current") and text.state(data or b"", kind) in ("newer", "current"):
        return []
    mine = Written(root=str(root), path=path, kind=kind)
    if how == "absent":
        head = places.HEADS.get(path, b"") if data is None else b""
        added = text.add(data if data is not None else head, kind)
        mine.before, mine.created, after = added.before.decode(), data is None, added.data
        if text.state(after) != "current":
            return [f"Left {path} as it is: its last code block is not closed."]
        mine.folders = _missing_folders(root, path)
    else:
        after = text.update(data or b"", kind)
        mine = next((one for one in known if (one.root, one.path) == (str(root), path)), mine)
        mine.kind = kind
    if not dry_run:
        if data is None:
            safe_read.create(root, path, after)
        else:
            safe_read.overwrite(root, path, after)
        known[:] = [one for one in known if (one.root, one.path) != (str(root), path)] + [mine]
    return [_told(path, kind, readers, created=data is None, updated=how != "absent", dry_run=dry_run)]


def _told(
    path: str, kind: Kind, readers: Iterable[str], *, created: bool, updated: bool, dry_run: bool
) -> str:
    names = [AGENTS[one].title if one in AGENTS else one for one in readers]
    told = " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
    what = "a line that brings in AGENTS.md" if kind == "import" else _WHAT
    verb = ("Would bring up to date" if dry_run else "Brought up to date") if updated else ""
    if not updated:
        verb = ("Would write" if dry_run else "Wrote") if created else ("Would add" if dry_run else "Added")
    done = (
        f"{verb} the block in {path}"
        if updated
        else (f"{verb} {path} with {what}" if created else f"{verb} {what} to {path}")
    )
    how = "; start it with `--read CONVENTIONS.md`" if path == places.CONVENTIONS else ""
    return f"{done}, for {told}{how}."


def _take_out(known: list[Written], gone: Sequence[Written], *, dry_run: bool) -> list[str]:
    """Take blocks out of their files and out of the record; return what was done."""
    did: list[str] = []
    for one in gone:
        did += _take_out_one(one, dry_run=dry_run)
        if not dry_run:
            known.remove(one)
    return did


def _take_out_one(one: Written, *, dry_run: bool) -> list[str]:
    root = Path(one.root)
    try:
        data = safe_read.read(root, one.path)
    except (EnvironmentProblem, OSError):
        return []
    how = text.state(data or b"")
    if data is None or how == "absent":
        return []
    if how in ("changed", "broken", "newer"):
        return [f"Left the block in {one.path}: it is not as Holdfast wrote it."]
    after = text.take_out(data, one.before.encode())
    empty = one.created and after == places.HEADS.get(one.path, b"")
    if not dry_run and empty:
        _remove_file(root, one)
    elif not dry_run:
        safe_read.overwrite(root, one.path, after)
    if empty:
        return [f"{'Would remove' if dry_run else 'Removed'} {one.path}, which held nothing else."]
    return [f"{'Would take' if dry_run else 'Took'} the block out of {one.path}."]


def _remove_file(root: Path, one: Written) -> None:
    try:
        (root / one.path).unlink(missing_ok=True)
    except OSError as error:
        raise git.disk_problem(error, f"Cannot remove {one.path}") from error
    for folder in one.folders:
        try:
            (root / folder).rmdir()
        except OSError:  # somebody else put something there
            break


def _missing_folders(root: Path, path: str) -> list[str]:
    parents = [str(one) for one in Path(path).parents][:-1]
    return [one for one in parents if not (root / one).exists()]


def _reason(problem: EnvironmentProblem, path: str) -> str:
    return problem.message.removeprefix(f"{path} is not read: ").rstrip(".")
