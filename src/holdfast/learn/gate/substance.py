"""Weigh what makes a text worth acting on: a rule, a cause, a limit, a failure, a contrast, a stated fact."""

from __future__ import annotations

import re

from holdfast.learn.gate.text import Text

CAUSE = re.compile(
    r"\bbecause\b|\bsince\b(?! (?:v?\d|yesterday|last))|\bso that\b|\bdue to\b|\bcaus(?:e|es|ed"
    r"|ing)\b|\bin order (?:to|not)\b|\bto avoid\b|\bhence\b|\btherefore\b|\bthus\b"
    r"|\bas a result\b"
    r"|, so\b|→|=>|->|\bwhich (?:means|fails|breaks|is why)\b|\bwhy\b|\breason\b|\bresult(?:s|ed"
    r"|ing) in\b|\bleads? to\b|\bled to\b|\bdeliberate(?:ly)?\b|\bon purpose\b"
    r"|\bintentional(?:ly)?\b|\bthat'?s why\b|\bfor consistency\b|\bto prevent\b|\bprevents\b"
    r"|\bit's the\b"
)
"""Words that give a reason."""
RULE = re.compile(
    r"\b(?:never|always|must(?:n't)?|should(?:n't)?|shouldn't|don't|do not|cannot|can't|may only"
    r"|prefer|avoid|instead(?: of)?|rather than|needs?|requires?|required|have to|has to|make sure"
    r"|ensure|only|keep|ought|mustn't)\b"
    r"|^(?:use|run|set|start|put|call|pass|mark|pin|mock|import|wrap|regenerate|restart|rebuild"
    r"|install|export|ignore|treat|think of|read|look|check|fix|re-?stage|build|edit|place|store"
    r"|name|prefix|write)\b"
    r"|[.;:,] (?:use|run|set|start|put|call|pass|mark|pin|import|wrap|regenerate|restart|rebuild"
    r"|install|export|treat|fix|re-?stage|build first|edit|preview|revisit|join|go through)\b"
    r"|\b(?:first|before|after) (?:you|running|each|every|editing|□)|\bno \w+ (?:\w+ )?(?:deploys?|allowed)\b"
)
"""Words that prescribe or constrain."""
LIMIT = re.compile(
    r"\botherwise\b|\bor else\b|\belse\b|\bunless\b|\buntil\b|\bwithout\b|\bexcept\b"
    r"|\beven (?:when|if|though)\b|\bonly (?:when|if|in|on|at|after)\b|\bwhen(?:ever)?\b|\bif\b"
    r"|\bby default\b|\bregardless\b|\bat most\b|\bat least\b|\bno longer\b|\bbefore\b|\bafter\b"
    r"|\bwhile\b|\bper\b|\bevery\b|\bonce\b"
)
"""Words that say when something holds."""
FAILURE = re.compile(
    r"\bfail(?:s|ed|ing|ure|ures)?\b|\bbreaks?\b|\bbroken?\b|\bbroke\b|\bcrash(?:es|ed)?\b"
    r"|\bhangs?\b|\bsilent(?:ly)?\b|\bignor(?:es|ed|ing)\b|\boverw(?:rites|ritten|rote)\b"
    r"|\bwrong(?:ly)?\b|\bincorrect(?:ly)?\b|\bstale\b|\bmissing\b|\blos(?:t|es)\b|\bdropped\b"
    r"|\bcollid(?:e|es)\b|\bconflicts?\b"
    r"|\bundefined\b|\bempty\b|\berrors?\b|\braises?\b|\bthrows?\b|\bbugs?\b|\bdies\b"
    r"|\btime[sd]? out\b|\brefuses?\b|\brejects?\b|\bdoes nothing\b|\bexpensive\b|\bslow\b"
    r"|\bdeprecated\b|\bdoesn't\b|\bdoes not\b|\bdidn't\b|\bwasn't\b|\bisn't\b|\baren't\b"
    r"|\bwon't\b|\bcollision\b|\bleaks?\b|\bdeletes?\b|\bdestroys?\b|\bdowngrade\b|\brewrites?\b"
    r"|\brewrote\b|\bharmless\b|\bdeadlocks?\b|\bno effect\b|\bgot \d"
)
"""Words of what goes wrong."""
CONTRAST = re.compile(
    r"\bnot\b|\binstead\b|\brather than\b|\bbut\b|\bdespite\b|\balthough\b|\bthough\b|\bwhereas\b"
    r"|\bbut also\b|\bas well as\b|\bdifferent\b|\boverrides?\b|\bnow\b|\bno\b|\bnever\b|\bboth\b"
    r"|\btwo\b|\bold\b|\bplain\b"
)
"""Words that tell one thing from another."""
FACT = re.compile(
    r"\b(?:is|are|lives?|stores?|contains?|uses?|holds?|means|takes?|returns?|resolves?|reads?"
    r"|writes?|runs?|expects?|exists?|respects?|defaults? to|comes? from|points? to|goes|belongs?"
    r"|treats?|supports?|must be|allows?|walks?|compares?|copies|copied|stays?|matches|replaces"
    r"|ships|serves|depends?|enforces?|provides?|handles?|maps?|counts?|yields?|queries|query|has"
    r"|have|starts?|makes?|knows|keeps|carries|share)\b"
)
"""A present-tense statement."""

_WEIGHTS = ((RULE, 0.45), (CAUSE, 0.4), (FAILURE, 0.25), (LIMIT, 0.15), (CONTRAST, 0.15), (FACT, 0.3))


def reasoned(text: Text) -> bool:
    """Tell whether a text gives a rule or a reason."""
    return bool(RULE.search(text.told) or CAUSE.search(text.told))


def weight(text: Text) -> float:
    """Return how much there is to act on: 0 nothing, ½ a plain fact, 1 and more a rule with its reason."""
    return sum(worth for pattern, worth in _WEIGHTS if pattern.search(text.told))
