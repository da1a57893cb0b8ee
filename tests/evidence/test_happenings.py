"""What happened in a session is gathered from its events, from a line on, in a bounded number."""

from __future__ import annotations

from holdfast.evidence import happenings
from holdfast.evidence.happenings import Happening, HappeningsBuilder
from holdfast.transcripts.events import AnyEvent, Call, Edit, Result, Say


def gathered(*events: AnyEvent, first: int = 0) -> list[Happening]:
    builder = HappeningsBuilder(first)
    for line, event in enumerate(events, 1):
        builder.feed(event, line)
    return builder.found


def bash(command: str, text: str = "", code: int = 0) -> tuple[Call, Result]:
    status = "failed" if code else "ok"
    return (
        Call(id=command, tool="Bash", name="Bash", command=command),
        Result(call_id=command, status=status, text=text, exit_code=code, at=5.0),
    )


def test_failures_and_successes_bear_the_families_of_their_commands() -> None:
    failed, ran = gathered(
        *bash("cd x && pytest -q", "E   ModuleNotFoundError: No module named 'shop'", 1),
        *bash("uv run pytest -q && npm run build"),
    )
    assert (failed.kind, failed.family, failed.owners) == (
        "failed", "pytest: E ModuleNotFoundError: No module named <q>", ("pytest",),
    )  # fmt: skip
    assert (ran.kind, ran.owners, ran.at) == ("ran", ("npm run build", "pytest"), 5.0)


def test_edits_bear_what_came_and_went() -> None:
    call = Call(id="e", tool="Edit", name="Edit", edits=(Edit("a.py", "old", "new"),))
    assert gathered(call, Result(call_id="e", status="ok")) == [
        Happening("edited", None, text="new", removed="old", names=("a.py",))
    ]


def test_a_refused_call_bears_the_words_of_who_refused_it() -> None:
    call, _ = bash("npm install left-pad")
    refused = Result(call_id=call.id, status="rejected", words="no new dependency")
    (found,) = gathered(call, refused)
    assert (found.kind, found.text) == ("rejected", "npm install left-pad\nno new dependency")


def test_ids_are_cited_in_prose_by_a_command_and_by_the_tool() -> None:
    tool = Call(id="t", tool="mcp__holdfast__cite", name="mcp__holdfast__cite")
    found = gathered(
        Say(text="As it failed before (czjt), I use uv; see also `k3p2`, and make it so."),
        *bash("holdfast why czjt"),
        tool,
        Result(call_id="t", status="ok", text="Noted of czjtie that it helped."),
    )
    assert [each.names for each in found if each.kind == "cited"] == [
        ("czjt", "k3p2"),
        ("czjt",),
        ("czjtie",),
    ]


def test_only_what_stands_behind_a_line_is_gathered() -> None:
    events = [*bash("make a"), *bash("make b")]
    assert [each.text for each in gathered(*events, first=4)] == ["make b"]
    assert gathered(*events, first=9) == []


def test_what_is_gathered_is_bounded() -> None:
    builder = HappeningsBuilder()
    for number in range(happenings.MAX_KEPT + 50):
        builder.feed(Say(text=f"(czjt{'abcdef'[number % 6]})"), number)
    assert len(builder.found) == happenings.MAX_KEPT
