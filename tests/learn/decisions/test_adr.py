from __future__ import annotations

from pathlib import Path

from holdfast.learn.decisions.adr import stated_in_documents

NYGARD = "# 7. Use an outbox\n\nDate: 2025-03-04\n\n## Status\n\n{status}\n\n## Context\n\nJobs got lost.\n\n"
DECISION = (
    "## Decision\n\nJobs go through the `jobs/outbox.py` table.\n\nMore of it.\n\n## Consequences\n\nNone.\n"
)


def write(root: Path, path: str, text: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text)


def test_an_accepted_record_is_told_with_its_title_day_and_files(tmp_path: Path) -> None:
    write(tmp_path, "docs/adr/0007-outbox.md", NYGARD.format(status="Accepted") + DECISION)
    (stated,) = stated_in_documents(tmp_path)
    assert stated.text == "Use an outbox: Jobs go through the `jobs/outbox.py` table."
    assert (stated.ref, stated.day, stated.paths) == (
        "docs/adr/0007-outbox.md",
        "2025-03-04",
        ("jobs/outbox.py",),
    )


def test_the_form_of_madr_is_read(tmp_path: Path) -> None:
    write(
        tmp_path,
        "docs/decisions/0001-search.md",
        "---\nstatus: accepted\ndate: 2024-01-02\n---\n# Search\n\n## Decision Outcome\n\n"
        'Chosen option: "Postgres", because it is there.\n\n### Consequences\n\nNone.\n',
    )
    (stated,) = stated_in_documents(tmp_path)
    assert stated.text == 'Search: Chosen option: "Postgres", because it is there.'
    assert stated.day == "2024-01-02"


def test_what_is_not_in_force_is_not_told(tmp_path: Path) -> None:
    for number, status in enumerate(("Proposed", "Rejected", "Deprecated", "Superseded by 0009", "Draft"), 1):
        write(tmp_path, f"docs/adr/000{number}-x.md", NYGARD.format(status=status) + DECISION)
    assert list(stated_in_documents(tmp_path)) == []


def test_the_newest_of_a_chain_alone_is_told(tmp_path: Path) -> None:
    write(tmp_path, "doc/adr/0003-old.md", NYGARD.format(status="Accepted") + DECISION)
    write(
        tmp_path,
        "doc/adr/0008-new.md",
        NYGARD.format(status="Accepted\n\nSupersedes [3. Old](0003-old.md)").replace("7. Use", "8. Drop")
        + DECISION,
    )
    assert [stated.ref for stated in stated_in_documents(tmp_path)] == ["doc/adr/0008-new.md"]


def test_a_proposal_takes_nothings_place(tmp_path: Path) -> None:
    write(tmp_path, "doc/adr/0003-old.md", NYGARD.format(status="Accepted") + DECISION)
    proposed = NYGARD.format(status="Proposed\n\nSupersedes [3. Old](0003-old.md)")
    write(tmp_path, "doc/adr/0008-new.md", proposed + DECISION)
    assert [stated.ref for stated in stated_in_documents(tmp_path)] == ["doc/adr/0003-old.md"]


def test_a_list_of_decisions_gives_those_that_state_one(tmp_path: Path) -> None:
    write(
        tmp_path,
        "decisions.md",
        "# Decisions\n\n## 2025-01-02\n\n- We always store times as UTC, never local.\n"
        "- ~~We always use npm.~~\n"
        "- Talked to Ann.\n\n## Superseded\n\n- We always store times as local time, never UTC.\n",
    )
    (stated,) = stated_in_documents(tmp_path)
    assert (stated.text, stated.ref, stated.day) == (
        "We always store times as UTC, never local.",
        "decisions.md:5",
        "2025-01-02",
    )


def test_a_file_that_states_no_decision_or_is_no_file_is_passed_over(tmp_path: Path) -> None:
    write(tmp_path, "docs/adr/README.md", DECISION)
    write(tmp_path, "docs/adr/0001-empty.md", "# 1. Nothing\n\n## Status\n\nAccepted\n")
    write(tmp_path, "outside.md", NYGARD.format(status="Accepted") + DECISION)
    (tmp_path / "docs/adr/0002-link.md").symlink_to(tmp_path / "outside.md")
    (tmp_path / "docs/adr/0003-bytes.md").write_bytes(b"\xff\xfe\x00")
    assert list(stated_in_documents(tmp_path)) == []
