"""Names of people and machines that a session's own texts give away, wherever they stand in them.

A home directory names its user, and the user's name then stands bare in error messages; the target of an
``ssh`` names a machine, which the answer repeats. No list of names is needed: what one text of a session
tells to be a name is taken out of all of them.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import re
import socket
from collections.abc import Iterable, Iterator
from pathlib import Path

from holdfast.hook.patterns import regex
from holdfast.learn.redaction.people import find_homes

USER, HOST = "[redacted:user]", "[redacted:host]"

_SHORTEST = 4
"""Characters of the shortest name that is looked for elsewhere; a shorter one would be found in words."""
_SHORTEST_OWN = 3
"""The same of this user's own name and this machine's, which are looked for in fewer texts."""
_TELLING = 7
"""Characters from which on a name is taken out of the middle of words too."""
_WORDS = frozenset(
    "admin administrator agent agents aider airflow api app apps appuser aws azureuser branch build "
    "builds cache canary ci circleci claude client cloud code coder codespace codex commit config "
    "container convention copilot core cursor data debian decision demo deploy desktop dev devcontainer "
    "devel developer django docker docs edit error example failed failure false fedora file files ftp "
    "gemini git github gitpod go golang gotcha grafana grant guest home host http https install instead "
    "java jenkins jovyan js jupyter kafka keys laptop latest lib link linux local localhost mac machine "
    "main make mark master maven max may model mongo mosh mysql name next nginx nobody node none "
    "notebook npm null office opencode origin owner package patch pattern person portal postgres prod "
    "project projects proxy public pull push python qwen ray react read redis release remote repo rich "
    "root rsync ruby runner rust sample sandbox scp server service sftp shared shell shop site source "
    "spark src ssh stage staging store student system team temp test tester testing tests tool tools "
    "true ubuntu user users vagrant version vps vscode web will windows work worker workspace "
    "workstation write".split()
)
"""Accounts, machines and agents with names that are words too: taking them out takes sentences apart."""
_PUBLIC = r"(?:git(?:hub|lab)\.com|bitbucket\.org|codeberg\.org|ghcr\.io|npmjs\.com|pypi\.org|docker\.io)"
_KEPT_HOSTS = regex(
    rf"{_PUBLIC}|(?:[\w-]+\.)*(?:docker|google)\.internal|(?:[\w.-]+\.)?cluster\.local|localhost"
    r"|127\.[\d.]+|0\.0\.0\.0|(?:[\w-]+\.)*example(?:\.\w+)?|\$.*|.*(?:\[redacted|\.\.\.|…).*"
    r"|(?:your-?|some-?|my-?)?(?:host|server|remote|target)"
)
_TARGET = regex(
    r"\b(?:ssh|sftp|mosh|ssh-copy-id|autossh)"
    r"(?:\s+-[46AaCfGgKkMNnqsTtVvXxYy]+|\s+-[BbcDEeFIiJLlmOopQRSWw]\s*\S+)*"
    r"\s+(?:\w+://)?(?:([\w.+-]+)@)?(\[?[\w.-]+\]?)"
)
_PROMPT = regex(r"(?<![\w.@/:-])([A-Za-z_][\w.+-]*)@([A-Za-z][\w-]*(?:\.[\w-]+)*|\d+(?:\.\d+){3})(?=:[/~])")
_COPIES = regex(r"\b(?:scp|rsync|sftp)\s[^\n;&|]{0,400}")
_COPIED = regex(
    r"(?<=[\s\"'])(?:([\w.+-]+)@)?([A-Za-z][\w-]+(?:\.[\w-]+)*|\d+(?:\.\d+){3}):(?=[\w/~.])(?!//)"
)
_SUFFIX = r"\.(?:internal|lan|corp|intranet|localdomain|home\.arpa"
_PRIVATE_NAME = regex(
    rf"(?:(?<=://)|(?<=@))(?:[\w-]+\.)*[\w-]+{_SUFFIX}|local)(?![\w-]|\.\w)"
    rf"|(?<![\w./@:-])(?:[\w-]+\.)+[\w-]+{_SUFFIX})(?![\w(-]|\.\w)"
    r"|(?<![\w.-])(?:[\w-]*(?:MacBook|iMac|Mac-mini|ThinkPad)[\w-]*|(?:DESKTOP|LAPTOP)-[A-Z0-9]{6,9})"
    r"(?:\.(?:local|lan))?(?![\w-])"
)
_PRIVATE_ADDRESS = regex(
    r"(?<![\w.])(?:10(?:\.\d{1,3}){3}|192\.168(?:\.\d{1,3}){2}|172\.(?:1[6-9]|2\d|3[01])(?:\.\d{1,3}){2})"
    r"(?![\w.]*\d)"
)
_QUOTED = r"\"(?:[^\"\\\n]|\\.)*\"|'[^'\n]*'"
_PROSE = regex(
    r"(\b(?:git\s(?:-\S+\s(?:\S+\s)?)?(?:commit|tag|notes|stash|merge|revert)"
    r"|(?:gh|glab)\s(?:pr|mr|issue|release)|hg|jj"
    rf"|claude|codex|gemini|qwen|opencode|copilot|aider|llm)\s(?:[^\n;&|\"'`]|{_QUOTED}){{0,300}}?)"
    r"(?:\"(?=[^\"\n]*\s)(?:[^\"\\\n]|\\.)*\"|'(?=[^'\n]*\s)[^'\n]*')"
)
_VERSION = regex(r"(?:[Vv]ersion\S{0,3}|\bv|[\w/-]@|==?)\s*\Z")


def private_words(texts: Iterable[str], root: str | None = None) -> dict[str, str]:
    """Return the names of people and machines in the texts of one session, with what stands for each.

    Args:
        texts: What the session ran and was answered.
        root: Its root. A user whose name is also that of a folder below their home is not looked for.
    """
    below = set(re.split(r"[/\\]", root.lower())[3:]) if root else set()
    found: dict[str, str] = {}
    for text in dict.fromkeys([*([root] if root else []), *texts]):
        for name in _users(text):
            bare = name.lower()
            if len(bare) >= _SHORTEST and bare not in _WORDS and bare not in below and not bare.isdigit():
                for spelling in _spellings(bare):
                    found.setdefault(spelling, USER)
        for host in _hosts(text):
            if len(host) >= _SHORTEST:
                found |= dict.fromkeys(_spellings(host.lower()), HOST)
    return dict(sorted(found.items(), key=lambda item: (-len(item[0]), item[0])))


def own_names(root: str | None = None) -> dict[str, str]:
    """Return the names of this user, of their home's folder and of this machine, with what stands for each.

    A name that is a word as well, such as ``root`` or ``runner``, is none, nor is the project's own.
    """
    project = Path(root).name.lower() if root else ""
    users = {os.environ.get("USER", "")}
    with contextlib.suppress(KeyError, RuntimeError):  # a user whom this machine does not know
        users.add(Path.home().name)
        users.add(pwd.getpwuid(os.getuid()).pw_name)
    machine = socket.gethostname()
    found = dict.fromkeys((machine.lower(), machine.lower().partition(".")[0]), HOST)
    found |= dict.fromkeys((name.lower() for name in users), USER)
    return {
        name: mark
        for name, mark in found.items()
        if len(name) >= _SHORTEST_OWN and name not in _WORDS and name != project and not name.isdigit()
    }


def without_words(text: str, words: dict[str, str]) -> str:
    """Return a text without the names of `private_words`; those of public code hosts' accounts stay."""
    low = text.lower()
    for word, mark in words.items():
        if word not in low:
            continue
        bare = re.escape(word)
        if len(word) < _TELLING:  # or the value that is glued to an option: -uhopper
            bare = rf"(?:(?<![A-Za-z0-9])|(?<=\s-[A-Za-z])){bare}(?![A-Za-z0-9])"
        kept = rf"{_PUBLIC}[/:]{re.escape(word)}(?=[/\s]|\Z)|" if mark == USER else ""
        text = re.sub(
            f"{kept}({bare})",
            lambda match, mark=mark: mark if match[1] is not None else match[0],  # type: ignore[misc]
            text,
            flags=re.IGNORECASE,
        )
        low = text.lower()
    return text


