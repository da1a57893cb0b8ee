"""A linter's findings are known again, and what silenced them is told from what did not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.evidence.episodes import EpisodeTracker
from holdfast.evidence.findings import directives, findings
from holdfast.transcripts.events import AnyEvent, Call, Edit, Result

NILERR = "cmd/resume.go:279:2: error is not nil (line 271) but it returns nil (nilerr)"
UNUSED = "cmd/resume.go:243:30: unused-parameter: parameter 'repo' seems to be unused (revive)"


class Session:
    """Events of one session, numbered as they come."""

    def __init__(self) -> None:
        self.tracker = EpisodeTracker()
        self.number = 0

    def _feed(self, call: Call, text: str, *, ok: bool) -> None:
        events: list[AnyEvent] = [call, Result(call_id=call.id, status="ok" if ok else "failed", text=text)]
        for event in events:
            self.tracker.feed(event)

    def run(self, command: str, text: str = "", *, ok: bool = False) -> None:
        self.number += 1
        self._feed(Call(id=str(self.number), name="Bash", tool="Bash", command=command), text, ok=ok)

    def edit(self, added: str, removed: str = "return nil") -> None:
        self.number += 1
        edit = Edit("cmd/resume.go", removed, added)
        self._feed(Call(id=str(self.number), name="Edit", tool="Edit", edits=(edit,)), "", ok=True)

    @property
    def ended(self) -> set[str]:
        return {found.directive for found in self.tracker.findings.found} - {""}


def test_a_directive_that_names_the_rule_ended_the_finding_that_is_gone() -> None:
    session = Session()
    session.run("make lint", f"{NILERR}\n{UNUSED}")
    session.edit("return nil //nolint:nilerr // best effort")
    assert session.ended == set()
    session.run("make lint", UNUSED)
    assert session.ended == {"//nolint:nilerr"}


def test_a_directive_for_another_rule_or_one_that_was_there_ends_nothing() -> None:
    session = Session()
    session.run("make lint", NILERR)
    session.edit("x := 1 //nolint:gosec")
    session.edit("return nil //nolint:nilerr", removed="return err //nolint:nilerr")
    session.run("make lint", ok=True)
    assert session.ended == set()


def test_a_finding_that_is_still_reported_has_not_ended() -> None:
    session = Session()
    session.run("make lint", NILERR)
    session.edit("return nil //nolint:nilerr")
    session.run("make lint", NILERR.replace("279", "280"))
    assert session.ended == set()
    session.run("go vet ./...", ok=True)
    assert session.ended == set()
    session.run("make fmt && make lint", ok=True)
    assert session.ended == {"//nolint:nilerr"}


def test_a_session_that_is_read_on_goes_on_where_it_was() -> None:
    session = Session()
    session.run("make lint", NILERR)
    session.edit("return nil //nolint:nilerr")
    session.tracker = EpisodeTracker(session.tracker.state)
    session.run("make lint", ok=True)
    assert session.ended == {"//nolint:nilerr"}


def test_a_finding_is_the_same_in_another_file_and_line() -> None:
    (one,) = findings(NILERR)
    (other,) = findings(
        "\x1b[31mpkg/other.go:9:14:\x1b[0m error is not nil (line 3) but it returns nil (nilerr)"
    )
    assert (one.specific, one.rules) == (other.specific, ("nilerr",))
    assert one != findings(UNUSED)[0]


@pytest.mark.parametrize(("line", "rule"), [
    ("src/a.ts(3,5): error TS2304: Cannot find name 'x'.", "TS2304"),
    ("  12:5  error  'x' is never used  no-unused-vars", "no-unused-vars"),
    ("app/models.py:3:1: F401 'os' imported but unused", "F401"),
    ("lib/x.rb:1:1: C: [Correctable] Missing magic comment (Style/FrozenStringLiteral)", ""),
    ("ok  	example.com/shop	0.012s", ""),
    ("main.go:3:1: undefined: foo (typecheck)", ""),
])  # fmt: skip
def test_a_finding_names_its_rule(line: str, rule: str) -> None:
    assert [each for found in findings(line) for each in found.rules] == ([rule] if rule else [])


@pytest.mark.parametrize(("text", "written"), [
    ("x = y  # noqa: E501, F401", ["# noqa: E501", "# noqa: F401"]),
    ("x = y  # type: ignore[arg-type]", ["# type: ignore[arg-type]"]),
    ("//nolint:gosec,errcheck // fine", ["//nolint:gosec", "//nolint:errcheck"]),
    ("// eslint-disable-next-line no-console", ["// eslint-disable-next-line no-console"]),
    ("#[allow(dead_code)]", ["#[allow(dead_code)]"]),
    ("nothing of that sort", []),
])  # fmt: skip
def test_a_directive_is_read_as_one_writes_it(text: str, written: list[str]) -> None:
    assert [form for form, _ in directives(text)] == written


@given(st.text())
def test_any_output_can_be_looked_at(text: str) -> None:
    assert len(findings(text)) <= 40
    assert all(rule for _, rule in directives(text))
