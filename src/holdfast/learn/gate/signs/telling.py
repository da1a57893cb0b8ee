"""Signs of telling instead of knowing: narration, status, guesses, talk, praise."""

from __future__ import annotations

from holdfast.learn.gate.signs.sign import Sign, sign

_NARRATED = (
    "It tells what someone is doing or did, not what turned out to be true.",
    "Drop the telling; state the fact or the rule that the next session needs.",
)
_STATUS = (
    "It reports the state of one piece of work.",
    "Say what was learned from it that holds the next time, and why.",
)
_GUESS = (
    "It is a guess.",
    "Test it, then say what happened: what failed, with which error, and what worked.",
)
_TALK = (
    "It speaks to one person in one conversation.",
    "Word it for someone who was not there: name the thing, the rule and the reason.",
)
_PRAISE = ("It praises instead of informing.", "Say what the choice does or prevents here, or leave it out.")
_DID = (
    "added|implemented|refactored|ran|updated|fixed|created|removed|renamed|moved|changed|pushed"
    "|committed|merged|completed|finished|used|tested"
    "|verified|wrote|resolved|addressed|migrated|deleted|replaced|reviewed|investigated|traced"
    "|improved|introduced|converted|extracted|rebased"
    "|deployed|bumped|upgraded|configured|cleaned|opened|closed|started|confirmed|found"
    "|identified|checked|analy[sz]ed|explored|restored|discovered|built|installed|enabled"
    "|disabled|applied|adjusted|generated|posted|published|released|reran|re-ran"
)

SIGNS: tuple[Sign, ...] = (
    sign(
        "validated",
        1,
        "bare",
        r"(?<![\w/.-])I (?!(?:would )?(?:prefer|want|told|said|expect|like|rather|asked|hate"
        r"|don't (?:want|like)|do not (?:want|like))\b|/)[a-z]",
        _NARRATED,
    ),
    sign(
        "validated",
        1,
        "plain",
        r"(?<![\w/.-])i'(?:ll|m|ve)\b|(?<![\w/.-])i'd (?!prefer|like|rather|want)",
        _NARRATED,
    ),
    sign(
        "validated",
        1,
        "plain",
        r"(?:^|[.!:;,] |\bso |\bnow )(?:let me|let's|let us)\b|^(?:now |next |first )+(?:let|i|we"
        r"|to)\b|\b(?:we'll|we're) (?:now|going)\b",
        _NARRATED,
    ),
    sign(
        "validated",
        0.6,
        "told",
        rf"^(?:successfully )?(?:{_DID})\b|^successfully\b|\b(?:had to"
        rf"|manually) (?:manually )?(?:{_DID}|commit|fix|run|re-?run)\b",
        _NARRATED,
    ),
    sign(
        "validated",
        0.6,
        "told",
        r"^(?:checking|running|looking|investigating|reading|searching|waiting|working|trying"
        r"|exploring|reviewing|analy[sz]ing|fetching|inspecting|verifying|continuing|proceeding"
        r"|keeping|writing|updating|creating|fixing|implementing) (?:(?:on|at|into|for|to|through|the"
        r"|now|this|these|that|all|my|our|test)\b|□)",
        _NARRATED,
    ),
    sign(
        "validated",
        0.6,
        "plain",
        r"\b(?:previous|last|another|the) (?:subagent|session|reviewer|agent)\b.{0,60}\b(?:reported"
        r"|said|did|didn't|claimed|forgot|failed to|used)\b|^subagent \w+ed\b|\brequir(?:ed"
        r"|ing) (?:understanding|coordination)\b|\bmaking (?:the|it|this) (?:issue|bug|problem)?\b"
        r"|\bcreating noise\b",
        _NARRATED,
    ),
    sign(
        "validated",
        0.6,
        "plain",
        r"\b(?:maybe|perhaps|possibly|probably|presumably|not sure|unclear (?:if|whether|why)|i guess"
        r"|i suspect|i think|might be|might have|could be (?:that|because|due|a|the)|it seems"
        r"|seems (?:to|like)|appears to be|looks like)\b",
        _GUESS,
    ),
    sign(
        "validated",
        1,
        "told",
        r"^(?:done|perfect|great|excellent|awesome|sure|right|thanks?|thank you|got it|sounds good"
        r"|lgtm|nice|good (?:catch|point|job|question|idea|work|morning)|all (?:set|done|good|green"
        r"|checks)|everything (?:is|works|looks|passes)|fixed|finished|completed?|you're|sorry"
        r"|my (?:bad|apologies)|apolog\w+|of course|certainly|absolutely|understood|no problem|hmm+"
        r"|oops|hello|hi|cool|yay|approved|ship it|in progress|blocked|status|summary|here(?:'s| is"
        r"| are))\b(?! (?:because|for)\b)",
        _STATUS,
    ),
    sign(
        "validated",
        1,
        "plain",
        r"\ball (?:\d+ |the |unit |integration |existing )*(?:tests?|checks|suites?)(?: now| are"
        r"| still)? (?:pass(?:es|ed|ing)?|green|succeed(?:ed)?)\b|\b(?:tests?|lint|build|ci|typecheck"
        r"|everything) (?:is|are) (?:now |all |still )?(?:clean|green|passing|done|fine)\b",
        _STATUS,
    ),
    sign(
        "validated",
        1,
        "plain",
        r"\b(?:tree|worktree|branch|workspace|checkout) is (?:now )?(?:clean|up to date|ahead|behind"
        r"|tracking)\b|\bis still (?:running|returning|pending|waiting|in progress)\b|\bready (?:for"
        r"|to) (?:review|merge|commit|be merged|ship)\b|\bnow reads:?",
        _STATUS,
    ),
    sign(
        "validated",
        0.8,
        "plain",
        r"\b(?:has|have) (?:now )?been (?:successfully |completely |fully )?(?:fixed|updated"
        r"|implemented|completed|merged|pushed|resolved|addressed|refactored|committed)\b|\b(?:both "
        r"|all )(?:succeeded|passed)\b|\bfix(?:es)? (?:is |was |are )?(?:committed|pushed|merged"
        r"|in place)\b|✅|☑|✔|\bsimulation passed\b",
        _STATUS,
    ),
    sign(
        "validated",
        0.8,
        "plain",
        r"\bcurrent (?:state|status)\b|\bin this (?:range|session|pr|commit|conversation|review|batch)\b",
        _STATUS,
    ),
    sign(
        "validated",
        0.8,
        "plain",
        r"\byou (?:saw|said|asked|mentioned|wanted|hit|reported|requested|noticed|described|pointed"
        r"|see above)\b|\byour (?:question|request|message|feedback|pr|comment)s?\b|\bplease (?:let me"
        r"|confirm|provide|review|advise)\b|\bthe user (?:asked|wants|said|requested|is asking"
        r"|wanted)\b|\bwe only \w+ed\b",
        _TALK,
    ),
    sign(
        "validated",
        0.8,
        "plain",
        r"\bwell[- ](?:structured|written|done|organi[sz]ed|tested|designed)\b|\b(?:great|good|nice"
        r"|excellent|solid|amazing) (?:work|job|refactor\w*|addition|improvement|choice|change|stuff"
        r"|solution)\b|\bbest (?:decision|choice|thing|tool|framework) ever\b|\b(?:fantastic|amazing"
        r"|awesome|impressive|beautifully|elegantly|love (?:it|this|how))\b|\bimproves (?:type|code"
        r"|overall|readability|maintainability)\b|\blooks (?:good|great)\b|👍|🎉|🚀",
        _PRAISE,
    ),
)
