"""Sample sessions of Copilot CLI; see `holdfast.testing.sessions`."""

from __future__ import annotations

from typing import Any

from holdfast.testing.sessions import Session


class CopilotSession(Session):
    """A Copilot CLI session's events."""

    def __init__(self, id: str, *, root: str, start: float, model: str = "gpt-example-1") -> None:  # noqa: A002
        super().__init__(id, root=root, start=start, model=model)
        context = {"cwd": root, "gitRoot": root, "branch": "main"}
        version = {"version": 1, "producer": "copilot-agent", "copilotVersion": "1.0.100"}
        self._add("session.start", {"sessionId": id, **version, "selectedModel": model, "context": context})

    def prompt(self, text: str) -> None:
        """Let the person say something."""
        self._add("user.message", {"content": text})

    def say(self, text: str) -> None:
        """Let the agent say something."""
        self._answer(text, 12 + len(text) // 4)

    def bash(self, command: str, output: str, exit_code: int = 0) -> None:
        """Run a shell command."""
        shown = f"{output}\n<shellId: 0 completed with exit code {exit_code}>"
        self._call("bash", {"command": command}, {"success": True, "result": {"content": shown}})

    def edit(self, path: str, removed: str, added: str) -> None:
        """Edit a file."""
        arguments = {"path": f"{self.root}/{path}", "old_str": removed, "new_str": added}
        shown = f"File {self.root}/{path} updated with changes."
        self._call("edit", arguments, {"success": True, "result": {"content": shown}})

    def read(self, path: str, text: str, *, missing: bool = False) -> None:
        """Read a file, or fail because it is not there."""
        failed = {"success": False, "error": {"message": "Path does not exist", "code": "failure"}}
        outcome = failed if missing else {"success": True, "result": {"content": text}}
        self._call("view", {"path": f"{self.root}/{path}"}, outcome)

    def reject(self, command: str, words: str) -> None:
        """Let the person reject a shell command with words."""
        call = self._begin("bash", {"command": command})
        answered = {"kind": "denied-interactively-by-user", "feedback": words}
        self._add(
            "permission.completed", {"requestId": f"ask-{call}", "toolCallId": call, "result": answered}
        )
        error = {"message": "The user rejected this tool call.", "code": "rejected"}
        self._add("tool.execution_complete", {"toolCallId": call, "success": False, "error": error})

    def compact(self, before: int = 160_000) -> None:
        """Let the conversation be compacted."""
        done = {"success": True, "preCompactionTokens": before, "trigger": "threshold"}
        self._add("session.compaction_complete", done)
        self._context = 22_000

    def _add(self, kind: str, data: dict[str, Any]) -> None:
        identity = f"{self.id[:8]}-0000-4000-8000-{len(self.records):012d}"
        parent = self.records[-1]["id"] if self.records else None
        envelope = {"id": identity, "timestamp": self._tick(), "parentId": parent}
        self.records.append({"type": kind, "data": data, **envelope})

    def _answer(self, text: str, output: int) -> None:
        self._context += 900 + output
        identity = f"chatcmpl-{self.id[:8]}{self._next():010d}"
        cached = self._context - 900
        counts = {"inputTokens": self._context, "outputTokens": output, "cacheReadTokens": cached}
        self._add("session.usage_record", {"usage": {"model": self.model, **counts, "apiCallId": identity}})
        self._add("assistant.message", {"content": text, "model": self.model, "apiCallId": identity})

    def _begin(self, name: str, arguments: dict[str, Any]) -> str:
        self._answer("", 25 + len(str(arguments)) // 4)
        call = f"call_{self.id[:8]}{self._next():010d}"
        self._add("tool.execution_start", {"toolCallId": call, "toolName": name, "arguments": arguments})
        return call

    def _call(self, name: str, arguments: dict[str, Any], outcome: dict[str, Any]) -> None:
        call = self._begin(name, arguments)
        self._add("tool.execution_complete", {"toolCallId": call, **outcome})
