"""Count what a session does with its context, step by step; the counts fit into a small JSON object.

Counts of repetition begin anew after a compaction, as the context does. Digests stand for what was said and
printed; of text only the paths that were read are kept, answers to questions, and what calls without a result
yet were given: the beginning of a command.
"""

from __future__ import annotations

from .meter_signals import Signal, signals_of
from .meter_steps import CALL, CHANGED, COMPACTION, PROMPT, RESULT, USAGE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .meter_steps import Step

RECENT = 12
"""Calls that are looked at for a loop."""
MOST_SHOWN, MOST_ASKED = 160, 4000
"""Characters that are kept of a command, to name it by, and of the questions of one call."""
MOST_KEPT = 60
"""Entries kept of each kind; the oldest are dropped."""
PAUSE = 300.0
"""Seconds without a step after which nobody was at work."""
LONG_CALL = 1800.0
"""Seconds that a call may take; after more it waited for a person."""
SLACK = 2.0
"""Seconds by which the times of a log and of files may differ."""


class Meter:
    """The counts of one session.

    Attributes:
        model, used, window: As the log states them last; ``peak`` the most that was used at once.
        kills: How often the conversation was compacted, as a process is killed when memory runs out.
        exchanges, active: Prompts of a person, and seconds of work, since the last compaction.
        last: When the last step was.
        open: The calls without a result, by id: tool, key's digest, path, what it does, when, questions, the
            beginning of its command.
        recent: The last calls that ended: key's digest, result's digest, what it did, whether it failed.
        errors: How often an error was met, by its digest.
        reads: Files read or edited here, by path: when, the digest of what was read, its tokens.
        spans: When this session's own calls could change files: from, to.
        answers: The person's answers, by the digest of the question.
        background: Whether something of the session runs on by itself.
        killed: When it was compacted last.
        done: The ids of the last calls that were counted: a log may have one that an event told already.
    """

    FIELDS = (
        "model", "used", "window", "peak", "kills", "exchanges", "active", "last", "open", "recent",
        "errors", "reads", "spans", "answers", "background", "killed", "done",
    )  # fmt: skip
    __slots__ = FIELDS

    def __init__(self) -> None:
        self.model, self.used, self.window, self.peak, self.kills = "", 0, 0, 0, 0
        self.exchanges, self.active, self.last, self.killed = 0, 0.0, 0.0, 0.0
        self.open: dict[str, list[Any]] = {}
        self.recent: list[list[Any]] = []
        self.errors: dict[str, int] = {}
        self.reads: dict[str, list[Any]] = {}
        self.spans: list[list[float]] = []
        self.answers: dict[str, list[str]] = {}
        self.background = False
        self.done: list[str] = []

    def to_json(self) -> dict[str, Any]:
        """Return the counts as JSON values."""
        return {name: getattr(self, name) for name in self.FIELDS}

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> Meter:
        """Go on from what `to_json` returned; what is not of its kind counts anew."""
        meter = cls()
        for name in cls.FIELDS:
            value, fresh = told.get(name), getattr(meter, name)
            fits = isinstance(value, type(fresh)) or (isinstance(fresh, float) and isinstance(value, int))
            if fits and isinstance(value, bool) == isinstance(fresh, bool):
                setattr(meter, name, value)
        return meter

    def feed(self, step: Step) -> list[Signal]:
        """Take the next step; return the signals that it makes, the strongest first."""
        if step.kind != USAGE:
            self._note_time(step.at)
        if step.kind == USAGE:
            self._note_usage(step)
        elif step.kind == COMPACTION:
            self._compact(step)
        elif step.kind == PROMPT:
            self.exchanges += 1
        elif step.kind == CALL:
            return self._call(step)
        elif step.kind == RESULT:
            return self._result(step)
        elif step.kind == CHANGED and step.path in self.reads:
            self.reads[step.path][0] = max(step.at, self.reads[step.path][0])
        return signals_of(self) if step.kind == PROMPT else []

    def _note_time(self, at: float) -> None:
        if at and self.last and at > self.last:
            waited = at - self.last
            self.active += waited if waited < (LONG_CALL if self.open else PAUSE) else 0.0
        self.last = max(at, self.last)

    def _note_usage(self, step: Step) -> None:
        if step.model not in ("", "<synthetic>") and not self.model.startswith(f"{step.model}["):
            self.model = step.model
        self.window = step.window or self.window
        self.used = step.used or self.used
        self.peak = max(self.peak, self.used)

    def _compact(self, step: Step) -> None:
        if step.id and step.id in self.done:
            return  # the log's history was rewritten once more
        self.done = [*self.done[1 - 2 * RECENT :], *([step.id] if step.id else [])]
        self.kills += 1
        self.killed = step.at
        self.used, self.exchanges, self.active = 0, 0, 0.0
        self.recent, self.errors, self.reads = [], {}, {}

    def _call(self, step: Step) -> list[Signal]:
        if step.id and (step.id in self.done or step.id in self.open):
            return []
        deed = _deed(step.tool, step.path, step.command)
        command = step.command[:MOST_SHOWN]
        self.open[step.id] = [
            step.tool, digest(step.key), step.path, deed, step.at, step.text[:MOST_ASKED], command,
        ]  # fmt: skip
        _bound(self.open)
        return self.asked_again(step.text) if step.tool == "Ask" else []

    def asked_again(self, questions: str) -> list[Signal]:
        """Return the signal that a question is put to a person who answered it."""
        for question in questions.split("\n"):
            known = self.answers.get(digest(_folded(question))) if question.strip() else None
            if known:
                return [Signal("asked", digest(_folded(question)), known)]
        return []

    def _result(self, step: Step) -> list[Signal]:
        call = self.open.pop(step.id, None)
        if call is None:
            return []
        self.done = [*self.done[1 - 2 * RECENT :], step.id]
        tool, key, path, deed, began, asked, command = call
        if tool not in ("Read", "Grep", "Glob", "Ask", "Poll"):
            self._note_span(began - SLACK, (step.at or began) + SLACK)
        if tool == "Agent" or "running in background" in step.text[:200]:
            self.background = self.background or "background" in step.text[:400] or "async" in step.text[:400]
        if tool == "Ask" and not step.failed:
            for question in filter(None, asked.split("\n")):
                self.answers[digest(_folded(question))] = [question[:160], _answer(question, step.text)]
            _bound(self.answers)
        if tool in ("Ask", "Poll", "Agent"):
            return []
        printed = digest(_steady(step.text))
        failed = step.failed and not step.text.startswith(_REFUSED)
        self.recent.append([key, printed, deed, failed])
        del self.recent[:-RECENT]
        error = self._note_error(step.text) if failed else (0, "")
        again = self._note_file(tool, path, printed, step) if path else []
        return [*signals_of(self, error, command or path or tool), *again]

    def _note_span(self, start: float, end: float) -> None:
        if self.spans and self.spans[-1][0] <= start <= self.spans[-1][1] + SLACK:
            self.spans[-1][1] = max(end, self.spans[-1][1])
        else:
            self.spans.append([start, end])
            del self.spans[:-MOST_KEPT]

    def _note_error(self, text: str) -> tuple[int, str]:
        """Count an error; return how often it was met and its line, "" for one that says nothing."""
        from .signature import error_line, is_generic, mask

        told = text.removeprefix("<tool_use_error>").removesuffix("</tool_use_error>")
        if told.startswith("Exit code "):
            told = told.partition("\n")[2]
        line = error_line(told)
        if is_generic(mask(line)):
            return 0, ""
        signed = digest(_steady(line))
        self.errors[signed] = self.errors.get(signed, 0) + 1
        _bound(self.errors)
        return self.errors[signed], line

    def _note_file(self, tool: str, path: str, printed: str, step: Step) -> list[Signal]:
        """Take note of a file that was read or edited; tell when it was read again unchanged."""
        known = self.reads.get(path)
        if tool == "Edit" and not step.failed:
            self.reads.pop(path, None)
            self.reads[path] = [step.at, "", 0]
        elif tool == "Read" and not step.failed:
            tokens = len(step.text) // 4
            self.reads.pop(path, None)
            self.reads[path] = [step.at, printed, tokens]
            if known and known[1] == printed:
                return [Signal("reread", path, [path, str(tokens)])]
        _bound(self.reads)
        return []

    def is_own(self, changed: float) -> bool:
        """Tell whether this session could itself have changed a file at a time."""
        if self.background or any(start <= changed <= end for start, end in self.spans):
            return True
        waiting = [call[4] for call in self.open.values() if call[0] not in ("Read", "Ask", "Poll")]
        return bool(waiting) and changed >= min(waiting) - SLACK


