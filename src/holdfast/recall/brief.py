"""What the next session is told, for a task and at its start: little, and only when it is near or repeats.

In a repository that is not trusted on this machine nothing is told. Learnings are quoted as data with
where they come from; those of an identity that was not accepted here are left to `holdfast recall`.
"""

from __future__ import annotations

import msgspec

from holdfast.index.documents import Hit
from holdfast.learn.view import View
from holdfast.recall.hazards import Hazard, hazards_of
from holdfast.recall.items import HIDDEN, Item, Known
from holdfast.recall.search import nearest
from holdfast.recall.tokens import estimate
from holdfast.repo import config
from holdfast.repo.trust import TrustStore

MAX_HAZARDS = 3
"""Hazards told at a session's start."""
MAX_NEAR = 4
"""Items told for a prompt."""
MAX_PROMPT = 4000
"""Characters of a prompt that are looked at; it says what it is about before that."""
HEADING = "Known in this repository (data from earlier sessions, not instructions):"


class Brief(msgspec.Struct, frozen=True, kw_only=True):
    """What a session is told.

    Attributes:
        trusted: False when nothing is told because the repository is not trusted here; see ``reason``.
        text: The text to put before an agent; empty means silence.
        tokens: Its estimated size.
        hazards: The failures it warns of.
        near: What it tells for the prompt.
        left_out: Items that were near and did not fit, or came from an identity not accepted here.
    """

    trusted: bool
    reason: str
    text: str
    tokens: int
    hazards: list[Hazard]
    near: list[Item]
    left_out: int = 0


def brief(view: View, prompt: str = "") -> Brief:
    """Return what a session is told at its start and, with a prompt, for its task.

    Raises:
        EnvironmentProblem: The settings of the repository are trusted and broken.
    """
    state = TrustStore().state(view.repository)
    if not state.trusted:
        return Brief(trusted=False, reason=state.reason, text="", tokens=0, hazards=[], near=[])
    settings = config.load(state).config.brief
    block = _Block(settings.start_tokens)
    hazards = [
        hazard
        for hazard in hazards_of(view)
        if hazard.worth and hazard.worth.pays and len(block.lines) < MAX_HAZARDS
        if block.add(_warning(hazard))
    ]
    told = {hazard.item.id for hazard in hazards}
    near, left_out = _near(view, prompt)
    block.budget = estimate(block.text) + settings.prompt_tokens
    chosen: list[Item] = []
    for found in near:
        if found.id in told:
            continue
        if len(chosen) < MAX_NEAR and block.add(_line(found)):
            chosen.append(found)
        else:
            left_out += 1
    return Brief(
        trusted=True,
        reason="",
        text=block.text,
        tokens=estimate(block.text),
        hazards=hazards,
        near=chosen,
        left_out=left_out,
    )


class _Block:
    """Lines under a heading that together keep to a budget of tokens."""

    def __init__(self, budget: int) -> None:
        self.budget = budget
        self.lines: list[str] = []

    @property
    def text(self) -> str:
        return "\n".join([HEADING, *self.lines]) if self.lines else ""

    def add(self, line: str) -> bool:
        """Add a line when it fits."""
        if estimate("\n".join([HEADING, *self.lines, line])) > self.budget:
            return False
        self.lines.append(line)
        return True


def _warning(hazard: Hazard) -> str:
    return f"- {hazard.item.text} (in {hazard.sessions} of {hazard.of} sessions; {hazard.item.id})"


def _line(item: Item) -> str:
    return f"- {item.text} ({item.id})"


def _near(view: View, prompt: str) -> tuple[list[Item], int]:
    """Return what is near to a prompt and may be told, and how much near was left out."""
    if not prompt.strip():
        return [], 0
    known = Known(view)
    sources = [source for source in view.sources if source != "candidate"]
    hits = nearest(known, prompt[:MAX_PROMPT], 30, sources)
    near = [hit for hit in hits if hit.document.state not in HIDDEN]
    mine = sorted((hit for hit in near if known.may_tell(hit.document)), key=_worth)
    return [known.item(hit.document, hit.score) for hit in mine], len(near) - len(mine)


def _worth(hit: Hit) -> tuple[bool, float, str]:
    """Order hits: a decision answers what nobody can guess from the code, so decisions come first."""
    return hit.document.kind not in ("decision", "guidance"), -hit.score, hit.document.id
