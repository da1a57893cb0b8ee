"""What to tell the writer of a refused text, by what speaks against it."""

from __future__ import annotations

from collections.abc import Mapping

from holdfast.learn.gate.rules import Words

_NOTHING_TO_DO: Words = (
    "It says too little of what to do or of what follows from it.",
    "Say what to do or avoid, and because of what.",
)
_BY_KIND: dict[str, Words] = {
    "failure": (
        "It does not say enough of what failed and what worked.",
        "Quote the error, name its cause and the way that worked.",
    ),
    "decision": ("It is a decision without its reason.", "Say what was chosen, instead of what, and why."),
}
NO_NAME: Words = (
    "It names no file, command, setting or error of this repository.",
    "Name what it is about: the file, command, setting or error.",
)
_ADVICE: dict[str, Words] = {
    "task": (
        "It reads as a task or as the title of a change, not as a finding.",
        "Say what one must know or do differently, and why.",
    ),
    "question": ("It asks instead of telling.", "Record the answer and its reason."),
    "form": (
        "It has the form of a note or a list, not of a rule or a fact.",
        "Write one whole sentence: what to do or know, where, and why.",
    ),
    "told": (
        "It tells what someone is doing or did, not what holds from now on.",
        "Drop the telling; state the fact or the rule that the next session needs.",
    ),
    "status": (
        "It reports the state of one piece of work.",
        "Say what was learned from it that holds the next time, and why.",
    ),
    "guess": (
        "It is a guess.",
        "Test it, then say what happened: what failed, with which error, and what worked.",
    ),
    "names": (
        "It names too little of this repository to be found and trusted again.",
        "Name the file, command, setting or error, and what to do about it.",
    ),
    "moment": (
        "It holds only for one moment: this session, one pull request, one commit, one process.",
        "Leave out what passes and say what stays true in this repository.",
    ),
    "vague": (
        "It does not say what it is about.",
        "Name the file, command, setting or error, and what to do about it.",
    ),
    "prompt": (
        "It speaks to an agent as a prompt or a skill does; agents are given those anyway.",
        "Record only what this repository adds to it.",
    ),
    "common": (
        "Any good engineer or agent knows this already.",
        "Say what is particular to this repository: where it applies here and what breaks otherwise.",
    ),
    "manual": (
        "It restates what a manual says.",
        "Say what behaved otherwise than the manual leads one to expect.",
    ),
}
_WANTING = frozenset({"names", "vague", "common", "form", "substance"})
"""Groups of which a name is the first cure where nothing is named."""


def words(group: str, kind: str, features: Mapping[str, float]) -> Words:
    """Return (reason, mend) for a group of features that speaks against a text.

    Args:
        group: the group, a key of `holdfast.learn.gate.features.GROUPS`.
        kind: the kind of learning; it words what a text lacks.
        features: those of the text; one that names nothing is told so, none without "?" that it asks.
    """
    if features["names.none"] and group in _WANTING:
        return NO_NAME
    if group == "substance" or (group == "question" and not features["question.mark"]):
        return _BY_KIND.get(kind, _NOTHING_TO_DO)
    if group == "names" and not features["names.strong"]:
        return NO_NAME
    return _ADVICE[group]
