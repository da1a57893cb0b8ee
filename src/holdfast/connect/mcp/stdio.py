"""Serve one client over standard input and output, as agents start it."""

from __future__ import annotations

import io
import json
import os
import signal
from collections import deque
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

from holdfast.connect.mcp.opening import Opening


def serve(directory: Path) -> None:
    """Serve until the client closes its end.

    Args:
        directory: Where the client works: the repository that is asked about is the one around it.

    Raises:
        EnvironmentProblem: The client wants more than its opening, and the SDK is not installed.
    """
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)  # what waits for a line would be waited for
    incoming, outgoing = _claim()
    opening = Opening()
    for line in incoming:
        answer = opening.take(line)
        if answer is None:
            break
        outgoing.write(answer)
        outgoing.flush()
    else:
        return
    from holdfast.connect.mcp.server import serve_lines

    serve_lines(directory, _Replayed(opening.lines, incoming), _Unanswered(opening.answered, outgoing))


def _claim() -> tuple[TextIO, TextIO]:
    """Take standard input and output for the protocol alone.

    What is run meanwhile reads nothing from the client, and what it prints goes to standard error.
    """
    incoming, outgoing = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return (
        os.fdopen(incoming, encoding="utf-8", errors="replace", newline="\n"),
        os.fdopen(outgoing, "w", encoding="utf-8", errors="replace", newline="\n"),
    )


class _Replayed(io.TextIOBase):
    """Lines that were read already, and then those that come."""

    def __init__(self, lines: Iterable[str], rest: TextIO) -> None:
        super().__init__()
        self._lines, self._rest = deque(lines), rest

    def readline(self, size: int = -1, /) -> str:  # type: ignore[override]  # noqa: ARG002 - whole lines alone
        return self._lines.popleft() if self._lines else self._rest.readline()


class _Unanswered(io.TextIOBase):
    """Passes on what is written, but for the answers that the client has."""

    def __init__(self, answered: Iterable[int | str], rest: TextIO) -> None:
        super().__init__()
        self._answered, self._rest = list(answered), rest

    def write(self, line: str, /) -> int:
        if self._answered and self._is_answered(line):
            return len(line)
        return self._rest.write(line)

    def flush(self) -> None:
        self._rest.flush()

    def _is_answered(self, line: str) -> bool:
        message = json.loads(line)
        for place, id_ in enumerate(self._answered):
            if "method" not in message and message.get("id") == id_ and type(message["id"]) is type(id_):
                del self._answered[place]
                return True
        return False
