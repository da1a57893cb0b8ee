from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.hook import commands

SHELLISH = st.text(
    st.sampled_from("abc .-/\\'\"`$(){}|&;<>\n#=\tEOF012é\x00") | st.characters(), max_size=200
)


@pytest.mark.parametrize(
    ("line", "family"),
    [
        ("go test ./... -run X", "go test"),
        ("cd api && GOFLAGS=-v go test ./...", "go test"),
        ("(cd api; go test ./...)", "go test"),
        ("bash -lc 'cd api && go test'", "go test"),
        ("sudo -E env A=1 timeout 60 go test", "go test"),
        ("/usr/local/go/bin/go test", "go test"),
        ("git -C sub commit -m 'x y'", "git commit"),
        ("git stash pop", "git stash pop"),
        ("npm run build -- --watch", "npm run build"),
        ("npm --prefix web test", "npm test"),
        ("pnpm exec eslint .", "eslint"),
        ("npx --yes eslint@9 .", "eslint"),
        ("docker compose -f dev.yml up -d", "docker compose up"),
        ("gh api -X DELETE repos/a/b", "gh api"),
        ("claude --output-format json -p hi", "claude"),
        ("cargo +nightly test --all", "cargo test"),
        ("make -C web -j8 test", "make test"),
        ("python3 -m pytest -q", "python -m pytest"),
        ("python -u scripts/run.py --x", "python run.py"),
        ("python3 - <<'EOF'\nprint(1)\nEOF", "python"),
        ("python -c 'import x.py'", "python"),
        ("./gradlew :app:test", "gradlew"),
        ("for f in *.go; do gofmt -l $f; done", "gofmt"),
        ("if ! go vet ./...; then exit 1; fi", "go vet"),
        ("while true; do curl localhost; sleep 1; done", "curl"),
        ("echo hi | claude --print", "claude"),
        ("cat x.json | node script.js", "node"),
        ("cat x.json | jq .", "cat"),
        ("git status && bun test", "bun test"),
        ("rm -rf out && make", "make"),
        ("rm -rf out", "rm"),
        ("cd x", "cd"),
        ("pwd; ls", "ls"),
        ("rtk go test ./...", "rtk go test"),
        ("cmd /c npm test", "npm test"),
        ('powershell -NoProfile -Command "npm test"', "npm test"),
        ("& 'C:\\tools\\go.exe' test", "go.exe"),
        ("", ""),
        ("# only a comment", ""),
        ("A=1", ""),
    ],
)
def test_a_family_is_the_program_and_what_it_is_asked_to_do(line: str, family: str) -> None:
    assert commands.family(line) == family


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("go test", "go test", True),
        ("rtk go test", "go test", True),
        ("python -m pytest", "pytest", True),
        ("go test", "go build", False),
        ("npm test", "pnpm test", False),
        ("test", "go test", False),
        ("", "", False),
    ],
)
def test_the_same_work_is_known_behind_one_more_wrapper(one: str, other: str, same: bool) -> None:
    assert commands.same_family(one, other) is same
    assert commands.same_family(other, one) is same


@pytest.mark.parametrize(
    "line",
    [
        "go test ./... | tail -5",
        "go test ./... 2>&1 | grep FAIL",
        "go test ./... |& head",
        "cd x && go test || true",
        "go test || echo failed",
        "go test; echo done",
        "go test\necho done",
        "bash -c 'go test | tail'",
        "npm test | Select-Object -Last 5",
    ],
)
def test_a_pipe_to_a_filter_and_what_follows_regardless_hide_a_failure(line: str) -> None:
    assert commands.hides_failure(line)


@pytest.mark.parametrize(
    "line",
    [
        "go test ./...",
        "go build && go test",
        "set -o pipefail; go test | tail -5",
        "set -euo pipefail; go build; go test",
        "go test || exit 1",
        "go test;",
        "echo a | go test",
        "curl x | sh",
        "export A=1; go test",
        "for f in a b; do go vet $f; done",
        "",
    ],
)
def test_a_line_that_fails_with_its_main_command_hides_nothing(line: str) -> None:
    assert not commands.hides_failure(line)


@pytest.mark.parametrize(
    "line",
    [
        "cat a.log | grep error",
        "git log --oneline | head",
        "git -C x diff",
        "gh pr view 3 --comments",
        "rg error src; ls",
        "command -v go",
        "test -f x",
        "Get-Content a.log",
        "",
    ],
)
def test_a_line_that_only_shows_text_is_a_viewer(line: str) -> None:
    assert commands.only_views(line)


