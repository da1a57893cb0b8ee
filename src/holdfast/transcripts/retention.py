"""Tell how long agents keep their transcripts before they delete them, by their settings alone.

Claude Code: ``cleanupPeriodDays`` in ``settings.json``, 30 when it is not set. Gemini CLI:
``general.sessionRetention`` (``enabled``, ``maxAge`` such as ``30d``), on with 30 days when it is not set.
The other agents whose logs are read delete nothing by themselves. Read off Claude Code 2.1's documentation
and Gemini CLI 0.61.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from holdfast.hook.patterns import regex
from holdfast.transcripts.search import Search
from holdfast.transcripts.values import table
from holdfast.transcripts.walking import head_of, is_folder

DEFAULT_DAYS = 30
LONGEST = 36_500
"""Days from which on keeping is taken to be for ever."""

_LIMIT = 1 << 20
_COMMENT = regex(r'("(?:[^"\\\n]|\\.)*")|//[^\n]*|/\*.*?\*/', re.DOTALL)
_AGE = regex(r"(\d{1,6})\s*([hdwm])")
_IN_DAYS = {"h": 1 / 24, "d": 1, "w": 7, "m": 30}


class Retention(msgspec.Struct, frozen=True, kw_only=True):
    """After how long an agent deletes its transcripts.

    Attributes:
        agent: The agent's name, as in `SessionInfo.agent`.
        days: Days after which a transcript is deleted.
        setting_path: The file in which that is set.
        setting: The name of the setting in it.
        stated: True when the file says so; False when it is the agent's default.
    """

    agent: str
    days: int
    setting_path: Path
    setting: str = ""
    stated: bool = False


def retention(home: Path, environ: Mapping[str, str]) -> list[Retention]:
    """Return the agents on this machine that delete their transcripts.

    Args:
        home: The user's home directory.
        environ: Where the variables are looked up that move the agents' folders.
    """
    search = Search((), home, environ, everywhere=True)
    found: list[Retention | None] = []
    claude, _ = search.place("CLAUDE_CONFIG_DIR", ".claude")
    if is_folder(claude / "projects"):
        found.append(_claude_code(claude / "settings.json"))
    base, _ = search.place("GEMINI_CLI_HOME", "")
    gemini = base / ".gemini"
    if is_folder(gemini / "tmp"):
        found.append(_gemini(gemini / "settings.json"))
    return [kept for kept in found if kept is not None and kept.days < LONGEST]


def _claude_code(path: Path) -> Retention:
    days = _settings(path).get("cleanupPeriodDays")
    stated = isinstance(days, int) and not isinstance(days, bool) and days >= 0
    return Retention(
        agent="claude-code",
        days=days if isinstance(days, int) and stated else DEFAULT_DAYS,
        setting_path=path,
        setting="cleanupPeriodDays",
        stated=stated,
    )


def _gemini(path: Path) -> Retention | None:
    kept = table(table(_settings(path).get("general")).get("sessionRetention"))
    if kept.get("enabled") is False:
        return None
    age = _AGE.fullmatch(str(kept.get("maxAge", "")).strip().lower())
    return Retention(
        agent="gemini-cli",
        days=round(int(age[1]) * _IN_DAYS[age[2]]) if age else DEFAULT_DAYS,
        setting_path=path,
        setting="general.sessionRetention.maxAge",
        stated=age is not None,
    )


def _settings(path: Path) -> dict[str, Any]:
    """Return a settings file, which may hold comments; empty when it cannot be read."""
    text = head_of(path, _LIMIT).decode("utf-8", "replace")
    for form in (text, _COMMENT.sub(lambda match: match[1] or "", text)):
        try:
            return table(msgspec.json.decode(form))
        except (msgspec.MsgspecError, UnicodeError, RecursionError):
            continue
    return {}
