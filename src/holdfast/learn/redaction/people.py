"""What names a person: e-mail addresses, and home directories in every spelling they take."""

from __future__ import annotations

import re
from collections.abc import Iterator

from holdfast.hook.patterns import regex
from holdfast.learn.redaction.spans import Finding

_LOCAL = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._%+-'"
_DOMAIN = regex(r"((?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})\.){1,8})([A-Za-z]{2,24})(?![A-Za-z0-9_(-])")
# The user part of a URL is no mailbox; what stands in it is judged as a password.
_USERINFO = regex(r"://[^\s/?#\"'`<>]{0,300}\Z")
_TOP = frozenset(
    "com org net edu gov mil int io ai dev app co me info biz xyz tech cloud online site pro name "
    "email agency design digital software systems solutions studio team tools work works world zone "
    "engineering company consulting group health international media network services social space "
    "store support technology academy blog page live life news today bank law ceo vc fm tv eu uk us "
    "ca au nz de at ch fr it es pt nl be lu dk se no fi is ie pl cz sk hu ro bg gr hr si rs ua ru by "
    "lt lv ee tr il sa ae qa in pk bd lk np cn hk tw jp kr sg my th vn ph id br ar cl pe mx uy ve ec "
    "cr pa do cu za ng ke gh et eg ma tn dz gg im je li mc ge am az kz uz mn cc ws to la asia cat "
    "mobi photos photo art ninja rocks guru expert chat team cafe lol gay pub run land house center "
    "museum coop jobs travel aero".split()
)
_KEPT_LOCALS = regex(
    r"(?:no|do-?not|dont)[-_.]?reply|.*\[bot\]|.*-bot|bot|git|hg|svn|nobody|postmaster|mailer-daemon|user(?:name)?|"
    r"you|your[-_.]?(?:name|email|user)|me|someone|somebody|support|security|info|hello|help|contact|sales|billing|legal|privacy|abuse|feedback|actions|ci|name|email|first\.?last|notifications?|x+|foo|test",
)
_KEPT_DOMAINS = regex(
    r"(?:.*\.)?(?:example\.(?:com|org|net|edu|io|dev|co)|example|test|invalid|localhost|local|internal|noreply\.github\.com|"
    r"your-?(?:domain|company|org)\.(?:com|org)|(?:my-?|some-?)?(?:domain|company|email)\.com|foo\.com|bar\.com|"
    r"test\.(?:com|org)|mail\.test|yourdomain\.tld|iam\.gserviceaccount\.com)"
)


def find_emails(text: str) -> Iterator[Finding]:
    """Yield e-mail addresses of people; no-reply, example and role-of-a-machine addresses stay."""
    for mark in ("@", "%40", "&#64;"):
        position = text.find(mark)
        while position >= 0:
            after = position + len(mark)
            found = _email(text, position, after)
            if found:
                yield found
            position = text.find(mark, after)


def _email(text: str, at: int, after: int) -> Finding | None:
    """Return the address around one ``@``, or None when it is none, or one to keep."""
    domain = _DOMAIN.match(text, after)
    if domain is None or domain.group(2).lower() not in _TOP:
        return None
    start = at
    while start > max(0, at - 64) and (text[start - 1] in _LOCAL or text[start - 1].isalnum()):
        start -= 1
    local = text[start:at].lstrip(".'%+-")
    if "%3A" in local or "%2F" in local:
        local = re.split("%3A|%2F", local)[-1]
    start = at - len(local)
    if not local or (local.isdigit() and len(local) < 5):
        return None
    if _USERINFO.search(text, max(0, at - 320), at):
        return None
    if _KEPT_LOCALS.fullmatch(local.lower()) or _KEPT_DOMAINS.fullmatch(domain.group().lower()):
        return None
    return Finding("email", start, domain.end())


