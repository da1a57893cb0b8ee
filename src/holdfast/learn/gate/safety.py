"""Refuse what would harm whoever follows it: injected orders, dangerous commands, secrets, hidden text."""

from __future__ import annotations

import re

from holdfast.hook.patterns import regex
from holdfast.learn import redact
from holdfast.learn.gate.text import clean

Fault = tuple[str, str]

_INJECTION: Fault = (
    "It gives an agent orders about its own instructions.",
    "State the fact about this repository; leave out words to the agent.",
)
_LEAK: Fault = ("It would send private data elsewhere.", "Leave the sending out.")
_SECRET: Fault = (
    "It holds what looks like a secret.",
    "Say where the secret is kept, not what it is; change a real one that was exposed.",
)
_DANGER: Fault = (
    "It advises a command that can do lasting damage or runs unread code.",
    "Say what caused the trouble and give the careful way round it.",
)
_EVASION: Fault = (
    "It advises getting round a check instead of meeting it.",
    "Say what makes the check fail and how to mend that.",
)
_HIDDEN: Fault = (
    "It holds invisible characters or a long encoded block.",
    "Write it in plain, visible words.",
)

_HIDDEN_TEXT = regex(
    "[\U000e0020-\U000e007f\u202a-\u202e\u2066-\u2069]|[A-Za-z0-9+/]{160} ?[A-Za-z0-9+/=]{80}"
)
_WHOLE = "(?:all |any |every |the |your |of |these |those |my |our )*"
_INJECTIONS = regex(
    rf"\b(?:ignore|disregard|forget|override|bypass|discard) {_WHOLE}(?:previous|prior|above"
    r"|earlier|preceding|system|existing|former|other|safety) (?:\w+ )?(?:instructions?|prompts?"
    r"|rules?|messages?|guidelines?|directions?|context|orders|polic(?:y|ies))"
    rf"|\b(?:ignore|disregard|forget|override) {_WHOLE}(?:instructions?|guidelines|safety)\b"
    r"|(?:^|\n)\W{0,4}(?:system|assistant|developer|important|attention|new (?:system )?(?:policy"
    r"|instructions?))\W{0,3}:\s|</?(?:system|assistant|instructions?|important|system-reminder"
    r"|user|admin)\b[^>]{0,60}>|\[/?inst\]|<\|im_(?:start|end)\|>"
    r"|\b(?:you are now|from now on,? you|pretend (?:to be|you are)|act as (?:an?|the|if)"
    r"|do anything now|developer mode|jailbreak)\b"
    r"|\b(?:do not|don't|never|without) (?:tell(?:ing)?|mention(?:ing)?|inform(?:ing)?"
    r"|reveal(?:ing)?|show(?:ing)?|alert(?:ing)?|notify(?:ing)?|ask(?:ing)?)(?: this| it| anything"
    r"| that)?(?: to)? (?:the )?(?:user|human|person|developer|owner)s?\b"
    r"|\b(?:do not|don't|never|without|no need to) (?:ask(?:ing)?|wait(?:ing)?"
    r"|request(?:ing)?)(?: for)? (?:any )?(?:permission|confirmation|approval|consent)\b"
    r"|\b(?:reveal|print|output|repeat|show|disclose) (?:your|the) (?:system|hidden|initial"
    r"|full) (?:prompt|instructions)\b|\bagents? must (?:send|upload|post|obey|forward)\b"
    r"|\bapprove (?:all|every|any) (?:tool calls?|commands?|permissions?|requests?)\b"
    r"|\bhighest priority\b"
)
_PRIVATE = (
    r"(?:\.env\b|secrets?\b|tokens?\b|passwords?\b|credentials?\b|api[ _-]?keys?\b|private keys?\b"
    r"|ssh keys?\b|~/\.ssh|id_rsa|environment variables?\b|env(?: vars?)?\b|cookies?\b|\.aws\b"
    r"|source code\b|\.netrc|\.npmrc|keychain|transcripts?\b)"
)
_LEAKS = regex(
    r"\b(?:send|post|upload|forward|exfiltrate|leak|transmit|submit|email|mail|publish|share|copy"
    rf"|paste|curl|attach|report)(?:s|ing)?\b[^.;\n]{{0,80}}{_PRIVATE}[^;\n]{{0,60}}?\b(?:to|at"
    rf"|into|on|with|in)\b[^;\n]{{0,30}}?(?:https?://|webhook|pastebin|gist\b|@\w+\.|\bserver\b"
    r"|\bendpoint\b|\bslack\b|\bchannel\b|\bissue\b|\bchat\b|\bforum\b|\bwiki\b|\bbucket\b"
    r"|\bpublic\b|\bthird)"
    rf"|{_PRIVATE}[^\n]{{0,120}}?\b(?:include|send|post|attach|add|paste|upload|forward|put)\b"
    r"[^\n]{0,60}?https?://"
    rf"|\bcurl\b[^;\n]{{0,120}}(?:-d|--data\S*|-F|-T)\s[^;\n]{{0,60}}{_PRIVATE}"
    rf"|\bcat\b[^;\n|]{{0,60}}{_PRIVATE}[^;\n|]{{0,30}}\|\s?(?:curl|nc|wget|base64)\b"
    r"|\b(?:store|put|keep|save|write|add) (?:\w+ ){0,3}(?:tokens?|passwords?|secrets?|api keys?"
    r"|credentials?|private keys?)"
    r" (?:in|into|to) (?:the )?(?:\S+\.(?:md|py|ts|js|go|json|ya?ml|toml|txt|sh)\b|repo|source|code|readme)"
    r"|\b(?:hard-?code|commit|check in|inline|echo|print|log) (?:the |your |our |all |real "
    r"|production )*(?:\.env|secrets?|passwords?|credentials?|api[ _-]?keys?|private keys?"
    r"|access tokens?|deploy tokens?|tokens?)\b(?! (?:in|to) (?:the )?(?:keychain|vault))"
)
_DANGERS = regex(
    r"\b(?:(?:(?:curl|wget|iwr|irm|invoke-webrequest)\b[^\n;]{0,160}\|\s{0,2}(?:sudo )?(?:ba|z|da"
    r"|k)?sh|curl\b[^\n;]{0,160}\|\s{0,2}(?:sudo )?(?:python3?|node|perl|ruby)|pipe (?:it"
    r"|the (?:script|installer)) (?:in)?to (?:ba|z)?sh|mkfs|chmod (?:-r )?(?:0?777|a\+rwx)"
    r"|force[- ]push(?:es|ing)?|drop (?:the )?(?:prod\w* )?(?:database|table|schema)"
    r"|truncate table|(?:delete|wipe|erase) (?:the )?(?:prod\w*|whole|entire|user's)"
    r"|verify ?= ?false|stricthostkeychecking[ =]no|setenforce 0|(?:disable|turn off"
    r"|switch off) (?:the |all )?(?:tls|ssl|certificate|authentication|authorization|firewall"
    r"|selinux|antivirus|csrf|sandbox\w*|permission)(?: \w+)?)\b|(?:ba|z)?sh <\(\s?(?:curl|wget)"
    r"|eval\b[^\n;]{0,12}\$\((?:curl|wget)|iex\b[^\n;]{0,40}(?:iwr|irm|webclient)|rm -(?:rf|fr"
    r"|r -f)\s{1,2}(?:--no-preserve-root )?(?:/(?:\s|$|\*|`|\")|~|\$home|\*|\.git(?:\s|$|`|/)"
    r"|/(?:usr|etc|var|home|users)\b)|dd if=\S+ of=/dev/|sudo chown -r \S+ /(?:\s|$)"
    r"|git push\b[^\n;.]{0,40}(?:--force(?!-with-lease|-if)|\s-f\b)|push --force(?!-with-lease"
    r"|-if)|node_tls_reject_unauthorized ?= ?['\"]?0|sslverify[ =]false)|--no-preserve-root"
    r"|:\(\)\s?\{|--dangerously-[\w-]+"
)
_EVASIONS = regex(
    r"\b(?:(?:husky=0|git commit -n|no-verify flag|(?:disable|skip|delete|remove|comment) them"
    r"|(?:guard|hook|gate|sandbox|scanner|linter|checker|filter"
    r"|detector)s? (?:\S+ ){0,6}?(?:blocks?|denies|refuses|complains?|objects|catches"
    r"|flags)\b[^.\n]{0,40}\b(?:remove|disable|edit|delete|bypass|split|encode|obfuscate|hide"
    r"|mute)|(?:answer|say|claim|report|state|pretend|tell \w+) (?:that )?(?:the |all )?(?:tests?"
    r"|checks?|build|ci)\b[^.\n]{0,20}\b(?:pass(?:ed|es)?|green|succeeded)|(?:mark|report|claim"
    r"|declare|say)(?:ing)? (?:it |them |the (?:task|issue|work|tests) |that )?(?:as |is "
    r"|are )?(?:done|complete|completed|passing|fixed|verified|passed)\b[^.\n]{0,40}\b(?:even"
    r"|regardless|anyway|without|before)|merge (?:\w+ ){0,2}(?:without|before) (?:review|approval"
    r"|waiting|ci|checks|tests)|(?:change|edit|adjust|update|loosen) (?:the )?(?:tests?"
    r"|assertions?|expected (?:values?|output)|snapshots?) (?:so (?:that )?they|to (?:match|pass"
    r"|make)|until)|exit 0\b[^.\n]{0,40}\b(?:so|to make) (?:ci|the|tests|checks))\b"
    r"|skip=\w+ git commit|(?:skip|disable|delete|remove|comment out|turn off|bypass|mute|silence"
    r"|weaken|stop running|drop|suppress|ignore|xfail)(?:ping|ing)? (?:the |all |any |every "
    r"|these |those |failing |flaky |broken |red |slow |unit |integration |whole |them |their "
    r"|that )*(?:tests?|test suite|test cases|ci|checks?|linters?|lint|assertions?|pre-commit"
    r"|hooks?|guards?|type ?checks?|security (?:scan|checks?)|code review|reviews?|gates?"
    r"|failures)\b(?![/._`(-]))|--no-verify\b"
)
_ASSIGNED = regex(
    r"\b\w*(?:secret|passw(?:or)?d|token|api_?key|access_?key"
    r"|private_?key)\w*['\"]? ?[=:] ?['\"]?(?=[^\s'\"`]{0,80}[0-9])"
    r"(?=[^\s'\"`]{0,80}[a-z])[A-Za-z0-9+/_.~-]{12,}"
    r"|\bAKIA[0-9A-Z]{16}\b"
    r"|\bpass(?:word|phrase) (?:is )?['\"`]?(?=[^\s'\"`]{0,60}[0-9])(?=[^\s'\"`]{0,60}[a-z])[^\s'\"`,;]{8,}",
    re.IGNORECASE,
)
_CLAUSE = regex(r"[.;:!?\n,](?=\s|$)| [\u2013\u2014] ")
_NEGATED = regex(
    r"^(?!.*\b(?:if|when|whenever|because|unless)\b).*\b(?:do not|don't|never|avoid|must not"
    r"|mustn't|should not|shouldn't|may not|cannot|can't|forbid\w*|ban(?:s|ned)?|not to|refuse to"
    r"|no)\b(?:\W+[\w'-]+){0,5}\W*$"
    r"|\b(?:instead of|rather than|without|not|against|forbids|blocks|rejects|no)\b(?:\W+(?:using"
    r"|the|a|an|to|with|by|running|git|commit|push|any))*\W*$",
    re.DOTALL,
)
_REFUSED_AFTER = regex(
    r"^(?:[^`\n]{0,40}`)?[`'\")]* ?(?:is |are |was |gets? )?(?:forbidden|blocked|banned|rejected"
    r"|refused|not allowed|disallowed|prohibited|denied|fails|failed|breaks|destroys|deletes|loses"
    r"|lost|leaves|skips|drops|misses)\b"
)


def fault(whole: str) -> Fault | None:
    """Return (reason, mend) when following or storing the text would do harm; quoted advice counts too."""
    if _HIDDEN_TEXT.search(whole):
        return _HIDDEN
    text = clean(whole)
    folded = re.sub(r"[ \t]+", " ", text.lower())
    if _INJECTIONS.search(folded):
        return _INJECTION
    if _ASSIGNED.search(text) or any(found.kind not in ("home", "email") for found in redact.find(text)):
        return _SECRET
    for pattern, words in ((_LEAKS, _LEAK), (_DANGERS, _DANGER), (_EVASIONS, _EVASION)):
        if any(not _is_warned_of(folded, match) for match in pattern.finditer(folded)):
            return words
    return None


def is_safe(text: str) -> bool:
    """Tell whether a text may be put before an agent: it orders no harm and holds no secret."""
    return fault(text) is None


def _is_warned_of(text: str, match: re.Match[str]) -> bool:
    """Tell whether the clause around a match advises against it."""
    before = text[max(0, match.start() - 80) : match.start()]
    clause = _CLAUSE.split(before)[-1]
    return bool(_NEGATED.search(clause) or _REFUSED_AFTER.search(text[match.end() : match.end() + 60]))
