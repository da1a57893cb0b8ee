from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.hook import shell_line

SHELLISH = st.text(
    st.sampled_from("abc .-/\\'\"`$(){}|&;<>\n#=\tEOF012é\x00") | st.characters(), max_size=200
)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("go test ./... && make", [("", ["go", "test", "./..."]), ("&&", ["make"])]),
        ("a | b || c; d & e", [("", ["a"]), ("|", ["b"]), ("||", ["c"]), (";", ["d"]), ("&", ["e"])]),
        ("echo 'a | b' \"c;d\"", [("", ["echo", "a | b", "c;d"])]),
        (r"echo a\ b \; c", [("", ["echo", "a b", ";", "c"])]),
        ("go test \\\n  ./a", [("", ["go", "test", "./a"])]),
        ("ls # not this; nor this\npwd", [("", ["ls"]), ("\n", ["pwd"])]),
        ("echo a#b", [("", ["echo", "a#b"])]),
        ("make 2>&1 >log", [("", ["make", "2>&1", ">log"])]),
        ("make 2>&1>log", [("", ["make", "2>&1", ">log"])]),
        ("make>log 2>err", [("", ["make", ">log", "2>err"])]),
        ("make x2>>log&>all<in", [("", ["make", "x2", ">>log", "&>all", "<in"])]),
        ("make 3<>in & go vet", [("", ["make", "3<>in"]), ("&", ["go", "vet"])]),
        ("echo 'a>b' \"c<d\" e\\>f", [("", ["echo", "a>b", "c<d", "e>f"])]),
        ("grep x<<<word", [("", ["grep", "x", "<<<word"])]),
        ("(cd x && go vet)", [("", ["cd", "x"]), ("&&", ["go", "vet"])]),
        ("echo $(git log | head -1; pwd) x", [("", ["echo", "$(git log | head -1; pwd)", "x"])]),
        ("echo ''", [("", ["echo", ""])]),
        ("", []),
        (" \n ;; ", []),
    ],
)
def test_a_line_is_split_as_a_shell_splits_it(line: str, expected: list[tuple[str, list[str]]]) -> None:
    assert shell_line.split(line) == expected


@pytest.mark.parametrize(
    "line",
    [
        "cat <<'EOF' && go test\nrm -rf / | boom\nEOF",
        'cat <<-"EOF" && go test\n\trm -rf / | boom\n\tEOF',
        "cat <<EOF && go test\nrm | boom\nEOF\n",
    ],
)
def test_the_body_of_a_here_document_is_no_command(line: str) -> None:
    assert shell_line.split(line) == [("", ["cat"]), ("&&", ["go", "test"])]


@pytest.mark.parametrize(
    "line", ["echo 'see <<EOF' && go test", "grep x <<< word && go test", "x <<EOF && go test"]
)
def test_what_only_looks_like_a_here_document_swallows_nothing(line: str) -> None:
    assert shell_line.split(line)[-1] == ("&&", ["go", "test"])


@pytest.mark.parametrize(
    "line",
    [
        "bash -lc 'cd x && go test'",
        'sh -c "cd x && go test"',
        "/bin/zsh -o pipefail -c 'cd x && go test'",
        "sudo bash -c 'cd x && go test'",
        "bash -lc \"bash -c 'cd x && go test'\"",
        'powershell.exe -NoProfile -Command "cd x && go test"',
    ],
)
def test_what_a_shell_is_told_to_run_stands_for_the_shell(line: str) -> None:
    assert shell_line.split(line) == [("", ["cd", "x"]), ("&&", ["go", "test"])]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("FOO=1 BAR+=2 go test", ["go", "test"]),
        ("sudo -u app -E npm test", ["npm", "test"]),
        ("env -i A=b timeout -k 5 60s nice -n 10 pytest", ["pytest"]),
        ("uv run --with httpx pytest -q", ["pytest", "-q"]),
        ("poetry run pytest", ["pytest"]),
        ("npx --yes -p typescript tsc", ["tsc"]),
        ("docker exec -it -u root app pytest", ["pytest"]),
        ("xargs -I {} -P 4 go vet {}", ["go", "vet", "{}"]),
        ("then ! go vet", ["go", "vet"]),
        ("> out.txt go vet", ["go", "vet"]),
        ("command -v go", ["command", "-v", "go"]),
        ("sudo", ["sudo"]),
        ("A=1", []),
    ],
)
def test_wrappers_and_assignments_are_taken_off(line: str, expected: list[str]) -> None:
    (_, words) = shell_line.split(line)[0]
    assert shell_line.unwrapped(words) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('a `b c` "d `e` f" `g`', ["b c", "e", "g"]),
        ("echo 'a `b`' \"c \\`d\\`\" \\`e", []),
        ("cat <<'E'\n`a`\nE", []),
        ("ls # `a`", []),
    ],
)
def test_what_stands_in_live_backticks_is_known(line: str, expected: list[str]) -> None:
    assert shell_line.backticked(line) == expected


@given(SHELLISH)
def test_any_text_is_split_into_words_that_hold_no_more_than_it_does(line: str) -> None:
    parts = shell_line.split(line)
    assert all(words for _, words in parts)
    assert sum(len(word) for _, words in parts for word in words) <= len(line)


@given(
    st.lists(st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=8), min_size=1, max_size=6)
)
def test_plain_words_come_back_as_they_are(words: list[str]) -> None:
    assert shell_line.split(" ".join(words)) == [("", words)]
