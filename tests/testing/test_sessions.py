"""The public test sessions are what the readers read, in each agent's format, event by event."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from holdfast.testing.copilot_session import CopilotSession
from holdfast.testing.gemini_session import GeminiSession
from holdfast.testing.sessions import ClaudeSession, CodexSession
from holdfast.transcripts.events import AnyEvent, Call, Compaction, Prompt, Result, Say, Usage
from holdfast.transcripts.transcript import open_transcript

Session = ClaudeSession | CodexSession | CopilotSession | GeminiSession
EACH = pytest.mark.parametrize("kind", [ClaudeSession, CodexSession, CopilotSession, GeminiSession])


def played(
    kind: Callable[..., Session], path: Path, *doing: Callable[[Session], None]
) -> tuple[list[AnyEvent], str]:
    session = kind("0badcafe-0000-4000-8000-000000000001", root="/home/ada/shop", start=1_772_359_200.0)
    for step in doing:
        step(session)
    transcript = open_transcript(session.write(path / "deep" / "s.jsonl"))
    events = list(transcript.events())
    assert (transcript.counts.unknown, transcript.counts.malformed) == (0, 0)
    assert transcript.session.root == "/home/ada/shop"
    return events, transcript.session.id


def of(events: list[AnyEvent], kind: type[AnyEvent]) -> list[AnyEvent]:
    return [event for event in events if isinstance(event, kind)]


@EACH
def test_words_of_both_sides_are_read(kind: Callable[..., Session], tmp_path: Path) -> None:
    events, name = played(kind, tmp_path, lambda s: s.prompt("make it pass"), lambda s: s.say("Done."))
    assert [e.text for e in events if isinstance(e, Prompt) and not e.injected] == ["make it pass"]
    assert [e.text for e in events if isinstance(e, Say)] == ["Done."]
    assert name == "0badcafe-0000-4000-8000-000000000001"


@EACH
def test_a_command_keeps_its_exit_code_and_output(kind: Callable[..., Session], tmp_path: Path) -> None:
    events, _ = played(kind, tmp_path, lambda s: s.bash("make", "no rule", 2), lambda s: s.bash("ls", "a b"))
    results = [event for event in events if isinstance(event, Result)]
    assert [(r.status, "no rule" in r.text) for r in results] == [("failed", True), ("ok", False)]
    assert results[0].exit_code == 2
    assert [event.command for event in events if isinstance(event, Call)] == ["make", "ls"]
    assert len(of(events, Usage)) >= 2


@EACH
def test_an_edit_names_its_file_relative_to_the_root(kind: Callable[..., Session], tmp_path: Path) -> None:
    events, _ = played(kind, tmp_path, lambda s: s.edit("shop/cart.py", "a = 1", "a = 2"))
    (call,) = (event for event in events if isinstance(event, Call))
    (edit,) = call.edits
    assert (edit.path, edit.removed.strip(), edit.added.strip()) == ("shop/cart.py", "a = 1", "a = 2")


@pytest.mark.parametrize("kind", [ClaudeSession, CopilotSession])
def test_a_rejection_keeps_the_persons_words(
    kind: type[ClaudeSession] | type[CopilotSession], tmp_path: Path
) -> None:
    session = kind("0badcafe-0000-4000-8000-000000000001", root="/home/ada/shop", start=1.7e9)
    session.reject("npm install", "use npm ci")
    session.compact()
    session.read("missing.py", "", missing=True)
    events = list(open_transcript(session.write(tmp_path / "s.jsonl")).events())
    results = [event for event in events if isinstance(event, Result)]
    assert [(r.status, r.words) for r in results] == [("rejected", "use npm ci"), ("failed", None)]
    assert [event.before for event in events if isinstance(event, Compaction)] == [160_000]


def test_a_rejection_without_words_and_a_compaction_are_read(tmp_path: Path) -> None:
    session = GeminiSession("0badcafe-0000-4000-8000-000000000001", root="/home/ada/shop", start=1.7e9)
    session.say("Hm.")
    session.reject("npm install")
    session.compact()
    session.read("missing.py", "", missing=True)
    session.read("there.py", "x = 1")
    events = list(open_transcript(session.write(tmp_path / "s.jsonl")).events())
    results = [event for event in events if isinstance(event, Result)]
    assert [(r.status, r.words) for r in results] == [("rejected", None), ("failed", None), ("ok", None)]
    assert len(of(events, Compaction)) == 1


@EACH
def test_the_same_calls_write_the_same_bytes(kind: Callable[..., Session], tmp_path: Path) -> None:
    for name in ("a", "b"):
        played(kind, tmp_path / name, lambda s: s.prompt("x"), lambda s: s.bash("ls", "y"))
    assert (tmp_path / "a/deep/s.jsonl").read_bytes() == (tmp_path / "b/deep/s.jsonl").read_bytes()
