"""``holdfast ingest --from-ref``: what a team commits is read out of git, and only read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from holdfast.repo.location import Repository

Run = Callable[..., Any]
REF = "refs/heads/entire/checkpoints/v1"


def commit(repository: Repository, files: dict[str, bytes]) -> None:
    feed = [f"commit {REF}\ncommitter A <a@example.com> 1772300000 +0000\ndata 1\nx\ndeleteall\n".encode()]
    feed += [b"M 100644 inline %s\ndata %d\n%s\n" % (p.encode(), len(d), d) for p, d in files.items()]
    repository.git("fast-import", "--quiet", "--force", input=b"".join(feed))


@pytest.fixture
def checkpoints(samples: Path) -> dict[str, bytes]:
    """Two checkpoints of one session; the second holds it all."""
    log = (samples / "01-claude.jsonl").read_bytes()
    half = b"".join(log.splitlines(keepends=True)[:6])
    metadata = b'{"session_id": "00000001-0000-4000-8000-00000000000a"}'
    return {
        "0a/1111111111/0/full.jsonl": half,
        "0a/1111111111/0/metadata.json": metadata,
        "0b/2222222222/0/full.jsonl": log,
        "0b/2222222222/0/metadata.json": metadata,
    }


def test_a_ref_is_read_and_each_session_counts_once(
    repository: Repository, holdfast: Run, checkpoints: dict[str, bytes]
) -> None:
    commit(repository, dict(list(checkpoints.items())[:2]))
    assert holdfast("ingest", "--from-ref", "entire/checkpoints/v1").code == 0
    commit(repository, checkpoints)
    before = repository.git("status", "--porcelain"), repository.git("worktree", "list")
    done = holdfast("ingest", "--from-ref", "entire/checkpoints/v1")
    assert done.code == 0
    assert done.out.startswith("Read 1 transcript (1 claude-code), ")
    assert "1 fix learned." in done.out
    again = holdfast("ingest", "--from-ref", "entire/checkpoints/v1", "--from-ref", "refs/heads/entire/*/*")
    assert again.out == "Nothing new in 1 transcript.\n"
    assert (repository.git("status", "--porcelain"), repository.git("worktree", "list")) == before


def test_the_same_session_in_a_file_adds_nothing(
    repository: Repository, holdfast: Run, checkpoints: dict[str, bytes], samples: Path
) -> None:
    commit(repository, checkpoints)
    holdfast("ingest", "--from-ref", "entire/checkpoints/v1")
    assert holdfast("ingest", str(samples / "01-claude.jsonl")).out == "Nothing new in 1 transcript.\n"


def test_an_unknown_ref_is_a_mistake_that_says_what_to_do(repository: Repository, holdfast: Run) -> None:
    done = holdfast("ingest", "--from-ref", "entire/checkpoints/v1")
    assert done.code == 2
    assert "There is no ref 'entire/checkpoints/v1'" in done.err
    assert "git fetch origin" in done.err


def test_a_ref_without_transcripts_says_that_nothing_was_read(repository: Repository, holdfast: Run) -> None:
    commit(repository, {"README.md": b"# x\n"})
    done = holdfast("ingest", "--from-ref", "entire/checkpoints/v1")
    assert done.code == 1
    assert "Nothing was read" in done.out


def test_missing_blobs_are_counted_and_named(
    repository: Repository, holdfast: Run, checkpoints: dict[str, bytes]
) -> None:
    repository.git("config", "fastimport.unpackLimit", "1000")
    commit(repository, checkpoints)
    blob = repository.git("rev-parse", f"{REF}:0b/2222222222/0/full.jsonl").decode().strip()
    (repository.common_dir / "objects" / blob[:2] / blob[2:]).unlink()
    done = holdfast("ingest", "--from-ref", "entire/checkpoints/v1", "--json")
    assert done.code == 0
    assert done.json["transcripts"] == 1
    (missing,) = done.json["not_read"]
    assert missing["path"] == "entire/checkpoints/v1:0b/2222222222/0/full.jsonl"
    assert "does not have it" in missing["reason"]


def test_a_copy_without_secrets_of_a_session_that_a_teammate_counted_adds_nothing(
    repository: Repository, holdfast: Run, checkpoints: dict[str, bytes], samples: Path
) -> None:
    """On another clone nothing tells that they are the same but the session's id."""
    assert holdfast("ingest", str(samples / "01-claude.jsonl")).code == 0
    for path in repository.state_dir.glob("reading.db*"):
        path.unlink()
    commit(repository, {path: data.replace(b"/home/ada", b"REDACTED") for path, data in checkpoints.items()})
    done = holdfast("ingest", "--from-ref", "entire/checkpoints/v1", "--json")
    assert (done.code, done.json["unchanged"], done.json["failures"]) == (0, 1, 0)
    assert done.json["commit"] is None
