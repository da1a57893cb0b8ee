"""Turns of phrase by which sentences are sorted: those that ask, order, tell a deed, find fault, rule."""

from __future__ import annotations

import re

from holdfast.hook.patterns import regex
from holdfast.learn.gate.features.words import DEEDS, DEEDS_TOLD


def _any(*parts: str) -> re.Pattern[str]:
    return regex("|".join(parts), re.IGNORECASE | re.DOTALL)


_LASTING = (
    r"never(?! (?:mind|seen|heard|had|got|worked)\b)|always(?! (?:the same|forget|a pleasure)\b)"
    r"|only(?! (?:\w+ed|one|two|three|\d|a few|some|half|the first)\b)"
)
_DEED_WORDS = "|".join(sorted(DEEDS | DEEDS_TOLD))

OPENER = _any(
    r"^(?:(?:yes|yeah|yep|yup|no(?=[,.!;:])|nope|nah|ok|okay|sure|right|well|so|and|but|also|hm+|ah|oh"
    r"|ugh|actually|wait(?=[,.!;:])"
    r"|heads up|note(?: that)?|fyi|nb|(?:keep in )?mind(?: that)?|remember(?: that)?|important|blocking"
    r"|nit|sorry|great|good|fine|cool"
    r"|stop(?=[,.!:;])|decision|chosen|decided|i think|i guess|i feel like|in fact|basically|just|then|now"
    r"|please|pls|breaking change)\b[ ,.:;!()–-]*)+",
)
"""How a person begins before they come to what they say."""

ASKS = _any(
    r"^(?:can|could|would|should|shall|do|does|did|is|are|was|were|will|has|have|isn't|aren't|don't|doesn't"
    r"|didn't|can't|couldn't|shouldn't|any|what|why|how|where|when|which|who|whose|am|may|_?why_?)\b(?=.*\?)",
    r"^(?:should|do|does|did|can|could|is|are|was|were|will|would|shall) (?:we|i|it|you|there|they|u)\b",
    r"^(?:how (?:do|does|can|would|should|is|are|did|will)|what (?:is|are|does|do|did|if|happens|would)"
    r"|where (?:is"
    r"|are|does|do|did)|which (?:is|are|one))\b",
    r"^(?:q:|how about\b|what about\b|any (?:ideas?|way|reason|chance)\b|why\b|how come\b)",
    r"^(?:i want you to|i need you to|i'd like you to|you (?:can|could))\b",
)

