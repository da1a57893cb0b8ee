"""Find what gives an agent nothing in a later session: chatter, blanks, pasted prompts, manuals, noise.

A short line is not junk because it is short: what states a rule, a reason or a name of this project stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

import msgspec

from holdfast.hook.patterns import regex
from holdfast.learn.gate import substance
from holdfast.learn.gate.text import prepare
from holdfast.learn.prohibitions import in_another_tongue
from holdfast.measure.audit import chatter
from holdfast.measure.audit.finding import Finding
from holdfast.measure.audit.memory import Entry, Memory
from holdfast.measure.audit.quote import place
from holdfast.measure.audit.scope import is_document, is_prompt

Reason = tuple[str, str]

_STATUS: Reason = ("It tells how the work went, not what to do next time.", "Remove it.")
_MOMENT: Reason = ("It tells how the work went, not what to do next time.", "Remove it when it is over.")
_INJECTED: Reason = (
    "It tells an agent to disregard what it was told, or hides characters from a reader.",
    "Find out who wrote it, and remove it.",
)
_SELF: Reason = ("It is what an agent said of its own work.", "Remove it, or write down the fact it proved.")
_BLANK: Reason = ("It is a template that nobody filled in.", "Fill it in, or remove it.")
_PROMPT: Reason = ("It is pasted from a prompt or a skill, not about this project.", "Remove it.")
_MANUAL: Reason = ("It says what every manual says.", "Remove it, or say what is different in this project.")
_NOISE: Reason = ("It is what a program printed.", "Remove it, or say what caused it and what to do.")
_FRAGMENT: Reason = ("It is cut out of a sentence and says nothing by itself.", "Remove it, or complete it.")
_EMPTY: Reason = ("Nothing stands below this heading.", "Remove it, or write what it promises.")
_JUDGED = (_FRAGMENT, _MOMENT, _INJECTED)
"""Reasons after which a person decides."""

_LATIN = regex(r"[A-Za-z]")
_MAX = 1500
_LABEL = 3
"""Words beside a blank that only name what is to be filled in; of what a document states of itself."""
_PARTS = regex(r"(?<=[.!?。！？])[*_]*\s+|\n")
_NAMES = regex(r"`|://|\]\(|\w/\w|\w\.[a-z]{1,4}\b|\b[A-Z]\w*[A-Z_]\w*|[a-z][A-Z]|\w_\w")
FEWEST_LINES = 2
"""Lines of a code block that is told as output of a program."""
_SHORT = 14
"""Words of a text that may be chatter though it names something."""
_FEW = 6
"""Words of a fragment that tells nothing, whatever words it holds."""
_KEEPS = regex(
    r"`[^`]+`|\b(?:because|must|never|always|don['’]?t|do not|prefer|use|avoid|require[sd]?|should|instead"
    r"|unless"
    r"|only|ensure|make sure|needs?)\b",
    re.IGNORECASE,
)


def junk_findings(memory: Memory) -> Iterator[Finding]:
    """Yield the entries of a memory that are junk; runs of one reason are one block."""
    found: list[tuple[Entry, Reason]] = []
    for at, entry in enumerate(memory.entries):
        reason = _heading(memory.entries, at) if entry.kind == "heading" else reason_of(entry)
        if reason is None:
            continue
        if found and found[-1][1] is reason is _NOISE and memory.entries[at - 1] is found[-1][0]:
            yield_to = found.pop()[0]
            entry = _joined(yield_to, entry)
        found.append((entry, reason))
    found += [(block, _NOISE) for block in _printed(memory.entries)]
    for entry, reason in found:
        where = place(memory, entry)
        goes = (where,) if _can_go(memory, entry, reason) else ()
        yield Finding(
            kind="junk", path=where.path, line=where.line, end=where.end, text=where.text, goes=goes,
            why=reason[0], do=reason[1],
        )  # fmt: skip


def _can_go(memory: Memory, entry: Entry, reason: Reason) -> bool:
    """Tell whether nothing is lost with an entry: each of its sentences is junk, and names nothing.

    A document for people is theirs to mend, and what was cut off or is of this moment may still matter.
    """
    if is_document(memory.path) or reason in _JUDGED:
        return False
    raw = memory.lines[entry.line - 1 : entry.end] if memory.format == "markdown" else [entry.text]
    if entry.kind == "heading":
        return reason is _EMPTY
    if entry.kind == "code":
        return False
    text = "\n".join(raw) if any(len(line) > _MAX for line in raw) else entry.text
    parts = [part for part in _PARTS.split(text) if re.search(r"\w", part)]
    return all(_is_nothing(part, entry) for part in parts)


def _is_nothing(part: str, entry: Entry) -> bool:
    """Tell whether a sentence is junk by itself and names nothing that may be worth keeping."""
    reason = reason_of(msgspec.structs.replace(entry, text=part))
    if reason is None or reason in _JUDGED:
        return False
    if reason is _BLANK:
        rest = chatter.BLANK.sub(" ", part)
        return len(rest.split()) <= _LABEL and not _NAMES.search(rest)
    return reason is _NOISE or not _NAMES.search(part)


def _printed(entries: Sequence[Entry]) -> Iterator[Entry]:
    """Yield the code blocks that are output of a program, where nothing in their section says what for."""
    said = {entry.above for entry in entries if entry.kind in ("item", "paragraph", "row")}
    for above, group in groupby(entries, key=lambda entry: entry.above if entry.kind == "code" else None):
        lines = list(group)
        if above is None or above in said or len(lines) < FEWEST_LINES:
            continue
        if sum(bool(chatter.NOISE.search(line.text)) for line in lines) >= 0.6 * len(lines):
            text = "\n".join(line.text for line in lines)
            yield msgspec.structs.replace(lines[0], end=lines[-1].end, text=text)


def reason_of(entry: Entry) -> Reason | None:
    """Return why an entry is junk and what to do; None when it may be worth its place."""
    if entry.kind in ("code", "heading") or entry.task:
        return None
    text = entry.text[:_MAX].strip()
    flat = " ".join(text.split())
    bare = re.sub(r"[*_]{2}|^\[[ xX]\]\s*", "", flat).strip()
    if not bare:
        return None
    if chatter.INJECTED.search(bare):
        return _INJECTED
    prompt = is_prompt(entry.path)
    if not prompt and chatter.BLANK.search(re.sub(r"`[^`]*`", "``", bare)):
        return _BLANK
    if _is_metadata(entry):
        return None
    if chatter.NOISE.search(bare if "\n" not in text else text.split("\n")[0]) and not _told(text):
        return _NOISE
    if chatter.STATUS.match(bare) or chatter.COURTESY.match(bare) or _all_chatter(bare):
        return _STATUS
    if not _LATIN.search(bare) or in_another_tongue(bare):
        return None
    return _in_english(entry, bare, prompt=prompt)


def _in_english(entry: Entry, bare: str, *, prompt: bool) -> Reason | None:
    """Return why English words are junk, which are known by more than the words of other tongues."""
    text = entry.text[:_MAX].strip()
    if not prompt and chatter.PROMPT.search(re.sub(r"`[^`]*`", "``", bare)):
        return _PROMPT
    if chatter.SELF.search(bare) and not _told(text):
        return _SELF
    if chatter.NOW.search(bare) and not _told(text):
        return _MOMENT
    if chatter.MANUAL.search(bare):
        return _MANUAL
    return _FRAGMENT if _is_fragment(entry, bare) else None


def _is_metadata(entry: Entry) -> bool:
    """Tell whether an entry says what a document is: its state, its date, who decided."""
    lines = entry.text.split("\n")
    names = [name for name in (*entry.above[-1:], entry.lead) if chatter.ABOUT.match(name)]
    if any(chatter.METADATA.search(line) for line in (*lines, *(f"{name} {entry.flat}" for name in names))):
        return True
    if names and len(entry.flat.split()) <= _LABEL:
        return True
    named = len(lines) > 1 or (is_document(entry.path) and len(entry.above) < 2)
    return named and all(map(chatter.FIELD.match, lines))


def _all_chatter(bare: str) -> bool:
    """Tell whether each of several sentences only says how things go."""
    parts = [part for part in re.split(r"(?<=[.!])\s+", bare) if part]
    return len(parts) > 1 and all(chatter.STATUS.match(part) or chatter.SELF.search(part) for part in parts)


def _told(text: str) -> bool:
    """Tell whether a text gives a rule or a reason, whatever else it says."""
    return bool(substance.CAUSE.search(text.lower()) or substance.RULE.search(prepare(text).told))


def _is_fragment(entry: Entry, bare: str) -> bool:
    if entry.kind == "row" or bare.endswith((":", "|")) or "`" in bare[-2:]:
        return False
    words = bare.split()
    if len(words) < 2 or not bare[:1].islower() or "`" in bare:
        return False
    begins, ends = bool(chatter.FRAGMENT.search(bare)), bool(chatter.BROKEN.search(bare))
    if begins and (ends or len(words) <= _FEW):
        return True
    return (begins or ends) and ((ends and len(words) <= _FEW) or not _KEEPS.search(bare))


def _heading(entries: Sequence[Entry], at: int) -> Reason | None:
    """Return why a heading is junk: nothing stands below it, no smaller heading either."""
    entry = entries[at]
    if chatter.BLANK.search(entry.text):
        return _BLANK
    following = entries[at + 1] if at + 1 < len(entries) else None
    if following is None or (following.kind == "heading" and following.level <= entry.level):
        return _EMPTY
    return None


def _joined(one: Entry, other: Entry) -> Entry:
    return msgspec.structs.replace(one, end=other.end, text=f"{one.text}\n{other.text}")
