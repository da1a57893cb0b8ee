"""Sample sessions of Gemini CLI; see `holdfast.testing.sessions`."""

from __future__ import annotations

from typing import Any

from holdfast.testing.sessions import Session


class GeminiSession(Session):
    """A Gemini CLI chat, in its newer format."""

    def __init__(self, id: str, *, root: str, start: float, model: str = "gemini-example-1") -> None:  # noqa: A002
        super().__init__(id, root=root, start=start, model=model)
        header = {"sessionId": id, "projectHash": "0" * 64, "startTime": self._tick(), "kind": "main"}
        self.records.append(header)
        facts = f"<session_context>\n- **Workspace Directories:**\n  - {root}\n</session_context>"
        self._rewrite(self._message("user", [{"text": facts}]))

    def prompt(self, text: str) -> None:
        """Let the person say something."""
        self.records.append(self._message("user", [{"text": text}]))

    def say(self, text: str) -> None:
        """Let the agent say something."""
        self._answer(text, 12 + len(text) // 4)

    def bash(self, command: str, output: str, exit_code: int = 0) -> None:
        """Run a shell command."""
        stated = f"\nExit Code: {exit_code}" if exit_code else ""
        text = f"Output: {output}{stated}\nProcess Group PGID: 4711"
        self._call("run_shell_command", {"command": command}, "success", {"output": text})

    def edit(self, path: str, removed: str, added: str) -> None:
        """Edit a file."""
        arguments = {"file_path": f"{self.root}/{path}", "old_string": removed, "new_string": added}
        self._call("replace", arguments, "success", {"output": f"Successfully modified file: {path}"})

    def read(self, path: str, text: str, *, missing: bool = False) -> None:
        """Read a file, or fail because it is not there."""
        response = {"error": f"File not found: {path}"} if missing else {"output": text}
        self._call("read_file", {"file_path": path}, "error" if missing else "success", response)

    def reject(self, command: str) -> None:
        """Let the person reject a shell command; this agent has no place for the person's words."""
        error = "[Operation Cancelled] Reason: User denied execution."
        self._call("run_shell_command", {"command": command}, "cancelled", {"error": error})

    def compact(self) -> None:
        """Let the conversation be compacted."""
        summary = self._message("user", [{"text": "<state_snapshot>\n</state_snapshot>"}])
        accepted = self._message("gemini", [{"text": "Got it. Thanks for the additional context!"}])
        self._rewrite(summary, accepted)
        self._context = 22_000

    def _message(self, kind: str, content: Any, **more: Any) -> dict[str, Any]:
        identity = f"{self.id[:8]}-0000-4000-8000-{self._next():012d}"
        return {"id": identity, "timestamp": self._tick(), "type": kind, "content": content, **more}

    def _rewrite(self, *messages: dict[str, Any]) -> None:
        self.records.append({"$set": {"messages": list(messages), "lastUpdated": self._tick()}})

    def _answer(self, text: str, output: int) -> dict[str, Any]:
        self._context += 900 + output
        tokens = {"input": self._context, "output": output, "cached": self._context - 900, "thoughts": 0}
        total = {"tool": 0, "total": self._context + output}
        message = self._message("gemini", text, tokens=tokens | total, model=self.model)
        self.records.append(message)
        return message

    def _call(self, name: str, arguments: dict[str, Any], status: str, response: dict[str, Any]) -> None:
        message = self._answer("", 25 + len(str(arguments)) // 4)
        call = f"{name}__call_{self.id[:8]}{self._next():010d}"
        result = [{"functionResponse": {"id": call, "name": name, "response": response}}]
        made = {"id": call, "name": name, "args": arguments, "status": status, "result": result}
        self.records.append({**message, "toolCalls": [{**made, "timestamp": self._tick()}]})
        self.records.append(self._message("user", result))
