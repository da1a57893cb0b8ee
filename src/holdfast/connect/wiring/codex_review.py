"""Have Codex accept our hooks after a person saw and accepted them here: what ``/hooks`` in Codex does.

Codex runs a hook only after its user accepted exactly this one. It is asked for its own digests, so none is
computed here, and asked again afterwards: nothing counts as accepted that Codex does not call so. The
interface is Codex's app server, which it calls experimental: where that answers otherwise, the person is
sent to ``/hooks``.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from holdfast.connect.wiring.agent import called

SECONDS = 20
"""How long Codex may take for its answers, its start included; it is ended then."""


class Waiting(NamedTuple):
    """A hook of ours that Codex was not told to run: its key, the event, the command line, its digest."""

    key: str
    event: str
    command: str
    digest: str


def waiting(program: str, directory: Path) -> list[Waiting]:
    """Return the hooks of ours that Codex was not told to run; none where it does not say."""
    with _Server(program, directory) as server:
        return _waiting(server.ask("hooks/list", {"cwds": [str(directory)]}))


def accept(program: str, directory: Path, hooks: list[Waiting]) -> bool:
    """Have Codex accept hooks as they were shown; tell whether it says that it has."""
    state = {hook.key: {"trusted_hash": hook.digest} for hook in hooks}
    edit = {"keyPath": "hooks.state", "value": state, "mergeStrategy": "upsert"}
    with _Server(program, directory) as server:
        server.ask("config/batchWrite", {"edits": [edit]})
        answer = server.ask("hooks/list", {"cwds": [str(directory)]})
    left = {hook.key for hook in _waiting(answer)}
    return bool(answer) and not left & set(state)


def _waiting(answer: Any) -> list[Waiting]:
    found = []
    try:
        for place in answer["data"]:
            for hook in place["hooks"]:
                if hook["trustStatus"] in ("untrusted", "modified") and called(hook["command"]):
                    line = (hook["key"], hook["eventName"], hook["command"], hook["currentHash"])
                    found.append(Waiting(*line))
    except (KeyError, TypeError):
        return []
    return found


class _Server:
    """Codex's app server: one JSON object a line, both ways."""

    def __init__(self, program: str, directory: Path) -> None:
        # a group of its own: the program that npm installs is a script that starts the real one
        self._process = subprocess.Popen(
            [program, "app-server"], cwd=directory, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True, encoding="utf-8", errors="replace", start_new_session=True,
        )  # fmt: skip
        self._timer = threading.Timer(SECONDS, self._end)
        self._timer.daemon = True
        self._number = 0

    def __enter__(self) -> Self:
        self._timer.start()
        who = {"clientInfo": {"name": "holdfast", "version": "1"}, "capabilities": {"experimentalApi": True}}
        try:
            self.ask("initialize", who)
            self._send({"jsonrpc": "2.0", "method": "initialized"})
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        self._end()
        with suppress(OSError):  # what it did not read
            self._process.communicate()

    def _end(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def ask(self, method: str, params: dict[str, Any]) -> Any:
        """Ask one thing; None where no answer comes."""
        self._number += 1
        self._send({"jsonrpc": "2.0", "id": self._number, "method": method, "params": params})
        assert self._process.stdout is not None
        for line in self._process.stdout:
            try:
                told = json.loads(line)
            except ValueError:
                continue
            if isinstance(told, dict) and told.get("id") == self._number:
                return told.get("result")
        return None

    def _send(self, told: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(told) + "\n")
            self._process.stdin.flush()
        except OSError:
            return
