"""``holdfast sync``: exchange records with a remote."""

from __future__ import annotations

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
    plain,
    repository_option,
    strong,
    wrapped,
)

if TYPE_CHECKING:
    from holdfast.repo.branch import Added, RecordsBranch
    from holdfast.repo.location import Repository
    from holdfast.repo.sync import Envelope

_EXAMPLE = """\b
Example:
  holdfast sync --preview   print exactly what would leave this machine
  holdfast sync             exchange records with the remote `origin`
  holdfast sync --check     look whether the block in your agents' instructions is as it should be
"""


class _Leaving(msgspec.Struct, frozen=True, kw_only=True):
    path: str
    day: str
    author: str
    text: str
    findings: tuple[str, ...] = ()


class _Commit(msgspec.Struct, frozen=True, kw_only=True):
    commit: str
    author: str
    committer: str
    message: str
    findings: tuple[str, ...] = ()


class _Preview(msgspec.Struct, frozen=True, kw_only=True):
    remote: str
    preview: bool
    would_send: list[_Leaving]
    commits: list[_Commit]
    withheld: int
    refused: bool


class _Answer(msgspec.Struct, frozen=True, kw_only=True):
    remote: str
    received: int
    sent: int
    merged: bool
    tip: str | None
    notes: list[str]
    new_identities: tuple[str, ...] = ()


@click.command("sync", epilog=_EXAMPLE)
@click.argument("remote", required=False)
@click.option(
    "--preview",
    is_flag=True,
    help="Ask the remote what it holds, print exactly what would leave this machine, send nothing.",
)
@click.option(
    "--check",
    is_flag=True,
    help="Look at the block in AGENTS.md, CLAUDE.md and the like; 1 when one is missing, changed or stale.",
)
@json_option
@repository_option
def command(remote: str | None, preview: bool, check: bool, as_json: bool, directory: Path | None) -> int:
    """Exchange records with a remote: fetch, merge, look once more for secrets, push.

    Only the branch `holdfast` is fetched and pushed. Without REMOTE: that of your branch, else `origin`.
    Exits with 3 when something that should not leave this machine was found; then nothing is sent.
    """
    from holdfast.repo import config
    from holdfast.repo.branch import RecordsBranch
    from holdfast.repo.location import Repository

    repository = Repository.find(directory or ".")
    if check:
        from holdfast.cli import sync_check

        return sync_check.run(repository, as_json, others=bool(remote) or preview)
    branch = RecordsBranch(repository, private=config.mode(repository) == "private")
    remote = remote or _default(repository)
    if preview:
        found = _preview(branch, remote)
        emit(found, "holdfast.sync/1", as_json, _show_preview)
        return 3 if found.refused else 0
    emit(_exchange(branch, remote), "holdfast.sync/1", as_json, _show)
    return 0


def _default(repository: Repository) -> str:
    """Return the remote of the checked-out branch, else ``origin``, else the only one there is."""
    from holdfast.errors import UsageError
    from holdfast.repo import remotes

    names = remotes.names(repository)
    head = repository.git("symbolic-ref", "--quiet", "--short", "HEAD", check=False).decode().strip()
    told = repository.git("config", "--get", f"branch.{head}.remote", check=False) if head else b""
    for name in (told.decode("utf-8", "replace").strip(), "origin"):
        if name in names:
            return name
    if len(names) == 1:
        return names[0]
    if names:
        raise UsageError(
            f"Which remote? There are: {', '.join(names)}.", f"Say it: `holdfast sync {names[0]}`"
        )
    raise UsageError(
        "This repository has no remote to exchange records with.",
        "Add one, `git remote add origin URL`, or keep the records here: they are complete without it.",
    )


def _preview(branch: RecordsBranch, remote: str) -> _Preview:
    from holdfast.repo import sync

    outgoing = sync.outgoing(branch, remote)
    leaving = outgoing.records
    data = dict(branch.read({added.blob for added in leaving}))
    records = [_leaving(added, data[added.blob]) for added in leaving if added.blob in data]
    commits = [_commit(envelope) for envelope in outgoing.commits]
    found = any(one.findings for one in records) or any(one.findings for one in commits)
    return _Preview(
        remote=remote,
        preview=True,
        would_send=records,
        commits=commits,
        withheld=len(leaving) - len(records),
        refused=found or len(records) < len(leaving),
    )


def _commit(envelope: Envelope) -> _Commit:
    """Return a commit as it would be sent; its message without what was found in it."""
    from holdfast.learn.redact import redact, scan

    findings = tuple(scan("message", envelope.message.encode()))
    return _Commit(
        commit=envelope.commit,
        author=envelope.author,
        committer=envelope.committer,
        message=redact(envelope.message) if findings else envelope.message,
        findings=findings,
    )


def _leaving(added: Added, data: bytes) -> _Leaving:
    """Return a record as it would be sent; one that will not be is shown without what was found in it."""
    from holdfast.learn.redact import redact, scan

    findings = tuple(scan(added.path, data))
    text = data.decode("utf-8", "replace")
    return _Leaving(
        path=added.path,
        day=added.day,
        author=added.author_email,
        text=redact(text) if findings else text,
        findings=findings,
    )


def _exchange(branch: RecordsBranch, remote: str) -> _Answer:
    from holdfast.learn.redact import scan
    from holdfast.repo import sync, trust

    report = sync.sync(branch, remote, scan)
    seen = trust.seen_identities(branch.repository)
    state = trust.TrustStore().state(branch.repository, seen)
    return _Answer(**msgspec.structs.asdict(report), new_identities=state.new_identities)


def _show(answer: _Answer) -> Iterator[str]:
    if answer.tip is None:
        yield f"Neither this clone nor `{plain(answer.remote)}` has records yet."
    elif not (answer.received or answer.sent or answer.merged):
        yield good(f"Nothing new: `{plain(answer.remote)}` and this clone hold the same records.")
    else:
        yield good(
            f"Received {answer.received}, sent {answer.sent}: `{plain(answer.remote)}` and this clone agree."
        )
    for told in answer.notes:
        yield wrapped(told, first="- ")
    if answer.new_identities:
        people = ", ".join(answer.new_identities)
        yield wrapped(f"Records by {people} are found by `holdfast recall`, and told to agents only after:")
        yield f"  {strong('holdfast trust')}"


def _show_preview(preview: _Preview) -> Iterator[str]:
    for record in preview.would_send:
        yield strong(plain(record.path))
        yield dim(f"  {record.day}, signed {plain(record.author)}")
        yield from (f"  {line}" for line in plain(record.text).splitlines())
        yield from (bad(f"  ! {plain(finding)}") for finding in record.findings)
        yield ""
    for commit in preview.commits:
        yield f"{strong('commit')} {commit.commit}"
        yield f"  author {plain(commit.author)}"
        yield f"  committer {plain(commit.committer)}"
        yield from (f"  {line}" for line in plain(commit.message).splitlines())
        yield from (bad(f"  ! {plain(finding)}") for finding in commit.findings)
        yield ""
    leaving = f"{count(len(preview.would_send), 'record')} in {count(len(preview.commits), 'commit')}"
    yield f"{leaving} would be sent to `{plain(preview.remote)}`. Nothing was sent."
    if preview.withheld:
        yield bad(f"{preview.withheld} could not be read, so nothing will be sent until they can.")
    if any(one.findings for one in preview.would_send) or any(one.findings for one in preview.commits):
        yield bad("Nothing will be sent while what is marked ! is in them: `holdfast review purge ID`")
