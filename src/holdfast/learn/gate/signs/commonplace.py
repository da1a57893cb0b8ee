"""Signs of what everybody has: prompts, manuals, general practice."""

from __future__ import annotations

import re

from holdfast.learn.gate.signs.sign import Sign, sign

_PROMPT = (
    "It is part of a prompt or a skill, which agents are given anyway.",
    "Record only what this repository adds to it.",
)
_GENERIC = (
    "Any good engineer or agent knows this already.",
    "Say what is particular to this repository: where it applies here and what breaks otherwise.",
)
_MANUAL = (
    "It restates what a manual says.",
    "Say what behaved otherwise than the manual leads one to expect.",
)

SIGNS: tuple[Sign, ...] = (
    sign(
        "unique",
        0.8,
        "plain",
        r"\b(?:(?:your (?:task|job|role|goal) is|this skill|todowrite|(?:task|write|edit|bash|read"
        r"|skill) tool|skill\.md|step by step|think (?:hard|deeply|carefully)|ultra-?think|commentary"
        r"|final answers?|the user (?:asks|requests|invokes)|systematic-debugging|(?:this|the) phase"
        r"|slash command|in full before|you treat|did i|are there \w+ (?:\w+ )?i)\b|sub-?agent-driven)"
        r"|^you are\b",
        _PROMPT,
    ),
    sign(
        "unique",
        0.8,
        "lead",
        r"<(?:system|agent|tool|task|user|thinking|important|example|instruction|command"
        r"|local)[\w-]{0,30}>|</[a-z][\w-]{2,30}>",
        _PROMPT,
        re.IGNORECASE,
    ),
    sign(
        "unique",
        0.45,
        "plain",
        r"\b(?:best practices?|standard practice|good (?:practice|idea|habit)|readability"
        r"|maintainab\w+|single responsibility|meaningful|clean code|code quality|up to date"
        r"|as simple as possible|clear names|properly|with care|separation of concerns"
        r"|don't repeat yourself|reinvent|self-documenting|high[- ]quality|modern|robust|everywhere"
        r"|developer[- ]friendly|enough context|scalab\w+|small functions|test[- ]first"
        r"|vulnerabilit\w+)\b",
        _GENERIC,
    ),
    sign(
        "unique",
        0.45,
        "plain",
        r"^(?:always|never|make sure|remember|be sure|ensure|it is important"
        r"|try)\b(?: to)?(?: always)? (?:write|test|validate|handle|use (?:meaningful|descriptive"
        r"|clear|version|proper|type|environment)|keep|document|review|comment|check|follow|sanitize"
        r"|commit (?:often|small|early)|back ?up|log)\b",
        _GENERIC,
    ),
    sign(
        "unique",
        0.6,
        "plain",
        r"^(?:in )?(?:python|go|golang|rust|javascript|typescript|java|c|c\+\+|ruby|bash|git|docker"
        r"|sql|react|kubernetes|node(?:\.js)?|linux|html|css|http|json|yaml|npm)\b[^.]{0,40}\b(?:is"
        r"|are) (?:an? |the )?(?:\w+ly )?(?:compiled|interpreted|mutable|immutable|dynamic|static"
        r"|typed|distributed|popular|programming|version|language|superset|open|lightweight|container"
        r"|platform|tool|library|framework|markup|relational|object)\w*\b",
        _MANUAL,
    ),
    sign(
        "unique",
        0.6,
        "plain",
        r"\bis an? (?:[\w-]+ ){0,4}(?:language|system|framework|library|platform|protocol"
        r"|package manager|version control|database engine|runtime)\b(?! (?:of|for) (?:this|our))",
        _MANUAL,
    ),
    sign(
        "unique",
        0.8,
        "plain",
        r"\b(?:guidelines|code examples?|examples?|overview|(?:test )?references?|background"
        r"|usage): (?:showing|when|how|where|points|describe|explain|cover|list)|\bthis (?:document"
        r"|section|page|guide|plan|chapter) (?:describes|explains|covers|lists|contains|documents"
        r"|outlines|shows)\b",
        _MANUAL,
    ),
    sign(
        "unique",
        0.6,
        "lead",
        r"^`(?:git|npm|docker|pip|ls|cd|make|go|cargo|yarn|pnpm|bun|kubectl|curl|grep)\b[^`\n]*`(?: command)?"
        r" (?:is used to|lets|allows|creates|undoes|shows|finds|installs|lists|deletes|removes|stages|fetches"
        r"|prints|builds|starts|stops|updates|saves|displays|downloads|records|switches|merges|combines)\b"
        r"(?!.*\b(?:not|only|never|instead|fails?|unless|without|otherwise|silently|first|must|needs?"
        r"|here|our)\b)",
        _MANUAL,
    ),
)
