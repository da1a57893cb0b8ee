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
        r"\b(?:(?:pr|pull request|mr|merge request)s? #?\d+|(?:task|batch|sprint|milestone"
        r"|round) #?\d+|(?:ci )?(?:run|build|job) #?\d{3,}|pids? ?[:=]? ?\d+)\b|(?<![\w/])#\d+ \(",
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
        r"\b(?:(?:this (?:pr|branch|commit|session|task|conversation|changeset|phase|checkout|batch)"
        r"|for later|when finished|scratch folder|uncommitted files|(?:see|in) the (?:last|latest"
        r"|previous) commit|our (?:conversation|session))\b|uncommitted (?:files|changes)$)",
        _MOMENT,
    ),
    sign(
        "specific",
        0.6,
        "lead",
        r"(?<![\w/.-])(?=[0-9a-f]{0,39}[a-f])(?=[0-9a-f]{0,39}\d)[0-9a-f]{7,40}(?![\w-])|/pull/\d+"
        r"|/var/folders/"
        r"|/tmp/[\w.-]{6,}|/Users/\w|/home/\w+/|\b[A-Z]:\\Users\\",
        _MOMENT,
    ),
    sign(
        "specific",
        0.6,
        "plain",
        r"\b(?:(?:currently|right now|at the moment|so far|just now|today|yesterday|tomorrow"
        r"|this (?:morning|week|afternoon)|last (?:night|week))|\d+m\d+s|is (?:running|taken"
        r"|listening) on|were offline)\b",
        _MOMENT,
    ),
    sign(
        "specific",
        0.6,
        "plain",
        r"\b(?:option [a-z]|(?:the )?(?:right|correct|other|wrong|new|better) (?:approach|arguments"
        r"|framework|solution|tool)|something (?:about|with|was|went|is)|an issue with|(?:it"
        r"|this) can break things|handled with care|careful with|(?:stuff|things))\b",
        _VAGUE,
    ),
)
