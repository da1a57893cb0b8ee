"""Sample sessions in the agents' real formats, written by a few calls.

Nothing here comes from a vendor: the envelopes carry the fields that a log needs to be read, no prompts
and no tool descriptions::

    session = ClaudeSession("5f0c…", root="/home/ada/shop", start=1772359200.0)
    session.prompt("make the tests pass")
    session.bash("pytest -q", "E   ModuleNotFoundError: No module named 'shop'", exit_code=1)
    session.bash("uv run pytest -q", "3 passed in 0.12s")
    session.write(tmp_path / "session.jsonl")
"""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any


class Session:
    """What the formats share: records, a clock that ticks, and running numbers."""

    def __init__(self, id: str, *, root: str, start: float, model: str) -> None:  # noqa: A002
        self.id = id
        self.root = root
        self.model = model
        self.records: list[dict[str, Any]] = []
        self._now = start
        self._number = 0
        self._context = 18_000

    def _tick(self, seconds: float = 7.0) -> str:
        self._now += seconds
        moment = datetime.datetime.fromtimestamp(self._now, datetime.UTC)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def _next(self) -> int:
        self._number += 1
        return self._number

    def write(self, path: Path) -> Path:
        """Write the session as JSON lines and return the path."""
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = (json.dumps(record, ensure_ascii=False, separators=(",", ":")) for record in self.records)
        path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
        return path


