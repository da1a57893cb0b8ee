"""``holdfast ingest --symptoms``: let the chosen agent say how people come upon what was decided."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from holdfast.cli.output import bad, count, emit, progress, strong, wrapped

if TYPE_CHECKING:
    from holdfast.recall.asking import Asked
    from holdfast.repo.location import Repository

_COMPARING_CALLS, _COMPARING_TOKENS = 0.7, 1.3
"""What comparing takes beside reading where a third of the texts settles something: two public histories."""
CALLS = 25
"""How often one run asks the agent, unless told otherwise."""


def ask(directory: Path | None, calls: int | None, as_json: bool) -> int:
    """Put what nobody was asked about yet to the agent; exits with 1 when it gave no answer that counts."""
    from holdfast.cli.opening import open_view, read_on
    from holdfast.learn import symptoms as kept
    from holdfast.recall import successions, symptoms
    from holdfast.recall.asking import Agent, expected
    from holdfast.repo.trust import TrustStore

    with open_view(directory or ".") as view:
        command = _command(view.repository)
        TrustStore().require(view.repository)  # what it holds is put before an agent
        read_on(view)
        most = calls or CALLS
        held = kept.read(view.repository)
        texts = symptoms.waiting(view, held)
        if texts or successions.waiting(view, held):
            wanted, tokens = expected(view, texts)
            told = f"At most {count(most, 'call')} of `{' '.join(command)}` now."
            whole = f"All that waits: about {count(wanted, 'call')} and {tokens:,} tokens to read"
            calls_, tokens_ = round(wanted * _COMPARING_CALLS), round(tokens * _COMPARING_TOKENS)
            more = f"comparing decisions may take {count(calls_, 'call')} and {tokens_:,} tokens more"
            click.echo(wrapped(f"{told} {whole}; {more}.", first=""), err=True)
        with progress(most, "Asking your agent", sizes=False) as advance:
            done = Agent(command, calls=most, advance=lambda _: advance(1)).ask_about(view, texts)
    emit(done, "holdfast.ingest-symptoms/1", as_json, _lines)
    return 1 if done.problem and not (done.read or done.compared) else 0


def _command(repository: Repository) -> tuple[str, ...]:
    """Return the agent that was chosen here.

    Raises:
        UsageError: None was.
    """
    from holdfast.errors import UsageError
    from holdfast.learn.wording import is_chosen
    from holdfast.repo import config

    settings = config.settings(repository)
    if settings is None or not settings.wording or not is_chosen(repository, settings.wording):
        raise UsageError(
            "No agent was chosen that could say how people come upon what was decided.",
            'Choose one that answers on standard output: `holdfast learn --wording "claude -p"`',
        )
    return settings.wording


def _verb(number: int, verb: str) -> str:
    return f"{number:,} {verb}{'s' if number == 1 else ''}"


def _lines(done: Asked) -> Iterator[str]:
    if done.calls:
        spent = f"{done.seconds:.0f} s, about {done.tokens:,} tokens given"
        yield strong(f"Asked your agent {count(done.calls, 'time')}") + f" ({spent})."
    if done.read:
        yield f"  Of {count(done.read, 'text')}, {_verb(done.settling, 'settle')} something."
    if done.copied:
        yield f"  {count(done.copied, 'more text says', 'more texts say')} the same word for word."
    if done.compared:
        replacing = (
            f"{_verb(done.replacing, 'replace')} an earlier one"
            if done.replacing
            else "all stand beside those"
        )
        yield f"  {count(done.compared, 'decision')} compared with earlier ones: {replacing}."
    if done.failed:
        yield f"  {bad('no answer:')} {count(done.failed, 'call')} brought none that counts."
    if done.problem:
        yield wrapped(done.problem, indent="    ", first=f"  {bad('stopped:')} ")
    if done.left:
        yield f"  {count(done.left, 'text waits', 'texts wait')} for the next run: holdfast ingest --symptoms"
    elif not done.problem:
        found = " Decisions are found by what people see go wrong, too." if done.settling else ""
        yield f"Nothing waits.{found}"
