"""What a command is run for, whichever way it is called, and how sure a share of its runs is."""

from __future__ import annotations

import math
import re

import msgspec

_START = r"(?:^|[ :._/-])"
_PURPOSES = {
    "test": re.compile(
        _START + r"(?:tests?|pytest|vitest|jest|mocha|ava|rspec|phpunit|ctest|nextest|unittest|nox)\b"
    ),
    "lint": re.compile(
        _START + r"(?:lint|eslint|ruff|biome|golangci-lint|flake8|pylint|clippy|oxlint|shellcheck)\b"
    ),
    "check types": re.compile(_START + r"(?:typecheck|type-check|tsc|mypy|pyright|check-types)\b"),
    "format": re.compile(_START + r"(?:fmt|format|prettier|black|gofmt|gofumpt|rustfmt)\b"),
    "build": re.compile(_START + r"(?:build|compile)\b"),
    "install": re.compile(
        r"^(?:npm|pnpm|yarn|bun|pip3?|uv|poetry|pdm|bundle|composer|python -m pip)(?: pip)? "
        r"(?:install|ci|sync)\b"
    ),
}
_SCOPE = re.compile(r"\btests?[:._-]([a-z][\w-]*)")


class Interval(msgspec.Struct, frozen=True):
    """The 95 % interval of a share (Wilson 1927)."""

    low: float
    high: float


def purpose_of(family: str) -> str:
    """Return what a command family is for (``test``, ``test integration``, ``lint`` …), or ""."""
    for purpose, pattern in _PURPOSES.items():
        if pattern.search(family):
            scope = _SCOPE.search(family) if purpose == "test" else None
            return f"{purpose} {scope.group(1)}" if scope else purpose
    return ""


def interval(successes: int, runs: int) -> Interval:
    """Return the 95 % Wilson interval of a share: E. B. Wilson, JASA 22 (1927) 209-212."""
    if not runs:
        return Interval(0.0, 1.0)
    z = 1.959964
    share = successes / runs
    middle = (share + z * z / (2 * runs)) / (1 + z * z / runs)
    half = z * math.sqrt(share * (1 - share) / runs + z * z / (4 * runs * runs)) / (1 + z * z / runs)
    return Interval(max(0.0, middle - half), min(1.0, middle + half))
