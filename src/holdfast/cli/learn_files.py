"""``holdfast learn export`` and ``holdfast learn import``: what is known as a file, notes as candidates."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from holdfast.cli.output import count, dim, emit, good, plain, wrapped

if TYPE_CHECKING:
    from holdfast.errors import HoldfastError
    from holdfast.learn.imports import ImportReport
    from holdfast.recall.export import Exported

_NAMES = ("export", "import")
_ENDINGS = (".md", ".mdc", ".txt")
_SHOWN = 5


def called(text: tuple[str, ...]) -> bool:
    """Tell whether the words call ``export`` or ``import``, and are no text to learn."""
    if not text or text[0] not in _NAMES:
        return False
    return all(map(_is_path, text[1:])) and (text[0] == "import" or len(text) <= 2)


def _is_path(word: str) -> bool:
    return (
        word == "-"
        or (("/" in word or word.lower().endswith(_ENDINGS)) and not any(mark.isspace() for mark in word))
        or os.path.lexists(_expanded(word))
    )


def _expanded(word: str) -> str:
    return os.path.expanduser(word)  # noqa: PTH111 - Path raises where there is no such user


def add_hint(text: tuple[str, ...], error: HoldfastError) -> None:
    """Add to a refusal of a text that begins like ``export`` how to call that."""
    if len(text) == 2 and text[0] in _NAMES:
        error.hint += f"\nIf {text[1]} is meant as a file: holdfast learn {text[0]} ./{text[1]}"


def run(text: tuple[str, ...], as_json: bool, directory: Path | None) -> int:
    """Do what ``export`` or ``import`` asks for."""
    from holdfast.cli.opening import open_view
    from holdfast.errors import UsageError

    if len(text) == 1:
        where = "learnings.md" if text[0] == "export" else "~/.claude/projects/PROJECT/memory"
        said = "Export to which file?" if text[0] == "export" else "Import from which files?"
        more = "; `-` is standard output" if text[0] == "export" else ""
        raise UsageError(said, f"For instance: holdfast learn {text[0]} {where}{more}")
    base = directory or Path()
    with open_view(base) as view:
        if text[0] == "export":
            if text[1].endswith("/"):
                raise UsageError(
                    f"{text[1]} is a folder.",
                    f"Name a file in it: holdfast learn export {text[1]}learnings.md",
                )
            from holdfast.recall.export import export

            found = export(view, None if text[1] == "-" else base / _expanded(text[1]))
            emit(found, "holdfast.learn-export/1", as_json, _export_lines)
            return 0 if found.learnings else 1
        from holdfast.learn.imports import import_notes

        report = import_notes(view, [base / _expanded(path) for path in text[1:]])
    emit(report, "holdfast.learn-import/1", as_json, _import_lines)
    return 0 if report.files else 1


def _export_lines(found: Exported) -> Iterator[str]:
    if found.text:
        yield found.text.rstrip("\n")
    elif found.path is None or not (found.learnings or found.written):
        yield "Nothing is known yet that may be told; nothing was written."
    elif found.written:
        yield f"{good('Wrote')} {count(found.learnings, 'learning')} to {plain(found.path)}"
        yield dim("The same command writes it anew later, as long as nobody changes it by hand.")
    else:
        yield f"{plain(found.path)} is up to date: {count(found.learnings, 'learning')}."


def _import_lines(report: ImportReport) -> Iterator[str]:
    refused = sum(report.refused.values())
    if report.files:
        told = [f"{count(len(report.waiting), 'thing waits', 'things wait')} for your review"]
        if report.known:
            told.append(f"{report.known:,} known already")
        if refused:
            told.append(f"{refused:,} refused")
        yield f"Read {count(report.files, 'file')}: {', '.join(told)}."
    for refusal in report.refusals[:_SHOWN]:
        yield wrapped(refusal.text, first="  refused  ", indent="           ")
        yield dim(wrapped(refusal.reason, first="           ", indent="           "))
    if refused > _SHOWN:
        yield dim(f"  … and {refused - _SHOWN:,} more; `--json` names up to 50")
    if refused:
        yield dim('  Record one all the same: `holdfast learn "…" --anyway REASON`')
    for file in report.not_read:
        yield wrapped(f"{file.path}: {file.reason}.", first="Not read: ", indent="          ")
    if not report.files and not report.not_read:
        yield "No Markdown file was found there."
    if report.waiting:
        yield "Next: holdfast review"
