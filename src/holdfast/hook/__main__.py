"""The program that agents call at their events: ``python -I -S <this file> AGENT EVENT``.

It runs by this file (which is quickest), by its folder, by ``-m`` and imported, and is the standard library
alone. Whatever goes wrong, it says nothing and ends well: an agent's work never waits on Holdfast, nor fails
for it.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

MOST = 1 << 16
"""Characters of a reply: what a pipe holds, so that writing it never waits."""
SECONDS = 1.0
"""After so long it gives up, whatever it is doing."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Read one event from standard input, print the reply, and return 0.

    Args:
        arguments: The agent and the event; by default those of the command line.
    """
    told = sys.argv[1:] if arguments is None else list(arguments)
    try:
        _give_up_in_time()
        _ensure_package()
        from holdfast.hook.run import run

        text = run(told, sys.stdin.buffer)
        if text and len(text) <= MOST:
            _give_up_in_time(0)  # half a reply would be worse than a late one
            sys.stdout.write(text)
            sys.stdout.flush()
    except BaseException:
        if os.environ.get("HOLDFAST_HOOK_DEBUG"):
            raise
    finally:
        _give_up_in_time(0)
    return 0


def _give_up_in_time(seconds: float = SECONDS) -> None:
    """End the process after so long; not at all after 0 seconds, nor where only a main thread may say so."""
    import _signal  # type: ignore[import-not-found]  # `signal` loads `enum`

    def give_up(*_: object) -> None:
        os._exit(0)

    try:
        if seconds:
            _signal.signal(_signal.SIGALRM, give_up)
        _signal.setitimer(_signal.ITIMER_REAL, seconds)  # the handler stays: a late signal must not kill
    except ValueError:
        return


def _ensure_package() -> None:
    """Make ``holdfast.hook`` importable when this folder is run by its path, without loading the rest."""
    if "holdfast" in sys.modules:
        return
    folder = os.path.dirname(os.path.abspath(__file__))
    package = type(sys)("holdfast")
    package.__path__ = [os.path.dirname(folder)]
    sys.modules["holdfast"] = package


def close() -> None:
    """End at once, without the interpreter's tidying up."""
    try:
        sys.stdout.flush()
    except (OSError, AttributeError):
        pass  # nobody reads, or there is no standard output
    os._exit(0)


if __name__ == "__main__":
    main()
    close()
