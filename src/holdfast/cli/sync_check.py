"""``holdfast sync --check``: whether the block in the agents' instructions is as Holdfast writes it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from holdfast.cli.output import bad, count, emit, good, plain, strong, wrapped

if TYPE_CHECKING:
    from holdfast.connect.blocks import Checked
    from holdfast.repo.location import Repository


def run(repository: Repository, as_json: bool, *, others: bool) -> int:
    """Print how the blocks of a repository stand; 1 when one is not as it should be. Nothing is written."""
    from holdfast.connect.blocks import check
    from holdfast.errors import UsageError

    if others:
        raise UsageError(
            "`--check` looks at files of this repository alone.", "Leave out the remote and --preview."
        )
    found, again = check(repository), _again(repository)
    emit(found, "holdfast.sync-check/1", as_json, lambda found: _lines(found, again))
    return 0 if found.ok else 1


def _again(repository: Repository) -> str:
    """Return the command that writes the blocks; it takes nobody to a lower level."""
    from holdfast.connect import levels
    from holdfast.repo import config

    chosen = config.settings(repository)
    writes = chosen is not None and "blocks" in levels.parts(chosen.level)
    return "holdfast init" if writes else "holdfast init --level knowledge"


def _lines(found: Checked, again: str) -> Iterator[str]:
    if not found.blocks:
        yield "No block is written here, and none is expected."
        yield wrapped(f"`{again}` writes one where your agents read it.")
        return
    wrong = 0
    for one in found.blocks:
        is_good = one.how in ("current", "newer")
        wrong += not is_good
        how = good(one.how) if is_good else bad(one.how)
        yield f"{plain(one.path)}: {how}" + (f", {plain(one.why)}" if one.why else "")
    if not wrong:
        return
    yield ""
    if any(one.how in ("changed", "broken") for one in found.blocks):
        say = "What somebody changed is never replaced. Take it out first, from `<!-- holdfast` to "
        yield wrapped(f"{say}`<!-- /holdfast -->`.", first="")
    yield f"To mend {count(wrong, 'file')}: {strong(again)}"
