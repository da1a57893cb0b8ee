"""Run a command of the user's own once, bounded in time and output, with nothing left behind."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from typing import IO

from holdfast.errors import EnvironmentProblem

MAX_OUTPUT = 64 * 1024
"""Bytes of its answer that are read; a command that says more has failed."""
_GRACE = 1.0
"""Seconds that its output may still take once it has ended."""


class NoAnswer(Exception):  # noqa: N818 - control flow: the caller keeps what it had
    """Tell that a command gave no answer, and why."""


def ask(command: Sequence[str], prompt: str, seconds: float) -> str:
    """Return what a command prints when it is given a prompt on its standard input.

    It is started without a shell, in an empty temporary directory, with the environment as it is, in a
    process group of its own, which is killed when it has ended or its time is up.

    Args:
        command: The command and its arguments.
        prompt: What it reads on standard input.
        seconds: How long it may take.

    Raises:
        NoAnswer: It failed, took too long, printed too much, or printed what is no UTF-8.
        EnvironmentProblem: It cannot be started.
    """
    with (
        tempfile.TemporaryDirectory(prefix="holdfast-", ignore_cleanup_errors=True) as folder,
        tempfile.TemporaryFile() as said,  # a pipe that nobody reads would hold the writer up
    ):
        said.write(prompt.encode("utf-8", "replace"))
        said.seek(0)
        try:
            process = subprocess.Popen(
                list(command),
                cwd=folder,
                stdin=said,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise EnvironmentProblem(
                f"`{command[0]}` cannot be started: {reason}.", "Look at the command, and at your PATH."
            ) from error
        return _answer(process, seconds)


def _answer(process: subprocess.Popen[bytes], seconds: float) -> str:
    assert process.stdout is not None
    output = _Output(process.stdout)
    try:
        code = output.wait_for(process, seconds)
    finally:
        _end(process)
        data = output.take()
    if code is None:
        raise NoAnswer(f"it took more than {seconds:g} seconds")
    if len(data) > MAX_OUTPUT:
        raise NoAnswer(f"it printed more than {MAX_OUTPUT >> 10} KiB")
    if code:
        raise NoAnswer(f"it ended with exit code {code}")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise NoAnswer("it printed what is no text") from None


class _Output:
    """Gather what a process prints while it runs, up to one byte more than is allowed."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe = pipe
        self._data = bytearray()
        self.full = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def wait_for(self, process: subprocess.Popen[bytes], seconds: float) -> int | None:
        """Return the exit code; None when the time was up. One that prints too much is not waited for."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            with contextlib.suppress(subprocess.TimeoutExpired):
                return process.wait(min(left, 0.1))
            if self.full.is_set():
                return 0
        return None

    def take(self) -> bytes:
        """Return what was printed; a child that outlives its group cannot hold this up."""
        self._thread.join(_GRACE)
        return bytes(self._data)

    def _read(self) -> None:
        with self._pipe, contextlib.suppress(OSError, ValueError):
            while data := os.read(self._pipe.fileno(), 1 << 14):
                self._data += data[: MAX_OUTPUT + 1 - len(self._data)]
                if len(self._data) > MAX_OUTPUT:
                    break
        self.full.set()


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill what is left of a process's group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
