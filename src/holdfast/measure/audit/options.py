"""Find options of a repository's own scripts that the scripts no longer know."""

from __future__ import annotations

import re
from collections.abc import Iterator

from holdfast.learn.instruction_commands import PLACE, parts, spans
from holdfast.measure.project_tree import ProjectTree
from holdfast.repo.safe_read import read_text

_OPTION = re.compile(r"--[a-z][a-z0-9-]+")
_RUNNER = re.compile(r"(?:python[\d.]*|node|bash|sh|zsh|ruby|perl|php|tsx|ts-node|deno|bun|uv|run|poetry)\Z")
_SCRIPT = re.compile(
    r"(?:\./)?[\w.-]+(?:/[\w.-]+)*\.(?:py|sh|bash|js|mjs|cjs|ts|rb|pl)\Z|(?:\./|scripts/|bin/)[\w./-]+\Z"
)
_PASSES_ON = re.compile(
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
