"""The operational layer for coding agents.

The names here are the public interface; each is imported when it is first used::

    import holdfast

    with holdfast.open_view(".") as view:
        holdfast.ingest(view, [Path("session.jsonl")])
        answer = holdfast.recall_failure(view, "pytest -q", output)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from holdfast.errors import HoldfastError as HoldfastError
    from holdfast.hook.signature import sign as sign
    from holdfast.learn.gate import judge as judge
    from holdfast.learn.ingest import ingest as ingest
    from holdfast.learn.redact import redact as redact
    from holdfast.learn.view import View as View
    from holdfast.learn.view import open_view as open_view
    from holdfast.learn.write import learn_text as learn_text
    from holdfast.measure.audit.run import audit as audit
    from holdfast.measure.digest import digest as digest
    from holdfast.measure.repeats import repeats as repeats
    from holdfast.measure.tour import tour as tour
    from holdfast.measure.tuition.report import tuition as tuition
    from holdfast.measure.tuition.sessions import read_sessions as read_sessions
    from holdfast.recall.approach import recall_approach as recall_approach
    from holdfast.recall.before_call import recall_call as recall_call
    from holdfast.recall.brief import brief as brief
    from holdfast.recall.failures import recall_failure as recall_failure
    from holdfast.recall.search import recall_words as recall_words
    from holdfast.recall.situation import Situation as Situation
    from holdfast.recall.why import why as why
    from holdfast.repo.location import Repository as Repository
    from holdfast.transcripts.discovery import expand as expand
    from holdfast.transcripts.transcript import Transcript as Transcript
    from holdfast.transcripts.transcript import open_transcript as open_transcript

_HOMES = {
    "HoldfastError": "holdfast.errors",
    "Repository": "holdfast.repo.location",
    "Situation": "holdfast.recall.situation",
    "Transcript": "holdfast.transcripts.transcript",
    "View": "holdfast.learn.view",
    "audit": "holdfast.measure.audit.run",
    "brief": "holdfast.recall.brief",
    "digest": "holdfast.measure.digest",
    "expand": "holdfast.transcripts.discovery",
    "ingest": "holdfast.learn.ingest",
    "judge": "holdfast.learn.gate",
    "learn_text": "holdfast.learn.write",
    "open_transcript": "holdfast.transcripts.transcript",
    "open_view": "holdfast.learn.view",
    "read_sessions": "holdfast.measure.tuition.sessions",
    "recall_approach": "holdfast.recall.approach",
    "recall_call": "holdfast.recall.before_call",
    "recall_failure": "holdfast.recall.failures",
    "recall_words": "holdfast.recall.search",
    "redact": "holdfast.learn.redact",
    "repeats": "holdfast.measure.repeats",
    "sign": "holdfast.hook.signature",
    "tour": "holdfast.measure.tour",
    "tuition": "holdfast.measure.tuition.report",
    "why": "holdfast.recall.why",
}

__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name not in _HOMES:
        raise AttributeError(f"holdfast has no public name {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(_HOMES)
