"""Word a decision so that it stands by itself: an answer with its question, a rule without the talk."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from holdfast.hook.patterns import regex
from holdfast.learn.decisions import shape
from holdfast.learn.decisions.sentences import Sentence
from holdfast.learn.gate import anchors
from holdfast.learn.gate.text import prepare

MAX_QUESTION = 240
_LETTER = regex(
    r"^\s*(?:i (?:think|prefer|vote for)\s+|let'?s (?:go with|do|use|try)\s+|go with\s+|yes,?\s+"
    r"|yeah,?\s+|ok,?\s+)*"
    r"(?:option\s+)?(?P<label>[A-Ha-h]|\d)(?:[).:,;]|\s*$|\s+(?=is|sounds|seems|please|but|and"
    r"|-))\s*(?P<rest>.*)$",
    re.IGNORECASE | re.DOTALL,
)
_MORE = regex(r"\s*(?:and|,|&|\+|or)?\s*(?:[A-H]|\d)\b(?!\w)")
_LABEL = regex(r"^(?:[A-H]|\d{1,2})\. ")
_TALK = regex(
    r"^(?:(?:yes|yeah|yep|no(?=[,.!;:])|nope|ok|okay|sure|right|well|so|and|but|also|hm+|ah|oh|ugh"
    r"|actually|wait(?=[,.!;:])"
    r"|heads up"
    r"|note(?: that)?|fyi|remember|important|blocking|nit|sorry|great|good|fine|cool|stop(?=[,.!:;])"
    r"|decision|chosen|decided"
    r"|i think|i guess|i feel like|basically|please|pls)\b[ ,.:;!()–-]+)+",
    re.IGNORECASE,
)
_LETS = regex(
    r"^(?:let'?s|let us|we should|you should)\s+(?!not\b)(?:just |rather |instead )?", re.IGNORECASE
)
_LETS_NOT = regex(r"^(?:let'?s|let us) not\s+", re.IGNORECASE)
_RECOMMENDED = regex(r"\s*\((?:recommended|default)\)\s*$", re.IGNORECASE)


def chosen(text: str, options: Sequence[str]) -> str:
    """Return an answer with the letter or number of an option replaced by what that option says.

    An option begins with its label ("A. In memory"); one without is counted from 1.
    """
    mark = _LETTER.match(text) if options and len(text) < 400 else None
    if mark is None or _MORE.match(mark["rest"]):
        return text
    label = mark["label"].upper()
    labelled = [option for option in options if _LABEL.match(option)]
    if labelled:
        option = next((option for option in labelled if option.startswith(f"{label}. ")), "")
    else:
        option = options[int(label) - 1] if label.isdigit() and 0 < int(label) <= len(options) else ""
    if not option:
        return text
    return ". ".join(part for part in (_bare(option).rstrip("."), mark["rest"].strip()) if part)


def _bare(option: str) -> str:
    return _RECOMMENDED.sub("", _LABEL.sub("", option).strip())


def lasting(found: Sequence[Sentence]) -> list[Sentence]:
    """Return the rules and facts of a passage, in order; those that point at the thing in hand come last."""
    told = [s for s in found if s.sort in ("rule", "fact") and not shape.is_question(s.text)]
    return [sentence for sentence in told if not sentence.bound] or told


def word(
    text: str,
    found: Sequence[Sentence],
    *,
    question: str = "",
    options: Sequence[str] = (),
    context: str = "",
) -> str:
    """Return a decision as one self-standing statement; "" when there is nothing to say.

    Args:
        text: The passage.
        found: Its sentences, sorted.
        question: What it answers: it is quoted, as an answer has its sense from it.
        options: The answers that were offered; those not chosen are named.
        context: The command or file it was about, named when nothing else is.
    """
    told = lasting(found)
    kept = _with_how(found, told) or [s for s in found if not shape.is_question(s.text)]
    if text not in options:
        kept = list(itertools.dropwhile(lambda sentence: shape.points(sentence.text), kept))
    if not kept:
        return ""
    parts = [_plainly(sentence.text) for sentence in kept]
    body = " ".join(map(_ended, parts))
    if not question.strip():
        return f"{body.rstrip('.')} (said of `{context}`)." if context and not _names(body) else body
    asked = " ".join(question.split())[:MAX_QUESTION].rstrip()
    others = _others(text, options)
    refused = f" (not: {'; '.join(others)})" if others else ""
    return f"{body.rstrip('.')}{refused}. This answers: “{asked}”"


def _names(text: str) -> bool:
    named = anchors.count(prepare(text))
    return bool(named.strong or named.medium or named.weak)


def _with_how(found: Sequence[Sentence], told: Sequence[Sentence]) -> list[Sentence]:
    """Return what lasts with the reasons between, and what to do instead right behind: "Run `npm ci`."."""
    kept: list[Sentence] = []
    for place, sentence in enumerate(found):
        how = sentence.sort in ("order", "deed") and kept and found[place - 1] in kept
        why = sentence.reasoned and sentence.sort in ("scrap", "deed")
        if sentence in told or (not sentence.bound and (how or why)):
            kept.append(sentence)
    return kept


def _others(text: str, options: Sequence[str]) -> list[str]:
    """Return the labels of the options that were not chosen, when one of them was."""
    labels = [_bare(_LABEL.sub("", option).split(": ")[0]) for option in options]
    mine = [label for label in labels if label and text.lower().startswith(label.lower())]
    return [label for label in labels if label not in mine][:3] if len(mine) == 1 else []


def _plainly(text: str) -> str:
    text = _RECOMMENDED.sub("", " ".join(text.split()))
    text = _TALK.sub("", text) or text
    text = _LETS_NOT.sub("Do not ", text)
    text = _LETS.sub("", text) if re.match(r"let", text, re.IGNORECASE) else text
    return text[:1].upper() + text[1:] if text[:1].islower() and " " in text and _is_word(text) else text


def _is_word(text: str) -> bool:
    """Tell whether a text begins with a plain word, not with a name that must keep its letters."""
    return bool(re.match(r"[a-z]+(?:'[a-z]+)?[\s,]", text))


def _ended(text: str) -> str:
    text = text.rstrip(" ,;:–-")
    return (
        text
        if text.endswith((".", "!", "?", ")", "`")) and not text.endswith("..")
        else f"{text.rstrip('.')}."
    )
