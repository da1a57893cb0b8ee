"""The words by which junk is known: chatter, self-praise, blanks, pasted prompts, manuals, fragments, noise.

Each table goes from the surest to the least sure pattern; what holds a rule, a reason or a name of the
project's own is never chatter (see `junk`).
"""

from __future__ import annotations

import re

from holdfast.hook.patterns import regex

_I = re.IGNORECASE

_CHEER = (
    r"(?:done|ok(?:ay)?|perfect|great|excellent|awesome|sure|alright|thanks?(?: you)?|thank you|got it"
    r"|sounds good"
    r"|lgtm|nice|cool|yay|yes|yep|no problem|all (?:set|done|good|green)|(?:all |the )*(?:tests?|tasks?"
    r"|checks?|changes)"
    r" (?:are |have been |were |is |all |now )*(?:pass(?:ed|ing)?|green|completed?|done|finished)"
    r"|everything (?:is|looks|works|passes)(?: (?:now|fine|good|green|working|done|ok|well))*|finished"
    r"|completed?|fixed|working"
    r"|build (?:is )?(?:green|passing|passed|succeeded)|session (?:is )?(?:ended|started|complete\w*"
    r"|closed|over)"
    r"|(?:that|this|it) (?:looks|is|works|worked)(?: (?:great|good|fine|perfect|nice|right|ok|now|well"
    r"|perfectly))*"
    r"|looks (?:good|great|fine)|(?:great|good|nice) (?:work|job|stuff)|well done|makes sense|go ahead"
    r"|continue"
    r"|hello|hi|hm+|oops|sorry|to be continued|in progress|wip|tbd|nothing (?:yet|here)|asdf"
    r"|success|ready"
    r"|almost there|never|always|note|important|remember|until|because"
    r"|voil[àa]|c['’]est (?:fait|bon|fini|termin[ée])|termin[ée]e?|fini|fait|erledigt|fertig|alles (?:klar"
    r"|gut|erledigt|gr[üu]n)"
    r"|passt|danke|merci|parfait|listo|hecho|gracias|perfecto|完了(?:しました)?|できました|終わりました|了解(?:です)?|完成(?:了)?|好的)"
)
STATUS = regex(
    rf"^\W*{_CHEER}(?:[\s,.!…:;–-]+(?:{_CHEER}|now|again|here|all|so far|with (?:this|that|it)|for (?:now"
    rf"|today)|then|team"
    r"|to me|user|let me know[^.!]*|moving on[^.!]*|you|me|it|as expected|successfully))*"
    r"[\s.!…✅🎉👍🚀:)。！]*$"
    r"|^\W*[✅✔☑]\ufe0f?\s*(?:add|implement|complet|finish|fix|creat|updat|refactor|resolv|verifi|test|review"
    r"|migrat|improv|clean|remov|renam|committ|push|merg|deploy|install|configur|document)ed\b"
    r"|^\W*[✅✔☑]\ufe0f?\s*(?:done|built|ran|wrote|made|set up)\b",
    _I,
)
"""A whole text that only says how things go."""

NOW = regex(
    r"^\W*(?:(?:i(?:['’]m| am)|we(?:['’]re| are)|currently|right now|now|still|just|today|this (?:morning"
    r"|session|week))"
    r"[\s,:]+)+(?:(?:i(?:['’]m| am)|we(?:['’]re| are)|was|been|am|are)\s+)?(?:working|looking|checking"
    r"|investigating"
    r"|waiting|trying|debugging|fixing|testing|running|implementing|adding|going|about to|done|finished"
    r"|started"
    r"|refactoring|continuing|reading|writing|reviewing|updating|blocked|stuck)\b"
    r"|^\W*(?:working|looking|continuing|investigating|checking|debugging|waiting|starting|moving)\s+(?:on"
    r"|at|with"
    r"|into|for|to)\b[^.:]*\b(?:now|next|today|currently|soon|again|tomorrow|at the moment|moment|later"
    r"|right now)\b"
    r"|^\W*(?:next (?:up|step)s?|up next|todo(?: for)? (?:today|tomorrow)|status(?: update)?|progress(?:"
    r" update)?"
    r"|current (?:status|state|task|focus)|in progress|wip)\s*[:—–-]\s*\S"
    r"|\b(?:will|going to|gonna|let['’]?s|i['’]ll|we['’]ll|to be) (?:continue|resume|pick (?:this|it) up"
    r"|finish|do"
    r"|look(?: at)?|get back)\b[^.]*\b(?:tomorrow|later|next (?:session|time|week)|after lunch|on monday)\b"
    r"|^\W*(?:step|task|phase|part) \d+ (?:of \d+ )?(?:is |was )?(?:done|complete\w*|finished|in progress)\b"
    r"|\b(?:is|are) (?:about )?\d{1,3} ?% (?:done|complete\w*|finished|there)\b",
    _I,
)
"""A text of this very moment."""

