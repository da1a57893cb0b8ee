from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.learn.decisions.sentences import MAX_SENTENCES, sort, split


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("never edit generated/, change the .proto", "rule"),
        ("we use tabs in this repo", "rule"),
        ("Ids are sorted by default", "rule"),
        ("use the design tokens instead of hex colours", "rule"),
        ("ok, the yaml is the source of truth", "rule"),
        ("GITHUB_TOKEN-pushed tags don't trigger push events", "fact"),
        ("The SDK bundles its own binary", "fact"),
        ("can we always show the banner?", "question"),
        ("should we group runs by experiment", "question"),
        ("why are these two files here", "question"),
        ("run the linter again but only on these two files", "order"),
        ("let's review the code of the branch", "order"),
        ("please write down all the steps we have to follow", "order"),
        ("don't check this in", "order"),
        ("Add WorktreeID field to WriteTemporaryOptions", "deed"),
        ("feat(cli): filter verbose tool content", "deed"),
        ("`setup.go` - Add a flag", "deed"),
        ("it still fails, same error as before", "story"),
        ("must be a race condition", "story"),
        ("the cause was a stale cache", "story"),
        ("The inline comment for AgentLines is misleading.", "fault"),
        ("cmd/x.go:12:3: string has 5 occurrences", "scrap"),
        ("ok", "scrap"),
    ],
)
def test_a_sentence_is_sorted_by_what_it_does(text: str, expected: str) -> None:
    assert sort(text).sort == expected


def test_what_points_at_the_thing_in_hand_is_bound() -> None:
    assert sort("keep this branch").bound
    assert sort("do the same for the other two").bound
    assert not sort("keep exports free of addresses").bound
    assert not sort("we use tabs in this repository").bound


def test_a_passage_is_split_at_sentences_items_and_lines() -> None:
    assert split("Use pnpm. Never npm, e.g. in CI.\n\n1. one\n2. two; three") == [
        "Use pnpm.",
        "Never npm, e.g. in CI.",
        "1. one",
        "2. two",
        "three",
    ]


def test_a_wrapped_sentence_is_one_and_code_is_left_out() -> None:
    wrapped = "Remove t.Parallel() from tests that change the directory, as\nit is global to the process."
    assert split(f"{wrapped}\n```go\nnever()\n```\nDone.") == [" ".join(wrapped.split()), "Done."]


@given(st.text(max_size=2000))
def test_any_text_is_split_and_sorted(text: str) -> None:
    found = split(text)
    assert len(found) <= MAX_SENTENCES
    for sentence in found:
        sort(sentence)


@pytest.mark.parametrize(
    "piece", ["a ", "use x ", "- ", "we ", "`", "no. ", "ok, ", "is\n", "either or ", "1. "]
)
def test_a_long_text_is_read_in_linear_time(piece: str) -> None:
    start = time.process_time()
    for sentence in split(piece * (20_000 // len(piece))):
        sort(sentence)
    assert time.process_time() - start < 30
