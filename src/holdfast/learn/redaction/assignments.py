"""Values given to names that announce a secret, in code, configuration, commands and prose."""

from __future__ import annotations

import re
from collections.abc import Iterator

from holdfast.learn.redaction.names import Strength, strength
from holdfast.learn.redaction.spans import Finding
from holdfast.learn.redaction.values import is_placeholder, is_random, is_uuid, is_words

# Searched in the lower-cased text. Each hit is then widened to the whole name, by at most 48 characters a side.
_KEYWORD = re.compile(
    r"pass(?:w(?:or)?[dt]|phrase|code)?|pwd|secret|token|credential|"
    r"(?:api|access|private|auth|encryption|signing|master|account|shared|service|ssh|license|admin|session|storage|"
    r"deploy|client|webhook|subscription|write|app|application|hmac|role|jwt|root|aes|integration|routing|ingest|crypt)[-_. ]?key|"
    r"key[-_]?base|[?&_]key|[_.\"'-]auth\b|session_?id|connect\.sid|jwt|psk|hmac|salt"
)
_BEFORE = re.compile(r"[A-Za-z0-9_.-]{0,48}\Z")
_AFTER = re.compile(r"[A-Za-z0-9_-]{0,48}")
_SEPARATOR = re.compile(
    r"(?P<close>[\"'`]?\]?[\"']?)(?:"
    r"[ \t]{0,16}(?P<sign>=>|:=|={1,3}|!==?|\?\?=|:)(?:[ \t]{0,16}|[ \t]{0,4}\n[ \t]{1,16}(?=[\"']))"
    r"|(?P<pair>,?\s{1,24}[\"']?[vV]alue[\"']?\s{0,4}[:=]\s{0,4}|,\s{0,8}(?=[\"'`]))"
    r"|(?P<tag>>)"
    r"|(?P<space>[ \t]{1,8})"
    r")"
)
_ANNOTATION = re.compile(r"[A-Za-z_][A-Za-z0-9_.\[\]|, ?]{0,40}?[ ]?=[ ]?(?=[\"'])")
_QUOTE = re.compile(r"(?:\b[A-Za-z]{1,2})?(\"\"\"|'''|[\"'`])")
_OPEN_VALUE = re.compile(r"(?:[^\s\"'`<>|\\]|\\(?![nrt\"'`\\])){1,512}")
_CODE_VALUE = re.compile(r"[^\s\"'`<>|,;&)}\]\\]{1,512}")
_QUERY_VALUE = re.compile(r"[^\s\"'`<>|,;&#)}\]\\]{1,2048}")
_IDENTIFIER = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*(?:(?:\.|\?\.|::|->)[A-Za-z_$][A-Za-z0-9_$]*)*[!?]?\Z")
_SENTENCE = re.compile(
    r"(?i)\b(?:the|a|an|is|are|your|enter|must|required|invalid|wrong|incorrect|missing|please|forgot|forgotten|reset|for|to|"
    r"with|of|and|or|not|confirm|new|be|this|that|from|in|on|used|by|set|via|create|change|update|should)\b"
)
_DIGEST = re.compile(r"(?i)(?:sha\d{1,3}|md5|blake\d\w?)[-:=]")
_SET = re.compile(r"(?:\b(?:ENV|ARG|setx|SetEnv|define)|\bset -\w{1,3}|\bfetch|secret set)[ \t]+[\"']?\Z")
_LOOKBACK = 48


def find_assigned(text: str) -> Iterator[Finding]:
    """Yield the value of each secret-looking name, where the value itself could be a secret."""
    lowered = text.lower()
    if len(lowered) != len(text):
        lowered = "".join(c.lower() if c < "\x80" else c for c in text)
    seen = 0
    for match in _KEYWORD.finditer(lowered):
        if match.start() < seen:
            continue
        before = _BEFORE.search(text, max(0, match.start() - _LOOKBACK), match.start())
        start = before.start() if before else match.start()
        after = _AFTER.match(text, match.end())
        end = after.end() if after else match.end()
        seen = end
        name = text[start:end].lstrip("?&\"'")
        sure = strength(name.lstrip("-."))
        if sure:
            yield from _value(text, start, end, name, sure)


def _value(text: str, start: int, end: int, name: str, sure: Strength) -> Iterator[Finding]:
    """Yield the value given to the name at ``text[start:end]``, if there is one and it must go."""
    separator = _SEPARATOR.match(text, end)
    if separator is None:
        return
    at = separator.end()
    if separator["tag"]:
        if text[start - 1 : start] != "<":
            return
        stop = text.find("<", at, at + 2048)
        if stop > at and _must_go(text[at:stop], sure, quoted=True):
            yield Finding(_kind(sure), at, stop)
        return
    spaced = separator["space"] is not None
    if spaced and not (name.startswith("-") or _SET.search(text, max(0, start - 24), start)):
        yield from _in_prose(text, at, sure)
        return
    if separator["sign"] and not spaced and (typed := _ANNOTATION.match(text, at)):
        at = typed.end()
    if quote := _QUOTE.match(text, at):
        yield from _quoted(text, quote, sure)
    elif not separator["pair"] or "alue" in separator["pair"]:
        yield from _unquoted(
            text,
            start,
            at,
            name,
            sure,
            tight=separator["sign"] == "=" and separator.end() == separator.start("sign") + 1,
        )


