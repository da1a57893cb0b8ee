"""A model's folder gives vectors of sentences, or one line that says why not."""

from __future__ import annotations

import builtins
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy
import pytest

from holdfast.errors import EnvironmentProblem
from holdfast.recall.encoders import Encoder, OnnxEncoder, load


def cosine(first: Sequence[float], second: Sequence[float]) -> float:
    a, b = numpy.array(first), numpy.array(second)
    return float(a @ b / numpy.linalg.norm(a) / numpy.linalg.norm(b))


def refused(choice: str | Path) -> str:
    with pytest.raises(EnvironmentProblem) as raised:
        load(str(choice))
    assert raised.value.hint
    assert "\n" not in raised.value.message
    return raised.value.message


def test_texts_of_one_meaning_are_near_and_others_are_not(tiny_model: Any, tmp_path: Path) -> None:
    encoder = load(str(tiny_model.make(tmp_path)))
    stale, cache, tax = encoder.encode(["stale yesterday", "the cache", "tax rounding"])
    assert encoder.dimension == len(stale) == 8
    assert cosine(stale, cache) == pytest.approx(1)
    assert cosine(stale, tax) == pytest.approx(0)


def test_the_vector_of_a_text_does_not_depend_on_its_neighbours(tiny_model: Any, tmp_path: Path) -> None:
    encoder = load(str(tiny_model.make(tmp_path)))
    texts = ["stale login", "slow", "", "invoice tax money stale " * 80, "stale login"]
    together = encoder.encode(texts)
    assert together == [encoder.encode([text])[0] for text in texts]
    assert together[0] == together[4]


@pytest.mark.parametrize(
    "how",
    [
        {"inputs": ("input_ids",)},
        {"inputs": ("input_ids", "attention_mask")},
        {"output": "token_embeddings"},
        {"output": "1234"},
        {"output": "sentence_embedding", "pooled": True},
        {"output": "pooler", "pooled": True},
        {"where": "onnx/model.onnx"},
        {"shape": (1, 32)},
        {"shape": (1, "sequence")},
    ],
    ids=str,
)
def test_models_are_taken_as_they_are_published(tiny_model: Any, tmp_path: Path, how: dict[str, Any]) -> None:
    encoder = load(str(tiny_model.make(tmp_path, **how)))
    first, second, other = encoder.encode(["old cache", "stale", "login"])
    assert cosine(first, second) == pytest.approx(1)
    assert cosine(first, other) == pytest.approx(0)


def test_a_text_longer_than_the_model_takes_is_cut(tiny_model: Any, tmp_path: Path) -> None:
    encoder = load(str(tiny_model.make(tmp_path, shape=(1, 6))))
    assert encoder.encode(["stale " * 4 + "login " * 90]) == encoder.encode(["stale " * 4])


def test_the_pooling_of_the_folder_holds(tiny_model: Any, tmp_path: Path) -> None:
    numbers = tiny_model.table()
    numbers[2] = numpy.ones(8)  # [CLS]
    folder = tiny_model.make(tmp_path, numbers=numbers)
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text(json.dumps({"pooling_mode_cls_token": True}))
    assert list(load(str(folder)).encode(["stale login"])[0]) == [1.0] * 8


def test_the_length_that_the_folder_states_holds(tiny_model: Any, tmp_path: Path) -> None:
    folder = tiny_model.make(tmp_path)
    (folder / "sentence_bert_config.json").write_text('{"max_seq_length": 4}')
    encoder = load(str(folder))
    assert encoder.encode(["stale login tax slow"]) == encoder.encode(["stale login"])


def test_a_changed_model_has_another_name_and_a_moved_one_has_not(tiny_model: Any, tmp_path: Path) -> None:
    first = load(str(tiny_model.make(tmp_path / "one"))).name
    assert load(str(tiny_model.make(tmp_path / "two"))).name == first
    assert load(str(tiny_model.make(tmp_path / "three", numbers=tiny_model.table() * 2))).name != first
    groups = [tiny_model.GROUPS[0][::-1], *tiny_model.GROUPS[1:]]
    assert load(str(tiny_model.make(tmp_path / "four", groups=groups))).name != first


def test_a_folder_of_links_is_read_as_hubs_keep_it(tiny_model: Any, tmp_path: Path) -> None:
    kept = tiny_model.make(tmp_path / "kept")
    (tmp_path / "snapshot").mkdir()
    for name in ("model.onnx", "vocab.txt"):
        (tmp_path / "snapshot" / name).symlink_to(kept / name)
    assert load(str(tmp_path / "snapshot")).name == load(str(kept)).name


