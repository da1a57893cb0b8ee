from __future__ import annotations

import pytest

from holdfast.evidence.libraries import libraries_in


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("import requests", "requests"),
        ("import numpy as np", "numpy"),
        ("from httpx import Client", "httpx"),
        ("import { z } from 'zod'", "zod"),
        ('import x from "@scope/pkg/deep"', "@scope/pkg"),
        ("const a = require('left-pad')", "left-pad"),
        ('"github.com/google/uuid"', "github.com/google/uuid"),
        ('git "github.com/go-git/go-git/v5"', "github.com/go-git/go-git/v5"),
        ("use serde::Deserialize;", "serde"),
        ("require 'nokogiri'", "nokogiri"),
        ('"lodash": "^4.17.21",', "lodash"),
        ("requests==2.31.0", "requests"),
        ('"httpx>=0.27",', "httpx"),
        ("github.com/pkg/errors v0.9.1", "github.com/pkg/errors"),
    ],
)
def test_a_library_is_known_by_the_line_that_brings_it_in(line: str, name: str) -> None:
    assert libraries_in([line]) == [name]


@pytest.mark.parametrize(
    "line",
    ["import x from './local'", "use crate::thing;", "return important", "version: 1.2.3", '"name": "app",'],
)
def test_the_projects_own_modules_and_other_lines_are_no_libraries(line: str) -> None:
    assert libraries_in([line]) == []
