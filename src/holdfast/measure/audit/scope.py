"""What a statement is about: the part of the tree, the environment, the language that it names.

Two statements are compared only within one scope: "use tabs" in Go files contradicts nothing in Python.
"""

from __future__ import annotations

import posixpath
import re

from holdfast.hook.patterns import regex
from holdfast.learn.markdown import front_matter
from holdfast.measure.audit.memory import Entry, Memory

_INSTRUCTIONS = regex(
    r"(?:^|/)(?:CLAUDE(?:\.local)?|AGENTS(?:\.override)?|GEMINI|QWEN|CONVENTIONS|copilot-instructions)\.md\Z",
    re.IGNORECASE,
)
_CURSOR = regex(r"(?:^|/)(?:\.cursorrules|\.cursor/rules/[^/]+)\Z")
_DOCUMENT = regex(
    r"(?:^|/)(?:adrs?|decisions?|decision-records?|rfcs?|proposals?)/|(?:^|/)(?:readme|contributing)[^/]*\Z"
    r"|(?:^|/)(?:adr|rfc)[-_]?\d",
    re.IGNORECASE,
)
_PROMPT = regex(r"(?:^|/)(?:agents|commands|skills|prompts)/|(?:^|/)SKILL\.md\Z", re.IGNORECASE)
_HOMES = frozenset([".claude", ".github", ".cursor", ".codex", ".gemini"])

NAMED = frozenset(
    """
    dev development local locally staging stage production prod preview demo sandbox ci pipeline nightly
    frontend backend server client web website mobile ios android desktop admin worker workers daemon gateway
    dashboard proxy docs documentation storybook e2e integration unit infra infrastructure terraform helm
    database db cache redis queue scheduler cron job jobs batch importer exporter
    python typescript javascript go golang rust java kotlin swift ruby php scala elixir yaml json toml
    markdown sql css scss html makefile makefiles shell bash docker dockerfile proto graphql jsx tsx c cpp
    windows linux macos mac arm x86 wsl debug release hotfix hotfixes feature features
    test tests testing fixture fixtures migration migrations script scripts schema
    public internal external private legacy old experimental generated vendored minor major patch
    """.split()
)
"""Words that limit what a statement is about."""

_PATTERN = regex(
    r"(?<![\w/])(?:[\w.@*-]+/)+[\w.@*-]*|\*\.[a-z]{1,6}\b|(?<![\w/.-])\.?[\w-]+\.(?:py|ts|js|go|rs|md"
    r"|ya?ml|toml)\b"
)
_PRODUCTS = frozenset("node.js next.js vue.js react.js express.js d3.js three.js nuxt.js".split())
_OF_KIND = regex(
    r"[\[\"' ]*(?:(?:src|app"
    r"|lib)/)?(?:\*\*/)?\*\.\{?[\w,]+\}?(?:[,\s\"']+(?:\*\*/)?\*\.\{?[\w,]+\}?)*[\]\"' ]*"
)
"""Globs that name kinds of files and no folder: what holds for all files holds there too."""
_DOER = regex(r"\bby (?:the |an? )?\w+")
_WORD = regex(r"[A-Za-z][A-Za-z0-9+#]*")
_SAME = {
    "development": "dev", "local": "dev", "locally": "dev", "production": "prod", "golang": "go",
    "stage": "staging", "testing": "test", "tests": "test", "documentation": "docs", "website": "web",
    "pipeline": "ci", "mac": "macos", "workers": "worker", "jobs": "job", "scripts": "script",
    "migrations": "migration", "fixtures": "fixture", "hotfixes": "hotfix", "features": "feature",
    "database": "db", "infrastructure": "infra",
}  # fmt: skip
_TOPICS = frozenset(
    """
    a about always and are before build building can code coding command commands commit commits convention
    conventions decision decisions do dont don't environment format formatting general getting git guide
    guideline
    guidelines how important in install key learned lessons lint linting memories memory must never note
    notes of on
    our overview package packages policy practices preference preferences principles process project quality
    quick reference repository rule rules run running section setup started standards style summary team the
    things this to tooling tools us use using we what when working workflow workflows you your gotchas misc
    dependencies dependency tips instructions agent agents agents.md claude.md claude stack tech requirements
    basics facts known more other must-know imports versions version control branching ports naming technology
    background context details learnings learning patterns day
    """.split()
)


