from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.errors import RecordsError
from holdfast.repo import records
from holdfast.repo.records import (
    SCHEMA,
    Anchor,
    Applies,
    Author,
    Evidence,
    Learning,
    RecordEvent,
    Segment,
    SignatureStatistics,
    Source,
)

GOLDEN = Path(__file__).parent / "golden"

LEARNING = Learning(
    id="abcdefgh234567aa",
    kind="failure",
    created="2026-01-02",
    text=(
        "Use `gh pr diff 88 --name-only`, not `gh pr diff 88 --stat`, "
        "which failed with “unknown flag: --stat”.\n\n"
        "## Details\n\n- Tried: `gh pr diff 88 --stat`\n- It failed once in that session."
    ),
    by=Author(agent="claude-code", session="0123456789abcdef"),
    applies=Applies(
        commands=("gh pr diff",), families=("gh pr diff: unknown flag: --stat",), specifics=("0a1b2c3d4e5f",)
    ),
    true_of=(Anchor(path="docs/review.md", text="gh pr diff"),),
    evidence=(
        Evidence(
            segment="bbbbbbbb22222222",
            line=10,
            fixed_line=14,
            failed="gh pr diff 88 --stat",
            failed_exit=1,
            fixed="gh pr diff 88 --name-only",
            fixed_exit=0,
            edited=("a.go",),
            commit="1a2b3c4",
        ),
    ),
    supersedes=("cccccccc33333333",),
    same_as="0123456789abcdef0123",
)
SEGMENT = Segment(
    id="bbbbbbbb22222222",
    session="0123456789abcdef",
    agent="codex",
    day="2026-01-02",
    extractor="1",
    transcript=Source(digest="d" * 64, start=0, end=2048),
    version="1.2.3",
    model="m-1",
    calls=4,
    failures=1,
    prompts=2,
    calls_by_tool={"Bash": 3, "Edit": 1},
    context={"p10": 10, "p50": 20, "p90": 30, "max": 40},
    tokens={"input": 11, "output": 7},
    minutes=3,
    compactions=1,
    subagents=1,
    interventions={"rejected": 1},
    signatures=(
        SignatureStatistics(
            family="go test: <path> undefined: <id>",
            specific="0a1b2c3d4e5f",
            command="go test",
            occurrences=2,
            resolved=1,
            steps=(3,),
            tokens=30,
            seconds=60,
            fixed_by={"abcdefgh234567aa": 1},
        ),
    ),
    edited=("a.go", "b/c.go"),
    commits=("1a2b3c4",),
)
EVENT = RecordEvent(
    id="dddddddd44444444",
    kind="learning.accepted",
    subject="abcdefgh234567aa",
    day="2026-01-03",
    after=("eeeeeeee55555555",),
    by="A Person",
    data={"reason": "true", "count": 2, "nested": {"a": [1, None]}},
)


@pytest.mark.parametrize(
    ("record", "golden"), [(LEARNING, "learning.md"), (SEGMENT, "segment.json"), (EVENT, "event.json")]
)
def test_the_format_of_a_record_is_the_one_on_file(record: records.Record, golden: str) -> None:
    """A changed golden file is a changed format: it needs a new schema number."""
    assert records.encode(record) == (GOLDEN / golden).read_bytes()
    assert records.decode(record.path, (GOLDEN / golden).read_bytes()) == record


def test_a_segment_written_before_commands_were_counted_is_read_and_written_unchanged() -> None:
    """Fields that came later take their defaults, and are written only where they say something."""
    older = (GOLDEN / "segment.json").read_bytes()
    read = records.decode(SEGMENT.path, older)
    assert isinstance(read, Segment)
    assert (read.commands, read.first_edit) == ({}, None)
    assert records.encode(read) == older
    counted = msgspec.structs.replace(SEGMENT, commands={"go test": (3, 1)}, first_edit=(9, 15_000))
    assert records.decode(SEGMENT.path, records.encode(counted)) == counted


def test_records_stand_where_the_design_says() -> None:
    assert LEARNING.path == ("learnings/failure/use-gh-pr-diff-88-name-abcdefgh234567aa.md")
    assert SEGMENT.path == "segments/2026/01/bbbbbbbb22222222.json"
    assert EVENT.path == "events/2026/01/dddddddd44444444.json"