SUBJECT = r" ?[(:=]|-\w| (?:is|are|was|were|runs?|must|may|can|cannot|should|has|have|that|which)\b"
"""What follows a noun that only looks like a verb: "search runs on Postgres", "tests that need a network"."""
NOW = (
    "commit|push|merge|rebase|run|rerun|re-run|continue|proceed|go|start|stop|look|check|recheck|review|retry"
    "|try|fix|create|write|open|close|add|remove|delete|implement|update|rename|move|show|tell|explain|list"
    "|find|read|test|verify|investigate|debug|clean|revert|undo|reset|amend|cut|pull|fetch|stage|unstage"
    "|deploy|release|publish|summari[sz]e|describe|draft|post|reply|respond|resolve|address|skip|wait|hold"
    "|finish|complete|refactor|extract|split|spawn|kill|restart|install|apply|make|do(?! not)|give"
    "|git|put|set|change"
    "|replace|convert|pick|tackle|discuss|talk|think|brainstorm|plan|log|mark|ask|evaluate|eval|ensure"
    "|confirm|compare|research|bump|drop|reduce|ignore|leave|note|save|copy|rework|redo|search|generate|build"
    "|format|lint|use|include|separate|call|let|keep|see|craft|prepare|record|instrument|get|take|work|branch"
    "|setup|examine|adjust|attach|have a look|pick up"
)
"""What a person orders to be done now."""
ORDER = _any(
    r"^(?:(?:let'?s|let us|we should|we need to|we can|we have to|you should|you need to|i'll|i will|i'd"
    r"|i need to|i would|time to|go ahead and|next step is to|feel free to)\s+)?"
    r"(?:first |also |just |now |then |maybe |all |please |again |directly )*"
    rf"(?:{NOW})\b(?!{SUBJECT})",
)
ALWAYS_ORDER = _any(
    r"^(?:let'?s |we (?:should|can|need to) |i(?:'d| would) (?:like|want) to |just |maybe |please )*"
    r"(?:try|continue|proceed|go ahead|go back|implement|discuss|brainstorm|have a look|look|wait|spawn|skip"
    r"|work on|write down|stop (?:here|now|it)|do (?:it|this|that|nothing|the|both)|show me"
    r"|tell me)\b(?![-:=(])",
    r"^keep (?:going|trying|working|on)\b|^instead of \w+ing\b|^let'?s just\b|^(?:we |you "
    r"|there'?s )?(?:don'?t|do not|no|only) need to\b",
)
"""Orders that no word of rule turns into one."""
MOSTLY_ORDER = _any(
    r"^(?:let'?s |we (?:should|can|need to) |i(?:'d| would) (?:like|want) to |just |maybe |please )*"
    r"(?:run|rerun|re-run|commit|push|merge|rebase|write down|write (?:a|the|me|up)|show|tell|check|review"
    r"|add (?:this|that|it|a|the)|remove (?:it|this|that|the)|put (?:it|this|that|them)|address|start)\b"
    r"(?![-:=(])",
    r"^(?:don'?t|do not|no|not? (?:now|yet))\b",
)
"""Orders when they point at the thing in hand: "run it again but only on these two"."""
SURE_RULE = _any(
    r"\b(?:never|always|must|forbidden|every|whenever|wherever|everywhere|no longer|from (?:now|here) on"
    r"|going forward|the only way|by default|convention|policy|source of truth|by design|on purpose"
    r"|canonical)\b",
)
"""Words that make a rule even of what points at the thing in hand."""
HELD = _any(rf"^(?:{_LASTING}|use|keep|prefer|avoid|stick|stay|leave|stop \w+ing)\b")
"""Openings of a rule, unless they point at the thing in hand."""
BOUND = _any(
    r"\bthis\b(?! (?:repo|repository|project|code ?base|package|workspace|module|service|team|folder"
    r"|directory))",
    r"\bthat (?:one|file|function|test|change|line|error|commit|branch|way|thing|part|case|comment|check"
    r"|sleep)\b",
    r"\bthat(?=[.,!?]|$)|\b(?:these|those|them|me|again|now|today|tomorrow|later|first|for now|both"
    r"|all \d|workers?"
    r"|yet|already)\b",
    r"\bthe (?:last|next|first|second|other|same|current|following|rest|above|two|three)\b",
    r"\b(?:use|take|try) (?:the|a) (?:\w+er|other)\b|\bthere\b(?! (?:is|are|must|may)\b)",
    r"\bthe new (?:one|file|test|function|branch)\b",
    r"\b(?:a|the|my|your|one|another) (?:new )?(?:prs?|pull request|branch|commit|issue|ticket|bead|worktree"
    r"|review(?:er)?|comment|draft|step|task|tests? (?:for|that)|tests?|change|plan)\b",
)
"""What points at the thing in hand."""

