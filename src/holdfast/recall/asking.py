"""Put what nobody was asked about yet to the user's agent, in batches, and keep what each call brings.

Two questions, one after the other: how people come upon what a text settles (`symptoms`), then which earlier
decisions it replaces (`successions`). The agent gets redacted texts, quoted as data, only when a person asks
for it; what it says is only ever searched, and never shown.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

import msgspec

from holdfast.errors import EnvironmentProblem
from holdfast.index.documents import Document
from holdfast.learn import symptoms as kept
from holdfast.learn.headless import NoAnswer, ask
from holdfast.learn.symptoms import Symptoms
from holdfast.learn.view import View
from holdfast.recall import successions, symptoms

SECONDS = 300.0
"""How long one call may take."""
_FAILED_IN_A_ROW = 2
_CHARACTERS_A_TOKEN = 4

_Accept = Callable[[str, Sequence[Document]], Mapping[str, Symptoms]]


class Asked(msgspec.Struct, kw_only=True):
    """What a run of the agent did.

    Attributes:
        read: Texts that it answered for; ``settling`` of them settle something.
        copied: Texts that say what another says word for word, and took its symptoms.
        compared: Decisions that were compared with earlier ones; ``replacing`` of them replace some.
        left: Texts and comparisons that wait for the next run.
        calls: How often the agent was run; ``failed`` times without an answer that counts.
        tokens: About how many tokens it was given.
        seconds: What its calls took.
        problem: Why it was not asked on; empty when nothing kept it from that.
    """

    read: int = 0
    settling: int = 0
    copied: int = 0
    compared: int = 0
    replacing: int = 0
    left: int = 0
    calls: int = 0
    failed: int = 0
    tokens: int = 0
    seconds: float = 0.0
    problem: str = ""


class Agent:
    """The user's agent, as it is asked in one run.

    Args:
        command: It reads a prompt on standard input and prints its answer.
        calls: How often it is run at most; None for as often as it takes.
        seconds: How long one call may take.
        advance: Called after each call with how many texts it was asked about.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        calls: int | None = None,
        seconds: float = SECONDS,
        advance: Callable[[int], object] = lambda _: None,
    ) -> None:
        self._command, self._calls, self._seconds, self._advance = command, calls, seconds, advance
        self._failed_in_a_row = 0
        self.done = Asked()

    def ask_about(self, view: View) -> Asked:
        """Ask both questions about what waits in a repository; what each call brings is kept at once.

        Raises:
            EnvironmentProblem: What it said cannot be kept.
        """
        held = kept.read(view.repository)
        whole = symptoms.waiting(view, held)
        todo, copied = symptoms.copy_equal(view, whole, held)
        while todo and self._may_ask:
            batch, todo = todo[: symptoms.BATCH], todo[symptoms.BATCH :]
            found = self._ask(view, symptoms.prompt_for(view, batch), batch, symptoms.accepted)
            self.done.read += len(found)
            self.done.settling += sum(each.settles for each in found.values())
        held = kept.read(view.repository)
        rest = [each for each in whole if each.id not in held]
        self.done.copied = copied + symptoms.copy_equal(view, rest, held)[1]
        view.refresh()
        self.done.left = len(todo) + self._compare(view)
        view.refresh()
        return self.done

    def _compare(self, view: View) -> int:
        """Ask the second question; return how many comparisons wait."""
        held = kept.read(view.repository)
        todo, alone = [], {}
        for each in successions.waiting(view, held):
            if successions.earlier_than(view, each):
                todo.append(each)
            else:
                alone[each.id] = msgspec.structs.replace(held[each.id], compared=True)
        kept.add(view.repository, alone)

        def accept(answer: str, batch: Sequence[Document]) -> Mapping[str, Symptoms]:
            return successions.accepted(view, answer, batch, held)

        while todo and self._may_ask:
            batch, todo = todo[: successions.BATCH], todo[successions.BATCH :]
            found = self._ask(view, successions.prompt_for(view, batch), batch, accept)
            self.done.compared += len(found)
            self.done.replacing += sum(bool(each.replaces) for each in found.values())
        return len(todo)

    @property
    def _may_ask(self) -> bool:
        return not self.done.problem and (self._calls is None or self.done.calls < self._calls)

    def _ask(
        self, view: View, prompt: str, batch: Sequence[Document], accept: _Accept
    ) -> Mapping[str, Symptoms]:
        """Ask one question about a batch, keep what counts of the answer, and return it."""
        started, told = time.monotonic(), "its answer was not in the form asked for"
        found: Mapping[str, Symptoms] = {}
        try:
            found = accept(ask(self._command, prompt, self._seconds), batch)
        except NoAnswer as reason:
            told = str(reason)
        except EnvironmentProblem as error:
            self.done.problem = f"{error.message} {error.hint}"
        self.done.seconds = round(self.done.seconds + time.monotonic() - started, 1)
        self.done.calls += 1
        self.done.failed += not found
        self.done.tokens += len(prompt) // _CHARACTERS_A_TOKEN
        self._failed_in_a_row = 0 if found else self._failed_in_a_row + 1
        if self._failed_in_a_row == _FAILED_IN_A_ROW and not self.done.problem:
            self.done.problem = f"`{' '.join(self._command)}` gave no answer twice: {told}."
        kept.add(view.repository, found)
        self._advance(len(batch))
        return found


def expected(view: View) -> tuple[int, int]:
    """Return about how many calls and tokens asking about all that waits takes, comparisons left out."""
    held = kept.read(view.repository)
    todo = symptoms.waiting(view, held)
    known = {each.read for each in held.values()}
    todo = list({kept.digest_of(each): each for each in todo if kept.digest_of(each) not in known}.values())
    calls = -(-len(todo) // symptoms.BATCH)
    length = sum(len(msgspec.json.encode(symptoms.given(view, 0, each))) for each in todo)
    return calls, (length + calls * len(symptoms.PROMPT)) // _CHARACTERS_A_TOKEN
