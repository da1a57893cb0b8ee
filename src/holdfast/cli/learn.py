"""``holdfast learn``: write down one thing worth knowing; export what is known, import notes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from holdfast.cli.output import emit, good, json_option, repository_option, wrapped

if TYPE_CHECKING:
    from holdfast.learn.write import Written
    from holdfast.repo.records import Kind

_LONGEST = 1 << 16
"""Bytes of a learning, at most."""

SECTIONS = (
    ("context", "decision", "What made a decision necessary."),
    ("alternatives", "decision", "What else was considered, and why not."),
    ("consequences", "decision", "What follows from it."),
    ("revisit", "decision", "What would have to change before it is asked again."),
    ("tried", "failure", "What was tried."),
    ("why_failed", "failure", "The cause."),
    ("symptoms", "failure", "How it shows: the error."),
    ("instead", "failure", "What works instead."),
    ("not_caught", "failure", "Which check should have caught it."),
    ("prevention", "failure", "What keeps it from coming back."),
    ("where", "pattern", "Where it applies."),
    ("when", "pattern", "When it is right."),
    ("when_not", "pattern", "When it is wrong."),
    ("gotchas", "pattern", "What goes wrong with it."),
    ("think", "model", "How to think of it."),
)
"""The sections that options give: the option, its kind, its help. See `holdfast.learn.template`."""
_NAMED_KINDS = ("decision", "failure", "pattern", "model")


def _section_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for name, kind, told in reversed(SECTIONS):
        flag = "--" + name.replace("_", "-")
        command = click.option(flag, name, metavar="TEXT", help=f"{kind.capitalize()}: {told}")(command)
    for kind in reversed(_NAMED_KINDS):
        command = click.option(
            f"--{kind}", is_flag=True, help=f"The same as -k {kind}; without TEXT your editor opens."
        )(command)
    return command


@click.command(
    "learn",
    epilog="""\b
Example:
  holdfast learn "Run 'make gen' after editing api/*.proto: CI fails on stale files otherwise"
  holdfast learn --decision             opens a template in your editor
  holdfast learn --failure --instead 'Run `npm ci`' --tried '`npm install`' \\
    --symptoms 'npm ERR! code E401'
  holdfast learn export learnings.md    writes what is known to a file; - is standard output
  holdfast learn import notes/          lets what notes say wait for `holdfast review`
  holdfast learn --session log.jsonl    shows what one session could teach
  holdfast learn --wording "claude -p"  lets your agent word what `ingest` learns; off ends it

