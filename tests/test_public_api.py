"""The public interface is frozen: a name that goes or comes is a decision, not an accident."""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

import holdfast

PUBLIC = [
    "HoldfastError",
    "Repository",
    "Situation",
    "Transcript",
    "View",
    "audit",
    "brief",
    "digest",
    "expand",
    "ingest",
    "judge",
    "learn_text",
    "open_transcript",
    "open_view",
    "read_sessions",
    "recall_approach",
    "recall_call",
    "recall_failure",
    "recall_words",
    "redact",
    "repeats",
    "sign",
    "tour",
    "tuition",
    "why",
]
DOCUMENTED = Path(__file__).parent.parent / "docs" / "api.md"


def test_the_public_names_are_these() -> None:
    assert sorted(holdfast.__all__) == sorted(PUBLIC)
    assert dir(holdfast) == sorted(PUBLIC)
    assert len(PUBLIC) <= 25


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_name_resolves_to_something_documented(name: str) -> None:
    """In a process of its own, after every part of the package was loaded."""
    homes = [f"import {home}" for home in sorted(set(holdfast._HOMES.values()))]
    program = "; ".join(["import holdfast", *homes, f"value = holdfast.{name}"])
    program += "; print(callable(value), value.__name__, bool(value.__doc__))"
    done = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", name, "True"]


def test_the_documentation_lists_exactly_the_public_names() -> None:
    headings = re.findall(r"^### `(\w+)", DOCUMENTED.read_text(encoding="utf-8"), re.MULTILINE)
    assert headings == sorted(PUBLIC, key=str.lower)


def test_a_name_that_is_not_public_is_refused() -> None:
    with pytest.raises(AttributeError, match="no public name 'secrets'"):
        _ = holdfast.secrets


def test_importing_the_package_loads_nothing_else() -> None:
    program = (
        "import sys; before = set(sys.modules); import holdfast; print(sorted(set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, check=True)
    loaded = {name.split(".")[0] for name in ast.literal_eval(done.stdout)} - {"holdfast"}
    assert loaded <= sys.stdlib_module_names
    assert not [name for name in ast.literal_eval(done.stdout) if name.startswith("holdfast.")]


def test_type_checkers_see_what_runs() -> None:
    """The names that are imported for type checkers are those of the table that serves them."""
    file = Path(holdfast.__file__)
    assert (file.parent / "py.typed").is_file()
    typed = {
        alias.asname: node.module
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("holdfast.")
        for alias in node.names
    }
    assert typed == {name: holdfast._HOMES[name] for name in PUBLIC}


@pytest.mark.parametrize("name", [name for name in PUBLIC if name[0].islower()])
def test_a_function_is_documented_with_its_parameters(name: str) -> None:
    text = DOCUMENTED.read_text(encoding="utf-8")
    (documented,) = re.findall(rf"^### `{name}\((.*)\)`$", text, re.MULTILINE)
    made = inspect.signature(getattr(holdfast, name)).parameters.values()
    shown = [
        item.name if item.default is item.empty else f"{item.name}={item.default!r}".replace("'", '"')
        for item in made
    ]
    assert documented.replace("*, ", "").split(", ") == shown
