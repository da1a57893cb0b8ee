"""What one line tells to run and another never to is told, and of many such lines in bounded work."""

from __future__ import annotations

from pathlib import Path

from tests.measure.audit.conftest import Place

from holdfast.measure.audit.collect import Collected
from holdfast.measure.audit.opposites import MAX_COMPARED, forbidden_commands


def test_a_command_is_told_to_run_and_never_to(folder: Place) -> None:
    folder.write("CLAUDE.md", "# Rules", "", "- Run `make x` first.", "- Never run `make x`.")
    assert ("contradiction", "CLAUDE.md", 3) in folder.told("CLAUDE.md")


def test_of_many_lines_with_one_command_a_bounded_number_is_compared(folder: Place) -> None:
    lines = [
        line for n in range(100) for line in (f"- Run `make x`, says {n}.", f"- Never run `make x`, {n}.")
    ]
    folder.write("CLAUDE.md", "# Rules", "", *lines)
    memories = list(Collected([Path("CLAUDE.md")], folder.root).memories())
    assert len(list(forbidden_commands(memories))) == MAX_COMPARED**2