def test_a_folder_without_a_model_is_named(tmp_path: Path) -> None:
    assert "holds no model.onnx" in refused(tmp_path)
    assert "There is no folder" in refused(tmp_path / "nowhere")
    (tmp_path / "file").write_text("x")
    assert "is not a folder" in refused(tmp_path / "file")
    os.mkfifo(tmp_path / "model.onnx")
    assert "holds no model.onnx" in refused(tmp_path)


@pytest.mark.parametrize(
    "path", ["/dev/null", "/dev/zero", "nul\0l", "a" * 5000, "../../..", "~no-such-user/model"]
)
def test_a_hostile_path_is_a_clear_line(path: str) -> None:
    assert "no model is used" in refused(path)


@pytest.mark.parametrize("content", [b"", b"no model", b"\x08\x07" * 500], ids=["empty", "text", "bytes"])
def test_a_broken_model_is_named(tiny_model: Any, tmp_path: Path, content: bytes) -> None:
    folder = tiny_model.make(tmp_path)
    (folder / "model.onnx").write_bytes(content)
    assert f"{folder / 'model.onnx'} is no model that can be loaded" in refused(folder)


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ({"inputs": ("pixels",)}, "it takes pixels"),
        ({"inputs": ("input_ids", "past_key_values")}, "it takes input_ids, past_key_values"),
        ({"shape": (4, 16)}, "its input has the shape [4, 16]"),
        ({"shape": ("batch",)}, "its input has the shape"),
        ({"numbers": numpy.zeros((2, 8), dtype="float32")}, "it fails on a text"),
        ({"numbers": numpy.zeros((30, 1), dtype="float32")}, "it gives no vector for a sentence"),
        ({"numbers": numpy.zeros((30, 5000), dtype="float32")}, "it gives no vector for a sentence"),
        ({"numbers": numpy.zeros((30, 8, 3), dtype="float32")}, "it gives no vector for a sentence"),
    ],
    ids=str,
)
def test_a_model_of_another_kind_is_named_with_what_it_is(
    tiny_model: Any, tmp_path: Path, how: dict[str, Any], told: str
) -> None:
    assert told in refused(tiny_model.make(tmp_path, **how))


def test_damaged_settings_of_a_model_are_named(tiny_model: Any, tmp_path: Path) -> None:
    folder = tiny_model.make(tmp_path)
    (folder / "sentence_bert_config.json").write_text("{")
    assert "sentence_bert_config.json is damaged" in refused(folder)


def test_the_extra_is_named_when_what_runs_models_is_missing(
    tiny_model: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tiny_model.make(tmp_path)
    there = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name == "onnxruntime":
            raise ModuleNotFoundError("No module named 'onnxruntime'", name="onnxruntime")
        return there(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(EnvironmentProblem) as raised:
        OnnxEncoder(folder)
    assert "not installed: onnxruntime" in raised.value.message
    assert "holdfast[semantic]" in raised.value.hint


PACKAGE = """
class Letters:
    dimension = 3
    def __init__(self, argument):
        if not argument:
            raise ValueError("say which letters")
        self.name, self.letters = "letters:" + argument, argument
    def encode(self, texts):
        return [[text.count(letter) + 0.1 for letter in self.letters] for text in texts]

def nothing(argument):
    return object()
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    info = tmp_path / "letters-1.dist-info"
    info.mkdir()
    (tmp_path / "letters_of_a_package.py").write_text(PACKAGE)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: letters\nVersion: 1\n")
    points = (
        "letters = letters_of_a_package:Letters\nnothing = letters_of_a_package:nothing\ngone = gone:it\n"
    )
    (info / "entry_points.txt").write_text(f"[holdfast.encoders]\n{points}")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "letters_of_a_package", raising=False)


@pytest.mark.usefixtures("package")
def test_another_package_brings_an_encoder() -> None:
    encoder = load("letters:abc")
    assert isinstance(encoder, Encoder)
    assert encoder.encode(["aab"]) == [[2.1, 1.1, 0.1]]


@pytest.mark.usefixtures("package")
@pytest.mark.parametrize(
    ("choice", "told"),
    [
        ("letters:", "say which letters"),
        ("nothing:x", "is none"),
        ("gone:x", "gone"),
        ("unheard:x", "No installed package gives an encoder called 'unheard'"),
    ],
)
def test_what_a_package_gives_wrongly_is_a_clear_line(choice: str, told: str) -> None:
    assert told in refused(choice)