def test_the_lead_is_the_first_paragraph_on_one_line() -> None:
    learning = msgspec.structs.replace(LEARNING, text="One\n  two.\n\nThree.")
    assert learning.lead == "One two."


WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=40)
IDS = st.text("abcdefghijklmnopqrstuvwxyz234567", min_size=16, max_size=16)
DAYS = st.dates().map(lambda day: f"{day:%Y-%m-%d}".zfill(10))
TUPLES = st.lists(WORDS, max_size=3).map(tuple)
SMALL = st.integers(0, 2**40)
LEARNINGS = st.builds(
    Learning,
    id=IDS,
    kind=st.sampled_from(records.KINDS),
    created=DAYS,
    text=WORDS.map(str.strip),
    by=st.builds(
        Author, kind=st.sampled_from(["person", "agent"]), agent=st.none() | WORDS, session=st.none() | IDS
    ),
    applies=st.builds(Applies, commands=TUPLES, paths=TUPLES, families=TUPLES, specifics=TUPLES, tags=TUPLES),
    true_of=st.lists(st.builds(Anchor, path=WORDS, text=WORDS), max_size=2).map(tuple),
    evidence=st.lists(
        st.builds(
            Evidence, segment=st.none() | IDS, line=st.none() | SMALL, failed=st.none() | WORDS, edited=TUPLES
        ),
        max_size=2,
    ).map(tuple),
    supersedes=st.lists(IDS, max_size=2).map(tuple),
    same_as=st.none() | WORDS.filter(bool),
)
STATISTICS = st.builds(
    SignatureStatistics,
    family=WORDS,
    specific=WORDS,
    command=WORDS,
    generic=st.booleans(),
    occurrences=SMALL,
    steps=st.lists(SMALL, max_size=3).map(tuple),
    fixed_by=st.dictionaries(IDS, SMALL, max_size=2),
)
SEGMENTS = st.builds(
    Segment,
    id=IDS,
    session=WORDS,
    agent=WORDS,
    day=DAYS,
    extractor=WORDS,
    transcript=st.builds(Source, digest=WORDS, start=SMALL, end=SMALL),
    model=st.none() | WORDS,
    calls=SMALL,
    calls_by_tool=st.dictionaries(WORDS, SMALL, max_size=3),
    commands=st.dictionaries(WORDS, st.tuples(SMALL, SMALL), max_size=3),
    first_edit=st.none() | st.tuples(SMALL, SMALL),
    signatures=st.lists(STATISTICS, max_size=2).map(tuple),
    edited=TUPLES,
)
EVENTS = st.builds(
    RecordEvent,
    id=IDS,
    kind=WORDS,
    subject=IDS,
    day=DAYS,
    after=st.lists(IDS, max_size=3).map(tuple),
    by=WORDS,
    data=st.dictionaries(WORDS, st.none() | SMALL | WORDS | st.lists(WORDS, max_size=2), max_size=3),
)


@given(LEARNINGS | SEGMENTS | EVENTS)
def test_a_record_that_was_written_is_read_back(record: records.Record) -> None:
    assert records.decode(record.path, records.encode(record)) == record


@given(LEARNINGS)
def test_the_path_of_a_learning_is_plain_and_bears_its_id(learning: Learning) -> None:
    folder, kind, name = learning.path.split("/")
    assert (folder, kind) == ("learnings", learning.kind)
    assert name.endswith(f"-{learning.id}.md")
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-.")
    assert len(name) <= 80


def fields(record: records.Record, **changed: Any) -> bytes:
    return msgspec.json.encode({**msgspec.to_builtins(record), **changed})


def test_fields_that_are_not_known_are_passed_over() -> None:
    assert records.decode(EVENT.path, fields(EVENT, colour="red", shape={"a": 1})) == EVENT
    assert records.decode(SEGMENT.path, fields(SEGMENT, more=[1, 2])) == SEGMENT
    text = records.encode(LEARNING).replace(b"---\n", b'---\nmore: {"a": [1]}\n', 1)
    assert records.decode(LEARNING.path, text) == LEARNING


