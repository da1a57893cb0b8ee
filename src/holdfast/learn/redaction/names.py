"""Judge a name by its words: does it announce a secret, and how surely?"""

from __future__ import annotations

from enum import IntEnum
from functools import lru_cache

from holdfast.hook.patterns import regex


class Strength(IntEnum):
    """Say how surely a name announces a secret: the surer, the less its value must look like one."""

    NONE = 0
    BARE = 1
    """``token``, ``secret``, ``signature``: often something harmless; the value must look generated."""
    QUALIFIED = 2
    """``api_key``, ``GITHUB_TOKEN``, ``client_secret``: the value must not be words or code."""
    PASSWORD = 3
    """``password``, ``PGPASSWORD``, ``passphrase``: nearly anything that is not a stand-in."""


_PARTS = regex(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_NEUTRAL = frozenset(
    "value val prod production dev staging live test old new main primary secondary default raw plain "
    "text str string b64 base64 local ci us eu v 1 2 3 4 current backup stdin".split()
)
# ``has_password``, ``reset_password``: about a password, not one.
_ABOUT = ("is", "has", "no", "show", "forgot", "reset")
_PASSWORDS = ("password", "passwd", "passphrase", "passcode", "passwort", "pwd")
_SECRETS = tuple(
    "token secret apikey accesskey secretkey privatekey authkey encryptionkey signingkey masterkey "
    "accountkey sharedkey keybase servicekey sshkey licensekey deploykey adminkey sessionkey "
    "storagekey webhookkey subscriptionkey credential credentials clientkey appkey applicationkey "
    "hmackey jwtkey rolekey writekey ingestkey apisecret clientkeydata authsession sessid jsessionid "
    "sid cryptkey aeskey rootkey cookiesecret integrationkey routingkey authorization".split()
)
_BARE = frozenset("auth authtoken jwt pat salt hmac otp cred creds psk pin".split())
_NOT_TOKENS = frozenset(
    "next page prev previous continuation cursor sync cancel cancellation eos bos pad unk mask sep "
    "cls stop start end special design max min num total count input output prompt completion "
    "reasoning cached per lex lexer parse peek current last first keyword punctuation identifier "
    "semantic syntax color theme css delimiter operator string abort non is has no public publishable "
    "cache primary foreign partition sort idempotency translation i18n hot".split()
)


@lru_cache(maxsize=4096)
def strength(name: str) -> Strength:
    """Return how surely a variable, field or option name announces a secret."""
    words = [w.lower() for w in _PARTS.findall(name)]
    while len(words) > 1 and words[-1] in _NEUTRAL:
        words.pop()
    if not words:
        return Strength.NONE
    compact = "".join(words)
    if compact.endswith(_PASSWORDS):
        return Strength.NONE if words[0] in _ABOUT else Strength.PASSWORD
    if words[-1] == "pass":
        # PASS alone is how test runners report.
        if len(words) > 1:
            return Strength.PASSWORD
        return Strength.QUALIFIED if name == "pass" else Strength.NONE
    if compact.endswith(("dbpass", "smtppass", "userpass", "mailpass", "sshpass", "mysqlpass")):
        return Strength.PASSWORD
    if len(words) > 1 and (words[-2] in _NOT_TOKENS or (len(words) > 2 and words[0] in _NOT_TOKENS)):
        return Strength.NONE
    if compact.endswith(_SECRETS):
        return (
            Strength.BARE
            if compact in ("token", "secret", "credential", "credentials")
            else Strength.QUALIFIED
        )
    return Strength.BARE if words[-1] in _BARE else Strength.NONE
