"""Doctor names sessions that were given up, and journals that are damaged."""

from __future__ import annotations

import json

from holdfast.connect.diagnosis_of_capture import check_capture
from holdfast.evidence import journal
from holdfast.hook import due
from holdfast.repo.location import Repository


def test_nothing_is_said_where_no_hook_ever_wrote(empty: Repository) -> None:
    assert list(check_capture(empty)) == []


def test_sessions_that_were_given_up_are_named_with_what_to_do(empty: Repository) -> None:
    lines = [{"session": f"s{tries}", "tries": tries} for tries in (0, 3)]
    (empty.state_dir / due.NAME).write_text("".join(json.dumps(line) + "\n" for line in lines))
    (found,) = check_capture(empty)
    assert (found.level, found.hint) == ("note", "Read them with all the time it takes: `holdfast ingest`")
    assert found.what.startswith("1 session was not read")


def test_journals_are_counted_and_damage_is_named(empty: Repository) -> None:
    folder = empty.state_dir / journal.FOLDER
    folder.mkdir()
    (folder / "0123456789abcdef.jsonl").write_text('{"at":1,"do":"start"}\nnot json\n')
    damaged, fine = check_capture(empty)
    assert damaged.what == "1 line is damaged and passed over"
    assert (fine.level, fine.what) == ("ok", "hooks wrote down 1 of them in the last month")
