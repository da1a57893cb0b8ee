from __future__ import annotations

import pytest

from holdfast.hook.blame import blamed


@pytest.mark.parametrize(
    ("command", "line", "output", "family"),
    [
        ("go test ./...", "anything", "anything", "go test"),
        ("mise run fmt && mise run lint", "a.go:1:2: bad (x)", "a.go:1:2: bad (x)", "mise run lint"),
        (
            "mise run lint && mise run test",
            "a.go:1:2: bad",
            "a.go:1:2: bad\n[lint] ERROR task failed",
            "mise run lint",
        ),
        ("bun run build && bun run lint", "bad", 'error: script "build" exited with code 1', "bun run build"),
        ("make deps && make all", "bad", "make: *** [Makefile:3: deps] Error 2", "make deps"),
        ("go build -o x . && ./x run", "go: cannot find main module", "", "go build"),
        ("git add a && npm test && git push", "fatal: no upstream", "", "git push"),
        ("go test ./... ; npm run lint", "--- FAIL: TestA", "--- FAIL: TestA (0.0s)", "go test"),
        ("curl x | jq .a", "jq: error: bad", "", "jq"),
        ("cat x && sed -n 1p y", "sed: can't read y", "", "sed"),
        ("make && git status", "boom", "boom", "make"),
        ("", "boom", "boom", ""),
    ],
)
def test_the_part_that_the_output_speaks_of_is_blamed_else_the_last(
    command: str, line: str, output: str, family: str
) -> None:
    assert blamed(command, line, output) == family
