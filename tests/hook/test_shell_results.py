"""What a hook takes for a command's output and failure is what the reader of the agent's log takes for it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.hook.shell_results import read
from holdfast.transcripts import copilot_results, gemini_results

COPILOT = "frob: error: refused\n<shellId: 0 completed with exit code 3>"
GEMINI = (
    "<untrusted_context>\nOutput: frob: error\nExit Code: 3\nProcess Group PGID: 26074\n</untrusted_context>"
)
QWEN = (
    "Command: ./frob test\nDirectory: (root)\nOutput: frob: error\nError: (none)\nExit Code: 3\nSignal: 0\n"
    "Process Group PGID: 28169"
)


@pytest.mark.parametrize(
    ("text", "printed", "failed"),
    [
        (COPILOT, "frob: error: refused", True),
        (COPILOT.replace("code 3", "code 0"), "frob: error: refused", False),
        ("<exited with exit code 1>", "", True),
        (GEMINI, "frob: error", True),
        (GEMINI.replace("Exit Code: 3\n", ""), "frob: error", False),
        (QWEN, "frob: error", True),
        (QWEN.replace("Code: 3", "Code: 0"), "frob: error", False),
        (QWEN.replace("Exit Code: 3\nSignal: 0", "Signal: SIGTERM"), "frob: error", True),
        ("Output: (empty)\nExit Code: 2", "", True),
        ("just text", "just text", None),
        ("<shellId: 1> with exit code none>", "<shellId: 1> with exit code none>", None),
        ("", "", None),
    ],
)
def test_output_and_failure_are_told_apart(text: str, printed: str, failed: bool | None) -> None:
    assert read(text) == (printed, failed)


LINES = st.lists(
    st.sampled_from(["a", "", "Error: (none)", "Error: x", "Exit Code: 3", "Exit Code: -1", "Signal: 0",
                     "Output: y", "Process Group PGID: 7", "Stderr: z", "frob: error", "(empty)"]),
    max_size=8,
).map("\n".join)  # fmt: skip


@given(st.sampled_from(["Output: ", "Command: c\nDirectory: (root)\nOutput: ", "Stdout: "]), LINES)
def test_it_agrees_with_the_reader_of_gemini_and_qwen(start: str, text: str) -> None:
    outcome = gemini_results.read_outcome("run_shell_command", "success", start + text)
    assert outcome is not None
    assert read(start + text) == (outcome.text, outcome.status == "failed")


@given(LINES, st.integers(-3, 300), st.sampled_from(["shellId: 4 completed", "exited"]))
def test_it_agrees_with_the_reader_of_copilot(text: str, code: int, said: str) -> None:
    told = f"{text}\n<{said} with exit code {code}>"
    found = copilot_results._ENDED.search(told)
    assert found is not None
    assert read(told) == (told[: found.start()], int(found[1]) != 0)


@pytest.mark.parametrize(
    "text", ["Output: x\nExit Code: {}", "x\n<command with id 1 completed with exit code {}>"]
)
def test_a_number_too_long_for_an_exit_code_is_none(text: str) -> None:
    assert not read(text.format("9" * 5000))[1]
    assert not read(text.format("9" * 10))[1]
    assert read(text.format("9" * 9))[1] is True
    assert read(text.format("0"))[1] is False