SELF = regex(
    r"^\W*(?:i(?:['’]ve| have)|we(?:['’]ve| have))\s+(?:now |just |also |successfully |already |carefully "
    r"|thoroughly )*"
    r"(?:implemented|completed|finished|fixed|added|updated|created|refactored|resolved|verified|tested"
    r"|reviewed"
    r"|analy[sz]ed|written|made|addressed|migrated|improved|cleaned|checked|read|gone|set up|ensured"
    r"|identified"
    r"|successfully|removed|renamed|committed|pushed|done|built|learned a lot)\b"
    r"|^\W*i\s+(?:successfully |just |then |also |now |have successfully |carefully )*(?:implemented"
    r"|completed|finished"
    r"|fixed|added|updated|created|refactored|resolved|verified|tested|reviewed|analy[sz]ed|wrote"
    r"|addressed|improved"
    r"|cleaned|checked|ran|removed|renamed|committed|pushed|made|did|built|am confident|believe i|think i"
    r" did)\b"
    r"|^\W*(?:successfully|all (?:of )?(?:the |my )?(?:requested |required )?(?:changes|tasks|requirements"
    r"|features)"
    r" (?:have been|were|are))\s+\w+"
    r"|^\W*(?:great|good|excellent|perfect|sure|certainly|absolutely|of course)[!,.]\s+(?:i|let|the|all"
    r"|now|here|that)\b"
    r"|^\W*(?:great|good|excellent) (?:question|point|idea|catch)\b[!.]|\bi['’]?(?:d| would) be happy to\b"
    r"|^\W*(?:let me|i['’]ll|i will|i am going to|i['’]m going to)\s+(?:now |first |start |begin |also "
    r"|then |just )*"
    r"(?:by |with )?(?:check|look|read|run|fix|add|start|begin|implement|create|update|examine|explore"
    r"|search|verify"
    r"|know|take|see|analy[sz]e|review|try|proceed|continue)\w*\b"
    r"|^\W*(?:you['’]re (?:absolutely )?right|my apologies|i apologi[sz]e|as an ai|happy to help|hope this"
    r" helps"
    r"|let me know if|feel free to (?:ask|reach|let)|is there anything else|i hope this)\b"
    r"|^\W*the user (?:is|was|seems|seemed) (?:now |very |quite )*(?:happy|satisfied|pleased|fine|ok"
    r"|content)\b"
    r"|\b(?:production[- ]ready|enterprise[- ]grade)\b[^.]*\b(?:solution|implementation|code)\b"
    r"|\b(?:implementation|solution|feature|refactor(?:ing)?|code|work) (?:is|was) (?:now )?(?:complete"
    r"|fully (?:working"
    r"|functional|implemented|tested)|production[- ]ready)\b",
    _I,
)
"""What an agent says of itself and of its work."""

