"""One key for each thing that waits, where a person sits at a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from holdfast.cli.output import dim, good, plain, strong, wrapped

if TYPE_CHECKING:
    from holdfast.learn.view import View
    from holdfast.learn.waiting import Waiting

KEYS = "a accept · d set aside for good · s later · q quit"
_STOP = ("q", "\x03", "\x04", "\x1b")


def asks() -> bool:
    """Tell whether somebody sits there who can press a key."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def ask(view: View, shown: Sequence[str]) -> None:
    """Show each thing that waits with what it rests on, and do what the key says.

    Args:
        view: The repository's view.
        shown: What waits, by the beginnings of their ids, in their order.
    """
    from holdfast.errors import HoldfastError
    from holdfast.learn import waiting
    from holdfast.learn.write import accept, drop

    items = {item.learning.id: item for item in waiting.read(view.repository) if item.status == "waiting"}
    done = {"a": 0, "d": 0}
    for number, prefix in enumerate(shown, 1):
        item = next((one for name, one in items.items() if name.startswith(prefix)), None)
        if item is None:
            continue
        for line in _lines(item, prefix, f"{number} of {len(shown)}"):
            click.echo(line)
        click.echo(dim(f"  {KEYS} "), nl=False)
        key = click.getchar().lower()
        if key in _STOP:
            click.echo()
            break
        try:
            if key == "a":
                accept(view, item.learning.id)
            elif key == "d":
                drop(view, item.learning.id)
        except HoldfastError as error:
            click.echo("not done")
            click.echo(wrapped(f"{plain(error.message)} {plain(error.hint)}", first="  ", indent="  "))
            continue
        done[key] = done.get(key, 0) + 1
        click.echo({"a": good("recorded"), "d": "set aside"}.get(key, "later"))
    left = len(shown) - done["a"] - done["d"]
    click.echo(f"{done['a']} recorded, {done['d']} set aside, {left} left for later.")


def _lines(item: Waiting, prefix: str, at: str) -> Iterator[str]:
    learning = item.learning
    yield ""
    yield wrapped(plain(learning.lead), first=f"{strong(prefix)}  ", indent="      ")
    for line in _details(learning.text):
        yield dim(wrapped(plain(line), first="      ", indent="      "))
    who = learning.by.agent or "a session"
    yield dim(f"      {learning.kind} · {learning.created} · by {plain(who)} · {at}")


def _details(text: str) -> list[str]:
    """Return what a learning rests on: its details, without their headings."""
    _, _, details = text.partition("## Details")
    return [line for line in details.splitlines() if line.strip() and not line.startswith("#")][:6]
