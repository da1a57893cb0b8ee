"""A guard stops a call once, says why, and lets the same call through when it is sent again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from holdfast.hook.guards import guarded
from holdfast.hook.incoming import Incoming
from holdfast.hook.moment import Moment, Told
from holdfast.hook.place import Place
from holdfast.hook.published import NAME, Published, lines_of
from holdfast.learn.guard_files import Guard
from holdfast.recall.guarding import data_of

NPM = Guard(rule="Never run `npm install`.", commands=("npm install", "npm i"), instead="`pnpm install`")
SCHEMA = Guard(rule="Never edit the schema.", source="AGENTS.md", paths=("db/schema.rb",))
Call = Callable[..., Told | None]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    root = tmp_path / "project"
    (root / ".git" / "holdfast").mkdir(parents=True)
    (root / "AGENTS.md").write_text(f"# Rules\n- {SCHEMA.rule}\n")
    made = Place(str(root), str(root / ".git"), str(root / ".git"))
    made.state = str(root / ".git" / "holdfast")
    return made


@pytest.fixture
def call(place: Place) -> Call:
    """Let an agent call a tool where guards stand; tell what is said of it, as the hook's runner does."""

    def made(
        command: str = "",
        *guards: Guard,
        path: str = "",
        agent: str = "claude-code",
        session: str = "one",
        now: float = 1000.0,
        **more: Any,
    ) -> Told | None:
        known = {f"guard{number}": guard for number, guard in enumerate(guards or (NPM, SCHEMA), 1)}
        rows = [data_of(name, guard) for name, guard in known.items()]
        file = Path(place.state, NAME)
        file.write_bytes(lines_of({"guards": msgspec.json.encode(rows).decode()}))
        given = {"command": command, "description": "try"} if command else {"file_path": path}
        told = {
            "session_id": session, "cwd": place.root, "tool_name": "Bash" if command else "Edit",
            "tool_input": given, **more,
        }  # fmt: skip
        moment = Moment(Incoming(agent, "call", told), place, Published(str(file)), now)
        said = guarded(moment)
        if said is not None and not moment.journal.tell(now, said.surface, said.ids, **said.noted):
            return None
        return said

    return made


def words(place: Place, session: str = "one") -> list[str]:
    return [line["do"] for line in lines(place, session)]


def lines(place: Place, session: str = "one") -> list[dict[str, Any]]:
    from holdfast.hook.moment import session_key

    path = Path(place.state, "journal", f"{session_key('claude-code', session)}.jsonl")
    return [msgspec.json.decode(line) for line in path.read_bytes().splitlines()]


def test_what_breaks_a_rule_is_stopped_with_the_rule_and_what_to_do(call: Call) -> None:
    said = call("cd web && npm i lodash")
    assert said is not None
    assert said.deny
    assert "“Never run `npm install`”" in said.text
    assert "Instead: `pnpm install`." in said.text


def test_what_breaks_no_rule_is_met_with_silence_and_no_line(call: Call, place: Place) -> None:
    assert call("pnpm install") is None
    assert call(path=f"{place.root}/db/structure.sql") is None
    assert call("cd /srv/other && npm install") is None
    assert not Path(place.state, "journal").exists()


def test_the_same_call_sent_again_is_let_through_and_written_down(call: Call, place: Place) -> None:
    assert call("npm install x") is not None
    assert call("npm  install x") is None
    assert words(place) == ["denied", "told", "passed"]
    assert lines(place)[-1]["digest"] == lines(place)[0]["digest"]


def test_a_guard_stops_once_in_a_context(call: Call, place: Place) -> None:
    assert call("npm install x") is not None
    assert call("npm install y") is None
    assert lines(place)[-1]["digest"] != lines(place)[0]["digest"]


def test_another_guard_and_another_session_are_not_spent(call: Call, place: Place) -> None:
    assert call("npm install x") is not None
    assert call(path=f"{place.root}/db/schema.rb") is not None
    assert call("npm install x", session="two") is not None


