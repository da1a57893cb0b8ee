"""Tell once when a context fills up or wears out: a line at 40 %, one at 70 %, one for each other sign.

The session's log is read from where the last event left it; the counts are kept beside in
``meter/<session>.json``. In a tight loop of edits and tests nothing is said below 85 %.
"""

from __future__ import annotations

import os
from itertools import chain

from .json_reading import read_object, write
from .meter_log import call_step, steps_in
from .meter_signals import Signal, is_tight_loop
from .meter_state import SLACK, Meter
from .meter_steps import RESULT, Step
from .meter_windows import at_least, window_of
from .moment import Told
from .place import read_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .incoming import Incoming
    from .moment import Moment

FOLDER = "meter"
SURFACE = "meter"
MOST = 1 << 20
"""Bytes of a log that are read at one event; of more only the end is."""
OLD = 14 * 86400.0
"""Seconds after which a session that nobody went on with is over; its counts are no use any more."""
MOST_DROPPED = 100
MOST_SIGNS = 3
"""Signs of saturation that are told in one context."""
LAST = 85
"""Percent at which something is said even in a tight loop."""
_LINES = (
    (70, "Commit or write down now what is done, decided and open: a compaction would lose it. Then go on in "
         "a fresh session."),
    (40, "Finish the task in hand; begin the next one in a fresh session."),
)  # fmt: skip


def crossed(moment: Moment) -> Told | None:
    """Return what there is to say about the session's context; None for silence."""
    incoming = moment.incoming
    log = _log_of(incoming)
    if incoming.subagent or not log or not moment.speaks(SURFACE):
        return None
    folder = os.path.join(moment.place.state, FOLDER)
    if os.path.islink(folder):
        return None  # nothing is written, nor dropped, elsewhere
    path = os.path.join(folder, f"{moment.key}.json")
    meter, offset = _kept(path, log)
    signals, end = _read_on(meter, log, offset)
    _note_compaction(moment, meter)
    told = moment.journal.told()
    if incoming.event == "call":  # what else was read is left to the next event
        return _worn(moment, _asked(moment, meter), told)
    if incoming.event == "failure":
        signals = [*_failed_now(moment, meter), *signals]
    if end != offset or incoming.event == "failure":
        _keep(path, meter, log, end)
        if not offset:
            _drop_old(folder, moment.now)
    window = at_least(meter.window or window_of(meter.model or incoming.model, _chosen(moment)), meter.peak)
    share = 100 * meter.used // window if window else 0
    if is_tight_loop(meter.recent) and share < LAST:
        return None
    filled = _filled(meter, share, window, told)
    return filled or _worn(moment, chain(signals, _changed(moment, meter)), told)


def _log_of(incoming: Incoming) -> str:
    """Return where the session's log is; Copilot CLI does not say, and keeps it by the session's id."""
    session = incoming.session
    if incoming.transcript or incoming.agent != "copilot" or "/" in session or session in ("", ".", ".."):
        return incoming.transcript
    home = os.environ.get("COPILOT_HOME") or os.path.join(os.path.expanduser("~"), ".copilot")
    return os.path.join(home, "session-state", session, "events.jsonl")


def _filled(meter: Meter, share: int, window: int, told: set[str]) -> Told | None:
    """Return the line for the highest mark that was crossed, unless it was told in this context."""
    for mark, advice in _LINES:
        if share >= mark:
            if f"meter:{mark}" in told:
                return None
            text = f"Context {share} % full ({_short(meter.used)} of {_short(window)} tokens). {advice}"
            ids = [
                f"meter:{passed}" for passed, _ in _LINES if passed <= mark and f"meter:{passed}" not in told
            ]
            return Told(text, ids, SURFACE, asked=True, noted={"line": mark, "share": share})
    return None


def _worn(moment: Moment, signals: Iterable[Signal], told: set[str]) -> Told | None:
    """Return the line of the first sign that was not told yet; None without one, or when enough were told."""
    if len([each for each in told if each.startswith("meter:") and not each[6:].isdigit()]) >= MOST_SIGNS:
        return None
    for signal in signals:
        if signal.id not in told and signal.is_worth_telling:
            if signal.kind == "reread":
                signal.facts[0] = _shown(moment, signal.facts[0])
            return Told(signal.told, [signal.id], SURFACE, noted={"family": signal.kind})
    return None


def _asked(moment: Moment, meter: Meter) -> list[Signal]:
    """Return the signal that the question about to be put to the person was answered."""
    asked = moment.incoming.tool_input.get("questions")
    texts = (
        [each.get("question") for each in asked if isinstance(each, dict)] if isinstance(asked, list) else []
    )
    return meter.asked_again("\n".join(text for text in texts if isinstance(text, str)))


