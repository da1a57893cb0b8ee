"""Values given to names that announce a secret, in code, configuration, commands and prose."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from holdfast.hook.patterns import regex
from holdfast.learn.redaction.names import Strength, strength
from holdfast.learn.redaction.spans import Finding
from holdfast.learn.redaction.values import is_mixed, is_placeholder, is_random, is_uuid, is_words

# Searched in the lower-cased text; a hit is then widened to the whole name, at most 48 characters a side.
_KEYWORD = regex(
    r"pass|pwd|secret|token|credential|key|auth(?!or)|jwt|psk|hmac|salt|sessid|jsessionid|connect\.sid|pat(?![a-z])"
)
_NAME = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-"
_AFTER = regex(r"[A-Za-z0-9_-]{0,48}")
_LOOKBACK = 48
# What can follow a name that is given a value; the empty string is the end of the text.
_FOLLOWING = " \t\r\n\"'`]=:>,!?(%"
# ``the API key``: two words that make one name.
_FIRST_WORDS = tuple(
    f"{word} " for word in "api access secret private auth client account signing encryption".split()
)
_SEPARATOR = regex(
    r"(?P<close>[\"'`]?\]?[\"']?)(?:"
    r"[ \t]{0,16}(?P<sign>=>|:=|={1,3}|!==?|\?\?=|:|%3[dD])(?:[ \t]{0,16}|[ \t]{0,4}\n[ \t]{1,16}(?=[\"']))"
    r"|(?P<pair>(?:,|,?\s)\s{0,24}[\"']?[vV]alue[\"']?\s{0,4}[:=]\s{0,4})"
    r"|(?P<next>,\s{0,8}(?=[\"'`]))"
    r"|(?P<call>\(\s{0,4}(?=[\"'`]))"
    r"|(?P<tag>>)"
    r"|(?P<typed>[ \t](?:string|String|&str|char ?\*)[ \t]{1,4}:?=[ \t]{0,4}(?=[\"'`]))"
    r"|(?P<space>[ \t]{1,8})"
    r")"
)
_ANNOTATION = regex(r"[&A-Za-z_][A-Za-z0-9_.\[\]|, ?']{0,40}?[ ]?=[ ]?(?=[\"'])")
_QUOTE = regex(r"(?:\b[A-Za-z]{1,2})?(\"\"\"|'''|[\"'`])")
_OPEN_VALUE = regex(r"(?:[^\s\"'`<>|\\]|\\(?![nrt\"'`\\])){1,512}")
_CODE_VALUE = regex(r"[^\s\"'`<>|,;&)}\]\\]{1,512}")
_QUERY_VALUE = regex(r"[^\s\"'`<>|,;&#)}\]\\]{1,2048}")
# Generated values have "=" at their end alone.
_PADDED = regex(r"[^=]+={0,3}")
_IDENTIFIER = regex(r"[A-Za-z_$][A-Za-z0-9_$]*(?:(?:\.|\?\.|::|->)[A-Za-z_$][A-Za-z0-9_$]*)*[!?]?\Z")
_SENTENCE = regex(
    r"(?i)\b(?:the|a|an|is|are|your|enter|must|required|invalid|wrong|incorrect|missing|please|forgot|forgotten|"
    r"reset|for|to|with|of|and|or|not|confirm|new|be|this|that|from|in|on|used|by|set|via|create|change|update|should)\b"
)
_TEMPLATE = regex(r"\$[{(A-Za-z_]|\{\{|<[A-Za-z]|%[A-Z]")
_LINE_END = regex(r"[ \t]{0,80}(?:[#\r\n]|\Z)")
_CODE_STARTS = tuple("-([{=*\\/@!&")
_LINK = regex(r"(?:is|was|are|will be|now|:):?[ \t]{1,4}:?[ \t]{0,4}")
_DIGEST = regex(r"(?i)(?:sha\d{1,3}|md5|blake\d\w?)[-:=]")
_SET = regex(
    r"(?:\b(?:ENV|ARG|setx|SetEnv|define)|\bset -\w{1,3}|secret set|config(?:ure|:)? ?set|"
    r"git config(?: --[a-z]{1,12}){0,2})[ \t]+[\"']?(?://[^\s\"']{1,60})?\Z"
)
# What stands behind an ampersand and is no parameter of a query belongs to the value.
_TAIL = regex(r"&[^\s\"'`&=]{1,64}(?=[\s\"'`]|\Z)")
_ALONE = regex(r"[ \t-]*[A-Za-z0-9_.-]+(?:: |=| = )\Z")
_PATHS = ("/", "./", "../", "~/")


class Name(NamedTuple):
    """Hold a name found in a text: its words, where it stands, and how surely it announces a secret."""

    text: str
    start: int
    end: int
    sure: Strength

    @property
    def kind(self) -> str:
        """Return the kind of finding its value is."""
        return "password" if self.sure is Strength.PASSWORD else "secret"


def find_assigned(text: str, low: str) -> Iterator[Finding]:
    """Yield the value of each secret-looking name, where the value itself could be a secret.

    ``low`` is the text in lower case, of the same length.
    """
    seen = 0
    for match in _KEYWORD.finditer(low):
        if match.start() < seen:
            continue
        after = _AFTER.match(text, match.end())
        seen = after.end() if after else match.end()
        if text[seen : seen + 1] not in _FOLLOWING:
            continue
        name = _name(text, low, match.start(), seen)
        if name.sure and not text.startswith("::", max(0, name.start - 2)):
            for found in _value(text, name):
                tail = _TAIL.match(text, found.end)
                yield Finding(found.kind, found.start, tail.end()) if tail else found
                seen = max(seen, found.end)


def _name(text: str, low: str, at: int, end: int) -> Name:
    """Widen a keyword to the whole name it is part of."""
    head = text[max(0, at - _LOOKBACK) : at]
    start = at - len(head) + len(head.rstrip(_NAME))
    words = text[start:end]
    if words == "key" and text[start - 1 : start] in ("?", "&"):
        words = "token"
    if words in ("key", "Key", "token", "Token") and low[max(0, start - 11) : start].endswith(_FIRST_WORDS):
        words = "api_" + words.lower()
    return Name(words, start, end, strength(words.strip("-.")))


def _value(text: str, name: Name) -> Iterator[Finding]:
    """Yield the value given to a name, if there is one and it must go."""
    separator = _SEPARATOR.match(text, name.end)
    if separator is None:
        return
    at = separator.end()
    if separator["tag"]:
        yield from _in_element(text, at, name)
    elif separator["space"] and not (
        name.text.startswith("-") or _SET.search(text, max(0, name.start - 80), name.start)
    ):
        yield from _in_prose(text, at, name)
    else:
        if separator["sign"] and (typed := _ANNOTATION.match(text, at)):
            at = typed.end()
        if quote := _QUOTE.match(text, at):
            yield from _quoted(text, quote, name, argument=_is_argument(text, name, separator))
        elif not separator["next"]:
            yield from _unquoted(text, at, name, tight=separator.group() == "=")


def _is_argument(text: str, name: Name, separator: re.Match[str]) -> bool:
    """Say whether a value is an argument of a call; ``setenv("API_KEY", "…")`` is an assignment in effect."""
    if separator["next"] and name.text.isupper() and text[name.start - 2 : name.start - 1] == "(":
        return False
    return bool(separator["call"] or separator["next"])


def _in_element(text: str, at: int, name: Name) -> Iterator[Finding]:
    """Yield the text of an XML element, ``<password>…</password>``; a regular expression's group is none."""
    if text[name.start - 1 : name.start] != "<" or text[name.start - 2 : name.start - 1] in ("P", "?"):
        return
    stop = text.find("<", at, at + 2048)
    if stop > at and _must_go(text[at:stop], name.sure, quoted=True):
        yield Finding(name.kind, at, stop)


