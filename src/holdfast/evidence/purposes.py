"""What a command is run for, whichever way it is called, and how sure a share of its runs is."""

from __future__ import annotations

import math

import msgspec

from holdfast.hook.patterns import regex

_START = r"(?:^|[ :._/-])"
_PURPOSES = {
    "test": regex(
        _START + r"(?:tests?|pytest|vitest|jest|mocha|ava|rspec|phpunit|ctest|nextest|unittest|nox)\b"
    ),
    "lint": regex(
        _START + r"(?:lint|eslint|ruff|biome|golangci-lint|flake8|pylint|clippy|oxlint|shellcheck)\b"
    ),
    "check types": regex(_START + r"(?:typecheck|type-check|tsc|mypy|pyright|check-types)\b"),
    "format": regex(_START + r"(?:fmt|format|prettier|black|gofmt|gofumpt|rustfmt)\b"),
    "build": regex(_START + r"(?:build|compile)\b"),
    "install": regex(
        r"^(?:npm|pnpm|yarn|bun|pip3?|uv|poetry|pdm|bundle|composer|python -m pip)(?: pip)? "
        r"(?:install|ci|sync)\b"
    ),
}
_LANGUAGES = {
    "javascript": "npm pnpm yarn bun npx bunx pnpx node deno tsc vitest jest vite next turbo nx lerna mocha "
    "ava eslint biome oxlint prettier",
    "python": "python python3 pip pip3 uv uvx poetry pdm hatch tox nox pytest mypy pyright pipenv rye ruff "
    "black pylint flake8",
    "go": "go gotestsum golangci-lint ginkgo gofmt gofumpt",
    "rust": "cargo rustc rustfmt",
    "ruby": "bundle rspec rails rake ruby bin/rails bin/rspec bin/rake bin/test",
    "jvm": "mvn gradle gradlew ./gradlew ./mvnw sbt",
    "php": "composer phpunit php",
}
_LANGUAGE_OF = {word: name for name, words in _LANGUAGES.items() for word in words.split()}
_SCOPE = regex(r"\btests?[:._-]([a-z][\w-]*)")


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


def language_of(program: str) -> str | None:
    """Return the language that a program works in; None when it serves any, as ``make`` does."""
    return _LANGUAGE_OF.get(program)


def could_replace(family: str, other: str) -> bool:
    """Tell whether one command could be run instead of another: for the same purpose, in the same language.

    What only runs others, such as ``make`` or ``just``, is of any language.
    """
    purpose = purpose_of(family)
    if not purpose or family == other or purpose_of(other) != purpose:
        return False
    one, two = (language_of(command.split()[0]) for command in (family, other))
    return one is None or two is None or one == two


def interval(successes: int, runs: int) -> Interval:
    """Return the 95 % Wilson interval of a share: E. B. Wilson, JASA 22 (1927) 209-212."""
    if not runs:
        return Interval(0.0, 1.0)
    z = 1.959964
    share = successes / runs
    middle = (share + z * z / (2 * runs)) / (1 + z * z / runs)
    half = z * math.sqrt(share * (1 - share) / runs + z * z / (4 * runs * runs)) / (1 + z * z / runs)
    return Interval(max(0.0, middle - half), min(1.0, middle + half))
