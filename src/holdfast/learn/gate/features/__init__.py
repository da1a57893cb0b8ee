"""What the gate measures in a text: named features, each in a group that a refusal can speak of."""

from __future__ import annotations

from holdfast.learn.gate.features import layout, naming, phrases, wording
from holdfast.learn.gate.features.reading import read
from holdfast.learn.gate.text import Text

GROUPS: dict[str, str] = {
    "task": "actionable",
    "question": "actionable",
    "form": "actionable",
    "substance": "actionable",
    "told": "validated",
    "status": "validated",
    "guess": "validated",
    "names": "specific",
    "moment": "specific",
    "vague": "specific",
    "prompt": "unique",
    "common": "unique",
    "manual": "unique",
}
"""The criterion that each group of features speaks of; a feature is named ``group.feature``."""


def measure(text: Text) -> dict[str, float]:
    """Return every feature of a prepared text: 0 or 1, a share, or a small number; linear time."""
    reading = read(text)
    found = wording.measure(reading) | phrases.measure(text)
    return found | naming.measure(reading, found) | layout.measure(reading)


__all__ = ["GROUPS", "measure"]
