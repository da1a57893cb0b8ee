"""Which git commands take edits back, and which edits they reach."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from holdfast.hook import commands
from holdfast.hook.patterns import regex

_MAY = regex(r"commit|stash|reset|revert|restore|checkout")
_BACK = regex(r"(?:HEAD|@)(?:~(?P<count>[0-9]{1,4})|(?P<steps>[~^]{1,9}))")
_MERGE_SIDES = frozenset(
    ["--ours", "--theirs", "--merge", "-b", "-B", "--detach", "--orphan", "--track", "-t"]
)


class Action(msgspec.Struct, frozen=True):
    """What a git command does to edits.

    Attributes:
        kind: ``commit``; ``stash``, ``pop`` and ``drop`` of a stash; ``discard`` puts files back as they
            were at the last commit; ``uncommit`` takes the last ``commits`` commits away too; ``revert``
            takes back what the last commit made.
        paths: The files it names; empty for all.
    """

    kind: Literal["commit", "stash", "pop", "drop", "discard", "uncommit", "revert"]
    paths: tuple[str, ...] = ()
    commits: int = 0

    def reaches(self, path: str, made_at: int, now: int) -> bool:
        """Tell whether it takes back an edit of ``path`` made after ``made_at`` of ``now`` commits."""
        if self.kind == "revert":
            return now - made_at == 1
        if self.kind not in ("discard", "uncommit") or now - made_at > self.commits:
            return False
        return not self.paths or any(
            name in (".", path) or path.endswith(f"/{name}") or name.endswith(f"/{path}")
            for name in self.paths
        )


def may_act(command: str) -> bool:
    """Tell whether a command line may hold such a command; cheap, and never wrong when it says no."""
    return bool(_MAY.search(command))


def actions(command: str) -> Iterator[Action]:
    """Yield what a command line does to edits, in order."""
    for _, words in commands.split(command):
        bare = commands.unwrapped(words)
        if bare[:1] == ["git"]:
            rest = bare[1:]
            while len(rest) > 1 and rest[0] in ("-C", "-c"):
                rest = rest[2:]
            if rest:
                yield from _action(rest[0], rest[1:])


def _action(verb: str, rest: list[str]) -> Iterator[Action]:
    if verb == "commit" and "--dry-run" not in rest:
        yield Action("commit")
    elif verb == "stash":
        yield from _stash(rest)
    elif verb == "revert" and [word for word in rest if word != "--no-edit"] in (["HEAD"], ["@"]):
        yield Action("revert")  # which edits another commit holds is not known
    elif verb == "reset" and "--hard" in rest:
        yield from _reset([word for word in rest if not word.startswith("-")])
    elif verb == "restore" and ("--staged" not in rest or "--worktree" in rest):
        yield from _discard([word for word in rest if not word.startswith("-")])
    elif verb == "checkout" and not _MERGE_SIDES & set(rest):
        if "--" in rest:
            yield from _discard(rest[rest.index("--") + 1 :])
        else:
            named = [word for word in rest if not word.startswith("-")]
            yield from _discard(
                named[1:] if named[:1] == ["HEAD"] else [name for name in named if _is_file(name)]
            )


def _stash(rest: list[str]) -> Iterator[Action]:
    what = rest[0] if rest else "push"
    if what in ("pop", "apply"):
        yield Action("pop")
    elif what in ("drop", "clear"):
        yield Action("drop")
    elif what in ("push", "save") or what.startswith("-"):
        yield Action("stash")


def _reset(named: list[str]) -> Iterator[Action]:
    """Yield what ``reset --hard`` takes back; going to another branch's tip is no taking back."""
    target = named[0] if named else "HEAD"
    back = _BACK.fullmatch(target)
    if target in ("HEAD", "@"):
        yield Action("discard")
    elif back:
        yield Action("uncommit", commits=int(back["count"] or len(back["steps"])))


def _discard(paths: list[str]) -> Iterator[Action]:
    if paths:
        yield Action("discard", tuple(paths))


def _is_file(name: str) -> bool:
    return name == "." or "." in name.rsplit("/", 1)[-1].strip(".")