@pytest.mark.parametrize("line", ["go test | tail", "git commit -m x", "cat x && make", "make; cat log"])
def test_a_line_that_also_does_something_is_no_viewer(line: str) -> None:
    assert not commands.only_views(line)


def test_a_line_that_works_and_then_shows_other_text_is_known_to_show_text() -> None:
    assert commands.shows_text("make; cat log")
    assert not commands.shows_text("make 2>&1 | tail -5; echo done")


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("cd x && A=1 go test ./... > out 2>&1 | tail", "A=1 go test ./..."),
        ("git commit -m 'two words'", "git commit -m 'two words'"),
        ('git commit -m "it\'s"', "git commit -m 'it'\\''s'"),
        ("go test >> log x", "go test x"),
        ("go test>log 2>&1 x", "go test x"),
    ],
)
def test_the_main_command_is_shown_as_one_would_type_it(line: str, text: str) -> None:
    assert commands.main_text(line) == text


def test_of_a_line_that_does_several_things_the_meant_part_is_shown() -> None:
    line = "make fmt && make lint -k | tail"
    assert commands.main_text(line) == "make fmt"
    assert commands.main_text(line, "make lint") == "make lint -k"
    assert commands.main_text(line, "make other") == "make fmt"
    assert commands.part_of(line, "make other") == []


@pytest.mark.parametrize(
    ("line", "where"),
    [("cd a/b && go test", "a/b"), ("go test && cd a", ""), ("pushd a; cd b; go test", "b"), ("go test", "")],
)
def test_the_directory_is_the_one_changed_to_before_the_main_command(line: str, where: str) -> None:
    assert commands.directory(line) == where


def test_commands_that_differ_in_white_space_and_here_documents_are_the_same() -> None:
    assert commands.normalized("go   test\t./...") == "go test ./..."
    assert commands.normalized("cat <<EOF\nbody\nEOF\npwd") == commands.normalized("cat  \n pwd")


@given(SHELLISH)
def test_no_text_makes_reading_a_command_fail(line: str) -> None:
    family = commands.family(line)
    assert family == commands.family(line)
    assert len(family) <= 160
    assert family.isprintable()
    assert "\n" not in commands.normalized(line)
    for read in (commands.main_text, commands.directory, commands.hides_failure, commands.only_views):
        assert read(line) == read(line)


@given(st.sampled_from(["go test ./...", "npm run build", "git commit -m x"]), st.data())
def test_a_wrapper_a_directory_and_a_filter_leave_the_family_as_it_is(line: str, data: st.DataObject) -> None:
    before = data.draw(st.sampled_from(["", "sudo ", "A=1 ", "timeout 5 ", "env B=2 "]))
    place = data.draw(st.sampled_from(["", "cd x && ", "export Y=1; "]))
    after = data.draw(st.sampled_from(["", " | tail -3", " 2>&1 | grep x", " > log", " || true"]))
    assert commands.family(place + before + line + after) == commands.family(line)


@pytest.mark.parametrize(
    "hostile",
    [
        "'" * 10**6,
        '"$(' * 300_000,
        "<<A\n" * 250_000,
        ";" * 10**6,
        "$(" * 500_000,
        "sudo " * 200_000,
        "(" * 10**6,
    ],
    ids=["quotes", "open", "heredocs", "semicolons", "substitutions", "wrappers", "parentheses"],
)
def test_a_megabyte_of_hostile_command_is_answered(hostile: str) -> None:
    assert len(commands.family(hostile)) <= 160
    assert len(commands.main_text(hostile)) <= 200_000
    commands.hides_failure(hostile)


@pytest.mark.parametrize("shell", ["cmd /c ", "powershell -c "])
def test_shells_in_shells_without_end_have_a_family(shell: str) -> None:
    assert commands.family(shell * 2 + "go test") == "go test"
    assert commands.family(shell * (commands.LIMIT // len(shell)) + "go test")


@pytest.mark.parametrize(
    "line", ["holdfast recall x", "python3 -m holdfast recall x | head", "git log | holdfast recall -"]
)
def test_what_holdfast_says_is_told_from_elsewhere(line: str) -> None:
    assert commands.only_views(line)


def test_a_program_that_only_begins_so_is_another() -> None:
    assert not commands.only_views("holdfast-build all")
    assert not commands.only_views("python3 -m holdfastened")
