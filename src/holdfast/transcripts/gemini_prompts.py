"""Tell what a person said to Gemini CLI or Qwen Code from what the client put into the same message."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from holdfast.hook.patterns import regex
from holdfast.transcripts.events import Prompt
from holdfast.transcripts.prompts import is_injected, split_reminders
from holdfast.transcripts.values import items, some_text, table

ACCEPTED = "Got it. Thanks for the additional context!"
"""What the agent is made to say to the summary of a compacted conversation."""

_HOOKS = (("<hook_context>", "</hook_context>"), ("[hook_context]", "[/hook_context]"))
"""What Gemini CLI puts around what hooks say, and Holdfast for Qwen Code, which escapes angle brackets."""
_FILES = "--- Content from referenced files ---"
_INJECTED = regex(
    r"\s*(?:\[hook_context\]|<(?:session_context|hook_context|untrusted_context|background)"
    r"|This is the (?:Gemini CLI|Qwen Code)\. We are setting up the context|System: |Please continue\.\s*$"
    r"|I ran the following shell command:)"
)


def texts_of(content: Any) -> list[str]:
    """Return the texts of a message's content, which is a text or a list of parts; thoughts are left out."""
    if isinstance(content, str):
        return [content]
    parts = items(content) if isinstance(content, list) else [content]
    texts = (
        some_text(part) if isinstance(part, str) else some_text(table(part).get("text"))
        for part in parts
        if not table(part).get("thought")
    )
    return [text for text in texts if text]


def read_prompts(
    content: Any, typed: Any, *, at: float | None, subagent: str | None, injected: bool = False
) -> Iterator[Prompt]:
    """Give what a message of the user's role says: the person's own words first, then what was added.

    Args:
        content: What went to the model.
        typed: What the person typed, when the log keeps it apart.
        at: When it was said.
        subagent: The subagent it was said to, if any.
        injected: True when all of it is known not to be a person's.
    """
    own, added = _split(texts_of(content))
    if injected or is_added(own):
        own, added = "", [own, *added]
    elif own.strip() and typed is not None and texts_of(typed):
        own = "\n".join(texts_of(typed))
    if own.strip():
        yield Prompt(at=at, subagent=subagent, text=own)
    rest = "\n".join(text for text in added if text.strip())
    if rest:
        yield Prompt(at=at, subagent=subagent, text=rest, injected=True)


def _without_hooks(text: str) -> tuple[str, list[str]]:
    """Return a text without what hooks put into it, and that."""
    contexts: list[str] = []
    for opens, closes in _HOOKS:
        said: list[str] = []
        position = 0
        while (start := text.find(opens, position)) >= 0 and (end := text.find(closes, start)) >= 0:
            end += len(closes)
            said.append(text[position:start])
            contexts.append(text[start:end])
            position = end
        said.append(text[position:].lstrip() if position else text[position:])
        text = "".join(said)
    return text, contexts


def is_added(text: str) -> bool:
    """Tell whether a text of the user's role was written by the client, a hook or Holdfast."""
    return _INJECTED.match(text) is not None or is_injected(text)


def _split(texts: list[str]) -> tuple[str, list[str]]:
    """Return what a person may have said, and what hooks, reminders and named files added."""
    own: list[str] = []
    added: list[str] = []
    for number, text in enumerate(texts):
        before, mark, after = text.partition(_FILES)
        said, contexts = _without_hooks(before)
        said, reminders = split_reminders(said)
        added += [reminders, *contexts]
        own.append(said)
        if mark:
            added += [mark + after, *texts[number + 1 :]]
            break
    return "\n".join(text for text in own if text.strip()), [text for text in added if text.strip()]
