from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from holdfast.learn.instructions import read_text_lines
from holdfast.measure.project_tree import ProjectTree
from holdfast.measure.stale_lines import StaleLine, stale_lines
from holdfast.testing.repositories import commit, make_repository, run_git

Find = Callable[..., list[StaleLine]]
PACKAGE = json.dumps({"scripts": {"test": "vitest", "build": "tsup"}})
FILES = {
    "src/app.py": "",
    "docs/guide.md": "",
    "packages/ui/package.json": json.dumps({"scripts": {"storybook": "x"}}),
    "package.json": PACKAGE,
    "Makefile": ".PHONY: test\ntest check: build\n\tpytest\nbuild:\n\tpython -m build\nX := 1\n",
    ".gitignore": "reports/\n.env\n",
}


@pytest.fixture
def find(tmp_path: Path, isolated_home: Path) -> Find:
    def stale(text: str, files: dict[str, str] | None = None, path: str = "CLAUDE.md") -> list[StaleLine]:
        root = tmp_path / "repo"
        make_repository(root, files={**FILES, **(files or {})})
        return stale_lines(root, list(read_text_lines(path, text)))

    return stale


MISSING = [
    ("- Settings are read in `src/config.py`.", "src/config.py"),
    ("See [the guide](docs/manual.md#start).", "docs/manual.md"),
    ("- `packages/shared/`: types used by both", "packages/shared/"),
    ("| `packages/shared` | types |", "packages/shared"),
    ("New here? `scripts/bootstrap.sh` installs what you need.", "scripts/bootstrap.sh"),
    ("- Docs: `make docs`", "make docs"),
    ("- `npm run storyboard` shows the components", "npm run storyboard"),
    ("- Load data with `python tools/load.py`", "tools/load.py"),
]


@pytest.mark.parametrize(("text", "missing"), MISSING)
def test_a_line_that_names_what_is_not_there_is_stale(find: Find, text: str, missing: str) -> None:
    (stale,) = find("# Shop\n\n" + text)
    assert (stale.line, stale.missing, stale.text, stale.renamed_to) == (3, missing, text, None)


SOUND = [
    "- The app is `src/app.py`, see [the guide](docs/guide.md).",
    "- The old `src/legacy.py` was removed in March.",
    "- The bench moved from `src/bench.py` to criterion.",
    "- Create `docs/plans/<name>.md` first.",
    "- `make build` writes `docs/generated.md`.",
    "- Results land in `reports/latest.json`.",
    "- Types are generated into `src/types.py`.",
    "- Never write to `src/secrets.py`.",
    "- Name tests like `tests/test_example.py`.",
    "- `npm run storybook` in the package of that name",
    "- `make check PKG=<name>`",
    "- `make -j4 test`",
    "- Branches are named `feature/short-words`, images `ghcr.io/acme/shop`.",
    "- Send `application/json`, and read `refs/heads/main`.",
    "- Globs such as `src/*.toml` are fine.",
    "- Fetch it from [the site](https://example.org/docs/x.md), or [below](#part).",
    "- Do not use `make old`.",
    "- Lies beside: `app.py`, `ui/package.json`.",
    "- Früher in `src/alt.py`, das gilt nicht mehr.",
    "- `pytest tests/unit` runs them",
    "- After a change run `make build`, it leaves `src/build_info.py`.",
    "- `src/api/shop.pb.go` holds the messages.",
    "- Start what was built: `bin/shop`",
    "- `docs/faq.md` will follow.",
    "- `src/users/` is answered by GET and POST.",
    "- Exports go to the bucket under `docs/daily/`.",
    "- `make -f other.mk docs`",
]


@pytest.mark.parametrize("text", SOUND)
def test_a_line_that_only_seems_to_name_what_is_gone_is_left_alone(find: Find, text: str) -> None:
    assert find(text) == []


@pytest.mark.parametrize(
    "files",
    [
        {"Makefile": "include other.mk\n"},
        {"Makefile": "%.html: %.md\n\tpandoc\n"},
        {"Makefile": "$(TARGETS):\n\techo\n"},
        {"Makefile": ""},
    ],
)
def test_a_makefile_that_may_define_more_accuses_nobody(find: Find, files: dict[str, str]) -> None:
    assert find("- `make docs`", files) == []


