"""Secrets given away by where they stand: URLs, headers, cookies and webhook addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator

from holdfast.hook.patterns import regex
from holdfast.learn.redaction.spans import Finding
from holdfast.learn.redaction.values import is_placeholder, is_random, is_words
from holdfast.learn.redaction.vendors import is_sample

_USERINFO = regex(
    r"://([^\s/?#\"'`<>@:\\]{0,128}):([^\s/\"'`<>\\]{1,256}|[^\s\"'`<>\\]{1,256}?)@(?=[A-Za-z0-9_\[$.{-])"
)
_USER_ONLY = regex(r"://([A-Za-z0-9_~.+=-]{16,512})@(?=[A-Za-z0-9\[])")
_GAP = r"[\"'`]?\]?[ \t]{0,4}[:=,][ \t]{0,4}"
_AUTHORIZATION = regex(
    rf"authorization{_GAP}(?:[bfr]{{0,2}}[\"'`])?"
    r"(?P<scheme>[a-z][a-z0-9-]{2,20}[ \t]{1,4})?(?P<value>(?![$<{%#])[^\s\"'`,;<>)}\]\\]{6,4096})"
)
_BEARER = regex(r"earer[ \t]{1,4}([A-Za-z0-9._~+/-]{16,4096}={0,2})")
_SIGNATURE = regex(r"Signature=([A-Za-z0-9%/+~_-]{32,1024}={0,2})")
_COOKIE = regex(rf"cookie{_GAP}[\"'`]?((?=[a-z0-9_.$-]{{1,64}}=)[^\n\r\"'`]{{4,8192}})")
_COOKIE_FLAG = regex(r"-(?:b|-cookie)[ =]{0,2}[\"']?((?<!\w)(?=[A-Za-z0-9_.$-]{1,64}=)[^\n\r\"']{6,4096})")
_COOKIE_JAR = regex(r"\t(?:TRUE|FALSE)\t/\S{0,64}\t(?:TRUE|FALSE)\t\d{1,20}\t\S{1,128}\t(\S{8,4096})")
_COOKIE_TABLE = regex(
    r"cookies?\s{0,4}[=:]\s{0,4}\{\s{0,8}[\"'][^\"'\n]{1,64}[\"']\s{0,4}:\s{0,4}[\"']([^\"'\n]{8,4096})"
)
_COOKIE_RECORD = regex(r"\"value\"\s{0,4}:\s{0,4}\"([^\"\n]{8,4096})\",\s{0,16}\"(?:domain|path)\"")
_PAIR = regex(r"([^\s=;]{1,128})=([^\s;,]{4,4096})")
_WEBHOOKS = tuple(
    (needle, regex(pattern))
    for needle, pattern in (
        ("hooks.slack.com", r"hooks\.slack\.com/(?:services|workflows|triggers)/([A-Za-z0-9_/+-]{16,256})"),
        ("/webhooks/", r"discord(?:app)?\.com/api/(?:v\d{1,2}/)?webhooks/(\d{8,24}/[A-Za-z0-9_-]{16,128})"),
        ("webhook.office.com", r"webhook\.office\.com/webhookb2/([A-Za-z0-9@/_-]{30,512})"),
        ("outlook.office", r"outlook\.office(?:365)?\.com/webhook/([A-Za-z0-9@/_-]{30,512})"),
        ("hooks.zapier.com", r"hooks\.zapier\.com/hooks/(?:catch|standard)/([A-Za-z0-9/_-]{8,128})"),
        ("maker.ifttt.com", r"maker\.ifttt\.com/[^\s\"'<>]{1,200}/key/([A-Za-z0-9_-]{10,128})"),
        (".make.com/", r"hook\.(?:[a-z0-9]{2,4}\.)?make\.com/([a-z0-9]{20,64})"),
        ("/bot/v2/hook/", r"/open-apis/bot/v2/hook/([A-Za-z0-9-]{20,64})"),
        ("hc-ping.com", r"hc-ping\.com/([A-Za-z0-9/_-]{20,128})"),
        ("robot/send", r"robot/send\?access_token=([a-f0-9]{32,128})"),
        ("webhook/send", r"webhook/send\?key=([A-Za-z0-9-]{20,64})"),
        (
            "chat.googleapis.com",
            r"chat\.googleapis\.com/v1/spaces/[A-Za-z0-9_-]{1,64}/messages\?([^\s\"'<>]{20,512})",
        ),
        ("pipedream.net", r"//([a-z0-9]{12,40})\.m\.pipedream\.net"),
        ("/hooks/", r"://[A-Za-z0-9.-]{1,128}/hooks/([a-z0-9]{26})(?![A-Za-z0-9])"),
        (".ingest.", r"://([a-f0-9]{32}(?::[a-f0-9]{32})?)@[a-z0-9]{1,32}\.ingest\."),
    )
)


def find_in_channels(text: str, low: str) -> Iterator[Finding]:
    """Yield passwords in URLs, header values, cookies and webhook addresses.

    ``low`` is the text in lower case, of the same length.
    """
    if "://" in text:
        yield from _in_urls(text)
    if "authorization" in low or "earer" in text or "Signature=" in text:
        yield from _in_headers(text, low)
    yield from _in_cookies(text, low)
    if "hook" in low or ".ingest." in text or "hc-ping" in text or "/robot/" in text or "chat.goog" in text:
        for needle, pattern in _WEBHOOKS:
            if needle in text:
                for match in pattern.finditer(text):
                    if not is_sample(match.group(1)):
                        yield Finding("webhook", match.start(1), match.end(1))


def _in_urls(text: str) -> Iterator[Finding]:
    """Yield passwords, and tokens that stand alone, in the user part of URLs."""
    for match in _USERINFO.finditer(text):
        user, password = match.groups()
        if re.match(r"\d{1,5}/", password):  # a port, and an @ in the path
            continue
        if not is_placeholder(password) and password.lower() != user.lower():
            yield Finding("url-password", match.start(2), match.end(2))
    for match in _USER_ONLY.finditer(text):
        if is_random(match.group(1), 16):
            yield Finding("url-password", match.start(1), match.end(1))


def _in_headers(text: str, low: str) -> Iterator[Finding]:
    """Yield what an Authorization header carries, and bearer tokens and signatures anywhere."""
    for match in _AUTHORIZATION.finditer(low):
        value = text[match.start("value") : match.end("value")]
        if match["scheme"] is None and (is_words(value) or not is_random(value, 16)):
            continue
        if not is_placeholder(value) and not is_words(value) and "(" not in value:
            yield Finding("authorization", match.start("value"), match.end("value"))
    for pattern in (_BEARER, _SIGNATURE):
        for match in pattern.finditer(text):
            if not is_placeholder(match.group(1)) and is_random(match.group(1), 16):
                yield Finding("authorization", match.start(1), match.end(1))


def _in_cookies(text: str, low: str) -> Iterator[Finding]:
    """Yield cookie values in headers, on command lines and in cookie files."""
    if "cookie" in low:
        for match in _COOKIE.finditer(low):
            single = low.startswith("set-", max(0, match.start() - 4))
            yield from _pairs(text, match.start(1), match.end(1), single=single)
        for match in _COOKIE_TABLE.finditer(low):
            if not is_placeholder(text[match.start(1) : match.end(1)]):
                yield Finding("cookie", match.start(1), match.end(1))
    if "=" in text and ("--cookie" in text or " -b" in text):
        for match in _COOKIE_FLAG.finditer(text):
            if text[match.start() - 1 : match.start()].isspace():
                yield from _pairs(text, match.start(1), match.end(1), single=False)
    yield from _in_cookie_files(text)


def _in_cookie_files(text: str) -> Iterator[Finding]:
    """Yield cookie values in exported records and in cookie jars."""
    if '"value"' in text and '"domain"' in text:
        for match in _COOKIE_RECORD.finditer(text):
            if is_random(match.group(1), 12):
                yield Finding("cookie", match.start(1), match.end(1))
    if "\tTRUE\t" in text or "\tFALSE\t" in text:
        for match in _COOKIE_JAR.finditer(text):
            yield Finding("cookie", match.start(1), match.end(1))


def _pairs(text: str, start: int, end: int, *, single: bool) -> Iterator[Finding]:
    """Yield the cookies of one header whose values are not stand-ins; of Set-Cookie the first alone."""
    for pair in _PAIR.finditer(text, start, end):
        if not is_placeholder(pair.group(2)) and "(" not in pair.group(2):
            yield Finding("cookie", pair.start(2), pair.end(2))
        if single:
            return
