from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.learn.instruction_files import MAX_FILES, instruction_files
from holdfast.learn.instructions import MAX_LINES, read_instructions, read_text_lines
from holdfast.testing.repositories import make_repository


def told(text: str) -> list[tuple[int, str, tuple[str, ...]]]:
    return [
        (line.line, "never" if line.forbidden else "run", line.commands)
        for line in read_text_lines("CLAUDE.md", text)
        if line.commands
    ]


def test_a_line_that_names_both_gives_what_to_run_and_what_not_to() -> None:
    assert told("- Use `pnpm install`, not `npm install`") == [
        (1, "run", ("pnpm install",)),
        (1, "never", ("npm install",)),
    ]


def test_a_fenced_block_is_read_line_by_line_without_prompts_comments_and_output() -> None:
    text = "\n".join(
        [
            "```console",
            "# install",
            "$ npm ci   # from the lock file",
            "added 90 packages",
            "$ npm test -- \\",
            "    --run",
            "```",
            "```python",
            "pip = 3",
            "```",
            "```",
            "src/",
            "make all",
            "```",
        ]
    )
    assert told(text) == [
        (3, "run", ("npm ci",)),
        (5, "run", ("npm test --  --run",)),
        (13, "run", ("make all",)),
    ]


def test_a_comment_in_a_block_or_behind_a_command_can_forbid() -> None:
    text = "```bash\n# ❌ wrong\nbun test\n\n# right\nbun run test\npytest  # never: misses the package\n```"
    assert told(text) == [
        (3, "never", ("bun test",)),
        (6, "run", ("bun run test",)),
        (7, "never", ("pytest",)),
    ]


def test_a_heading_or_a_line_with_a_colon_forbids_the_list_below_it() -> None:
    text = "## Never\n- `git stash`\n\n## Commands\n- `make test`\n\nDo not run these:\n- `make nuke`\n"
    assert told(text) == [
        (2, "never", ("git stash",)),
        (5, "run", ("make test",)),
        (8, "never", ("make nuke",)),
    ]


def test_a_table_with_a_column_of_what_not_to_do_is_read_by_column() -> None:
    text = "| Do | Don't |\n|---|---|\n| `pnpm add x` | `npm install x` |\n"
    assert told(text) == [(3, "run", ("pnpm add x",)), (3, "never", ("npm install x",))]


def test_the_folder_that_a_block_changes_to_goes_with_the_commands_behind_it() -> None:
    lines = list(read_text_lines("CLAUDE.md", "```sh\ncd web\nnpm test\n```\n```sh\nnpm ci\n```"))
    assert [(line.commands, line.folder) for line in lines] == [
        (("cd web",), ""),
        (("npm test",), "web"),
        (("npm ci",), ""),
    ]


def test_a_bare_program_counts_only_where_it_is_to_be_run() -> None:
    assert told("We use `pytest` and `ruff` here.\n\n- Tests: `pytest`\n- `tox` - all versions\n") == [
        (1, "run", ("pytest",)),
        (3, "run", ("pytest",)),
        (4, "run", ("tox",)),
    ]
    assert told("The `docker` group owns it.") == []


def test_a_line_of_another_language_that_may_forbid_orders_nothing() -> None:
    assert told("Nie `npm install` ausführen") == []
    assert told("Tests laufen mit `npm test`") == [(1, "run", ("npm test",))]


def test_paths_that_must_be_left_alone_stand_apart() -> None:
    (first, second) = read_text_lines("CLAUDE.md", "Never edit `gen/` by hand.")
    assert (first.forbidden, first.kept_off) == (False, ())
    assert (second.forbidden, second.kept_off) == (True, ("gen/",))


def test_the_settings_above_a_rule_file_are_no_instructions() -> None:
    assert told("---\nglobs: '*.ts'\ndescription: run `npm test`\n---\nRun `npm ci`\n") == [
        (5, "run", ("npm ci",))
    ]


@given(st.text(st.sampled_from("`#-*|: \nabc$<>[]❌~"), max_size=400))
def test_any_text_is_read_and_every_line_stands_where_it_says(text: str) -> None:
    lines = text.split("\n")
    for line in read_text_lines("CLAUDE.md", text):
        assert line.text == lines[line.line - 1]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    make_repository(tmp_path / "repo")
    return tmp_path / "repo"