\b
`export` and `import` are such only alone or before a path: `-`, a word with a slash,
a name in .md, .mdc or .txt, or a file that is there. Everything else is text to learn.
""",
)
@click.argument("text", nargs=-1)
@click.option(
    "-k",
    "--kind",
    type=click.Choice(["failure", "gotcha", "decision", "pattern", "convention", "model"]),
    help="What sort of thing it is.  [default: gotcha]",
)
@_section_options
@click.option("--command", "commands", multiple=True, metavar="CMD", help="A command it applies to.")
@click.option("--path", "paths", multiple=True, help="A file or folder it applies to.")
@click.option("--tag", "tags", multiple=True, help="A word to find it by.")
@click.option("--supersedes", multiple=True, metavar="ID", help="A learning that this one replaces.")
@click.option("--agent", metavar="NAME", help="An agent says so, not a person.")
@click.option(
    "--quote",
    metavar="WORDS",
    default="",
    help="For agents: the user's own words, looked for in the session's log. The text waits for `review`.",
)
@click.option(
    "--anyway", metavar="REASON", default="", help="Record it although the gate refuses; the reason is kept."
)
@click.option(
    "--session",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="Show what a session decided, what failed, what worked and what cost most; records nothing.",
)
@click.option(
    "--wording",
    metavar="COMMAND|off",
    help="Let your own agent, run as COMMAND, word what `ingest` learns; off by default.",
)
@click.option(
    "--wording-calls",
    type=click.IntRange(0, 1000),
    metavar="N",
    help="How often one ingest runs it.  [default: 5]",
)
@click.option(
    "--wording-seconds",
    type=click.IntRange(1, 3600),
    metavar="N",
    help="How long one call may take.  [default: 60]",
)
@json_option
@repository_option
def command(
    text: tuple[str, ...],
    session: Path | None,
    wording: str | None,
    wording_calls: int | None,
    wording_seconds: int | None,
    as_json: bool,
    directory: Path | None,
    **options: Any,
) -> int:
    """Write down one thing worth knowing; `-` reads it from standard input.

    The first paragraph is what an agent is shown: what to do, because of what failed otherwise. A gate
    refuses what would not help the next session, with exit code 3, and says how to mend it.
    """
    from holdfast.cli import learn_files, learn_session
    from holdfast.errors import Refused, UsageError

    given = [name for name, value in options.items() if value]
    if wording is not None or wording_calls is not None or wording_seconds is not None:
        from holdfast.cli import learn_wording

        _refuse_others("`--wording`", given + (["text"] if text else []) + (["session"] if session else []))
        if wording is None:
            raise UsageError(
                "A cap goes with the command.", 'Say both: `--wording "claude -p"`, and the cap.'
            )
        return learn_wording.choose(wording, wording_calls, wording_seconds, as_json, directory)
    called = learn_files.called(text)
    if session is not None or called:
        which = "`--session`" if session is not None else f"`learn {text[0]}`"
        _refuse_others(which, given + (["text"] if session is not None and text else []))
        if session is not None:
            return learn_session.show((directory or Path()) / session, as_json)
        return learn_files.run(text, as_json, directory)
    if options["quote"]:
        from holdfast.cli import learn_quoted

        _refuse_others("`--quote`", [name for name in given if name not in learn_quoted.WITH])
        return learn_quoted.run(text, _kind(given, options), options, as_json, directory)
    try:
        return _record(text, given, as_json, directory, options)
    except Refused as error:
        learn_files.add_hint(text, error)
        raise


def _refuse_others(which: str, given: list[str]) -> None:
    from holdfast.errors import UsageError

    if given:
        named = {"commands": "command", "paths": "path", "tags": "tag"}.get(given[0], given[0])
        named = "text" if named == "text" else "--" + named.replace("_", "-")
        raise UsageError(
            f"{which} goes with no {named}.", 'To record a text, give it as one: holdfast learn "…"'
        )


def _record(
    text: tuple[str, ...], given: list[str], as_json: bool, directory: Path | None, options: dict[str, Any]
) -> int:
    from holdfast.cli.draft import drafted, recorded_from
    from holdfast.cli.opening import open_view
    from holdfast.hook.commands import family
    from holdfast.learn import template
    from holdfast.learn.write import learn_text
    from holdfast.repo.records import Applies, Author

    kind = _kind(given, options)
    filled = {name: options[name] for name, _, _ in SECTIONS if options[name]}
    applies = Applies(
        commands=tuple(family(name) or name for name in options["commands"]),
        paths=options["paths"],
        tags=options["tags"],
    )
    agent = options["agent"]
    by = Author(kind="agent", agent=agent) if agent else Author(kind="person")
    with open_view(directory or ".") as view:  # before anything is typed, which would be lost otherwise
        piped = _read(filled) if text == ("-",) else ""
        if piped:
            view.refresh()

        def write(said: str) -> Written:
            return learn_text(
                view, said, kind=kind, applies=applies, supersedes=options["supersedes"], by=by,
                anyway=options["anyway"],
            )  # fmt: skip

        if piped:
            said = template.read(piped, kind) if kind in template.SECTIONS else piped
            written = recorded_from(view, piped, kind, lambda: write(said))
        else:
            said = template.compose(kind, "" if text == ("-",) else " ".join(text), filled)
            if said.startswith("## Details") or (not said and kind != "gotcha"):
                written = drafted(view, kind, filled, write)
            else:
                written = write(said)
    emit(written, "holdfast.learn/1", as_json, _lines)
    return 0


def _kind(given: list[str], options: dict[str, Any]) -> Kind:
    """Return the kind that was asked for: by its option, or by the sections that only one kind has."""
    from holdfast.errors import UsageError

    named = {kind for kind in _NAMED_KINDS if options[kind]} | (
        {options["kind"]} if options["kind"] else set()
    )
    if len(named) > 1:
        raise UsageError(
            f"One thing is of one kind, not {' and '.join(sorted(named))}.", "Say two things apart."
        )
    kinds = {kind: name for name, kind, _ in reversed(SECTIONS) if name in given}
    kind = next(iter(named), next(iter(kinds), "gotcha"))
    for other, name in kinds.items():
        if other != kind:
            flag = "--" + name.replace("_", "-")
            raise UsageError(f"{flag} is a section of a {other}, not of a {kind}.", f"Say --{other}.")
    return cast("Kind", kind)


def _read(filled: dict[str, str]) -> str:
    from holdfast.errors import UsageError

    if filled:
        raise UsageError(
            "Give the sections in the text or as options, one of the two.",
            "In the text they stand under headings such as `## Context`.",
        )
    data = sys.stdin.buffer.read(_LONGEST + 1)
    if len(data) > _LONGEST:
        raise UsageError(
            f"The text is longer than {_LONGEST >> 10} KiB; nothing was recorded.",
            "Say one thing at a time: each learning stands for itself.",
        )
    return data.decode("utf-8", "replace")


def _lines(written: Written) -> Iterator[str]:
    if written.kind == "note":
        yield f"{'It stands' if written.already else good('Noted')} in {written.id}."
    elif written.already:
        yield f"Already on record as {written.id[:6]}."
    else:
        yield f"{good('Learned')} {written.kind} {written.id[:6]}."
    yield wrapped(written.text)
    if written.redacted:
        yield "  Something private was taken out of the text."
