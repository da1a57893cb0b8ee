from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from holdfast.hook.journal import OLD, UNASKED, Journal


def journal(folder: Path, subagent: str = "") -> Journal:
    return Journal(str(folder), "0123456789abcdef", subagent)


def test_an_item_is_told_once_in_a_context(tmp_path: Path) -> None:
    assert journal(tmp_path).tell(1.0, "failure", ["a"])
    assert not journal(tmp_path).tell(2.0, "failure", ["a", "b"])
    assert journal(tmp_path).tell(3.0, "failure", ["b"])


def test_a_compaction_makes_it_eligible_again(tmp_path: Path) -> None:
    journal(tmp_path).tell(1.0, "failure", ["a"])
    journal(tmp_path).add(2.0, "context", reason="compact")
    assert journal(tmp_path).tell(3.0, "failure", ["a"])


def test_an_agent_inside_another_has_a_context_of_its_own(tmp_path: Path) -> None:
    journal(tmp_path).tell(1.0, "failure", ["a"])
    assert journal(tmp_path, "inner").tell(2.0, "failure", ["a"])
    journal(tmp_path, "inner").add(3.0, "context", reason="compact")
    assert not journal(tmp_path).tell(4.0, "failure", ["a"])
    assert journal(tmp_path, "inner").tell(4.0, "failure", ["a"])
    journal(tmp_path).add(5.0, "context", reason="compact")
    assert not journal(tmp_path, "inner").tell(6.0, "failure", ["a"])


def test_of_ten_that_tell_at_once_one_does(tmp_path: Path) -> None:
    journals = [journal(tmp_path) for _ in range(10)]
    with ThreadPoolExecutor(10) as pool:
        told = list(pool.map(lambda each: each.tell(1.0, "failure", ["a"]), journals))
    assert told.count(True) == 1
    assert len(journal(tmp_path).lines) == 1


def test_the_same_event_of_two_installations_is_one(tmp_path: Path) -> None:
    assert journal(tmp_path).add_once(1.0, "start", source="startup")
    assert not journal(tmp_path).add_once(1.5, "start", source="startup")
    assert journal(tmp_path).add_once(1.5, "start", source="resume")
    assert journal(tmp_path).add_once(9.0, "start", source="startup")


def test_what_an_event_does_not_say_makes_it_no_other_one(tmp_path: Path) -> None:
    assert journal(tmp_path).add_once(1.0, "start", source="startup", model="", pid=None)
    assert not journal(tmp_path).add_once(1.5, "start", source="startup", model="", pid=None)
    assert journal(tmp_path, "inner").add_once(1.5, "start", source="startup", model="")


def test_a_clock_that_was_set_back_makes_no_event_a_repeated_one(tmp_path: Path) -> None:
    assert journal(tmp_path).add_once(9000.0, "start", source="startup")
    assert journal(tmp_path).add_once(1.0, "start", source="startup")


def test_what_is_withheld_is_written_once_a_session(tmp_path: Path) -> None:
    for at in (1.0, 9.0, 99.0):
        journal(tmp_path).withhold(at, "call", "a", "pytest: x")
    journal(tmp_path).withhold(99.0, "start", "a", "pytest: x")
    assert [line["surface"] for line in journal(tmp_path).lines] == ["call", "start"]


def test_after_three_texts_it_is_silent_unless_the_last_was_followed(tmp_path: Path) -> None:
    asked = journal(tmp_path)
    asked.tell(0.0, "start", ["s"])
    for number in range(UNASKED):
        assert asked.has_room()
        asked.tell(float(number), "failure", [str(number)])
    assert not asked.has_room()
    asked.add(9.0, "followed", ids=["2"])
    assert asked.has_room()


def test_what_was_asked_for_is_not_told_again_and_takes_no_room(tmp_path: Path) -> None:
    asked = journal(tmp_path)
    for number in range(9):
        asked.add(float(number), "asked", surface="mcp", ids=[f"asked{number}"])
        asked.tell(float(number), "meter", [f"meter{number}"])
    assert asked.has_room()
    assert not asked.tell(9.0, "failure", ["asked3"])


def test_half_a_line_is_left_for_the_next_reading(tmp_path: Path) -> None:
    asked = journal(tmp_path)
    asked.tell(1.0, "failure", ["a"])
    path = Path(asked.path)
    path.write_bytes(path.read_bytes() + b'{"do":"told","ids":["b"')
    assert journal(tmp_path).told() == {"a"}


def test_where_nothing_can_be_written_nothing_is_told(tmp_path: Path) -> None:
    (tmp_path / "journal").write_text("in the way")
    assert not journal(tmp_path).tell(1.0, "failure", ["a"])


def test_a_link_in_place_of_its_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "journal").symlink_to("elsewhere")
    assert not journal(tmp_path).tell(1.0, "failure", ["a"])
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_pipe_in_its_place_is_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "journal").mkdir()
    os.mkfifo(journal(tmp_path).path)
    assert not journal(tmp_path).tell(1.0, "failure", ["a"])


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "journal").mkdir()
    (tmp_path / "precious").write_text("")
    Path(journal(tmp_path).path).symlink_to(tmp_path / "precious")
    assert not journal(tmp_path).tell(1.0, "failure", ["a"])
    assert (tmp_path / "precious").read_text() == ""


def test_a_session_that_goes_on_after_its_journal_was_put_away_is_told_nothing_twice(tmp_path: Path) -> None:
    journal(tmp_path).tell(1.0, "failure", ["a"])
    before = Path(journal(tmp_path).path)
    (before.parent / OLD).mkdir()
    before.rename(before.parent / OLD / before.name)
    assert not journal(tmp_path).tell(9.0, "failure", ["a"])
    assert journal(tmp_path).tell(9.0, "failure", ["b"])
    assert [line["ids"] for line in journal(tmp_path).lines] == [["a"], ["b"]]
    assert len(before.read_text().splitlines()) == 1
