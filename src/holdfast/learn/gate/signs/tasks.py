"""Signs of work instead of knowledge: tasks, to-do items, questions."""

from __future__ import annotations

from holdfast.learn.gate.signs.sign import DEEDS, Sign, sign

_TASK = ("It names a task, not a finding.", "Say what one must know or do differently, and why.")
_TODO = (
    "It is work still to be done.",
    "File it as an issue; a learning says what is already known to hold.",
)
_QUESTION = ("It asks instead of telling.", "Record the answer and its reason.")
_DOES = (
    "adds|introduces|moves|updates|fixes|removes|renames|implements|refactors|extracts|closes|improves"
    "|cleans|bumps|deletes|resolves|addresses|adjusts|rewrites|simplifies|polishes"
)
"""Verbs that begin the text of a commit."""

SIGNS: tuple[Sign, ...] = (
    sign(
        "actionable",
        1,
        "told",
        r"^(?:feat|fix|docs|chore|refactor|tests?|style|perf|build|ci|revert|release)(?:\([^)]{0,60}\))?!?: ",
        _TASK,
    ),
    sign("actionable", 0.7, "told", rf"^(?:{DEEDS}|{_DOES})\b(?![:=-])", _TASK),
    sign(
        "actionable",
        0.8,
        "plain",
        r"\((?:task|step|phase) \d+\)|^(?:step|phase|task|part|stage|chapter) \d+\b|^(?:architecture"
        r"|goal|tech stack|files?|run|expected|create|modify|tests?|objective|scope|context|background"
        r"|deliverables?|acceptance criteria|requirements?|plan)s? ?:(?!:)|\b[a-z]{2,6}-\d{2,5}:",
        _TASK,
    ),
    sign(
        "actionable",
        1,
        "plain",
        r"\b(?:(?:remaining|follow-?up) (?:work|tasks?|items?|steps?)|needs? (?:integration"
        r"|to be (?:integrated|implemented|reviewed|updated|done|fixed|merged))"
        r"|should (?:now )?also (?:add|update|do|fix)|fill (?:this )?in|files? to (?:modify|change"
        r"|create|edit))\b|^(?:todo|fixme|tbd|wip|xxx|hack)\b|\[ \]|^(?:next (?:steps?|up)|remaining"
        r"|outstanding|to do)\b",
        _TODO,
    ),
    sign(
        "actionable",
        1,
        "plain",
        r"\?[\"')*]*$|^(?:do|would|shall|should|could|can|may|what|why|how|where|when|which|who|is|are"
        r"|does|did) [^.;:]{0,200}\?|\?.{0,200}\?",
        _QUESTION,
    ),
)
