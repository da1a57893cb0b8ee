"""Find what looks like a live secret in a memory, by the rules that keep secrets out of records."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

from holdfast.learn import redact
from holdfast.measure.audit.finding import Finding
from holdfast.measure.audit.memory import Memory
from holdfast.measure.audit.quote import quote

_NO_SECRET = frozenset(["home", "email"])
_HARMLESS = re.compile(
    r"\b(?:example|placeholder|dummy|fake|sample|redacted|changeme|change-me|your[-_]|not a (?:real )?secret"
    r"|invalid|revoked|expired|documentation)\b|x{4,}|\*{3,}|<[^>]{1,40}>|\.\.\.|…|(?-i:\$\{?[A-Z][A-Z_]{2,})"
    r"|EXAMPLE",
    re.IGNORECASE,
)
_LOCAL = re.compile(
    r"\w+://([^:@/\s]+):([^@/\s]+)@(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\]|host\.docker\.internal|db"
    r"|postgres"
    r"|mysql|redis|database|rabbitmq|mongo)\b"
)
_DEFAULT = frozenset(
    "postgres root admin password test guest user dev secret pass app mysql redis example minio"
    " minioadmin".split()
)


_TOLD = re.compile(
    r"(?:\b(?:password|passwd|passphrase|passwort|kennwort|mot de passe|contraseña|senha|api[- _]?(?:key"
    r"|schlüssel|token)"
    r"|clé d['’]api|access key|secret key|auth token|access token|secret|credentials?|login|zugangsdaten)\b"
    r"|パスワード|密码|密碼)"
    r"[^\n.;]{0,40}?(?:\bis\b|\bwas\b|\blautet\b|\bist\b|\best\b|\bes\b|\bé\b|[:=：は])\s*[`\"'(]*"
    r"(?:[\w.@-]{2,30}\s?[:/]\s?)?(?P<value>[^\s`\"'<>(){}\[\]]{8,80})",
    re.IGNORECASE,
)
"""How a person tells a password in a sentence."""


class Secret:
    """A secret in a text: its kind, and where it stands in characters; never the secret itself."""

    def __init__(self, kind: str, start: int, end: int) -> None:
        self.kind, self.start, self.end = kind, start, end


def secrets_in(text: str) -> Iterator[Secret]:
    """Yield what looks like a live secret in a text; placeholders and well-known defaults are none."""
    known = redact.find(text)
    for found in known:
        if found.kind in _NO_SECRET or _is_harmless(text, found.start, found.end):
            continue
        yield Secret(found.kind, found.start, found.end)
    yield from _told_in_words(text, known)


def _told_in_words(text: str, known: list[redact.Finding]) -> Iterator[Secret]:
    """Yield what a sentence calls a password or key and what looks as if made by chance."""
    for match in _TOLD.finditer(text):
        value = match["value"].rstrip(".,;:!?")
        start = match.start("value")
        if not _by_chance(value) or _is_harmless(text, start, start + len(value)):
            continue
        if not any(one.start < start + len(value) and start < one.end for one in known):
            yield Secret("password", start, start + len(value))


def _by_chance(value: str) -> bool:
    """Tell a password from a word, a name or a path: several kinds of characters, mixed."""
    if len(value) < 8 or "/" in value or "://" in value or re.fullmatch(r"[\w]+(?:[._-][A-Za-z]+)+", value):
        return False
    kinds = [r"[a-z]", r"[A-Z]", r"[0-9]", r"[^\w]"]
    mixed = sum(bool(re.search(kind, value)) for kind in kinds)
    changes = len(re.findall(r"[A-Za-z][0-9]|[0-9][A-Za-z]|[a-z][A-Z]", value))
    return bool(re.search(r"[0-9]", value)) and mixed >= 3 and changes >= 2


def secret_findings(memory: Memory) -> Iterator[Finding]:
    """Yield the secrets of a memory, in order; several on one line are one finding."""
    starts = [0, *(match.end() for match in re.finditer("\n", memory.text))]
    kinds: dict[tuple[int, int], list[str]] = {}
    for found in secrets_in(memory.text):
        first = bisect_right(starts, found.start)
        last = bisect_right(starts, max(found.start, found.end - 1))
        kinds.setdefault((first, last), []).append(found.kind.replace("-", " "))
    for (first, last), named in kinds.items():
        what = ", ".join(dict.fromkeys(named))
        yield Finding(
            kind="secret", path=memory.path, line=first, end=last, text=quote(memory, first, last), what=what,
            why=f"It holds what looks like a live secret ({what}).",
            do="Rotate it: whoever read this file has it. Keep only the name of where it is stored.",
        )  # fmt: skip


def _is_harmless(text: str, start: int, end: int) -> bool:
    value = text[start:end]
    if "\n" not in value and _HARMLESS.search(value):
        return True
    line = text[text.rfind("\n", 0, start) + 1 : start + 400].split("\n")[0]
    local = _LOCAL.search(line)
    if local is not None and local.start() <= start - (text.rfind("\n", 0, start) + 1) <= local.end():
        return local.group(2).lower() in _DEFAULT or local.group(1) == local.group(2)
    bare = value.strip("'\"` ").lower()
    return bare in _DEFAULT or bool(
        re.search(r"(?<![.\w-])(?:fake|dummy|example|placeholder|not real)\b(?!\.)", line, re.IGNORECASE)
    )