def without_machines(text: str) -> str:
    """Return a text without the names and addresses that only a private network has."""
    if "." not in text and "-" not in text and "Mac" not in text:
        return text
    text = _PRIVATE_NAME.sub(lambda match: match[0] if _KEPT_HOSTS.fullmatch(match[0]) else HOST, text)
    return _PRIVATE_ADDRESS.sub(
        lambda match: match[0] if _VERSION.search(text, max(0, match.start() - 12), match.start()) else HOST,
        text,
    )


def without_prose(text: str) -> str:
    """Return a command without the commit messages, descriptions and prompts that stand in it quoted."""
    for _ in range(6):  # each value of one command
        shorter = _PROSE.sub(r'\1"…"', text)
        if shorter == text:
            break
        text = shorter
    return text


def _spellings(name: str) -> list[str]:
    """Return a name, and as it stands in the family of a failure, where numbers are masked."""
    masked = re.sub(r"\d+", "<n>", name)
    return [name, masked] if masked != name and re.search(r"[a-z]{2}", name) else [name]


def _users(text: str) -> Iterator[str]:
    for finding in find_homes(text):
        home = text[finding.start : finding.end]
        parts = re.split(r"[/\\]+|%2[Ff]|%5[Cc]", home)
        yield parts[-1] if len(parts) > 1 else re.split(r"-(?:home|Users)-", home)[-1]
    yield from (user for user, _ in _targets(text) if user)


def _hosts(text: str) -> Iterator[str]:
    yield from (host for _, host in _targets(text))


def _targets(text: str) -> Iterator[tuple[str | None, str]]:
    """Yield user and machine of each machine that a command reaches; repositories at a host are none."""
    if not any(word in text for word in ("ssh", "scp", "rsync", "sftp", "mosh", "@")):
        return
    found = [match.groups() for match in _PROMPT.finditer(text)]
    found += [
        (match[1], match[2].strip("[]"))
        for match in _TARGET.finditer(text)  # "ssh keys are missing" names no machine
        if match[1] or match.start() == 0 or re.search(r"[\d.-]", match[2])
    ]
    for command in _COPIES.finditer(text):
        found += [match.groups() for match in _COPIED.finditer(command[0])]
    for user, host in found:
        if user != "git" and not _KEPT_HOSTS.fullmatch(host) and host.lower() not in _WORDS:
            yield user, host
