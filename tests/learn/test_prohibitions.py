from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.learn.instruction_commands import spans
from holdfast.learn.prohibitions import heads_never, in_another_tongue, kept_off, stances, tells_of_the_past


def said(text: str, *, never: bool = False) -> dict[str, str]:
    found = stances(text, list(spans(text)), never=never)
    return {one.span.text: one.stance + ("?" if one.conditional else "") for one in found}


FORBIDDEN = {
    "Never use `git reset --hard` — always revert.": ["git reset --hard"],
    "Do NOT use `npm test` or `vitest` directly.": ["npm test", "vitest"],
    "Name the files. Never use `git add -A` or `git add .`.": ["git add -A", "git add ."],
    "Never run `git push`, `git commit`, `gh pr create`, or any other such command.": [
        "git push",
        "git commit",
        "gh pr create",
    ],
    "Use `pnpm`, not `npm`.": ["npm"],
    "Install with `npm ci`, not `npm install`.": ["npm install"],
    "Use `make test` instead of `go test`.": ["go test"],
    "Instead of `pytest`, run `uv run pytest`.": ["pytest"],
    "Run `make test` (not `pytest`).": ["pytest"],
    "Requires Bun (do not use `npm` — the lock file is stale on purpose).": ["npm"],
    "`npm install` is forbidden here.": ["npm install"],
    "`terraform apply` must never be run by an agent.": ["terraform apply"],
    "`git push --force`: never.": ["git push --force"],
    "Do **not** run `bun test`. Use `bun run test`.": ["bun test"],
    "❌ `pip install` → ✅ `uv add`": ["pip install"],
    "Never, under any circumstances, run `git push --force`.": ["git push --force"],
    "Never force push (`git push -f`).": ["git push -f"],
    "Do not stage with `git add .`": ["git add ."],
    "Never commit with `--no-verify`: the hook looks for secrets.": ["--no-verify"],
    "Don’t use `--no-verify` to skip the hooks.": ["--no-verify"],
    "No `git stash`: several agents share this checkout": ["git stash"],
    "Do not use `npm install` in this repository: it is a pnpm workspace.": ["npm install"],
    "Nobody runs `make deploy`.": ["make deploy"],
    "Use `pnpm` and not `npm`.": ["npm"],
    "It is forbidden to run `make nuke`.": ["make nuke"],
    "Nobody pushes to main. `git push origin main` is for the release bot.": ["git push origin main"],
}


@pytest.mark.parametrize(("text", "commands"), FORBIDDEN.items(), ids=FORBIDDEN.keys())
def test_what_a_line_forbids_is_told_apart_from_what_it_advises(text: str, commands: list[str]) -> None:
    assert [span for span, stance in said(text).items() if stance == "never"] == commands


CONDITIONAL = [
    "Do not use `npm install` in CI, it drifts.",
    "**Never use `git clean -fd`** while a stash exists",
    "Don't run `pnpm build` yet.",
    "Don't run `npm audit` automatically.",
    "Never run `make deploy` unless asked.",
    "No `git push --force` to main.",
    "Never run `npx prisma generate` standalone, it times out.",
    "If the tests fail, do not run `git commit --no-verify`.",
    "Never run the full suite with `pytest`.",
    "Prefer `uv run python` to what you know, try not to use `python`.",
    "Never use `git clean -fdx` in this checkout; elsewhere it is fine.",
]


@pytest.mark.parametrize("text", CONDITIONAL)
def test_a_prohibition_for_one_case_accuses_nobody(text: str) -> None:
    assert "never" not in said(text).values()


ADVISED = [
    "Don't forget to run `make lint`.",
    "Never skip `make lint`.",
    "Never commit before `make test` passes.",
    "Do not merge without running `cargo test`.",
    "Run `make test` before each commit, and do not wait for the review.",
    "Use `go test ./...`",
]


@pytest.mark.parametrize("text", ADVISED)
def test_a_negation_about_something_else_leaves_the_command_advised(text: str) -> None:
    (stance,) = said(text).values()
    assert stance.startswith("run")


MENTIONED = [
    "There is no `make docs` target.",
    "This is not `npm run build`, which bundles.",
    "You should not need to run `npm install` by hand.",
    "`npm start` does not work on Node 22.",
    "`make old` was removed in March.",
    "The bench moved from `make bench-old` to criterion.",
]


@pytest.mark.parametrize("text", MENTIONED)
def test_a_command_that_is_only_spoken_of_is_neither(text: str) -> None:
    (stance,) = said(text).values()
    assert stance.startswith("mention")


def test_below_a_heading_that_forbids_the_alternative_is_still_advised() -> None:
    assert said("`npm install` → use `pnpm install`", never=True) == {
        "npm install": "never",
        "pnpm install": "run",
    }


@pytest.mark.parametrize(
    ("text", "forbids"),
    [
        ("Never", True),
        ("Don't", True),
        ("❌ Don't", True),
        ("Never run these:", True),
        ("Forbidden commands", True),
        ("Do and Don't", False),
        ("Do's / Don'ts", False),
        ("Don't forget:", False),
        ("Never commit without:", False),
        ("Commands", False),
    ],
)
def test_a_heading_forbids_only_when_it_says_nothing_else(text: str, forbids: bool) -> None:
    assert heads_never(text) is forbids


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("Never edit files under `gen/`; change the source.", [("gen/", False)]),
        ("Do not edit `uv.lock` by hand.", [("uv.lock", False)]),
        ("Don't touch `vendor/` or `third_party/`.", [("vendor/", False), ("third_party/", False)]),
        ("`gen/` is made by buf, do not edit it by hand.", [("gen/", False)]),
        ("Never edit existing files in `migrations/`; add a new one.", []),
        ("Do not edit `migrations/`, add a new file.", [("migrations/", True)]),
        ("Do not change `schema.sql` without a migration.", [("schema.sql", True)]),
        ("Hands off `gen/`!", [("gen/", False)]),
        ("Leave `third_party/` alone.", [("third_party/", False)]),
        ("`vendor/` is read-only.", [("vendor/", False)]),
        ("Edit `src/app.py` first.", []),
        ("Never edit without reading `docs/style.md`.", []),
    ],
)
def test_paths_that_must_not_be_changed_are_found(text: str, paths: list[tuple[str, bool]]) -> None:
    assert list(kept_off(text, list(spans(text)))) == paths


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("Nie `npm install` ausführen.", True),
        ("Nunca ejecutes `npm test`.", True),
        ("不要运行 `npm install`", True),
        ("Use the non-interactive mode of `npm init`.", False),
        ("Never run `npm install`.", False),
    ],
)
def test_words_of_other_languages_that_may_forbid_are_known_as_such(text: str, other: bool) -> None:
    assert in_another_tongue(text) is other


def test_what_is_gone_is_told_of_in_the_past() -> None:
    assert tells_of_the_past("`src/legacy.py` was removed in March")
    assert tells_of_the_past("We used to run `make check`")
    assert not tells_of_the_past("Remove `dist/` first")


@given(st.text(st.sampled_from("`` never do not use , . — ❌ npm git-f()\ue001\n*|"), max_size=200))
def test_any_line_is_read_without_an_error(text: str) -> None:
    found = list(spans(text))
    assert [one.span for one in stances(text, found)] == found
    list(kept_off(text, found))
