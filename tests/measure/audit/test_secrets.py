"""A live-looking secret is found wherever it stands, and never printed."""

from __future__ import annotations

import pytest
from tests.measure.audit.conftest import Place, Single

TOKEN = "ghp_" + "16C7e42F292c6912E7710c838347Ae178B4a"


def test_a_token_is_found_and_not_quoted(folder: Place) -> None:
    (found,) = folder.write("A.md", "# A", f"- Push with {TOKEN}.").findings("A.md")
    assert (found.kind, found.line) == ("secret", 2)
    assert TOKEN not in str(found)


def test_a_key_over_several_lines_is_one_block(folder: Place) -> None:
    kind = "PRIVATE KEY"
    folder.write(
        "A.md",
        "# A",
        f"-----BEGIN {kind}-----",
        *["MIIEvQIBADANBgkqhkiG9w0B" * 2] * 4,
        f"-----END {kind}-----",
    )
    secrets = [one for one in folder.findings("A.md") if one.kind == "secret"]
    assert [(one.line, one.end) for one in secrets] == [(2, 7)]


@pytest.mark.parametrize(
    "line",
    [
        "- Set `API_KEY=<token>` in `.env`.",
        "- `export TOKEN=$GITHUB_TOKEN` before a release.",
        "- The test database is postgres://postgres:postgres@localhost:5432/app.",
        "- Keys look like `sk-…`; ask the owner for one.",
    ],
)
def test_a_placeholder_or_a_default_for_tests_is_none(kinds: Single, line: str) -> None:
    assert "secret" not in kinds(line)
