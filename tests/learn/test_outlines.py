"""Outlines: kept here alone, redacted, merged, and gone for good when a person says so."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.evidence.outline import OutlineTracker, Turn
from holdfast.evidence.segments import session_key
from holdfast.learn import outlines
from holdfast.learn.outlines import Outline
from holdfast.repo.location import Repository
from holdfast.testing import repositories
from holdfast.transcripts.events import Call, Edit, Prompt, Result, SessionInfo

TOKEN = "ghp_" + "Ab3dEf6hIj9lMn2pQr5tUv8xYz1C" + "3e5G7i9K"


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return repositories.make_repository(tmp_path / "r")


def line(session: str, *said: str, at: float = 1.0, edited: tuple[str, ...] = (), **more: object) -> Outline:
    turns = [Turn(kind="prompt", text=text, at=at + place, line=place) for place, text in enumerate(said)]
    return Outline(
        session=session.ljust(16, "0"), turns=turns, edited=dict.fromkeys(edited, at), ended=at, **more
    )  # type: ignore[arg-type]


def tracker_of(text: str, *paths: str, subagent: str | None = None) -> OutlineTracker:
    tracker = OutlineTracker()
    tracker.feed(Prompt(text=text, at=1.0, subagent=subagent), 1)
    call = Call(id="e", tool="Edit", name="Edit", edits=tuple(map(Edit, paths)), subagent=subagent)
    tracker.feed(call, 2)
    tracker.feed(Result(call_id="e", status="ok", at=2.0, subagent=subagent), 3)
    return tracker


def test_what_is_kept_tells_no_secret_and_no_place_outside() -> None:
    session = SessionInfo(agent="claude-code", id="s", root="/home/ada/shop", branch=f"fix-{TOKEN}")
    told = f"the key is {TOKEN}, see /home/ada/shop/a.py and /home/ada/notes"
    found = outlines.outline_of(session, tracker_of(told, "a.py", "/etc/hosts", "../other/b.py"))
    assert found is not None
    assert TOKEN not in repr(found)
    assert "ada" not in repr(found)
    assert list(found.edited) == ["a.py"]
    assert found.turns[0].edited == ["a.py"]


def test_a_secret_at_the_cut_leaves_no_half() -> None:
    filler = "x " * ((outlines.MAX_TEXT - 20) // 2)
    found = outlines.outline_of(SessionInfo(agent="a", id="s"), tracker_of(filler + TOKEN))
    assert found is not None
    assert TOKEN[:12] not in found.turns[0].text


def test_the_log_of_a_subagent_adds_to_the_session_that_began_it() -> None:
    info = SessionInfo(agent="claude-code", id="agent-1", parent="s")
    found = outlines.outline_of(info, tracker_of("search", "a.py", subagent="agent-1"))
    assert found is not None
    assert found.session == session_key(SessionInfo(agent="claude-code", id="s"))
    assert [turn.text for turn in found.turns] == [""]


def test_nothing_said_and_nothing_edited_leaves_no_line() -> None:
    assert outlines.outline_of(SessionInfo(agent="a", id="s"), OutlineTracker()) is None


def test_the_home_folder_tells_developers_apart() -> None:
    one, other = outlines.developer_of("/home/ada/shop"), outlines.developer_of("/Users/grace/src/shop")
    assert one
    assert other
    assert one != other
    assert outlines.developer_of("/home/ada") == one
    assert outlines.developer_of("/srv/build") == outlines.developer_of(None) == ""


def test_the_file_is_for_its_owner_alone_and_is_added_to(repository: Repository) -> None:
    outlines.append(repository, [line("a", "add a cache", edited=("a.py",))])
    path = repository.state_dir / outlines.FILE
    assert path.stat().st_mode & 0o777 == 0o600
    before = path.read_bytes()
    outlines.append(repository, [line("b", "fix the test")])
    assert path.read_bytes().startswith(before)
    assert [outline.turns[0].text for outline in outlines.read(repository).values()] == [
        "add a cache",
        "fix the test",
    ]


def test_the_same_line_is_kept_once(repository: Repository) -> None:
    outlines.append(repository, [line("a", "add a cache")])
    before = (repository.state_dir / outlines.FILE).read_bytes()
    outlines.append(repository, [line("a", "add a cache")])
    assert (repository.state_dir / outlines.FILE).read_bytes() == before


def test_stretches_of_a_session_are_merged_whatever_their_bounds(repository: Repository) -> None:
    first = line("a", "one", "two", at=1.0, edited=("x.py",), branch="main")
    second = Outline(
        session=first.session,
        turns=[
            Turn(at=3.0, edited=["y.py"]),
            Turn(kind="prompt", text="three", at=9.0, line=7, edited=["x.py"]),
        ],
        edited={"y.py": 3.0, "x.py": 9.5},
        branch="topic",
        ended=9.5,
    )
    outlines.append(repository, [first, second])
    (whole,) = outlines.read(repository).values()
    assert [(turn.text, turn.edited) for turn in whole.turns] == [
        ("one", []),
        ("two", ["y.py"]),
        ("three", ["x.py"]),
    ]
    assert whole.edited == {"x.py": 1.0, "y.py": 3.0}
    assert (whole.branch, whole.ended) == ("topic", 9.5)
    outlines.append(repository, [whole])
    assert list(outlines.read(repository).values()) == [whole]


@given(st.permutations(range(4)), st.lists(st.integers(0, 3), max_size=6))
def test_neither_order_nor_repetition_of_lines_matters(order: list[int], again: list[int]) -> None:
    pieces = [line("a", f"said {n}", at=10.0 * n, edited=(f"{n}.py",)) for n in range(4)]
    whole = outlines.merged(pieces)
    mixed = outlines.merged([pieces[n] for n in (*order, *again)])
    assert mixed == whole


def test_a_torn_line_costs_nothing_else(repository: Repository) -> None:
    outlines.append(repository, [line("a", "one"), line("b", "two")])
    path = repository.state_dir / outlines.FILE
    path.write_bytes(path.read_bytes()[:-20])
    outlines.append(repository, [line("c", "three")])
    held = [outline.turns[0].text for outline in outlines.read(repository).values()]
    assert held == ["one", "three"]


@pytest.mark.parametrize("content", [b"", b"\x00\xff\n{", b'{"session": 3}\n', b"[" * 100_000])
def test_a_damaged_file_is_written_anew(repository: Repository, content: bytes) -> None:
    path = repository.ensure_state() / outlines.FILE
    path.write_bytes(content)
    assert outlines.read(repository) == {}
    outlines.append(repository, [line("a", "one")])
    assert len(outlines.read(repository)) == 1


def test_many_stretches_of_one_session_are_compacted(repository: Repository) -> None:
    for number in range(80):
        outlines.append(repository, [line("a", f"said {number}", at=float(number))])
    path = repository.state_dir / outlines.FILE
    assert len(path.read_bytes().splitlines()) < 60
    (whole,) = outlines.read(repository).values()
    assert len(whole.turns) == 80


def test_a_line_is_bounded(repository: Repository) -> None:
    outlines.append(repository, [line("a", *(f"{n} {'é' * 1400}" for n in range(200)))])
    lines = (repository.state_dir / outlines.FILE).read_bytes().splitlines()
    assert max(map(len, lines)) <= outlines.MAX_LINE
    (held,) = outlines.read(repository).values()
    assert held.turns[0].text.startswith("0 ")


def test_what_is_forgotten_does_not_come_back(repository: Repository) -> None:
    told = line("a", "Acme wants a cache", edited=("a.py",))
    outlines.append(repository, [told, line("b", "two")])
    assert outlines.forget(repository, told.session)
    assert b"Acme" not in (repository.state_dir / outlines.FILE).read_bytes()
    outlines.append(repository, [told])
    found = outlines.read(repository)[told.session]
    assert (found.turns, found.edited, found.removed) == ([], {}, "all")


def test_words_alone_can_be_forgotten(repository: Repository) -> None:
    told = line("a", "Acme wants a cache", edited=("a.py",))
    outlines.append(repository, [told, line("b", "two"), line("c", "what Acme wants")])
    assert outlines.forget_text(repository, "acme  WANTS") == 2
    assert outlines.forget_text(repository, "acme") == outlines.forget_text(repository, " ") == 0
    outlines.append(repository, [told])
    found = outlines.read(repository)[told.session]
    assert (found.turns, list(found.edited), found.removed) == ([], ["a.py"], "words")


def test_forgetting_what_is_unknown_keeps_it_away(repository: Repository) -> None:
    assert not outlines.forget(repository, "f" * 16)
    outlines.append(repository, [line("f" * 16, "late")])
    assert outlines.read(repository)["f" * 16].turns == []
