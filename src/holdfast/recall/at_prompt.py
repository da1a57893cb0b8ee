"""Answer a hook that asks what to tell for a prompt: one JSON object in, one out.

A program of its own, because finding decisions takes the whole of Holdfast and a hook is the standard library
alone. It reads the index as it stands: nobody waits here for git.
"""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import Any

import msgspec

SECONDS = 1.0
"""After so long the process ends, also where the hook that waited for it is gone."""


class _Asked(msgspec.Struct, frozen=True):
    prompt: str
    session: str = ""
    model: str = ""
    branch: str = ""
    git_dir: str = ""
    common_dir: str = ""
    told: tuple[str, ...] = ()
    calls: int = 0


def answer(root: Path, data: bytes) -> dict[str, Any]:
    """Return the text to tell, with the ids of what it was made from.

    Args:
        root: A directory of the repository.
        data: What the hook asks, as JSON.
    """
    from holdfast.learn.view import View
    from holdfast.recall.brief import brief
    from holdfast.recall.situation import Situation
    from holdfast.repo.location import Repository

    asked = msgspec.json.decode(data, type=_Asked)
    where = Repository(root=root, git_dir=Path(asked.git_dir), common_dir=Path(asked.common_dir))
    with View(where if asked.git_dir else Repository.find(root), as_it_stands=True) as view:
        situation = Situation(
            session=asked.session,
            branch=asked.branch,
            model=asked.model,
            told=frozenset(asked.told),
            started=True,
            # the chance of a file was measured among sessions: without any it says nothing
            calls=asked.calls or int(not view.index.count("session")),
        )
        found = brief(view, asked.prompt, situation=situation)
    ids = [item.id for item in (*found.decisions, *found.near)] + [file.path for file in found.files]
    return {"text": found.text, "ids": ids}


def main() -> int:
    """Answer what stands on standard input; nothing is printed when anything is wrong with it."""
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    found = answer(Path(sys.argv[1]), sys.stdin.buffer.read())
    sys.stdout.buffer.write(msgspec.json.encode(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
