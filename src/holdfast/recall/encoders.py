"""Encoders: what turns a text into a vector, so that texts of like meaning lie near each other.

A model is chosen by a person, by the path of its folder; nothing is ever downloaded. The folder is laid out
as sentence-embedding models are published: ``model.onnx`` (or ``onnx/model.onnx``) beside ``tokenizer.json``
or ``vocab.txt``. Other packages register encoders by the entry point group ``holdfast.encoders``: each is
called with the text after ``NAME:`` of the choice ``NAME:ARGUMENT`` and returns an `Encoder`.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Sequence
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import msgspec

from holdfast.errors import EnvironmentProblem
from holdfast.recall.wordpiece import FILES, WordPiece, read_file

GROUP = "holdfast.encoders"
MODELS = ("model.onnx", "onnx/model.onnx")
MAX_DIMENSION = 4096
MAX_PIECES = 256
"""Pieces of a text that are read, where the model's folder names no smaller number."""

_LAYOUT = "Give the folder that holds model.onnx and its tokenizer.json or vocab.txt."
_INSTALL = "python -m pip install 'holdfast[semantic]'"
_SMALL = 1024 * 1024
_THREADS = 2
"""Threads of a run: a sentence is too short to gain from more, and others work on the machine too."""


@runtime_checkable
class Encoder(Protocol):
    """Turn texts into vectors of one length.

    Attributes:
        name: What tells it from every other, a changed model from what it was; vectors of two names are never
            compared.
        dimension: Numbers in a vector.
    """

    name: str
    dimension: int

    def encode(self, texts: Sequence[str]) -> list[Sequence[float]]:
        """Return a vector for each text; what one text gives does not depend on the others."""
        ...


class OnnxEncoder:
    """An on-disk sentence-embedding model, run by onnxruntime on the processor.

    Texts are run one at a time: in a batch, padding and the scales of quantized models would let a text's
    vector depend on its neighbours, and an index filled in two steps differ from one filled in one.

    Args:
        folder: Where the model is.

    Raises:
        EnvironmentProblem: There is none, it cannot be loaded, or it does not embed sentences.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        path = _model_file(folder)
        self._pieces = WordPiece.read(folder)
        self._first_token, self._most = _pooling(folder), _most_pieces(folder)
        self._session = _load(path)
        self._inputs = {each.name: each.shape for each in self._session.get_inputs()}
        self._outputs = [each.name for each in self._session.get_outputs()]
        self._length = self._check_inputs(path)
        self.dimension = len(self._run("what this model makes of a sentence"))
        self.name = f"onnx:{_digest(folder, path)}:{self._most}"

    def encode(self, texts: Sequence[str]) -> list[Sequence[float]]:
        """Return a vector for each text: the mean over its pieces, as the folder's pooling says."""
        return [self._run(text) for text in texts]

    def _check_inputs(self, path: Path) -> int | None:
        """Return how many pieces the model wants of every text; None when it takes any number."""
        unknown = self._inputs.keys() - {"input_ids", "attention_mask", "token_type_ids"}
        if "input_ids" not in self._inputs or unknown:
            raise _unfit(path, f"it takes {', '.join(sorted(self._inputs)) or 'nothing'}")
        shape = self._inputs["input_ids"]
        if len(shape) != 2 or (isinstance(shape[0], int) and shape[0] != 1):
            raise _unfit(path, f"its input has the shape {shape}")
        fixed = shape[1] if isinstance(shape[1], int) and shape[1] > 0 else None
        if fixed is not None:
            self._most = min(self._most, fixed)
        return fixed

    def _run(self, text: str) -> Sequence[float]:
        import numpy

        numbers = self._pieces.encode(text, self._most)
        padding = (self._length or len(numbers)) - len(numbers)
        mask = [1] * len(numbers) + [0] * padding
        given = {
            "input_ids": numbers + [self._pieces.padding] * padding,
            "attention_mask": mask,
            "token_type_ids": [0] * len(mask),
        }
        feed = {name: numpy.array([given[name]], dtype=numpy.int64) for name in self._inputs}
        try:
            found = self._session.run(self._outputs, feed)
        except Exception as fault:  # onnxruntime raises its own errors, which share no base
            raise _unfit(self.folder, f"it fails on a text: {_line(fault)}") from fault
        return self._pooled(dict(zip(self._outputs, found, strict=True)), len(numbers))

    def _pooled(self, found: dict[str, Any], count: int) -> Sequence[float]:
        """Return the one vector of what the model gave: a sentence's as it is, else made of its pieces'."""
        named = [name for name in ("sentence_embedding", "last_hidden_state") if name in found]
        for name in [*named, *self._outputs]:
            array = found[name]
            if getattr(array, "ndim", 0) == 2 and array.shape[0] == 1 and "sentence" in name:
                vector = array[0]
            elif getattr(array, "ndim", 0) == 3 and array.shape[0] == 1:
                pieces = array[0, :count].astype("float64")
                vector = pieces[0] if self._first_token else pieces.mean(axis=0)
            elif getattr(array, "ndim", 0) == 2 and array.shape[0] == 1 and len(self._outputs) == 1:
                vector = array[0]
            else:
                continue
            if not 1 < len(vector) <= MAX_DIMENSION:
                break
            numbers: list[float] = vector.astype("float64").tolist()
            return numbers
        shapes = ", ".join(f"{name} {list(getattr(array, 'shape', ()))}" for name, array in found.items())
        raise _unfit(self.folder, f"it gives no vector for a sentence: {shapes}")


