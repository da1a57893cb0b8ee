"""A glob says what it seems to say, and comes to an end on any text."""

from __future__ import annotations

import fnmatch
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.hook.globs import LONGEST, fits_glob, fits_path


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        ("db/schema.rb", "db/schema.rb", True),
        ("db/schema.rb", "web/db/schema.rb", False),
        ("schema.rb", "web/db/schema.rb", True),
        ("/schema.rb", "db/schema.rb", False),
        ("db/", "db/migrate/1.sql", True),
        ("db/migrate", "db/migrate/1.sql", True),
        ("db/migrate", "db/migrated.sql", False),
        ("*.gen.ts", "src/api/a.gen.ts", True),
        ("src/*.ts", "src/a.ts", True),
        ("src/*.ts", "src/a/b.ts", False),
        ("src/**/*.ts", "src/a/b/c.ts", True),
        ("src/**/*.ts", "src/c.ts", True),
        ("src/gen/**", "src/gen/a/b.ts", True),
        ("src/gen/**", "src/generic/a.ts", False),
        ("**/gen/**", "a/b/gen/c.ts", True),
        ("app/[id].tsx", "app/[id].tsx", True),
        ("app/[id].tsx", "app/i.tsx", False),
        ("v?", "v1/a", True),
    ],
)
def test_paths_are_read_as_git_reads_its_ignore_files(pattern: str, path: str, fits: bool) -> None:
    assert fits_path(pattern, path) is fits


@given(st.text("ab*?", max_size=12), st.text("ab", max_size=12))
def test_a_glob_fits_what_the_standard_library_says_it_fits(pattern: str, text: str) -> None:
    assert fits_glob(pattern, text) is bool(re.match(fnmatch.translate(pattern), text))


def test_a_pattern_that_is_too_long_fits_nothing() -> None:
    assert not fits_path("a" * (LONGEST + 1), "a" * (LONGEST + 1))


def test_many_stars_against_a_long_text_come_to_an_end() -> None:
    assert not fits_glob("*a" * 100 + "b", "a" * 20_000)
    assert not fits_path("**/a" * 60 + "/b", "a/" * 2_000)