class ClaudeSession(Session):
    """A Claude Code session file."""

    def __init__(self, id: str, *, root: str, start: float, model: str = "claude-example-1") -> None:  # noqa: A002
        super().__init__(id, root=root, start=start, model=model)

    def _add(self, kind: str, message: dict[str, Any], **more: Any) -> None:
        self.records.append(
            {
                "type": kind,
                "uuid": f"{self.id[:8]}-0000-4000-8000-{len(self.records):012d}",
                "sessionId": self.id,
                "isSidechain": False,
                "userType": "external",
                "cwd": self.root,
                "gitBranch": "main",
                "version": "2.1.0",
                "timestamp": self._tick(),
                "message": message,
                **more,
            }
        )

    def prompt(self, text: str) -> None:
        """Let the person say something."""
        self._add("user", {"role": "user", "content": text})

    def say(self, text: str) -> None:
        """Let the agent say something."""
        self._assistant({"type": "text", "text": text}, output=12 + len(text) // 4)

    def bash(self, command: str, output: str, exit_code: int = 0) -> None:
        """Run a shell command."""
        call = self._call("Bash", {"command": command}, 25 + len(command) // 3)
        shown = f"Exit code {exit_code}\n{output}" if exit_code else output
        self._result(call, shown, failed=bool(exit_code))

    def edit(self, path: str, removed: str, added: str) -> None:
        """Edit a file."""
        arguments = {"file_path": f"{self.root}/{path}", "old_string": removed, "new_string": added}
        call = self._call("Edit", arguments, 60 + len(added) // 3)
        self._result(call, f"The file {self.root}/{path} has been updated.", failed=False)

    def read(self, path: str, text: str, *, missing: bool = False) -> None:
        """Read a file, or fail because it is not there."""
        call = self._call("Read", {"file_path": f"{self.root}/{path}"}, 20)
        shown = "<tool_use_error>File does not exist.</tool_use_error>" if missing else text
        self._result(call, shown, failed=missing)

    def reject(self, command: str, words: str) -> None:
        """Let the person reject a shell command with words."""
        call = self._call("Bash", {"command": command}, 25)
        said = (
            "The user doesn't want to proceed with this tool use. The tool use was rejected. "
            f"To tell you how to proceed, the user said:\n{words}"
        )
        self._result(call, said, failed=True)

    def ask(self, question: str, options: list[str], answer: str) -> None:
        """Put a question to the person, and let them answer it."""
        choices = [{"label": option, "description": ""} for option in options]
        asked = {"question": question, "header": "", "options": choices, "multiSelect": False}
        call = self._call("AskUserQuestion", {"questions": [asked]}, 40)
        told = f'User has answered your questions: "{question}"="{answer}". You can now continue.'
        self._result(call, told, failed=False)

    def compact(self, before: int = 160_000) -> None:
        """Let the conversation be compacted."""
        self.records.append(
            {
                "type": "system",
                "subtype": "compact_boundary",
                "sessionId": self.id,
                "cwd": self.root,
                "timestamp": self._tick(),
                "compactMetadata": {"trigger": "auto", "preTokens": before},
            }
        )
        self._context = 22_000

    def _call(self, name: str, arguments: dict[str, Any], output: int) -> str:
        call = f"toolu_{self.id[:8]}{self._next():010d}"
        self._assistant({"type": "tool_use", "id": call, "name": name, "input": arguments}, output=output)
        return call

    def _assistant(self, block: dict[str, Any], output: int) -> None:
        self._context += 900 + output
        usage = {
            "input_tokens": 4,
            "cache_creation_input_tokens": 900 + output,
            "cache_read_input_tokens": self._context,
            "output_tokens": output,
        }
        message = {"id": f"msg_{self.id[:8]}{self._next():010d}", "role": "assistant", "model": self.model}
        self._add("assistant", {**message, "content": [block], "usage": usage})

    def _result(self, call: str, text: str, *, failed: bool) -> None:
        block = {"type": "tool_result", "tool_use_id": call, "content": text, "is_error": failed}
        self._add("user", {"role": "user", "content": [block]})


class CodexSession(Session):
    """A Codex rollout file."""

    def __init__(self, id: str, *, root: str, start: float, model: str = "gpt-example-1") -> None:  # noqa: A002
        super().__init__(id, root=root, start=start, model=model)
        payload = {
            "id": id,
            "cwd": root,
            "originator": "codex_exec",
            "cli_version": "0.160.0",
            "source": "exec",
        }
        self._add("session_meta", {**payload, "git": {"branch": "main"}})
        self._add("turn_context", {"cwd": root, "model": model, "approval_policy": "on-request"})

    def _add(self, kind: str, payload: dict[str, Any]) -> None:
        self.records.append({"timestamp": self._tick(), "type": kind, "payload": payload})

    def prompt(self, text: str) -> None:
        """Let the person say something."""
        block = {"type": "input_text", "text": text}
        self._add("response_item", {"type": "message", "role": "user", "content": [block]})
        self._add("event_msg", {"type": "user_message", "message": text})

    def say(self, text: str) -> None:
        """Let the agent say something."""
        self._add("event_msg", {"type": "agent_message", "message": text})

    def bash(self, command: str, output: str, exit_code: int = 0) -> None:
        """Run a shell command."""
        call = f"call_{self.id[:8]}{self._next():06d}"
        arguments = json.dumps({"cmd": command, "workdir": self.root})
        self._add(
            "response_item",
            {"type": "function_call", "name": "exec_command", "arguments": arguments, "call_id": call},
        )
        shown = f"Wall time: 0.4 seconds\nProcess exited with code {exit_code}\nOutput:\n{output}\n"
        self._add("response_item", {"type": "function_call_output", "call_id": call, "output": shown})
        self._usage(40 + len(command) // 3)

    def edit(self, path: str, removed: str, added: str) -> None:
        """Edit a file by a patch."""
        call = f"call_{self.id[:8]}{self._next():06d}"
        lines = [*(f"-{line}" for line in removed.splitlines()), *(f"+{line}" for line in added.splitlines())]
        patch = "\n".join(["*** Begin Patch", f"*** Update File: {path}", "@@", *lines, "*** End Patch", ""])
        self._add(
            "response_item",
            {"type": "custom_tool_call", "name": "apply_patch", "input": patch, "call_id": call},
        )
        shown = (
            f"Exit code: 0\nWall time: 0 seconds\nOutput:\nSuccess. Updated the following files:\nM {path}\n"
        )
        self._add("response_item", {"type": "custom_tool_call_output", "call_id": call, "output": shown})
        self._usage(60 + len(added) // 3)

    def _usage(self, output: int) -> None:
        self._context += 700 + output
        usage = {
            "input_tokens": self._context,
            "cached_input_tokens": self._context - 700,
            "output_tokens": output,
        }
        self._add("event_msg", {"type": "token_count", "info": {"last_token_usage": usage}})
