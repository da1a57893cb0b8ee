"""What the next session is told: at its start, for its task, and what was asked for by name.

At its start, the failures that come back. For its task, the decisions that it hinges on, the files that it
is likely to edit, and what else is near. Each line must be worth its tokens; what is asked for by name is
given without that test. In a repository that is not trusted on this machine nothing is told. Learnings are
quoted as data with where they come from; those of an identity that was not accepted here are left to
`holdfast recall`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import msgspec

from holdfast.hook.quoting import quoted
from holdfast.index.documents import Hit
from holdfast.learn.view import View
from holdfast.recall.block import Block, Considered, text_of
from holdfast.recall.decisions import Decisions, Withheld, decisions_for
from holdfast.recall.figures import Figures, figures_of
from holdfast.recall.files import LikelyFile, files_for
from holdfast.recall.hazards import Hazard, hazards_of
from holdfast.recall.items import HIDDEN, Item, Known
from holdfast.recall.named import Asked, Named, named
from holdfast.recall.search import nearest
from holdfast.recall.situation import Situation
from holdfast.recall.worth import Worth, about, weigh
from holdfast.repo import config
from holdfast.repo.trust import TrustStore

MAX_HAZARDS = 5
"""Hazards told at a session's start."""
MAX_DECISIONS = 3
"""Decisions looked at for a prompt; since what they save was never measured here, one is told."""
MAX_NEAR = 3
"""Other items told for a prompt; one of the kinds whose saving was never measured."""
MAX_FILES = 5
"""Files told for a first prompt."""
MAX_PROMPT = 4000
"""Characters of a prompt that are looked at; it says what it is about before that."""
LEAST_CHANCE = 0.08
"""The chance below which a file is not called likely, whatever its few tokens cost."""
LEAST_FIRST = 0.15
"""The chance that the likeliest file must have for files to be told at all: in a young repository, or for a
prompt that says nothing of the work, all are about equally unlikely."""
DECISION_CHANCE = 0.5
"""The chance that the decision told is the one a task hinges on: a prior, from ``bench/decisions``, where of
what is told unasked about half is right by words alone, and seven to nine in ten once symptoms are known."""
NEAR_CHANCE = 0.15
"""The chance that something near to a prompt matters to its turn: a prior."""
_OTHERWISE = frozenset(["candidate", "commit", "statement"])
"""Sources that are told as decisions only."""
FILES_LABEL = "Files likely to be edited for this, with the chance:"


class Brief(msgspec.Struct, frozen=True, kw_only=True):
    """What a session is told.

    Attributes:
        trusted: False when nothing is told because the repository is not trusted here; see ``reason``.
        text: The text to put before an agent; empty means silence.
        tokens: Its estimated size.
        decisions: The decisions that the task hinges on, likeliest first.
        hazards: The failures it warns of.
        near: What else it tells for the prompt.
        files: The files likely to be edited.
        named: What was asked for by name.
        withheld: Decisions that were near and hold no more, with what took their place.
        left_out: What was near and did not pay, did not fit, or came from an identity not accepted here.
        considered: Each line that might be told, with what it is worth and what became of it.
        figures: What the worth was computed from.
    """

    trusted: bool
    reason: str
    text: str
    tokens: int
    decisions: list[Item] = []
    hazards: list[Hazard] = []
    near: list[Item] = []
    files: list[LikelyFile] = []
    named: list[Named] = []
    withheld: list[Withheld] = []
    left_out: int = 0
    considered: list[Considered] = []
    figures: Figures | None = None


