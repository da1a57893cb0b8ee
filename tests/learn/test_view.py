"""The view holds exactly what records, documents and candidates say, however it came to it."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from holdfast.errors import EnvironmentProblem, NewerRecords, UsageError
from holdfast.index.store import Index
from holdfast.learn import write
from holdfast.learn.ingest import ingest
from holdfast.learn.view import HIDDEN, View, open_view
from holdfast.repo import records
from holdfast.repo.ids import new_id
from holdfast.repo.location import Repository
from holdfast.repo.own_records import HERE
from holdfast.repo.purge import purge
from holdfast.repo.records import Applies, Author, Learning, RecordEvent, Segment, SignatureStatistics, Source
from holdfast.testing import repositories

TEXTS = [
    "Run `make gen` after editing `api/schema.proto`, because CI compares the generated files and fails.",
    "Use `npm ci` in `web/`, not `npm install`, which rewrites `package-lock.json` so that deploys fail.",
    "Set `PGTZ=UTC` before `pytest tests/db`, because the fixtures assume it; without it 4 tests fail.",
    "Call `Money.round` for totals in `shop/cart.py`; plain `round` was off by a cent for three items.",
]
NOTES = [
    "# Notes\n\n- Keep `shop/cart.py` pure.\n- Never push on Friday.\n",
    "- one\n- two `make lint`\n",
    "",
]


def learning(text: str = TEXTS[0], **fields: Any) -> Learning:
    values = {"id": new_id(), "kind": "gotcha", "created": "2026-03-01", "text": text}
    return Learning(**{**values, **fields})


def add(view: View, *found: Learning | Segment | RecordEvent) -> None:
    view.branch.append({record.path: records.encode(record) for record in found}, "add")
    view.refresh()


def segment(**fields: Any) -> Segment:
    values = {
        "id": new_id(), "session": "aaaabbbbccccdddd", "agent": "codex", "day": "2026-03-01",
        "extractor": "1",
        "transcript": Source(digest="d" * 64, start=0, end=10),
        "signatures": (SignatureStatistics(family="f", specific="s", command="c", occurrences=1),),
    }  # fmt: skip
    return Segment(**{**values, **fields})


QUESTIONS = [
    "npm ci web",
    "round totals by a cent",
    "make gen",
    "`pytest tests/db` fails",
    "the a commit",
    TEXTS[1],
]


def held(index: Index) -> tuple[Any, ...]:
    documents = sorted(index.all(), key=lambda document: document.id)
    rows = [
        (r.segment, r.session, r.family, r.specific, r.count, r.resolved, r.learning)
        for r in index.occurrences()
    ]
    state = {key: value for key, value in index.state().items() if not key.startswith(("tip:", "stamps:"))}
    found = [index.search(question, 20) for question in QUESTIONS]
    few = [index.search(question, 3, sources=["record", "candidate"]) for question in QUESTIONS]
    figures = (index.stretches(), index.command_totals(), index.session_days())
    return documents, sorted(rows, key=repr), state, found, few, figures


def built_anew(repository: Repository) -> tuple[Any, ...]:
    for path in repository.state_dir.glob("index.db*"):
        path.unlink()
    with open_view(repository.directory) as view:
        return held(view.index)


def change_history(chance: random.Random, repository: Repository, doing: str) -> None:
    """Do one thing that a user does with git."""
    root, other = repository.root, repository.common_dir.parent.with_name("other-worktree")
    assert root is not None
    at = chance.choice([root, other] if other.exists() else [root])
    if doing == "commit":
        (at / "decisions.md").write_text(chance.choice(NOTES))
        repositories.commit(at, {}, chance.choice(TEXTS))
    elif doing == "amend":
        repositories.run_git(at, "commit", "-q", "--amend", "--allow-empty", "-m", chance.choice(TEXTS))
    elif doing == "switch":
        repositories.run_git(at, "switch", "-q", "-C", f"topic{chance.randrange(9)}{at.name}")
    elif doing == "worktree" and not other.exists():
        repositories.run_git(root, "worktree", "add", "-q", "--detach", str(other))
    elif doing == "remove" and other.exists():
        repositories.run_git(root, "worktree", "remove", "--force", str(other))
    if other.exists() and chance.random() < 0.5:
        open_view(other).index.close()


def damage(chance: random.Random, path: Path) -> None:
    """Cut the index short, write into it, make it one of a newer version, or delete it."""
    data = bytearray(path.read_bytes())
    doing = chance.choice(["cut", "write", "newer", "delete"])
    if doing == "cut":
        del data[chance.randrange(len(data)) :]
    elif doing == "write":
        data[4096:8192] = bytes(chance.randrange(256) for _ in range(4096))
    else:
        data[60:64] = (10**6).to_bytes(4, "big")
    path.unlink()
    if doing != "delete":
        path.write_bytes(data)
    with open_view(path.parent.parent.parent) as view:
        if view.index.problems():  # as a doctor does
            view.index.reset()


def _step(chance: random.Random, repository: Repository, samples: list[Path]) -> None:
    """Do one thing that a user does, in a process of its own as far as the view can tell."""
    with open_view(repository.directory) as view:
        told = view.told()
        candidates = view.index.ids("candidate")
        doing = chance.choice(
            "ingest learn accept drop retire supersede purge edit guide decide commit amend switch worktree "
            "remove damage".split()
        )
        if doing == "ingest":
            ingest(view, [chance.choice(samples)])
        elif doing == "learn":
            write.learn_text(view, chance.choice(TEXTS), anyway="for the test")
        elif doing == "supersede" and told:
            text = f"{chance.choice(TEXTS)} Part {chance.randrange(99)}."
            write.learn_text(view, text, supersedes=(chance.choice(told).id,), anyway="for the test")
        elif doing == "accept" and candidates:
            write.accept(view, chance.choice(candidates))
        elif doing == "drop" and candidates:
            write.drop(view, chance.choice(candidates))
        elif doing == "retire" and told:
            write.retire(view, chance.choice(told).id, "gone")
        elif doing == "purge" and told:
            purge(view.branch, chance.choice(told).id, "a name", "A <a@example.invalid>")
    edit(chance, repository, doing)
    change_history(chance, repository, doing)


def edit(chance: random.Random, repository: Repository, doing: str) -> None:
    """Do one thing to files."""
    assert repository.root is not None
    notes, guide = repository.root / "learnings.md", repository.root / ".holdfast" / "guidance" / "a.md"
    if doing == "damage":
        damage(chance, repository.state_dir / "index.db")
    elif doing == "edit":
        notes.write_text(chance.choice(NOTES))
    elif doing == "decide":
        for path in (repository.root / "docs/adr/0001-a.md", repository.root / "docs/adr/0002-b.md"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(chance.choice([*NOTES, "# B\n\nSupersedes ADR-1\n\n## Decision\n\nUse B.\n"]))
    elif doing == "guide":
        guide.parent.mkdir(parents=True, exist_ok=True)
        guide.write_text(chance.choice(NOTES))


@pytest.mark.parametrize("seed", range(5))
def test_refreshing_step_by_step_gives_what_filling_anew_gives(
    empty: Repository, samples: Path, seed: int
) -> None:
    chance = random.Random(seed)
    logs = sorted(samples.glob("*.jsonl"))
    for _ in range(12):
        _step(chance, empty, logs)
        with open_view(empty.directory):
            pass
    with open_view(empty.directory) as view:
        stepwise = held(view.index)
    assert stepwise == built_anew(empty)


def test_events_may_arrive_before_the_learning_they_are_about(empty: Repository) -> None:
    known = learning()
    event = RecordEvent(id=new_id(), kind="learning.retired", subject=known.id, day="2026-03-02")
    with View(empty) as view:
        add(view, event)
        assert view.learnings() == []
        add(view, known)
        assert [document.state for document in view.learnings()] == ["retired"]


def test_an_event_about_a_note_of_the_tree_changes_nothing(empty: Repository) -> None:
    assert empty.root is not None
    (empty.root / "learnings.md").write_text(NOTES[0])
    with View(empty) as view:
        note = view.index.ids(f"document:{view.worktree}")[0]
        add(view, RecordEvent(id=new_id(), kind="learning.retired", subject=note, day="2026-03-02"))
        found = view.index.get(note)
        assert found is not None
        assert found.state == ""


@pytest.mark.parametrize("reverse", [False, True])
def test_of_two_segments_from_the_same_bytes_one_counts(empty: Repository, reverse: bool) -> None:
    two = sorted([segment(), segment()], key=lambda found: found.id, reverse=reverse)
    with View(empty) as view:
        for found in two:
            add(view, found)
        assert sum(row.count for row in view.index.occurrences()) == 1
        assert held(view.index)[:2] == built_anew(empty)[:2]


def test_what_two_learnings_ended_is_counted_once(empty: Repository) -> None:
    ended = {"aaaaaaaaaaaaaaaa": 2, "bbbbbbbbbbbbbbbb": 1}
    row = SignatureStatistics(
        family="f", specific="s", command="c", occurrences=4, resolved=4, fixed_by=ended
    )
    with View(empty) as view:
        add(view, segment(signatures=(row,)))
        rows = view.index.occurrences()
    assert (sum(row.count for row in rows), sum(row.resolved for row in rows)) == (4, 4)
    assert {row.learning for row in rows} == set(ended)


def test_a_purged_record_disappears(learned: Repository) -> None:
    with View(learned) as view:
        gone = view.learnings()[0]
        purge(view.branch, gone.id, "names a customer", "A <a@example.invalid>")
        view.refresh()
        assert gone.id not in {document.id for document in view.learnings()}
        assert gone.text not in {document.text for document in view.index.all()}
        assert view.learnings(), "the others stay"


def test_a_purged_text_is_not_left_in_what_the_index_holds_free(learned: Repository) -> None:
    with View(learned) as view:
        gone = write.learn_text(view, f"{TEXTS[0]}\n\n" + "zebrafish " * 3000, anyway="for the test")
        purge(view.branch, gone.id, "names a customer", "A <a@example.invalid>")
        view.refresh()
    kept = b"".join(path.read_bytes() for path in learned.state_dir.glob("index.db*"))
    assert kept.startswith(b"SQLite")
    assert b"zebrafish" not in kept


def test_an_unreadable_record_is_counted_and_the_others_are_read(empty: Repository) -> None:
    known = learning()
    broken = {
        "learnings/gotcha/broken-aaaaaaaaaaaaaaaa.md": b"no front matter",
        "segments/2026/03/bbbbbbbbbbbbbbbb.json": b"{",
    }
    with View(empty) as view:
        view.branch.append({known.path: records.encode(known), **broken}, "add")
        view.refresh()
        assert set(view.unreadable) == set(broken)
        assert [document.id for document in view.learnings()] == [known.id]


@pytest.mark.parametrize("body", [
    b'{"id":"aaaaaaaaaaaaaaaa","kind":"x","subject":"y","day":"2026-03-01","schema":2}',
    b'{"id":"aaaaaaaaaaaaaaaa","kind":["a new shape"],"schema":2}',
])  # fmt: skip
def test_a_record_of_a_newer_schema_makes_the_view_read_only(empty: Repository, body: bytes) -> None:
    known = learning()
    with View(empty) as view:
        add(view, known)
        view.branch.append({"events/2026/03/aaaaaaaaaaaaaaaa.json": body}, "add")
        view.refresh()
        with pytest.raises(NewerRecords, match="newer Holdfast"):
            write.learn_text(view, TEXTS[1])
        assert [document.id for document in view.learnings()] == [known.id]


def test_learnings_md_is_live_and_never_rewritten(empty: Repository) -> None:
    assert empty.root is not None
    path = empty.root / "learnings.md"
    with View(empty) as view:

        def notes() -> list[str]:
            view.refresh()
            return sorted(document.text for document in view.index.all(sources=[f"document:{view.worktree}"]))

        assert notes() == []
        path.write_text(NOTES[0])
        assert notes() == ["Keep `shop/cart.py` pure.", "Never push on Friday."]
        path.write_text("- Never push on Friday.\n")
        assert notes() == ["Never push on Friday."]
        path = path.rename(empty.root / "LEARNINGS.md")
        assert notes() == ["Never push on Friday."]
        assert path.read_text() == "- Never push on Friday.\n"
        path.unlink()
        assert notes() == []


def test_another_worktrees_notes_are_not_this_ones(empty: Repository, tmp_path: Path) -> None:
    assert empty.root is not None
    (empty.root / "learnings.md").write_text("- Only in the main worktree.\n")
    repositories.run_git(empty.root, "worktree", "add", "--quiet", str(tmp_path / "other"))
    with open_view(empty.root):
        pass
    with open_view(tmp_path / "other") as other:
        assert other.index.all(sources=other.sources) == []
    with open_view(empty.root) as view:
        assert [document.text for document in view.index.all(sources=view.sources)] == [
            "Only in the main worktree."
        ]


def test_a_candidate_that_was_accepted_is_shown_as_recorded_even_when_its_file_is_left(
    learned: Repository,
) -> None:
    """As after a crash between the record and the removal."""
    file = next((learned.state_dir / "candidates").iterdir())
    data = file.read_bytes()
    with View(learned) as view:
        written = write.accept(view, file.stem)
        file.write_bytes(data)
        view.refresh()
        found = view.index.get(written.id)
        assert found is not None
        assert found.source == "record"
        assert view.index.ids("candidate") == []
    assert (written.id, "record") in {(document.id, document.source) for document in built_anew(learned)[0]}


def test_a_dropped_candidate_is_not_found_any_more(learned: Repository) -> None:
    with View(learned) as view:
        write.drop(view, view.index.ids("candidate")[0])
        assert view.index.ids("candidate") == []


@pytest.mark.parametrize("reverse", [False, True])
def test_of_two_files_that_claim_one_id_the_same_wins_whichever_came_first(
    empty: Repository, reverse: bool
) -> None:
    two = [learning(TEXTS[0], id="aaaabbbbccccdddd"), learning(TEXTS[1], id="aaaabbbbccccdddd")]
    with View(empty) as view:
        for found in reversed(two) if reverse else two:
            add(view, found)
        stepwise = held(view.index)
        assert [document.path for document in view.learnings()] == [min(found.path for found in two)]
    assert stepwise == built_anew(empty)


def test_records_from_elsewhere_are_redacted_before_they_are_indexed(empty: Repository) -> None:
    token = "ghp_" + "Ab3dEf6hIj9lMn2pQr5tUv8xYz1C" + "3e5G7i9K"
    with View(empty) as view:
        applies = Applies(commands=(token,), paths=(f"/home/ada/{token}",), tags=(f"\x1b[2J{token}",))
        add(view, learning(f"Use {token} for `gh`.\n\n## Details\n\n\x1b[2J{token}", applies=applies))
        row = SignatureStatistics(family=f"gh: {token} \x1b[2J", specific="s", command=token, occurrences=1)
        add(view, segment(signatures=(row,)))
    kept = b"".join(path.read_bytes() for path in empty.state_dir.iterdir() if path.is_file())
    assert b"[redacted:github-token]" in kept
    assert token.encode() not in kept
    assert b"\x1b[2J" not in kept
    assert b"/home/ada" not in kept


def test_a_very_long_lead_is_cut_and_found_all_the_same(empty: Repository) -> None:
    with View(empty) as view:
        add(view, learning("word " * 5000 + "zebra."))
        document = view.learnings()[0]
        assert len(document.text) <= 1010
        assert [hit.document.id for hit in view.index.search("zebra")] == [document.id]


def test_told_leaves_out_what_no_longer_holds(empty: Repository) -> None:
    one, two = learning(TEXTS[0]), learning(TEXTS[1])
    with View(empty) as view:
        add(view, one, two)
        write.retire(view, one.id, "")
        assert [document.id for document in view.told()] == [two.id]
        assert {document.state for document in view.learnings()} & HIDDEN == {"retired"}


def test_an_id_is_resolved_by_its_beginning_or_refused(empty: Repository) -> None:
    known = learning()
    with View(empty) as view:
        add(view, known)
        assert view.resolve(known.id[:5]).id == known.id
        with pytest.raises(UsageError, match="No record"):
            view.resolve("zzzz")
        assert view.record_id(known.id[:5]) == known.id
        assert view.events_of(known.id) == []


def test_where_nothing_can_be_written_reading_works(learned: Repository) -> None:
    """Files stand where local state could be, since root may write into any folder."""
    learned.state_dir.rename(learned.state_dir.with_name("elsewhere"))
    for _ in range(2):
        Repository.find(learned.directory).state_dir.write_text("in the way")
    with open_view(learned.directory) as view:
        assert len(view.learnings()) >= 3
        with pytest.raises(EnvironmentProblem) as refused:
            write.learn_text(view, TEXTS[0], anyway="for the test")
    assert refused.value.hint


def test_a_learning_keeps_its_author_and_path(empty: Repository) -> None:
    known = learning(by=Author(kind="person"))
    with View(empty) as view:
        add(view, known)
        document = view.learnings()[0]
        assert (document.author, document.path) == (HERE, known.path)
        found = view.read_record(known.path)
        assert found is not None
        assert found[0] == "refs/heads/holdfast"
        assert view.read_record("learnings/gotcha/none.md") is None
