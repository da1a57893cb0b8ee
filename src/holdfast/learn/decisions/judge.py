"""Put it together: sentences sorted, features weighed, and what remains worded to stand by itself.

The chance is that of a logistic regression, ``1 / (1 + exp(-(b + sum of w * x)))``; its constants are in
`weights.py`, written by ``bench/decide/fit.py``, which also says how well they do on passages they were not
fitted on.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec

from holdfast.hook.signature import plain
from holdfast.learn.decisions import asked, features, sentences, shape, wording
from holdfast.learn.decisions.weights import BIAS, THRESHOLDS, WEIGHTS

MAX_LENGTH = 4000
"""Characters of a passage that is read; a longer one is a document, not a decision."""


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """A decision that a passage states.

    Attributes:
        text: It, worded to stand by itself.
        reason: Why it was taken for one, in a sentence.
        chance: That it is one, 0 to 1.
        reasoned: True when it is a rule that gives its reason.
    """

    text: str
    reason: str
    chance: float
    reasoned: bool = False


def judge_decision(
    text: str, *, source: str, question: str = "", context: str = "", options: Sequence[str] = ()
) -> Decision | None:
    """Return the decision that a passage states; None when what it says holds for one moment only.

    A decision is a choice, rule, constraint or fact that a later session in this repository should know and
    follow. A remark on one change, a go-ahead, an order for the next step, a question, praise, a status, a
    bug report and pasted output are none. Pure and deterministic.

    Args:
        text: The passage, for instance a person's words.
        source: Where it stands: one of `features.SOURCES`.
        question: What it answers.
        context: The command or the files it was about; it is not weighed.
        options: The answers that were offered.
    """
    text = plain(text).strip()
    if not text or len(text) > MAX_LENGTH:
        return None
    chosen = wording.chosen(text, options)
    if chosen != text and not asked.settles(question):
        return None  # an option that was picked by its letter says what to do with what the agent asked about
    found = [sentences.sort(sentence) for sentence in sentences.split(chosen)]
    if not states_something(chosen, found, question=question):
        return None
    measured = features.measure(chosen, found, source=source, question=question, options=options)
    chance = weigh(measured)
    if chance < THRESHOLDS[features.group(source)]:
        return None
    asked_what = question if asked.settles(question) else ""
    worded = wording.word(chosen, found, question=asked_what, options=options, context=context)
    if not worded:
        return None
    lasting = wording.lasting(found)
    reasoned = any(sentence.sort == "rule" and sentence.reasoned for sentence in lasting)
    reason = "It states a rule and its reason." if reasoned else _reason(lasting, question)
    return Decision(text=worded, reason=reason, chance=round(chance, 3), reasoned=reasoned)


def states_something(text: str, found: Sequence[sentences.Sentence], *, question: str = "") -> bool:
    """Tell whether there is a statement to keep: no weighing outweighs that there is none.

    A passage of questions is none, and neither is one about something that it never names, unless the
    question that it answers does.
    """
    stated = [sentence for sentence in found if not shape.is_question(sentence.text)]
    if asked.settles(question):
        chosen = bool(stated) and not features.DEFERRING.search(text)
        return chosen or any(sentence.sort == "rule" for sentence in stated)
    return any(not shape.points(sentence.text) for sentence in stated)


def weigh(measured: dict[str, float]) -> float:
    """Return the chance that a passage with these features is a decision."""
    odds = BIAS + sum(WEIGHTS[name] * value for name, value in measured.items() if value)
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, odds))))


def _reason(lasting: Sequence[sentences.Sentence], question: str) -> str:
    if any(sentence.sort == "rule" for sentence in lasting):
        return "It states a rule."
    if lasting:
        return "It states a fact about this project."
    return "It settles what was asked." if question else "It says what was chosen."
