"""What an agent that asked is answered: lines of data under one heading, or that nothing is recorded."""

from __future__ import annotations

from collections.abc import Iterable

from holdfast.errors import UsageError
from holdfast.hook.quoting import quoted
from holdfast.index.documents import Document
from holdfast.learn.citing import Cited
from holdfast.learn.gate import is_safe
from holdfast.learn.neutral import neutral_text
from holdfast.learn.proposing import Proposed
from holdfast.learn.quoted import Quoted
from holdfast.learn.view import View
from holdfast.recall.approach import Way, recall_approach
from holdfast.recall.before_call import recall_call
from holdfast.recall.block import HEADING
from holdfast.recall.failures import recall_failure
from holdfast.recall.items import Item, Known
from holdfast.recall.named import by_path
from holdfast.recall.search import recall_words
from holdfast.recall.why import why

NOTHING = "Nothing is recorded about that."
MOST_ITEMS = 6
"""Items that one answer gives."""
MOST_DETAILS = 30
"""Lines of an item that is asked for by its id."""
_JUDGED_BY_WORDS = ("commit", "statement", "candidate")
"""Sources of which the words alone say whether they may be given to who asks; what waits is marked so."""
_BECAME = {"helped": "helped", "wrong": "is wrong", "stale": "is stale"}
_LONGEST_NAME = 300
"""Characters of a word that may be an id, a place or a path."""


class Told:
    """An answer in the making.

    Attributes:
        view: The repository's view; ``known`` what its answers are counted from.
        ids: What it tells, by the ids that it shows.
    """

    def __init__(self, view: View) -> None:
        self.view, self.known = view, Known(view)
        self.ids: list[str] = []
        self._lines: list[str] = []
        self._texts: set[str] = set()
        self._left_out = 0

    def add(self, line: str) -> None:
        """Add a line."""
        if line not in self._lines:
            self._lines.append(line)

    def items(self, items: Iterable[Item], label: str = "") -> None:
        """Add what may be put before an agent; what may not be is counted."""
        for item in items:
            if item.id in self.ids or item.text in self._texts:
                continue
            document = _document(self.view, item.id)
            if document is None or not _may_tell(self.known, document):
                self._left_out += 1
                continue
            self.ids.append(item.id)
            self._texts.add(item.text)
            self.add(f"- {label}{item.text} ({_facts(item)})")

    def text(self) -> str:
        """Return the whole answer."""
        lines = [HEADING, *self._lines] if self._lines else [NOTHING]
        if self._left_out:
            are = "1 more is" if self._left_out == 1 else f"{self._left_out} more are"
            lines.append(f"{are} found by a person alone: `holdfast recall`.")
        return "\n".join(lines)


def words(told: Told, query: str) -> None:
    """Add what is known that is near to words, all of the item that they name, what applies to the file."""
    word = query.strip()
    found = recall_words(told.view, query, MOST_ITEMS)
    if word and len(word.split()) == 1 and len(word) <= _LONGEST_NAME:
        if ":" in word or not found.items:  # a word of the language may be the beginning of an id
            _named(told, word)
        if "/" in word or "." in word:
            told.items(by_path(told.known, word).items)
    told.items(found.items)
    for old in found.replaced:
        document = _document(told.view, old.id)
        if document is not None and _may_tell(told.known, document):
            by = f", replaced by {old.by}" if old.by else ""
            told.add(f"- holds no more{by}: {quoted(old.text)} ({old.id})")


def failure(told: Told, command: str, output: str) -> None:
    """Add what ended a failure before, or how often it was met."""
    answer = recall_failure(told.view, command, output)
    for fix in answer.fixes:
        told.ids.append(fix.id)
        worked = f"ended it in {fix.worked} of {_sessions(fix.seen)}" if fix.worked else "written down for it"
        told.add(f"- {fix.text} ({worked}; {fix.id})")
    if answer.others:
        told.add(
            f"- Of one like it, seen too seldom to go by: {', '.join(answer.others)} (recall them by id)"
        )
    elif not answer.fixes and answer.seen:
        told.add(f"- This failure was met in {_sessions(answer.seen)}; nothing is recorded that ended it.")