BLANK = regex(
    r"\[(?:(?:insert|your|placeholder|todo|tbd|fill|x{2,})\b[^\]\n`]{0,80}"
    r"|(?:describe|add|name of|what|why|list|project|company|team|enter|replace|e\.g\.|example)\b"
    r" [^\]\n`]{1,80})\](?!\()"
    r"|<(?:your|insert|describe|add|name of|project|company|fill|todo|enter|replace"
    r"|placeholder)\b[^>\n`]{0,60}>"
    r"|\{\{\s*[A-Za-z_][\w .-]{0,50}\s*\}\}"
    r"|^\W*\[(?:[A-Z]|\d+-\d+ )[^\]\n`]{14,200}\]\W*$"
    r"|^\W*(?:todo|tbd|fixme|xxx|placeholder)\W*$"
    r"|^\W*(?:todo|tbd|fixme)\s*[:—–-]?\s*(?:describe|fill|write|document|list|explain|insert|complete"
    r"|expand|more"
    r"|details?|content|this section|your|add (?:more|details?|a? ?description|content|examples?|text"
    r"|info\w*|docs"
    r"|documentation|here))\b[^`]*$"
    r"|\b(?:describe your (?:project|architecture|app\w*|code)\b|your (?:project|company|app"
    r"|team)(?:['’]s)? (?:name"
    r"|description|goes) ?(?:here)?|add your \w+ (?:\w+ )?here|(?:text|content|description|notes?|name"
    r"|title|details|code|rules|list|summary) goes here\b|fill (?:this|me|it) in\b"
    r"|lorem ipsum|replace (?:this|me|with your)|write (?:a )?(?:short )?(?:description|summary) (?:of|here)"
    r"|to be (?:filled|completed|written|defined|documented)\b|coming soon|delete this (?:line|section"
    r"|text))",
    _I,
)
"""A template that nobody filled in."""

PROMPT = regex(
    r"^\W*you are (?:an? |the )?(?:\w+[ -]){0,4}?(?:assistant|agent|engineer|developer|expert|ai|model"
    r"|reviewer|claude"
    r"|gpt|copilot|architect|programmer|specialist|coder|writer|analyst)\b"
    r"|</?(?:system(?:[-_ ]\w+)?|assistant|user|instructions?|important|thinking|tool_(?:use|result|call)"
    r"|function_calls?"
    r"|antml\w*|context|task|example|skill)\b[^>\n]{0,60}>"
    r"|<\|im_(?:start|end)\|>|\[/?INST\]"
    r"|^\W*(?:system|assistant|human|user)\s*:\s+\S.{10,}"
    r"|\b(?:think step by step|take a deep breath|your (?:task|role|goal|job) is to|when the user (?:asks"
    r"|invokes|says"
    r"|requests)|the user(?:['’]s)? (?:request|query|message|question)|respond (?:only )?(?:in|with)"
    r" (?:json|markdown)"
    r"|do not (?:reveal|mention|disclose) (?:these|this|your|the system)|use this skill (?:when|whenever"
    r"|to|for)"
    r"|this skill (?:should be used|provides|guides|helps|is used|teaches)|triggers? (?:this skill|on"
    r" phrases)"
    r"|tool calls?|knowledge cut-?off|you have access to (?:the following|these|a set|tools)"
    r"|here are the tools|function calls?\b.*\bparallel|as a (?:large )?language model)\b",
    _I,
)
"""Pasted text of a system prompt or a skill."""