def test_after_a_compaction_it_stops_once_more(call: Call, place: Place) -> None:
    from holdfast.hook.journal import Journal
    from holdfast.hook.moment import session_key

    assert call("npm install x") is not None
    Journal(place.state, session_key("claude-code", "one")).add(1001, "context", reason="compact")
    assert call("npm install y") is not None


def test_the_same_call_in_a_new_context_is_no_insisting(call: Call, place: Place) -> None:
    from holdfast.hook.journal import Journal
    from holdfast.hook.moment import session_key

    assert call("npm install x") is not None
    Journal(place.state, session_key("claude-code", "one")).add(1001, "context", reason="compact")
    assert call("npm install x") is not None
    assert "passed" not in words(place)


def test_what_was_insisted_on_is_not_stopped_again_in_that_session(call: Call, place: Place) -> None:
    from holdfast.hook.journal import Journal
    from holdfast.hook.moment import session_key

    assert call("npm install x") is not None
    assert call("npm install x") is None
    Journal(place.state, session_key("claude-code", "one")).add(1001, "context", reason="compact")
    assert call("npm install x") is None
    assert call("npm install y") is None


def test_an_agent_inside_another_has_a_context_of_its_own(call: Call) -> None:
    assert call("npm install x") is not None
    assert call("npm install y", agent_id="sub") is not None


def test_one_call_told_of_twice_is_stopped_and_not_let_through(call: Call, place: Place) -> None:
    assert call("npm install x", tool_use_id="call-1") is not None
    assert call("npm install x", tool_use_id="call-1") is None
    assert "passed" not in words(place)


def test_edits_are_stopped_by_path_whatever_tool_makes_them(call: Call, place: Place) -> None:
    patch = "*** Begin Patch\n*** Update File: db/schema.rb\n@@\n-a\n+b\n*** End Patch"
    assert call(path="db/schema.rb", session="1") is not None
    assert call(session="2", tool_name="apply_patch", tool_input={"command": patch}) is not None
    assert call("sed -i s/a/b/ db/schema.rb", session="3") is not None
    assert call(path="db/schema.rb", session="4", tool_name="Read") is None
    assert call(path="/srv/other/db/schema.rb", session="5") is None


def test_a_rewrite_replaces_each_such_call_and_says_so(call: Call, place: Place) -> None:
    guard = msgspec.structs.replace(NPM, rewrite="pnpm install")
    said = call("npm install x", guard)
    assert said is not None
    assert not said.deny
    assert said.rewrite == {"command": "pnpm install x", "description": "try"}
    assert "The call is now `pnpm install x`" in said.text
    again = call("npm install y", guard)
    assert again is not None
    assert again.rewrite == {"command": "pnpm install y", "description": "try"}
    assert words(place) == ["rewritten", "told", "rewritten", "told"]


def test_of_a_call_that_two_guards_stand_against_all_is_said_at_once(call: Call, place: Place) -> None:
    other = Guard(rule="Nothing is installed on Fridays.", commands=("npm *",))
    said = call("npm install x", NPM, other)
    assert said is not None
    assert "Never run `npm install`" in said.text
    assert "Nothing is installed on Fridays" in said.text
    assert call("npm install x", NPM, other) is None
    assert words(place) == ["denied", "denied", "told", "passed", "passed"]


def test_what_a_guard_stops_is_not_replaced_by_another(call: Call) -> None:
    put = msgspec.structs.replace(NPM, rewrite="pnpm install")
    said = call("npm install x", put, Guard(rule="Not now.", commands=("npm *",)))
    assert said is not None
    assert said.deny


def log_of(place: Place, *messages: tuple[str, ...]) -> str:
    """Write a log of Claude Code: the calls of some messages, each message answered before the next."""
    written = []
    for number, calls in enumerate(messages):
        blocks = [[{"type": "tool_use", "id": each}] for each in calls]
        written += [
            {"type": "assistant", "message": {"id": f"m{number}", "content": each}} for each in blocks
        ]
        results = [[{"type": "tool_result", "tool_use_id": each}] for each in calls]
        written += [{"type": "user", "message": {"content": each}} for each in results]
    path = Path(place.root, "log.jsonl")
    path.write_bytes(b"\n".join(map(msgspec.json.encode, written)) + b"\n")
    return str(path)