def brief(
    view: View,
    prompt: str = "",
    *,
    situation: Situation | None = None,
    asked: Asked | None = None,
    budget: int | None = None,
) -> Brief:
    """Return what a session is told at its start and, with a prompt, for its task.

    Args:
        view: The repository's view.
        prompt: What the person asks of the agent.
        situation: The session that asks, so far: one that made calls already is told no files and no hazards
            again, and nothing twice.
        asked: What is given by name, whatever it is worth.
        budget: Tokens of the whole, at most; None for those of the settings, and for no limit on what was
            asked for by name.

    Raises:
        EnvironmentProblem: The settings of the repository are trusted and broken.
        UsageError: No item, or several, have an id that was asked for.
    """
    state = TrustStore().state(view.repository)
    if not state.trusted:
        return Brief(trusted=False, reason=state.reason, text="", tokens=0)
    settings = config.load(state).config.brief
    asks, wanted = situation or Situation(), asked or Asked()
    found = _find(view, prompt[:MAX_PROMPT], asks, wanted)
    by_name = Block(budget, found.count)
    at_prompt = Block(settings.prompt_tokens, found.count) if budget is None else by_name
    at_start = Block(settings.start_tokens, found.count) if budget is None else by_name
    for place, each in enumerate(found.named):
        by_name.tell(place - len(found.named), found.by_name(each), most=99, label=f"{quoted(each.name)}:")
    decided = at_prompt.tell(_DECISIONS, found.decided(), most=MAX_DECISIONS, unproven=1)
    (by_name if wanted.files else at_prompt).tell(
        _FILES, found.likely(unweighed=bool(wanted.files)), most=wanted.files or MAX_FILES, label=FILES_LABEL
    )
    failing = at_start.tell(_HAZARDS, found.failing(decided), most=MAX_HAZARDS)
    weighed = decided | {hazard.item.id for hazard in found.hazards}
    near = at_prompt.tell(_NEAR, found.nearby(weighed), most=MAX_NEAR, unproven=1)
    blocks = [by_name] if budget is not None else [by_name, at_prompt, at_start]
    return _compose(found, blocks, decided, failing, near)


_DECISIONS, _NEAR, _HAZARDS, _FILES = range(4)
"""The order of the sections in the text; what was asked for by name stands before them."""


class _Found(msgspec.Struct, frozen=True, kw_only=True):
    """What might be told, and what its worth is computed from."""

    situation: Situation
    figures: Figures
    named: list[Named]
    decisions: Decisions
    near: list[Item]
    hazards: list[Hazard]
    files: list[LikelyFile]
    left_out: int

    def count(self, text: str) -> int:
        """Return the estimated tokens of a text for the model that reads it."""
        return self.figures.tokens(text, self.situation.model)

    def _weighed(self, kind: str, chance: float, line: str) -> Worth:
        """Weigh a line that would be told at a prompt."""
        return weigh(self.figures, kind, chance, line, surface="prompt", situation=self.situation)

    def by_name(self, each: Named) -> Iterator[Considered]:
        """Yield the lines of what a name stands for, those that do not hold any more last."""
        for item in each.items:
            yield Considered(id=item.id, kind=item.kind, line=f"- {item.text} ({_facts(item)})")
        for item in each.withheld:
            line = f"- holds no more: {item.text} ({_facts(item)})"
            yield Considered(id=item.id, kind=item.kind, line=line)

    def decided(self) -> Iterator[Considered]:
        """Yield the lines of the decisions that the task hinges on."""
        replaced: dict[str, list[str]] = defaultdict(list)
        texts = {item.text for item in self.decisions.items}
        for old in self.decisions.withheld:
            if old.text not in texts:  # the same words said before are no older decision
                replaced[old.by].append(old.id)
        for item in self.decisions.items:
            older = f"; replaces {', '.join(replaced[item.id])}" if replaced[item.id] else ""
            line = f"- {item.text} ({_facts(item)}{older})"
            chance = DECISION_CHANCE if item.chance is None else item.chance
            worth = self._weighed("decision", chance, line)
            yield Considered(id=item.id, kind=item.kind, line=line, worth=worth)

    def nearby(self, told: set[str]) -> Iterator[Considered]:
        """Yield the lines of what else is near."""
        for item in self.near:
            if item.id not in told:
                line = f"- {item.text} ({_facts(item)})"
                worth = self._weighed(item.kind, NEAR_CHANCE, line)
                yield Considered(id=item.id, kind=item.kind, line=line, worth=worth)

    def likely(self, *, unweighed: bool) -> Iterator[Considered]:
        """Yield the lines of the files likely to be edited."""
        if not unweighed and max((file.chance for file in self.files), default=0.0) < LEAST_FIRST:
            return
        for file in self.files:
            if not unweighed and file.chance < LEAST_CHANCE:
                continue
            line = f"- {quoted(file.path)} {about(file.chance)}"
            worth = None if unweighed else self._weighed("file", file.chance, line)
            yield Considered(id=file.path, kind="file", line=line, worth=worth)

    def failing(self, told: set[str]) -> Iterator[Considered]:
        """Yield the lines of the failures that come back."""
        for hazard in self.hazards:
            if hazard.item.id in told:
                continue
            yield Considered(id=hazard.item.id, kind="hazard", line=hazard.line, worth=hazard.worth)


