"""The chain of commits that is the ledger: which paths it may hold, and how it is walked."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime
from typing import IO, NamedTuple

from holdfast.errors import RecordsError
from holdfast.hook.patterns import regex
from holdfast.repo import git
from holdfast.repo.location import Repository

FOLDERS = ("events", "issues", "learnings", "receipts", "segments")
"""The folders a records branch has at its top, and nothing else."""

FILE_MODE = "100644"
"""The one mode of a record: no link, no program, no submodule."""

_LONGEST_PATH = 400
# A folder's name has no dot and a file's name ends in its format, so no file can ever stand where
# a folder must, and nothing can be called .git or begin with a dash.
_PATH = regex(
    r"(?:events|issues|learnings|receipts|segments)"
    r"(?:/[A-Za-z0-9][A-Za-z0-9_-]{0,199}){1,4}"
    r"/[A-Za-z0-9][A-Za-z0-9._-]{0,199}\.(?:md|json)\Z"
)
_HEADER = "--format=%H%n%P%n%ae%n%at%n%B"
_CHUNK = 1 << 16


class Change(NamedTuple):
    """One file that a commit touched, as compared with one parent."""

    status: str
    """``A`` added, ``M`` changed, ``D`` deleted, ``T`` changed in kind."""
    mode: str
    blob: str
    path: str
    old: str
    """The blob before; zeros when the file was not there."""


class Step(NamedTuple):
    """One commit of the chain, with what it did as compared with one of its parents."""

    commit: str
    parents: tuple[str, ...]
    email: str
    day: str
    message: str
    changes: tuple[Change, ...]

    @property
    def subject(self) -> str:
        """Return the first line of the message."""
        return self.message.partition("\n")[0]


def allowed(path: str) -> bool:
    """Tell whether a record may stand at ``path``: relative, in a known folder, plain names only."""
    return len(path) <= _LONGEST_PATH and _PATH.match(path) is not None


def walk(
    repository: Repository,
    tips: Iterable[str],
    since: Collection[str] = (),
    *,
    each_parent: bool = False,
    subject: str = "",
) -> Iterator[Step]:
    """Yield the commits reachable from ``tips`` but not from ``since``, parents before children.

    A merge comes once without changes; with ``each_parent`` it comes once for every parent, in
    their order, with its changes against that parent. With ``subject`` only commits whose message
    holds those words come. Commits of ``since`` that are gone are ignored.

    Raises:
        GitError: A tip is missing or the history is damaged.
    """
    wanted = [*dict.fromkeys(tips)]
    if not wanted:
        return
    asked = [*wanted, *(f"^{commit}" for commit in present(repository, since))]
    args = ["log", "--stdin", "--topo-order", "--reverse", "--raw", "-z", "--root", "--no-abbrev"]
    args += ["--no-renames", "--no-relative", "-O/dev/null", "--ignore-submodules=none", "--no-mailmap"]
    args += ["--no-notes", "--no-decorate", "--no-color", "--encoding=UTF-8", _HEADER]
    args += ["--diff-merges=separate" if each_parent else "--no-diff-merges"]
    args += ["--fixed-strings", f"--grep={subject}"] if subject else []
    lines = "".join(f"{line}\n" for line in asked).encode()
    with git.stream(args, cwd=repository.directory, input=lines) as out:
        yield from _steps(out)


def present(repository: Repository, commits: Collection[str]) -> list[str]:
    """Return those of ``commits`` that this repository still has."""
    if not commits:
        return []
    asked = "".join(f"{commit}\n" for commit in commits).encode()
    out = repository.git("cat-file", "--batch-check", input=asked).decode("utf-8", "replace")
    return [line.split()[0] for line in out.splitlines() if line.split()[1:2] == ["commit"]]


def raw_commits(repository: Repository, tip: str, since: Collection[str] = ()) -> dict[str, bytes]:
    """Return every commit of a chain as git stores it, but those reachable from ``since``."""
    known = [f"^{commit}" for commit in present(repository, since)]
    names = repository.git("rev-list", "--topo-order", "--reverse", tip, *known).decode("ascii").split()
    asked = "".join(f"{name}\n" for name in names).encode()
    with git.stream(["cat-file", "--batch"], cwd=repository.directory, input=asked) as out:
        return {name: git.read_object(out) or b"" for name in names}


def lacking(repository: Repository, tips: Iterable[str]) -> set[str]:
    """Return the objects of ``tips`` that a partial clone was only promised; fetches nothing."""
    asked = "".join(f"{tip}\n" for tip in tips).encode()
    args = ["rev-list", "--objects", "--missing=print", "--no-object-names", "--stdin"]
    out = repository.git(*args, input=asked).decode("ascii")
    return {line[1:] for line in out.splitlines() if line.startswith("?")}


def files(repository: Repository, tree: str) -> dict[str, tuple[str, str]]:
    """Return mode and blob of every file in a commit or tree, by path."""
    out = repository.git("ls-tree", "-r", "-z", "--full-tree", tree)
    found: dict[str, tuple[str, str]] = {}
    for entry in out.split(b"\0")[:-1]:
        meta, _, path = entry.partition(b"\t")
        mode, _, blob = meta.decode("ascii").split(" ")
        found[_text(path)] = (mode, blob)
    return found


def contains(repository: Repository, tip: str, ancestor: str) -> bool:
    """Tell whether ``ancestor`` is in the history of ``tip``."""
    return tip == ancestor or git.succeeds(
        ["merge-base", "--is-ancestor", ancestor, tip], cwd=repository.directory
    )


def within(repository: Repository, commits: Collection[str], tips: Collection[str]) -> bool:
    """Tell whether every one of ``commits`` is in the history of one of ``tips``."""
    if set(commits) <= set(tips):
        return True
    if len(present(repository, commits)) < len(set(commits)):
        return False
    lines = "".join(f"{commit}\n" for commit in commits) + "".join(f"^{tip}\n" for tip in tips)
    return not repository.git("rev-list", "--stdin", "--max-count=1", input=lines.encode()).strip()


def day_of(seconds: int) -> str:
    """Return the UTC day of a commit's time as ``YYYY-MM-DD``; out of range is the epoch's."""
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d")
    except (ValueError, OverflowError, OSError):
        return "1970-01-01"


def check_tree(repository: Repository, tip: str) -> None:
    """Check that a tip holds records and nothing else.

    Raises:
        RecordsError: It holds something that no record is; the message names it.
    """
    for path, (mode, _) in files(repository, tip).items():
        if mode != FILE_MODE or not allowed(path):
            raise RecordsError(
                f"{tip[:12]} is not a tip of records: it holds {path!r} (mode {mode}).",
                "Look at that branch. A newer Holdfast may have written it: upgrade, then try again.",
            )


def union(repository: Repository, tips: list[str]) -> dict[str, str]:
    """Return what the later tips add to the first: blobs by path.

    Raises:
        RecordsError: Two tips hold different bytes at one path.
    """
    first, *others = (files(repository, tip) for tip in tips)
    added: dict[str, str] = {}
    for other in others:
        for path, (_, blob) in other.items():
            held = first[path][1] if path in first else added.setdefault(path, blob)
            if held != blob:
                raise conflict(path, "the other side")
    return added


def conflict(path: str, where: str) -> RecordsError:
    """Return the error for one path with two contents."""
    return RecordsError(
        f"{path} is there with other bytes on {where}: records are written once.",
        "Give the new record an id of its own; say what changed by an event.",
    )


def names(tree: bytes, width: int = 20) -> list[str]:
    """Return the names in a raw tree object: ``mode name NUL id``, the id in ``width`` bytes."""
    found = []
    while tree:
        head, _, rest = tree.partition(b"\0")
        found.append(head.partition(b" ")[2].decode("utf-8", "replace"))
        tree = rest[width:]
    return found


def _steps(out: IO[bytes]) -> Iterator[Step]:
    header: list[str] | None = None
    changes: list[Change] = []
    meta: list[str] | None = None
    for token in _tokens(out):
        if meta is not None:
            changes.append(Change(meta[4], meta[1], meta[3], _text(token), meta[2]))
            meta = None
        elif token.lstrip(b"\n").startswith(b":"):
            meta = token.lstrip(b"\n")[1:].decode("ascii").split(" ")
        else:
            if header is not None:
                yield _step(header, changes)
            header, changes = _text(token).lstrip("\n").split("\n"), []
    if header is not None:
        yield _step(header, changes)


def _step(header: list[str], changes: list[Change]) -> Step:
    commit, parents, email, seconds, *message = header
    day = day_of(int(seconds)) if seconds.lstrip("-").isdigit() else day_of(0)
    return Step(commit, tuple(parents.split()), email, day, "\n".join(message).rstrip("\n"), tuple(changes))


def _tokens(out: IO[bytes]) -> Iterator[bytes]:
    rest = b""
    while chunk := out.read(_CHUNK):
        *whole, rest = (rest + chunk).split(b"\0")
        yield from whole
    if rest.strip():
        yield rest


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")
