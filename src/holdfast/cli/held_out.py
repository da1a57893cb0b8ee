"""``holdfast ingest --hold-out``: which share is left untold, to measure what telling agents does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from holdfast.cli.output import emit, wrapped

if TYPE_CHECKING:
    from holdfast.evidence.holdouts import Arm, HeldOut


def choose_share(directory: Path | None, share: str, as_json: bool) -> int:
    """Choose which share is left untold, and say what that means."""
    from holdfast.cli.opening import open_view
    from holdfast.errors import UsageError
    from holdfast.evidence.holdouts import HeldOut, held_out
    from holdfast.hook.assignment import HIGHEST
    from holdfast.recall.publish import publish
    from holdfast.repo import config

    try:
        chosen = 0.0 if share == "off" else _share(share)
    except ValueError:
        chosen = -1.0
    if not 0 <= chosen <= HIGHEST:
        raise UsageError(f"{share!r} is no share that can be left untold.", f"Give 0 to {HIGHEST}, or `off`.")
    with open_view(directory or ".") as view:
        config.choose(view.repository, hold_out=chosen)
        told = held_out(view.repository, view.told_in_sessions()) or HeldOut(share=0.0)
        publish(view)
    emit(told, "holdfast.ingest-hold-out/1", as_json, lambda told: lines(told, chosen))
    return 0


def lines(told: HeldOut, chosen: float) -> Iterator[str]:
    """Yield what is held out, and what was counted so far."""
    if told.share:
        yield wrapped(
            f"Hold-outs: {told.share:.0%} of hazards and warnings are left untold, to measure what telling "
            "does. End it: `holdfast ingest --hold-out off`",
            first="",
        )
    elif chosen:
        yield wrapped(
            f"Chosen: {chosen:.0%}. Nothing is held out yet: that begins with level knowledge, "
            "`holdfast init --level knowledge`.",
            first="",
        )
    else:
        yield "Nothing is held out."
    if told.told.units or told.withheld.units:
        yield wrapped(f"So far {_arm(told.told, 'told')}; {_arm(told.withheld, 'left untold')}.")


def _share(text: str) -> float:
    return float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)


def _arm(arm: Arm, how: str) -> str:
    return f"{arm.units:,} {how}, of which {arm.met:,} occurred all the same"
