"""What a piece of an instruction file's prose says of the commands and paths that it names in code spans."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from holdfast.hook.patterns import regex
from holdfast.learn.instruction_commands import Span, as_command, bare_prohibitions, prose_of, spans
from holdfast.learn.prohibitions import Said, in_another_tongue, kept_off, stances, tells_of_the_past


class Told(NamedTuple):
    """One thing said.

    Attributes:
        at: Where its span begins in the text.
        kind: To ``run`` a command, ``never`` to run it, or to leave a path ``alone``.
        what: The command or option, or the path.
        conditional: True when it holds only in a case that the text states.
    """

    at: int
    kind: Literal["run", "never", "alone"]
    what: str
    conditional: bool


MAX_SPANS = 60
"""Code spans of one paragraph that are looked at: the first ones."""

_FLAG = regex(r"--?[A-Za-z][\w-]*(?:=\S+)?\Z")
_VERB = regex(r"\b(?:run|runs|running|execute|call|with|via|use|using|invoke)\b[\s:*_]*\Z", re.IGNORECASE)


def told(text: str, *, never: bool = False) -> Iterator[Told]:
    """Yield what a paragraph, a list item or a cell says, in order; its lines may be parted by line breaks.

    Args:
        text: Without the mark of its list item.
        never: True below a heading or in a column that forbids what stands there.
    """
    found = sorted([*spans(text), *bare_prohibitions(text)])[:MAX_SPANS]
    words = prose_of(text)
    foreign, past = in_another_tongue(words), tells_of_the_past(words)
    for said in stances(text, found, never=never):
        if said.stance == "never":
            command = as_command(said.span.text, in_shell=True) or _flag(said.span.text)
            if command:
                yield Told(said.span.start, "never", command, said.conditional)
        elif said.stance == "run" and not foreign:
            yield from _to_run(text, said, past=past)
    for path, conditional in kept_off(text, found):
        at = next(span.start for span in found if span.text == path)
        yield Told(at, "alone", path, conditional)


def _to_run(text: str, said: Said, *, past: bool) -> Iterator[Told]:
    command = as_command(said.span.text)
    if command and (" " in command or _is_told(text, said.span)):
        yield Told(said.span.start, "run", command, said.conditional or past)


def _is_told(text: str, span: Span) -> bool:
    """Tell whether a program's bare name stands there to be run, not only to be named."""
    before, behind = text[: span.start], text[span.end :]
    if not before.strip(" *_"):
        return bool(re.match(r"[*_\s]*(?:[-—–:|(→]|$)", behind))
    return bool(_VERB.search(before)) or (before.rstrip().endswith(":") and not behind.strip(" .*_"))


def _flag(text: str) -> str | None:
    return text if _FLAG.match(text) else None
