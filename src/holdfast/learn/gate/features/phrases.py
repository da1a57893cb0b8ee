"""Turns of phrase, each a feature that is 1 where its pattern is found."""

from __future__ import annotations

from holdfast.hook.patterns import regex
from holdfast.learn.gate.features.words import DEEDS, DEEDS_TOLD
from holdfast.learn.gate.text import Text

_DEED = "|".join(sorted(DEEDS))
_TOLD = "|".join(sorted(DEEDS_TOLD))
_REPORTED = (
    "added|implemented|refactored|ran|updated|fixed|created|renamed|changed|pushed|committed|merged|completed"
    "|finished|used|tested|verified|wrote|resolved|addressed|migrated|deleted|replaced|reviewed|investigated"
    "|traced|improved|introduced|converted|extracted|rebased|deployed|bumped|upgraded|configured|cleaned"
    "|opened|closed|started|confirmed|found|identified|checked|analy[sz]ed|explored|restored|discovered|built"
    "|installed|enabled|applied|adjusted|generated|posted|published|released|reran|re-ran"
)
_CHOSE = "switched|replaced|moved|removed|disabled|reverted|dropped|pinned|downgraded"
_LABELS = (
    "task|issues?|goals?|status|findings?|suggestions?|strengths?|weaknesses|feedback|bot feedback|red flags?"
    "|follow-?ups?|phase|step|architecture|acceptance criteria|summary|overview|problem|fix(?:es)?|changes?"
    "|results?|next steps?|remaining|current state|why it's|if [a-z ]{3,30}|when to|important|required|rule"
    "|red|green|context|background|question|answer|recommendation|verdict|assessment|root cause|impact"
    "|location|files?|tests?"
)

