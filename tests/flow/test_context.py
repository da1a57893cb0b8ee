"""What fills a context is told apart, and adds up to what the log states."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from holdfast.flow.context import ContextUse, out_of_memory, read_context
from holdfast.flow.context_log import LogFacts
from holdfast.flow.context_parts import Split, files_read
from holdfast.index.documents import Stretch
from holdfast.recall.tokens import estimate
from holdfast.testing.sessions import ClaudeSession, CodexSession
from holdfast.transcripts.events import AnyEvent, Call, Compaction, Prompt, Result, Say, Usage
from holdfast.transcripts.origin import FileOrigin

START = 1_772_359_200.0
MODEL = "claude-sonnet-4-5"


def read(session: Any, folder: Path, **more: Any) -> ContextUse:
    return read_context(FileOrigin(session.write(folder / "log.jsonl")), **more)


def part(use: ContextUse, name: str) -> int:
    return next((each.tokens for each in use.parts if each.name == name), 0)


def begun(root: Path | str = "/home/ada/shop") -> ClaudeSession:
    session = ClaudeSession("5f0c5f0c-0000", root=str(root), start=START, model=MODEL)
    session.prompt("Make the tests pass")
    return session


def note(session: ClaudeSession, **attachment: Any) -> None:
    """Let the client note what it sends to the model."""
    session._add("attachment", {})
    session.records[-1]["attachment"] = attachment


def test_it_says_how_full_the_context_is(tmp_path: Path) -> None:
    session = begun()
    session._context = 88_168
    session.say("Going on.")
    use = read(session, tmp_path)
    assert (use.used, use.window, use.percent, use.window_from) == (90_000, 200_000, 45, "table")
    assert (use.agent, use.session, use.model) == ("claude-code", "5f0c5f0c-0000", MODEL)


def test_the_parts_add_up_to_what_is_used(tmp_path: Path) -> None:
    session = begun()
    session.read("a.py", "x = 1\n" * 500)
    session.bash("pytest -q", "3 passed in 0.12s\n" * 50)
    session.edit("a.py", "x = 1", "x = 2")
    session.say("It passes.")
    use = read(session, tmp_path)
    assert abs(sum(each.tokens for each in use.parts) - use.used) <= 4
    assert all(part(use, name) for name in ("file_reads", "command_output", "agent_output", "conversation"))


def test_the_files_that_take_most_are_named_first_and_at_most_five(tmp_path: Path) -> None:
    session = begun()
    for number in range(7):
        session.read(f"part{number}.py", "x = 1\n" * (100 * number + 1))
    session.read("part6.py", "x = 1\n" * 601)
    use = read(session, tmp_path)
    assert [(file.path, file.times) for file in use.files] == [
        ("part6.py", 2), ("part5.py", 1), ("part4.py", 1), ("part3.py", 1), ("part2.py", 1),
    ]  # fmt: skip


def test_what_the_client_states_of_prompt_and_tools_is_told_apart(tmp_path: Path) -> None:
    session = begun()
    note(session, type="prompt_snapshot", systemPrompt=["You are an agent. " * 200])
    note(
        session,
        type="prompt_snapshot",
        systemPrompt=["You are an agent. " * 200],
        tools=[{"n": "text " * 600}],
    )
    note(session, type="instructions", files=[{"path": "/p/CLAUDE.md", "content": "Use tabs. " * 50}])
    session.say("I begin.")
    session.bash("ls", "a")
    use = read(session, tmp_path)
    assert use.told_apart
    assert [file.path for file in use.instruction_files] == ["/p/CLAUDE.md"]
    assert part(use, "instructions") > part(use, "tool_definitions") > 3000


def test_without_that_the_instruction_files_of_the_project_are_taken(tmp_path: Path) -> None:
    (tmp_path / "CLAUDE.md").write_text("Use tabs. " * 400)
    session = begun(tmp_path)
    session.say("I begin.")
    use = read(session, tmp_path / "logs")
    assert not use.told_apart
    assert [file.path for file in use.instruction_files] == ["CLAUDE.md"]
    assert part(use, "instructions") == pytest.approx(estimate("Use tabs. " * 400), abs=2)
    assert part(use, "tool_definitions") > part(use, "instructions")


def test_codex_states_its_window_and_its_instructions(tmp_path: Path) -> None:
    session = CodexSession("5f0c", root="/home/ada/shop", start=START, model="gpt-5.5")
    session.records[0]["payload"]["base_instructions"] = {"text": "You are an agent. " * 300}
    session.prompt("Make the tests pass")
    session.bash("cat README.md docs/a.md", "A shop.\n" * 99)
    usage = {"input_tokens": 30_000, "cached_input_tokens": 0, "output_tokens": 9}
    info = {"last_token_usage": usage, "model_context_window": 258_400}
    session._add("event_msg", {"type": "token_count", "info": info})
    use = read(session, tmp_path)
    assert (use.window, use.window_from, use.percent) == (258_400, "log", 11)
    assert part(use, "instructions") == pytest.approx(estimate("You are an agent. " * 300), abs=2)
    assert {file.path for file in use.files} == {"README.md", "docs/a.md"}


def test_only_the_present_context_counts_and_each_compaction_is_a_loss(tmp_path: Path) -> None:
    session = begun()
    session.read("a.py", "x = 1\n" * 5000)
    session.compact(150_000)
    session.compact(160_000)
    session.prompt("Go on")
    session.bash("pytest -q", "3 passed in 0.12s\n" * 50)
    use = read(session, tmp_path)
    assert (use.out_of_memory, use.lost_at, use.exchanges) == (2, (150_000, 160_000), 1)
    assert (use.files, part(use, "file_reads")) == ((), 0)


def test_a_set_window_comes_before_the_table_and_what_was_seen_before_both(tmp_path: Path) -> None:
    session = begun()
    session._context = 88_168
    session.say("Going on.")
    use = read(session, tmp_path, chosen={"claude-sonnet": 100_000})
    assert (use.window, use.percent, use.window_from) == (100_000, 90, "config")
    session._context = 298_168
    session.say("Going on.")
    use = read(session, tmp_path)
    assert (use.window, use.window_from) == (1_000_000, "seen")


def test_a_model_that_nobody_knows_has_no_percentage(tmp_path: Path) -> None:
    session = ClaudeSession("5f0c", root="/", start=START, model="somebody-s-own")
    session.say("Hello")
    use = read(session, tmp_path)
    assert use.used > 0
    assert (use.window, use.percent) == (0, None)


def test_what_holdfast_told_is_counted_as_its_own(tmp_path: Path) -> None:
    session = begun()
    session.bash("holdfast recall 'frob'", "Use x, since y. " * 20)
    session.bash("pytest -q", "3 passed")
    assert part(read(session, tmp_path), "holdfast") > 50
    assert part(read(session, tmp_path, told=lambda _: 800), "holdfast") > 400


def test_signs_of_a_worn_out_context_are_listed(tmp_path: Path) -> None:
    session = begun()
    for number in range(3):
        session.bash(f"make it{number}", "frob: cannot open the lock file", exit_code=2)
    for _ in range(2):
        session.read("a.py", "x = 1\n")
    assert [sign.kind for sign in read(session, tmp_path).worn] == ["error", "reread"]


def test_a_file_changed_since_is_a_sign_only_while_the_session_goes_on(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("one\n")
    session = ClaudeSession("5f0c", root=str(tmp_path), start=time.time() - 600, model=MODEL)
    session.read("a.py", "one\n")
    session.write(tmp_path / "log.jsonl")
    os.utime(tmp_path / "a.py", (time.time() - 60, time.time() - 60))
    assert [sign.kind for sign in read(session, tmp_path).worn] == ["changed"]
    old = ClaudeSession("5f0d", root=str(tmp_path), start=START, model=MODEL)
    old.read("a.py", "one\n")
    assert read(old, tmp_path).worn == ()


def test_sessions_on_record_are_counted_once_each() -> None:
    def stretch(session: str, compactions: int) -> Stretch:
        return Stretch(segment=f"{session}{compactions}", session=session, compactions=compactions)

    assert out_of_memory([stretch("a", 0), stretch("a", 2), stretch("b", 0), stretch("c", 1)]) == (3, 2)
    assert out_of_memory([]) == (0, 0)


@pytest.mark.parametrize(
    ("command", "files"),
    [
        ("cat src/a.py", ["src/a.py"]),
        ("sed -n '1,20p' src/a.py", ["src/a.py"]),
        ("cd web && head -5 a.ts b.ts", ["a.ts", "b.ts"]),
        ("rg TODO src/a.py", []),
        ("pytest tests/a.py", []),
    ],
)
def test_a_command_that_only_prints_files_reads_them(command: str, files: list[str]) -> None:
    assert files_read(Call(id="1", tool="Bash", name="Bash", command=command)) == files


_TEXT = some.text(max_size=200)
_EVENTS = some.one_of(
    some.builds(Prompt, text=_TEXT, injected=some.booleans()),
    some.builds(Say, text=_TEXT),
    some.builds(Call, id=some.sampled_from("ab"), tool=some.sampled_from(["Bash", "Read", "Edit", "Task"]),
                name=some.just("x"), command=some.none() | _TEXT, paths=some.just(("a.py",))),
    some.builds(Result, call_id=some.sampled_from("abc"), status=some.just("ok"), text=_TEXT),
    some.builds(Usage, message_id=some.just("m"), input=some.integers(0, 300_000)),
    some.just(Compaction()),
)  # fmt: skip


@settings(max_examples=200)
@given(some.lists(_EVENTS, max_size=25), _TEXT, _TEXT, some.integers(0, 5000))
def test_whatever_happens_the_parts_are_positive_and_add_up(
    events: list[AnyEvent], prompt: str, tools: str, told: int
) -> None:
    split = Split(estimate)
    for event in events:
        split.feed(event)
    parts = split.content(LogFacts(prompt=prompt, tools=tools), {"A.md": prompt}, told).parts
    assert all(each.tokens > 0 for each in parts)
    if split.used:
        assert abs(sum(each.tokens for each in parts) - split.used) <= len(parts)


def test_a_log_that_is_damaged_is_read_as_far_as_can_be(tmp_path: Path) -> None:
    session = begun()
    session.say("Hello")
    path = session.write(tmp_path / "log.jsonl")
    broken = b'{"type":"attachment","attachment":{"type":"prompt_snapshot","systemPrompt":7,"tools":\n'
    strange = json.dumps({"type": "attachment", "attachment": {"type": "instructions", "files": 3}}).encode()
    path.write_bytes(path.read_bytes() + broken + strange + b"\n\xff\n")
    assert read_context(FileOrigin(path)).used > 0


def test_each_model_has_its_own_figures(tmp_path: Path) -> None:
    session = begun()
    session.say("One.")
    session.model = "claude-opus-5-5"
    session.say("Two.")
    session.say("Three.")
    models = read(session, tmp_path).models
    assert [(each.model, each.messages, each.window) for each in models] == [
        ("claude-opus-5-5", 2, 1_000_000), (MODEL, 1, 200_000),
    ]  # fmt: skip
    assert models[0].peak > models[1].peak
