"""What a statement refers to: paths, links, names of code, options of commands; each with where it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from holdfast.hook.patterns import regex
from holdfast.learn.instruction_commands import spans
from holdfast.learn.prohibitions import tells_of_the_past

Kind = Literal["path", "name", "symbol", "link", "module", "option"]

_LINK = regex(r"(?<!!)\[[^\]\n]{0,200}\]\(\s*<?([^)\s#?>]{1,400})>?(?:#[^)\s]{0,400})?(?:\s+\"[^\"]*\")?\)")
_IMPORT = regex(r"(?:^|(?<=\s))@((?:\./)?[\w.-]+(?:/[\w.-]+)*\.(?:mdc?|txt))\b")
_PATH = regex(r"(?:\./)?[\w.@+-]+(?:/[\w.@+()\[\]-]+)+/?\Z|[\w.@+-]+/\Z")
_NAME = regex(r"[\w-][\w.-]*\.[A-Za-z][A-Za-z0-9]{0,9}\Z|\.[a-z][\w.-]+\Z")
_LINE_NUMBER = regex(r"(?::\d+(?:[-:]\d+)?|#L\d+(?:-L?\d+)?|::[\w.\[\]-]+(?:::[\w.\[\]-]+)*)\Z")
_SYMBOL = regex(r"(?:[A-Za-z_]\w*(?:\.|::|#))*([A-Za-z_]\w*)(?:\([^()\n]{0,60}\))?!?\Z")
_MODULE = regex(r"[a-z_][a-z0-9_]*(?:\.[a-z_][a-z0-9_]*)+")
_OPTION = regex(r"--[a-z][a-z0-9-]+")
_BARE = regex(
    r"(?<![\w`/.:@~$<{*-])(?:\./)?(?:[\w.+-]+/)+[\w.+-]*\w\.[A-Za-z][A-Za-z0-9]{0,6}\b(?![/*`(])"
    r"|(?<![\w`/.:@~$<{*-])(?:[\w.+-]+/){1,6}(?=[\s,;:)]|\.(?:\s|$)|$)"
)
_CLAUSE = regex(r"[.;!?](?=\s|$)|\s[—–]\s|\s-\s|\n(?=[-*])|,\s(?=(?:use|see|now|which|it|so|but|then)\b)")
_GONE = regex(
    r"\b(?:delet\w+|remov(?:e|ed|es|al)\b|gone|dropped|retired|obsolete|no longer|used to|formerly|previously"
    r"|was|were|had been|moved|renamed|replac\w+|supersed\w+|deprecated|legacy|old|former|until|migrat\w+"
    r"|split"
    r"|merged into|folded into|became|turned into|does(?:n['’]t| not) exist|not there|never existed|come back"
    r"|bring back|do not (?:re-?create|re-?add|bring)|don['’]t (?:re-?create|re-?add|bring)|instead of"
    r"|rather than"
    r"|e\.g\.|for example|such as|like|will|new|todo|planned|plan to|should be created|to be created"
    r"|git-?ignored"
    r"|gel[öo]scht|entfernt|umbenannt|verschoben|fr[üu]her|ehemals|gibt es nicht mehr|abgel[öo]st|ersetzt"
    r"|supprim\w+|renomm\w+|d[ée]plac\w+|ancien\w*|n['’]existe plus|remplac\w+|eliminad\w+|borrad\w+"
    r"|antigu\w+)\b"
    r"|削除|移動|廃止|なくな|已删除|移除",
    re.IGNORECASE,
)
"""Words that say that what is named is not to be expected, whatever was there once."""
_EXAMPLE = regex(
    r"(?:^|[/._-])(?:foo|bar|baz|example|my|your|some|xxx?|path/to|yyyy|nnn|name|file|dir|folder|todo"
    r"|abc)(?:[/._-]|$)"
    r"|[<>{}*$…]|\.\.\.",
    re.IGNORECASE,
)
_ELSEWHERE = regex(
    r"\b(?:other|sibling|another|separate|upstream) (?:repo\w*|project)\b|\b(?:in|from|of) the [\w`/-]+"
    r" repo\w*\b"
    r"|\bhttps?://|\bon the server\b|\bon the (?:host|device|box|machine)\b|\bin the (?:container|image"
    r"|bucket)\b",
    re.IGNORECASE,
)


def lies_elsewhere(text: str) -> bool:
    """Tell whether a text speaks of another repository or machine."""
    return bool(_ELSEWHERE.search(text))


class Reference(NamedTuple):
    """One thing that a text names.

    Attributes:
        kind: A ``path`` has a slash, a ``name`` is that of a file alone, a ``symbol`` is one of code.
        text: As it is written, without marks.
        what: The path without line number, or the last name of the symbol.
        gone: True when the words around it say that it is gone, made, an example, or lies elsewhere.
        called: True for a symbol that is written as a call, such as ``run()``.
    """

    kind: Kind
    text: str
    what: str
    gone: bool
    called: bool = False


def references(text: str, *, code: bool = False) -> Iterator[Reference]:
    """Yield what a line or a paragraph names, in order and each once.

    Args:
        text: The statement.
        code: True for a line of a code block: every word counts there.
    """
    given: set[tuple[str, str, str]] = set()
    for reference in _all(text, code=code):
        key = reference.kind, reference.text, reference.what
        if key not in given:
            given.add(key)
            yield reference


def _all(text: str, *, code: bool) -> Iterator[Reference]:
    for match in _LINK.finditer(text):
        target = match.group(1)
        if not re.match(r"[a-z][a-z0-9+.-]*:|/|#|mailto", target, re.IGNORECASE) and not _EXAMPLE.search(
            target
        ):
            yield Reference("link", target, target, _is_gone(text, match.start(), match.end()))
    for match in _IMPORT.finditer(text):
        yield Reference("link", match.group(1), match.group(1), False)
    if code:
        for word in text.split():
            yield from _path(word.strip("'\",;"), gone=False)
        return
    plain = list(text)
    for span in spans(text):
        plain[span.start : span.end] = " " * (span.end - span.start)
        yield from _in_span(span.text, gone=_is_gone(text, span.start, span.end))
    masked = _LINK.sub(lambda match: " " * len(match.group()), "".join(plain))
    for match in _BARE.finditer(masked):
        yield from _path(match.group(), gone=_is_gone(text, match.start(), match.end()))


def _in_span(text: str, *, gone: bool) -> Iterator[Reference]:
    """Yield what a code span names: a path, a name of code, or the words of a command."""
    if _MODULE.fullmatch(text):
        yield Reference("module", text, text, gone)
    found = list(_path(text, gone=gone))
    if found or " " not in text:
        yield from found or _symbol(text, gone=gone)
        return
    program, *_ = words = text.split()
    for word in words:
        yield from (one for one in _path(word.strip("'\",;"), gone=gone) if one.kind == "path")
        if _MODULE.fullmatch(word):
            yield Reference("module", word, word, gone)
        elif _OPTION.fullmatch(word.partition("=")[0]):
            yield Reference("option", word.partition("=")[0], program, gone)


def _path(text: str, *, gone: bool) -> Iterator[Reference]:
    what = _LINE_NUMBER.sub("", text)
    if _EXAMPLE.search(what) or what.startswith(("/", "~", "-", "@", "..")) or "//" in what:
        return
    if _PATH.match(what):
        yield Reference("path", text, what, gone)
    elif _NAME.match(what) and not what[0].isdigit():
        yield Reference("name", text, what, gone)


def _symbol(text: str, *, gone: bool) -> Iterator[Reference]:
    match = _SYMBOL.match(text)
    if match is None:
        return
    name = match.group(1)
    for owner in re.findall(r"\b([A-Z][a-z0-9]+[A-Z]\w*|[A-Z][a-z]{3,}\w*)(?=\.|::|#)", text):
        yield Reference("symbol", text, owner, gone)
    called = text.rstrip("!").endswith(")")
    shaped = bool(
        re.search(r"[a-z0-9]_[a-z0-9]|[a-z][A-Z]|^[A-Z][a-z]+[A-Z]|^[A-Z][A-Z0-9]+_[A-Z0-9_]+$", name)
    )
    if len(name) > 2 and (called or shaped or re.fullmatch(r"[A-Z][a-z]{3,}\w*", name) or "." in text):
        yield Reference("symbol", text, name, gone or bool(_EXAMPLE.search(name)), called)


def _is_gone(text: str, start: int, end: int) -> bool:
    """Tell whether the clause around a reference says that nothing is to be expected there."""
    before = _CLAUSE.split(text[:start])[-1]
    after = _CLAUSE.split(text[end:])[0]
    around = f"{before} {after}"
    return bool(_GONE.search(around) or _ELSEWHERE.search(around) or tells_of_the_past(around))