def command(told: Told, line: str) -> None:
    """Add how a command went here, and what is known to work instead."""
    answer = recall_call(told.view, line)
    if answer.runs:
        counted = f"worked in {answer.runs - answer.failed} of {answer.runs} runs"
        told.add(f"- {_code(answer.family)} {counted}, in {_sessions(answer.sessions)}")
    for each in answer.failures:
        told.add(f"- it failed with “{each.message}” ({_sessions(each.sessions)})")
    for one in answer.instead:
        told.ids.append(one.id)
        told.add(f"- {one.text} ({one.confidence}; {one.id})")


def approach(told: Told, text: str) -> None:
    """Add what speaks against an approach and for it, and what went better."""
    answer = recall_approach(told.view, text)
    told.items(answer.against, "against it: ")
    told.items(answer.supporting, "for it: ")
    if answer.tried is not None:
        told.add(f"- tried: {_way(answer.tried)}")
    for way in answer.instead:
        told.add(f"- went better: {_way(way)}")


def untrusted(reason: str) -> str:
    """Say why nothing is told."""
    return f"Nothing is told or noted here. {reason} A person can look and decide: `holdfast trust`."


def proposed(result: Proposed) -> str:
    """Say what became of a proposal."""
    short = result.id[:6]
    if result.state != "waiting":
        return _decided(short, result.state)
    said = "Waits already" if result.already else "Noted"
    private = " Something private was taken out of the text." if result.redacted else ""
    return f"{said} as {short}; a person decides on it: `holdfast review`.{private}"


def proposed_quoted(result: Quoted) -> str:
    """Say what became of a proposal that quotes the user."""
    short = result.id[:6]
    if result.state != "waiting":
        return _decided(short, result.state)
    unseen = (
        "" if result.found else " This session's log was not found, so nobody compared the words with it."
    )
    return f"Waits for the user as {short}; one key accepts it: `holdfast review`.{unseen}"


def _decided(short: str, state: str) -> str:
    if state == "known":
        return f"On record already as {short}."
    return f"A person set the same aside before ({short}); it is not noted again."


def cited(result: Cited) -> str:
    """Say what became of a citation."""
    said = "Noted before" if result.already else "Noted"
    held = ": it is withheld until a person decides" if result.withheld else ""
    private = " Something private was taken out of the note." if result.redacted else ""
    return f"{said} of {result.id[:6]} that it {_BECAME[result.outcome]}{held}.{private}"


def _named(told: Told, word: str) -> None:
    """Add an item with all its details, when a word is its id or its place."""
    document = _document(told.view, word)
    if document is None or not _may_tell(told.known, document):
        return
    told.items([told.known.item(document)])
    detail = why(told.view, document.id).detail if document.source in ("record", "candidate") else ""
    if is_safe(detail):
        lines = [line for line in detail.splitlines() if line.strip() and not line.startswith("## Details")]
        for line in lines[:MOST_DETAILS]:
            told.add(f"  {quoted(line)}")


def _document(view: View, shown: str) -> Document | None:
    try:
        return view.resolve(shown)
    except UsageError:
        return None


def _may_tell(known: Known, document: Document) -> bool:
    return is_safe(document.text) if document.source in _JUDGED_BY_WORDS else known.may_tell(document)


def _facts(item: Item) -> str:
    said = [item.kind, item.confidence, _sessions(item.sessions) if item.sessions > 1 else "", item.day or ""]
    return f"{', '.join(word for word in said if word)}; {item.id}"


def _way(way: Way) -> str:
    return f"{_code(way.command)} worked in {way.ok} of {way.runs} runs, in {_sessions(way.sessions)}"


def _code(text: str) -> str:
    return f"`{quoted(neutral_text(text))}`"


def _sessions(count: int) -> str:
    return "1 session" if count == 1 else f"{count} sessions"