def digest(text: str) -> str:
    """Return a short digest of a text, the same in every process."""
    from zlib import crc32

    data = text.encode("utf-8", "replace")
    return f"{crc32(data):x}.{len(data):x}"


def _bound(kept: dict[str, Any]) -> None:
    while len(kept) > MOST_KEPT:
        del kept[next(iter(kept))]


def _folded(question: str) -> str:
    return " ".join(question.lower().split()).rstrip("?!. ")


def _answer(question: str, text: str) -> str:
    """Return what the person answered, from the text that the agent was given."""
    said = text.partition(f'"{question}"="')[2]
    said = said.partition('"')[0] if said else text
    return " ".join(said.split())[:160]


def _steady(text: str) -> str:
    """Return a text without what differs from run to run: durations, times of day."""
    return " ".join(word for word in text.split() if not _is_volatile(word))


def _is_volatile(word: str) -> bool:
    bare = word.strip("()[],;.")
    if bare[:1].isdigit():
        number = bare.rstrip("msunh")
        timed = number != bare and number.replace(".", "").replace(":", "").isdigit()
        return timed or (":" in bare and bare.replace(":", "").replace(".", "").isdigit())
    return False


_REFUSED = (
    "The user doesn't want to ", "User rejected ", "Permission ", "Claude requested permissions ",
    "This command requires approval", "[Request interrupted", "Sibling tool call errored", "Cancelled: ",
    "Hook PreToolUse", "PreToolUse:", "exec command rejected by user", "[Operation Cancelled]",
    "The user rejected",
)  # fmt: skip
"""How the result of a call begins that a person, a rule or a hook did not let happen."""

_TESTS = frozenset(
    "test tests pytest jest vitest mocha rspec phpunit tox nox check build lint clippy tsc mypy ruff eslint "
    "vet compile unittest ctest spec make gradle gradlew mvn typecheck pyright biome verify ci".split()
)
_SHOWS = frozenset("cat sed head tail less ls grep rg find git echo cd wc tree which gh jq".split())


def _deed(tool: str, path: str, command: str) -> str:
    """Return what a call did: ``edit PATH``, ``test``, ``read PATH``, else nothing of these."""
    if tool in ("Edit", "Read"):
        return f"{tool.lower()} {path}"
    return "test" if any(_tests(part) for part in _parts(command)) else ""


def _parts(command: str) -> list[str]:
    for mark in ("&&", "||", ";", "|", "\n"):
        command = command.replace(mark, "\0")
    return command.split("\0")


def _tests(part: str) -> bool:
    words = "".join(char if char.isalnum() else " " for char in part.lower()).split()
    return bool(words) and words[0] not in _SHOWS and not _TESTS.isdisjoint(words)
