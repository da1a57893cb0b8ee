"""What need not be told: what the session did already, and what its instructions say."""

from __future__ import annotations

from functools import cached_property

from holdfast.hook import commands
from holdfast.hook.patterns import regex
from holdfast.learn.instruction_files import instruction_files
from holdfast.learn.view import View
from holdfast.recall.situation import Situation

_SPAN = regex(r"`([^`\n]{4,200})`")


class ToldAlready:
    """What the asker did so far and was told by the instruction files of the worktree, read when needed."""

    def __init__(self, view: View, situation: Situation | None) -> None:
        self._view = view
        self._situation = situation or Situation()

    def was_told(self, id: str) -> bool:  # noqa: A002 - the field's own name
        """Tell whether an item was put before the asker in this context."""
        return id in self._situation.told

    def was_done(self, text: str) -> bool:
        """Tell whether the session ran a command, edited a file, or added a line or a part of one."""
        folded = _folded(text)
        return (
            folded in self._done
            or text in self._situation.edited
            or any(folded in _folded(line) for line in self._situation.added)
        )

    def is_instructed(self, text: str) -> bool:
        """Tell whether the instructions say it: a command, or the first code that a sentence shows."""
        span = _SPAN.search(text)
        return self.names(span.group(1) if span else text)

    def names(self, text: str) -> bool:
        """Tell whether the instructions hold a text, white space aside."""
        folded = _folded(text)
        return len(folded) > 3 and folded in self._instructions

    @cached_property
    def _done(self) -> set[str]:
        found = set()
        for command in self._situation.commands:
            found.add(_folded(command))
            found.add(_folded(commands.main_text(command)))
        return found

    @cached_property
    def _instructions(self) -> str:
        root = self._view.repository.root
        return _folded("\n".join(text for _, text in instruction_files(root))) if root else ""


def _folded(text: str) -> str:
    return " ".join(text.split())
