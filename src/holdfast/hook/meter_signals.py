"""The signs that a context is worn out, and what to do instead of going on.

What counts as one: the same call with the same result four times, the same error three times, two calls in
turn six times, a file that somebody else changed since it was read, an unchanged file read again, a question
that was answered, more than 50 exchanges, more than 90 minutes of work.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from .meter_state import Meter

SAME, ERRORS, IN_TURN, EXCHANGES, MINUTES = 4, 3, 6, 50, 90
FEW_FILES = 3
"""Files that may be edited and tested in a tight loop, in which nothing is said."""
WORTH = 350
"""Tokens of a file below which reading it again costs less than being told so: a line of 30 tokens stays in
the context for some 50 calls, and helps about one time in ten."""


class Signal:
    """One sign of saturation.

    Attributes:
        kind: ``same``, ``error``, ``turns``, ``changed``, ``reread``, ``asked``, ``exchanges``, ``minutes``.
        about: What it is about, as a digest or path: it is told once for each.
        facts: What its line says.
    """

    __slots__ = ("about", "facts", "kind")

    def __init__(self, kind: str, about: str, facts: Sequence[str]) -> None:
        self.kind, self.about, self.facts = kind, about, [*facts]

    @property
    def id(self) -> str:
        """Return what it is told once by."""
        return f"meter:{self.kind}:{self.about}" if self.about else f"meter:{self.kind}"

    @property
    def line(self) -> str:
        """Return what a person is shown."""
        return self._said(_LINES[self.kind])

    @property
    def told(self) -> str:
        """Return what the agent is told: nothing of what a program printed, which may order harm."""
        return self._said(_ERROR if self.kind == "error" else _LINES[self.kind])

    def _said(self, line: str) -> str:
        from .quoting import quoted  # a command or path may bear the markup of the agent's own system

        return line.format(*(quoted(each)[:120] for each in self.facts))

    @property
    def is_worth_telling(self) -> bool:
        """Tell whether it pays for its tokens to be told unasked."""
        return self.kind != "reread" or int(self.facts[1]) >= WORTH


_ERROR = (
    "The same error {1} times, the last by `{2}`. Read it whole, and test one assumption about its cause "
    "before the next attempt."
)
_LINES = {
    "same": (
        "The same call gave the same result {1} times: `{0}`. Change something first, or say what blocks you."
    ),
    "error": (
        'The same error {1} times: "{0}". Read it whole, and test one assumption about its cause before the '
        "next attempt."
    ),
    "turns": (
        "The same two calls in turn, {1} in a row, each with the same result: `{0}`. Stop and say what is "
        "missing."
    ),
    "changed": "{0} was changed by someone else since it was read here. Read it again before relying on it.",
    "reread": "{0} was read again unchanged (about {1} tokens). It is in this context already.",
    "asked": 'The person was asked this before: "{0}" Their answer: "{1}"',
    "exchanges": (
        "{0} exchanges in one context. Finish the task in hand, then begin the next in a fresh session."
    ),
    "minutes": (
        "{0} minutes of work in one context. Finish the task in hand, then begin the next in a fresh session."
    ),
}


def signals_of(meter: Meter, error: tuple[int, str] = (0, ""), about: str = "") -> list[Signal]:
    """Return the signals of the step that was just counted, the strongest first.

    Args:
        meter: The counts.
        error: How often the error of the result was met, and its line.
        about: The call's command or path.
    """
    from .meter_state import digest

    found = []
    times, line = error
    if times >= ERRORS:
        found.append(Signal("error", digest(line), [line, str(times), about]))
    same = same_again(meter.recent)
    if same >= SAME:
        found.append(Signal("same", digest(about), [about, str(same)]))
    if in_turn(meter.recent):
        found.append(Signal("turns", digest(about), [about, str(IN_TURN)]))
    if meter.exchanges > EXCHANGES:
        found.append(Signal("exchanges", "", [str(meter.exchanges)]))
    if meter.active > MINUTES * 60:
        found.append(Signal("minutes", "", [str(int(meter.active // 60))]))
    return found


def same_again(recent: Sequence[Sequence[object]]) -> int:
    """Return how often the last call gave its result of late; one that succeeds, since the last edit."""
    if not recent:
        return 0
    times, last = 0, recent[-1]
    for call in reversed(recent):
        if not last[3] and str(call[2]).startswith("edit ") and call is not last:
            break
        times += call[:2] == last[:2]
    return times


def in_turn(recent: Sequence[Sequence[object]]) -> bool:
    """Tell whether the last six calls are two in turn, each with the same result every time."""
    last = [(call[0], call[1]) for call in recent[-IN_TURN:]]
    if len(last) < IN_TURN or last[0] == last[1]:
        return False
    return all(call == last[place % 2] for place, call in enumerate(last))


def is_tight_loop(recent: Sequence[Sequence[object]]) -> bool:
    """Tell whether at most three files are being edited and tested in turn, and little else is done."""
    deeds = [str(call[2]) for call in recent[-10:]]
    edited = {deed[5:] for deed in deeds if deed.startswith("edit ")}
    edits = sum(deed.startswith("edit ") for deed in deeds)
    tests = deeds.count("test")
    others = sum(deed != "test" and deed[5:] not in edited for deed in deeds)
    return edits >= 2 and tests >= 2 and len(edited) <= FEW_FILES and others <= 2
