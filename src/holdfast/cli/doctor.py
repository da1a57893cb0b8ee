"""``holdfast doctor``: find what is broken or missing, and say how to mend it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from holdfast.cli.output import bad, count, dim, emit, good, json_option, plain, repository_option, wrapped

if TYPE_CHECKING:
    from holdfast.connect.diagnosis import Diagnosis

_EXAMPLE = """\b
Example:
  holdfast doctor
"""
_MARKS = {"ok": "ok", "note": "note", "problem": "PROBLEM"}


@click.command("doctor", epilog=_EXAMPLE)
@json_option
@repository_option
def command(as_json: bool, directory: Path | None) -> int:
    """Find what is broken or missing, and say how to mend it.

    It changes nothing. Exits with 1 when there is a problem.
    """
    from holdfast.connect.diagnosis import diagnose

    found = diagnose(directory or ".")
    emit(found, "holdfast.doctor/1", as_json, _show)
    return 0 if found.healthy else 1


def _show(diagnosis: Diagnosis) -> Iterator[str]:
    colours: dict[str, Callable[[str], str]] = {"ok": good, "note": str, "problem": bad}
    for finding in diagnosis.findings:
        mark = colours[finding.level](f"{_MARKS[finding.level]:>7}")
        text = f"{finding.name}: {finding.what}" + (f" ({finding.where})" if finding.where else "")
        yield f"{mark}  {wrapped(text, indent=' ' * 9, first='')}"
        if finding.hint and finding.level != "ok":
            yield dim(f"         → {plain(finding.hint)}")
    problems = sum(finding.level == "problem" for finding in diagnosis.findings)
    yield ""
    yield bad(f"{count(problems, 'problem')} found.") if problems else good("No problem found.")
