"""``holdfast audit``: what is wrong with a memory, line by line, and how to mend it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from holdfast.cli.output import emit, json_option, repository_option

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from holdfast.measure.audit import Audit, Class, Finding
    from holdfast.measure.audit.memory import Memory
    from holdfast.measure.audit.mend import Mended

_CLASSES = ("junk", "duplicate", "contradiction", "secret", "stale")


@click.command(
    "audit",
    epilog="""\b
Example:
  holdfast audit                          this repository's records and memory files
  holdfast audit CLAUDE.md .agents/       these
  holdfast audit notes/ --only secret     one class alone
  holdfast audit CLAUDE.md --fix          look at each change, and make those you accept
  holdfast audit CLAUDE.md --fix | git apply

Exit status is 0 when there is nothing to mend, and 1 when there is.
""",
)
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--only", "only", multiple=True, type=click.Choice(_CLASSES), help="Look for this class; may be repeated."
)
@click.option("--fix", is_flag=True, help="Show the cures as changes; make those you accept.")
@click.option("--yes", is_flag=True, help="With --fix: make all of them without asking.")
@json_option
@repository_option
def command(
    paths: tuple[Path, ...],
    only: tuple[str, ...],
    fix: bool,
    yes: bool,
    as_json: bool,
    directory: Path | None,
) -> int:
    """Find what is wrong with a memory: junk, duplicates, contradictions, secrets, stale references.

    A memory is a CLAUDE.md, AGENTS.md or MEMORY.md, Cursor rules, a folder of notes, an .agents tree, an
    export of beads or of another tool (JSON, JSON lines), or Holdfast's own records (.holdfast). Works in any
    folder; writes nothing without --fix.
    """
    from holdfast.errors import UsageError
    from holdfast.measure.audit import CLASSES
    from holdfast.measure.audit.collect import Collected
    from holdfast.measure.audit.run import audit_of

    if yes and not fix:
        raise UsageError("`--yes` says which changes to make, and none are asked for.", "Add --fix.")
    if fix and as_json:
        raise UsageError("`--fix` prints changes, and `--json` findings.", "Leave one of them out.")
    here = directory or Path()
    collected = Collected(paths, here)
    with _Steps() as step:
        step("Reading")
        memories = list(collected.memories())
        chosen = cast("tuple[Class, ...]", only) or CLASSES
        found = audit_of(memories, collected, only=chosen, progress=step)
    _refuse_nothing(paths, found)
    if fix:
        return _fix(memories, found, yes=yes)
    emit(found, "holdfast.audit/1", as_json, _lines)
    return 1 if found.findings else 0


def _refuse_nothing(paths: Sequence[Path], found: Audit) -> None:
    """Refuse a call that named something and could read none of it.

    Raises:
        UsageError: Nothing was read.
    """
    from holdfast.errors import UsageError

    if found.files or (not paths and not found.not_read):
        return
    told = "; ".join(f"{one.path}: {one.reason}" for one in found.not_read[:3])
    hint = "Name a CLAUDE.md, AGENTS.md, MEMORY.md, a folder of notes, or a JSON export."
    raise UsageError(f"There is nothing to audit. {told}".strip(), hint)


class _Steps:
    """Say on a terminal what is being done; in a pipe nothing."""

    def __enter__(self) -> _Steps:
        self._shown = sys.stderr.isatty()
        return self

    def __call__(self, step: str) -> None:
        if self._shown:
            click.echo(f"\r\x1b[K{step} …", nl=False, err=True)

    def __exit__(self, *error: object) -> None:
        if self._shown:
            click.echo("\r\x1b[K", nl=False, err=True)


def _lines(found: Audit) -> Iterator[str]:
    from holdfast.cli.output import bad, count, dim, plain, strong, wrapped

    read = f"{count(found.files, 'file')}, {count(found.lines, 'line')}"
    if not found.findings:
        yield (
            f"Nothing to mend in {read}." if found.files else "There is no memory here yet: nothing to mend."
        )
    for path, mine in _by_path(found.findings):
        yield strong(plain(path))
        for finding in mine:
            yield f"  {finding.line}: {bad(finding.kind)}  {plain(finding.text)}"
            yield wrapped(f"{finding.why} {finding.do}", indent="      ")
            for other in finding.others[:5]:
                yield dim(f"      {plain(other.path)}:{other.line}  {plain(other.text)}")
        yield ""
    if found.findings:
        yield f"{_counted(found.findings)} in {read}."
        yield "Mend what needs no judgement, change by change: add --fix"
    for one in found.not_read[:20]:
        yield dim(f"Not read: {plain(one.path)}: {plain(one.reason)}")
    if len(found.not_read) > 20:
        yield dim(f"Not read: {len(found.not_read) - 20} more")


def _by_path(findings: Sequence[Finding]) -> Iterator[tuple[str, list[Finding]]]:
    from itertools import groupby

    for path, group in groupby(findings, key=lambda one: one.path):
        yield path, list(group)


def _counted(findings: Sequence[Finding]) -> str:
    from holdfast.cli.output import count

    words = {
        "junk": ("piece of junk", "pieces of junk"),
        "duplicate": ("duplicate", "duplicates"),
        "contradiction": ("contradiction", "contradictions"),
        "secret": ("secret", "secrets"),
        "stale": ("stale reference", "stale references"),
    }
    numbers = {kind: sum(one.kind == kind for one in findings) for kind in words}
    return ", ".join(count(number, *words[kind]) for kind, number in numbers.items() if number)


def _fix(memories: Sequence[Memory], found: Audit, *, yes: bool) -> int:
    """Show or make the changes; return 0 when nothing is left to mend."""
    from holdfast.cli.output import plain
    from holdfast.measure.audit.mend import mend

    asks = not yes and sys.stdin.isatty() and sys.stdout.isatty()
    if not asks and not yes:
        _print_patch(list(mend(memories, found.findings, secrets=False)), found)
        return 1 if found.findings else 0
    mended: list[Finding] = []
    for change in mend(memories, found.findings):
        answer = "y" if yes else _ask(change)
        if answer == "q":
            break
        if answer == "y" and _apply(change):
            mended += change.findings
    made = set(map(id, mended))
    left = [one for one in found.findings if id(one) not in made]
    if left:
        click.echo(f"Left for you: {_counted(left)}.")
        for one in left[:50]:
            click.echo(plain(f"  {one.path}:{one.line}: {one.kind}: {one.why} {one.do}"))
    elif not found.findings:
        click.echo(f"Nothing to mend in {found.files:,} files, {found.lines:,} lines.")
    return 1 if left else 0


def _print_patch(changes: Sequence[Mended], found: Audit) -> None:
    """Print the changes as one patch, and beside it what it does not mend; secrets are never printed."""
    from holdfast.cli.output import plain
    from holdfast.measure.audit.patch import patch_of

    mended: list[Finding] = []
    printed = False
    for change in changes:
        if Path(change.memory.path).is_absolute():
            told = f"{change.memory.path}: it lies outside this folder; run this there, or use --yes."
            click.echo(plain(told), err=True)
            continue
        patch = patch_of(change)
        if not patch.whole:
            told = (
                f"{change.memory.path}: what would print a secret or hidden characters is not in the patch."
            )
            click.echo(plain(told), err=True)
        click.echo(patch.text.encode("utf-8", "surrogateescape"), nl=False)
        mended += patch.mended
        printed = printed or bool(patch.text)
    made = set(map(id, mended))
    left = [one for one in found.findings if id(one) not in made]
    told = f" Left: {_counted(left)}." if left else ""
    if any(one.kind == "secret" for one in left):
        told += " Secrets are replaced with --yes; a patch would print them."
    done = "this is a patch; make it with --yes." if printed else "there is nothing to put into a patch."
    click.echo(f"Nothing was changed: {done}{told}", err=True)


def _ask(change: Mended) -> str:
    """Show a change and ask whether to make it: y, n or q."""
    from holdfast.learn.redact import redact
    from holdfast.measure.audit.quote import hidden

    click.echo(f"\n{_coloured(redact(hidden(change.diff)))}")
    answer: str = click.prompt("Make this change?", type=click.Choice(["y", "n", "q"]), default="n")
    return answer


def _coloured(diff: str) -> str:
    from holdfast.cli.output import bad, dim, good, plain

    lines = plain(diff.encode("utf-8", "replace").decode()).rstrip("\n").split("\n")
    return "\n".join(
        good(line) if line.startswith("+") else bad(line) if line.startswith("-") else dim(line)
        for line in lines
    )


def _apply(change: Mended) -> bool:
    """Make a change, or say why not and leave the file; tell whether it was made."""
    from holdfast.cli.output import good, plain
    from holdfast.errors import HoldfastError
    from holdfast.measure.audit.keeping import apply

    try:
        kept = apply(change)
    except HoldfastError as error:
        click.echo(plain(f"{error.message} {error.hint}"), err=True)
        return False
    where = f" The old text was not committed; it is kept in {kept}" if kept else ""
    click.echo(good(f"Changed {plain(change.memory.path)}; nothing is staged or committed.") + plain(where))
    if change.rotates:
        click.echo(
            f"Rotate now: {', '.join(change.rotates)}. Whoever read the file has it, and so does history."
        )
    return True
