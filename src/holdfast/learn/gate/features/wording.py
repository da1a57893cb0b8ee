"""Features of how a text is told: its first words, tenses, and what its words do."""

from __future__ import annotations

from collections import Counter

from holdfast.learn.gate import substance
from holdfast.learn.gate.features import words
from holdfast.learn.gate.features.reading import Reading, is_deed, is_past, tense

_LISTED: dict[str, list[str]] = {}
for _name, _words in words.LISTS.items():
    for _word in _words:
        _LISTED.setdefault(_word, []).append(_name)
_NEGATIONS = frozenset("not no never cannot can't don't doesn't isn't without nothing none nor".split())
_BEFORE = frozenset("if when whenever for to on in after before with without while once".split())
_ASKING = frozenset(
    "what why how where when which who is are does did do can could should would shall".split()
)
_POINTING = frozenset("this these those above below here that it they so and also then thus".split())
_NOMINAL = ("tion", "ment", "ness", "ity", "ance", "ence")
_CLAUSE = 25
"""Tokens in which the first finite verb is looked for."""


def measure(reading: Reading) -> dict[str, float]:
    """Return the features of wording."""
    counts = Counter(name for word in reading.words for name in _LISTED.get(word, ()))
    found = {
        name: min(counts[name], most) / most for name in words.LISTS for most in (words.CAPS.get(name, 2),)
    }
    found["prompt.work_share"] = counts["prompt.work"] / reading.size
    found["substance.no_fact"] = float(not counts["substance.fact"])
    return found | _opening(reading) | _tenses(reading) | _shares(reading)


def _opening(reading: Reading) -> dict[str, float]:
    first = reading.first
    advises = first in words.ADVICE
    verb = "" if advises or first in words.DEEDS else _first_verb(reading)
    return {
        "substance.advice_first": float(advises),
        "substance.when_first": float(first in _BEFORE),
        "question.first": float(first in _ASKING),
        "told.i_first": float(first in words.LISTS["told.first_person"]),
        "told.ing_first": float(first.endswith("ing") and len(first) > 5),
        "prompt.you_first": float(first in words.LISTS["prompt.you"]),
        "vague.pointing_first": float(first in _POINTING),
        "names.article_first": float(first in {"the", "a", "an"}),
        "told.verb_past": float(verb == "past"),
        "substance.verb_must": float(verb == "must"),
        "guess.verb_modal": float(verb == "modal"),
        "substance.verb_present": float(verb == "present"),
    }


def _first_verb(reading: Reading) -> str:
    return next((found for token in reading.told[:_CLAUSE] if (found := tense(token))), "")


def _tenses(reading: Reading) -> dict[str, float]:
    past = sum(map(is_past, reading.words))
    sentences = reading.sentences
    number = max(1, len(sentences))
    explaining = sum(
        not is_deed(sentence[0])
        and any(
            word in words.PRESENT
            or word in words.LISTS["substance.rule"]
            or word in words.LISTS["substance.failure"]
            for word in sentence
        )
        for sentence in sentences
    )
    return {
        "told.past": min(past, 4) / 4,
        "told.ing": min(sum(word.endswith("ing") and len(word) > 4 for word in reading.words), 4) / 4,
        "told.story_share": sum(any(map(is_past, sentence[:6])) for sentence in sentences) / number,
        "told.only_happened": float(substance.only_happened(reading.text)),
        "task.deed_sentences": sum(is_deed(sentence[0]) for sentence in sentences) / number,
        "substance.explains": float(explaining > 0),
        "substance.advice_sentences": sum(sentence[0] in words.ADVICE for sentence in sentences) / number,
        "substance.weight": min(substance.weight(reading.text), 2.0),
    }


def _shares(reading: Reading) -> dict[str, float]:
    listed, size = reading.words, reading.size
    return {
        "substance.no_share": sum(word in _NEGATIONS for word in listed) / size,
        "names.the_share": sum(word == "the" for word in listed) / size,
        "common.noun_share": sum(word.endswith(_NOMINAL) for word in listed) / size,
        "vague.cut_off": float(
            bool(listed) and listed[-1] in words.FUNCTION_END and reading.tokens[-1] == listed[-1]
        ),
    }