def _kind(sure: Strength) -> str:
    return "password" if sure is Strength.PASSWORD else "secret"


def _quoted(text: str, quote: re.Match[str], sure: Strength) -> Iterator[Finding]:
    """Yield a value between quotes."""
    mark = quote.group(1)
    stop = text.find(mark, quote.end(), quote.end() + 4096)
    line = text.find("\n", quote.end(), quote.end() + 4096)
    if len(mark) == 1 and 0 <= line and (stop < 0 or line < stop):
        stop = line
    if stop < 0:
        stop = min(len(text), quote.end() + 512)
    if _must_go(text[quote.end() : stop], sure, quoted=True):
        yield Finding(_kind(sure), quote.end(), stop)


def _unquoted(text: str, start: int, at: int, name: str, sure: Strength, *, tight: bool) -> Iterator[Finding]:
    """Yield a value that ends where a blank or a closing mark does."""
    shell = name.startswith("-") or (tight and name.isupper())
    query = text[start - 1 : start] in ("?", "&") or text[start : start + 1] in ("?", "&")
    pattern = _QUERY_VALUE if query else _OPEN_VALUE if shell else _CODE_VALUE
    match = pattern.match(text, at)
    if match is None:
        return
    value = match.group().rstrip(",;)}].:" if not query else ".:")
    rest = text[at + len(value) : at + len(value) + 1]
    if value.startswith(("-", "(", "[", "{", "=", "*", "\\", "/", "@", "!", "&")) and not shell:
        return
    if (
        "(" in value
        or rest in ("(", "[")
        or (not shell and _is_code(text, at, value, sure, tight=tight or query))
    ):
        return
    if _must_go(value, sure, quoted=False):
        yield Finding(_kind(sure), at, at + len(value))


def _is_code(text: str, at: int, value: str, sure: Strength, *, tight: bool) -> bool:
    """Say whether an unquoted value is an expression: a variable, a type, a keyword."""
    if not _IDENTIFIER.match(value):
        return "[" in value or "::" in value
    if is_random(value, 20):
        return False
    digits = any(c.isdigit() for c in value)
    if digits and "." not in value and "_" not in value:
        return False
    if sure is not Strength.PASSWORD or "." in value or "_" in value or value != value.lower():
        return True
    line_end = text[at + len(value) : at + len(value) + 1]
    line_start = text.rfind("\n", 0, at) + 1
    head = text[line_start:at]
    alone = re.fullmatch(r"[ \t-]*[A-Za-z0-9_.-]+(?:: |=| = )", head) is not None
    return not (alone and line_end in ("", "\n", "\r", " ") and (tight or ": " in head))


def _in_prose(text: str, at: int, sure: Strength) -> Iterator[Finding]:
    """Yield a value that a sentence names: ``the password is Tr0ub4dor``, ``login x password y``."""
    linked = re.compile(r"(?:is|was|are|will be|now|:)[ \t]{1,4}:?[ \t]{0,4}").match(text, at)
    begin = linked.end() if linked else at
    quote = _QUOTE.match(text, begin)
    if quote:
        stop = text.find(quote.group(1), quote.end(), quote.end() + 200)
        value = text[quote.end() : stop] if stop > 0 else ""
        begin = quote.end()
    else:
        match = _CODE_VALUE.match(text, begin)
        value = match.group().rstrip(".,:;!?") if match else ""
    if " " in value or not value or is_placeholder(value) or is_words(value):
        return
    mixed = any(c.isdigit() for c in value) and any(c.isalpha() for c in value)
    good = is_random(value, 16) and not is_uuid(value)
    if sure is Strength.PASSWORD and (linked or quote):
        good = (
            good
            or (mixed and len(value) >= 6 and not _IDENTIFIER.match(value))
            or (mixed and len(value) >= 6)
        )
    if good:
        yield Finding(_kind(sure), begin, begin + len(value))


def _must_go(value: str, sure: Strength, *, quoted: bool) -> bool:
    """Say whether a value of a secret-looking name could be the secret itself."""
    bare = value.strip()
    if len(bare) < 4 or is_placeholder(bare) or _DIGEST.match(bare):
        return False
    if "://" in bare:
        return False
    if " " in bare and (_SENTENCE.search(bare) or sure is not Strength.PASSWORD):
        return (
            sure is not Strength.BARE and is_random(bare.replace(" ", ""), 24) and not _SENTENCE.search(bare)
        )
    if sure is Strength.PASSWORD:
        if quoted and is_words(bare) and (" " not in bare):
            return bare.lower() == bare and not any(c in bare for c in "._-/:") and len(bare) >= 6
        return not bare.startswith(("/", "./", "../", "~/"))
    if is_random(bare, 20 if sure is Strength.BARE else 12):
        return not (sure is Strength.BARE and is_uuid(bare)) and not bare.startswith(("/", "./", "../", "~/"))
    if sure is Strength.BARE or is_words(bare):
        return False
    mixed = any(c.isdigit() for c in bare) and any(c.isalpha() for c in bare)
    return len(bare) >= 8 and mixed and not bare.startswith(("/", "./", "~"))
