from __future__ import annotations

import importlib.util
from pathlib import Path

SPEC = importlib.util.spec_from_file_location("transcript_fuzz", Path(__file__).parent / "fuzz.py")
assert SPEC
assert SPEC.loader
fuzz = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(fuzz)


def test_no_mutant_raises_what_is_not_documented():
    outcomes = fuzz.fuzz(300, 20_260_301, fuzz.fixtures())
    assert sum(outcomes.values()) == 300
    assert outcomes["read with malformed lines"] > 50
