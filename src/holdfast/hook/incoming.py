"""What an agent's hook says, in one form for all agents.

Agents name the same things differently: Copilot sends camel case and no event, Codex calls a patch by the
tool ``apply_patch``, Cursor gives workspace roots in place of a working directory. The formats are those of
Claude Code 2.1, Codex 0.169, Copilot CLI 1.0, Gemini CLI 0.61, Qwen Code 0.15 and Cursor's ``hooks.json``.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

AGENTS = {
    "claude-code": "claude-code",
    "codex": "codex",
    "copilot": "copilot-cli",
    "gemini": "gemini-cli",
    "qwen": "qwen-code",
    "cursor": "cursor",
    "opencode": "opencode",
}
"""The agents, with the name that their sessions have on record."""
EVENTS = ("start", "prompt", "call", "result", "failure", "compact", "end", "stop")

_SHELLS = frozenset(
    "bash shell exec exec_command local_shell run_shell_command powershell run_terminal_cmd".split()
)
_EDITS = frozenset(
    "edit multiedit write replace str_replace apply_patch create write_file notebookedit".split()
)
_IN_WORDS = ("copilot", "gemini", "qwen")
"""Agents that say in the words of a command's result how it ended."""
_READS = frozenset("read view read_file".split())


class Incoming:
    """One event of one session.

    Attributes:
        agent, event: As the hook was called.
        session: The agent's own id of the session; ``subagent`` that of the agent inside it, or "".
        cwd: Where it works; ``transcript`` the path of its log, or "".
        prompt: What the person asks, at ``prompt``.
        tool: The tool in one of the names ``Bash``, ``Edit``, ``Read``, or its own name.
        command: The shell command line; ``path`` the file of an edit or a read.
        tool_input: What the tool was called with, as the agent has it.
        call_id: The call's id, or "".
        output: What a call printed; ``failed`` whether it is said to have failed (None: not said).
        source: How a session started (``startup``, ``resume``, ``compact``, ``clear``); why it ended.
        model: The model, where it is told.
        told: All of it, as the agent has it.
    """

    __slots__ = (
        "agent", "call_id", "command", "cwd", "event", "failed", "model", "output", "path", "prompt",
        "session", "source", "subagent", "told", "tool", "tool_input", "transcript",
    )  # fmt: skip

    def __init__(self, agent: str, event: str, told: dict[str, Any]) -> None:
        self.agent, self.event, self.told = agent, event, told
        self.session = _text(told, "session_id", "sessionId", "conversation_id", "sessionID")
        self.subagent = _text(told, "agent_id", "agentId")
        self.cwd = _text(told, "cwd", "directory") or _first(told.get("workspace_roots"))
        transcript = _text(told, "transcript_path", "transcriptPath")
        self.transcript = "" if "\0" in transcript else transcript  # no path holds one
        self.prompt = _text(told, "prompt", "initialPrompt")
        self.model = _text(told, "model")
        self.source = _text(told, "source", "reason", "trigger")
        self.call_id = _text(told, "tool_use_id", "toolCallId", "tool_call_id", "callID")
        name = _text(told, "tool_name", "toolName", "tool")
        self.tool_input = _arguments(told)
        self.tool = _tool(name)
        self.command = _text(told, "command") or _command(self.tool_input)
        if self.tool != "Bash" and not (self.command and not name):
            self.command = ""
        elif not name:
            self.tool = "Bash"
        self.path = _text(self.tool_input, "file_path", "path", "filePath", "absolute_path", "notebook_path")
        self.output, self.failed = _result(told, event, self.tool == "Bash" and agent in _IN_WORDS)

    @property
    def name(self) -> str:
        """Return the agent's name as sessions on record have it."""
        return AGENTS.get(self.agent, self.agent)


def _text(told: object, *names: str) -> str:
    """Return the first of some fields that holds text."""
    if isinstance(told, dict):
        for name in names:
            value = told.get(name)
            if isinstance(value, str) and value:
                return value
    return ""


def _first(values: object) -> str:
    return values[0] if isinstance(values, list) and values and isinstance(values[0], str) else ""


def _arguments(told: dict[str, Any]) -> dict[str, Any]:
    for name in ("tool_input", "toolArgs", "args", "tool_args"):
        value = told.get(name)
        if isinstance(value, str) and value.lstrip().startswith("{"):
            from .json_reading import read_object

            value = read_object(value)
        if isinstance(value, dict):
            return value
    return {}


def _tool(name: str) -> str:
    folded = name.lower()
    if folded in _SHELLS:
        return "Bash"
    if folded in _EDITS:
        return "Edit"
    return "Read" if folded in _READS else name


def _command(arguments: dict[str, Any]) -> str:
    value = arguments.get("command", arguments.get("cmd"))
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        # ["bash", "-lc", LINE] is how some agents put a line
        return value[-1] if len(value) == 3 and value[1] in ("-c", "-lc") else " ".join(value)
    return value if isinstance(value, str) else ""


def _result(told: dict[str, Any], event: str, in_words: bool) -> tuple[str, bool | None]:
    """Return what a call printed and whether it failed, as far as that is said."""
    given = _given(told)
    text, failed = _printed(given), _said_to_fail(given)
    if in_words and text:
        from .shell_results import read

        text, ended = read(text)
        failed = failed if ended is None else ended
    if event != "failure":
        return text, failed
    error = told.get("error", told.get("error_message"))
    said = error.get("message") if isinstance(error, dict) else error
    return (said if isinstance(said, str) else text), True


_RESULTS = ("tool_response", "toolResult", "tool_result", "tool_output", "output", "result")


def _given(told: dict[str, Any]) -> object:
    """Return the result of a call; Cursor gives it as the text of an object."""
    for name in _RESULTS:
        value = told.get(name)
        if value is None:
            continue
        if name == "tool_output" and isinstance(value, str) and value.lstrip().startswith("{"):
            from .json_reading import read_object

            return read_object(value) or value
        return value
    return None


def _said_to_fail(given: object) -> bool | None:
    if not isinstance(given, dict):
        return None
    if given.get("error"):
        return True
    code = given.get("exit_code", given.get("exitCode", given.get("exit")))
    if isinstance(code, int):
        return code != 0
    kind = _text(given, "resultType", "status")
    return kind not in ("success", "completed") if kind else None


def _printed(given: object) -> str:
    if isinstance(given, str):
        return given
    if isinstance(given, dict):
        names = ("textResultForLlm", "output", "llmContent", "text", "error")
        parts = [given[name] for name in ("stdout", "stderr") if isinstance(given.get(name), str)]
        return "\n".join(part for part in parts if part) or _text(given, *names)
    return ""
