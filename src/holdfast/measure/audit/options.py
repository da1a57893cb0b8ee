"""Find options of a repository's own scripts that the scripts no longer know."""

from __future__ import annotations

import re
from collections.abc import Iterator

from holdfast.hook.patterns import regex
from holdfast.learn.instruction_commands import PLACE, parts, spans
from holdfast.measure.audit.history import History
from holdfast.measure.audit.memory import Entry
from holdfast.measure.project_tree import ProjectTree
from holdfast.repo.safe_read import read_text

_OPTION = regex(r"--[a-z][a-z0-9-]+")
_RUNNER = regex(r"(?:python[\d.]*|node|bash|sh|zsh|ruby|perl|php|tsx|ts-node|deno|bun|uv|run|poetry)\Z")
_SCRIPT = regex(
    r"(?:\./)?[\w.-]+(?:/[\w.-]+)*\.(?:py|sh|bash|js|mjs|cjs|ts|rb|pl)\Z|(?:\./|scripts/|bin/)[\w./-]+\Z"
)
_PASSES_ON = regex(
    r"\"\$@\"|\$@|\$\*|parse_known_args|unknown_args|process\.argv\.slice\(2\)\s*\)|passthrough"
)
_STANDARD = frozenset(["--help", "--version"])


def missing_options(tree: ProjectTree, text: str, *, code: bool) -> Iterator[str]:
    """Yield the options that a line gives to a script of the tree and that the script does not name.

    A script that names no option at all, or passes on what it is given, may know any.
    """
    for command in [text] if code else [span.text for span in spans(text)]:
        if "--" not in command:
            continue
        for words in parts(command):
            script = _script(tree, words)
            if not script:
                continue
            held = read_text(tree.root, script) or ""
            if not _OPTION.search(held) or _PASSES_ON.search(held):
                continue
            for word in words[1:]:
                option = word.partition("=")[0]
                bare = re.escape(option.removeprefix("--").removeprefix("no-"))
                named = rf"(?<![\w-])--(?:\[?no-\]?)?{bare}(?![\w-])"
                known = re.search(named, held) is not None
                if (
                    _OPTION.fullmatch(option)
                    and PLACE not in option
                    and option not in _STANDARD
                    and not known
                ):
                    yield option


def _script(tree: ProjectTree, words: list[str]) -> str:
    """Return the script of the tree that a command runs; empty when it runs something else."""
    for word in words:
        if _RUNNER.match(word):
            continue
        bare = word.removeprefix("./")
        return bare if _SCRIPT.match(word) and bare in tree.files else ""
    return ""


_SCRIPT_NAME = regex(r"[a-z][\w:.-]*")
_RUN_BARE = frozenset(["pnpm", "yarn", "bun"])
"""Package managers that run a script by its name alone."""


def scripts_gone(tree: ProjectTree, history: History, entry: Entry) -> Iterator[tuple[int, str]]:
    """Yield commands such as ``pnpm e2e`` whose script a package.json once had, each with its line."""
    for at, line in enumerate(entry.text.split("\n")):
        for command in [line] if entry.kind == "code" else [span.text for span in spans(line)]:
            for words in parts(command):
                if len(words) < 2 or words[0] not in _RUN_BARE or not _SCRIPT_NAME.fullmatch(words[1]):
                    continue
                key = f'"{words[1]}":'
                if tree.scripts and words[1] not in tree.scripts and history.removed_lines([key]):
                    yield min(entry.line + at, entry.end), f"{words[0]} {words[1]}"
