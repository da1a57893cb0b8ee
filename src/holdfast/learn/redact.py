"""Take secrets and personal names out of text before it is stored, logged, indexed or shown.

A text is read three ways: as it is, with string escapes decoded and colour codes removed, and with colour
codes as blanks; what any reading finds is cut out of the original. What replaces a secret says its kind
(``[redacted:github-token]``); a home directory becomes ``~``. Placeholders, digests, identifiers and code
that handles secrets are left alone. Redacting twice changes nothing more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache

from holdfast.hook.patterns import regex
from holdfast.learn.redaction.assignments import find_assigned
from holdfast.learn.redaction.channels import find_in_channels
from holdfast.learn.redaction.commands import find_in_commands
from holdfast.learn.redaction.keyblocks import find_key_blocks
from holdfast.learn.redaction.people import find_emails, find_homes
from holdfast.learn.redaction.spans import Finding, View, decoded, merge, separated, without
from holdfast.learn.redaction.vendors import find_tokens

__all__ = ["Finding", "find", "redact", "redact_bytes", "redact_findings", "scan"]

Patterns = Callable[[str], Iterator[Finding]]

# Where findings overlap the more telling kind is shown; vendor kinds rank between (50).
_RANK = {
    "private-key": 0,
    "webhook": 10,
    "authorization": 60,
    "cookie": 65,
    "password": 70,
    "secret": 80,
    "home": 95,
    "email": 90,
}
_ROUNDS = 12
_SHORT = 400
# A longer match may have been cut within a word; what follows it then has a new left neighbour.
_LONG_HOME = 50
_MARK = regex(r"\[redacted:[a-z0-9-]{1,32}\]")
# No rule can match a shorter text.
_SHORTEST = 6


def find(text: str) -> list[Finding]:
    """Return everything in a text that must not be stored, in order and without overlap."""
    return _find_all(text)[0]


def redact(text: str) -> str:
    """Return a text with everything private replaced; doing so twice changes nothing more."""
    return _find_all(text)[1]


def redact_findings(text: str) -> tuple[str, list[Finding]]:
    """Return the redacted text, and what was found, in offsets of the text given."""
    findings, clean = _find_all(text)
    return clean, findings


def redact_bytes(data: bytes) -> bytes:
    """Return UTF-8 data redacted; bytes that are not UTF-8 pass unchanged around what is found."""
    return redact(data.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")


def scan(path: str, data: bytes) -> list[str]:
    """Return one plain sentence for each finding in a file, without the secret itself.

    Used before anything leaves the machine: an empty list means that nothing was found.
    """
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
    text = data.decode(encoding, "surrogateescape" if encoding == "utf-8" else "replace")
    sentences = []
    line, counted = 1, 0
    for found in find(text):
        line += text.count("\n", counted, found.start)
        counted = found.start
        sentences.append(f"{path}, line {line}: {_describe(found.kind)}")
    return sentences


def _describe(kind: str) -> str:
    """Say in words what a kind of finding is."""
    if kind == "home":
        return "a home directory with a user's name"
    if kind == "email":
        return "an e-mail address"
    article = "an" if kind[0] in "aeiou" else "a"
    return f"what looks like {article} {kind.replace('-', ' ')}"


def _find_all(text: str) -> tuple[list[Finding], str]:
    findings, clean = _remembered(text) if len(text) <= _SHORT else _find_through(text)
    return list(findings), clean


def _find_through(text: str) -> tuple[list[Finding], str]:
    """Find, replace, and look again until nothing is left: one replacement may uncover another."""
    fresh = _look_anew(text, _patterns)
    if not fresh:
        return [], text
    findings: list[Finding] = []
    view = View(text, ())
    for _ in range(_ROUNDS):
        back = [Finding(f.kind, *view.origin(f.start, f.end)) for f in fresh]
        findings = merge([*findings, *back], _RANK)
        view = View(text, [(f.start, f.end, _replacement(f)) for f in findings])
        fresh = _look_anew(view.text, _patterns if _is_telling(fresh) else _names_alone)
        if not fresh:
            break
    return findings, view.text


# The same commands, files and messages come again in session after session.
_remembered = lru_cache(maxsize=8192)(_find_through)


def _is_telling(found: list[Finding]) -> bool:
    """Say whether taking out what was found could uncover anything but another name."""
    return any(f.kind != "home" or f.end - f.start > _LONG_HOME for f in found)


def _look_anew(text: str, patterns: Patterns) -> list[Finding]:
    """Return what is found in a text outside the marks that earlier redaction left in it."""
    found = _look(text, patterns)
    if "[redacted:" not in text:
        return list(found)
    return without(found, [match.span() for match in _MARK.finditer(text)])


def _look(text: str, patterns: Patterns) -> Iterator[Finding]:
    """Yield what each reading of a text shows, in offsets of the text itself."""
    coloured = "\x1b" in text
    view = decoded(text) if coloured or "\\" in text else None
    if view is None or len(view.text) == len(text):
        yield from patterns(text)
        return
    # As it stands, a text with escapes still tells Windows paths and values with a backslash in them.
    yield from find_assigned(text, _lowered(text))
    yield from find_homes(text)
    views = (view, separated(text)) if coloured else (view,)
    for view in views:
        for found in patterns(view.text):
            yield Finding(found.kind, *view.origin(found.start, found.end))


def _patterns(text: str) -> Iterator[Finding]:
    """Yield what every family of patterns finds in one reading."""
    if len(text) < _SHORTEST:
        return
    low = _lowered(text)
    if "private" in low or "openvpn" in low:
        yield from find_key_blocks(text)
    yield from find_tokens(text)
    yield from find_in_channels(text, low)
    yield from find_in_commands(text)
    yield from find_assigned(text, low)
    yield from find_emails(text)
    yield from find_homes(text)


def _names_alone(text: str) -> Iterator[Finding]:
    """Yield the few findings that replacing a home directory by ``~`` can uncover."""
    low = _lowered(text)
    yield from find_in_channels(text, low)
    yield from find_in_commands(text)
    yield from find_assigned(text, low)
    yield from find_homes(text)


def _lowered(text: str) -> str:
    """Return a text in lower case, its length unchanged."""
    low = text.lower()
    return low if len(low) == len(text) else "".join(c.lower() if c.isascii() else c for c in text)


def _replacement(finding: Finding) -> str:
    """Return what is shown in place of a finding."""
    return "~" if finding.kind == "home" else f"[redacted:{finding.kind}]"