def scope_of(place: str, text: str) -> tuple[str, bool]:
    """Return the folder or the globs that a file is about, and whether they are globs; empty for everything.

    Args:
        place: Its path below the root.
        text: Its text; rules of editors name their globs in front matter.
    """
    fields = front_matter(text[:20_000]).fields if text.startswith(("---", "\ufeff---")) else {}
    globs = fields.get("globs") or fields.get("applyto") or fields.get("paths") or ""
    if globs.strip("[]\"' ") not in ("", "**", "**/*", "*"):
        return globs, True
    if not _INSTRUCTIONS.search(place):
        return "", False
    folder = posixpath.dirname(place)
    while folder.rpartition("/")[2] in _HOMES:
        folder = posixpath.dirname(folder)
    return folder, False


def is_instructions(path: str) -> bool:
    """Tell whether a file is one that some agent reads at each start."""
    return bool(_INSTRUCTIONS.search(path))


def reader_of(path: str) -> str:
    """Return which agents read a file at each start, by its name; empty for notes that they look up."""
    name = path.rpartition("/")[2].lower()
    if _CURSOR.search(path):
        return "cursor"
    return name if is_instructions(path) or name == "memory.md" else ""


def is_prompt(path: str) -> bool:
    """Tell whether a file is a prompt by its place: a subagent, a command or a skill."""
    return bool(_PROMPT.search(path))


def is_document(path: str) -> bool:
    """Tell whether a file is for people, and kept as it is written: a decision, a proposal, a readme."""
    return bool(_DOCUMENT.search(path))


def shares_scope(one: Memory, other: Memory, *, nested: bool = False) -> bool:
    """Tell whether two files are about the same part of the tree.

    Args:
        one: A file.
        other: Another.
        nested: True when a folder and one below it count as the same.
    """
    if one.scope == other.scope:
        return True
    kinds = [memory for memory in (one, other) if memory.applies]
    if len(kinds) == 1 and (nested or _OF_KIND.fullmatch(kinds[0].scope)):
        return not (one if kinds[0] is other else other).scope
    if not nested or one.applies or other.applies:
        return False
    return any(not a.scope or b.scope.startswith(a.scope + "/") for a, b in ((one, other), (other, one)))


def limits(text: str) -> frozenset[str]:
    """Return the words and patterns of a text that limit what it is about."""
    plain = _DOER.sub(" ", text.lower())
    found = {_SAME.get(word, word) for word in _WORD.findall(plain) if word in NAMED}
    return frozenset({*found, *_patterns(plain)})


def _patterns(text: str) -> set[str]:
    """Return the paths and globs of a text in small letters; "read/write" is none."""
    return {
        match.strip("./")
        for match in _PATTERN.findall(text)
        if re.search(r"[.*]|/.*/|/$", match) or f"`{match}`" in text
    } - _PRODUCTS


def heading_limits(entry: Entry) -> frozenset[str]:
    """Return the words of what stands above an entry that may limit what it is about.

    Words that begin with ``~`` are of the title, those with ``?`` may only be topics.
    """
    title, *headings = entry.above or ("",)
    found: set[str] = set()
    for heading in (*headings, entry.lead):
        words = _words(heading)
        found |= (words & NAMED) | _patterns(heading.lower())
        found |= {f"?{word}" for word in words - _TOPICS - NAMED if len(word) > 2}
    if not headings:
        found |= {f"~{word}" for word in _words(title) & NAMED}
    return frozenset(found)


def _words(heading: str) -> set[str]:
    return {_SAME.get(word, word) for word in re.findall(r"[a-z][\w.'-]*", heading.lower())}


def above_agree(one: frozenset[str], other: frozenset[str], *, named: bool) -> bool:
    """Tell whether headings leave two statements in one scope.

    Args:
        one: What stands above a statement.
        other: What stands above another.
        named: True when both name what they are about; else unknown words part them when both have any.
    """
    sure, titles, maybe = ((_marked(one, mark), _marked(other, mark)) for mark in ("", "~", "?"))
    if sure[0] != sure[1] or (titles[0] and titles[1] and titles[0] != titles[1]):
        return False
    return named or not (maybe[0] and maybe[1]) or bool(maybe[0] & maybe[1])


def _marked(words: frozenset[str], mark: str) -> set[str]:
    """Return the words that begin with a mark; with an empty one those without any."""
    return {word for word in words if (word[0] if word[0] in "~?" else "") == mark}
