from __future__ import annotations

import msgspec
import pytest

from holdfast.evidence.agreements import (
    MAX_CALLS,
    MAX_WAITING,
    MAX_WORDS,
    Agreement,
    AgreementState,
    AgreementTracker,
)
from holdfast.transcripts.events import AnyEvent, Call, Edit, Interruption, Prompt, Question, Result, Say

FIRST = Prompt(text="add a cache")
ASK = Call(
    id="q",
    tool="AskUserQuestion",
    name="AskUserQuestion",
    questions=(Question("Which store?", ("SQLite", "Redis")),),
)
ANSWERED = Result(call_id="q", status="ok", text='User has answered your questions: "Which store?"="SQLite".')
PLAN = Call(
    id="p", tool="ExitPlanMode", name="ExitPlanMode", query="# Plan: Cache\n\n## Tasks\n- use Redis\n"
)
NPM = Call(id="c", tool="Bash", name="Bash", command="npm install left-pad", paths=("package.json",))
EDIT = Call(
    id="e", tool="Edit", name="Edit", paths=("a.py",), edits=(Edit("a.py", "", "cache = sqlite_cache()\n"),)
)
UNDO = Call(
    id="u", tool="Edit", name="Edit", paths=("a.py",), edits=(Edit("a.py", "cache = sqlite_cache()\n", ""),)
)


def done(call: Call) -> tuple[AnyEvent, ...]:
    return call, Result(call_id=call.id, status="ok")


def found(*events: AnyEvent) -> list[Agreement]:
    tracker = AgreementTracker()
    for line, event in enumerate(events, start=1):
        tracker.feed(event, line)
    tracker.finish()
    return tracker.found


def test_an_answered_question_is_an_agreement() -> None:
    assert found(FIRST, ASK, ANSWERED) == [
        Agreement(
            kind="answered", question="Which store?", answer="SQLite", options=("SQLite", "Redis"), line=3
        )
    ]


def test_a_question_asked_in_prose_is_answered_by_the_next_prompt() -> None:
    (agreement,) = found(FIRST, Say(text="Should it live in SQLite or in Redis?"), Prompt(text="SQLite"))
    assert (agreement.kind, agreement.question, agreement.answer) == (
        "answered",
        "Should it live in SQLite or in Redis?",
        "SQLite",
    )


def test_what_a_person_changed_in_a_plan_is_an_agreement() -> None:
    approved = Result(
        call_id="p",
        status="ok",
        text="User has approved your plan.\n\n## Approved Plan (edited by user):\n"
        "# Plan: Cache\n\n## Tasks\n- use SQLite\n",
    )
    (agreement,) = found(FIRST, PLAN, approved)
    assert (agreement.kind, agreement.question, agreement.answer) == ("plan", "Cache", "- use SQLite")
    assert found(FIRST, PLAN, Result(call_id="p", status="ok", text="approved")) == []


def test_words_that_reject_a_call_a_plan_or_a_question_belong_to_it() -> None:
    def rejected(call: Call) -> Agreement:
        (agreement,) = found(FIRST, call, Result(call_id=call.id, status="rejected", words="use pnpm here"))
        return agreement

    assert (rejected(NPM).kind, rejected(NPM).command) == ("rejected", "npm install left-pad")
    assert rejected(NPM).paths == ("package.json",)
    assert (rejected(PLAN).kind, rejected(PLAN).question) == ("plan", "Cache")
    assert (rejected(ASK).kind, rejected(ASK).question) == ("answered", "Which store?")


def test_the_words_of_a_rejection_are_kept_though_its_call_is_not_known() -> None:
    (agreement,) = found(FIRST, Result(call_id="?", status="rejected", words="not so"))
    assert (agreement.kind, agreement.answer, agreement.command) == ("rejected", "not so", None)


def test_words_between_turns_count_when_their_edit_is_still_there() -> None:
    (agreement,) = found(FIRST, Say(text="Done."), Prompt(text="keep it in SQLite"), *done(EDIT))
    assert (agreement.kind, agreement.answer, agreement.context) == (
        "corrected",
        "keep it in SQLite",
        "Done.",
    )
    assert (agreement.paths, agreement.survived, agreement.line) == (("a.py",), True, 3)


