"""Gather from a session's events what the next one must know: orders, bounds, work done, and how it ended."""

from __future__ import annotations

import re

import msgspec

from holdfast.evidence import survival
from holdfast.evidence.agreements import AgreementTracker
from holdfast.evidence.approaches import ApproachTracker
from holdfast.evidence.asking import asked_in_prose
from holdfast.evidence.episodes import EpisodeTracker
from holdfast.evidence.prose import intent
from holdfast.flow import handoff_words as words
from holdfast.flow.handoff_record import Stopped
from holdfast.hook import commands
from holdfast.transcripts.events import AnyEvent, Call, Interruption, Prompt, Result, Say

MAX_PROMPTS = 500
"""Prompts of one session that are kept: the last ones, and the first order."""
MAX_FILES = 500
"""Edited files that are kept: the first ones."""
MAX_RUNS = 3000
"""Commands that are kept: the last ones."""
MAX_SAID = 6000
"""Characters of the agent's last message that are kept: its end."""
_COMMIT = re.compile(r"^\[[^\]\n]*?\b(?P<id>[0-9a-f]{7,40})\] (?P<subject>.+)$", re.MULTILINE)
_SWITCHES = ("checkout", "switch")
_MAKES = ("-b", "-B", "-c", "-C", "--orphan", "--create")


class CommitRun(msgspec.Struct, frozen=True):
    """A command that made commits: the ids that its output told, when it was called and when it ended."""

    ids: tuple[str, ...]
    called: float | None
    ended: float | None


class SessionEvents:
    """What a session's events tell, taken in order; call `finish` behind the last one.

    Attributes:
        orders: What the person asked for, oldest first; ``bounds`` what they forbade or demanded.
        edited: The files edited, with the line of the log of the last edit.
        commits: The commands that made commits.
        branch: The branch that the session itself went to last; empty when it went nowhere.
        said: What the agent said last.
        ran: The commands it ran, in which secrets are found.
        calls: How many calls it made; ``failed_at`` after how many a failure was met last, by signature, and
            ``committed_at`` after how many it committed last.
        stopped: How it ended; ``stopped_at`` where.
        is_of_person: False when no person said anything in the main conversation.
    """

    def __init__(self) -> None:
        self.agreements = AgreementTracker()
        self.approaches = ApproachTracker()
        self.episodes = EpisodeTracker()
        self.orders: list[str] = []
        self.bounds: list[str] = []
        self.edited: dict[str, int] = {}
        self.commits: list[CommitRun] = []
        self.branch = ""
        self.said = ""
        self.ran: list[str] = []
        self.calls = 0
        self.committed_at = 0
        self.failed_at: dict[str, int] = {}
        self.is_of_person = False
        self.stopped: Stopped = ""
        self.stopped_at = ""
        self._pending: dict[str, Call] = {}
        self._prompt = ""
        self._last: AnyEvent | None = None

    def feed(self, event: AnyEvent, line: int = 0) -> None:
        """Take the next event, which stands at ``line``."""
        for tracker in (self.agreements, self.approaches):
            tracker.feed(event, line)
        failure = self.episodes.feed(event, line)
        if failure is not None:
            self.failed_at[failure.specific] = self.calls
        if isinstance(event, Call):
            self._call(event)
        elif isinstance(event, Result):
            self._result(event, line)
        if event.subagent is not None:
            return
        if isinstance(event, Prompt) and not event.injected:
            self._hear(event.text)
        if isinstance(event, Say):
            self.said = event.text[-MAX_SAID:]
        if isinstance(event, (Call, Result, Say, Interruption)) or (
            isinstance(event, Prompt) and not event.injected
        ):
            self._last = event

    def finish(self) -> None:
        """Settle what only the end tells."""
        self.agreements.finish()
        self.approaches.finish()
        self.stopped, self.stopped_at = self._end()

    def _hear(self, text: str) -> None:
        self.is_of_person = True
        self._prompt = text
        self.said = ""
        self.bounds.extend(words.bounds(text))
        del self.bounds[:-MAX_PROMPTS]
        if words.is_order(text):
            self.orders.append(words.wanted(text))
            if len(self.orders) > MAX_PROMPTS:
                del self.orders[1]

    def _call(self, call: Call) -> None:
        self.calls += 1
        self._pending[call.id] = call
        if call.command:
            self.ran.append(call.command[:2000])
            del self.ran[:-MAX_RUNS]

    def _result(self, result: Result, line: int) -> None:
        call = self._pending.pop(result.call_id, None)
        if call is None or result.status != "ok":
            return
        for edit in call.edits:
            if edit.path in self.edited or len(self.edited) < MAX_FILES:
                self.edited[edit.path] = line
        if call.command:
            self._ran(call, call.command, result)

    def _ran(self, call: Call, command: str, result: Result) -> None:
        if survival.commits(command):
            ids = tuple(match["id"] for match in _COMMIT.finditer(result.text))
            self.commits.append(CommitRun(ids, call.at, result.at))
            self.committed_at = self.calls
        if any(verb in command for verb in _SWITCHES):
            self.branch = _switched_to(command) or self.branch

    def _end(self) -> tuple[Stopped, str]:
        """Return how the session ended, when not with the agent's last word, and where."""
        last = self._last
        asking = (call for call in self._pending.values() if call.questions and not call.subagent)
        unanswered = next(asking, None)
        if unanswered is not None:
            return "waiting", unanswered.questions[0].text
        if isinstance(last, Interruption):
            return "interrupted", self._doing()
        if isinstance(last, Say):
            asked = asked_in_prose(last.text)
            if asked is not None and not _is_courtesy(asked.text):
                return "waiting", asked.text
            return "", ""
        if isinstance(last, Prompt):
            return "cut off", f"before it answered: {words.wanted(last.text)}"
        if isinstance(last, Result) and last.status == "rejected" and not last.words:
            return "interrupted", self._doing()
        if isinstance(last, (Call, Result)):
            return "cut off", self._doing()
        return "", ""

    def _doing(self) -> str:
        """Return what the agent was about to do, in its words, else by its last call."""
        meant = intent(self.said)
        if meant:
            return f"it was about to {meant}"
        last = self._last
        call = last if isinstance(last, Call) else next(reversed(self._pending.values()), None)
        if call is None:
            return ""
        return f"it ran `{call.command}`" if call.command else f"it called {call.name}"


def _switched_to(command: str) -> str:
    """Return the branch that a command line goes to, ``HEAD`` for none; empty when it does not tell."""
    found = ""
    for _, parts in commands.split(command):
        bare = commands.unwrapped(parts)
        if bare[:1] != ["git"] or len(bare) < 3 or bare[1] not in _SWITCHES or "--" in bare:
            continue
        made = next((bare[place + 1] for place, each in enumerate(bare[:-1]) if each in _MAKES), "")
        named = [each for each in bare[2:] if not each.startswith("-")]
        if "--detach" in bare or "-d" in bare:
            found = "HEAD"
        elif made:
            found = made
        elif bare[1] == "switch" and len(named) == 1:
            found = named[0]
    return "" if found.startswith("-") or "$" in found else found


def _is_courtesy(question: str) -> bool:
    """Tell whether a question only offers more work, so that nobody waits for its answer."""
    return bool(words.OFFER.search(question))