_TOOLS = (
    r"(?:git(?:hub|lab)?|docker(?: compose)?|npm|pnpm|yarn|pip|pytest|python|node(?:\.?js)?|react"
    r"|typescript|javascript"
    r"|postgres(?:ql)?|redis|kubernetes|kubectl|eslint|prettier|make|bash|linux|json|yaml|markdown|rest"
    r"|graphql|sql"
    r"|http|html|css|django|flask|fastapi|rust|cargo|go|golang|java|ruby|rails|vue|angular|next\.?js|vite"
    r"|webpack"
    r"|jest|mypy|ruff|black|terraform|aws|ssh|cron|ci|vim|tailwind(?: css)?|sqlite|mysql|mongodb|nginx"
    r"|celery|pandas|numpy)"
)
MANUAL = regex(
    rf"^\W*(?:the )?`?{_TOOLS}`?(?:\s*\([^)]{{1,40}}\))?\s+(?:is|are)\s+(?:an?|the|one of the|used (?:to"
    rf"|for)|widely)\s+"
    r"(?:\w+[ -]){0,6}?(?:tool|language|library|framework|system|manager|platform|database|format|linter"
    r"|formatter|server"
    r"|runtime|engine|protocol|shell|store|bundler|compiler|checker|superset|standard|service|runner|most"
    r"|used|popular)\b"
    r"|^\W*`(?:git|npm|docker|pip|ls|cd|make|go|cargo|yarn|pnpm|kubectl|curl|grep|chmod|mkdir|rm|cp|mv|cat"
    r"|ssh|python)"
    r"\b[^`\n]{0,40}`(?:\s+command)?\s*(?:[-—–:]\s*)?(?:is (?:used|a command)|lets you|allows you|records?"
    r" changes"
    r"|creates? (?:a new|an empty|a copy)|undoes|shows? (?:the )?(?:commit|working|status|history"
    r"|differences?|changes)"
    r"|lists? (?:all |the )?(?:files|branches|containers|directory|running)|downloads? (?:objects|packages)"
    r"|fetches? (?:from|and|objects)|stages?|adds? (?:files?|file contents|changes) to (?:the )?(?:index"
    r"|staging)"
    r"|uploads?|switches? (?:branches|to)|changes? (?:the )?(?:current |working )?directory|installs?"
    r" (?:all |the |a )?"
    r"(?:packages?|dependencies)(?: (?:listed|from|in|of).*)?\.?$|removes? (?:files?|directories)|prints?"
    r"|copies"
    r"|updates? (?:the )?remote|merges? (?:two|branches|one)|builds? an? image|joins)"
    r"|^\W*(?:the )?`?(?:git|npm|docker|pip|make|cargo|kubectl) (?:commit|push|pull|clone|init|add|status"
    r"|log|diff|branch"
    r"|checkout|merge|rebase|stash|fetch|install|run|build|ps|images|update|test|apply|get)`?(?: command)?"
    r" (?:records?"
    r"|creates?|shows?|lists?|downloads?|fetches|saves?|displays?|uploads?|copies|stages?|adds?|is used"
    r"|updates?"
    r"|installs|combines|switches|moves|sends|removes|builds|starts|runs)\b"
    r"|^\W*(?:a|an) (?:pull request|unit test|commit|branch|repository|variable|function|class|loop|api"
    r"|linter|container"
    r"|merge conflict|docker image|foreign key|primary key|decorator|virtual environment) (?:is|lets"
    r"|allows)\b"
    r"|^\W*(?:always )?(?:write|use|follow|keep|ensure) (?:clean|readable|good|meaningful|clear|high[-"
    r" ]quality|modern"
    r"|well[- ]structured|maintainable|proper)[\w ,/&-]{0,60}(?:code|names|practices|conventions|naming"
    r"|comments"
    r"|readability|structure|formatting)\.?\s*$"
    r"|^\W*(?:make sure|ensure)(?: that)? (?:the |your |all )?(?:code|everything|it) (?:works|runs|is"
    r"|compiles|builds)"
    r"(?: (?:correctly|properly|well|fine|clean|readable|correct|good|as expected|without errors?|bug[-"
    r" ]free))*\.?\s*$"
    r"|^\W*(?:follow|use|apply) (?:industry |coding |common )?best practices\.?\s*$",
    _I,
)
"""What the manual of a well-known tool says, or what everybody knows."""

