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
_CHOSE = "switched|replaced|moved|removed|disabled|reverted|dropped|pinned|downgraded"
"""Deeds that are a learning when their reason is given."""
_DID = (
    "added|implemented|refactored|ran|updated|fixed|created|renamed|changed|pushed"
    "|committed|merged|completed|finished|used|tested"
    "|verified|wrote|resolved|addressed|migrated|deleted|replaced|reviewed|investigated|traced"
    "|improved|introduced|converted|extracted|rebased"
    "|deployed|bumped|upgraded|configured|cleaned|opened|closed|started|confirmed|found"
    "|identified|checked|analy[sz]ed|explored|restored|discovered|built|installed|enabled"
    "|applied|adjusted|generated|posted|published|released|reran|re-ran"
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
        rf"^(?:successfully )?(?:{_DID})\b|^(?!(?:{_CHOSE})\b.*\b(?:because|since"
        rf"|as)\b)[a-z]{{3,}}ed (?:an?|the|this|that|all|both|our"
        r"|my|some|two|three|in|into|onto|to|up|latest)\b|^[a-z]{3,}ed □|\bsuccessfully\b"
        r"|^(?:the )?(?:grep|search|diff|output"
        r"|test run|results?|investigation|analysis|\w+'s report)s? (?:shows?|says?|confirms?"
        r"|suggests?|reveals?|indicates?)\b|\b(?:had to"
        rf"|manually) (?:manually )?(?:{_DID}|commit|fix|run|re-?run)\b",
        _NARRATED,
    ),
    sign(
        "validated",
        0.6,
        "plain",
        r"(?:^|[.;!:] |, now )(?:checking|running|looking|investigating|reading|searching|waiting"
        r"|working|trying"
        r"|exploring|reviewing|analy[sz]ing|fetching|inspecting|verifying|continuing|proceeding|writing"
        r"|updating|creating|fixing|implementing|digging|moving|patching|starting|re-?running"
        r"|committing|pushing"
        r"|dispatching|marking|opening|rebasing|testing|adding|applying|cleaning|preparing|confirming)"
        r" (?:(?:on|at|into|for|to|through|an?|the|now|this|these|that|it|all|my|our|up|with|your"
        r"|another)\b|□)"
        r"(?!.*(?:\b(?:breaks|fails|causes|keeps|avoids|needs|requires|leaves|loses|does|makes|is"
        r"|leads|gives|lets)\b))",
        _NARRATED,
    ),
    sign(
        "validated",
        0.6,
        "plain",
        r"\b(?:(?:previous|last|another|the) (?:subagent|session|reviewer|agent)\b.{0,60}\b(?:reported"
        r"|said|did|didn't|claimed|forgot|failed to|used)|(?:implementer|reviewer|subagent|assistant"
        r"|teammate)s? (?:then |also |first )?(?:forgot|misread|found|said|did|took|[a-z]{3,}ed)"
        r"|took (?:long|a while|ages|some time|too long)|requir(?:ed|ing) (?:understanding"
        r"|coordination)|making (?:the|it|this) (?:issue|bug|problem)?|creating noise|requiring rework"
        r"|(?:several|multiple|many|two|three|some) (?:times|attempts|tries|rounds|iterations)"
        r"|at first|in the end|halfway|(?:needed|had) to (?:be|remind|manually|re-?\w+))\b",
        _NARRATED,
    ),
    sign(
        "validated",
        0.6,
        "plain",
        r"\b(?:maybe|perhaps|possibly|probably|presumably|not sure|unclear (?:if|whether|why)|i guess"
        r"|i suspect|i think|might be|might have|could be (?:that|because|due|a|the)|it seems"
        r"|seems (?:to|like)|appears to be|likely|possible (?:solutions|causes|reasons|fixes"
        r"|approaches)|not (?:been |yet )*(?:verified|confirmed|tested)|n\'t (?:been "
        r"|yet )*(?:verified|confirmed))\b|(?:^|\b(?:it|this|that) )looks like\b",
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
        r"|oops|hello|hi|cool|yay|approved|agreed|exactly|ship it|in progress|blocked|status|summary"
        r"|here(?:'s| is"
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
        r"\b(?:(?:(?:tree|worktree|branch|workspace|checkout) is (?:now )?(?:clean|up to date|ahead"
        r"|behind|tracking)|is still (?:running|returning|pending|waiting|in progress)|ready (?:for"
        r"|to) (?:review|merge|commit|be merged|ship)|pr is (?:up|open|ready|merged)|(?:failures?"
        r"|tests?|errors?|tasks?|items?|issues?) (?:still )?remain|next up|\d+ (?:tests? )?(?:passing"
        r"|passed|failed|failing|skipped)|moving on)\b|now reads:?"
        r"|tests? (?:[\w/.-]+ ){0,4}(?:now )?pass(?:es)?[.!]*$)|^now,? (?:(?:the|it|all|everything)\b"
        r"|□)|^branch pushed\b|^(?:this|the) session\b",
        _STATUS,
    ),
    sign(
        "validated",
        0.8,
        "plain",
        r"\b(?:(?:has|have) (?:now )?been (?:successfully |completely |fully )?(?:fixed|updated"
        r"|implemented|completed|merged|pushed|resolved|addressed|refactored|committed)|(?:both "
        r"|all )(?:succeeded|passed)|fix(?:es)? (?:is |was |are )?(?:committed|pushed|merged|in place)"
        r"|simulation passed)\b|✅|☑|✔",
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
        r"\b(?:you (?:saw|said|asked|mentioned|wanted|hit|reported|requested|noticed|described|pointed"
        r"|see above)|your (?:question|request|message|feedback|pr|comment)s?|please (?:let me|confirm"
        r"|provide|review|advise)|the user (?:asked|wants|said|requested|is asking|wanted)"
        r"|we only \w+ed)\b",
        _TALK,
    ),
    sign(
        "validated",
        0.8,
        "plain",
        r"\b(?:well[- ](?:structured|written|done|organi[sz]ed|tested|designed)|(?:great|good|nice"
        r"|excellent|solid|amazing) (?:work|job|refactor\w*|addition|improvement|choice|change|stuff"
        r"|solution)|best (?:decision|choice|thing|tool|framework) ever|(?:fantastic|amazing|awesome"
        r"|impressive|beautifully|elegantly|love (?:it|this|how))|improves (?:type|code|overall"
        r"|readability|maintainability)|looks (?:good|great))\b|👍|🎉|🚀",
        _PRAISE,
    ),
)
