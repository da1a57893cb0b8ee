"""What each tool does: typed input, one text as the answer.

Nothing is told, and nothing noted, in a repository that is not trusted on this machine. What may not be put
before an agent, because of whose it is or what it says, is counted and left to `holdfast recall`.
"""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import msgspec

from holdfast.connect.mcp import answers, telling
from holdfast.connect.mcp.asker import Asker
from holdfast.connect.mcp.project import project_of
from holdfast.errors import HoldfastError, UsageError
from holdfast.learn.view import View
from holdfast.repo.location import Repository
from holdfast.repo.trust import TrustStore

if TYPE_CHECKING:
    from holdfast.repo.records import Kind

LONGEST = 1 << 20
"""Characters of one input that are looked at."""
LONGEST_QUERY = 4000
"""Characters of a question that are looked at: it says what it is about before that."""


class Answer(NamedTuple):
    """What a tool answers; ``failed`` when it could not do what was asked."""

    text: str
    failed: bool = False


class Recall(msgspec.Struct, frozen=True):
    """What is asked for: words, an id or a file; a command; its failure; an approach."""

    query: str = ""
    command: str = ""
    output: str = ""
    approach: str = ""


class Learn(msgspec.Struct, frozen=True):
    """What is to be noted, and the user's own words that stand behind it."""

    text: str
    quote: str = ""


class Cite(msgspec.Struct, frozen=True):
    """How something that was told turned out."""

    id: str
    outcome: Literal["helped", "wrong", "stale"]
    note: str = ""


class Brief(msgspec.Struct, frozen=True):
    """The task that something may be known for."""

    task: str


INPUTS: dict[str, type[msgspec.Struct]] = {"recall": Recall, "learn": Learn, "cite": Cite, "brief": Brief}
"""What each tool takes; `declared` says the same in JSON Schema."""


def call(directory: Path, name: str, arguments: Mapping[str, Any], asker: Asker) -> Answer:
    """Call a tool and return its answer; what goes wrong is said in it.

    Args:
        directory: Where the client works.
        name: Which tool.
        arguments: What it is called with.
        asker: Who calls.
    """
    if name not in INPUTS:
        return Answer(f"There is no tool {name[:40]!r}. There are: {', '.join(INPUTS)}.", failed=True)
    try:
        asked = msgspec.convert(_cut(arguments), INPUTS[name])
    except msgspec.ValidationError as error:
        return Answer(f"{name} was not called as it is declared: {error}", failed=True)
    try:
        repository = Repository.find(project_of(directory, os.environ))
        trusted = TrustStore().state(repository)
        if not trusted.trusted:
            return Answer(answers.untrusted(trusted.reason))
        with View(repository) as view:
            return Answer(_TOOLS[name](view, asked, asker))
    except HoldfastError as error:
        return Answer(str(error), failed=True)
    except Exception as error:  # the client would only be told that its request was wrong
        traceback.print_exc()
        return Answer(f"Holdfast failed ({type(error).__name__}): nothing is known of this.", failed=True)


def _recall(view: View, asked: Recall, asker: Asker) -> str:
    if asked.output and not asked.command:
        raise UsageError("An output says little without its command.", "Give the command too.")
    told = answers.Told(view)
    if asked.command and asked.output:
        answers.failure(told, asked.command, asked.output)
    elif asked.command:
        answers.command(told, asked.command)
    if asked.approach:
        answers.approach(told, asked.approach[:LONGEST_QUERY])
    if asked.query:
        answers.words(told, asked.query[:LONGEST_QUERY])
    if not (asked.query or asked.command or asked.approach):
        raise UsageError("Nothing was asked.", "Give a query, a command or an approach.")
    telling.note(view, asker, told.ids)
    return told.text()


def _learn(view: View, asked: Learn, asker: Asker) -> str:
    from holdfast.hook.moment import session_key
    from holdfast.learn.decisions import judge_decision
    from holdfast.learn.proposing import propose
    from holdfast.learn.quoted import environment_of, propose_quoted
    from holdfast.learn.write import SETTLED
    from holdfast.repo.records import Author

    decision = judge_decision(asked.text[:LONGEST_QUERY], source="adr")
    kind: Kind = "decision" if decision is not None and decision.chance >= SETTLED else "gotcha"
    if asked.quote.strip():
        environ = environment_of(asker.agent, asker.session, os.environ)
        said = propose_quoted(
            view, asked.text, asked.quote, kind=kind, agent=asker.agent, home=Path.home(), environ=environ
        )
        return answers.proposed_quoted(said)
    session = session_key(asker.agent, asker.session) if asker.session else None
    by = Author(kind="agent", agent=asker.agent or None, session=session)
    return answers.proposed(propose(view, asked.text, kind=kind, by=by))


def _cite(view: View, asked: Cite, asker: Asker) -> str:
    from holdfast.learn.citing import cite
    from holdfast.recall.publish import publish

    cited = cite(view, asked.id, asked.outcome, note=asked.note, agent=asker.agent or "an agent")
    if cited.outcome == "wrong" and not cited.already:
        publish(view)  # hooks are not to tell it any more
    if not cited.already:
        telling.note_cited(view, asker, cited.id, asked.outcome)
    return answers.cited(cited)


def _brief(view: View, asked: Brief, asker: Asker) -> str:
    from holdfast.recall.brief import brief

    told = brief(view, asked.task)
    items = [*told.decisions, *told.near, *(hazard.item for hazard in told.hazards)]
    telling.note(view, asker, [item.id for item in items])
    return told.text or answers.NOTHING


_TOOLS: dict[str, Callable[[View, Any, Asker], str]] = {
    "recall": _recall,
    "learn": _learn,
    "cite": _cite,
    "brief": _brief,
}


def _cut(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments without what is too long, and without what was left empty."""
    return {
        name: value[:LONGEST] if isinstance(value, str) else value
        for name, value in arguments.items()
        if value is not None
    }