def test_words_without_an_edit_or_whose_edit_was_undone_are_prose() -> None:
    assert found(FIRST, Prompt(text="keep it in SQLite")) == []
    assert found(FIRST, Prompt(text="keep it in SQLite"), *done(EDIT), *done(UNDO)) == []
    back = Call(id="g", tool="Bash", name="Bash", command="git checkout -- a.py")
    assert found(FIRST, Prompt(text="keep it in SQLite"), *done(EDIT), *done(back)) == []
    assert found(FIRST, Prompt(text="x"), EDIT, Result(call_id="e", status="failed")) == []


def test_what_a_later_prompt_had_undone_did_not_survive() -> None:
    assert found(
        FIRST, Prompt(text="use a cache"), *done(EDIT), Prompt(text="no, take it out"), *done(UNDO)
    ) == [Agreement(kind="corrected", answer="no, take it out", paths=("a.py",), line=5, survived=True)]


def test_words_after_an_interruption_count_by_themselves() -> None:
    (agreement,) = found(FIRST, Interruption(), Prompt(text="stop, use pnpm"), Prompt(text="thanks"))
    assert (agreement.kind, agreement.answer, agreement.survived) == ("corrected", "stop, use pnpm", None)
    reminded = found(
        FIRST, Interruption(), Prompt(text="<tip>", injected=True), Prompt(text="stop, use pnpm")
    )
    assert [agreement.answer for agreement in reminded] == ["stop, use pnpm"]


@pytest.mark.parametrize(
    "events",
    [
        (FIRST, *done(EDIT)),
        (FIRST, Interruption(), Prompt(text="<system> obey", injected=True)),
        (FIRST, NPM, Result(call_id="c", status="rejected")),
        (FIRST, NPM, Result(call_id="c", status="rejected", words=" \n")),
        (FIRST, NPM, Result(call_id="c", status="failed", words="said", text="boom")),
        (
            FIRST,
            ASK,
            Result(call_id="q", status="rejected", words="The user wants to clarify these questions."),
        ),
        (FIRST, ASK, Result(call_id="q", status="ok", text="away")),
    ],
)
def test_the_first_prompt_and_what_no_person_said_are_no_agreement(events: tuple[AnyEvent, ...]) -> None:
    assert found(*events) == []


@pytest.mark.parametrize("cut", range(8))
def test_reading_on_finds_the_same_once(cut: int) -> None:
    events: list[AnyEvent] = [
        FIRST,
        ASK,
        ANSWERED,
        Say(text="Done."),
        Prompt(text="keep SQLite"),
        *done(EDIT),
    ]
    early = AgreementTracker()
    for line, event in enumerate(events[:cut], 1):
        early.feed(event, line)
    early.finish()
    late = AgreementTracker(msgspec.json.decode(msgspec.json.encode(early.state), type=AgreementState))
    for line, event in enumerate(events[cut:], cut + 1):
        late.feed(event, line)
    late.finish()
    late.finish()
    assert early.found + late.found == found(*events)


def test_what_is_kept_is_bounded() -> None:
    tracker = AgreementTracker()
    tracker.feed(FIRST)
    for number in range(MAX_CALLS + 50):
        tracker.feed(Call(id=str(number), tool="Bash", name="Bash", command="x" * 10_000))
    tracker.feed(Result(call_id=str(MAX_CALLS), status="rejected", words="w" * 100_000))
    for _ in range(MAX_WAITING + 20):
        tracker.feed(Prompt(text="w" * 100_000))
        for event in done(EDIT):
            tracker.feed(event)
    assert len(tracker.state.calls) <= MAX_CALLS
    assert len(tracker.found[0].command or "") == 2000
    assert len(tracker.state.correcting) <= MAX_WAITING
    assert all(len(agreement.answer) <= MAX_WORDS for agreement in tracker.found)
