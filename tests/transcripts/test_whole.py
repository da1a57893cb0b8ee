"""A document that is rewritten as its session grows gives each event once, however often it is read."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from holdfast.errors import TranscriptError
from holdfast.transcripts import whole
from holdfast.transcripts.checkpoint import Checkpoint
from holdfast.transcripts.events import AnyEvent, Call, Prompt, Result
from holdfast.transcripts.reader import SeenInMemory
from holdfast.transcripts.transcript import Transcript, open_transcript

NUMBER = 16
SLOW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def messages_of(diary: Any) -> list[dict[str, Any]]:
    """Return the sixteen messages of a session."""
    return [*diary.failed_then_passed(), *diary.failed_then_passed(1)]


def read(path: Path, since: Checkpoint | None = None) -> tuple[list[AnyEvent], Transcript]:
    if since is not None:
        since = msgspec.json.decode(msgspec.json.encode(since), type=Checkpoint)
    transcript = open_transcript(path, since=since)
    return list(transcript.events()), transcript


def test_the_line_of_an_event_is_the_number_of_its_message(diary: Any, tmp_path: Path) -> None:
    transcript = open_transcript(diary.write(tmp_path / "log", messages_of(diary)[:3]))
    lines = [(transcript.line, type(event).__name__) for event in transcript.events()]
    assert lines == [(1, "Prompt"), (2, "Call"), (2, "Result"), (2, "Usage"), (3, "Say")]
    assert (transcript.whole, transcript.unfinished) == (True, 0)


@SLOW
@given(cuts=st.lists(st.integers(0, NUMBER), max_size=6), chance=st.randoms())
def test_however_a_list_of_messages_grows_its_events_are_those_of_one_reading(
    diary: Any, tmp_path: Path, cuts: list[int], chance: random.Random
) -> None:
    """The last message may gain its result later, and the head of the document changes each time."""
    path = tmp_path / "log"
    events: list[AnyEvent] = []
    records, since = 0, None
    for cut in [*sorted(cuts), NUMBER]:
        messages = messages_of(diary)[:cut]
        if messages and "ok" in messages[-1] and cut < NUMBER and chance.random() < 0.5:
            messages = [*messages[:-1], {k: v for k, v in messages[-1].items() if k not in ("ok", "text")}]
        more, transcript = read(diary.write(path, messages), since)
        events += more
        records += transcript.counts.records
        since = transcript.checkpoint()
    whole_events, at_once = read(path)
    by_place = sorted(map(msgspec.json.encode, events))
    assert by_place == sorted(map(msgspec.json.encode, whole_events))
    assert records == at_once.counts.records
    assert since.lines == NUMBER


def test_what_has_not_changed_gives_nothing(diary: Any, tmp_path: Path) -> None:
    path = diary.write(tmp_path / "log", messages_of(diary))
    first = read(path)[1].checkpoint()
    events, again = read(path, first)
    assert (events, again.resumed, again.session.id) == ([], True, "diary-session-0001")
    assert again.byte_range == (path.stat().st_size,) * 2
    assert again.checkpoint() == first


def test_another_session_at_the_path_is_read_from_its_start(diary: Any, tmp_path: Path) -> None:
    path = diary.write(tmp_path / "log", messages_of(diary))
    first = read(path)[1].checkpoint()
    events, again = read(diary.write(path, messages_of(diary)[:4], session="another"), first)
    assert not again.resumed
    assert len(events) == len(read(path)[0])


def test_messages_that_were_taken_out_give_no_others_again(diary: Any, tmp_path: Path) -> None:
    path = diary.write(tmp_path / "log", messages_of(diary)[:8])
    first = read(path)[1].checkpoint()
    events, _ = read(diary.write(path, messages_of(diary)[4:10]), first)
    assert [event for event in events if isinstance(event, Prompt)] == [
        Prompt(at=messages_of(diary)[8]["at"], text="Make the tests pass.")
    ]


def test_calls_seen_in_another_file_count_as_repeated(diary: Any, tmp_path: Path) -> None:
    seen = SeenInMemory()
    list(open_transcript(diary.write(tmp_path / "one", messages_of(diary)[:8]), seen=seen).events())
    fork = open_transcript(diary.write(tmp_path / "two", messages_of(diary), session="fork"), seen=seen)
    events = list(fork.events())
    assert sum(isinstance(event, Call) for event in events) == 4
    assert sum(isinstance(event, Result) for event in events) == 4
    assert fork.counts.repeated == 12


def test_the_events_before_one_that_cannot_be_read_are_kept(diary: Any, tmp_path: Path) -> None:
    broken = [*messages_of(diary)[:2], {"kind": "say", "at": "never"}, *messages_of(diary)[3:]]
    events, transcript = read(diary.write(tmp_path / "log", broken))
    assert len(events) == 4
    assert transcript.counts.malformed == 1


def test_a_document_too_large_is_said(diary: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("holdfast.transcripts.transcript.WHOLE_LIMIT", 1000)
    with pytest.raises(TranscriptError, match="one document of more than"):
        read(diary.write(tmp_path / "log", messages_of(diary)))


def test_half_a_surrogate_pair_is_told_apart_like_any_text() -> None:
    remembered = whole.Given()
    assert remembered.add(Prompt(text="\ud83d"))
    again = whole.Given(remembered.dump())
    assert not again.add(Prompt(text="\ud83d"))
    assert again.add(Prompt(text="\ud83d")), "it occurs more often than before"


@pytest.mark.parametrize("seed", range(150))
def test_no_mutant_raises(fuzz: Any, diary: Any, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    path = diary.write(tmp_path / "log", messages_of(diary))
    first = read(path)[1].checkpoint()
    path.write_bytes(fuzz.mutate(path.read_bytes(), chance))
    try:
        _, transcript = read(path, first)
    except TranscriptError:
        return
    counts = transcript.counts
    assert counts.records == counts.understood + counts.ignored + counts.unknown
    assert json.loads(msgspec.json.encode(transcript.checkpoint()))
