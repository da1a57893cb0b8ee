"""Cut text into the pieces that a BERT-like model reads, from the vocabulary in the model's folder.

The rules are those of BERT's uncased and cased models (Devlin et al. 2019; the code published with them):
the text is cleaned, accents and case are dropped where the model wants it, every punctuation mark and every
Chinese character is a word of its own, and a word is cut greedily into the longest pieces of the vocabulary,
all but the first with ``##`` before them.
"""

from __future__ import annotations

import functools
import os
import stat
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from holdfast.errors import EnvironmentProblem

MAX_FILE = 64 * 1024 * 1024
"""Bytes of a tokenizer's file; those of models in many languages have about 10 million."""
MAX_WORD = 100
"""Characters of a word beyond which it is unknown, as in BERT's own code."""
FILES = ("tokenizer.json", "vocab.txt")

_BEGIN, _END, _UNKNOWN = "[CLS]", "[SEP]", "[UNK]"
_SUPPORTED = (
    "Use the folder of a model with a WordPiece vocabulary: MiniLM, BGE, GTE and E5 in English have one."
)

_CHINESE = (
    (0x4E00, 0x9FFF),
    (0x3400, 0x4DBF),
    (0x20000, 0x2A6DF),
    (0x2A700, 0x2CEAF),
    (0xF900, 0xFAFF),
    (0x2F800, 0x2FA1F),
)


class WordPiece:
    """Turn text into the numbers of pieces.

    Args:
        vocabulary: The number of each piece; it holds ``[CLS]``, ``[SEP]`` and ``[UNK]``.
        lowercase: Whether case is dropped.
        strip_accents: Whether accents are.

    Raises:
        ValueError: A piece that every text needs is missing, or two have one number.
    """

    def __init__(
        self, vocabulary: Mapping[str, int], *, lowercase: bool = True, strip_accents: bool = True
    ) -> None:
        missing = [piece for piece in (_BEGIN, _END, _UNKNOWN) if piece not in vocabulary]
        if missing:
            raise ValueError(f"it has no {' and no '.join(missing)}")
        if len(set(vocabulary.values())) < len(vocabulary):
            raise ValueError("two of its pieces have one number")
        self._vocabulary = dict(vocabulary)
        self._lowercase, self._strip_accents = lowercase, strip_accents
        self.padding = self._vocabulary.get("[PAD]", 0)

    @classmethod
    def read(cls, folder: Path) -> WordPiece:
        """Return the tokenizer of a model's folder: its ``tokenizer.json``, else its ``vocab.txt``.

        Raises:
            EnvironmentProblem: There is none, or none of this kind.
        """
        for name in FILES:
            data = read_file(folder / name, MAX_FILE)
            if data is not None:
                try:
                    make = _from_json if name == "tokenizer.json" else _from_lines
                    return make(data, folder)
                except (ValueError, RecursionError) as error:  # msgspec's and Unicode's errors are such
                    raise EnvironmentProblem(
                        f"{folder / name} is no vocabulary that can be used: {error}.", _SUPPORTED
                    ) from error
        raise EnvironmentProblem(
            f"{folder} has no {' and no '.join(FILES)}, so no text can be put to its model.", _SUPPORTED
        )

    def encode(self, text: str, most: int) -> list[int]:
        """Return the numbers of a text's pieces, at most ``most`` with the marks of its begin and end."""
        numbers = [self._vocabulary[_BEGIN]]
        for word in self.words(text):
            numbers += self._cut(word)
            if len(numbers) >= most:
                break
        return [*numbers[: most - 1], self._vocabulary[_END]]

    def words(self, text: str) -> list[str]:
        """Return the words of a text before they are cut."""
        if self._strip_accents:
            text = unicodedata.normalize("NFD", text)
        if self._lowercase:
            text = text.lower()
        spaced = _spaced_without_accents if self._strip_accents else _spaced
        return "".join(map(spaced, text)).split()

    def _cut(self, word: str) -> Sequence[int]:
        if len(word) > MAX_WORD:
            return [self._vocabulary[_UNKNOWN]]
        numbers: list[int] = []
        start = 0
        while start < len(word):
            for end in range(len(word), start, -1):
                piece = word[start:end] if start == 0 else "##" + word[start:end]
                number = self._vocabulary.get(piece)
                if number is not None:
                    numbers.append(number)
                    start = end
                    break
            else:
                return [self._vocabulary[_UNKNOWN]]
        return numbers