def _changed(moment: Moment, meter: Meter) -> Iterator[Signal]:
    """Yield a signal for each file that was changed since this session read it, and not by itself."""
    # what changed after the last logged step may be the doing of the very call that the event is about
    latest = meter.last - SLACK if moment.incoming.event in ("result", "failure") else float("inf")
    for path, (at, *_) in meter.reads.items():
        place = os.path.join(moment.incoming.cwd or moment.place.root, path)
        try:
            changed = os.stat(place).st_mtime
        except OSError:
            continue
        if at and at + SLACK < changed < latest and not meter.is_own(changed):
            yield Signal("changed", f"{path}@{int(changed)}", [_shown(moment, place)])


def _shown(moment: Moment, path: str) -> str:
    """Return a path as seen from the top of the worktree, where it lies in it."""
    root = moment.place.root + os.sep
    return path[len(root) :] if path.startswith(root) else path


def _failed_now(moment: Moment, meter: Meter) -> list[Signal]:
    """Count the failure that the event is about, which the log often does not have yet."""
    incoming = moment.incoming
    if not incoming.call_id:
        return []
    name = incoming.told.get("tool_name", incoming.told.get("toolName"))
    call = call_step(moment.now, incoming.call_id, name if isinstance(name, str) else "", incoming.tool_input)
    result = Step(RESULT, moment.now, id=incoming.call_id, text=incoming.output, failed=True)
    return [*meter.feed(call), *meter.feed(result)]


def _note_compaction(moment: Moment, meter: Meter) -> None:
    """Write down a compaction that the agent has no event for, so that a new context begins."""
    if not meter.killed:
        return
    last = moment.journal.last("context")
    since = last.get("at") if last else None
    if not isinstance(since, int | float) or since < meter.killed - 600:
        moment.journal.add_once(moment.now, "context", reason="compact")


def _chosen(moment: Moment) -> dict[str, int]:
    """Return the windows that a person set for models."""
    found = moment.meta.get("windows")
    return (
        {str(name): size for name, size in found.items() if isinstance(size, int)}
        if isinstance(found, dict)
        else {}
    )


def _kept(path: str, transcript: str) -> tuple[Meter, int]:
    """Return the counts so far and up to where the log was read; fresh ones for another log."""
    kept = read_object(read_text(path, 1 << 20))
    offset = kept.get("offset")
    if (
        kept.get("of") != transcript
        or not isinstance(offset, int)
        or not isinstance(kept.get("counts"), dict)
    ):
        return Meter(), 0
    return Meter.from_json(kept["counts"]), offset


def _keep(path: str, meter: Meter, transcript: str, offset: int) -> None:
    """Write the counts; where they cannot be written, the next event counts again."""
    told = write({"of": transcript, "offset": offset, "counts": meter.to_json()})
    beside = f"{path}.{os.getpid()}"
    try:
        os.makedirs(os.path.dirname(path), 0o700, exist_ok=True)
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            os.write(descriptor, told.encode("ascii"))
        finally:
            os.close(descriptor)
        os.replace(beside, path)
    except OSError:
        return


def _drop_old(folder: str, now: float) -> None:
    """Remove the counts of sessions that ended long ago."""
    try:
        with os.scandir(folder) as entries:
            kept = [entry for entry in entries if ".json" in entry.name]
            old = [each.path for each in kept if now - each.stat(follow_symlinks=False).st_mtime > OLD]
        for path in old[:MOST_DROPPED]:
            os.unlink(path)
    except OSError:
        return


def _read_on(meter: Meter, transcript: str, offset: int) -> tuple[list[Signal], int]:
    """Count the whole lines that were added to a log; return the signals, the latest first."""
    data, start = read_tail(transcript, offset)
    if start > offset or start == 0 < offset:
        meter.open.clear()
    whole = data[: data.rfind(b"\n") + 1]
    signals: list[Signal] = []
    for line in whole.split(b"\n"):
        for step in steps_in(line):
            signals[:0] = meter.feed(step)
    return signals, start + len(whole)


def read_tail(path: str, offset: int, most: int = MOST) -> tuple[bytes, int]:
    """Return what was added to a file after an offset, and where that begins.

    Of more than ``most`` bytes only the end is returned, from the beginning of a line; a file that is shorter
    than it was is read from its start.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return b"", offset
    try:
        found = os.fstat(descriptor)
        if found.st_mode & 0o170000 != 0o100000:
            return b"", offset
        offset = offset if offset <= found.st_size else 0
        start = max(offset, found.st_size - most)
        data = os.pread(descriptor, most, start)
    except OSError:
        return b"", offset
    finally:
        os.close(descriptor)
    if start > offset:
        cut = data.find(b"\n") + 1
        return data[cut:], start + cut
    return data, start


def _short(tokens: int) -> str:
    return f"{tokens / 1_000_000:g}M" if tokens >= 1_000_000 else f"{round(tokens / 1000)}k"
