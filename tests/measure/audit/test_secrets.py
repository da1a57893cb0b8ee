"""A live-looking secret is found wherever it stands, and never printed."""

from __future__ import annotations

import pytest
from tests.measure.audit.conftest import TOKEN, Place, Single, changes


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


KEY = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYQW" + "ERTYKE12"


@pytest.mark.parametrize(
    ("line", "secret"),
    [
        (f"- aws AKIAIOSFODNN7QWERTYU secret {KEY}", KEY),
        (f"- <aws-key> secret {KEY}", KEY),
        (f"- The access key of aws, `{KEY}`, is for backups.", KEY),
        ("- The login password is Tr0ub4dor3xZ9.", "Tr0ub4dor3xZ9"),
        (f"- token {TOKEN[4:]}", TOKEN[4:]),
    ],
)
def test_a_key_is_never_printed_and_found_until_it_is_gone(folder: Place, line: str, secret: str) -> None:
    found = folder.write("A.md", "# A", "- Use pnpm.", line, f"- And {TOKEN} too.").audit("A.md")
    assert [(one.kind, one.line) for one in found.findings] == [("secret", 3), ("secret", 4)]
    assert secret not in str(found)
    (after,) = [change.after for change in changes(folder, "A.md")]
    assert secret not in after
    assert after.count("- And ") == 1
    assert folder.write("A.md", *after.splitlines()).told("A.md") == []


@pytest.mark.parametrize(
    "line",
    [
        "- The token fixture is useTokenForBucketsInTests2024 there.",
        "- The aws module was moved in 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b.",
        "- Credentials are read by src/auth/credentials/OAuth2CredentialsStore10.",
    ],
)
def test_a_name_a_digest_or_a_path_is_no_key(kinds: Single, line: str) -> None:
    assert "secret" not in kinds(line)