DEED = _any(
    r"^(?:feat|fix|docs|chore|refactor|tests?|style|perf|build|ci|revert|release)(?:\([^)]{0,60}\))?!?:",
    rf"^(?:{_DEED_WORDS}|initial|reword|renamed?|added|updated|removed|fixed|moved|verified|extracted"
    rf"|replaced"
    r"|refactored|implemented|created|changed|introduced|migrated|consolidated|cleaned|export|match|parse"
    r"|wire"
    r"|pass|return|emit|document|archive|consume|show|render|bump|wip)\b"
    rf"(?!{SUBJECT})(?![:=-])",
)
"""How a commit tells what it did."""
ITEM_DEED = _any(
    rf"^[`\w./~-]+:? +[-–—] +(?:{_DEED_WORDS}|the )\b",
    r"^\w+: (?:add|remove|update)\b",
)
"""A task of a list: "`setup.go` - Add a flag"."""
PASTED = regex(
    r"^\S+:\d+(?::\d+)?:?\s|^\|.*\|$|^[$>+] |\(goconst\)|\(staticcheck\)|^\W*$|^[\w./-]+\.\w{1,4}$"
)
STORY = _any(
    r"\b(?:i have|(?:i|we)(?:'ve|'m| had| just| did| was| am| were| got| saw| see| tried| ran| checked"
    r"| updated"
    r"| messed| thought| expected| wonder| considered| mean| meant| asked| still| also see| decided to))\b",
    r"\bi'?m (?:getting|seeing|wondering|considering|thinking|confused)",
    r"\bsame (?:error|problem|issue|as before)\b|^(?:it|this|that) (?:still|now|again) \w+",
    r"\b(?:works|working|worked|failing|passes|passed|done|merged|finished) (?:now|fine|perfectly|again)\b",
    r"\ball (?:tests )?pass\b|\b(?:you|you're|your)\b(?! (?:can|must|may|should|have to|need)\b)",
    r"\bcurrently\b|\bsorry\b|\bnice work\b|\bno good\b|\bwelcome\b|\bthanks\b|\blgtm\b|\byuck\b",
    r"^(?:first|second|next|last) (?:pass|step)\b|\bwas (?:reported|opened|merged|closed)\b",
    r"\bverified (?:by|against|with)\b|\bmakes? (?:no )?sense\b|\bmessage (?:is|was)\b",
    r"\bthe (?:issue|problem|bug|cause) (?:is|was)\b|^(?:he|she|they) (?:had|has|was|did|is|got|said)\b",
    r"\bended up\b|\bi (?:would|'d) (?:like to|have)\b",
)
PAST = _any(
    r"\b(?:was|were|wasn't|weren't|had|did|didn't|used to|broke|went|came|overwrote|ran|got|caused|failed)\b",
)
"""What happened once: the fault that a change mended."""
TALK = _any(
    r"^(?:he|she|they) (?:had|has|was|did|is|got|said)\b|\bi mean\b|^continue\b|^i (?:decided|thought"
    r"|wonder)\b",
    r"\bthe (?:issue|problem|bug|cause) (?:is|was)\b|\bi'?m (?:getting|seeing|wondering|confused)",
)
"""Talk that no word of rule turns into one."""
TAIL_ORDER = _any(
    r", (?:please |so |then |just )?(?:add|fix|ignore|remove|change|have a look|look|try|resolve|bring"
    r"|give|split"
    r"|send)\b",
)
"""An order behind what seems a fact: "the export has no header row, add one"."""
SURE_FAULT = _any(
    r"\b(?:never|always) (?:true|called|reached|awaited|used|closed|released)\b|\bis dead\b|\bdead code\b"
    r"|\bmissing (?:await|test|check)\b",
)
"""What a reviewer finds, whatever words of rule it holds."""
GUESS = _any(
    r"\bshould (?:be (?:fine|ok|okay|good|enough|better|easy|done)|now work|work now)\b"
    r"|\b(?:must (?:be|have been) (?:a|an|some|the|something|because|from)\b|must have\b|maybe|perhaps"
    r"|probably"
    r"|not sure|might be|could be|i (?:guess|suspect)|seems? (?:to|like)|looks like)\b",
)
FAULT = _any(
    r"\b(?:does nothing|do nothing|nothing happens)\b",
    r"\b(?:severity|misleading|inconsisten\w+|dead code|never called|not used|unused|inefficient|confusing"
    r"|double[- ]counted|not cleared|incorrect(?:ly)?|silently fails?|performance issue|duplicate error|bug"
    r"|unnecessary maintenance|doesn't (?:account|handle|check)|don't account|not entirely accurate|consider"
    r"|could (?:cause|lead|result|panic)|can (?:panic|crash|cause)|may (?:cause|lead)|ineffective"
    r"|no test coverage|(?:at|on) lines? \d+|lines? \d+(?:-\d+)?"
    r"|(?:does not|doesn't|did not|didn't) (?:close|work|open|show|load|start|update|render))\b",
)
"""What a reviewer finds in a change."""