NOISE = regex(
    r"^\W*(?:\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?[^\s\]]*\]?\s+(?:\[?(?:info|debug|warn(?:ing)?|error"
    r"|trace|fatal|notice)\b"
    r"|\S+ \S+\[)|\[?\d\d:\d\d:\d\d[.,]?\d*\]?\s+\S)"
    r"|^\s*(?:Traceback \(most recent call last\)|File \"[^\"]+\", line \d+|at [\w.$<>]+"
    r" ?\([^)]*:\d+(?::\d+)?\)"
    r"|at (?:async )?[\w./-]+:\d+:\d+|npm (?:ERR!|WARN)|=== (?:RUN|FAIL)|--- (?:PASS|FAIL)|goroutine \d+ \[)"
    r"|[█▇▆▅▓▒░]{3,}|\[[=#>\s.-]{8,}\]\s*\d{0,3}%?|\b\d{1,3}%\s*\|[^|]*\|"
    r"|^\W*(?:[0-9a-f]{7,64}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\d{10,}"
    r"|\d{4}-\d\d-\d\d(?:[T ][\d:.Z+-]+)?"
    r"|[\d:.,\s%/-]+)(?:[\s,;|]+(?:[0-9a-f]{7,64}|[0-9a-f-]{36}|\d{4}-\d\d-\d\d(?:[T ][\d:.Z+-]+)?|\d+))*\W*$"
    r"|^\W*(?:session|request|trace|message|run|tool|job|checkpoint|conversation|thread)["
    r" _-]?id\s*[:=]\s*[`\"']?[\w-]{6,}\W*$"
    r"|^\W*(?:added \d+ packages|\d+ packages are looking|found \d+ vulnerabilit|up to date, audited"
    r"|changed \d+ packages)"
    r"|^[IWEDV] \(\d+\) \w+:|^\[[\w:.-]+\]\s+(?:job|task|worker|step|output|status|run|build|process"
    r"|pid)\b.*\d"
    r"|^\W*(?:chunk id|wall time|exit code|process exited(?: with)?(?: code)?)\W*\w*\d[\w.]*(?: s\w*)?\W*$",
    _I,
)
"""What a machine printed."""

FRAGMENT = regex(
    r"^(?:\.{2,}|…|,|;|\)|and |or |but |which |because |until\b|that |than |then |so |to the |of the |is "
    r"|are |was |the of )"
)
BROKEN = regex(
    r"\b(?:the|a|an|of|to|and|or|with|because|that|which|is|are|was|were|for|in|by|as|but|if|from|until"
    r"|our|its|their"
    r"|this|can|not)[ ]*(?:…|\.{3})?$"
)
"""What was cut out of a sentence: it begins or ends within it. Read case-sensitively."""

METADATA = regex(
    r"^\W*(?:status|state|statut|estado)\b\W*(?:(?:proposed|accepted|approved|adopted|agreed|active|in force"
    r"|in effect|valid|current|stable|final|draft|rejected|declined|deprecated|super[sc]eded|replaced"
    r"|obsolete|retired|withdrawn|amended|implemented|experimental|beta|alpha|maintained|unmaintained|archived"
    r"|deferred|postponed|provisional|akzeptiert|vorgeschlagen|angenommen|abgelehnt|abgelöst|ersetzt|accepté|proposé"
    r"|remplacé|aceptad[oa]|propuest[oa])\b|提案|承認|採用)",
    _I,
)
"""The state of a decision or a document, which says whether it holds."""
FIELD = regex(r"^\W*[A-Za-z][\w -]{0,30}?[*_]*\s*[:|]\s*[*_]*\s*\S")
"""A line of a document that states one thing of it: ``Date: 2026-03-01``."""
ABOUT = regex(
    r"^\W*(?:status|state|date|version|authors?|owners?|deciders?|decision[- ]makers?|issue|ticket|id|tags?"
    r"|type|stage|reviewers?|created|updated|last (?:updated|reviewed|changed)|supersedes|superseded by)\W*$",
    _I,
)
"""A heading or label below which a document states one thing of itself."""

COURTESY = regex(
    r"^\W*(?:please )?(?:let me know if|feel free to (?:ask|reach|let)|is there anything else"
    r"|i hope (?:this|that)|hope this helps|happy to help"
    r"|as an ai(?: language)?(?: model| assistant)?,? i)\b[^.!?]*[.!?]*$",
    _I,
)
"""What an agent opens or closes with, whatever words it uses."""

INJECTED = regex(
    r"\b(?:ignore|disregard|forget|override) (?:(?:all|any|every|the|your|of|these|those|my) )*"
    r"(?:previous|prior|above|earlier|preceding|system) (?:instructions?|prompts?|rules|messages"
    r"|guidelines)\b"
    r"|[\x1b\u202d\u202e]|(?<![\U0001f3f4\U000e0020-\U000e007f])[\U000e0020-\U000e007f]",
    _I,
)
"""What takes an agent away from its instructions, or writes what a reader does not see."""
