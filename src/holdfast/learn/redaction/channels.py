"""Secrets given away by where they stand: URLs, headers, cookies, command lines, webhooks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from holdfast.learn.redaction.spans import Finding
from holdfast.learn.redaction.values import is_placeholder, is_random, is_words
from holdfast.learn.redaction.vendors import is_sample

_USERINFO = re.compile(r"://([^\s/?#\"'`<>@:\\]{0,128}):([^\s\"'`<>\\]{1,256}?)@(?=[A-Za-z0-9_\[$.{-])")
_USER_ONLY = re.compile(r"://([A-Za-z0-9_~.+=-]{16,512})@(?=[A-Za-z0-9\[])")
_AUTHORIZATION = re.compile(
    r"(?:authorization|x-[a-z-]{0,20}(?:key|token|auth|secret)|x-amz-security-token|private-token|job-token)"
    r"[\"'`]?\]?[ \t]{0,4}[:=,][ \t]{0,4}[\"'`]?(?:[bfr]{1,2}[\"'])?(?P<scheme>[A-Za-z][A-Za-z0-9-]{2,20}[ \t]{1,4})?(?P<value>(?![$<{%#])[^\s\"'`,;<>)}\]\\]{6,4096})",
    re.IGNORECASE,
)
_BEARER = re.compile(r"\b[Bb]earer[ \t]{1,4}([A-Za-z0-9._~+/-]{16,4096}={0,2})")
_SIGNATURE = re.compile(r"(?:Signature|X-Goog-Signature)=([A-Za-z0-9%/+]{32,1024}={0,2})")
_COOKIE = re.compile(
    r"\b(set-)?cookie[\"'`]?\]?[ \t]{0,4}[:=,][ \t]{0,4}[\"'`]?(?=[A-Za-z_.$-]{1,64}=)([^\n\r\"'`]{4,8192})",
    re.IGNORECASE,
)
_COOKIE_FLAG = re.compile(r"(?<!\S)(?:-b|--cookie)[ =]{0,2}[\"']?([A-Za-z0-9_.$-]{1,64}=[^\n\r\"']{6,4096})")
_COOKIE_JAR = re.compile(r"\t(?:TRUE|FALSE)\t/\S{0,64}\t(?:TRUE|FALSE)\t\d{1,20}\t(\S{1,128}\t(\S{8,4096}))")
_WEBHOOKS = tuple(
    (needle, re.compile(pattern))
    for needle, pattern in (
        ("hooks.slack.com", r"hooks\.slack\.com/(?:services|workflows|triggers)/([A-Za-z0-9_/+-]{16,256})"),
        (
            "/api/webhooks/",
            r"discord(?:app)?\.com/api/(?:v\d{1,2}/)?webhooks/(\d{8,24}/[A-Za-z0-9_-]{16,128})",
        ),
        ("webhook", r"webhook\.office\.com/webhookb2/([A-Za-z0-9@/_-]{30,512})"),
        ("outlook.office", r"outlook\.office(?:365)?\.com/webhook/([A-Za-z0-9@/_-]{30,512})"),
        ("hooks.zapier.com", r"hooks\.zapier\.com/hooks/(?:catch|standard)/([A-Za-z0-9/_-]{8,128})"),
        ("maker.ifttt.com", r"maker\.ifttt\.com/[^\s\"'<>]{1,200}/key/([A-Za-z0-9_-]{10,128})"),
        (".make.com/", r"hook\.(?:[a-z0-9]{2,4}\.)?make\.com/([a-z0-9]{20,64})"),
        ("open.feishu.cn", r"open\.feishu\.cn/open-apis/bot/v2/hook/([A-Za-z0-9-]{20,64})"),
        ("open.larksuite", r"open\.larksuite\.com/open-apis/bot/v2/hook/([A-Za-z0-9-]{20,64})"),
        ("hc-ping.com", r"hc-ping\.com/([A-Za-z0-9/_-]{20,128})"),
        ("robot/send", r"robot/send\?access_token=([a-f0-9]{32,128})"),
        ("webhook/send", r"webhook/send\?key=([A-Za-z0-9-]{20,64})"),
        (
            "chat.googleapis.com",
            r"chat\.googleapis\.com/v1/spaces/[A-Za-z0-9_-]{1,64}/messages\?([^\s\"'<>]{20,512})",
        ),
        ("pipedream.net", r"//([a-z0-9]{12,40})\.m\.pipedream\.net"),
        ("/hooks/", r"https?://[A-Za-z0-9.-]{1,128}/hooks/([a-z0-9]{26})(?![A-Za-z0-9])"),
        ("ingest.", r"://([a-f0-9]{32}(?::[a-f0-9]{32})?)@[a-z0-9]{1,32}\.ingest\."),
    )
)
_COMMANDS = tuple(
    (needle, re.compile(pattern))
    for needle, pattern in (
        (
            "-u",
            r"(?:curl|wget|http|https|xh)\b[^\n|;]{0,400}?\s(?:-u|--user|-a|--auth)[ =]?[\"']?[^\s:\"'/]{1,128}:([^\s\"']{3,256})",
        ),
        (
            "-a",
            r"(?:http|https|xh)\b[^\n|;]{0,400}?\s(?:-a|--auth)[ =]?[\"']?[^\s:\"'/]{1,128}:([^\s\"']{3,256})",
        ),
        ("--user", r"\s--(?:proxy-)?user[ =][\"']?[^\s:\"'/]{1,128}:(?!\d{1,5}\b)([^\s\"']{3,256})"),
        ("sshpass", r"sshpass\s{1,4}-p\s{0,4}[\"']?([^\s\"']{3,256})"),
        ("mysql", r"mysql(?:dump|admin|import)?\b[^\n|;]{0,300}?\s-p[\"']?([^\s\"']{3,256})"),
        ("mariadb", r"mariadb(?:-dump|-admin)?\b[^\n|;]{0,300}?\s-p[\"']?([^\s\"']{3,256})"),
        ("redis-cli", r"redis-cli\b[^\n|;]{0,300}?\s(?:-a|--pass)\s{1,4}[\"']?([^\s\"']{3,256})"),
        (
            "login",
            r"(?:docker|podman|az|helm|oras|nerdctl|registry)\b[^\n|;]{0,80}?\blogin\b[^\n|;]{0,300}?\s-p\s{0,4}[\"']?([^\s\"']{3,256})",
        ),
        ("pass:", r"-pass(?:in|out)?\s{1,4}pass:([^\s\"']{3,256})"),
        (
            "|",
            r"\b(?:echo|printf)\s{1,4}(?:-n\s{1,4})?[\"']?([^\s\"'|]{6,512})[\"']?\s{0,4}\|[^\n|]{0,120}(?:--password-stdin|--with-token|sudo -S|chpasswd|secret set)",
        ),
        (
            "variable",
            r"variable\s{1,4}\"[a-z0-9_-]{0,48}(?:password|passwd|secret|token|key)\"\s{0,4}\{[^}\"]{0,400}(?:\"[^}\"]{0,200}\"[^}\"]{0,200}){0,3}\bdefault\s{0,8}=\s{0,4}\"([^\"\n]{4,256})\"",
        ),
        (
            "IDENTIFIED",
            r"IDENTIFIED\s{1,8}(?:WITH\s{1,8}\S{1,40}\s{1,8})?BY\s{1,8}[\"']([^\"'\n]{3,256})[\"']",
        ),
        ("identified", r"identified\s{1,8}by\s{1,8}[\"']([^\"'\n]{3,256})[\"']"),
        ("PASSWORD", r"PASSWORD\s{1,8}'([^'\n]{3,256})'"),
        ("password", r"\bpassword\s{1,8}'([^'\n]{3,256})'\s{0,4};"),
        ("login", r"\blogin\s{1,8}\S{1,128}\s{1,8}password\s{1,8}(\S{3,256})"),
        (
            ":",
            r"(?m)^[A-Za-z0-9.*-]{1,128}:(?:\d{4,5}|\*):[A-Za-z0-9_*-]{1,64}:[A-Za-z0-9_*-]{1,64}:(\S{3,256})$",
        ),
    )
)


def find_in_channels(text: str) -> Iterator[Finding]:
    """Yield passwords in URLs, header values, cookies, secrets on command lines and webhook addresses."""
    if "://" in text:
        yield from _in_urls(text)
    yield from _in_headers(text)
    for needle, pattern in _WEBHOOKS:
        if needle in text:
            for match in pattern.finditer(text):
                if not is_sample(match.group(1)):
                    yield Finding("webhook", match.start(1), match.end(1))
    for needle, pattern in _COMMANDS:
        if needle in text:
            for match in pattern.finditer(text):
                if not is_placeholder(match.group(1)):
                    yield Finding("password", match.start(1), match.end(1))


def _in_urls(text: str) -> Iterator[Finding]:
    for match in _USERINFO.finditer(text):
        user, password = match.groups()
        if not is_placeholder(password) and password.lower() != user.lower():
            yield Finding("url-password", match.start(2), match.end(2))
    for match in _USER_ONLY.finditer(text):
        if is_random(match.group(1), 16):
            yield Finding("url-password", match.start(1), match.end(1))


def _in_headers(text: str) -> Iterator[Finding]:
    for match in _AUTHORIZATION.finditer(text):
        value = match["value"]
        if match["scheme"] is None and (is_words(value) or not is_random(value, 16)):
            continue
        if not is_placeholder(value) and not is_words(value) and "(" not in value:
            yield Finding("authorization", match.start("value"), match.end("value"))
    for pattern in (_BEARER, _SIGNATURE):
        for match in pattern.finditer(text):
            if not is_placeholder(match.group(1)) and is_random(match.group(1), 16):
                yield Finding("authorization", match.start(1), match.end(1))
    for pattern in (_COOKIE, _COOKIE_FLAG):
        for match in pattern.finditer(text):
            yield from _cookie(match)
    for match in _COOKIE_JAR.finditer(text):
        yield Finding("cookie", match.start(2), match.end(2))


def _cookie(match: re.Match[str]) -> Iterator[Finding]:
    """Yield the pairs of one cookie header whose values are not stand-ins."""
    last = match.lastindex or 1
    offset = match.start(last)
    single = last == 2 and match.group(1) is not None
    for pair in re.finditer(r"([^\s=;]{1,128})=([^\s;,]{4,4096})", match.group(last)):
        if not is_placeholder(pair.group(2)) and "(" not in pair.group(2):
            yield Finding("cookie", offset + pair.start(2), offset + pair.end(2))
        if single:
            return
