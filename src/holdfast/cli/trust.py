"""``holdfast trust``: show what a repository would run or tell agents, and accept it."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from holdfast.cli.output import (
    bad,
    count,
    dim,
    emit,
    good,
    json_option,
    repository_option,
    strong,
    wrapped,
)
from holdfast.errors import HoldfastError

if TYPE_CHECKING:
    from holdfast.repo.location import Repository
    from holdfast.repo.trust import TrustState

SHOWN = 20
"""Learnings of one person that are shown before one is asked to accept that person."""

_EXAMPLE = """\b
Example:
  holdfast trust            show what would run or be told to agents, and ask
  holdfast trust --show     show it, and exit 1 when it is not trusted
  holdfast trust --revoke   trust it no more
"""


class _Item(msgspec.Struct, frozen=True):
    name: str
    path: str
    kind: str
    does: str
    digest: str
    status: str


class _Answer(msgspec.Struct, frozen=True, kw_only=True):
    trusted: bool
    reason: str
    items: list[_Item]
    removed: tuple[str, ...]
    documents: tuple[str, ...]
    identities: tuple[str, ...]
    new_identities: tuple[str, ...]
    next: str | None


@click.command("trust", epilog=_EXAMPLE)
@click.option("--show", "only_show", is_flag=True, help="Show it and decide nothing.")
@click.option("--yes", is_flag=True, help="Accept what is there now, without asking.")
@click.option("--revoke", is_flag=True, help="Trust this repository no more.")
@json_option
@repository_option
def command(only_show: bool, yes: bool, revoke: bool, as_json: bool, directory: Path | None) -> int:
    """Show what this repository would run or tell agents, and accept it.

    Until then nothing of it runs or reaches an agent; reading and reporting work. What you accept is
    kept outside the repository, for exactly this content: a change is asked about again.
    """
    from holdfast.repo import trust
    from holdfast.repo.location import Repository

    if only_show + yes + revoke > 1:
        raise click.UsageError("Give one of --show, --yes and --revoke.")
    repository = Repository.find(directory or ".")
    store = trust.TrustStore()
    if revoke:
        had = store.revoke(repository)
        state = store.state(repository, trust.seen_identities(repository))
        done = "Revoked: nothing of it runs or reaches an agent." if had else "It was not trusted."
        emit(_answer(state), "holdfast.trust/1", as_json, lambda _: [done])
        return 0
    state = store.state(repository, trust.seen_identities(repository))
    settled = state.trusted and not state.new_identities
    strangers = _learnings_by(repository, state.new_identities)
    if yes or (not settled and not only_show and not as_json and _asked(state, strangers)):
        store.accept(repository, state.new_identities, state.items)
        _publish(repository)
        state = store.state(repository, trust.seen_identities(repository))
        emit(_answer(state), "holdfast.trust/1", as_json, _accepted)
    elif only_show or as_json or settled or not _terminal():
        emit(_answer(state), "holdfast.trust/1", as_json, lambda _: _shown(state, strangers))
    else:
        click.echo("Not accepted. Nothing of it runs or reaches an agent.")
    return 0 if state.trusted else 1


def _publish(repository: Repository) -> None:
    """Let hooks tell what may be told now: other people's records, other settings."""
    from holdfast.learn.view import View
    from holdfast.recall.publish import publish

    if repository.root is not None and repository.state_dir.exists():
        with contextlib.suppress(HoldfastError, OSError), View(repository) as view:
            publish(view)


def _learnings_by(repository: Repository, people: tuple[str, ...]) -> dict[str, list[str]]:
    """Return what agents would be told of each person's records, were they accepted."""
    if not people:
        return {}
    from holdfast.hook.quoting import quoted
    from holdfast.learn.view import View

    with View(repository) as view:
        told = view.told()
    return {name: [quoted(learning.text) for learning in told if learning.author == name] for name in people}


def _asked(state: TrustState, strangers: dict[str, list[str]]) -> bool:
    """Show everything on a terminal and ask; elsewhere nobody is asked."""
    if not _terminal():
        return False
    click.echo("\n".join(_shown(state, strangers, to_ask=True)))
    return click.confirm("Accept this, on this machine?", default=False)


def _terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


def _shown(state: TrustState, strangers: dict[str, list[str]], *, to_ask: bool = False) -> Iterator[str]:
    yield (good if state.trusted else bad)(_line(state.reason))
    changed = {change.name: change for change in state.changed}
    if state.items:
        yield ""
        yield strong("What it would run, use or tell agents:")
    for item in state.items:
        mark = changed[item.key].what if item.key in changed else "accepted"
        yield f"  {_line(item.name)}  {dim(f'({mark})')}"
        yield f"      {_line(item.does)}"
        if item.key in changed and changed[item.key].diff:
            yield from (f"      | {line}" for line in changed[item.key].diff.split("\n"))
    if state.documents:
        yield ""
        yield f"Quoted to agents as data, with their source: {', '.join(map(_line, state.documents))}"
    if state.new_identities:
        yield ""
        yield strong(
            "Records not written in this clone; until you accept their authors they are found, not told:"
        )
        for name in state.new_identities:
            yield from _by(name, strangers.get(name, []))
    if not (state.items or state.documents or state.new_identities):
        yield wrapped(
            "It holds no settings, guidance or documents, and no records by others. The messages of its "
            "commits are quoted to agents as data, with the names of their authors.",
            first="",
            indent="",
        )
    if not to_ask and (not state.trusted or state.new_identities):
        yield ""
        yield f"To accept it: {strong('holdfast trust --yes')}"


def _by(name: str, learnings: list[str]) -> Iterator[str]:
    yield f"  {_line(name)}: {count(len(learnings), 'learning')}"
    for text in learnings[:SHOWN]:
        yield wrapped(_line(text), first="      | ", indent="      | ")
    if len(learnings) > SHOWN:
        yield dim(f"      … and {len(learnings) - SHOWN} more, all found by `holdfast recall`")


def _accepted(answer: _Answer) -> Iterator[str]:
    items = count(len(answer.items), "item")
    people = count(len(answer.identities), "author", "authors")
    yield good(_line(answer.reason) if not answer.trusted else "Trusted on this machine, as it is now.")
    yield f"{items}, and records of other clones by {people}."


def _line(text: str) -> str:
    from holdfast.repo.visible import visible_line

    return visible_line(text)


def _answer(state: TrustState) -> _Answer:
    status = {change.name: change.what for change in state.changed}
    items = [
        _Item(item.name, item.path, item.kind, item.does, item.digest, status.get(item.key, "accepted"))
        for item in state.items
    ]
    return _Answer(
        trusted=state.trusted,
        reason=state.reason,
        items=items,
        removed=state.removed,
        documents=state.documents,
        identities=state.identities,
        new_identities=state.new_identities,
        next=None if state.trusted and not state.new_identities else "holdfast trust --yes",
    )
