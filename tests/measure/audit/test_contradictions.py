"""Two statements contradict when both cannot be followed: one scope, one subject, another answer."""

from __future__ import annotations

import pytest
from tests.measure.audit.conftest import Place

CONTRARY = (
    ("- Use npm for installs.", "- Never use npm, use pnpm."),
    ("- Indent with tabs.", "- Indent with 4 spaces."),
    ("- The API listens on port 3000.", "- The API server runs on port 8080."),
    ("- Python 3.9 is required.", "- We target Python 3.12."),
    ("- Squash commits before merging.", "- Never squash."),
    ("- Commit the lockfile.", "- Do not commit the lockfile."),
    ("- Run `make test` before a commit.", "- Do not run `make test`, use `just test`."),
    ("- Sessions expire after 30 minutes.", "- Sessions expire after 60 minutes."),
    ("- Use `httpx` for HTTP calls.", "- Use `requests` for HTTP calls."),
)
BOTH_HOLD = (
    ("- Use npm in the frontend.", "- Use yarn in the backend."),
    ("- Staging runs on port 3000.", "- Production runs on port 8080."),
    ("- Use tabs in Go files.", "- Use spaces in Python files."),
    ("- The API listens on port 3000.", "- The web app listens on port 8080."),
    ("- We used npm until May; now pnpm.", "- Use pnpm."),
    ("- npm or pnpm both work.", "- Use pnpm."),
    ("- Use pnpm, except in legacy/.", "- Use npm in legacy/."),
    ("- Never commit before the tests pass.", "- Commit small changes."),
    ("- Do not forget to run `make test`.", "- Run `make test`."),
    ("- **Command**: `app hooks begin`", "- **Command**: `app hooks stop`"),
    ("1. File not in the index but on disk → all new", "2. File in the index but not on disk → gone"),
    ("1. Session 1 adds a function to the module", "3. Session 2 adds a function to the module"),
    ("- `readConfig` is called at line ~939", "- `readConfig` (called at line ~337)"),
    ("- Lines with `copyStart`, `parseStart`", "- Lines with `t1`, `t2`"),
    ("- Run `mise test` to verify existing tests pass", "- Run `mise test` to verify no test fails"),
    ("- If `npm test` fails, close the editor, do not run `npm ci`.", "- Run `npm ci` on a fresh clone."),
    ("- The marker exists in the shadow branch (not reset)", "- Run reset"),
)


@pytest.mark.parametrize(("one", "other"), CONTRARY)
def test_what_cannot_both_be_followed_is_told_with_both_places(folder: Place, one: str, other: str) -> None:
    found = folder.write("A.md", "# A", "", one, "- The sky is blue here.", other).findings("A.md")
    assert [(one.kind, one.line, one.others[0].line) for one in found] == [("contradiction", 3, 5)]


@pytest.mark.parametrize(("one", "other"), BOTH_HOLD)
def test_what_can_both_be_followed_is_not(folder: Place, one: str, other: str) -> None:
    assert folder.write("A.md", "# A", "", one, other).told("A.md") == []


def test_folders_with_instructions_of_their_own_may_differ(folder: Place) -> None:
    folder.write("api/AGENTS.md", "- Use npm for installs.").write(
        "web/AGENTS.md", "- Use pnpm for installs."
    )
    assert folder.told("api/AGENTS.md", "web/AGENTS.md") == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Use Node 18.", "Use Node 20."),
        ("Use Node 18", "Use Node 20"),
        ("Always write tests with pytest.", "Never write tests with pytest, use unittest."),
    ],
)
def test_lines_of_one_paragraph_are_compared(folder: Place, one: str, other: str) -> None:
    folder.write("A.md", one, "Run `make lint`", other)
    assert folder.told("A.md") == [("contradiction", "A.md", 1)]
