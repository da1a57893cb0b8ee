"""Change a JSON file of somebody else's and keep every other byte: order, spaces, line ends, comments.

A text is read into places, not values; a change cuts or inserts at a place. What was put in and is taken out
again leaves the text as it was. Comments and commas behind the last item, which some agents allow in their
settings, are understood.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

Path = tuple[str | int, ...]

_TRIVIA = re.compile(r"(?:[ \t\r\n\ufeff]+|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
_SCALAR = re.compile(r'"(?:[^"\\\x00-\x1f]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null')
_DEEPEST = 100


def _refuse(name: str) -> None:
    raise ValueError(name)


_PLAIN = json.JSONDecoder(parse_constant=_refuse)


@dataclass
class Node:
    """One value in a text.

    Attributes:
        start, end: Where it stands.
        opens: ``{`` or ``[``; empty for what holds nothing.
        held: What it holds, once ``reads`` has read it, where there is such.
    """

    start: int
    end: int = 0
    opens: str = ""
    held: list[Item] = field(default_factory=list)
    reads: Callable[[], list[Item]] | None = None

    @property
    def items(self) -> list[Item]:
        """Return what it holds."""
        if self.reads is not None:
            self.held, self.reads = self.reads(), None
        return self.held


@dataclass(frozen=True)
class Item:
    """A member of an object, or an element of an array; ``start`` is where its key or value begins."""

    key: str | int
    start: int
    value: Node


class Document:
    """A JSON text and the places of its values.

    Raises:
        ValueError: It is not JSON; the message names the line.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        at = _after(text, 0)
        self.root = self._value(at, 0)
        if _after(text, self.root.end) != len(text):
            raise self._wrong(self.root.end, "something follows the end")

    def node(self, path: Path) -> Node | None:
        """Return the value at a path; the last of several members of one name; None when there is none."""
        at = self.root
        for key in path:
            found = [item.value for item in at.items if item.key == key]
            if not found:
                return None
            at = found[-1]
        return at

    def value(self, path: Path = ()) -> Any:
        """Return what stands at a path; None where nothing does."""
        node = self.node(path)
        return None if node is None else self._read(node)

    def has(self, path: Path) -> bool:
        """Tell whether something stands at a path."""
        return self.node(path) is not None

    def inner(self, path: Path) -> str:
        """Return the text between the brackets of an object or array."""
        node = self.node(path)
        assert node is not None
        return self.text[node.start + 1 : node.end - 1]

    def with_inner(self, path: Path, inner: str) -> Document:
        """Return the document with another text between the brackets of an object or array."""
        node = self.node(path)
        assert node is not None
        return self._spliced(node.start + 1, node.end - 1, inner)

    def with_member(self, path: Path, key: str, value: Any) -> Document:
        """Return the document with a member more in the object at a path, behind the others."""
        return self._with(path, value, key)

    def with_element(self, path: Path, value: Any) -> Document:
        """Return the document with an element more in the array at a path, behind the others."""
        return self._with(path, value, None)

    def without(self, path: Path) -> Document:
        """Return the document without the item at a path."""
        parent = self.node(path[:-1])
        assert parent is not None
        index = max(at for at, item in enumerate(parent.items) if item.key == path[-1])
        item = parent.items[index]
        before = self._space_before(item.start)
        if index + 1 < len(parent.items):
            last = parent.items[index - 1].value.end if index else None
            return self._cut_before(item, parent.items[index + 1], before, last)
        last = parent.items[index - 1].value.end if index else parent.start + 1
        if index == 0 or self._has_trailing_comma(parent):
            end = self._comma(item.value.end) + 1 if self._has_trailing_comma(parent) else item.value.end
            return self._joined(self.text[:before], self.text[end:], last)
        comma = self._comma(last)
        left = self.text[:comma] + self.text[comma + 1 : before]
        return self._joined(left, self.text[item.value.end :], last)

    def _cut_before(self, item: Item, following: Item, before: int, last: int | None) -> Document:
        """Cut an item that another one follows, with the comma behind it."""
        comma = self._comma(item.value.end)
        behind = self.text[item.value.end : comma] + self.text[comma + 1 :]
        if last is not None:
            return self._joined(self.text[:before], behind, last)
        if not self.text[comma + 1 : following.start].strip():
            return self._spliced(item.start, following.start, "")
        return Document(self.text[: item.start] + behind)

    def _joined(self, left: str, right: str, last: int) -> Document:
        """Join two parts, so that a comment behind ``last`` in the first does not swallow the second."""
        space = re.sub(r"/\*.*?\*/", "", left[last:], flags=re.DOTALL)
        swallows = "//" in space.rpartition("\n")[2] and not right.startswith(("\n", "\r"))
        return Document(left + (self._line_end if swallows else "") + right)

    def _with(self, path: Path, value: Any, key: str | None) -> Document:
        node = self.node(path)
        assert node is not None
        name = "" if key is None else f"{json.dumps(key, ensure_ascii=False)}: "
        if not node.items:
            return self._with_first(node, name, value)
        last = node.items[-1]
        space = self.text[self._space_before(last.start) : last.start]
        at = self._end_of_line_comment(last.value.end)
        comma = "" if self._has_trailing_comma(node) else ","
        if "\n" in space or at != last.value.end:
            indent = space.rpartition("\n")[2]
            put = f"{self._line_end}{indent}{name}{self._pretty(value, indent)}"
        else:
            put = f"{space or ' '}{name}{json.dumps(value, ensure_ascii=False)}"
        if not comma:  # behind the comma that stands there, and with one of its own
            at = self._end_of_line_comment(self._comma(last.value.end) + 1)
            if "//" in self.text[self._comma(last.value.end) : at] and "\n" not in put:
                put = f"{self._line_end}{put}"
            return self._spliced(at, at, f"{put},")
        end = last.value.end
        return Document(self.text[:end] + comma + self.text[end:at] + put + self.text[at:])

    def _with_first(self, node: Node, name: str, value: Any) -> Document:
        inner = self.text[node.start + 1 : node.end - 1]
        kept = inner.rstrip(" \t\r\n")
        if self._is_one_line and node is not self.root:
            return self._spliced(
                node.start + 1, node.end - 1, f"{inner}{name}{json.dumps(value, ensure_ascii=False)}"
            )
        line = self.text[: node.start].rpartition("\n")[2]
        base = line[: len(line) - len(line.lstrip(" \t"))]
        indent = base + self._unit
        tail = inner[len(kept) :] if "\n" in inner[len(kept) :] else f"{self._line_end}{base}"
        put = f"{kept}{self._line_end}{indent}{name}{self._pretty(value, indent)}{tail}"
        return self._spliced(node.start + 1, node.end - 1, put)

    def _pretty(self, value: Any, indent: str) -> str:
        text = json.dumps(value, indent=self._unit, ensure_ascii=False)
        return text.replace("\n", f"{self._line_end}{indent}")

    @property
    def _line_end(self) -> str:
        return "\r\n" if "\r\n" in self.text else "\n"

    @property
    def _is_one_line(self) -> bool:
        return bool(self.root.items) and "\n" not in self.text[self.root.start : self.root.end]

    @property
    def _unit(self) -> str:
        """Return how one level is set in, as the file does it."""
        for item in self.root.items:
            space = self.text[self._space_before(item.start) : item.start]
            if "\n" in space and (indent := space.rpartition("\n")[2]):
                return indent
        return "  "

    def _space_before(self, at: int) -> int:
        while at > 0 and self.text[at - 1] in " \t\r\n":
            at -= 1
        return at

    def _end_of_line_comment(self, at: int) -> int:
        """Return the end of a comment that stands behind a value on the same line; else where it ends."""
        match = re.compile(r"[ \t]*//[^\r\n]*").match(self.text, at)
        return match.end() if match else at

    def _comma(self, at: int) -> int:
        """Return where the comma behind a value stands."""
        comma = _after(self.text, at)
        assert self.text[comma] == ","
        return comma

    def _has_trailing_comma(self, node: Node) -> bool:
        return self.text[_after(self.text, node.items[-1].value.end)] == ","

    def _spliced(self, start: int, end: int, put: str) -> Document:
        return Document(self.text[:start] + put + self.text[end:])

    def _read(self, node: Node) -> Any:
        if node.opens == "{":
            return {item.key: self._read(item.value) for item in node.items}
        if node.opens == "[":
            return [self._read(item.value) for item in node.items]
        return json.loads(self.text[node.start : node.end])

    def _value(self, at: int, depth: int) -> Node:
        if depth > _DEEPEST:
            raise self._wrong(at, "it is nested too deeply")
        opens = self.text[at : at + 1]
        if opens not in ("{", "["):
            return self._scalar(at)
        if depth and (end := self._end_of_plain(at)):
            return Node(at, end, opens, reads=lambda: self._whole(at, depth).items)
        return self._whole(at, depth)

    def _end_of_plain(self, at: int) -> int:
        """Return where a value of plain JSON ends, found at the interpreter's own speed; 0 for any other.

        Settings of several megabytes are read at each change, of which a few places alone are looked at.
        """
        try:
            return _PLAIN.raw_decode(self.text, at)[1]
        except (ValueError, RecursionError):
            return 0

    def _whole(self, at: int, depth: int) -> Node:
        """Return an object or array with what it holds."""
        opens = self.text[at]
        node = Node(at, opens=opens)
        closes = "}" if opens == "{" else "]"
        at = _after(self.text, at + 1)
        while self.text[at : at + 1] != closes:
            item = self._item(at, opens, len(node.items), depth)
            node.items.append(item)
            at = _after(self.text, item.value.end)
            if self.text[at : at + 1] == ",":
                at = _after(self.text, at + 1)
            elif self.text[at : at + 1] != closes:
                raise self._wrong(at, f"a comma or {closes} is missing")
        node.end = at + 1
        return node

    def _item(self, at: int, opens: str, index: int, depth: int) -> Item:
        if opens == "[":
            return Item(index, at, self._value(at, depth + 1))
        name = self._scalar(at)
        if self.text[at] != '"':
            raise self._wrong(at, "a name in quotes is missing")
        colon = _after(self.text, name.end)
        if self.text[colon : colon + 1] != ":":
            raise self._wrong(colon, "a colon is missing")
        value = self._value(_after(self.text, colon + 1), depth + 1)
        return Item(json.loads(self.text[at : name.end]), at, value)

    def _scalar(self, at: int) -> Node:
        match = _SCALAR.match(self.text, at)
        if match is None:
            raise self._wrong(at, "this is not JSON")
        try:
            json.loads(match[0])
        except ValueError:
            raise self._wrong(at, "this is not JSON") from None
        return Node(at, match.end())

    def _wrong(self, at: int, what: str) -> ValueError:
        return ValueError(f"line {self.text.count(chr(10), 0, at) + 1}: {what}")


def containers(document: Document, path: Path) -> Iterator[str]:
    """Yield the names of the arrays that an object holds."""
    node = document.node(path)
    if node is not None and node.opens == "{":
        for item in node.items:
            if item.value.opens == "[" and isinstance(item.key, str):
                yield item.key


def _after(text: str, at: int) -> int:
    """Return where the next thing stands: behind space and comments."""
    match = _TRIVIA.match(text, at)
    assert match is not None
    return match.end()
