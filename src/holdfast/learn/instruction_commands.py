"""Which pieces of an instruction file are commands to type, and which of their words stand for others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from holdfast.hook import commands
from holdfast.hook.patterns import regex

PLACE = "\ue000"
"""The word that stands for whatever a reader is to put in (``<file>``, ``[args]``, ``$NAME``)."""

_PLACEHOLDER = regex(
    r"[\w./=@:-]*(?:<[^<>\n]{1,60}>|\{\{?[A-Za-z][^{},\n]{0,40}\}\}?|(?<![\w$])\[[^\[\]\n]{1,60}\]"
    r"|\$\{?[A-Z][A-Z0-9_]*\}?|\bpath/to/|…)[\w./:@*-]*"
    r"|(?<=\s)\.\.\.(?=\s|$)|\b(?:YOUR|MY)_[A-Z_]+\b|\b[Xx]{3,}\b"
)
_PROMPT = regex(r"^\s*(?:\$|❯|➜|%)\s+(?=\S)")
_SCRIPT = regex(r"\.{0,2}/?[\w.-]+(?:/[\w.-]+)*\.(?:sh|py|js|mjs|cjs|ts|mts|rb|pl|ps1|bash)\Z")
_LOCAL = regex(r"(?:\./|\.\./|bin/|scripts?/|tools?/|hack/)[\w./-]+\Z")
_NEUTRAL = frozenset("sudo doas time nohup command env exec nice caffeinate".split())
_ASSIGNMENT = regex(r"[A-Za-z_]\w*=")

PROGRAMS = frozenset(
    """
    git gh glab hg go gofmt goimports golangci-lint gotestsum staticcheck ginkgo mockgen buf protoc
    sqlc cargo rustc rustup rustfmt npm npx pnpm pnpx yarn bun bunx deno node tsc tsx ts-node eslint
    prettier biome vite vitest jest mocha cypress playwright next nuxt astro turbo nx lerna rush
    rushx changeset prisma drizzle-kit wrangler vercel netlify supabase storybook webpack rollup
    esbuild tsup husky lefthook python python3 py pip pip3 pipx uv uvx poetry pdm hatch rye pixi
    pipenv conda mamba tox nox pytest mypy pyright black isort flake8 ruff pylint bandit pre-commit
    prek alembic flask django-admin uvicorn gunicorn celery poe inv invoke doit ruby bundle rails
    rake rspec rubocop gem irb java javac mvn gradle gradlew sbt scala kotlin php composer phpunit
    phpstan artisan make cmake ctest ninja meson bazel bazelisk buck just mise task asdf direnv
    docker docker-compose podman kubectl helm kind minikube skaffold tilt terraform tofu terragrunt
    ansible ansible-playbook packer aws gcloud az fly flyctl heroku swift xcodebuild xcrun pod
    fastlane flutter dart mix iex elixir rebar3 stack cabal ghc dune opam zig nim lein clj clojure
    dotnet nuget bash sh zsh fish rm cp mv mkdir chmod chown ln curl wget ssh scp rsync tar unzip
    kill pkill killall brew apt apt-get dnf yum apk pacman sed awk grep rg find cat ls head tail
    psql mysql sqlite3 redis-cli mongosh createdb dropdb codex claude entire bd holdfast shellcheck
    shfmt actionlint hadolint markdownlint typos cspell
    """.split()
)
"""Programs that a text can mean by their name alone."""


class Span(NamedTuple):
    """A code span of a line of Markdown: where it begins and ends, its marks included, and its text."""

    start: int
    end: int
    text: str


_BARE = regex(
    r"(?<![\w`/.@-])(?:(?:npm|pnpm|yarn|pip|uv|poetry|bun|cargo|go|git|docker|make|brew|bundle)"
    r"(?: (?!and\b|or\b|to\b|in\b|on\b|for\b|is\b|as\b|with\b|if\b|the\b|here\b|instead\b|directly\b"
    r"|unless\b|at\b)"
    r"[a-z-][\w:./-]*(?<![.:])){1,3}|npx|npm|yarn|pip|--[a-z][a-z-]{3,})(?![\w`/@-]|\.\w)"
)
_NEGATED = regex(
    r"\b(?:never|do not|don['’]?t|must not|avoid)\s+(?:ever\s+)?(?:run|use|call|do|running|using"
    r"|commit with|pass)?\s*\Z",
    re.IGNORECASE,
)
_NEAR = 80
"""Characters before a command in which its negation stands."""
_SPAN = regex(r"(?<!`)(`{1,3})(?!`)([^\n]{1,400}?)(?<!`)\1(?!`)")


def spans(text: str) -> Iterator[Span]:
    """Yield the code spans of a line."""
    for match in _SPAN.finditer(text):
        yield Span(match.start(), match.end(), match.group(2).strip())


def bare_prohibitions(text: str) -> Iterator[Span]:
    """Yield the commands that a line forbids without putting them into a code span: "never use npm"."""
    for match in _BARE.finditer(text):
        before = text[: match.start()]
        if _NEGATED.search(before[-_NEAR:]) and before.count("`") % 2 == 0:
            yield Span(match.start(), match.end(), match.group())


def prose_of(text: str) -> str:
    """Return a line without what stands in its code spans."""
    pieces, at = [], 0
    for span in spans(text):
        pieces.append(text[at : span.start])
        at = span.end
    return "``".join([*pieces, text[at:]])


def as_command(text: str, *, in_shell: bool = False) -> str | None:
    """Return the command that a code span or a line of a code block is; None when it is something else.

    A prompt before it and a comment behind it are left out.

    Args:
        text: The span or line.
        in_shell: True in a block that is marked as shell: any program will do there.
    """
    text = without_comment(_PROMPT.sub("", text).strip())
    if not text or len(text) > 400 or text.endswith(("(", "{", ",")):
        return None
    first = next(iter(parts(text)), [])
    program = next(iter(first), "")
    if not program or program == PLACE:
        return None
    if _LOCAL.match(program) or (_SCRIPT.match(program) and (in_shell or len(first) > 1)):
        return text
    if program.rsplit("/", 1)[-1] in PROGRAMS:
        return text if _reads_as_command(first) else None
    if in_shell and re.match(r"[a-z][\w.+-]*\Z", program):
        return text
    return None


def _reads_as_command(words: list[str]) -> bool:
    """Tell a command (``make test``) from prose or code in a span (``go 1.22``, ``npm: the manager``)."""
    return not any(word.endswith((":", ";", "()")) or word in ("=", "==", "=>", "->") for word in words[:3])


def without_comment(text: str) -> str:
    """Return a shell line without the comment behind it."""
    quote = ""
    for position, char in enumerate(text):
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char == "#" and (position == 0 or text[position - 1].isspace()):
            return text[:position].rstrip()
    return text


@lru_cache(maxsize=2048)
def _parts(command: str) -> tuple[tuple[str, ...], ...]:
    marked = _PLACEHOLDER.sub(PLACE, command)
    return tuple(found for _, words in commands.split(marked) if (found := tuple(_bare(words))))


def parts(command: str) -> list[list[str]]:
    """Return the words of each simple command, without assignments and without ``sudo`` or ``time``.

    A word that stands for others is `PLACE`. Wrappers that decide what runs (``uv run``, ``npx``) stay.
    """
    return [list(words) for words in _parts(command)]


def _bare(words: list[str]) -> list[str]:
    position = 0
    while position < len(words):
        word = words[position]
        if _ASSIGNMENT.match(word) or word in _NEUTRAL:
            position += 1
        elif word == "timeout" and position + 1 < len(words):
            position += 1
            while position < len(words) and (words[position][:1] in "-" or words[position][:1].isdigit()):
                position += 1
        else:
            break
    return words[position:]


@lru_cache(maxsize=4096)
def assignments(command: str) -> frozenset[str]:
    """Return the names of the variables that are set before the first simple command."""
    first = next(iter(commands.split(command)), ("", []))[1]
    names = []
    for word in first:
        match = _ASSIGNMENT.match(word)
        if match is None and word not in _NEUTRAL:
            break
        if match is not None:
            names.append(match.group()[:-1])
    return frozenset(names)
