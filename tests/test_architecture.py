"""The house keeps its order: what imports what, and how large and documented each file is."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import holdfast

SOURCE = Path(holdfast.__file__).parent
FILES = sorted(SOURCE.rglob("*.py"))
ORDER = (
    "errors hook repo transcripts index evidence learn recall measure agents gates flow crew connect web "
    "cli".split()
)
MAX_LINES = 400
PUBLIC_ROOTS = ("holdfast", "holdfast.__main__")


def module_of(file: Path) -> str:
    parts = ["holdfast", *file.relative_to(SOURCE).with_suffix("").parts]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def tree_of(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def folder_of(module: str) -> str:
    return [*module.split("."), ""][1]


def imports_of(file: Path) -> Iterator[str]:
    """Return every module that a file imports, wherever in it, by its full name."""
    package = module_of(file).split(".")
    if file.name != "__init__.py":
        package = package[:-1]
    for node in ast.walk(tree_of(file)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            name = ".".join([*base, *([node.module] if node.module else [])])
            yield name
            # `from holdfast import repo` and `from holdfast.repo import records` name modules too
            yield from (f"{name}.{alias.name}" for alias in node.names if name.split(".")[0] == "holdfast")


def ids(files: list[Path]) -> list[str]:
    return [str(file.relative_to(SOURCE)) for file in files]


def test_every_folder_has_its_place_in_the_order() -> None:
    names = {file.relative_to(SOURCE).parts[0].removesuffix(".py") for file in FILES}
    assert names - {"__init__", "__main__", "testing"} <= set(ORDER)


@pytest.mark.parametrize("file", FILES, ids=ids(FILES))
def test_a_folder_imports_only_from_those_before_it(file: Path) -> None:
    module = module_of(file)
    folder = folder_of(module)
    if module in PUBLIC_ROOTS or folder == "cli":
        return
    before = ORDER[:-1] if folder == "testing" else ORDER[: ORDER.index(folder)]
    allowed = {*before, folder, ""}
    wrong = [
        name
        for name in imports_of(file)
        if name.split(".")[0] == "holdfast" and folder_of(name) in {*ORDER, "testing"} - allowed
    ]
    assert wrong == []


def test_the_imports_of_a_file_are_all_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The check above sees imports in functions, relative ones and modules imported by name."""
    folder = tmp_path / "hook"
    folder.mkdir()
    file = folder / "x.py"
    file.write_text(
        "import json\nfrom . import clock\nfrom ..repo import records\nfrom holdfast import learn\n"
        "def f():\n    import holdfast.cli.main\n"
    )
    monkeypatch.setattr(f"{__name__}.SOURCE", tmp_path)
    assert {folder_of(name) for name in imports_of(file) if name.startswith("holdfast")} == {
        "", "hook", "repo", "learn", "cli",
    }  # fmt: skip


HOOK = [file for file in FILES if folder_of(module_of(file)) == "hook"]


@pytest.mark.parametrize("file", HOOK, ids=ids(HOOK))
def test_the_hook_needs_nothing_but_the_standard_library(file: Path) -> None:
    roots = {name.split(".")[0] for name in imports_of(file)} - {"holdfast"}
    # `_sha2` is what later interpreters call `_sha256`; where neither is, `hashlib` serves
    assert roots <= {*sys.stdlib_module_names, "_sha256", "_sha2"}
    assert {folder_of(name) for name in imports_of(file) if name.startswith("holdfast")} <= {"hook"}


@pytest.mark.parametrize("file", HOOK, ids=ids(HOOK))
def test_a_module_of_the_hook_does_no_work_when_it_is_imported(file: Path) -> None:
    """Only definitions, imports and tables made of calls without effect stand at its top."""
    harmless = {
        "compile",
        "regex",
        "frozenset",
        "split",
        "fromkeys",
        "items",
        "ord",
        "range",
        "maketrans",
        "NamedTuple",
    }
    for node in tree_of(file).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom):
            continue
        if file.name == "__main__.py":
            continue
        assert isinstance(node, ast.Assign | ast.AnnAssign | ast.Expr | ast.If), ast.unparse(node)
        for call in (part for part in ast.walk(node) if isinstance(part, ast.Call)):
            name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
            assert name in harmless, ast.unparse(node)


def test_no_folder_and_no_module_of_the_hook_bears_the_name_of_a_standard_module() -> None:
    """The hook's own folder comes first on its path when it is run by folder."""
    folders = {path.name for path in SOURCE.iterdir() if path.is_dir()}
    assert not (folders | {file.stem for file in HOOK} - {"__init__", "__main__"}) & sys.stdlib_module_names


@pytest.mark.parametrize("file", FILES, ids=ids(FILES))
def test_no_file_is_longer_than_four_hundred_lines(file: Path) -> None:
    assert len(file.read_text(encoding="utf-8").splitlines()) <= MAX_LINES


def undocumented(tree: ast.Module) -> Iterator[str]:
    """Return what is public and has no docstring: the module, its functions, its classes, their methods."""
    if not ast.get_docstring(tree):
        yield "the module"
    defined = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    for node in tree.body:
        if not isinstance(node, defined) or node.name.startswith("_"):
            continue
        if not ast.get_docstring(node):
            yield node.name
        if isinstance(node, ast.ClassDef):
            for part in node.body:
                if (
                    isinstance(part, defined)
                    and not part.name.startswith("_")
                    and not ast.get_docstring(part)
                ):
                    yield f"{node.name}.{part.name}"


@pytest.mark.parametrize("file", FILES, ids=ids(FILES))
def test_every_public_thing_says_what_it_is(file: Path) -> None:
    assert list(undocumented(tree_of(file))) == []


def test_a_hook_module_loads_no_other_part_of_the_package() -> None:
    program = (
        "import sys, holdfast.hook.signature\n"
        "print([name for name in sys.modules if name.startswith('holdfast.')])\n"
        "print(sorted({name.split('.')[0] for name in sys.modules} - sys.stdlib_module_names))"
    )
    done = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, check=True)
    loaded, others = done.stdout.splitlines()
    assert {name.split(".")[1] for name in ast.literal_eval(loaded)} == {"hook"}
    assert not {"msgspec", "click", "rich", "ruamel", "tomlkit"} & set(ast.literal_eval(others))
