"""The walk through recorded sessions: the product is asked, and knows nothing that came later."""

from __future__ import annotations

from pathlib import Path

import pytest
from bench.replay import made, run, scores
from bench.replay.gold import code_digest, frozen, gold_of
from bench.replay.past import cases_of
from bench.replay.policies import Answers
from bench.replay.walk import Walk


def said_in(folder: Path, sessions: int, monkeypatch: pytest.MonkeyPatch) -> dict[str, Answers]:
    monkeypatch.setattr(made, "SESSIONS", sessions)
    made.write(folder / "sessions")
    cases = cases_of(folder / "sessions", gold_of(folder / "sessions"))["made/loud"]
    walk = Walk(
        folder / "sessions", folder / "repository", "made/loud", cases, cases, ("warn", "files", "fix")
    )
    walk.run()
    return walk.said["holdfast"]


def plain(said: Answers) -> list[object]:
    warned = [(one.own, one.rate, one.sessions, one.text) for one in said.warned]
    return [warned, said.files, sorted(said.fixes.values())]


@pytest.mark.usefixtures("isolated_home")
def test_what_is_said_in_a_session_is_the_same_whatever_comes_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = said_in(tmp_path / "few", 4, monkeypatch)
    more = said_in(tmp_path / "more", 6, monkeypatch)
    assert [plain(said) for said in few.values()] == [plain(more[name]) for name in few]
    assert not next(iter(few.values())).warned
    assert any(said.warned for said in few.values())
    assert any(text for said in few.values() for text in said.fixes.values())


@pytest.mark.usefixtures("isolated_home")
@pytest.mark.parametrize("part", [[], ["--held"]])
def test_both_parts_are_scored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], part: list[str]
) -> None:
    monkeypatch.setattr(made, "SESSIONS", 5)
    monkeypatch.setattr(scores, "DRAWS", 20)
    made.write(tmp_path)
    arguments = ["--transcripts", str(tmp_path), "--only", "warn", "--only", "fix", "--only", "brief"]
    monkeypatch.setattr("sys.argv", ["run.py", *arguments, *part])
    assert run.main() == 0
    told = capsys.readouterr().out
    assert f"sessions of the {'held' if part else 'dev'} part" in told
    assert "NOT the frozen one" in told
    assert "WARN recall of 5" in told


def test_the_code_of_the_gold_is_the_frozen_one() -> None:
    """When this fails: the gold is another test now. Say so, freeze it anew, and tune nothing before."""
    assert frozen()["code"] == code_digest()
