"""Signs of what passes or says nothing: one session, one commit, empty templates, vagueness."""

from __future__ import annotations

import re

from holdfast.learn.gate.signs.sign import Sign, sign

_EMPTY = (
    "It is a template that nobody filled in.",
    "Put the real command, file, error and reason in place of the blanks.",
)
_MOMENT = (
    "It holds only for one moment: this session, one pull request, one commit, one process.",
    "Leave out what passes and say what stays true in this repository.",
)
_VAGUE = (
    "It does not say what it is about.",
    "Name the file, command, setting or error, and what to do about it.",
)

SIGNS: tuple[Sign, ...] = (
    sign(
        "specific",
        1,
        "bare",
        r"(?:<[A-Za-z][\w -]*>[^<]{0,80}){2}(?![\w/])|\{\{[^}\n]{1,60}\}\}|\[(?:insert|your|describe"
        r"|name|placeholder|todo|fill|x{2,})[^\]\n]{0,60}\]|\blorem ipsum\b",
        _EMPTY,
        re.IGNORECASE,
    ),
    sign(
        "specific",
        0.7,
        "plain",
        r"\b(?:pr|pull request|mr|merge request)s? #?\d+\b|(?<![\w/])#\d+ \(|\b(?:task|batch|sprint"
        r"|milestone|round) #?\d+\b|\b(?:ci )?(?:run|build|job) #?\d{3,}\b|\bpids? ?[:=]? ?\d+\b",
        _MOMENT,
    ),
    sign(
        "specific",
        0.7,
        "lead",
        r"^(?:entire-checkpoint|co-authored-by|signed-off-by|change-id|reviewed-by|agent-id)\b ?:"
        r"|^(?:closes|fixes|resolves|refs?) #\d+",
        _MOMENT,
        re.MULTILINE | re.IGNORECASE,
    ),
    sign(
        "specific",
        0.6,
        "plain",
        r"\bthis (?:pr|branch|commit|session|task|conversation|changeset|phase|checkout|batch)\b"
        r"|\bfor later\b|\bwhen finished\b|\bscratch folder\b|\buncommitted (?:files|changes)$"
        r"|\buncommitted files\b|\b(?:see|in) the (?:last|latest|previous) commit\b"
        r"|\bour (?:conversation|session)\b",
        _MOMENT,
    ),
    sign(
        "specific",
        0.6,
        "lead",
        r"(?<![\w/.-])(?=[0-9a-f]{0,39}[a-f])(?=[0-9a-f]{0,39}\d)[0-9a-f]{7,40}(?![\w-])|/var/folders/"
        r"|/tmp/[\w.-]{6,}|/Users/\w|/home/\w+/|\b[A-Z]:\\Users\\",
        _MOMENT,
    ),
    sign(
        "specific",
        0.6,
        "plain",
        r"\b(?:currently|right now|at the moment|so far|just now|today|yesterday|tomorrow"
        r"|this (?:morning|week|afternoon)|last (?:night|week))\b|\b\d+m\d+s\b|\bis (?:running|taken"
        r"|listening) on\b|\bwere offline\b",
        _MOMENT,
    ),
    sign(
        "specific",
        0.6,
        "plain",
        r"\boption [a-z]\b|\b(?:the )?(?:right|correct|other|wrong|new|better) (?:approach|way"
        r"|arguments|framework|solution|tool)\b|\bsomething (?:about|with|was|went|is)\b"
        r"|\ban issue with\b|\b(?:it|this) can break things\b|\bhandled with care\b|\bcareful with\b"
        r"|\b(?:stuff|things)\b",
        _VAGUE,
    ),
)