@pytest.mark.parametrize(
    ("files", "good", "bad"),
    [
        (
            {"justfile": "default:\n  @just -l\ntest arg='x': build\n  x\nalias t := test\n"},
            "just t",
            "just tests",
        ),
        ({"mise.toml": '[tasks.test]\nrun = "x"\nalias = "t"\n'}, "mise run t", "mise run tests"),
        ({"mise-tasks/db/migrate": ""}, "mise run db:migrate", "mise run db:reset"),
        ({"Taskfile.yml": "version: '3'\ntasks:\n  test:\n    cmds: [x]\n"}, "task test", "task tests"),
    ],
)
def test_the_tasks_of_other_runners_are_known(find: Find, files: dict[str, str], good: str, bad: str) -> None:
    (stale,) = find(f"- `{good}`\n- `{bad}`", files)
    assert (stale.line, stale.missing) == (2, bad)


def test_a_package_file_that_cannot_be_read_accuses_nobody(find: Find) -> None:
    assert find("- `npm run storyboard`", {"packages/ui/package.json": "{"}) == []


def test_a_path_is_looked_up_beside_its_instruction_file_too(find: Find) -> None:
    files = {"web/src/view.ts": "", "web/CLAUDE.md": ""}
    assert find("- See `./src/view.ts` and [it](../docs/guide.md)", files, path="web/CLAUDE.md") == []


def test_a_renamed_file_is_named_by_its_new_path(tmp_path: Path, isolated_home: Path) -> None:
    root = tmp_path / "repo"
    make_repository(root)
    commit(root, {"src/old.py": "a = 1\n" * 30, "lib/kept.py": "b\n"})
    for old, new in (("src/old.py", "src/middle.py"), ("src/middle.py", "src/new.py")):
        run_git(root, "mv", old, new)
        run_git(root, "commit", "-q", "-m", "move")
    lines = list(read_text_lines("CLAUDE.md", "- See `src/old.py`\n- See `src/kept.py`\n- See `src/none.py`"))
    assert [stale.renamed_to for stale in stale_lines(root, lines)] == ["src/new.py", "lib/kept.py", None]


def test_outside_a_repository_the_folder_itself_is_looked_at(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "app.py").write_text("")
    lines = list(read_text_lines("CLAUDE.md", "- See `src/app.py`\n- See `src/gone.py`"))
    assert [stale.missing for stale in stale_lines(tmp_path, lines)] == ["src/gone.py"]


def test_the_end_of_a_longer_path_is_there_and_a_climbing_one_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "packages" / "core" / "src").mkdir(parents=True)
    (tmp_path / "packages" / "core" / "src" / "a.ts").write_text("")
    tree = ProjectTree(tmp_path)
    assert tree.holds("src/a.ts")
    assert tree.holds("core/src/")
    assert not tree.holds("src/b.ts")


def test_what_a_configuring_step_makes_is_not_missed(find: Find) -> None:
    assert find("- `make -C build install`") == []
    assert find("- `cd build && make install`") == []


def test_a_makefile_of_a_configured_project_says_nothing(find: Find) -> None:
    assert find("- `make install`", {"CMakeLists.txt": ""}) == []


@pytest.mark.parametrize(
    "text",
    [
        "- `go build -o shop . && ./shop`",
        "- `bun run eslint src`",
        "- `npm run env`",
        "- See [the site](guide/start) and [another repository](../../other/a.md).",
    ],
)
def test_what_is_built_or_run_from_elsewhere_is_not_looked_for(find: Find, text: str) -> None:
    assert find(text) == []


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Makefile", "a" + " " * 500_000 + "\n" + "%" * 500_000 + "\nall:\n"),
        ("justfile", "a" + " " * 900_000 + "\nall:\n"),
    ],
)
def test_a_task_file_made_to_be_slow_is_read_all_the_same(tmp_path: Path, name: str, text: str) -> None:
    make_repository(tmp_path, files={name: text})
    tree = ProjectTree(tmp_path)
    assert "all" in ((tree.make_targets if name == "Makefile" else tree.recipes) or ())


def test_a_recipe_with_a_default_is_there(find: Find) -> None:
    justfile = {"justfile": "x := 'a:b'\nbuild target='debug' *rest:\n  cargo build\n"}
    assert [one.missing for one in find("- Run `just build` or `just x`.", justfile)] == ["just x"]


def test_a_path_that_git_gives_up_at_accuses_no_other(find: Find, tmp_path: Path) -> None:
    (tmp_path / "repo").mkdir()
    (tmp_path / "repo" / "linked").symlink_to("nowhere")
    text = "\n".join(f"- See `{path}/`." for path in ("linked/kept", "reports/last", "src/gone"))
    assert [one.missing for one in find(text)] == ["src/gone/"]
