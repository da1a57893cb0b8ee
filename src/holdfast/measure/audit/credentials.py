"""Know a live secret in any text: by the rules that keep secrets out of records, and by what names it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from holdfast.hook.patterns import regex
from holdfast.learn import redact
from holdfast.learn.redaction.values import is_placeholder, is_random

_NO_SECRET = frozenset(["home", "email"])
_HARMLESS = regex(
    r"\b(?:example|placeholder|dummy|fake|sample|redacted|changeme|change-me|your[-_]|not a (?:real )?secret"
    r"|invalid|revoked|expired|documentation)\b|x{4,}|\*{3,}|<[^>]{1,40}>|\.\.\.|…|(?-i:\$\{?[A-Z][A-Z_]{2,})"
    r"|EXAMPLE",
    re.IGNORECASE,
)
_LOCAL = regex(
    r"\w+://([^:@/\s]+):([^@/\s]+)@(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\]|host\.docker\.internal|db"
    r"|postgres"
    r"|mysql|redis|database|rabbitmq|mongo)\b"
)
_DEFAULT = frozenset(
    "postgres root admin password test guest user dev secret pass app mysql redis example minio"
    " minioadmin".split()
)
_TOLD = regex(
    r"(?:\b(?:password|passwd|passphrase|passwort|kennwort|mot de passe|contraseña|senha|api[- _]?(?:key"
    r"|schlüssel|token)"
    r"|clé d['’]api|access key|secret key|auth token|access token|secret|credentials?|login|zugangsdaten)\b"
    r"|パスワード|密码|密碼)"
    r"[^\n.;]{0,40}?(?:\bis\b|\bwas\b|\blautet\b|\bist\b|\best\b|\bes\b|\bé\b|[:=：は])\s*[`\"'(]*"
    r"(?:[\w.@-]{2,30}\s?[:/]\s?)?(?P<value>[^\s`\"'<>(){}\[\]]{8,80})",
    re.IGNORECASE,
)
"""How a person tells a password in a sentence."""
_BESIDE = regex(
    r"(?:(?<![/.\w-])(?:secret|password|passwd|passphrase|token|credentials?|(?:api|access|private)[ -]key)"
    r"[^\w\n/]{1,4}(?P<value>[\w/+=-]{20,128})|(?<![\w/+-])(?P<half>[A-Za-z0-9/+]{40}))(?![\w/+=-]|\.\w)",
    re.IGNORECASE,
)
"""A generated value right behind the word for it, or one as long as the secret key of a cloud."""
_CLOUD = regex(r"\baws\b|\baws[-_]|\b(?:AKIA|ASIA)[A-Z0-9]|secret|credential|access[ _-]key", re.IGNORECASE)
"""Words of a line on which a value of that length is such a key."""
_WORDY = 0.65
"""Share of a value's letters that stand in words, from which it is a name."""
_ROUNDS = 5
_NEAR = 400
"""Characters on either side of a value that may tell what it is."""


class Secret:
    """A secret in a text: its kind, and where it stands in characters; never the secret itself."""

    def __init__(self, kind: str, start: int, end: int) -> None:
        self.kind, self.start, self.end = kind, start, end


def secrets_in(text: str) -> list[Secret]:
    """Return what looks like a live secret in a text, in order and apart; no placeholders, no defaults."""
    found = [
        Secret(one.kind, one.start, one.end)
        for one in redact.find(text)
        if one.kind not in _NO_SECRET and not _is_harmless(text, one.start, one.end)
    ]
    for other in (*_told_in_words(text), *_beside_its_name(text)):
        if not any(one.start < other.end and other.start < one.end for one in found):
            found.append(other)
    return sorted(found, key=lambda one: one.start)


def without_secrets(text: str, mark: str = "<{}>", *, keep_lines: bool = False) -> str:
    """Return a text with a mark in place of each secret.

    Args:
        text: Any text.
        mark: What stands for a secret, ``{}`` being its kind.
        keep_lines: Whether a secret of several lines gives way to as many.
    """
    for _ in range(_ROUNDS):  # what stood beside one may look like one now
        parts, at = [], 0
        for one in secrets_in(text):
            ends = text.count("\n", one.start, one.end) if keep_lines else 0
            parts += [text[at : one.start], mark.format(one.kind), "\n" * ends]
            at = one.end
        if not parts:
            break
        text = "".join([*parts, text[at:]])
    return text


def _told_in_words(text: str) -> Iterator[Secret]:
    """Yield what a sentence calls a password or key and what looks as if made by chance."""
    for match in _TOLD.finditer(text):
        value = match["value"].rstrip(".,;:!?")
        start = match.start("value")
        if _by_chance(value) and not _is_harmless(text, start, start + len(value)):
            yield Secret("password", start, start + len(value))


def _beside_its_name(text: str) -> Iterator[Secret]:
    """Yield generated values that stand behind the word for them, or on a line about keys of a cloud."""
    for match in _BESIDE.finditer(text):
        name = match.lastgroup or ""
        start, end = match.span(name)
        value = match[name]
        if name == "half" and not _CLOUD.search(_line(text, start, end)):
            continue
        if _is_generated(value) and not is_placeholder(value) and not _is_harmless(text, start, end):
            yield Secret("secret", start, end)


def _is_generated(value: str) -> bool:
    """Tell a generated value from a digest, and from a name or path made of words."""
    mixed = all(re.search(kind, value) for kind in ("[a-z]", "[A-Z]", "[0-9]"))
    in_words = sum(len(word) for word in re.findall(r"[A-Z]?[a-z]{2,}", value))
    return mixed and in_words < _WORDY * len(value) and is_random(value)


def _line(text: str, start: int, end: int) -> str:
    """Return the line around a place, as far as `_NEAR` characters on either side."""
    first = max(text.rfind("\n", 0, start) + 1, start - _NEAR)
    return text[first:start] + text[start : end + _NEAR].split("\n")[0]


def _by_chance(value: str) -> bool:
    """Tell a password from a word, a name or a path: several kinds of characters, mixed."""
    if len(value) < 8 or "/" in value or "://" in value or re.fullmatch(r"[\w]+(?:[._-][A-Za-z]+)+", value):
        return False
    kinds = [r"[a-z]", r"[A-Z]", r"[0-9]", r"[^\w]"]
    mixed = sum(bool(re.search(kind, value)) for kind in kinds)
    changes = len(re.findall(r"[A-Za-z][0-9]|[0-9][A-Za-z]|[a-z][A-Z]", value))
    return bool(re.search(r"[0-9]", value)) and mixed >= 3 and changes >= 2


def _is_harmless(text: str, start: int, end: int) -> bool:
    value = text[start:end]
    if "\n" not in value and _HARMLESS.search(value):
        return True
    line = _line(text, start, end)
    at = start - max(text.rfind("\n", 0, start) + 1, start - _NEAR)
    local = _LOCAL.search(line)
    if local is not None and local.start() <= at <= local.end():
        return local.group(2).lower() in _DEFAULT or local.group(1) == local.group(2)
    bare = value.strip("'\"` ").lower()
    return bare in _DEFAULT or bool(
        re.search(r"(?<![.\w-])(?:fake|dummy|example|placeholder|not real)\b(?!\.)", line, re.IGNORECASE)
    )
