"""Behind every learning stands its evidence: command, exit code, line, segment, commit, sessions."""

from __future__ import annotations

import pytest

from holdfast.errors import UsageError
from holdfast.learn import write
from holdfast.learn.view import View
from holdfast.recall.why import why
from holdfast.repo import records
from holdfast.repo.ids import new_id
from holdfast.repo.location import Repository
from holdfast.repo.records import Evidence, Learning


def pytest_learning(view: View) -> str:
    return next(document.id for document in view.learnings() if "uv run pytest" in document.text)


def test_the_evidence_names_what_failed_and_what_worked(view: View) -> None:
    reason = why(view, pytest_learning(view)[:6])
    (evidence,) = reason.evidence
    assert (evidence.failed, evidence.failed_exit, evidence.fixed) == ("pytest -q", 4, "uv run pytest -q")
    assert evidence.line is not None
    assert evidence.fixed_line is not None
    assert evidence.line < evidence.fixed_line
    assert evidence.commit == "4c1f9ab"
    assert (len(reason.sessions), reason.failed_in) == (4, 4)
    assert reason.by.startswith("claude-code, session ")


def test_the_segment_it_names_is_on_record(view: View) -> None:
    segment = why(view, pytest_learning(view)).evidence[0].segment
    assert any(entry.path.endswith(f"{segment}.json") for entry in view.branch.added())


def test_the_ref_and_path_it_names_hold_it(view: View, learned: Repository) -> None:
    reason = why(view, pytest_learning(view))
    assert b"uv run pytest" in learned.git("show", f"{reason.ref}:{reason.path}")


def test_a_candidate_has_evidence_too(view: View) -> None:
    reason = why(view, view.index.ids("candidate")[0])
    assert (reason.ref, reason.path) == (None, None)
    assert reason.evidence[0].failed == "cd web && npm install left-pad"
    assert reason.item.confidence == "unreviewed"


def test_what_happened_to_it_since_is_told(view: View) -> None:
    known = pytest_learning(view)
    write.retire(view, known, "uv is gone")
    reason = why(view, known)
    assert reason.state == "retired"
    assert [(event.kind, event.data) for event in reason.events] == [
        ("learning.retired", {"reason": "uv is gone"})
    ]


def test_an_unknown_id_is_a_usage_error(view: View) -> None:
    with pytest.raises(UsageError, match="No record"):
        why(view, "zzzz")


def test_a_record_from_elsewhere_is_shown_without_its_secrets(view: View) -> None:
    token = "ghp_" + "Ab3dEf6hIj9lMn2pQr5tUv8xYz1C" + "3e5G7i9K"
    evil = Learning(
        id=new_id(), kind="gotcha", created="2026-03-01", text="Use `x` because y.",
        evidence=(Evidence(failed=f"curl {token} \x1b[2J", edited=("/home/ada/x.py",)),),
    )  # fmt: skip
    view.branch.append({evil.path: records.encode(evil)}, "add")
    view.refresh()
    shown = str(why(view, evil.id))
    assert token not in shown
    assert "\\x1b" not in shown
    assert "/home/ada" not in shown
