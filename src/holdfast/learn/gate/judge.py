"""Put the criteria together: five scores, one threshold, and for a refusal its reason and cure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from holdfast.learn.gate import anchors, likeness, safety, shape, substance, vocabulary
from holdfast.learn.gate.signs import SIGNS, Sign, Words
from holdfast.learn.gate.text import LIMIT, MAX_WORDS, Text, prepare

CRITERIA = ("safe", "actionable", "validated", "specific", "unique")
"""The criteria, in the order in which a refusal looks for one to name."""
THRESHOLD = 0.55
"""A text is accepted when no criterion scores below this."""
_TOO_LONG = 1.25
_TELLING_WORDS = 30
"""The longer a text, the more it has to name: from this many words on, plain nouns count for less."""
_NOTHING_TO_DO = (
    "It gives nothing to do, no cause and no rule.",
    "Say what to do or avoid, and because of what.",
)
_NO_ANCHOR = (
    "It names no file, command, setting or error of this repository.",
    "Name what it is about: the file, command, setting or error.",
)
_NO_REASON = {
    "failure": (
        "It does not say what failed and what worked.",
        "Quote the error, name its cause and the way that worked.",
    ),
    "decision": ("It is a decision without its reason.", "Say what was chosen, instead of what, and why."),
}
_STORY = (
    "It tells what happened once, not what holds from now on.",
    "Say what is so, or what to do, the next time.",
)


@dataclass(frozen=True)
class Verdict:
    """Say whether a text may be recorded.

    Attributes:
        scores: Each criterion's score, 0 to 1; below `THRESHOLD` it fails.
        criterion: The criterion that the refusal is about, "" when accepted: the first with something found
            against it, else the first that lacks something.
        reason: What is wrong, in a sentence; "" when accepted.
        mend: What to write instead, in a sentence; "" when accepted.
    """

    accepted: bool
    scores: dict[str, float] = field(default_factory=dict)
    criterion: str = ""
    reason: str = ""
    mend: str = ""


def judge(text: str, *, kind: str = "", proven: bool = False, known: Iterable[str] = ()) -> Verdict:
    """Judge a candidate learning by its content.

    Pure and deterministic; time grows with the length of the text and of `known`.

    Args:
        text: What would be recorded; its first paragraph is what an agent is shown.
        kind: The kind of learning; it words the advice, it does not change the verdict.
        proven: True when an outcome confirmed it: a failure, then a success.
        known: Texts that are recorded already.
    """
    if len(text) > LIMIT:
        words = (
            f"It is {len(text):,} characters long; at most {LIMIT:,} are read.",
            "Keep the rule and its reason; leave the rest out.",
        )
        return _refusal(dict.fromkeys(CRITERIA, 0.0), "actionable", words)
    prepared = prepare(text)
    scores = _weigh(prepared, proven=proven)
    faults = _found_faults(prepared, text, scores)
    like, other = likeness.nearest(text, known)
    if like >= likeness.SAME:
        scores["unique"] = 1 - like
        faults["unique"] = (
            f"It is recorded already: “{_short(other)}”.",
            "Cite that one, or say what is new against it.",
        )
    scores = {name: round(min(1.0, max(0.0, scores[name])), 2) for name in CRITERIA}
    failed = [name for name in CRITERIA if scores[name] < THRESHOLD]
    if not failed:
        return Verdict(True, scores)
    criterion = next((name for name in failed if name in faults), failed[0])
    return _refusal(scores, criterion, faults.get(criterion) or _what_lacks(criterion, kind))


def _refusal(scores: dict[str, float], criterion: str, words: Words) -> Verdict:
    return Verdict(False, scores, criterion, *words)


def _weigh(text: Text, *, proven: bool) -> dict[str, float]:
    """Return each criterion's score by what speaks for it, before anything is found against it."""
    tied = anchors.count(text).weight
    acts = substance.weight(text)
    subjects = min(vocabulary.subjects(text.plain), 4)
    brevity = min(1.0, _TELLING_WORDS / max(1, len(text.plain.split())))
    return {
        "safe": 1.0,
        "actionable": acts + 0.1 * min(tied, 2) + 0.05 * subjects + 0.2 * proven if acts else 0.0,
        "validated": (0.4 if substance.only_happened(text) else 0.75) + (0.5 if proven else 0.0),
        "specific": 0.42 * tied + 0.14 * subjects * brevity + 0.2 * min(max(0.0, acts - 0.6), 1.0),
        "unique": 0.6 + 0.15 * min(tied, 3),
    }


def _found_faults(text: Text, whole: str, scores: dict[str, float]) -> dict[str, Words]:
    """Return what is found against the text, by criterion, and take it from the scores."""
    signs = [sign for sign in SIGNS if sign.found(text)]
    for sign in signs:
        # What speaks for a text outweighs a weak sign, never a decisive one.
        most = 1.0 if sign.cost >= 1 else 1.25
        scores[sign.criterion] = min(scores[sign.criterion], most) - sign.cost
    faults = _worst(signs)
    harm = safety.fault(whole)
    shapeless = shape.fault(text, reasoned=substance.reasoned(text)) or _length_fault(text)
    for criterion, words in (("safe", harm), ("actionable", shapeless)):
        if words:
            scores[criterion], faults[criterion] = 0.0, words
    return faults


def _what_lacks(criterion: str, kind: str) -> Words:
    """Return the words for a criterion that fails for want of something."""
    lacking = {"actionable": _NO_REASON.get(kind, _NOTHING_TO_DO), "validated": _STORY}
    return lacking.get(criterion, _NO_ANCHOR)


def _worst(signs: list[Sign]) -> dict[str, Words]:
    """Return, by criterion, the words of the costliest sign; the first of equals."""
    worst: dict[str, Sign] = {}
    for sign in signs:
        if sign.criterion not in worst or sign.cost > worst[sign.criterion].cost:
            worst[sign.criterion] = sign
    return {criterion: sign.words for criterion, sign in worst.items()}


def _length_fault(text: Text) -> Words | None:
    count = len(text.first.split())
    if count <= MAX_WORDS * _TOO_LONG:
        return None
    return (
        f"Its first paragraph has {count} words; an agent is shown at most {MAX_WORDS}.",
        "Put the rule and its reason first, in one short paragraph.",
    )


def _short(text: str) -> str:
    line = " ".join(text.split("\n\n")[0].split())
    return line if len(line) <= 100 else line[:99].rstrip() + "…"
