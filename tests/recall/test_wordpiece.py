"""Text is cut as BERT-like models were trained on it, and a folder without a usable vocabulary is named."""

from __future__ import annotations

import json
import os
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.errors import EnvironmentProblem
from holdfast.recall.wordpiece import WordPiece

PIECES = "[PAD] [UNK] [CLS] [SEP] un ##aff ##able the cafe 日 . ' - # _ $ don t istanbul ##x".split()
VOCABULARY = {piece: number for number, piece in enumerate(PIECES)}


def pieces(text: str, most: int = 100, **how: bool) -> list[str]:
    return [PIECES[number] for number in WordPiece(VOCABULARY, **how).encode(text, most)]


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("unaffable", "un ##aff ##able"),
        ("The CAFÉ.", "the cafe ."),
        ("cafe\u0301 \u0000cafe\ufffd", "cafe cafe"),
        ("the日the", "the 日 the"),
        ("don't", "don ' t"),
        ("#the_the-the$", "# the _ the - the $"),
        ("İstanbul", "istanbul"),
        ("the\u200bthe", "[UNK]"),
        ("the\u2003the\u00a0the\tthe\nthe", "the the the the the"),
        ("unknowable the", "[UNK] the"),
        ("x" * 101 + " the", "[UNK] the"),
        ("", ""),
        (" \n\t", ""),
        ("[SEP]", "[UNK] [UNK] [UNK]"),
    ],
)
def test_text_is_cut_as_by_bert(text: str, cut: str) -> None:
    assert pieces(text) == ["[CLS]", *cut.split(), "[SEP]"]


def test_case_and_accents_stay_where_the_model_wants_them() -> None:
    assert pieces("The café", lowercase=False, strip_accents=False)[1:-1] == ["[UNK]", "[UNK]"]
    assert pieces("the café", lowercase=True, strip_accents=False)[1:-1] == ["the", "[UNK]"]


def test_a_long_text_is_cut_and_still_ends_as_the_model_expects() -> None:
    assert pieces("the " * 50, most=5) == ["[CLS]", "the", "the", "the", "[SEP]"]
    assert pieces("unaffable", most=3) == ["[CLS]", "un", "[SEP]"]


@given(st.text(), st.integers(3, 40))
def test_any_text_is_cut_within_the_limit(text: str, most: int) -> None:
    cut = pieces(text, most)
    assert cut[0] == "[CLS]"
    assert cut[-1] == "[SEP]"
    assert 2 <= len(cut) <= most


@given(st.text())
def test_words_hold_no_space_and_nothing_unprintable(text: str) -> None:
    for word in WordPiece(VOCABULARY).words(text):
        assert not any(each.isspace() or unicodedata.category(each) in ("Cc", "Cf", "Mn") for each in word)


def described(**changes: object) -> str:
    model = {"type": "WordPiece", "vocab": VOCABULARY, "continuing_subword_prefix": "##"}
    return json.dumps({"normalizer": {"type": "BertNormalizer", "lowercase": True}, "model": model} | changes)


def test_a_tokenizer_and_a_vocabulary_say_the_same(tmp_path: Path) -> None:
    (tmp_path / "vocab.txt").write_text("\n".join(PIECES) + "\n")
    listed = WordPiece.read(tmp_path).encode("The unaffable café", 50)
    (tmp_path / "tokenizer.json").write_text(described())
    assert WordPiece.read(tmp_path).encode("The unaffable café", 50) == listed


@pytest.mark.parametrize(
    ("normalizer", "cut"),
    [
        ({"type": "BertNormalizer", "lowercase": False}, ["[UNK]"]),
        ({"type": "Lowercase"}, ["cafe"]),
        ({"type": "Sequence", "normalizers": [{"type": "NFD"}, {"type": "Lowercase"}]}, ["cafe"]),
        (None, ["[UNK]"]),
    ],
)
def test_a_tokenizer_says_itself_whether_case_counts(
    tmp_path: Path, normalizer: object, cut: list[str]
) -> None:
    (tmp_path / "tokenizer.json").write_text(described(normalizer=normalizer))
    assert [PIECES[number] for number in WordPiece.read(tmp_path).encode("CAFE", 50)][1:-1] == cut


def test_a_cased_vocabulary_is_told_by_its_settings(tmp_path: Path) -> None:
    (tmp_path / "vocab.txt").write_text("\n".join(PIECES))
    (tmp_path / "tokenizer_config.json").write_text('{"do_lower_case": false}')
    assert [PIECES[number] for number in WordPiece.read(tmp_path).encode("Cafe", 50)][1:-1] == ["[UNK]"]


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("vocab.txt", b"[UNK]\n[CLS]\n[SEP]\nthe\nthe\n", "lines 4 and 5 are both 'the'"),
        ("vocab.txt", b"the\nof\n", "no [CLS] and no [SEP] and no [UNK]"),
        ("vocab.txt", b"", "no [CLS]"),
        ("vocab.txt", b"\xff\xfe\x00", "utf-8"),
        ("tokenizer.json", b"{", "truncated"),
        ("tokenizer.json", b"[]", "describes no tokenizer"),
        ("tokenizer.json", b'{"model": {"type": "BPE"}}', "BPE"),
        ("tokenizer.json", b'{"model": {"vocab": {"a": "b"}}}', "Expected `int`"),
        ("tokenizer.json", b'{"model": {"vocab": [["a", -1.5]]}}', "Expected `object`"),
        ("tokenizer.json", b'{"model": {"vocab": {"[CLS]": 1, "[SEP]": 1, "[UNK]": 1}}}', "one number"),
    ],
)
def test_a_vocabulary_that_cannot_be_used_is_named_with_the_reason(
    tmp_path: Path, name: str, content: bytes, told: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(EnvironmentProblem) as raised:
        WordPiece.read(tmp_path)
    assert str(tmp_path / name) in raised.value.message
    assert told in raised.value.message
    assert raised.value.hint


def test_a_folder_without_a_vocabulary_is_named(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentProblem, match="has no tokenizer"):
        WordPiece.read(tmp_path)


def test_a_pipe_is_never_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "vocab.txt")
    with pytest.raises(EnvironmentProblem, match="not a file"):
        WordPiece.read(tmp_path)


def test_an_endless_file_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "vocab.txt").open("wb") as file:
        file.truncate(65 * 1024 * 1024)
    with pytest.raises(EnvironmentProblem, match="at most"):
        WordPiece.read(tmp_path)
