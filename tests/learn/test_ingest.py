"""What ingest learns, what it leaves alone, and what it never lets out."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from holdfast.errors import NewerRecords
from holdfast.learn import waiting
from holdfast.learn.ingest import ingest
from holdfast.learn.view import View
from holdfast.repo.location import Repository
from holdfast.testing import repositories
from holdfast.testing.sessions import ClaudeSession, CodexSession

ROOT = "/home/ada/shop"
PLANTED = {
    "prompt": "flamingo-prompt-words",
    "correction": "Never regenerate flamingo-lockfile with `npm install`: CI compares it and fails.",
    "home": "/home/ada",
    "email": "ada.lovelace@corp-example.com",
    "github": "ghp_" + "Ab3dEf6hIj9lMn2pQr5tUv8xYz1C" + "3e5G7i9K",
    "aws": "AKIA" + "QWERTYUIOPASDFGH",
    "password": "hunter2Zebra99",
}


def planted_session() -> ClaudeSession:
    session = ClaudeSession("0badcafe-0000-4000-8000-000000000001", root=ROOT, start=1_772_359_200.0)
    session.prompt(f"{PLANTED['prompt']} mail {PLANTED['email']}")
    failing = f"curl -H 'Authorization: Bearer {PLANTED['github']}' https://api.example.com/v1"
    session.bash(failing, f"curl: (22) unknown option: {PLANTED['home']}/x key {PLANTED['aws']}", exit_code=2)
    session.bash(failing.replace("curl", "curl --fail"), "ok")
    session.bash(f"pytest -q {ROOT}/tests", f"ERROR: not found: {ROOT}/tests {PLANTED['email']}", exit_code=4)
    session.bash("pytest -q", "3 passed")
    session.reject("npm install", PLANTED["correction"])
    session.edit("shop/settings.py", "x", f"PASSWORD = '{PLANTED['password']}'")
    # left open at the end: kept for when the session goes on
    session.edit("shop/keys.py", "y", f"token = '{PLANTED['github']}'")
    session.bash(
        f"deploy --password {PLANTED['password']} --as {PLANTED['email']}",
        f"error: invalid token {PLANTED['github']} for {PLANTED['email']}",
        exit_code=1,
    )
    return session


def blobs(repository: Repository) -> bytes:
    """Return every byte that the records branch holds, messages of commits and names of files with them."""
    listed = repository.git("rev-list", "--objects", "refs/heads/holdfast").decode().split("\n")
    asked = "".join(f"{line.split(' ')[0]}\n" for line in listed if line).encode()
    kinds = repository.git("cat-file", "--batch-check", input=asked).decode().split("\n")
    texts = "".join(f"{kind.split(' ')[0]}\n" for kind in kinds if " tree " not in kind and kind).encode()
    return "\n".join(listed).encode() + repository.git("cat-file", "--batch", input=texts)


def local_state(repository: Repository) -> bytes:
    """Return every byte of local state."""
    return b"".join(path.read_bytes() for path in sorted(repository.state_dir.rglob("*")) if path.is_file())


def test_the_sample_sessions_give_the_expected_learnings(view: View) -> None:
    texts = " ".join(document.text for document in view.learnings())
    assert "Use `uv run pytest -q`, not `pytest -q`" in texts
    assert "Run `npm ci` before `npm test`" in texts
    assert "gh pr diff" in texts
    assert {document.kind for document in view.learnings()} == {"failure"}
    assert view.index.sessions() == 9


def test_a_correction_waits_and_is_not_recorded(view: View, learned: Repository) -> None:
    held = list(waiting.read(learned))
    assert len(held) == 1
    assert "No new dependency" in held[0].learning.text
    assert b"No new dependency" not in blobs(learned)


def test_what_waits_is_as_old_as_its_session(view: View, learned: Repository) -> None:
    held = next(iter(waiting.read(learned))).learning
    session = view.index.get(f"session:{held.by.session}")
    assert session is not None
    assert held.created == session.day


def test_ingesting_again_changes_nothing(view: View, learned: Repository, samples: Path) -> None:
    before = view.branch.tips()
    report = ingest(view, [samples])
    assert (report.transcripts, report.unchanged, report.commit) == (0, 9, None)
    assert (report.learned, report.waiting, report.confirmed) == ([], [], 0)
    assert view.branch.tips() == before


def test_a_path_given_is_read_whatever_directory_it_names(empty: Repository, tmp_path: Path) -> None:
    session = CodexSession("5ca1ab1e-0000-7000-8000-000000000001", root="/elsewhere/entirely", start=1.7e9)
    session.bash(
        "pytest -q /elsewhere/entirely/tests", "ERROR: file or directory not found: tests", exit_code=4
    )
    session.bash("pytest -q", "3 passed")
    with View(empty) as view:
        report = ingest(view, [session.write(tmp_path / "odd name.txt")])
    assert (report.transcripts, report.failures) == (1, 1)
    assert b"/elsewhere" not in blobs(empty)


def test_files_that_are_no_transcripts_are_named_and_the_others_read(
    empty: Repository, tmp_path: Path, samples: Path
) -> None:
    files = {"empty.jsonl": b"", "binary.jsonl": b"\0\x01\x02" * 100, "notes.txt": b"hello\nworld\n"}
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    closed = tmp_path / "closed.jsonl"
    closed.mkdir()  # a directory without a transcript is no error; a missing file is
    paths = [*(tmp_path / name for name in files), tmp_path / "missing.jsonl", samples / "01-claude.jsonl"]
    with View(empty) as view:
        report = ingest(view, paths, lambda done: None)
    assert report.transcripts == 1
    reasons = {Path(item.path).name: item.reason for item in report.not_read}
    assert set(reasons) == {*files, "missing.jsonl"}
    assert "empty" in reasons["empty.jsonl"]
    assert "binary" in reasons["binary.jsonl"]
    assert "No such file" in reasons["missing.jsonl"]
    assert all(str(tmp_path) not in reason for reason in reasons.values()), "the path is named once"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file_is_named(empty: Repository, tmp_path: Path, samples: Path) -> None:
    copy = shutil.copy(samples / "01-claude.jsonl", tmp_path / "mine.jsonl")
    Path(copy).chmod(0)
    with View(empty) as view:
        report = ingest(view, [Path(copy)])
    assert "ermission" in report.not_read[0].reason


def test_a_truncated_transcript_is_read_as_far_as_it_goes(
    empty: Repository, tmp_path: Path, samples: Path
) -> None:
    data = (samples / "01-claude.jsonl").read_bytes()
    torn = tmp_path / "torn.jsonl"
    torn.write_bytes(data[: len(data) * 2 // 3] + b"\n{not json\n\xff\xfe\n")
    with View(empty) as view:
        report = ingest(view, [torn])
    assert report.transcripts == 1
    assert report.malformed == 3


def test_nothing_private_reaches_the_records_branch(empty: Repository, tmp_path: Path) -> None:
    with View(empty) as view:
        report = ingest(view, [planted_session().write(tmp_path / "planted.jsonl")])
    assert report.segments == 1
    shared = blobs(empty).lower()
    for name, text in PLANTED.items():
        assert text.lower().encode() not in shared, name
    assert not re.search(rb"\d\d:\d\d", shared), "a time of day"


def test_no_planted_secret_is_kept_in_local_state(empty: Repository, tmp_path: Path) -> None:
    with View(empty) as view:
        report = ingest(view, [planted_session().write(tmp_path / "planted.jsonl")])
        assert report.waiting, "the correction waits"
    kept = local_state(empty).lower()
    for name in ("email", "github", "aws", "password"):
        assert PLANTED[name].lower().encode() not in kept, name
    private = [*(empty.state_dir / "candidates").iterdir(), empty.state_dir / "reading.db"]
    assert {path.stat().st_mode & 0o077 for path in private} == {0}, "readable by their owner alone"


def test_a_secret_in_an_open_failure_does_not_keep_its_fix_from_being_found(
    empty: Repository, tmp_path: Path
) -> None:
    session = planted_session()
    path = session.write(tmp_path / "planted.jsonl")
    with View(empty) as view:
        ingest(view, [path])
        session.bash(f"deploy --password {PLANTED['password']} --as {PLANTED['email']}", "deployed")
        session.write(path)
        report = ingest(view, [path])
    assert report.resolved == 1


def test_escapes_and_orders_in_tool_output_are_never_mined(view: View, learned: Repository) -> None:
    held = blobs(learned) + local_state(learned)
    assert b"Ignore all earlier" not in held
    assert b"system-reminder" not in held
    assert b"\x1b[2J" not in held


def test_an_escape_in_an_error_line_is_removed_before_it_is_recorded(
    empty: Repository, tmp_path: Path
) -> None:
    session = ClaudeSession("e5cae000-0000-4000-8000-000000000001", root=ROOT, start=1_772_359_200.0)
    session.bash(
        "pytest -q", "\x1b[31mE   ModuleNotFoundError: No module named 'shop'\x1b[0m\x07", exit_code=4
    )
    session.bash("uv run pytest -q", "24 passed")
    with View(empty) as view:
        report = ingest(view, [session.write(tmp_path / "s.jsonl")])
        assert report.learned
    assert not re.search(rb"[\x1b\x07]", blobs(empty))


def test_records_of_a_newer_schema_refuse_writing(view: View, learned: Repository, samples: Path) -> None:
    head = learned.git("rev-parse", "refs/heads/holdfast").decode().strip()
    event = b'{"id":"aaaaaaaaaaaaaaaa","kind":"x","subject":"y","day":"2026-03-01","schema":9}'
    view.branch.append({"events/2026/03/aaaaaaaaaaaaaaaa.json": event}, "from the future")
    view.refresh()
    assert view.newer
    assert view.learnings(), "reading goes on"
    with pytest.raises(NewerRecords):
        ingest(view, [samples])
    assert head in learned.git("rev-list", "refs/heads/holdfast").decode()


def test_one_ingest_makes_one_commit(empty: Repository, samples: Path) -> None:
    with View(empty) as view:
        report = ingest(view, [samples])
    assert empty.git("rev-list", "--count", "refs/heads/holdfast").strip() == b"1"
    assert report.commit is not None
    message = empty.git("log", "-1", "--format=%s", "refs/heads/holdfast").decode()
    assert message.startswith("Record 9 sessions")


def test_the_user_sees_nothing_of_it_in_their_files(empty: Repository, samples: Path) -> None:
    before = repositories.snapshot(empty)
    with View(empty) as view:
        ingest(view, [samples])
    assert repositories.snapshot(empty) == before


def test_two_clones_that_learned_apart_tell_it_once(
    learned: Repository, samples: Path, tmp_path: Path, knowledge: Callable[[Repository], Any]
) -> None:
    other = repositories.make_repository(tmp_path / "other")
    with View(other) as view:
        ingest(view, [samples])
    repositories.run_git(
        other.directory,
        "fetch",
        "--quiet",
        str(learned.directory),
        "refs/heads/holdfast:refs/remotes/origin/holdfast",
    )
    with View(other) as view:
        assert len(view.learnings()) == 2 * len({document.text for document in view.learnings()})
        occurrences = {(row.session, row.family): row.count for row in view.index.occurrences()}
        report = ingest(view, [samples])
    assert (report.transcripts, report.commit) == (0, None)
    with View(learned) as view:
        alone = {(row.session, row.family): row.count for row in view.index.occurrences()}
    assert occurrences == alone, "the same bytes count once"


def test_records_that_were_removed_are_made_again(learned: Repository, samples: Path) -> None:
    """Where reading was left off is a cache; git says what was counted."""
    learned.git("branch", "--delete", "--force", "holdfast")
    with View(learned) as view:
        report = ingest(view, [samples])
        assert (report.transcripts, report.unchanged) == (9, 0)
        assert view.index.sessions() == 9


def test_what_somebody_not_accepted_here_recorded_keeps_nothing_from_being_learned(
    empty: Repository, learned: Repository, samples: Path, fetch_records: Callable[..., None]
) -> None:
    empty.git("config", "user.email", "somebody-else@example.invalid")
    fetch_records(empty, learned)
    session = ClaudeSession("0000beef-0000-4000-8000-0000000000aa", root=ROOT, start=1.7724e9)
    session.bash("pytest -q", "E   ModuleNotFoundError: No module named 'shop'", exit_code=4)
    session.bash("uv run pytest -q", "24 passed")
    log = session.write(empty.state_dir / "session.jsonl")
    with View(empty) as view:
        report = ingest(view, [log])
    assert (len(report.learned), report.confirmed) == (1, 0)


def test_a_key_is_made_of_what_may_be_shared(empty: Repository, tmp_path: Path) -> None:
    """A digest over a secret, or over a machine's path, would let it be guessed."""
    keys = []
    for number, home in enumerate(("/home/ada", "/Users/bob")):
        session = ClaudeSession(
            f"0000000{number}-0000-4000-8000-0000000000aa", root=f"{home}/shop", start=1.7e9
        )
        session.bash("pytest -q", "ModuleNotFoundError: No module named 'shop'", exit_code=4)
        session.bash(f"{home}/tools/bin/uv run pytest -q", "24 passed")
        with View(repositories.make_repository(tmp_path / str(number))) as view:
            ingest(view, [session.write(tmp_path / f"{number}.jsonl")])
            keys += [document.digest for document in view.learnings()]
    assert len(keys) == 2
    assert len(set(keys)) == 1