def _quoted(text: str, quote: re.Match[str], name: Name, *, argument: bool) -> Iterator[Finding]:
    """Yield a value between quotes; an argument of a call must look generated."""
    mark, start = quote.group(1), quote.end()
    stop = _closing(text, mark, start)
    line = text.find("\n", start, start + 4096)
    if len(mark) == 1 and line >= 0 and (stop < 0 or line < stop):
        stop = line
    if stop < 0:
        stop = min(len(text), start + 512)
    value = text[start:stop]
    if (is_random(value, 12) or not argument) and _must_go(value, name.sure, quoted=True):
        yield Finding(name.kind, start, stop)


def _closing(text: str, mark: str, start: int) -> int:
    """Return where a quoted value ends (a quote after one backslash is not its end), or -1."""
    stop = text.find(mark, start, start + 4096)
    while stop > start and text[stop - 1] == "\\" and text[stop - 2] != "\\":
        stop = text.find(mark, stop + 1, start + 4096)
    return stop


def _unquoted(text: str, at: int, name: Name, *, tight: bool) -> Iterator[Finding]:
    """Yield a value that ends where a blank or a closing mark does; ``tight``: ``name=value``, no blanks."""
    flag = name.text.startswith("-")
    shell = flag or (tight and name.text.isupper())
    query = text[name.start - 1 : name.start] in ("?", "&")
    match = (_QUERY_VALUE if query else _OPEN_VALUE if shell else _CODE_VALUE).match(text, at)
    if match is None:
        return
    value = match.group().partition("%26")[0].rstrip(".:" if query else ",;)}].:")
    if name.sure is not Strength.PASSWORD and (padded := _PADDED.match(value)):
        value = padded.group()
    rest = text[at + len(value) : at + len(value) + 1]
    if _TEMPLATE.match(value) or (not shell and value.startswith(_CODE_STARTS)):
        return
    if "(" in value or rest in ("(", "[") or (flag and not tight and value.isalpha() and value.islower()):
        return
    if not shell and _is_code(text, at, value, name.sure, tight=tight or query):
        return
    if _must_go(value, name.sure, quoted=False):
        yield Finding(name.kind, at, at + len(value))