def _find(view: View, prompt: str, asks: Situation, wanted: Asked) -> _Found:
    """Look for all that a session might be told."""
    known = Known(view)
    task = prompt.strip()
    fresh = asks.calls == 0
    near, left_out = _near(known, task, asks)
    files = wanted.files or (MAX_FILES if task and fresh else 0)
    by_name = named(known, wanted)
    return _Found(
        situation=asks,
        figures=figures_of(view),
        named=by_name,
        decisions=decisions_for(view, task, situation=asks) if task else Decisions(items=[]),
        near=near,
        hazards=hazards_of(view, asks) if fresh and not asks.started else [],
        files=files_for(view, task, situation=asks, limit=files) if files else [],
        left_out=left_out + sum(each.left_out for each in by_name),
    )


def _near(known: Known, task: str, asks: Situation) -> tuple[list[Item], int]:
    """Return what is near to a task and may be told, and how much near was left out."""
    if not task:
        return [], 0
    sources = [source for source in known.view.sources if source not in _OTHERWISE]
    hits = nearest(known, task, 30, sources)
    near = [hit for hit in hits if hit.document.state not in HIDDEN]
    mine = sorted((hit for hit in near if known.may_tell(hit.document)), key=_decisions_first)
    items = [known.item(hit.document, hit.score) for hit in mine]
    return [item for item in items if item.id not in asks.told], len(near) - len(mine)


def _decisions_first(hit: Hit) -> tuple[bool, float, str]:
    return hit.document.kind not in ("decision", "guidance"), -hit.score, hit.document.id


def _compose(
    found: _Found, blocks: list[Block], decided: set[str], failing: set[str], near: set[str]
) -> Brief:
    """Return what the blocks tell as one text, with the ids of what it was made from."""
    text = text_of({place: section for block in blocks for place, section in block.sections.items()})
    considered = [one for block in blocks for one in block.considered]
    files = {one.id for one in considered if one.kind == "file" and one.verdict in ("told", "asked for")}
    unasked = [one for one in considered if one.worth is not None]
    return Brief(
        trusted=True,
        reason="",
        text=text,
        tokens=found.count(text),
        decisions=[item for item in found.decisions.items if item.id in decided],
        hazards=[hazard for hazard in found.hazards if hazard.item.id in failing],
        near=[item for item in found.near if item.id in near],
        files=[file for file in found.files if file.path in files],
        named=found.named,
        withheld=found.decisions.withheld,
        left_out=found.left_out + sum(one.verdict != "told" for one in unasked),
        considered=considered,
        figures=found.figures,
    )


def _facts(item: Item) -> str:
    """Return what stands behind an item, in a few words: kind, day, confidence, id."""
    told = [item.kind if item.kind in ("decision", "guidance") else "", item.confidence, item.day or ""]
    return f"{', '.join(word for word in told if word)}; {item.id}"