def test_all_that_one_message_sends_is_stopped_and_said_to_be(call: Call, place: Place) -> None:
    log = log_of(place, ("a", "b", "c"), ("d",))
    assert call("npm install x", tool_use_id="a", transcript_path=log) is not None
    for number, line in (("b", "npm install y"), ("c", "npm install x")):
        beside = call(line, tool_use_id=number, transcript_path=log)
        assert beside is not None, "its agent had not heard yet"
        assert beside.deny
    assert call("npm install x", tool_use_id="d", transcript_path=log) is None
    assert words(place) == ["denied", "told"] * 3 + ["passed"]


@pytest.mark.parametrize(
    ("here", "there"), [("Never edit the schema.", "Edit it."), ("Edit it.", "Never edit the schema.")]
)
def test_a_rule_counts_in_the_worktree_that_has_it(call: Call, place: Place, here: str, there: str) -> None:
    Path(place.root, "AGENTS.md").write_text(f"- {here}\n")
    other = Path(place.root).parent / "other"
    (other / "db").mkdir(parents=True)
    (other / "AGENTS.md").write_text(f"- {there}\n")
    assert (call(path=f"{place.root}/db/schema.rb", session="1") is not None) is (here == SCHEMA.rule)
    place.root = str(other)
    assert (call(path=f"{other}/db/schema.rb", session="2") is not None) is (there == SCHEMA.rule)


def test_where_a_call_cannot_be_replaced_it_is_stopped(call: Call) -> None:
    guard = msgspec.structs.replace(NPM, rewrite="pnpm install")
    other_agent = call("npm install x", guard, agent="cursor")
    quoted = call("bash -c 'npm install'", guard)
    assert other_agent is not None
    assert other_agent.deny
    assert quoted is not None
    assert quoted.deny


def test_a_guard_whose_day_has_passed_says_nothing(call: Call) -> None:
    guard = msgspec.structs.replace(NPM, until="2026-01-01")
    assert call("npm install", guard, now=1_767_300_000.0) is not None
    assert call("npm install", guard, session="two", now=1_767_400_000.0) is None


def test_what_is_exempt_is_not_stopped(call: Call) -> None:
    guard = msgspec.structs.replace(NPM, unless=("npm install -g", "FORCE=*"))
    assert call("npm install -g pnpm", guard) is None
    assert call("FORCE=1 npm install", guard) is None
    assert call("npm install -g pnpm && npm install", guard) is not None


@pytest.mark.parametrize(
    "published", ["null", "3", '[null, {"id": 1}, {"id": "x", "commands": "npm"}]', "{}"]
)
def test_damaged_guards_stop_nothing(place: Place, published: str) -> None:
    file = Path(place.state, NAME)
    file.write_bytes(lines_of({"guards": published}))
    told = {
        "session_id": "s",
        "cwd": place.root,
        "tool_name": "Bash",
        "tool_input": {"command": "npm install"},
    }
    assert guarded(Moment(Incoming("codex", "call", told), place, Published(str(file)), 1.0)) is None


def test_without_a_journal_nothing_is_stopped(call: Call, place: Place) -> None:
    Path(place.state, "journal").write_text("in the way")
    assert call("npm install x") is None


def test_a_file_that_a_line_writes_is_told_by_where_the_line_runs(call: Call, place: Place) -> None:
    migrations = Guard(rule="Never edit a migration.", paths=("db/migrate/**",))
    line = "sed -i s/a/b/ 001.sql"
    assert call(line, migrations) is None
    stopped = call(line, migrations, cwd=f"{place.root}/db/migrate")
    assert stopped is not None
    assert stopped.deny
