"""Bring a file that is all ours, or our table in a TOML file, to what is wanted."""

from __future__ import annotations

import tomllib

import tomlkit
from msgspec.structs import replace as with_fields
from tomlkit.exceptions import TOMLKitError

from holdfast.connect.wiring.agent import Block, Text
from holdfast.connect.wiring.json_file import Result
from holdfast.connect.wiring.registry import Added, Wired

_MARK = "Written by `holdfast init`"


def brought_text(text: str | None, wanted: Text | None, wired: Wired) -> Result:
    """Return what a file of ours is to hold; one that is not ours, or was changed, is left."""
    recorded = next((each.value for each in wired.added if each.kind == "text"), None)
    if text is not None and text != recorded and _MARK not in text.partition("\n")[0]:
        left = ["it is not one that Holdfast wrote, so it stays"] if wanted or recorded else []
        return Result(text, with_fields(wired, added=()), [], [], left)
    if wanted is None:
        gone = ["the plug-in"] if text is not None else []
        return Result(None, with_fields(wired, added=()), [], gone, [])
    holds = with_fields(wired, created=True, added=(Added((), wanted.text, "text"),))
    return Result(wanted.text, holds, [wanted.what] if text != wanted.text else [], [], [])


def brought_block(text: str | None, wanted: Block | None, wired: Wired) -> Result:
    """Return what a TOML file is to hold, with our table behind all others.

    Raises:
        ValueError: It is not TOML, or has no room for the table.
    """
    recorded = next((each for each in wired.added if each.kind == "block"), None)
    now = text or ""
    there = _table(now, wanted.at if wanted else recorded.at if recorded else ())
    if wanted is not None and there is not None and there == _table(wanted.text, wanted.at):
        added = recorded or Added(wanted.at, wanted.text, "block")
        return Result(text, with_fields(wired, added=(added,)), [], [], [])
    if wanted is not None and there is not None and recorded is None:
        left = [f"it has another {wanted.at[-1]}, which stays"]
        return Result(text, with_fields(wired, added=()), [], [], left)
    gone: list[str] = []
    at = wanted.at if wanted else recorded.at if recorded else ()
    if at and there is not None:
        now = _without(now, at, recorded.value if recorded else "")
        gone = ["the MCP server `holdfast`"]
    if wanted is None:
        empty = wired.created and not now.strip()
        return Result(None if empty or text is None else now, with_fields(wired, added=()), [], gone, [])
    apart = "" if not now.strip() else "\n" if now.endswith("\n") else "\n\n"
    after = now + apart + wanted.text
    _table(after, wanted.at)  # there may be no room for it
    added = Added(wanted.at, apart + wanted.text, "block")
    holds = with_fields(wired, created=wired.created or text is None, added=(added,))
    return Result(after, holds, [] if gone else [wanted.what], [], [])


def _table(text: str, at: tuple[str, ...]) -> object:
    """Return what stands at a place in a TOML text; None where nothing does."""
    try:
        found: object = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ValueError(f"it is not TOML: {error}") from None
    for key in at:
        found = found.get(key) if isinstance(found, dict) else None
    return found if at else None


def _without(text: str, at: tuple[str, ...], recorded: str) -> str:
    """Return a TOML text without a table: exactly what was put in where that still stands as it was."""
    if recorded and text.count(recorded) == 1:
        without = text.replace(recorded, "")
        if _table(without, at) is None:
            return without
    try:
        document = tomlkit.parse(text)
        above = document
        for key in at[:-1]:
            above = above[key]
        del above[at[-1]]
        if len(at) > 1 and not above:
            del document[at[0]]
        return tomlkit.dumps(document)
    except (TOMLKitError, KeyError, TypeError) as error:
        raise ValueError(f"the table cannot be taken out: {error}") from None
