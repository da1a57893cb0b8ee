"""Read trees and blobs of commits out of git's store, without a checkout and without fetching anything.

Many refs are read by a handful of processes, not one each: trees are read level by level.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, NamedTuple

from holdfast.repo import git

DEPTH = 32
"""Folders in folders that are entered."""
ENTRIES = 1_000_000
"""Files that are listed; what more there is is left out."""

_PIECE = 1 << 20
_BLOBS = ("100644", "100755", "100664")


class TreeFile(NamedTuple):
    """A file in a commit: the ref that was read, its path there, its blob."""

    ref: str
    path: str
    blob: str


class Listing(NamedTuple):
    """The files of some commits, the folders that this clone lacks, and the ids of all that it lacks."""

    files: list[TreeFile]
    missing: list[str]
    lacking: set[str]


def commits_of(repository: Path, name: str) -> dict[str, str]:
    """Return the commits that a name stands for, by ref: a commit, branch, tag, folder of refs or glob.

    A branch that only remotes have is found there.
    """
    if not name or name.startswith("-") or "\n" in name or "\0" in name:
        return {}
    if not any(mark in name for mark in "*?["):
        asked = ["rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}"]
        commit = git.run(asked, cwd=repository, check=False).decode("ascii", "replace").strip()
        if commit:
            return {name: commit}
    places = ("", "refs/", "refs/heads/", "refs/remotes/", "refs/remotes/*/", "refs/tags/")
    patterns = [place + name for place in places if (place + name).startswith("refs/")]
    form = "--format=%(refname)%00%(objecttype)%00%(objectname)%00%(*objectname)"
    out = git.run(["for-each-ref", form, *patterns], cwd=repository).decode("utf-8", "surrogateescape")
    found = {}
    for line in out.split("\n")[:-1]:  # a ref's name may hold what Unicode takes for the end of a line
        ref, kind, plain, peeled = line.split("\0")
        if kind == "commit" or peeled:
            found[ref] = peeled or plain
    return found


def list_files(repository: Path, commits: dict[str, str]) -> Listing:
    """Return the files of the commits of some refs. One commit under several refs is read once."""
    lacking = _lacking(repository, commits.values())
    width = len(next(iter(commits.values()), "")) // 2
    refs = {commit: ref for ref, commit in reversed(commits.items())}
    level = [(f"{commit}^{{tree}}", ref, "") for commit, ref in refs.items()]
    files: list[TreeFile] = []
    missing: list[str] = []
    seen: set[str] = set()
    for _ in range(DEPTH):
        here = [entry for entry in level if entry[0] not in lacking]
        missing += [f"{ref}:{path}" for tree, ref, path in level if tree in lacking]
        level = []
        for (_, ref, path), data in zip(here, _read(repository, [entry[0] for entry in here]), strict=True):
            if data is None:
                missing.append(f"{ref}:{path}")
                continue
            for mode, name, entry in _entries(data, width):
                if mode == "40000" and entry not in seen:
                    seen.add(entry)
                    level.append((entry, ref, f"{path}{name}/"))
                elif mode in _BLOBS and len(files) < ENTRIES:
                    files.append(TreeFile(ref, path + name, entry))
        if not level:
            break
    return Listing(files, missing, lacking)


def sizes_of(repository: Path, blobs: Iterable[str]) -> dict[str, int]:
    """Return the sizes of blobs, in bytes; those that this clone does not have are left out.

    Of a partial clone ask only for those not in `Listing.lacking`: git would stop at them.
    """
    kept = list(dict.fromkeys(blobs))
    asked = "".join(f"{blob}\n" for blob in kept).encode()
    found = {}
    with git.stream(["cat-file", "--batch-check"], cwd=repository, input=asked) as out:
        for blob in kept:
            header = out.readline().split()
            if len(header) == 3 and header[1] == b"blob":
                found[blob] = int(header[2])
    return found


def heads_of(repository: Path, blobs: Sequence[str], size: int) -> Iterator[tuple[str, bytes]]:
    """Give the first bytes of blobs that this clone has."""
    asked = "".join(f"{blob}\n" for blob in blobs).encode()
    if not blobs:
        return
    with git.stream(["cat-file", "--batch"], cwd=repository, input=asked) as out:
        for blob in blobs:
            length = _length(out)
            if length is None:
                continue
            head = b""
            for piece in _pieces(out, length):
                if len(head) < size:
                    head += piece
            yield blob, head[:size]


def contents_of(repository: Path, blobs: Sequence[str]) -> Iterator[bytes]:
    """Give blobs in pieces, one after the other as one log: a newline stands between two of them.

    Raises:
        OSError: This clone lacks one.
    """
    asked = "".join(f"{blob}\n" for blob in blobs).encode()
    last = b"\n"
    with git.stream(["cat-file", "--batch"], cwd=repository, input=asked) as out:
        for _ in blobs:
            length = _length(out)
            if length is None:
                raise OSError(0, "this clone does not have it")
            if last != b"\n":
                yield b"\n"
            for piece in _pieces(out, length):
                yield piece
                last = piece[-1:]


def _read(repository: Path, objects: Sequence[str]) -> Iterator[bytes | None]:
    if not objects:
        return
    asked = "".join(f"{name}\n" for name in objects).encode()
    with git.stream(["cat-file", "--batch"], cwd=repository, input=asked) as out:
        for _ in objects:
            yield git.read_object(out)


def _length(out: IO[bytes]) -> int | None:
    header = out.readline().split()
    return int(header[2]) if len(header) == 3 and header[2].isdigit() else None


def _pieces(out: IO[bytes], length: int) -> Iterator[bytes]:
    while length > 0 and (piece := out.read(min(_PIECE, length))):
        length -= len(piece)
        yield piece
    out.read(1)


def _entries(tree: bytes, width: int) -> Iterator[tuple[str, str, str]]:
    """Give mode, name and object of each entry of a tree: ``mode SP name NUL object``.

    Args:
        tree: The tree as git stores it.
        width: Bytes of an object's id.
    """
    at = 0
    while at < len(tree):
        space = tree.index(b" ", at)
        end = tree.index(b"\0", space)
        name = tree[space + 1 : end].decode("utf-8", "backslashreplace")
        yield tree[at:space].decode("ascii", "replace"), name, tree[end + 1 : end + 1 + width].hex()
        at = end + 1 + width


def _lacking(repository: Path, commits: Iterable[str]) -> set[str]:
    """Return the objects of commits that a partial clone was only promised; git would stop at them."""
    if not _is_partial(repository):
        return set()
    asked = "".join(f"{commit}\n" for commit in commits).encode()
    args = ["rev-list", "--objects", "--no-walk", "--missing=print", "--no-object-names", "--stdin"]
    out = git.run(args, cwd=repository, input=asked).decode("ascii", "replace")
    lacking = {line[1:] for line in out.splitlines() if line.startswith("?")}
    if not lacking:
        return lacking
    form = "--format=%H %T"
    trees = git.run(["log", "--no-walk", form, "--stdin"], cwd=repository, input=asked).decode("ascii")
    pairs = (line.split(" ") for line in trees.splitlines())
    return lacking | {f"{commit}^{{tree}}" for commit, tree in pairs if tree in lacking}


def _is_partial(repository: Path) -> bool:
    out = git.run(["config", "--get-regexp", r"^remote\..*\.promisor$"], cwd=repository, check=False)
    return bool(out.strip())
