"""Keep our own objects packed, so that they never set off the user's `gc.auto`.

Each write leaves a few loose objects. git starts a collection when it guesses that there are more
than ``gc.auto`` of them (6,700 unless told otherwise). Ours are counted in local state and packed
when they come to a quarter of that: objects reachable from the records alone, then `prune-packed`,
which removes only loose copies of what a pack holds. `git gc` is never run.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import msgspec

from holdfast.errors import EnvironmentProblem
from holdfast.repo import chain
from holdfast.repo.location import Repository

AUTOMATIC = 6700
"""git's own default of ``gc.auto`` (git-config(1))."""

UNPACK_LIMIT = 100
"""git's own default of ``fastimport.unpackLimit`` (git-config(1))."""

_SHARE = 4
_MOST = 2000


class _Counted(msgspec.Struct):
    loose: int = 0
    packed: list[str] = []


def limit(settings: Mapping[str, str]) -> int | None:
    """Return how many loose objects of ours are left to lie; None when the user turned packing off."""
    automatic = _number(settings.get("gc.auto", ""), AUTOMATIC)
    return None if automatic <= 0 else max(1, min(_MOST, automatic // _SHARE))


def note(repository: Repository, tip: str, written: int, settings: Mapping[str, str]) -> bool:
    """Count ``written`` new objects and pack when it is time; returns whether it packed.

    A failure to pack is no failure to write: the count stays, and the next write tries again.
    """
    path = repository.state_dir / "loose.json"
    counted = _load(path)
    unpacked_below = _number(settings.get("transfer.unpacklimit", ""), UNPACK_LIMIT)
    unpacked_below = _number(settings.get("fastimport.unpacklimit", ""), unpacked_below)
    if written < unpacked_below:  # a bigger write stays the pack that fast-import made
        counted.loose += written
    most = limit(settings)
    packed = False
    try:
        if most is not None and counted.loose >= most:
            pack(repository, tip, counted.packed)
            counted = _Counted(0, [tip])
            packed = True
        path.write_bytes(msgspec.json.encode(counted))
    except (EnvironmentProblem, OSError):
        return False
    return packed


def pack(repository: Repository, tip: str, already: list[str]) -> None:
    """Pack what is reachable from ``tip`` and not from the commits packed ``already``.

    Raises:
        EnvironmentProblem: git could not write the pack; the loose objects stay as they are.
    """
    folder = Path(repository.git("rev-parse", "--git-path", "objects").decode().rstrip("\n"))
    folder = (repository.directory / folder).resolve()
    folder.joinpath("pack").mkdir(exist_ok=True)
    revisions = [tip, *(f"^{commit}" for commit in chain.present(repository, already))]
    repository.git(
        "pack-objects",
        "--revs",
        "--quiet",
        "--local",
        "--unpacked",
        "--non-empty",
        "--delta-base-offset",
        str(folder / "pack" / "pack"),
        input="".join(f"{revision}\n" for revision in revisions).encode(),
    )
    repository.git("prune-packed", "--quiet")


def _number(told: str, otherwise: int) -> int:
    """Return an integer as git writes it, ``k``, ``m`` or ``g`` after it."""
    found = re.fullmatch(r"\s*(-?\d+)([kmg]?)\s*", told.lower())
    if found is None:
        return otherwise
    return int(found[1]) << 10 * " kmg".index(found[2] or " ")


def _load(path: Path) -> _Counted:
    try:
        return msgspec.json.decode(path.read_bytes(), type=_Counted)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return _Counted()
