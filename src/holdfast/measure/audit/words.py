"""The telling words of a statement, reduced to their stems, as statements are compared by."""

from __future__ import annotations

import re
from functools import lru_cache

from holdfast.hook.patterns import regex

_TOKEN = regex(
    r"`[^`\n]+`|[A-Za-z0-9_@][\w@+.-]*(?:/[\w@+.-]+)*|[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]"
    r"|[^\W\d_]+"
)
_NAMED = regex(r"[/_]|\w\.\w|\d")
_CAMEL = regex(r"[a-z][A-Z]")
_EITHER = regex(r"[a-z]+/[a-z]+")
_APOSTROPHE = str.maketrans({"\u2019": "'", "\u2018": "'", "\u201c": '"', "\u201d": '"'})

EMPTY = frozenset(
    """
    the a an is are be been am to of in on at for and or it its this that these those with as by you your
    we our us i
    so then will would all any each every must should shall always please make sure ensure need needs needed
    do does did done there here also just only very really can could may might when while if from into than
    too
    have has had was were which who what how where remember note important want wants prefer preferred
    now still already even once throughout first them they their he she his her one ones thing things keep
    kept
    """.split()
)
"""Words that tell nothing of their own when statements are compared."""

NEGATIONS = frozenset(
    "not never no don't dont avoid without cannot can't mustn't shouldn't isn't doesn't won't".split()
)
_SAME = {
    "tests": "test", "testing": "test", "tested": "test", "dependencies": "dependency",
    "deps": "dependency",
    "libraries": "library", "directories": "folder", "directory": "folder", "folders": "folder",
    "dir": "folder",
    "repo": "repository", "docs": "documentation", "db": "database", "config": "configuration",
    "configs": "configuration", "commit": "commit", "commits": "commit", "committing": "commit",
    "committed": "commit", "execute": "run", "running": "run", "runs": "run", "ran": "run", "using": "use",
    "uses": "use", "used": "use", "utilize": "use", "utilise": "use", "prior": "before",
    "package": "package",
    "pr": "pull-request", "prs": "pull-request", "env": "environment", "var": "variable",
    "vars": "variable",
    "files": "file", "push": "push", "pushing": "push", "merging": "merge", "merged": "merge",
    "pushed": "push",
    "written": "write", "above": "over", "below": "under", "greater": "over", "writing": "write",
    "kept": "keep", "stored": "store", "storing": "store",
}  # fmt: skip
_ENDINGS = (("ies", "y"), ("ied", "y"), ("sses", "ss"), ("ing", ""), ("ed", ""), ("s", ""))
_SHORTEST = 4


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """Return the stem of a word in small letters; names and numbers stay as they are."""
    if word in _SAME:
        return stem(_SAME[word]) if _SAME[word] != word else word.removesuffix("e")
    if not word.isalpha() or len(word) <= _SHORTEST or word.endswith("ss"):
        plural = word.isalpha() and len(word) == _SHORTEST and word[-1] == "s" and word[-2] not in "sui"
        return word[:-1] if plural else word
    for ending, instead in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST - 1:
            root = word[: -len(ending)] + instead
            if ending in ("ing", "ed") and len(root) > 3 and root[-1] == root[-2] and root[-1] not in "ls":
                root = root[:-1]
            return root.removesuffix("e")
    return word.removesuffix("e") if len(word) > _SHORTEST else word


def tokens(text: str) -> list[str]:
    """Return the words of a text in order: code spans and paths whole, the rest in small letters."""
    found = []
    for match in _TOKEN.finditer(text.translate(_APOSTROPHE).replace("**", "").replace("__", "")):
        word = match.group()
        if word.startswith("`"):
            found += [part if _is_name(part) else part.lower() for part in word.strip("` ").split()]
        else:
            found.append(word.rstrip(".-+").lower() if not _is_name(word) else word.rstrip(".-+"))
    return [part for word in found for part in _parts(word) if part]


def _parts(word: str) -> list[str]:
    """Return what a slash parts where it makes no path: ``async/await``."""
    return word.split("/") if "/" in word and _EITHER.fullmatch(word) else [word]


def _is_name(word: str) -> bool:
    return (not word.isalpha() and bool(_NAMED.search(word))) or bool(_CAMEL.search(word))


@lru_cache(maxsize=50_000)
def content(text: str) -> tuple[str, ...]:
    """Return the stems of the telling words of a text, in order."""
    plain = re.sub(r"\b(do|does|is|are|can|must|should|was|will|would)(?:n't|n’t)\b", r"\1 not", text)
    return tuple(stem(word) for word in tokens(plain) if word not in EMPTY)


IMPERATIVES = frozenset(
    """
    use run commit push merge rebase squash write add edit mock log store put keep call import install
    deploy format
    create delete remove change modify touch update include rely test cache return throw raise catch
    validate name
    prefix sort wrap export set pass share reuse open close retry check tag release never always do don't
    prefer avoid
    ask read see follow start stop split move pin bump build generate regenerate
    """.split()
)
"""Words with which an order begins."""
