"""Bring a JSON file of an agent's to hold exactly the hooks that are wanted, and nothing else of ours.

A hook of ours is known by its command line, wherever the user moved it; what the user changed in it stays as
long as it is wanted. All else in the file is kept byte for byte.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from holdfast.connect.wiring.agent import Called, Element, Member, as_json, called
from holdfast.connect.wiring.json_text import Document, containers
from holdfast.connect.wiring.json_text import Path as Place
from holdfast.connect.wiring.registry import Added, Kind, Wired

HOOKS = "hooks"
NAME = "holdfast"


class Result(NamedTuple):
    """What a file is to hold; ``text`` is None where it is to go."""

    text: str | None
    wired: Wired
    added: list[str]
    removed: list[str]
    left: list[str]


class _Present(NamedTuple):
    """A hook of ours in a file: where it stands, what it calls, and the group it stands in."""

    event: str
    at: int
    inner: int | None
    called: Called
    command: str
    alone: bool
    value: Any


def brought(text: str | None, wanted: Sequence[Element | Member], wired: Wired) -> Result:
    """Return what a file is to hold.

    Args:
        text: What it holds; None where there is none.
        wanted: All that is to be in it of ours.
        wired: What is on record of it.

    Raises:
        ValueError: It is not JSON, or not of the shape that the agent reads; the message says where.
    """
    if text is None or not text.strip("\ufeff \t\r\n"):
        if not wanted:
            return Result(text, _with(wired, added=()), [], [], [])
        wired = _with(wired, created=True, was=text, made=(), hollow=(), added=())
        text = "{}\n"
    file = _File(Document(text), wired)
    file.bring([each for each in wanted if isinstance(each, Element)])
    file.bring_members([each for each in wanted if isinstance(each, Member)])
    file.clear()
    document = file.document
    if wired.created and not document.root.items and not document.inner(()).strip():
        return Result(wired.was, file.record(), file.added, file.removed, file.left)
    return Result(document.text, file.record(), file.added, file.removed, file.left)


class _File:
    """One file while it is changed."""

    def __init__(self, document: Document, wired: Wired) -> None:
        if document.root.opens != "{":
            raise ValueError("line 1: it is not an object")
        self.document, self.wired = document, wired
        self.made = set(wired.made)
        self.hollow = dict(wired.hollow)
        others = [each for each in wired.added if each.kind != "element"]
        self.on_record: dict[tuple[Kind, tuple[str, ...]], Added] = {(e.kind, e.at): e for e in others}
        self.values = {as_json(each.value) for each in wired.added if each.kind == "element"}
        self.holds: list[Added] = []
        self.added: list[str] = []
        self.removed: list[str] = []
        self.left: list[str] = []

    def record(self) -> Wired:
        """Return what is to be on record."""
        return _with(
            self.wired,
            made=tuple(sorted(self.made)),
            hollow=tuple(sorted(self.hollow.items())),
            added=tuple(sorted(self.holds, key=lambda each: (each.at, as_json(each.value)))),
        )

    def bring(self, wanted: list[Element]) -> None:
        """Take out hooks of ours that are not wanted, and put in those that are missing."""
        missing = {(each.at[-1], *(_calls(each.value) or ())): each for each in wanted}
        unwanted = []
        for present in self._present():
            key = (present.event, present.called, present.command)
            element = missing.get(key)
            outdated = (
                element is not None
                and as_json(present.value) != as_json(element.value)
                and as_json(present.value) in self.values
            )
            if element is None or outdated:
                unwanted.append(present)
            else:
                self.holds.append(Added(element.at, element.value, "element"))
                del missing[key]
        for present in reversed(unwanted):
            place: Place = (HOOKS, present.event, present.at)
            if present.inner is not None and not present.alone:
                place = (*place, HOOKS, present.inner)
            self.document = self.document.without(place)
            if self.document.value((*place[:3], HOOKS)) == [] and len(place) > 3:
                self.document = self.document.without(place[:3])
            self.removed.append(present.event)
            self._empties(place[:2])
        for element in missing.values():
            self._make(element.at, "[")
            self.document = self.document.with_element(element.at, element.value)
            self.holds.append(Added(element.at, element.value, "element"))
            self.added.append(element.at[-1])

    def bring_members(self, wanted: list[Member]) -> None:
        """Take out members of ours that are not wanted, and put in those that are missing."""
        at_all = {each.at for each in wanted}
        for (kind, at), added in self.on_record.items():
            if at not in at_all and self._may_go(kind, at, added.value):
                self.document = self.document.without(at)
                self._empties(at[:-1])
                self.removed += [] if kind == "support" else [_in_words(at)]
        for member in wanted:
            self._put(member)

    def _put(self, member: Member) -> None:
        kind: Kind = "support" if member.support else "member"
        there = self.document.value(member.at)
        missing = not self.document.has(member.at)
        before = self.on_record.get((kind, member.at))
        if not missing and as_json(there) != as_json(member.value):
            ours = before is not None and as_json(before.value) == as_json(there)
            if not ours and not member.support:
                if before is not None or _calls_us(there):
                    self.holds.append(Added(member.at, before.value if before else member.value, "member"))
                    self.left.append(f"{member.what} is as you changed it")
                else:
                    self.left.append(f"it has another {member.at[-1]}, which stays")
            if not ours:
                return
            self.document = self.document.without(member.at)
            missing = True
        if missing:
            self._make(member.at[:-1], "{")
            self._note_hollow(member.at[:-1])
            self.document = self.document.with_member(member.at[:-1], str(member.at[-1]), member.value)
            self.added += [] if member.support else [member.what]
        elif before is None and (member.support or not _is_ours(member.at, there)):
            return  # it was there before
        self.holds.append(Added(member.at, member.value, kind))

    def _may_go(self, kind: str, at: tuple[str, ...], value: Any) -> bool:
        if not self.document.has(at):
            return False
        there = self.document.value(at)
        if kind == "support":
            others = self.document.value((HOOKS,))
            held = others.values() if isinstance(others, dict) else (others,)
            return as_json(there) == as_json(value) and not any(held)
        return as_json(there) == as_json(value) or _is_ours(at, there)

    def clear(self) -> None:
        """Take out what was made for what is gone, and leave what was empty as it was."""
        for place in sorted(self.made, key=len, reverse=True):
            node = self.document.node(place)
            if node is not None and not node.items and not self.document.inner(place).strip():
                self.document = self.document.without(place)
            if self.document.node(place) is None:
                self.made.discard(place)
        for place, inner in list(self.hollow.items()):
            node = self.document.node(place)
            if node is None or not node.items:
                if node is not None and not self.document.inner(place).strip():
                    self.document = self.document.with_inner(place, inner)
                del self.hollow[place]

    def _make(self, place: tuple[str, ...], last: str) -> None:
        """Make the objects above a place and the array or object at it, as far as they are missing."""
        for depth in range(1, len(place) + 1):
            at = place[:depth]
            opens = last if depth == len(place) else "{"
            node = self.document.node(at)
            if node is not None:
                if node.opens != opens:
                    kind = "an object" if opens == "{" else "an array"
                    raise ValueError(f"`{'.'.join(at)}` in it is not {kind}")
                self._note_hollow(at)
                continue
            self._note_hollow(at[:-1])
            self.document = self.document.with_member(at[:-1], at[-1], {} if opens == "{" else [])
            self.made.add(at)

    def _empties(self, place: Place) -> None:
        """Take what ours was the last thing in for made by us, unless it is on record as empty before.

        Another program that wrote the same file meanwhile may have kept us from noting that we made it.
        """
        for depth in range(len(place), 0, -1):
            at = tuple(str(key) for key in place[:depth])
            if at not in self.hollow:
                self.made.add(at)

    def _note_hollow(self, at: tuple[str, ...]) -> None:
        node = self.document.node(at)
        if node is not None and not node.items and at not in self.made and at not in self.hollow:
            self.hollow[at] = self.document.inner(at)

    def _present(self) -> Iterator[_Present]:
        for event in dict.fromkeys(containers(self.document, (HOOKS,))):
            for index, value in enumerate(self.document.value((HOOKS, event))):
                if not isinstance(value, dict):
                    continue
                group = value.get(HOOKS)
                inside = group if isinstance(group, list) else [value]
                calls = [_calls(each) for each in inside]
                alone = all(each is not None for each in calls)
                for inner, call in enumerate(calls):
                    if call is not None:
                        where = inner if isinstance(group, list) else None
                        yield _Present(event, index, where, *call, alone and len(calls) == 1, value)


def _calls(value: Any) -> tuple[Called, str] | None:
    """Return what a hook, or the first one in a group, calls of ours, and its command line."""
    if not isinstance(value, dict):
        return None
    if isinstance(value.get(HOOKS), list) and value[HOOKS]:
        return _calls(value[HOOKS][0])
    for name in ("command", "bash"):
        found = called(value.get(name))
        if found is not None:
            return found, value[name]
    return None


def _is_ours(at: tuple[str, ...], value: Any) -> bool:
    """Tell whether a member on record is ours still, though it was changed: by its name or what it calls."""
    return at[-1] == NAME or _calls_us(value)


def _calls_us(value: Any) -> bool:
    return isinstance(value, dict) and called(value.get("command")) is not None


def _in_words(at: tuple[str, ...]) -> str:
    return "the status line" if at == ("statusLine",) else f"the MCP server `{at[-1]}`"


def _with(wired: Wired, **fields: Any) -> Wired:
    from msgspec.structs import replace

    return replace(wired, **fields)