# What may stand right before /home or /Users: nothing of a name or path, or a mount the home lies under.
_ROOT = regex(
    r"(?:(?<![\w.~/\\%@+$-])|(?<=://)|(?<=//localhost)|(?<=://file)|(?<=\\[nrt])|(?<=[\s\"'=]-[A-Za-z])|(?<=[\s=]@)"
    r"|(?<=\A-[A-Za-z])|(?<=\A@))"
    r"(?:/(?:private|var|usr|export|rootfs|host_mnt|host|[a-z])"
    r"|/(?:System|mnt|cygdrive|Volumes|run|proc|net|media)(?:/[\w.$+-]{1,40}(?: [\w.$+-]{1,40})?){0,4}"
    r"|/{0,2}wsl(?:\.localhost|\$)?[/\\+]{1,4}[\w.-]{1,32})?\Z"
)
_UNIX = regex(r"/(?:home|Users)/([A-Za-z0-9_][A-Za-z0-9_.@-]{0,62}(?<!\.))")
_WINDOWS = regex(
    r":[\\/]{1,8}(?:[Uu]sers|USERS|Documents and Settings)[\\/]{1,8}"
    r"([A-Za-z0-9_][A-Za-z0-9_.@-]{0,62}(?: [A-Z][A-Za-z0-9_.-]{0,30}(?=[\\/])){0,2}(?<!\.))"
)
_DRIVE = regex(r"(?:(?<![A-Za-z0-9])|(?<=\\[nrt]))[A-Za-z]\Z")
_ENCODED = regex(
    r"%(?:2[Ff]|5[Cc])(?:home|[Uu]sers)%(?:2[Ff]|5[Cc])([A-Za-z0-9_][A-Za-z0-9_.-]{0,62}(?<!\.))"
)
_ENCODED_DRIVE = regex(r"(?<![A-Za-z0-9])[A-Za-z](?:%3[Aa]|:)\Z|\Z")
# A one-letter first part is taken for an initial, as in ``-Users-j-smith-src``.
_DASHED = regex(r"-(?:home|Users)-((?:[A-Za-z]-)?[A-Za-z0-9_.]{1,63})(?=[-/\\\s\"'`,;:)\]]|\Z)")
_DASHED_ROOT = regex(r"(?:(?<![A-Za-z0-9_-])|(?<=\\[nrt]))(?:[A-Za-z]-)?\Z")
_WSL = regex(
    r"\\{1,8}wsl(?:\.localhost|\$)?\\{1,8}[\w.-]{1,32}\\{1,8}home\\{1,8}([A-Za-z0-9_][A-Za-z0-9_.-]{0,62}(?<!\.))"
)
# After one of these any spelling begins; the drive of a Windows path is looked for all the same.
_CLEAR = " \n\t\"'`(=,;<>|[{"
_ANYWHERE = regex(r"\Z")
_FORMS = (
    (_UNIX, _ROOT),
    (_WSL, _ANYWHERE),
    (_WINDOWS, _DRIVE),
    (_ENCODED, _ENCODED_DRIVE),
    (_DASHED, _DASHED_ROOT),
)
# Accounts that are nobody's: images, runners, shared folders, stand-ins in documents.
_NOBODY = frozenset(
    "shared public default all guest runner runneradmin user users username you your-name yourname "
    "your_username name me vscode node app git linuxbrew ubuntu ec2-user codespace gitpod circleci "
    "jovyan vagrant sandbox docker builder jenkins someone foo bar xxx page pages index dashboard "
    "settings".split()
)


def find_homes(text: str) -> Iterator[Finding]:
    """Yield home directories, up to and with the user's name, in POSIX, Windows and encoded spellings."""
    if not any(word in text for word in ("home", "Users", "users", "USERS", "Documents and")):
        return
    dashed: set[str] = set()
    for pattern, root in _FORMS:
        for match in pattern.finditer(text):
            name = match.group(1)
            start = match.start()
            if name.lower() in _NOBODY:
                continue
            if text[start - 1 : start] not in _CLEAR:
                before = root.search(text, max(0, start - 96), start)
                if before is None:
                    continue
                start = before.start()
            yield Finding("home", start, match.end())
            if not name.isalnum() and len(dashed) < 16:
                dashed.add(re.sub(r"[^A-Za-z0-9]", "-", name))
    for name in dashed:
        for match in re.finditer(rf"-(?:home|Users)-{name}(?![A-Za-z0-9])", text):
            if _DASHED_ROOT.search(text, max(0, match.start() - 4), match.start()):
                yield Finding("home", match.start(), match.end())
