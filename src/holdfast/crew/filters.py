"""Leave out the filters that a repository's own git settings name when its files are checked out or compared.

Git runs a filter's command for each file that ``.gitattributes`` gives it. Those of the user's own
settings, as git-lfs makes them, are theirs; those in ``.git/config`` may have come with an unpacked archive,
and nothing of a repository is run that nobody looked at.
"""

from __future__ import annotations

import os
import re

from holdfast.repo.location import Repository

_COMMANDS = ("smudge", "clean", "process")
_KEY = re.compile(rf"filter\.(.+)\.({'|'.join(_COMMANDS)})", re.DOTALL)
_USERS = ("system", "global", "command")
"""Scopes of settings that the user made, or the call itself."""


def of_repository(repository: Repository) -> list[str]:
    """Return the names of the filters that settings of the repository itself name, sorted."""
    asked = ("--includes", "--show-scope", "--null", "--name-only", "--get-regexp", r"^filter\.")
    out = repository.git("config", *asked, check=False)
    parts = out.decode("utf-8", "surrogateescape").split("\0")
    found = set()
    for scope, key in zip(parts[::2], parts[1::2], strict=False):
        match = _KEY.fullmatch(key)
        if match and scope not in _USERS:
            found.add(match.group(1))
    return sorted(found)


def without(names: list[str]) -> dict[str, str]:
    """Return the environment in which git runs none of these filters."""
    try:
        count = int(os.environ.get("GIT_CONFIG_COUNT") or 0)
    except ValueError:
        count = 0
    told: dict[str, str] = {}
    for name in names:
        for key, value in (*((command, "") for command in _COMMANDS), ("required", "false")):
            told[f"GIT_CONFIG_KEY_{count}"] = f"filter.{name}.{key}"
            told[f"GIT_CONFIG_VALUE_{count}"] = value
            count += 1
    return {**told, "GIT_CONFIG_COUNT": str(count)} if told else {}
