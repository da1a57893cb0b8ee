from __future__ import annotations

from typing import Any


def test_no_mutant_raises_what_is_not_documented(fuzz: Any) -> None:
    outcomes = fuzz.fuzz(400, 20_260_301, fuzz.fixtures())
    assert sum(outcomes.values()) == 400
    assert outcomes["read with malformed lines"] > 50
    assert outcomes["read"] > 50
