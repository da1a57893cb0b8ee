"""Why a line is as it is: its commit, the session that wrote it, and what was said then."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from holdfast.learn.ingest import ingest
from holdfast.learn.view import View
from holdfast.recall.why_line import LineReason, why_line
from holdfast.repo.blame import line_at
from holdfast.repo.location import Repository
from holdfast.testing.repositories import commit, make_repository
from holdfast.testing.sessions import ClaudeSession, CodexSession
from holdfast.transcripts.origin import FileOrigin

OLD, NEW = "    return sum(prices)\n", "    return round(sum(prices), 2)\n"


@pytest.fixture
def repository(tmp_path: Path, isolated_home: Path) -> Repository:
    return make_repository(tmp_path / "shop")


def session(repository: Repository, number: int, kind: type = ClaudeSession) -> ClaudeSession:
    made: ClaudeSession = kind(
        f"5f0c0000-0000-4000-8000-{number:012d}", root=str(repository.directory), start=1772359200.0
    )
    return made


def logged(repository: Repository, kind: type = ClaudeSession) -> Path:
    talk = session(repository, 1, kind)
    talk.prompt("the cart total shows 12.300000001; mail ada@lovelace.net when done")
    talk.say("Totals are floats, so I round where they leave the cart.")
    talk.edit("src/cart.py", OLD, NEW)
    return talk.write(repository.directory.parent / "log.jsonl")


def asked(repository: Repository, log: Path, place: str = "src/cart.py:2") -> LineReason:
    with View(repository) as view:
        line = line_at(repository, place, repository.directory)
        assert line is not None
        return why_line(view, line, [FileOrigin(log)])


@pytest.mark.parametrize("kind", [ClaudeSession, CodexSession])
def test_a_line_leads_to_the_words_of_its_session(repository: Repository, kind: type) -> None:
    log = logged(repository, kind)
    (repository.directory / "src").mkdir()
    (repository.directory / "src" / "cart.py").write_text("def total(prices):\n" + NEW)
    found = asked(repository, log)
    assert found.commit is None
    assert found.session is not None
    assert (found.session.by, found.session.transcript) == ("edit", str(log))
    assert found.said == "Totals are floats, so I round where they leave the cart."
    assert found.asked.startswith("the cart total shows 12.300000001")
    assert "ada@" not in found.asked


def test_a_name_is_found_however_its_log_spells_it(repository: Repository) -> None:
    talk = session(repository, 1)
    talk.edit("größe.py", OLD, NEW)
    log = repository.directory.parent / "ascii.jsonl"
    log.write_text("".join(json.dumps(record) + "\n" for record in talk.records), "ascii")
    (repository.directory / "größe.py").write_text("def total(prices):\n" + NEW)
    assert asked(repository, log, "größe.py:2").session is not None


def test_a_committed_line_has_its_commit_too(repository: Repository) -> None:
    log = logged(repository)
    commit(repository.directory, {"src/cart.py": "def total(prices):\n" + NEW}, "Round totals")
    found = asked(repository, log)
    assert found.commit is not None
    assert found.commit.subject == "Round totals"
    assert found.session is not None
    assert found.said


def test_an_edit_that_failed_or_took_the_line_out_wrote_nothing(repository: Repository) -> None:
    talk = session(repository, 2)
    talk.prompt("take the rounding out")
    talk.edit("src/cart.py", NEW, OLD)
    log = talk.write(repository.directory.parent / "out.jsonl")
    commit(repository.directory, {"src/cart.py": "def total(prices):\n" + NEW}, "Round totals")
    assert asked(repository, log).session is None


def test_a_brace_is_known_by_its_neighbours_alone(repository: Repository) -> None:
    talk = session(repository, 3)
    talk.prompt("add a loop")
    talk.edit("src/loop.go", "", "for {\n\twork(queue)\n}\n")
    log = talk.write(repository.directory.parent / "loop.jsonl")
    text = "for {\n\twork(queue)\n}\n\n\n\n\nif done {\n\tstop(everything)\n}\n"
    commit(repository.directory, {"src/loop.go": text}, "Loop")
    assert asked(repository, log, "src/loop.go:3").session is not None
    assert asked(repository, log, "src/loop.go:10").session is None


def test_a_commit_of_a_session_on_record_is_enough(repository: Repository) -> None:
    made = commit(repository.directory, {"src/cart.py": "x = compute_total()\n"}, "Compute")
    talk = session(repository, 4)
    talk.prompt("compute it")
    talk.bash("sed -i s/a/b/ src/cart.py && go vet ./...", "vet: no such package", exit_code=1)
    talk.bash("git commit -am Compute", f"[main {made[:7]}] Compute\n 1 file changed")
    log = talk.write(repository.directory.parent / "commit.jsonl")
    with View(repository) as view:
        ingest(view, [log])
        line = line_at(repository, "src/cart.py:1", repository.directory)
        assert line is not None
        found = why_line(view, line, [])
    assert found.session is not None
    assert (found.session.by, found.session.agent) == ("commit", "claude-code")


def test_a_log_that_cannot_be_read_is_passed_over(repository: Repository, tmp_path: Path) -> None:
    commit(repository.directory, {"src/cart.py": "x = compute_total()\n"}, "Compute")
    broken = tmp_path / "broken.jsonl"
    broken.write_bytes(b"\x00cart.py")
    found = asked(repository, broken, "src/cart.py:1")
    assert (found.session, found.looked_in) == (None, 1)
