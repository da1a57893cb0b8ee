"""What happens at each event: what is written down, and which surfaces may speak.

Nothing is said in a repository that is not set up, not trusted, or told to be quiet.
"""

from __future__ import annotations

import os

from .clock import now
from .incoming import AGENTS, EVENTS, Incoming
from .json_reading import read_object
from .moment import Moment, Told
from .place import Place, find, read_text
from .published import NAME, Published
from .replies import hears, reply
from .trusted import accepted, is_as_accepted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any, BinaryIO

MOST_INPUT = 1 << 20
"""Bytes of an event that are read; more is no event that anything can be said to."""
QUIET = "quiet"
STATUS_LINE = ["claude-code", "statusline"]
"""What Claude Code calls for the line below its prompt; it is no event, and shows no knowledge."""


def run(arguments: list[str], stdin: BinaryIO) -> str:
    """Take one event and return what is printed for the agent.

    Args:
        arguments: The agent and the event.
        stdin: Where the agent's JSON comes from.
    """
    data = stdin.read(MOST_INPUT + 1)
    if len(data) > MOST_INPUT:
        while stdin.read(MOST_INPUT):
            continue  # an agent that writes into a closed pipe may fail
        return ""
    if arguments == STATUS_LINE:
        from .meter_status import status_line

        return status_line(data.decode("utf-8", "replace"), colour="NO_COLOR" not in os.environ)
    if len(arguments) != 2 or arguments[0] not in AGENTS or arguments[1] not in EVENTS:
        return ""
    incoming = _incoming(arguments[0], arguments[1], read_object(data.decode("utf-8", "replace")))
    moment = _moment(incoming) if incoming is not None else None
    if incoming is None or moment is None:
        return ""
    said = [told for told in _told(moment) if _is_said(moment, told)]
    for told in said:
        if told.deny:
            return reply(incoming.agent, incoming.event, deny=told.text)
    rewrite = next((told.rewrite for told in said if told.rewrite is not None), None)
    return reply(
        incoming.agent,
        incoming.event,
        "\n".join(told.text for told in said if told.text),
        rewrite=rewrite,
        shown="\n".join(told.text for told in said if told.surface == "meter"),
    )


def _incoming(agent: str, event: str, told: dict[str, Any]) -> Incoming | None:
    """Return the event; None for one that Cursor, which runs Claude Code's hooks too, calls us for itself."""
    if agent == "claude-code" and "cursor_version" in told:
        from .cursor import calls_itself

        if calls_itself(told, event):
            return None
        agent = "cursor"
    return Incoming(agent, event, told)


def _moment(incoming: Incoming) -> Moment | None:
    """Return the event in its repository; None where nothing may be said or written down."""
    place = find(incoming.cwd) if incoming.session else None
    items = accepted(place) if place is not None else None
    if place is None or items is None or _is_quiet(place, at := now()):
        return None
    try:
        published = Published(os.path.join(place.state, NAME))
    except OSError:
        return None
    return Moment(incoming, place, published, at) if is_as_accepted(place, items) else None


def _is_quiet(place: Place, at: float) -> bool:
    """Tell whether a person silenced the hooks here: for good, or until a time."""
    path = os.path.join(place.state, QUIET)
    if not os.path.exists(path):
        return False
    try:
        return at < float(read_text(path, 64).strip() or "inf")
    except ValueError:
        return True


def _told(moment: Moment) -> Iterator[Told]:
    """Yield what the surfaces of an event have to say; one that errs says nothing, and the next is asked.

    Of a call that is stopped or replaced nothing more is said: it will not run as it stands.
    """
    for surface in _AT[moment.incoming.event]:
        try:
            told = surface(moment)
        except Exception:
            if os.environ.get("HOLDFAST_HOOK_DEBUG"):
                raise
            continue
        if told is not None:
            yield told
            if told.deny or told.rewrite is not None:
                return


def _is_said(moment: Moment, told: Told) -> bool:
    """Write down that something is told, unless it was told in this context or enough was said."""
    if not told.asked and told.surface != "start" and not told.deny and not moment.journal.has_room():
        return False
    tokens = len(told.text) // 4
    return moment.journal.tell(moment.now, told.surface, told.ids, text_tokens=tokens, **told.noted)


# -- the events


def _start(moment: Moment) -> Told | None:
    return _begin(moment, moment.incoming.source)


def _begin(moment: Moment, source: str) -> Told | None:
    incoming = moment.incoming
    fresh = moment.journal.add_once(
        moment.now,
        "start",
        agent=incoming.name,
        session=incoming.session,
        transcript=incoming.transcript,
        root=moment.place.root,
        branch=moment.place.branch,
        model=incoming.model,
        source=source,
    )
    if not fresh:
        return None
    if source in ("compact", "clear"):
        moment.journal.add_once(moment.now, "context", reason=source)
    from . import due, start

    due.start_capture(moment)
    return start.start_told(moment)


def _prompt(moment: Moment) -> Told | None:
    from . import prompt

    return prompt.prompt_told(moment)


def _late_start(moment: Moment) -> Told | None:
    """Begin at a prompt what an agent that hears nothing at its start, or does not tell it, has begun."""
    if hears(moment.incoming.agent, "start") or not moment.incoming.prompt.strip():
        return None
    marks = [line for line in moment.journal.lines if line.get("do") in ("start", "begun", "end")]
    last = marks[-1] if marks else {}
    if last.get("do") == "begun" or last.get("source") == "prompt":
        return None
    if last.get("do") != "start":
        return _begin(moment, "prompt")
    if not moment.journal.add_once(moment.now, "begun"):
        return None
    from . import start

    return start.start_told(moment)


def _guard(moment: Moment) -> Told | None:
    if not moment.speaks("guards") or not moment.published.get("guards"):
        return None
    from . import guards

    return guards.guarded(moment)


def _call(moment: Moment) -> Told | None:
    from . import call

    return call.call_told(moment)


def _failure(moment: Moment) -> Told | None:
    from . import failure

    return failure.failure_told(moment)


def _handoff(moment: Moment) -> Told | None:
    if not moment.speaks("handoff") or moment.incoming.subagent:
        return None
    from . import handoff

    return handoff.told_later(moment)


def _meter(moment: Moment) -> Told | None:
    if not moment.speaks("meter") or moment.incoming.subagent:
        return None
    from . import meter

    return meter.crossed(moment)


def _question(moment: Moment) -> Told | None:
    """Say before a question is put to the person that they answered it."""
    return _meter(moment) if moment.incoming.tool_input.get("questions") else None


def _compact(moment: Moment) -> None:
    moment.journal.add_once(moment.now, "context", reason="compact")


def _end(moment: Moment) -> None:
    if moment.journal.add_once(moment.now, "end", reason=moment.incoming.source):
        from . import due

        due.note_end(moment)


def _stop(moment: Moment) -> None:
    """End, with its turn, a session that did not tell its start: it will not tell its end."""
    begun = moment.journal.last("start")
    if begun is not None and begun.get("source") == "prompt":
        _end(moment)


_AT: dict[str, tuple[Callable[[Moment], Told | None], ...]] = {
    "start": (_start,),
    "prompt": (_late_start, _handoff, _prompt, _meter),
    "call": (_guard, _question, _call),
    "result": (_failure, _meter),
    "failure": (_failure, _meter),
    "compact": (_compact,),
    "end": (_end,),
    "stop": (_stop,),
}
