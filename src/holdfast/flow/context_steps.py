"""Give the context meter a session's typed events as the steps that it counts.

The hook reads the same steps off the lines of a log (`holdfast.hook.meter_log`): what it
tells while a session runs is what is found in it afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from holdfast.hook.meter_steps import CALL, COMPACTION, PROMPT, RESULT, USAGE, Step, tool_of
from holdfast.transcripts.events import AnyEvent, Call, Compaction, Prompt, Result, Usage


def steps_of(events: Iterable[AnyEvent], main: str | None = None) -> Iterator[Step]:
    """Yield the steps of one conversation.

    Args:
        events: The session's events.
        main: The subagent whose own log it is; None for a person's session.
    """
    for event in events:
        if event.subagent == main:
            step = step_of(event)
            if step is not None:
                yield step


def step_of(event: AnyEvent) -> Step | None:
    """Return the step that an event is; None for one that the meter does not count."""
    at = event.at or 0.0
    if isinstance(event, Prompt):
        return None if event.injected else Step(PROMPT, at, text=event.text)
    if isinstance(event, Call):
        return _call(event, at)
    if isinstance(event, Result):
        failed = event.status == "failed"
        return Step(RESULT, at, id=event.call_id, text=event.text, failed=failed)
    if isinstance(event, Usage):
        return Step(USAGE, at, model=event.model or "", used=event.context)
    if isinstance(event, Compaction):
        return Step(COMPACTION, at, used=event.before or 0)
    return None


def _call(call: Call, at: float) -> Step:
    edits = [(edit.path, edit.removed, edit.added) for edit in call.edits]
    told = [call.command, *call.paths, call.query, *edits]
    tool = tool_of(call.name)
    tool = call.tool if tool == call.name else tool
    return Step(
        CALL,
        at,
        id=call.id,
        tool="Edit" if tool == "Write" else tool,
        key=f"{call.name} {told!r}",
        path=call.paths[0] if call.paths else "",
        command=call.command or "",
        text="\n".join(question.text for question in call.questions),
    )