def _is_code(text: str, at: int, value: str, sure: Strength, *, tight: bool) -> bool:
    """Say whether an unquoted value is an expression: a variable, a type, a keyword."""
    if not _IDENTIFIER.match(value):
        return "[" in value or "::" in value
    if is_random(value, 10 if sure is Strength.PASSWORD else 20):
        return False
    plain = "." not in value and "_" not in value
    if plain and is_mixed(value):
        return False
    if sure is not Strength.PASSWORD or not plain or value != value.lower():
        return True
    # One word alone on its line, as in YAML or an ini file, is a value; within more code it is a variable.
    head = (
        text[text.rfind("\n", max(0, at - 120), at) + 1 : at]
        if at < 120 or "\n" in text[at - 120 : at]
        else ""
    )
    alone = _ALONE.match(head) is not None and _LINE_END.match(text, at + len(value)) is not None
    return not (alone and (tight or ": " in head))


def _in_prose(text: str, at: int, name: Name) -> Iterator[Finding]:
    """Yield a value that a sentence names: ``the password is Tr0ub4dor``, ``the API key 9f3c…``."""
    linked = _LINK.match(text, at)
    begin = linked.end() if linked else at
    quote = _QUOTE.match(text, begin)
    if quote:
        begin = quote.end()
        stop = text.find(quote.group(1), begin, begin + 200)
        value = text[begin:stop] if stop > 0 else ""
    else:
        match = _CODE_VALUE.match(text, begin)
        value = match.group().rstrip(".,:;!?") if match else ""
    if not value or " " in value or "=" in value[1:-2] or is_placeholder(value) or is_words(value):
        return
    stated = bool(linked or quote or name.text.startswith("api_"))
    if name.sure is Strength.PASSWORD:
        good = is_random(value, 16) or (stated and is_mixed(value) and len(value) >= 6)
    else:
        good = stated and is_random(value, 16)
    if good and not is_uuid(value):
        yield Finding(name.kind, begin, begin + len(value))


def _must_go(value: str, sure: Strength, *, quoted: bool) -> bool:
    """Say whether a value of a secret-looking name could be the secret itself."""
    bare = value.strip()
    if (
        len(bare) < 4
        or "://" in bare
        or bare.startswith(_PATHS)
        or is_placeholder(bare)
        or _DIGEST.match(bare)
    ):
        return False
    if " " in bare and _SENTENCE.search(bare):
        return False
    if sure is Strength.PASSWORD:
        if quoted and " " not in bare and is_words(bare):
            return bare.isalpha() and bare.islower() and len(bare) >= 6
        return True
    if " " in bare:
        return sure is Strength.QUALIFIED and is_random(bare.replace(" ", ""), 24)
    if is_random(bare, 20 if sure is Strength.BARE else 12):
        return sure is Strength.QUALIFIED or not is_uuid(bare)
    return sure is Strength.QUALIFIED and len(bare) >= 8 and is_mixed(bare) and not is_words(bare)
