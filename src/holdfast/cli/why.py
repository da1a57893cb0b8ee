"""``holdfast why``: the evidence behind a learning, or the reason for a line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from holdfast.cli.output import count, dim, emit, json_option, plain, repository_option, strong, wrapped

if TYPE_CHECKING:
    from holdfast.evidence.use import Use
    from holdfast.learn.view import View
    from holdfast.recall.why import Reason
    from holdfast.recall.why_line import LineReason
    from holdfast.repo.records import Evidence, RecordEvent
    from holdfast.transcripts.origin import Origin

_EVENTS = {
    "learning.accepted": "accepted by a person",
    "learning.retired": "retired",
    "learning.superseded": "superseded",
    "learning.withheld": "withheld",
    "learning.restored": "restored",
    "learning.promoted": "promoted",
}
_CITED = {"helped": "said to have helped", "wrong": "called wrong", "stale": "called stale"}
_WHERE = {
    "start": "at a start", "prompt": "for a prompt", "failure": "at the failure", "call": "before a call",
}  # fmt: skip
_OVERRIDDEN = {
    "gate": "recorded although the gate refused it",
    "approach": "gone on against it",
}


@click.command(
    "why",
    epilog="""\b
Example:
  holdfast why k3p2                the evidence behind a learning
  holdfast why src/shop/cart.py:42 the reason for a line, as it was given in its session
""",
)
@click.argument("what", metavar="ID|FILE:LINE")
@click.argument("transcripts", nargs=-1, type=click.Path(path_type=Path))
@json_option
@repository_option
def command(what: str, transcripts: tuple[Path, ...], as_json: bool, directory: Path | None) -> int:
    """Show the evidence behind a learning, or why a line of a file is as it is.

    Of a learning: session, line, command, exit codes, commit. Of a line, committed or not: the commit, the
    session that wrote it, and what was said then, from the logs that `holdfast ingest` read or from
    TRANSCRIPTS.
    """
    from holdfast.cli.opening import open_view
    from holdfast.recall.why import why
    from holdfast.recall.why_line import why_line
    from holdfast.repo.blame import line_at

    start = Path(directory or ".").absolute()
    with open_view(directory or ".") as view:
        line = None if view.is_note(what) else line_at(view.repository, what, start)
        if line is None:
            emit(why(view, what), "holdfast.why/1", as_json, _lines)
            return 0
        found = why_line(view, line, _logs(view, transcripts))
    emit(found, "holdfast.why-line/1", as_json, _line_lines)
    return 0 if found.commit or found.session else 1


def _logs(view: View, transcripts: tuple[Path, ...]) -> Iterator[Origin]:
    """Yield the logs that are named, else those that were read before and are still there."""
    from holdfast.learn.reading_position import transcripts_read
    from holdfast.transcripts.archive import archived
    from holdfast.transcripts.origin import DatabaseOrigin, FileOrigin
    from holdfast.transcripts.transcript import expand

    if transcripts:
        yield from expand(transcripts)
        return
    there = []
    for key in transcripts_read(view.repository.state_dir / "reading.db"):
        path, _, session = key.rpartition("#")
        if Path(key).is_file():
            there.append(key)
            yield FileOrigin(Path(key))
        elif session and Path(path).is_file():
            there.append(key)
            yield DatabaseOrigin(Path(path), session)
    yield from archived(view.repository, there)


def _line_lines(found: LineReason) -> Iterator[str]:
    from holdfast.repo.chain import day_of

    yield f"{strong(f'{plain(found.path)}:{found.line}')}  {plain(found.text.strip())}"
    commit, session = found.commit, found.session
    if commit is None:
        yield "  not committed yet"
    else:
        day = day_of(int(commit.at))
        yield wrapped(
            f"{day} by {commit.author}: {commit.subject}", first=f"  {commit.id[:9]}  ", indent="    "
        )
        if commit.body:
            yield wrapped(commit.body.split("\n\n")[0], first="    ", indent="    ")
    if session is None:
        logs = count(found.looked_in, "log")
        yield dim(f"  No session that wrote it was found in {logs}: `holdfast ingest`, or name transcripts.")
        return
    where = f", {plain(session.transcript)}:{session.line}" if session.transcript else ""
    done = "written" if session.by == "edit" else "committed"
    yield wrapped(f"{done} {session.day or ''} by {session.agent}, session {session.session}{where}")
    if found.asked:
        yield wrapped(f"“{found.asked}”", first="  asked: ", indent="    ")
    if found.said:
        yield wrapped(f"“{found.said}”", first="  said:  ", indent="    ")


def _lines(reason: Reason) -> Iterator[str]:
    item = reason.item
    yield wrapped(item.text, first=f"{strong(item.id)}  ", indent="      ")
    facts = [item.kind, item.confidence, reason.state, item.day or "", f"by {plain(reason.by)}"]
    if item.origin != "recorded":
        facts[-1] = plain(item.origin)
    yield dim(f"      {' · '.join(fact for fact in facts if fact)}")
    if not reason.evidence:  # then what was written beside it is all there is
        yield from _details(reason.detail)
    for evidence in reason.evidence:
        yield from _evidence(evidence)
    if reason.sessions:
        yield (
            f"  Its fix worked in {count(len(reason.sessions), 'session')}; "
            f"the failure occurred in {count(reason.failed_in, 'session')}."
        )
    for use in reason.used:
        yield from (wrapped(line) for line in _used(use))
    for event in reason.events:
        yield from _event(event)
    if reason.ref and reason.path:
        yield dim(f"  git show {plain(_short(reason.ref))}:{plain(reason.path)}")


def _used(use: Use) -> Iterator[str]:
    """Say in sentences what came of telling it at one surface, and of not telling it."""
    where = _WHERE.get(use.surface, use.surface)
    came = [f"followed in {use.followed}"] if use.followed else []
    came += [f"named in {use.cited}"] if use.cited else []
    if use.resolved:
        calls = f"{use.steps / use.resolved:.1f}".removesuffix(".0")
        after = f"after {calls} {'call' if calls == '1' else 'calls'} on average"
        came.append(f"the failure ended {count(use.resolved, 'time')}, {after}")
    came += [f"it failed all the same in {use.met}"] if use.met else []
    came += [f"refused or taken out again in {use.refused}"] if use.refused else []
    if use.told:
        yield f"Told {where} in {count(use.told, 'session')}{': ' if came else ''}{', '.join(came)}."
    if use.withheld:
        left = count(use.withheld, "session")
        yield f"Held out {where} from {left}, of which {use.met_without} met it."


def _details(text: str) -> Iterator[str]:
    """Yield the paragraphs of a learning's details, each after the heading it stands under."""
    heading = ""
    for paragraph in text.split("\n\n"):
        if paragraph.startswith("#"):
            heading = paragraph.lstrip("# ").strip()
        elif paragraph.strip():
            named = f"{heading}: " if heading and heading != "Details" else ""
            yield wrapped(named + paragraph, first="  ", indent="    ")
            heading = ""


