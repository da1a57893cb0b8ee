"""What hooks may tell, written by hand, and one session that asks: for tests of the surfaces."""

from __future__ import annotations

import io
import json
import os
from typing import Any
from unittest.mock import patch

from holdfast.hook import levels, published
from holdfast.hook.run import run
from holdfast.repo.location import Repository


def write(repository: Repository, **values: Any) -> None:
    """Publish some values, and that every surface may speak."""
    meta = {"surfaces": list(levels.SURFACES), "held_out": 0}
    lines = published.lines_of({key: json.dumps(value) for key, value in {"meta": meta, **values}.items()})
    (repository.state_dir / published.NAME).write_bytes(lines)


def told(repository: Repository, event: str, *, at: float = 1000.0, **more: Any) -> str:
    """Return what the model is told of an event of one session at a time."""
    said = {"session_id": "s", "cwd": str(repository.root), **more}
    with patch.dict(os.environ, HOLDFAST_NOW=str(at)):
        answer = run(["claude-code", event], io.BytesIO(json.dumps(said).encode()))
    return str(json.loads(answer)["hookSpecificOutput"]["additionalContext"]) if answer else ""


def journal(repository: Repository) -> list[dict[str, Any]]:
    """Return all lines of the session's journal."""
    (path,) = (repository.state_dir / "journal").iterdir()
    return [json.loads(line) for line in path.read_text().splitlines()]