_TABLE: tuple[tuple[str, str, str], ...] = (
    ("task.commit", "told", r"^(?:feat|fix|docs|chore|refactor|tests?|style|perf|build|ci|revert"
     r"|release)(?:\([^)]{0,60}\))?!?: "),
    ("task.deed_first", "told", rf"^(?:{_DEED}|{_TOLD}|initial)\b(?![:=-])"),
    ("task.numbered", "plain", r"\((?:task|step|phase) \d+\)|^(?:step|phase|task|part|stage|chapter)"
     r" \d+\b|^(?:architecture|goal|tech stack|files?|run|expected|create|modify|tests?|objective|scope"
     r"|context|background|deliverables?|acceptance criteria|requirements?|plan)s? ?:(?!:)"
     r"|\b[a-z]{2,6}-\d{2,5}:"),
    ("task.to_do", "plain", r"\b(?:(?:remaining|follow-?up) (?:work|tasks?|items?|steps?)|needs?"
     r" (?:integration|to be (?:integrated|implemented|reviewed|updated|done|fixed|merged))|should (?:now"
     r" )?also (?:add|update|do|fix)|fill (?:this )?in|files? to (?:modify|change|create|edit))\b"
     r"|^(?:todo|fixme|tbd|wip|xxx|hack)\b|\[ \]|^(?:next (?:steps?|up)|remaining|outstanding|to do)\b"),
    ("task.label", "told", rf"^(?:{_LABELS})\b[^.;□]{{0,30}}:"),
    ("task.we_plan", "plain", r"\bwe (?:should|could|need|can|will|might|are|have|now|also|probably|then"
     r"|would|verify|log)\b"),
    ("question.asked", "plain", r"\?[\"')*]*$|^(?:do|would|shall|should|could|can|may|what|why|how|where"
     r"|when|which|who|is|are|does|did) [^.;:]{0,200}\?|\?.{0,200}\?"),
    ("question.mark", "bare", r"\?"),
    ("question.request", "told", r"^(?:(?:is|are|was|were) (?:there|the|this|we|it|you)|(?:can|could"
     r"|should|shall|would|do|did|does) (?:we|you|it|the|this|i)|why|investigate|respond|continue|let's"
     r"|please|so |ok |now |go ahead|compare|explain|review|fix|look)\b"),
    ("substance.so_that", "plain", r"\bso (?:that|it|the|they|we|you|a|an|each|every)\b|, so\b|→|\bwhich"
     r" (?:means|fails|breaks|is why)\b|\bin order to\b|\bto (?:avoid|prevent)\b|\bdue to\b|, as (?:the"
     r"|an?|it|they|we|you)\b|\bleads? to\b|\bresult(?:s|ed|ing)? in\b|\bthat's why\b"),
    ("substance.limit", "plain", r"\bby default\b|\bat (?:most|least)\b|\bonly (?:when|if|in|on|at|after"
     r"|for|the|one)\b|\beven (?:when|if|though)\b|\bas (?:soon|long) as\b|\bmore than\b"),
    ("substance.must_not", "plain", r"\b(?:must|should|can|may|do|does|will|is|are) not\b|\b(?:never"
     r"|don't|doesn't|cannot|can't|won't|isn't|aren't)\b"),
    ("substance.was_so", "plain", r"\b(?:was|were) (?:\w+ing|not|only|never|using|being|[a-z]+ed)\b"
     r"|\bpreviously\b|\bthe old\b|\bbefore this\b|\bused to\b"),
    ("substance.where", "plain", r"\b(?:lives?|lived|stored|kept|found|located|goes|come|comes|is|are)"
     r" (?:in|under|at|on|from|to) "),
    ("substance.no", "told", r"^(?:no|never|do not|don't|only|one|every|all) "),
    ("substance.plural_rule", "told", r"^[a-z]+s (?:are|have|live|go|carry|run|start|stay|use|need|must"
     r"|should|can|do)\b"),
    ("told.i", "bare", r"(?<![\w/.-])I (?!(?:would )?(?:prefer|want|told|said|expect|like|rather|asked"
     r"|hate|don't (?:want|like)|do not (?:want|like))\b|/)[a-z]"),
    ("told.i_am", "plain", r"(?<![\w/.-])i'(?:ll|m|ve)\b|(?<![\w/.-])i'd (?!prefer|like|rather|want)"),
    ("told.let_me", "plain", r"(?:^|[.!:;,] |\bso |\bnow )(?:let me|let's|let us)\b|^(?:now |next |first"
     r" )+(?:let|i|we|to)\b|\b(?:we'll|we're) (?:now|going)\b|(?:^|[.;!:] )(?:still )?(?:looking|checking"
     r"|investigating|waiting|working|trying) (?:into|at|on|for|why|whether|to)\b"),
    ("told.report", "told", rf"^(?:successfully )?(?:{_REPORTED})\b|^(?!(?:{_CHOSE})\b.*\b(?:because"
     rf"|since|as)\b)"
     r"[a-z]{3,}ed (?:an?|the|this|that|all|both|our|my|some|two|three|in|into|onto|to|up|latest)\b"
     r"|^[a-z]{3,}ed □|\bsuccessfully\b|^(?:the )?(?:grep|search|diff|output|test run|results?"
     r"|investigation|analysis|\w+'s report)s? (?:shows?|says?|confirms?|suggests?|reveals?|indicates?)\b"
     r"|\b(?:had to|manually)"
     rf" (?:manually )?(?:{_REPORTED}|commit|fix|run|re-?run)\b"),
    ("told.and_past", "told", r"(?:,|;| and) (?:also |then )?[a-z]{3,}ed\b"),
    ("told.will", "plain", r"\b(?:will|'ll|going to)\b"),
    ("told.now_does", "plain", r"\bnow [a-z]+s\b"),
    ("told.now_any", "plain", r"\bnow (?:□|\w+)|\b(?:is|are|has been|have been) now\b"),
    ("status.opening", "told", r"^(?:done|perfect|great|excellent|awesome|sure|right|thanks?|thank you"
     r"|got it|sounds good|lgtm|nice|good (?:catch|point|job|question|idea|work|morning|news)|all (?:set"
     r"|done|good|green|checks)|everything (?:is|works|looks|passes)|fixed|finished|completed?|you're"
     r"|sorry|my (?:bad|apologies)|apolog\w+|of course|certainly|absolutely|understood|no problem|hmm+"
     r"|oops|hello|hi|cool|yay|approved|agreed|exactly|ship it|in progress|still \w+ing|blocked|status"
     r"|summary|here(?:'s| is| are))\b(?! (?:because|for)\b)"),
    ("status.tests", "plain", r"\b(?:tests?|lint|linter|build|ci|typecheck|checks?|suite"
     r"|everything)\b[^.]{0,30}\b(?:pass(?:es|ed|ing)?|green|clean|succeeds?|succeeded|fine)\b(?! (?:to"
     r"|as|by|through|via|in|the|an?)\b)|□ (?:now )?(?:passed|passes|succeeded)\b(?! (?:to|as|by|through"
     r"|via|in|the|an?)\b)"),
    ("status.current", "plain", r"\bcurrent (?:state|status)\b|\bin this (?:range|session|pr|commit"
     r"|conversation|review|batch)\b"),
    ("status.praise_phrase", "plain", r"\b(?:well[- ](?:structured|written|done|organi[sz]ed|tested"
     r"|designed)|(?:great|good|nice|excellent|solid|amazing) (?:work|job|refactor\w*|addition"
     r"|improvement|choice|change|stuff|solution|result)|best (?:decision|choice|thing|tool|framework)"
     r" ever|(?:fantastic|amazing|awesome|impressive|beautifully|elegantly|love (?:it|this|how))|looks"
     r" (?:good|great))\b|👍|🎉|🚀"),
    ("moment.this", "plain", r"\bthis (?:pr|branch|commit|session|task|conversation|change|changeset"
     r"|phase|checkout|batch|patch|diff|issue|fix|plan|function|method|approach|means|is|would|should"
     r"|flag|file|test|also)\b|\b(?:this|the) new (?:□|\w+)|\bin this patch\b"),
    ("moment.ticket", "plain", r"#\d+|\b[a-z]{2,6}-\d{1,5}\b|\b(?:task|phase|step|issue|finding|option"
     r"|batch|part) \(?\d+"),
    ("moment.numbered", "plain", r"\b(?:(?:pr|pull request|mr|merge request)s? #?\d+|(?:task|batch|sprint"
     r"|milestone|round) #?\d+|(?:ci )?(?:run|build|job) #?\d{3,}|pids? ?[:=]? ?\d+)\b|(?<![\w/])#\d+ \("),
    ("moment.trailer", "lead", r"(?im)^(?:entire-checkpoint|co-authored-by|signed-off-by|change-id"
     r"|reviewed-by|agent-id)\b ?:|^(?:closes|fixes|resolves|refs?) #\d+"),
    ("moment.address", "lead", r"(?<![\w/.-])(?=[0-9a-f]{0,39}[a-f])(?=[0-9a-f]{0,39}\d)[0-9a-f]{7,40}(?!["
     r"\w-])|/pull/\d+|/var/folders/|/tmp/[\w.-]{6,}|/Users/\w|/home/\w+/|\b[A-Z]:\\Users\\"),
    ("moment.time", "plain", r"\b(?:(?:currently|right now|at the moment|so far|just now|today|yesterday"
     r"|tomorrow|this (?:morning|week|afternoon)|last (?:night|week))|\d+m\d+s|is (?:running|taken"
     r"|listening) on|were offline)\b"),
    ("moment.line", "plain", r"\blines? ~?\d+|:\d+(?:-\d+)?\b|\bl\d{2,}\b"),
    ("moment.link", "lead", r"https?://|\]\("),
    ("vague.phrase", "plain", r"\b(?:option [a-z]|(?:the )?(?:right|correct|other|wrong|new|better)"
     r" (?:approach|arguments|framework|solution|tool)|something (?:about|with|was|went|is)|an issue with"
     r"|(?:it|this) can break things|handled with care|careful with|(?:stuff|things))\b"),
    ("prompt.phrase", "plain", r"\b(?:(?:your (?:task|job|role|goal) is|this skill|todowrite|(?:task"
     r"|write|edit|bash|read|skill) tool|skill\.md|step by step|think (?:hard|deeply|carefully)"
     r"|ultra-?think|commentary|final answers?|the user (?:asks|requests|invokes)|(?:this|the) phase"
     r"|slash command|in full before|you treat|did i|are there \w+ (?:\w+ )?i)\b|sub-?agent-driven)|^you"
     r" are\b"),
    ("prompt.tag", "lead", r"(?i)<(?:system|agent|tool|task|user|thinking|important|example|instruction"
     r"|command|local)[\w-]{0,30}>|</[a-z][\w-]{2,30}>"),
    ("common.practice", "plain", r"\b(?:best practices?|standard practice|good (?:practice|idea|habit)"
     r"|readability|maintainab\w+|single responsibility|meaningful|clean code|code quality|up to date|as"
     r" simple as possible|clear names|properly|with care|separation of concerns|don't repeat yourself"
     r"|reinvent|self-documenting|high[- ]quality|modern|robust|everywhere|developer[- ]friendly|enough"
     r" context|scalab\w+|small functions|test[- ]first|vulnerabilit\w+)\b"),
    ("manual.command_does", "lead", r"^`(?:git|npm|docker|pip|ls|cd|make|go|cargo|yarn|pnpm|bun|kubectl"
     r"|curl|grep|set|chmod)\b[^`\n]*`(?: command)? (?:is used to|lets|allows|creates|undoes|shows|finds"
     r"|installs|lists|deletes|removes|stages|fetches|prints|builds|starts|stops|updates|saves|displays"
     r"|downloads|records|switches|merges|combines|makes)\b"),
)  # fmt: skip
_PATTERNS = tuple((name, form, regex(pattern)) for name, form, pattern in _TABLE)


def measure(text: Text) -> dict[str, float]:
    """Return 1 for each phrase that is found, else 0."""
    return {name: 1.0 if pattern.search(getattr(text, form)) else 0.0 for name, form, pattern in _PATTERNS}