def put(root: Path, path: str, text: str = "- `make test`\n") -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text)


FILES = [
    "CLAUDE.md",
    "CLAUDE.local.md",
    "AGENTS.md",
    "GEMINI.md",
    "QWEN.md",
    "MEMORY.md",
    "CONVENTIONS.md",
    ".github/copilot-instructions.md",
    ".github/instructions/go.instructions.md",
    ".cursor/rules/style.mdc",
    ".cursorrules",
    ".windsurfrules",
    ".claude/rules/deep/tests.md",
    "packages/web/AGENTS.md",
]


@pytest.mark.parametrize("path", FILES)
def test_every_known_instruction_file_is_read(tree: Path, path: str) -> None:
    put(tree, path)
    assert [line.path for line in read_instructions(tree)] == [path]


def test_what_git_ignores_in_a_folder_is_left_out_and_a_local_file_of_the_root_is_not(tree: Path) -> None:
    put(tree, ".gitignore", "node_modules\nCLAUDE.local.md\n")
    put(tree, "node_modules/x/CLAUDE.md")
    put(tree, "CLAUDE.local.md")
    assert [path for path, _ in instruction_files(tree)] == ["CLAUDE.local.md"]


def test_a_file_that_another_brings_in_is_read_once_and_none_outside(tree: Path, tmp_path: Path) -> None:
    put(tmp_path, "secret.md", "- `cat /etc/passwd`\n")
    put(tree, "CLAUDE.md", "See @docs/rules.md and @../secret.md and @~/mine.md, not `@docs/code.md`\n")
    put(tree, "docs/rules.md", "@../CLAUDE.md\n@more.md\n")
    put(tree, "docs/more.md")
    put(tree, "docs/code.md")
    assert [path for path, _ in instruction_files(tree)] == ["CLAUDE.md", "docs/rules.md", "docs/more.md"]


def test_no_link_is_followed(tree: Path, tmp_path: Path) -> None:
    put(tmp_path, "elsewhere.md")
    put(tree, "AGENTS.md")
    (tree / "CLAUDE.md").symlink_to(tmp_path / "elsewhere.md")
    (tree / ".cursor").symlink_to(tmp_path)
    assert [path for path, _ in instruction_files(tree)] == ["AGENTS.md"]


def test_files_and_lines_are_bounded(tree: Path) -> None:
    for number in range(MAX_FILES + 5):
        put(tree, f"packages/p{number:03}/AGENTS.md", "- a line\n" * 100)
    assert len(list(instruction_files(tree))) == MAX_FILES
    assert len(read_instructions(tree)) == MAX_LINES


def test_a_folder_without_git_gives_the_files_of_its_root(tmp_path: Path) -> None:
    put(tmp_path, "CLAUDE.md", "\xff\x00 `make test`\n")
    assert [line.commands for line in read_instructions(tmp_path)] == [("make test",)]
    assert read_instructions(tmp_path / "absent") == []


def test_a_sentence_that_goes_on_over_a_line_break_is_read_as_one() -> None:
    text = "Install with pnpm. Do not use\n`npm install` here.\n\n"
    text += "- Never run `make deploy`\n  unless asked.\n- Run\n  `make test`.\n"
    lines = [line for line in read_text_lines("CLAUDE.md", text) if line.commands]
    assert [(line.line, line.text, line.commands, line.forbidden, line.conditional) for line in lines] == [
        (2, "`npm install` here.", ("npm install",), True, False),
        (4, "- Never run `make deploy`", ("make deploy",), True, True),
        (7, "  `make test`.", ("make test",), False, False),
    ]


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "text",
    [
        "@" + "./" * 100_000,
        "| " + "npm " * 60_000,
        "| never `x` " + "when using " * 20_000,
        "```sh\n" + "\\\n" * 100_000,
        "```sh\nmake x # " + "[](" * 60_000,
        ("never `x` npm when using [](" * 20 + "\n") * 300,
    ],
)
def test_a_file_made_to_be_slow_is_read_all_the_same(tmp_path: Path, text: str) -> None:
    closing = "\n```" if text.startswith("`") else ""
    make_repository(tmp_path, files={"CLAUDE.md": f"{text}{closing}\n\nRun `make last`.\n"})
    assert read_instructions(tmp_path)[-1].commands == ("make last",)