def _evidence(evidence: Evidence) -> Iterator[str]:
    if evidence.failed:
        first = f"  failed ({_where(evidence.line, evidence.failed_exit, 'no exit code')}): "
        yield wrapped(evidence.failed, first=first, indent="      ")
    if evidence.fixed:
        first = f"  worked ({_where(evidence.fixed_line, evidence.fixed_exit, 'ok')}): "
        yield wrapped(evidence.fixed, first=first, indent="      ")
    if evidence.edited:
        yield wrapped(", ".join(evidence.edited), first="  edited between: ", indent="      ")
    if evidence.commit:
        yield f"  committed after: {plain(evidence.commit)}"
    if evidence.segment:
        yield dim(f"  segment {plain(evidence.segment)}")


def _where(line: int | None, code: int | None, otherwise: str) -> str:
    at = f"line {line}, " if line else ""
    return at + (f"exit {code}" if code is not None else otherwise)


def _event(event: RecordEvent) -> Iterator[str]:
    what = _EVENTS.get(event.kind, event.kind)
    if event.kind == "learning.cited":
        what = _CITED.get(str(event.data.get("outcome")), "cited") + f" by {plain(event.by) or 'a person'}"
    if event.kind == "overridden":
        what = _OVERRIDDEN.get(str(event.data.get("advice")), "overridden")
        what += f" by {plain(event.by)}" if event.by else ""
        what += f" with “{event.data['about']}”" if event.data.get("about") else ""
    replaced = event.kind == "learning.superseded" and "by" in event.data
    by = f" by {str(event.data['by'])[:6]}" if replaced else ""
    why_so = event.data.get("reason") or event.data.get("note")
    reason = f": {why_so}" if why_so else ""
    yield wrapped(f"{what}{by}{reason}", first=f"  {event.day}  ", indent="              ")


def _short(ref: str) -> str:
    return ref.removeprefix("refs/heads/").removeprefix("refs/remotes/")
