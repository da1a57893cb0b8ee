"""A candidate text, prepared once for every criterion: cleaned, cut to what counts, with literals masked."""

from __future__ import annotations

import re
from dataclasses import dataclass

from holdfast.hook.patterns import regex

LIMIT = 20_000
"""Characters of a learning; a longer text is refused unread."""
MAX_WORDS = 80
"""Words of the first paragraph that an agent is shown."""
_LEAD = 3_000

_CONTROL = regex(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]"
)
_QUOTES = str.maketrans({"\u2019": "'", "\u2018": "'", "\u02bc": "'", "\u00a0": " ", "\t": " "})
_LONG_WORD = regex(r"(\S{160})(?=\S)")
_BLANKS = regex(r"(?<=\S) {2,}")
_FENCE = regex(r"^ *```[^\n]*\n(.*?)(?:^ *```[^\n]*$|\Z)", re.MULTILINE | re.DOTALL)
_CODE = regex(r"`{1,2}([^`\n]{1,400})`{1,2}")
_QUOTED = regex(r"“([^”\n]{1,300})”|\"([^\"\n]{1,300})\"|(?<!\w)'([^'\n]{2,200})'(?!\w)")
_HEADING = regex(r"^ *#{1,6} [^\n]*$", re.MULTILINE)
_MARK = regex(r"^ *(?://+|\*(?= )|[-•](?= )|\d{1,2}[.)](?= )|>(?= ))+ *", re.MULTILINE)
_BOLD = regex(r"\*\*")
_OPENER = regex(
    r"^(?:(?:no|nope|yes|yeah|ok|okay|please|pls|wait|stop|actually|hey|so|and|but|well|note|nb"
    r"|til|remember|important|gotcha)\b"
    r"[ ,.:;!\u2013-]+){1,3}"
)


@dataclass(frozen=True)
class Text:
    """Hold one candidate in the forms the criteria read.

    Attributes:
        lead: What the gate judges: everything before the details, control characters made blank.
        first: The first paragraph that is not a heading: what an agent is shown.
        code: The contents of code spans and fenced blocks.
        quotes: The contents of quoted strings outside code.
        bare: The lead in its own case with code as ``□`` and quotes as ``◇``, without headings and marks.
        plain: `bare` in lower case, white space folded.
        told: `plain` without an opening such as "no," or "ok,".
    """

    lead: str
    first: str
    code: tuple[str, ...]
    quotes: tuple[str, ...]
    bare: str
    plain: str
    told: str

    @property
    def lines(self) -> list[str]:
        """Return the lines of the lead that are not blank."""
        return [line for line in self.lead.split("\n") if line.strip()]


def clean(text: str) -> str:
    """Return a text without control, invisible and lone surrogate characters, apostrophes straight.

    Words of more than 160 characters are broken: what reads word by word then takes linear time.
    """
    text = _CONTROL.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n")).translate(_QUOTES)
    return _BLANKS.sub(" ", _LONG_WORD.sub(r"\1 ", text))


def prepare(text: str) -> Text:
    """Return the forms of a candidate text that the criteria read; `text` is at most `LIMIT` characters."""
    lead = re.split(r"^ *## Details\b", clean(text), maxsplit=1, flags=re.MULTILINE)[0][:_LEAD].strip()
    fenced = [match.group(1).strip() for match in _FENCE.finditer(lead)]
    prose = _FENCE.sub(" □ ", lead)
    code = (*fenced, *(match.group(1).strip() for match in _CODE.finditer(prose)))
    prose = _CODE.sub("□", prose)
    quotes = tuple(next(g for g in match.groups() if g) for match in _QUOTED.finditer(prose))
    prose = _QUOTED.sub("◇", prose)
    bare = _BOLD.sub("", _MARK.sub("", _HEADING.sub("", prose))).strip()
    plain = " ".join(bare.lower().split())
    return Text(lead, _first(lead), code, quotes, bare, plain, _OPENER.sub("", plain))


def _first(lead: str) -> str:
    """Return the first paragraph that is more than a heading."""
    for paragraph in re.split(r"\n[ ]*\n", lead):
        words = _HEADING.sub("", paragraph).strip()
        if words:
            return words
    return ""
