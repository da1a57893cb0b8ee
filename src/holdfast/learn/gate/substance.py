"""Weigh what makes a text worth acting on: a rule, a cause, a limit, a failure, a contrast, a stated fact."""

from __future__ import annotations

from holdfast.hook.patterns import regex
from holdfast.learn.gate.text import Text

CAUSE = regex(
    r"\b(?:(?:because|so that|due to|caus(?:e|es|ed|ing)|in order (?:to|not)|to avoid|hence"
    r"|therefore|thus|as a result|so (?:it|the|we|they|you|\w+ (?:is|are|can|reads|gets|stays"
    r"|works))|which (?:means|fails|breaks|is why)|why|reason|result(?:s|ed|ing) in|leads? to"
    r"|led to|deliberate(?:ly)?|on purpose|intentional(?:ly)?|that'?s why|for consistency"
    r"|to prevent|prevents|it's the)\b|since\b(?! (?:v?\d|yesterday|last)))|, so\b|→|, as (?:the"
    r"|an?|it|they|we|you|that|this)\b"
)
"""Words that give a reason."""
RULE = regex(
    r"\b(?:(?:(?:never|always|must(?:n't)?|should(?:n't)?|shouldn't|don't|do not|cannot|can't"
    r"|may only|prefer|avoid|instead(?: of)?|rather than|needs?|requires?|required|have to|has to"
    r"|make sure|ensure|only|keep|ought|mustn't)|no \w+ (?:\w+ )?(?:deploys?|allowed))\b|(?:first"
    r"|before|after) (?:you|running|each|every|editing|□))"
)
"""Words that prescribe or constrain."""
IMPERATIVE = regex(
    r"^(?:use|run|set|start|put|call|pass|mark|pin|mock|import|wrap|regenerate|restart|rebuild"
    r"|install|export|ignore|treat|think of|fix|re-?stage|build|edit|place|store"
    r"|prefix)\b"
    r"|[.;:,] (?:use|run|set|start|put|call|pass|mark|pin|import|wrap|regenerate|restart|rebuild"
    r"|install|export|treat|fix|re-?stage|build first|edit|preview|revisit|join|go through)\b"
)
"""Openings that tell somebody to do something."""
LIMIT = regex(
    r"\b(?:otherwise|or else|else|unless|until|without|except|even (?:when|if|though)|only (?:when"
    r"|if|in|on|at|after)|when(?:ever)?|if|by default|regardless|at most|at least|no longer|before"
    r"|after|while|per|every|once)\b"
)
"""Words that say when something holds."""
FAILURE = regex(
    r"\b(?:(?:fail(?:s|ed|ing|ure|ures)?|break(?:s|ing)?|broken?|broke|crash(?:es|ed)?|hangs?"
    r"|silent(?:ly)?|ignor(?:es|ed|ing)|overw(?:rites|ritten|rote)|wrong(?:ly)?|incorrect(?:ly)?"
    r"|stale|missing|lack(?:s|ing)?|los(?:t|es)|dropped|collid(?:e|es)|conflicts?|undefined|empty"
    r"|errors?|raises?|throws?|bugs?|dies|time[sd]? out|refuses?|rejects?|does nothing|expensive"
    r"|slow|deprecated|doesn't|does not|didn't|wasn't|isn't|aren't|won't|collision|leaks?|deletes?"
    r"|destroys?|downgrade|rewrites?|rewrote|harmless|deadlocks?|no effect)\b|got \d)"
)
"""Words of what goes wrong."""
CONTRAST = regex(
    r"\b(?:not|instead|rather than|but|despite|although|though|whereas|but also|as well as"
    r"|different|overrides?|now|no|never|both|two|old|plain)\b"
)
"""Words that tell one thing from another."""
FACT = regex(
    r"\b(?:is|are|lives?|stores?|contains?|uses?|holds?|means|takes?|returns?|resolves?|sets?|reads?"
    r"|writes?|runs?|expects?|exists?|respects?|defaults? to|comes? from|points? to|goes|belongs?"
    r"|treats?|supports?|must be|allows?|walks?|compares?|copies|copied|stays?|matches|replaces"
    r"|ships|serves|depends?|enforces?|provides?|handles?|maps?|counts?|yields?|queries|query|has"
    r"|have|starts?|became|makes?|creates|drops|removes|adds|sends|waits|stops|opens|closes|checks|finds"
    r"|shows|prints|exits|loads|saves|pushes|pulls|fetches|skips|applies|follows|leaves|expires|becomes"
    r"|produces|generates|emits|calls|passes|sees|gets|panics|listens|changes|differs|accepts|wins"
    r"|decides|selects|looks up|carry|knows|keeps|carries|share)\b"
)
"""A present-tense statement."""

PAST = regex(
    r"\b(?:was|were|had|did|took|forgot|went|got|made|found|came|ran|led|chose|meant|kept|lost|[a-z]{3,}ed)\b"
)
"""Words of what happened."""
LASTING = regex(
    r"\b(?:now|can|may|will|fails|breaks|causes|crashes|hangs|prevents|does|doesn't|isn't|aren't|won't)\b|→"
    r"|\bto avoid\b"
)
"""Words of what goes on being so, beside rules and facts."""
OUTCOME = regex(r"\b(?:works?|worked|accepted|solved|cured|helped|replaced (?:by|with)|succeeds)\b")
"""Words of what came out in the end."""

_ORDER = 0.3
_WEIGHTS = (
    (RULE, 0.45),
    (CAUSE, 0.4),
    (FAILURE, 0.25),
    (LIMIT, 0.15),
    (CONTRAST, 0.15),
    (FACT, 0.3),
    (OUTCOME, 0.3),
)


def reasoned(text: Text) -> bool:
    """Tell whether a text gives a rule or a reason."""
    return bool(RULE.search(text.told) or IMPERATIVE.search(text.told) or CAUSE.search(text.told))


def only_happened(text: Text) -> bool:
    """Tell whether a text is a story in the past tense, with nothing that holds from now on."""
    lasting = (RULE, IMPERATIVE, FACT, OUTCOME, LASTING)
    return bool(PAST.search(text.told)) and not any(pattern.search(text.told) for pattern in lasting)


def weight(text: Text) -> float:
    """Return how much there is to act on: 0 nothing, ½ a plain fact, 1 and more a rule with its reason."""
    found = sum(worth for pattern, worth in _WEIGHTS if pattern.search(text.told))
    return found + (_ORDER if IMPERATIVE.search(text.told) and not RULE.search(text.told) else 0.0)
