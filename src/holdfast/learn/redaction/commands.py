"""Secrets on command lines, in SQL and in small password files, where no name announces them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from holdfast.hook.patterns import regex
from holdfast.learn.redaction.spans import Finding
from holdfast.learn.redaction.values import is_placeholder


class Form(NamedTuple):
    """Describe one form: literals that must all occur, and a pattern whose group 1 is the secret."""

    first: str
    others: tuple[str, ...]
    pattern: re.Pattern[str]


_VALUE = r"[\"']?([^\s\"']{3,256})"
_USER = r"[\"']?(?!\[redacted:)[^\s:\"'/]{1,128}:(?!\d{1,5}\b)([^\s\"']{3,256})"
_LINE = r"[^\n|;]{0,400}?\s"


def _form(needles: str, pattern: str) -> Form:
    """Build a form from its literals, joined by ``&``."""
    first, *others = needles.split("&")
    return Form(first, tuple(others), regex(pattern))


FORMS: tuple[Form, ...] = (
    _form("curl& -u", rf"curl\b{_LINE}-u[ ]?{_USER}"),
    _form("wget& -u", rf"wget\b{_LINE}-u[ ]?{_USER}"),
    _form("http& -a", rf"\bhttps?\b{_LINE}(?:-a|--auth)[ =]?{_USER}"),
    _form("-user", rf"--(?:proxy-)?user[ =]{_USER}"),
    _form("sshpass", rf"sshpass\s{{1,4}}-p\s{{0,4}}{_VALUE}"),
    _form("mysql& -p", rf"mysql(?:dump|admin|import)?\b{_LINE}-p{_VALUE}"),
    _form("mariadb& -p", rf"mariadb(?:-dump|-admin)?\b{_LINE}-p{_VALUE}"),
    _form("redis-cli", rf"redis-cli\b{_LINE}(?:-a|--pass)\s{{1,4}}{_VALUE}"),
    _form(
        "login& -p",
        rf"(?:docker|podman|az|helm|oras|nerdctl)\b[^\n|;]{{0,80}}?\blogin\b{_LINE}-p\s{{0,4}}{_VALUE}",
    ),
    _form("pass:&-pass", rf"-pass(?:in|out)?\s{{1,4}}pass:{_VALUE}"),
    *(
        _form(
            f"{sink}&|",
            r"\b(?:echo|printf)\s{1,4}(?:-n\s{1,4})?[\"']?([^\s\"'|]{6,512})[\"']?\s{0,4}\|[^\n|]{0,120}"
            + re.escape(sink),
        )
        for sink in ("--password-stdin", "--with-token", "sudo -S", "chpasswd", "secret set")
    ),
    *(
        _form(f"{tool}& {flag}", rf"\b{tool}[a-z_]{{0,12}}\b{_LINE}{flag}\s{{0,4}}{_VALUE}")
        for tool, flag in (
            *(("mongo", "-p"), ("cqlsh", "-p"), ("twine", "-p"), ("poetry", "-p"), ("rabbitmqadmin", "-p")),
            *(("sqlcmd", "-P"), ("mosquitto", "-P"), ("ldap", "-w"), ("plink", "-pw")),
        )
    ),
    _form("lftp& -u", r"lftp\b[^\n|;]{0,200}?\s-u\s{1,4}[^\s,]{1,128},([^\s\"']{3,256})"),
    _form("thin:", r"thin:[^\s/:@]{1,128}/([^\s/@]{3,256})@"),
    _form("sqlplus", r"sqlplus\b[^\n|;]{0,80}?\s[^\s/@-]{1,128}/([^\s/@]{3,256})@"),
    _form("@tcp(", r"[A-Za-z0-9_.-]{1,128}:([^\s\"':@/]{3,256})@tcp\("),
    _form("mysqladmin&password", rf"mysqladmin\b{_LINE}password\s{{1,4}}{_VALUE}"),
    _form("add-authtoken", rf"add-authtoken\s{{1,4}}{_VALUE}"),
    _form("secret set", rf"secret set\s{{1,4}}[A-Z0-9_]{{1,64}}{_LINE}(?:--body|-b)[ =]{{0,2}}{_VALUE}"),
    _form("--with-token", rf"--with-token\s{{0,4}}<<<\s{{0,4}}{_VALUE}"),
    _form("vault login", r"vault login\s{1,4}([A-Za-z0-9._-]{16,256})"),
    _form("auth token", r"\bauth token\s{1,4}([A-Za-z0-9._-]{20,512})"),
    _form("storepass", rf"-storepass\s{{1,4}}{_VALUE}"),
    _form("keypass", rf"-keypass\s{{1,4}}{_VALUE}"),
    _form("requirepass", rf"requirepass\s{{1,4}}{_VALUE}"),
    _form(
        "htpasswd& -",
        rf"htpasswd\s{{1,4}}-[A-Za-z]{{0,6}}b[A-Za-z]{{0,6}}\s{{1,4}}(?:\S{{1,128}}\s{{1,4}}){{1,2}}?{_VALUE}\s{{0,4}}(?=\n|\Z|&|;|>)",
    ),
    _form("zip& -P", rf"\b(?:un)?zip\b{_LINE}-P\s{{0,4}}{_VALUE}"),
    _form("7z& -p", rf"\b7z[ar]?\b{_LINE}-p{_VALUE}"),
    _form(
        "uth&(",
        r"[aA]uth\s{0,2}=?\s{0,2}\(\s{0,8}[\"'][^\"'\n]{1,64}[\"']\s{0,4},\s{0,8}[\"']((?=[^\"'\n]{0,64}[0-9])[^\"'\n]{6,128})[\"']",
    ),
    _form(
        "IDENTIFIED", r"IDENTIFIED\s{1,8}(?:WITH\s{1,8}\S{1,40}\s{1,8})?BY\s{1,8}[\"']([^\"'\n]{3,256})[\"']"
    ),
    _form("identified", r"identified\s{1,8}by\s{1,8}[\"']([^\"'\n]{3,256})[\"']"),
    _form("PASSWORD", r"PASSWORD\s{1,8}'([^'\n]{3,256})'"),
    _form("password '", r"\bpassword\s{1,8}'([^'\n]{3,256})'\s{0,4};"),
    _form("login&password", r"\blogin\s{1,8}\S{1,128}\s{1,8}password\s{1,8}(\S{3,256})"),
    _form(
        "variable&default",
        r"variable\s{1,4}\"[a-z0-9_-]{0,48}(?:password|passwd|secret|token|key)\"\s{0,4}\{[^}\"]{0,400}"
        r"(?:\"[^}\"]{0,200}\"[^}\"]{0,200}){0,3}\bdefault\s{0,8}=\s{0,4}\"([^\"\n]{4,256})\"",
    ),
)
# host:port:database:user:password, a line of ~/.pgpass; the digits of file:line:column: are no database.
_PGPASS = regex(
    r":(?:\d{4,5}|\*):[A-Za-z_*][A-Za-z0-9_-]{0,63}:[A-Za-z_*][A-Za-z0-9_-]{0,63}:(\S{3,256})(?=\s|\Z)"
)

# The data of a Kubernetes Secret: base64 under whatever name.
_SECRET_KIND = regex(r"[\"']?kind[\"']?: ?[\"']?Secret\b")
_SECRET_DATA = regex(
    r"[\"']?\b(?:data|stringData)[\"']?:[ \t]{0,4}\{?\n?"
    r"((?:[ \t]{1,16}[\"']?[A-Za-z0-9_.-]{1,64}[\"']?:[^\n]{0,8192}(?:\n|\Z)){1,64})"
)
_SECRET_ENTRY = regex(r":[ \t]{1,4}[\"']?([^\s\"'{]{6,8192})[\"']?,?[ \t]{0,4}(?=\n|\Z)")


def find_in_commands(text: str) -> Iterator[Finding]:
    """Yield passwords given to well-known commands and statements."""
    for first, others, pattern in FORMS:
        if first in text and all(needle in text for needle in others):
            for match in pattern.finditer(text):
                if not is_placeholder(match.group(1)):
                    yield Finding("password", match.start(1), match.end(1))
    if ":" in text:
        for match in _PGPASS.finditer(text):
            if not is_placeholder(match.group(1)):
                yield Finding("password", match.start(1), match.end(1))
    if "Secret" in text and _SECRET_KIND.search(text):
        for block in _SECRET_DATA.finditer(text):
            for match in _SECRET_ENTRY.finditer(text, block.start(1), block.end(1)):
                if not is_placeholder(match.group(1)):
                    yield Finding("secret", match.start(1), match.end(1))
