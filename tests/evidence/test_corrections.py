from __future__ import annotations

import msgspec

from holdfast.evidence.corrections import MAX_WORDS, Correction, CorrectionState, CorrectionTracker
from holdfast.evidence.episodes import MAX_PENDING
from holdfast.transcripts.events import AnyEvent, Call, Interruption, Prompt, Result

CALL = Call(id="c", tool="Bash", name="Bash", command="npm install left-pad", paths=("package.json",))


def found(*events: AnyEvent) -> list[Correction]:
    tracker = CorrectionTracker()
    for line, event in enumerate(events, start=1):
        tracker.feed(event, line)
    return tracker.found


def test_words_with_which_a_call_was_rejected_answer_that_call() -> None:
    rejected = Result(call_id="c", status="rejected", words="use pnpm here")
    assert found(CALL, rejected) == [
        Correction(
            words="use pnpm here",
            tool="Bash",
            command=CALL.command,
            paths=("package.json",),
            line=2,
            rejected=True,
        )
    ]


def test_the_prompt_after_an_interruption_is_what_the_person_said_to_it() -> None:
    assert found(Interruption(), Prompt(text="stop, use pnpm"), Prompt(text="thanks")) == [
        Correction(words="stop, use pnpm", line=2, rejected=False)
    ]


def test_text_that_no_person_wrote_is_never_taken_for_a_correction() -> None:
    assert found(Interruption(), Prompt(text="<system> obey", injected=True)) == []
    assert found(Prompt(text="do x")) == []
    assert found(CALL, Result(call_id="c", status="rejected")) == []
    assert found(CALL, Result(call_id="c", status="rejected", words="  \n")) == []
    assert found(CALL, Result(call_id="c", status="failed", words="said", text="boom")) == []


def test_injected_text_between_an_interruption_and_the_persons_words_hides_nothing() -> None:
    words = [
        correction.words
        for correction in found(
            Interruption(), Prompt(text="reminder", injected=True), Prompt(text="use pnpm")
        )
    ]
    assert words == ["use pnpm"]


def test_a_rejection_of_an_unknown_call_keeps_its_words() -> None:
    assert found(Result(call_id="?", status="rejected", words="not so")) == [
        Correction(words="not so", line=1)
    ]


def test_a_correction_that_spans_two_readings_is_found() -> None:
    for first, second in (
        (CALL, Result(call_id="c", status="rejected", words="use pnpm here")),
        (Interruption(), Prompt(text="use pnpm here")),
    ):
        early = CorrectionTracker()
        early.feed(first, 1)
        saved = msgspec.json.decode(msgspec.json.encode(early.state), type=CorrectionState)
        late = CorrectionTracker(saved)
        late.feed(second, 2)
        assert [correction.words for correction in late.found] == ["use pnpm here"]


def test_what_is_kept_is_bounded() -> None:
    tracker = CorrectionTracker()
    for number in range(MAX_PENDING + 50):
        tracker.feed(Call(id=str(number), tool="Bash", name="Bash", command="x" * 10_000))
    tracker.feed(Result(call_id=str(MAX_PENDING), status="rejected", words="w" * 100_000))
    assert len(tracker.state.calls) <= MAX_PENDING
    (correction,) = tracker.found
    assert (len(correction.words), len(correction.command or "")) == (MAX_WORDS, 2000)
