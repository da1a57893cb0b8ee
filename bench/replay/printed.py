"""Print the scores: one policy a line, n and interval beside each value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bench.replay.scores import FEW


def show(scores: dict[str, Any], tracks: Sequence[str]) -> None:
    """Print the scores of a replay."""
    print(f"{scores['sessions']} sessions of the {scores['gold']['part']} part")
    print("each: value [95 % over sessions] [over repositories] n; Δ: the product less that policy")
    for track in (*(one for one in tracks if one != "brief"), "net"):
        for name, what in scores.get(track, {}).items():
            print(f"\n{track.upper()} {name}, the policy alone")
            _one(what)
    if "shipped" in scores:
        print("\nAS SHIPPED: what the texts themselves tell")
        for name, what in scores["shipped"].items():
            print(f"  {name:20} {_told(what)}")
    print("\nSECONDS of the product")
    for name, told in scores["seconds"].items():
        print(f"  {name:20} p50 {told['p50']:.4f}  p95 {told['p95']:.4f}  sum {told['sum']}  n {told['n']}")


def _one(what: Any) -> None:
    if isinstance(what, dict) and "of" in what:
        for name, value in what["of"].items():
            less = what["difference to"].get(name)
            print(f"  {name:20} {_told(value)}" + (f"   Δ {_short(less)}" if less else ""))
        if len(what["by repository"]) > 1:
            for repo, value in what["by repository"].items():
                print(f"    of that {repo}: {_told(value)}")
    elif isinstance(what, dict) and "skill" in what:
        print(f"  {_told(what)}")
        for mean, seen, n in what["bins"]:
            print(f"    told {mean:.3f}  came true {seen:.3f}  n {n}")
    elif isinstance(what, dict) and not _is_plain(what):
        for name, value in what.items():
            print(f"  {name:20} {_told(value)}")
    else:
        print(f"  {_told(what)}")


def _is_plain(what: dict[str, Any]) -> bool:
    return "interval" in what or "median" in what


def _told(what: Any) -> str:
    if not isinstance(what, dict):
        return str(what)
    if "interval" in what:
        wide = what["over repositories"]
        few = "  too few to claim" if what["n"] < FEW else ""
        return f"{_short(what)} [{_number(wide[0])}, {_number(wide[1])}] n {what['n']}{few}"
    if "median" in what:
        return f"median {what['median']:g}, p90 {what['p90']:g}, most {what['most']:g}, n {what['n']}"
    if "skill" in what:
        text = f"Brier {what['brier']:.4f}, base rate {what['base']:.4f}"
        return f"{text}, skill {what['skill']:+.3f}, n {what['n']}"
    return "   ".join(f"e {e}: {_short(value)}" for e, value in what.items())


def _short(one: dict[str, Any]) -> str:
    low, high = one["interval"]
    return f"{_number(one['value'])} [{_number(low)}, {_number(high)}]"


def _number(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f}" if abs(value) >= 10 else f"{value:.3f}"
