"""Sentence-embedding models of a few bytes, which run in onnxruntime as large ones do.

Each group of words has an axis of its own, so words of one group mean the same to the model.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")
GROUPS = (
    ("stale", "yesterday", "cache", "old"),
    ("login", "password", "session", "token"),
    ("slow", "latency", "index", "query"),
    ("invoice", "tax", "rounding", "money"),
)


def table(groups: Sequence[Sequence[str]] = GROUPS, *, dimension: int = 8) -> numpy.ndarray:
    """Return a row for each special piece (nothing), then one for each word (the axis of its group)."""
    rows = [numpy.zeros(dimension)] * len(SPECIAL)
    for axis, group in enumerate(groups):
        rows += [numpy.eye(dimension)[axis]] * len(group)
    return numpy.array(rows, dtype="float32")


def make(
    folder: Path,
    *,
    groups: Sequence[Sequence[str]] = GROUPS,
    numbers: numpy.ndarray | None = None,
    inputs: Sequence[str] = ("input_ids", "attention_mask", "token_type_ids"),
    output: str = "last_hidden_state",
    pooled: bool = False,
    shape: Sequence[int | str] = ("batch", "sequence"),
    where: str = "model.onnx",
) -> Path:
    """Write a model and its vocabulary to a folder, and return the folder."""
    numbers = table(groups) if numbers is None else numbers
    nodes = [helper.make_node("Gather", ["table", inputs[0]], ["pieces" if pooled else output])]
    if pooled:
        nodes.append(helper.make_node("ReduceMean", ["pieces"], [output], axes=[1], keepdims=0))
    given = [helper.make_tensor_value_info(name, TensorProto.INT64, shape) for name in inputs]
    made = helper.make_tensor_value_info(output, TensorProto.FLOAT, None)
    graph = helper.make_graph(nodes, "tiny", given, [made], [numpy_helper.from_array(numbers, "table")])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    (folder / where).parent.mkdir(parents=True, exist_ok=True)
    onnx.save(model, str(folder / where))
    words = [word for group in groups for word in group]
    (folder / "vocab.txt").write_text("\n".join([*SPECIAL, *words]) + "\n")
    return folder
