"""``holdfast learn --wording``: choose the agent that words what events proved, or none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from holdfast.cli.output import count, emit, plain, strong, wrapped


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """What was chosen for this clone.

    Attributes:
        command: The command as its arguments; empty when nothing is worded.
        calls: How often one ingest runs it, at most.
        seconds: How long one call may take.
    """

    command: tuple[str, ...]
    calls: int
    seconds: int


def choose(
    command: str, calls: int | None, seconds: int | None, as_json: bool, directory: Path | None
) -> int:
    """Keep a command and its caps for this clone; ``off`` ends it."""
    import shlex

    from holdfast.errors import UsageError
    from holdfast.learn import wording
    from holdfast.repo.location import Repository

    try:
        arguments = [] if command.strip() == "off" else shlex.split(command)
    except ValueError as error:
        raise UsageError(f"`{command}` is no command line: {error}.", "Quote it as in a shell.") from error
    if not arguments and command.strip() != "off":
        raise UsageError(
            "There is no command.", 'Say one, `--wording "claude -p"`, or end it: `--wording off`'
        )
    caps = {"wording_calls": calls, "wording_seconds": seconds}
    chosen = wording.choose(
        Repository.find(directory or "."),
        arguments,
        **{name: value for name, value in caps.items() if value is not None},
    )
    answer = Chosen(command=chosen.wording, calls=chosen.wording_calls, seconds=chosen.wording_seconds)
    emit(answer, "holdfast.learn-wording/1", as_json, _lines)
    return 0


def _lines(chosen: Chosen) -> Iterator[str]:
    if not chosen.command:
        yield "Nothing is worded by an agent: what is learned stands in Holdfast's own words."
        return
    import shlex
    import shutil

    yield wrapped(
        f"`holdfast ingest` now runs {strong(plain(shlex.join(chosen.command)))} to word what it learns: "
        f"at most {count(chosen.calls, 'call')} a run, {chosen.seconds} seconds each. It gets the redacted "
        "facts of a fix that an outcome confirmed; its words are taken only when they say the same."
    )
    yield "When you type `holdfast ingest --symptoms`, it is asked about decisions too."
    program = Path(chosen.command[0])
    if len(program.parts) > 1 and not program.is_absolute():
        yield wrapped(f"It is run in an empty folder: give the whole path of {plain(str(program))}.")
    elif shutil.which(program) is None:
        yield wrapped(
            f"There is no program {plain(str(program))} here now: until there is, nothing is worded."
        )
    yield "End it with: holdfast learn --wording off"
