"""Tell what a call printed from what hooks put below it: Holdfast's own words are never mined.

Gemini CLI marks such a text, and so does Holdfast where an agent would not; Copilot CLI says in a sentence
that it follows.
"""

from __future__ import annotations

from holdfast.hook.patterns import regex

_MARKS = (("\n\n<hook_context>", "</hook_context>"), ("\n\n[hook_context]", "[/hook_context]"))
"""The second is Holdfast's for Qwen Code, which escapes angle brackets."""
_GUIDANCE = regex(r"\n\nTool \"[^\"\n]{1,200}\" \w+\. Additional guidance from \w+ hooks:\n")
_SAYS_GUIDANCE = " Additional guidance from "
_CHANGED = "\n\n[System] Tool input parameters were modified by a hook before execution."


def without_hooks(text: str) -> str:
    """Return the result of a call as it was before hooks added to it."""
    if _SAYS_GUIDANCE in text and (found := _GUIDANCE.search(text)):
        text = text[: found.start()]
    for opens, closes in _MARKS:
        ends = text.rstrip()
        if ends.endswith(closes) and opens in ends:
            text = ends[: ends.index(opens)]
    return text.removesuffix(_CHANGED)
