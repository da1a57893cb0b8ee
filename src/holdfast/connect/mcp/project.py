"""Which project a client works in, when it starts its servers somewhere else."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from holdfast.hook.place import find

VARIABLES = ("CLAUDE_PROJECT_DIR", "WORKSPACE_FOLDER_PATHS")
"""In which Claude Code and Cursor name the project to the servers that they start; Cursor starts them in the
home of the user, and may name several folders."""


def project_of(directory: Path, environment: Mapping[str, str]) -> Path:
    """Return where a client works.

    Args:
        directory: Where the server was started; it counts unless it is no repository, or the user's home.
        environment: The server's variables.
    """
    at_home = directory == Path(environment.get("HOME") or os.devnull).absolute()
    if find(str(directory)) is not None and not at_home:
        return directory
    named = (path for name in VARIABLES for path in _paths(environment.get(name, "")))
    return next((Path(path) for path in named if find(path) is not None), directory)


def _paths(value: str) -> Iterator[str]:
    """Yield the absolute paths that a variable may name: one, or several with some mark between them."""
    for path in (value, *value.split(os.pathsep), *value.split(",")):
        if path.startswith("/"):
            yield path
