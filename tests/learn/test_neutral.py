"""Shared records say nothing of the machine or the person they come from."""

from __future__ import annotations

import pytest

from holdfast.learn.neutral import neutral_record, neutral_text
from holdfast.repo.ids import new_id
from holdfast.repo.records import Evidence, Learning, RecordEvent, Segment, SignatureStatistics, Source

ROOT = "/home/ada/shop"


@pytest.mark.parametrize(("text", "said"), [
    (f"pytest {ROOT}/tests/test_a.py", "pytest tests/test_a.py"),
    (f"cd {ROOT} && make", "cd . && make"),
    (f"cd {ROOT}/ && make", "cd ./ && make"),
    (f"{ROOT}-old/x.py", "…/x.py"),
    ("no such file: /Users/ada/secret-project/a.go", "no such file: …/a.go"),
    ("/workspace/build/out.js:3", "…/out.js:3"),
    ("open /tmp/pytest-of-ada/x.log", "open …/x.log"),
    ("/opt/acme-secret/bin/tool: not found", "…/tool: not found"),
    ("/media/ada/disk/x.py", "…/x.py"),
    ("GET /api/v1/users", "GET /api/v1/users"),
    ("/usr/bin/env python", "/usr/bin/env python"),
    ("a\x1b[31mred\x1b[0m\x07", "ared"),
])  # fmt: skip
def test_machine_paths_and_escapes_are_taken_out(text: str, said: str) -> None:
    assert neutral_text(text, ROOT) == said


@pytest.mark.parametrize("root", [None, "", "/"])
def test_without_a_root_only_the_machines_part_goes(root: str | None) -> None:
    assert neutral_text("make /home/ada/shop/x.c", root) == "make …/x.c"


def test_ids_and_digests_stay_and_every_other_text_is_neutral() -> None:
    token = "ghp_" + "Ab3dEf6hIj9lMn2pQr5tUv8xYz1C" + "3e5G7i9K"
    row = SignatureStatistics(
        family=f"curl: {token}", specific="0123456789ab", command="curl", fixed_by={new_id(): 2}
    )
    segment = Segment(
        id=new_id(), session="0123456789abcdef", agent="codex", day="2026-03-01", extractor="1",
        transcript=Source(digest="ab" * 32, start=0, end=9), signatures=(row,),
        edited=(f"{ROOT}/a.py", "ada@corp-example.com"), calls_by_tool={"mcp /Users/ada/x": 1},
    )  # fmt: skip
    told = neutral_record(segment, ROOT)
    assert (told.id, told.session, told.transcript) == (segment.id, segment.session, segment.transcript)
    assert told.signatures[0].fixed_by == row.fixed_by
    assert told.signatures[0].specific == row.specific
    assert token not in str(told)
    assert "ada" not in str(told)
    assert told.edited[0] == "a.py"


def test_events_name_other_records_as_they_are() -> None:
    by = new_id()
    event = RecordEvent(
        id=new_id(), kind="learning.superseded", subject=new_id(), day="2026-03-01", after=(new_id(),),
        data={"by": by, "reason": "moved to /home/ada/new/place.py"},
    )  # fmt: skip
    told = neutral_record(event)
    assert told.data == {"by": by, "reason": "moved to …/place.py"}
    assert (told.id, told.subject, told.after) == (event.id, event.subject, event.after)


def test_a_neutral_record_stays_as_it_is() -> None:
    learning = Learning(
        id=new_id(), kind="gotcha", created="2026-03-01", text=f"Run `make -C {ROOT}/web` first.",
        evidence=(Evidence(failed=f"make -C {ROOT}", line=3),),
    )  # fmt: skip
    once = neutral_record(learning, ROOT)
    assert neutral_record(once, ROOT) == once
    assert once.text == "Run `make -C web` first."


def test_a_secret_that_a_command_tells_is_taken_out_of_what_it_printed() -> None:
    password = "Y2rDwOAs" + "AKAc7q"
    record = Learning(
        id="a" * 16,
        kind="failure",
        created="2026-03-01",
        text=f"Use `mysql db2`, which failed with “Access denied using password {password}”.",
        evidence=(Evidence(failed=f"mysql -u root -p{password} db"),),
    )
    assert password not in str(neutral_record(record))
    told = Learning(id="b" * 16, kind="failure", created="2026-03-01", text=f"Denied: {password} is wrong.")
    assert password not in str(neutral_record(told, said=[f"mysql -u root -p{password} db"]))