def load(choice: str) -> Encoder:
    """Return the encoder of a choice: the path of a model's folder, or ``NAME:ARGUMENT`` of another package.

    Raises:
        EnvironmentProblem: It cannot be used; the message says why.
    """
    name, colon, argument = choice.partition(":")
    if colon and "/" not in name:
        for point in entry_points(group=GROUP, name=name):
            return _of_package(name, point.load, argument)
        raise EnvironmentProblem(
            f"No installed package gives an encoder called {name[:80]!r}.",
            "Install the package that does, or give the path of a model's folder.",
        )
    folder = folder_of(choice)
    try:
        return OnnxEncoder(folder)
    except OSError as error:
        raise EnvironmentProblem(f"Cannot read the model at {folder}: {error}.", _LAYOUT) from error


def folder_of(choice: str) -> Path:
    """Return the path that a choice names, with ``~`` for a home."""
    try:
        return Path(choice).expanduser()
    except RuntimeError:  # no such user
        return Path(choice)


def _of_package(name: str, get: Callable[[], Any], argument: str) -> Encoder:
    try:
        made = get()(argument)
    except Exception as fault:  # a stranger's code may raise anything
        raise EnvironmentProblem(
            f"The encoder {name} could not be used: {_line(fault)}.", "Look at the package that brings it."
        ) from fault
    name_of, dimension = getattr(made, "name", None), getattr(made, "dimension", None)
    named = isinstance(name_of, str) and name_of and isinstance(dimension, int)
    if not (isinstance(made, Encoder) and named and 1 < made.dimension <= MAX_DIMENSION):
        raise EnvironmentProblem(
            f"What the package gives as encoder {name} is none: it has no name, dimension or encode.",
            "Upgrade or remove the package that brings it.",
        )
    return made


def _model_file(folder: Path) -> Path:
    try:
        status = folder.stat()
    except (OSError, ValueError):
        raise EnvironmentProblem(f"There is no folder {folder}, so no model is used.", _LAYOUT) from None
    if not stat.S_ISDIR(status.st_mode):
        raise EnvironmentProblem(f"{folder} is not a folder, so no model is used.", _LAYOUT)
    for name in MODELS:
        path = folder / name
        if path.is_file():
            return path
    raise EnvironmentProblem(f"{folder} holds no model.onnx, so no model is used.", _LAYOUT)


def _load(path: Path) -> Any:
    try:
        import numpy  # noqa: F401 - named here when it is missing, not at the first text
        import onnxruntime
    except ImportError as error:
        raise EnvironmentProblem(
            f"A model was chosen, and what runs it is not installed: {error.name or 'onnxruntime'}.", _INSTALL
        ) from error
    onnxruntime.disable_telemetry_events()
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4  # what is wrong is raised too
    options.intra_op_num_threads = min(_THREADS, os.cpu_count() or 1)
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # idle threads cost nothing
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as fault:  # onnxruntime raises its own errors, which share no base
        raise EnvironmentProblem(
            f"{path} is no model that can be loaded: {_line(fault)}.", _LAYOUT
        ) from fault


def _pooling(folder: Path) -> bool:
    """Tell whether the model's sentence is what its first piece holds, not the mean over all."""
    return bool(_settings(folder / "1_Pooling" / "config.json").get("pooling_mode_cls_token"))


def _most_pieces(folder: Path) -> int:
    stated = _settings(folder / "sentence_bert_config.json").get("max_seq_length")
    return min(MAX_PIECES, stated) if isinstance(stated, int) and stated > 2 else MAX_PIECES


def _settings(path: Path) -> dict[str, Any]:
    data = read_file(path, _SMALL)
    try:
        content = msgspec.json.decode(data) if data is not None else {}
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise EnvironmentProblem(f"{path} is damaged: {error}.", "Take the model's files anew.") from error
    return content if isinstance(content, dict) else {}


def _digest(folder: Path, model: Path) -> str:
    """Return a digest of all that a vector depends on: the weights, wherever they lie, and the vocabulary."""
    whole = hashlib.sha256()
    weights = sorted(each for each in model.parent.glob(f"{model.name}*") if each.is_file())
    settings = [folder / "1_Pooling" / "config.json", folder / "tokenizer_config.json"]
    for path in (*weights, *(folder / name for name in FILES), *settings):
        if path.is_file():
            with path.open("rb") as file:
                whole.update(f"{path.name}\0{os.fstat(file.fileno()).st_size}\0".encode())
                whole.update(hashlib.file_digest(file, "sha256").digest())
    return whole.hexdigest()[:24]


def _unfit(path: Path, reason: str) -> EnvironmentProblem:
    return EnvironmentProblem(f"{path} is no model that embeds sentences: {reason}.", _LAYOUT)


def _line(fault: Exception) -> str:
    """Return what an error says, in one short line."""
    return " ".join(f"{type(fault).__name__}: {fault}".split())[:300].rstrip(".")
