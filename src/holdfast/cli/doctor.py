"""``holdfast doctor``: find what is broken or missing, and say how to mend it; mend what agents need."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from holdfast.cli.output import bad, count, dim, emit, good, json_option, plain, repository_option, wrapped

if TYPE_CHECKING:
    from holdfast.connect.diagnosis import Diagnosis
    from holdfast.connect.wiring.agent import Surroundings
    from holdfast.repo.location import Repository

_EXAMPLE = """\b
Example:
  holdfast doctor               look, and change nothing
  holdfast doctor --fix         mend what keeps your agents from calling Holdfast
  holdfast doctor --fix --undo  take the last mending back
"""
_MARKS = {"ok": "ok", "note": "note", "problem": "PROBLEM"}


@click.command("doctor", epilog=_EXAMPLE)
@click.option("--fix", is_flag=True, help="Mend agents' settings and the launcher, then look.")
@click.option("--undo", is_flag=True, help="With --fix: take the last mending back.")
@json_option
@repository_option
def command(fix: bool, undo: bool, as_json: bool, directory: Path | None) -> int:
    """Find what is broken or missing, and say how to mend it.

    It changes nothing unless you say --fix, which mends what keeps your agents from calling Holdfast: a
    moved interpreter, hooks that are missing or installed twice. Exits with 1 when there is a problem.
    """
    from msgspec.structs import replace

    from holdfast.connect.diagnosis import diagnose

    if undo and not fix:
        raise click.UsageError("--undo goes with --fix.")
    mended = tuple(_fix(directory or Path(), undo=undo, may_ask=not as_json)) if fix else ()
    found = replace(diagnose(directory or "."), mended=mended)
    emit(found, "holdfast.doctor/1", as_json, _show)
    return 0 if found.healthy else 1


def _fix(directory: Path, *, undo: bool, may_ask: bool) -> list[str]:
    from holdfast.connect.wiring import mending
    from holdfast.connect.wiring.agent import Surroundings
    from holdfast.repo.location import Repository

    around = Surroundings.own()
    if undo:
        return mending.take_back(around)
    repository = Repository.find(directory)
    did = mending.mend(repository, around)
    if may_ask and sys.stdin.isatty() and sys.stdout.isatty():
        did += _review_codex(repository, around, beside=bool(did))
    if not did:
        return ["Nothing to mend in what agents call."]
    return [*did, "To take it back: holdfast doctor --fix --undo"]


def _review_codex(repository: Repository, around: Surroundings, *, beside: bool) -> list[str]:
    """Show the hooks that Codex was not told to run, and have it accept them if the person says so."""
    import shutil

    from holdfast.connect.wiring import change, codex_review, looking, mending, registry
    from holdfast.connect.wiring.agents import AGENTS
    from holdfast.repo.trust import key

    codex, program = AGENTS["codex"], shutil.which("codex")
    relying = registry.read().repositories.get(key(repository))
    if relying is None or "codex" not in relying.agents or program is None:
        return []
    if not looking.unreviewed(codex, around):
        return []
    waiting = codex_review.waiting(program, repository.directory)
    if not waiting:
        return []
    click.echo("Codex runs a hook only after you accepted it. These are Holdfast's:")
    for hook in waiting:
        click.echo(f"  {plain(hook.event)}: {plain(hook.command)}")
    if not click.confirm("Accept them in Codex, as /hooks there does?", default=False):
        return []
    settings = codex.place(around) / "config.toml"
    before, _ = change.read(settings, None)
    accepted = codex_review.accept(program, repository.directory, waiting)
    after, _ = change.read(settings, None)
    if after != before:
        mending.keep([(settings, before, after)], None if beside else registry.read())
    return ["Codex accepted the hooks." if accepted else "Codex did not accept them: type /hooks in Codex."]


def _show(diagnosis: Diagnosis) -> Iterator[str]:
    colours: dict[str, Callable[[str], str]] = {"ok": good, "note": str, "problem": bad}
    for sentence in diagnosis.mended:
        yield wrapped(plain(sentence), first="", indent="")
    if diagnosis.mended:
        yield ""
    for finding in diagnosis.findings:
        mark = colours[finding.level](f"{_MARKS[finding.level]:>7}")
        text = f"{finding.name}: {finding.what}" + (f" ({finding.where})" if finding.where else "")
        yield f"{mark}  {wrapped(text, indent=' ' * 9, first='')}"
        if finding.hint and finding.level != "ok":
            yield dim(f"         → {plain(finding.hint)}")
    problems = sum(finding.level == "problem" for finding in diagnosis.findings)
    yield ""
    yield bad(f"{count(problems, 'problem')} found.") if problems else good("No problem found.")
