"""A reference is stale when the repository held it once, or plainly ought to hold it, and does not."""

from __future__ import annotations

import pytest
from tests.measure.audit.conftest import Place

GONE = (
    ("- Charges are made in `src/shop/billing.py`.", "src/shop/billing.py", "src/shop/invoices.py"),
    ("- See src/shop/old_cart.py for the old rules of carts.", "", None),
    ("- Carts: `src/shop/old_cart.py`", "src/shop/old_cart.py", None),
    ("- Call `empty_cart()` at log-out.", "empty_cart()", None),
    ("- Build the manual with `make docs`.", "make docs", None),
    ("- Ship with `python scripts/deploy.py --fast`.", "--fast", None),
    ("- Read [the guide](docs/guide.md) first.", "docs/guide.md", None),
)
THERE = (
    "- Invoices are made in `src/shop/invoices.py`.",
    "- `src/shop/billing.py` is gone; use `src/shop/invoices.py`.",
    "- Call `charge()` for each customer.",
    "- Run `make test`.",
    "- Name a module like `src/shop/example.py`.",
    "- Logs go to `/var/log/shop/old_cart.py`.",
    "- The dump is written to `data/dump.sql`.",
    "- Ship with `python scripts/deploy.py --slow`.",
    "- See https://example.org/src/shop/billing.py",
    "- `requests.get()` needs a timeout.",
)


@pytest.mark.parametrize(("line", "what", "now"), [case for case in GONE if case[1]])
def test_what_is_gone_is_named_with_its_new_name(
    project: Place, line: str, what: str, now: str | None
) -> None:
    (found,) = project.write("CLAUDE.md", "# Shop", "", line).commit().findings("CLAUDE.md")
    assert (found.kind, found.line, found.what, found.now) == ("stale", 3, what, now)


@pytest.mark.parametrize("line", THERE)
def test_what_is_there_elsewhere_made_or_told_as_gone_is_left_alone(project: Place, line: str) -> None:
    assert project.write("CLAUDE.md", "# Shop", "", line).commit().told("CLAUDE.md") == []


def test_a_folder_of_notes_alone_accuses_no_line_of_naming_files(folder: Place) -> None:
    assert folder.write("notes.md", "- Orders: `src/orders/list.py`", "- Run `make docs`.").told(".") == []


def test_a_closed_issue_may_name_what_is_gone(project: Place) -> None:
    line = '{"_type":"issue","id":"a-1","title":"Split `src/shop/billing.py`","status":"closed"}'
    assert project.write(".beads/issues.jsonl", line).told(".beads/issues.jsonl") == []