def test_a_newer_record_is_read_as_far_as_it_is_understood_and_keeps_its_number() -> None:
    read = records.decode(EVENT.path, fields(EVENT, schema=SCHEMA + 1, colour="red"))
    assert read == msgspec.structs.replace(EVENT, schema=SCHEMA + 1)


def test_an_older_record_bears_the_current_number_in_memory() -> None:
    assert records.decode(EVENT.path, fields(EVENT, schema=0)) == EVENT
    bare = {"id": EVENT.id, "kind": "x", "subject": EVENT.subject, "day": EVENT.day}
    assert records.decode(EVENT.path, msgspec.json.encode(bare)).schema == SCHEMA


def test_a_learning_that_a_person_wrote_by_hand_is_read() -> None:
    text = (
        "---\nid: abcdefgh234567aa\nkind: decision\ncreated: 2026-01-02\nby: {kind: person}\n"
        "applies:\n  commands:\n    - go test\n---\n\nUse x because y.\n"
    )
    read = records.decode("learnings/decision/mine-abcdefgh234567aa.md", text.encode())
    assert isinstance(read, Learning)
    assert (read.kind, read.created, read.by.kind, read.applies.commands) == (
        "decision", "2026-01-02", "person", ("go test",),
    )  # fmt: skip
    assert read.lead == "Use x because y."


BAD = {
    "no record": (EVENT.path, b""),
    "binary": (EVENT.path, bytes(range(256))),
    "not json": (EVENT.path, b"{'a': 1}"),
    "a list": (SEGMENT.path, b"[]"),
    "deep": (EVENT.path, b'{"data":' + b'{"a":' * 100_000 + b"1" + b"}" * 100_001),
    "a field of another type": (SEGMENT.path, fields(SEGMENT, calls="many")),
    "a field missing": (EVENT.path, b'{"id": "dddddddd44444444"}'),
    "another id than its path": ("events/2026/01/ffffffff66666666.json", fields(EVENT)),
    "an id that climbs": ("events/2026/01/../../x.json", fields(EVENT, id="../../x")),
    "no day": (EVENT.path, fields(EVENT, day="yesterday")),
    "a day of another form": (EVENT.path, fields(EVENT, day="20260103")),
    "a day that is none": (EVENT.path, fields(EVENT, day="2026-02-30")),
    "a kind that is none": (LEARNING.path, records.encode(LEARNING).replace(b'"failure"', b'"miracle"')),
    "no front matter": (LEARNING.path, b"Use x because y."),
    "aliases": (LEARNING.path, b"---\nid: &a abcdefgh234567aa\nkind: *a\n---\nx"),
    "no kind of record": ("readme.md", b"hello"),
}


@pytest.mark.parametrize(("path", "data"), BAD.values(), ids=BAD.keys())
def test_what_is_no_record_is_refused_with_its_path_and_the_next_step(path: str, data: bytes) -> None:
    with pytest.raises(RecordsError) as raised:
        records.decode(path, data)
    assert path in raised.value.message
    assert "holdfast doctor" in raised.value.hint


@given(st.sampled_from([LEARNING, SEGMENT, EVENT]), st.data())
def test_a_damaged_record_is_read_or_refused(record: records.Record, data: st.DataObject) -> None:
    whole = records.encode(record)
    position = data.draw(st.integers(0, len(whole) - 1))
    damaged = (
        whole[:position] + data.draw(st.binary(max_size=4)) + whole[position + data.draw(st.integers(0, 9)) :]
    )
    try:
        read = records.decode(record.path, damaged)
    except RecordsError:
        return
    assert read.id in record.path


def test_text_that_no_file_can_hold_is_refused_on_writing() -> None:
    for record in (
        msgspec.structs.replace(LEARNING, text="half a pair: \ud800"),
        msgspec.structs.replace(EVENT, by="\udfff"),
    ):
        with pytest.raises(RecordsError, match="cannot be written"):
            records.encode(record)


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("Use `go test`, not X!", "use-go-test-not-x"),
        ("Ärger: ../../etc", "rger-etc"),
        ("…", "untitled"),
        ("", "untitled"),
        ("one two three four five six seven", "one-two-three-four-five-six"),
        ("a" * 100, "a" * 48),
    ],
)
def test_a_slug_is_a_short_plain_name(text: str, slug: str) -> None:
    assert records.slug(text) == slug