def read_file(path: Path, limit: int) -> bytes | None:
    """Return the bytes of a regular file, or None when there is nothing at the path.

    Links are followed, since the caches of model hubs are made of them; a pipe or a device is never read.

    Raises:
        EnvironmentProblem: It cannot be read, is no file, or is larger than ``limit``.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        raise EnvironmentProblem(f"Cannot read {path}: {error}.", "Look at the path named here.") from error
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise EnvironmentProblem(f"{path} is not a file.", _SUPPORTED)
        if status.st_size > limit:
            raise EnvironmentProblem(
                f"{path} has {status.st_size:,} bytes; at most {limit:,} are read.", _SUPPORTED
            )
        return file.read(limit)


def _from_json(data: bytes, _folder: Path) -> WordPiece:
    content = msgspec.json.decode(data)
    model = content.get("model") if isinstance(content, dict) else None
    if not isinstance(model, dict):
        raise ValueError("it describes no tokenizer")
    kind = model.get("type", "WordPiece")
    if kind != "WordPiece" or model.get("continuing_subword_prefix", "##") != "##":
        raise ValueError(f"its pieces are of the kind {kind}, not WordPiece as in BERT")
    vocabulary = msgspec.convert(model.get("vocab"), dict[str, int])
    lowercase, accents = _normalization(content.get("normalizer"))
    return WordPiece(vocabulary, lowercase=lowercase, strip_accents=accents)


def _normalization(normalizer: Any) -> tuple[bool, bool]:
    """Return whether case, and whether accents are dropped."""
    lowercase = accents = False
    for step in _steps(normalizer):
        kind = step.get("type")
        if kind == "BertNormalizer":
            lowercase = bool(step.get("lowercase", True))
            given = step.get("strip_accents")
            accents = lowercase if given is None else bool(given)
        lowercase = lowercase or kind == "Lowercase"
        accents = accents or kind == "StripAccents"
    return lowercase, accents


def _steps(normalizer: Any) -> Iterable[dict[str, Any]]:
    if isinstance(normalizer, dict):
        steps = normalizer.get("normalizers", [normalizer])
        if isinstance(steps, list):
            yield from (step for step in steps if isinstance(step, dict))


def _from_lines(data: bytes, folder: Path) -> WordPiece:
    vocabulary: dict[str, int] = {}
    for number, line in enumerate(data.decode("utf-8").removesuffix("\n").split("\n")):
        piece = line.rstrip("\r")
        first = vocabulary.setdefault(piece, number)
        if first != number:
            raise ValueError(f"lines {first + 1} and {number + 1} are both {piece[:40]!r}")
    lowercase = True
    settings = read_file(folder / "tokenizer_config.json", MAX_FILE)
    if settings is not None:
        chosen = msgspec.json.decode(settings)
        lowercase = bool(chosen.get("do_lower_case", True)) if isinstance(chosen, dict) else True
    return WordPiece(vocabulary, lowercase=lowercase, strip_accents=lowercase)


@functools.lru_cache(maxsize=8192)
def _spaced(character: str) -> str:
    """Return a character as it stands in the cleaned text: nothing, a space, itself, or itself in spaces."""
    code = ord(character)
    if character in "\t\n\r":
        return " "
    category = unicodedata.category(character)
    if code == 0xFFFD or (category[0] == "C" and category != "Cn"):
        return ""
    if category[0] == "Z":
        return " "
    if category[0] == "P" or _is_ascii_symbol(code) or any(low <= code <= high for low, high in _CHINESE):
        return f" {character} "
    return character


@functools.lru_cache(maxsize=8192)
def _spaced_without_accents(character: str) -> str:
    return "" if unicodedata.category(character) == "Mn" else _spaced(character)


def _is_ascii_symbol(code: int) -> bool:
    """Tell whether BERT counts a character as punctuation though Unicode calls it a symbol: ``$+<=>^`|~``."""
    return 33 <= code <= 47 or 58 <= code <= 64 or 91 <= code <= 96 or 123 <= code <= 126
