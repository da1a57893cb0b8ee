"""Put what nobody was asked about yet to the user's agent, in batches, and keep what each call brings.

Two questions, one after the other: how people come upon what a text settles (`symptoms`), then which earlier
decisions it replaces (`successions`). The agent gets redacted texts, quoted as data, only when a person asks
for it; what it says is only ever searched, and never shown.
"""

from __future__ import annotations

import contextlib
import functools
import time
from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec

from holdfast.errors import EnvironmentProblem, RecordsBusy
from holdfast.index.documents import Document
from holdfast.learn import symptoms as kept
from holdfast.learn.headless import NoAnswer, ask
from holdfast.learn.symptoms import Symptoms
from holdfast.learn.view import View
from holdfast.recall import successions, symptoms
from holdfast.repo.location import Repository
from holdfast.repo.lock import held as locked

SECONDS = 300.0
"""How long one call may take."""
_FAILED_IN_A_ROW = 2
_CHARACTERS_A_TOKEN = 4
_MEASURED = 200
"""Texts from whose length that of all is estimated."""


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

    def ask_about(self, view: View, texts: Sequence[Document] | None = None) -> Asked:
        """Ask both questions about what waits in a repository; what each call brings is kept at once.

        Decisions are compared when every text was asked about: an earlier one may be among those left.

        Args:
            view: The repository's view.
            texts: What waits, when it is known already (`holdfast.recall.symptoms.waiting`).

        Raises:
            EnvironmentProblem: What it said cannot be kept.
            RecordsBusy: Another process is asking about this repository.
        """
        with _alone(view.repository):
            held = kept.read(view.repository)
            texts = symptoms.waiting(view, held) if texts is None else texts
            self._copy(view, texts)
            todo = symptoms.distinct(texts, held)
            while todo and self._may_ask:
                batch, todo = todo[: symptoms.BATCH], todo[symptoms.BATCH :]
                self._read(view, batch)
            self._copy(view, texts)
            view.refresh()
            if not todo:
                self._compare(view)
                view.refresh()
            held = kept.read(view.repository)
            unread = sum(not symptoms.is_known(held, each) for each in texts)
            self.done.left = unread + len(successions.waiting(view, held))
        return self.done

    def _read(self, view: View, batch: Sequence[Document]) -> None:
        """Ask the first question."""
        prompt = symptoms.prompt_for(view, batch)
        accept = functools.partial(symptoms.accepted, documents=batch)
        found = self._ask(view, prompt, len(batch), accept)
        self.done.read += len(found)
        self.done.settling += sum(each.settles for each in found.values())

    def _copy(self, view: View, texts: Sequence[Document]) -> None:
        """Give texts what was said of equal ones."""
        held = kept.read(view.repository)
        found = symptoms.copies((each for each in texts if not symptoms.is_known(held, each)), held)
        kept.add(view.repository, found)
        self.done.copied += len(found)

    def _compare(self, view: View) -> None:
        """Ask the second question; a decision without earlier ones near it needs no answer."""
        held = kept.read(view.repository)
        todo = successions.comparisons(view, successions.waiting(view, held), held)
        while self._may_ask:
            batch, alone = _next_batch(todo)
            kept.add(
                view.repository,
                {each.id: msgspec.structs.replace(held[each.id], compared=True) for each in alone},
            )
            if not batch:
                return
            prompt = successions.prompt_for(view, batch)
            accept = functools.partial(successions.accepted, compared=batch, held=held)
            found = self._ask(view, prompt, len(batch), accept)
            self.done.compared += len(found)
            self.done.replacing += sum(bool(each.replaces) for each in found.values())

    @property
    def _may_ask(self) -> bool:
        return not self.done.problem and (self._calls is None or self.done.calls < self._calls)

    def _ask(
        self, view: View, prompt: str, asked: int, accept: Callable[[str], Mapping[str, Symptoms]]
    ) -> Mapping[str, Symptoms]:
        """Ask one question about so many texts, keep what counts of the answer, and return it."""
        started, told = time.monotonic(), "its answer was not in the form asked for"
        found: Mapping[str, Symptoms] = {}
        try:
            found = accept(ask(self._command, prompt, self._seconds))
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
        _keep(view, found)
        self._advance(asked)
        return found


def expected(view: View, texts: Sequence[Document]) -> tuple[int, int]:
    """Return about how many calls and tokens asking about some texts takes, comparisons left out."""
    todo = symptoms.distinct(texts, kept.read(view.repository))
    calls = -(-len(todo) // symptoms.BATCH)
    some = todo[:: -(-len(todo) // _MEASURED) or 1]
    length = sum(len(msgspec.json.encode(symptoms.given(view, 0, each))) for each in some)
    length = length * len(todo) // (len(some) or 1)
    return calls, (length + calls * len(symptoms.PROMPT)) // _CHARACTERS_A_TOKEN


def _next_batch(
    todo: Iterator[successions.Comparison],
) -> tuple[list[successions.Comparison], list[Document]]:
    """Return the next comparisons for one call, and the decisions passed that have no earlier ones."""
    batch: list[successions.Comparison] = []
    alone: list[Document] = []
    for each in todo:
        if each.earlier:
            batch.append(each)
        else:
            alone.append(each.decision)
        if len(batch) == successions.BATCH:
            break
    return batch, alone


@contextlib.contextmanager
def _alone(repository: Repository) -> Iterator[None]:
    """Let nobody else ask about the same texts, which would be paid for twice."""
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(locked(repository, wait=0.0, name="asking.lock"))
        except RecordsBusy as busy:
            raise RecordsBusy(
                "Another `holdfast ingest --symptoms` is asking about this repository.",
                "Let it end; what it leaves is asked about by the next run.",
            ) from busy
        yield


def _keep(view: View, found: Mapping[str, Symptoms]) -> None:
    """Keep what counts of an answer, but of no text that was purged or changed while the agent was at it."""

    def change(held: dict[str, Symptoms]) -> dict[str, Symptoms]:
        view.refresh()
        return held | {name: each for name, each in found.items() if _stands(view, name, each)}

    if found:
        kept.update(view.repository, change)


def _stands(view: View, name: str, found: Symptoms) -> bool:
    document = view.index.get(name)
    if document is None:
        return name.startswith("commit:")  # no purge removes these; an index made anew may not hold it yet
    return kept.digest_of(document) == found.read