RULES: tuple[tuple[float, re.Pattern[str]], ...] = (
    (1.0, _any(
        rf"\b(?:{_LASTING}|must(?:n't| not)?|shall|may not|cannot be|not allowed|forbidden)\b",
        r"\b(?:no longer|from (?:now|here) on|going forward|from today|in (?:the )?future|everywhere"
        r"|at all times|every time|each time|whenever|wherever|from the start)\b",
        r"\b(?:by default|defaults? (?:to|is|off|on)|default (?:is|should|stays)|canonical|source of truth"
        r"|(?:by|our|the|\w+'s|naming|case|this) conventions?(?! talk)|(?:our|the) policy (?:is|of)|by design"
        r"|on purpose|deliberate(?:ly)?|intentional(?:ly)?|invariant)\b",
        r"\bwe (?:do not|don't|never|always|only|use|want|prefer|decided|settled|agreed|chose|keep|support"
        r"|drop|rely|treat|store|ship|deploy|pin|stay|stick|write|name|test|call)\b",
        r"\b(?:use|prefer|keep|pick|choose|write|call|name|go with|want|run|stay)\b.{1,80}?"
        r"\b(?:instead of|rather than|over|, not|and not|never)\b|^not \w+|\b\w+ only\b"
        r"",
        r"\bwe \w+ .{1,60}?\b(?:instead of|rather than|, not|and not|never)\b",
        r"\bshould(?:n't| not| never| always| only| both| all)? (?:be|use|live|stay|fail|return|keep|default"
        r"|happen|stand|never|not|only|support|trigger|also)\b",
        r"(?<!\bwe )(?<!\bi )(?<!\byou )\bshould(?:n't| not| never| always| only| both| all)? (?:have|go"
        r"|get|come"
        r"|work|run|read|print|show)\b",
        r"\b(?:needs? to be|has to|have to|required?|requires|are to be|is to be)\b",
    )),
    (0.8, _any(
        rf"^(?:{_LASTING}|do not|don't|avoid|no|stop|prefer|use|keep|stick to|stay (?:on|with))\b",
        r"\bavoid(?:ing)? \w+|\bin favou?r of\b|\bsupersed|\breplaces\b|\brejected\b|\binstead\b",
    )),
    (0.6, _any(
        r"\blet'?s (?:use|keep|go with|call|name|stick|make|have|set|store|default|include|not|drop|only"
        r"|leave"
        r"|go)\b|\bi(?:'d| would)? (?:want|like|prefer|rather)\b|\bi don't (?:want|like)\b",
        r"\b(?:ensure|make sure)(?: that)? .{1,60}\b(?:is|are|stays?|remains?|never|always|only|any|every)\b",
        r"\bfor (?:consistent|consistency|all|every|each|any)\b|\bfollow(?:s|ing)? the\b|\bonly the\b",
        r"\b(?:works?|lives?|stays?|goes|belongs?|runs?|kept|stored|named|called|tested|made) (?:only|in|on"
        r"|under|at|by|through|together|sequentially|in parallel)\b",
    )),
)  # fmt: skip
"""Words of rule, by how sure they are."""
REASON = _any(
    r"\b(?:because|since|so that|otherwise|as (?:the|it|they|we|this)|to (?:avoid|keep|prevent"
    r"|follow the)|due to"
    r"|reason|that'?s why|which (?:breaks|means|causes)|causing|causes|breaks|had left|relies on)\b|, so\b",
)
FACT = _any(
    r"^(?!i\b|you\b|it\b|that\b|there(?:'s| is)\b)[^?]{2,90}?\b(?:is|are|isn't|aren't|gets?|stays?|comes?"
    r"|has|have"
    r"|can|cannot"
    r"|can't"
    r"|does|doesn't|don't|won't|means|leaves?|installs?|bundles?|injects?|uses?|takes?|returns?|belongs?"
    r"|owns?"
    r"|creates?|resolves?|needs?|depends?|expects?|contains?|holds?|runs?|goes|go|keep|keeps|lives?|treats?"
    r"|reads?|writes?|supports?|refuses?|ignores?|blocks?|sets?|sends?|loads?|starts?|adds?)\b",
)
