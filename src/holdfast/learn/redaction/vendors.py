"""Keys and tokens that their own shape gives away, issuer by issuer.

Each pattern starts with a literal, repeats only single character classes, and never nests repetitions;
one that could fail after a long run is tried once a run: matching is linear. Only texts with a stretch that
looks generated are examined, and of the rules only those whose literal occurs in one. Formats follow the
issuers' published descriptions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from holdfast.hook.patterns import regex
from holdfast.learn.redaction.spans import Finding
from holdfast.learn.redaction.values import entropy


class Rule(NamedTuple):
    """Describe one format: the kind to show, the literals it can begin with, and the pattern."""

    kind: str
    needles: tuple[str, ...]
    pattern: re.Pattern[str]
    sieve: re.Pattern[str] | None = None
    """For tokens without a head of their own: a short piece that each has, sought instead of literals."""
    anywhere: bool = False
    """For base64, which need not have a long stretch: the literals are sought in the whole text."""


_LEFT = r"(?<![A-Za-z0-9])"
# Of a run of its characters a JWT can only begin at the first ``eyJ``: where that fails all later ones do.
_FIRST_EYJ = r"(?<![_-])(?>[A-Za-z0-9_-]*?(?<![A-Za-z0-9])(?=eyJ))"


def _rule(kind: str, heads: str, pattern: str) -> Rule:
    """Build a rule for tokens that begin with a literal, where no letter or digit stands before."""
    return Rule(kind, tuple(heads.split()), regex(_LEFT + pattern))


def _sieved(kind: str, sieve: str, pattern: str) -> Rule:
    """Build a rule for tokens that are known by a piece further within."""
    return Rule(kind, (), regex(_LEFT + pattern), regex(sieve))


def _anywhere(kind: str, needles: str, pattern: str) -> Rule:
    """Build a rule for base64 that is known by a literal."""
    return Rule(kind, tuple(needles.split()), regex(_LEFT + pattern), anywhere=True)


RULES: tuple[Rule, ...] = (
    # Clouds
    _rule("aws-key", "AKIA ASIA ABIA ACCA", r"A(?:KIA|SIA|BIA|CCA)[A-Z0-9]{16}(?![A-Za-z0-9])"),
    _rule("aws-key", "ABSK", r"ABSK[A-Za-z0-9+/]{80,}={0,2}"),
    _rule("google-key", "AIza", r"AIza[A-Za-z0-9_-]{30,}"),
    _rule("google-secret", "GOCSPX-", r"GOCSPX-[A-Za-z0-9_-]{20,}"),
    _rule("google-token", "ya29.", r"ya29\.[A-Za-z0-9_-]{20,}"),
    _rule("google-token", "1//0", r"1//0[A-Za-z0-9_-]{20,}"),
    _sieved("azure-secret", r"[0-9]Q~", r"[A-Za-z0-9_~.]{3}[0-9]Q~[A-Za-z0-9_~.-]{31,34}"),
    _anywhere(
        "azure-key",
        "AccountKey= AccessKey=",
        r"(?:AccountKey|SharedAccessKey|AccessKey)=([A-Za-z0-9+/]{20,}={0,2})",
    ),
    _sieved("azure-key", "JQQJ9", r"[A-Za-z0-9]{52}JQQJ9[A-Za-z0-9]{27}"),
    _anywhere(
        "azure-key",
        "+AStXX AzFu AzSe +ACDb",
        r"[A-Za-z0-9+/]{33,82}(?:\+AStXX|AzFu|AzSe|\+ACDb)[A-Za-z0-9+/]{2,20}={0,2}",
    ),
    _anywhere("azure-sas", "sig=", r"sig=([A-Za-z0-9%+/_-]{30,}(?:%3[dD]|=){0,2})"),
    _rule("digitalocean-token", "doo_v1_ dop_v1_ dor_v1_", r"do[opr]_v1_[a-f0-9]{40,}"),
    _rule("heroku-key", "HRKU-", r"HRKU-[A-Za-z0-9_-]{30,}"),
    _rule("alibaba-key", "LTAI", r"LTAI[A-Za-z0-9]{14,26}(?![A-Za-z0-9])"),
    _rule("tencent-key", "AKID", r"AKID[A-Za-z0-9]{30,40}(?![A-Za-z0-9])"),
    _rule("cloudflare-key", "v1.0-", r"v1\.0-[a-f0-9]{24}-[a-f0-9]{100,}"),
    _rule("fly-token", "fo1_ FlyV1", r"(?:fo1_[A-Za-z0-9_-]{30,}|FlyV1 fm[12][ar]?_[A-Za-z0-9+/=,_-]{30,})"),
    # Code hosts and registries
    _rule("github-token", "ghp_ gho_ ghu_ ghs_ ghr_", r"gh[pousr]_[A-Za-z0-9]{30,}"),
    _rule("github-token", "github_pat_", r"github_pat_[A-Za-z0-9_]{22,}"),
    _rule(
        "gitlab-token",
        "glpat- gldt- glptt- glrt- glrtr- glcbt- glsoat- glft- glimt- glagent- gloas- glffct- glwt-",
        r"gl(?:pat|dt|ptt|rt|rtr|cbt|soat|ft|imt|agent|oas|ffct|wt)-[A-Za-z0-9_.=-]{20,}",
    ),
    _rule("gitlab-token", "GR1348941", r"GR1348941[A-Za-z0-9_-]{20,}"),
    _rule("bitbucket-token", "ATBB ATCTT3", r"(?:ATBB|ATCTT3)[A-Za-z0-9_=-]{24,}"),
    _rule("atlassian-token", "ATATT3", r"ATATT3[A-Za-z0-9_=-]{24,}"),
    _rule("npm-token", "npm_", r"npm_[A-Za-z0-9]{30,}"),
    _rule("pypi-token", "pypi-", r"pypi-[A-Za-z0-9_-]{50,}"),
    _rule("rubygems-token", "rubygems_", r"rubygems_[a-f0-9]{40,}"),
    _rule("crates-token", "cio", r"cio[A-Za-z0-9]{32}(?![A-Za-z0-9])"),
    _rule("nuget-key", "oy2", r"oy2[a-z0-9]{43}(?![A-Za-z0-9])"),
    _rule("docker-token", "dckr_", r"dckr_(?:pat|oat)_[A-Za-z0-9_-]{20,}"),
    _rule("docker-token", "SWMTKN-1-", r"SWMTKN-1-[A-Za-z0-9-]{50,}"),
    _rule("artifactory-key", "AKCp", r"AKCp[A-Za-z0-9]{60,}"),
    # Model providers
    _rule("anthropic-key", "sk-ant-", r"sk-ant-[A-Za-z0-9_-]{20,}"),
    _rule("openai-key", "sk-", r"sk-(?:proj|svcacct|admin|None|or-v1|lf|litellm)-[A-Za-z0-9_-]{20,}"),
    _rule("openai-key", "sk-", r"sk-[A-Za-z0-9]{20,}(?![A-Za-z0-9-])"),
    _rule("groq-key", "gsk_", r"gsk_[A-Za-z0-9]{40,}"),
    _rule("xai-key", "xai-", r"xai-[A-Za-z0-9]{40,}"),
    _rule("perplexity-key", "pplx-", r"pplx-[A-Za-z0-9]{40,}"),
    _rule("replicate-key", "r8_", r"r8_[A-Za-z0-9]{30,}"),
    _rule("nvidia-key", "nvapi-", r"nvapi-[A-Za-z0-9_-]{40,}"),
    _rule("tavily-key", "tvly-", r"tvly-[A-Za-z0-9-]{20,}"),
    _rule("huggingface-token", "hf_", r"hf_[A-Za-z0-9]{30,}"),
    _rule("huggingface-token", "api_org_", r"api_org_[A-Za-z]{30,}"),
    _rule("firecrawl-key", "fc-", r"fc-[a-f0-9]{32}(?![a-f0-9])"),
    _rule("wandb-key", "wandb_", r"wandb_v1_[A-Za-z0-9_-]{40,}"),
    # Messages and mail
    _rule(
        "slack-token",
        "xoxa xoxb xoxc xoxe xoxo xoxp xoxr xoxs xoxd",
        r"xox[abceoprsd](?:\.xox[bp])?-[A-Za-z0-9-]{14,}",
    ),
    _rule("slack-token", "xapp-", r"xapp-[0-9]-[A-Za-z0-9-]{20,}"),
    _sieved("telegram-token", r":A[A-Za-z0-9_-]{34}", r"[0-9]{8,10}:A[A-Za-z0-9_-]{34}(?![A-Za-z0-9_-])"),
    _sieved("telegram-token", r"bot[0-9]{8,10}:", r"bot([0-9]{8,10}:[A-Za-z0-9_-]{35})(?![A-Za-z0-9_-])"),
    _sieved(
        "discord-token",
        r"\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{20}",
        r"[MNO][A-Za-z0-9_-]{23,25}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,40}(?![A-Za-z0-9_-])",
    ),
    _rule("discord-token", "mfa.", r"mfa\.[A-Za-z0-9_-]{60,}"),
    _rule("sendgrid-key", "SG.", r"SG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{30,}"),
    _rule("mailgun-key", "key-", r"key-[a-f0-9]{32}(?![a-f0-9])"),
    _sieved("mailchimp-key", r"[a-f0-9]-us[0-9]", r"[a-f0-9]{32}-us[0-9]{1,2}(?![0-9])"),
    _rule("brevo-key", "xkeysib- xsmtpsib-", r"x(?:keysib|smtpsib)-[a-f0-9]{40,}(?:-[A-Za-z0-9]{10,})?"),
    _rule("resend-key", "re_", r"re_[A-Za-z0-9]{8}_[A-Za-z0-9]{20,}"),
    _rule("twilio-key", "SK", r"SK[a-f0-9]{32}(?![A-Za-z0-9])"),
    # Payments and shops
    _rule(
        "stripe-key",
        "sk_live_ sk_test_ sk_prod_ rk_live_ rk_test_ rk_prod_",
        r"[sr]k_(?:live|test|prod)_[A-Za-z0-9]{10,}",
    ),
    _rule("stripe-key", "whsec_", r"whsec_[A-Za-z0-9+/=_-]{20,}"),
    _rule("shopify-token", "shpat_ shpca_ shppa_ shpss_", r"shp(?:at|ca|pa|ss)_[A-Fa-f0-9]{32}"),
    _rule(
        "square-token",
        "EAAA sq0atp- sq0csp- sq0idp-",
        r"(?:EAAA[A-Za-z0-9_-]{40,}|sq0(?:atp|csp|idp)-[A-Za-z0-9_-]{22,})",
    ),
    _anywhere(
        "braintree-token",
        "access_token$",
        r"access_token\$(?:production|sandbox)\$[a-z0-9]{16}\$[a-f0-9]{32}",
    ),
    # Data, hosting, observation, work
    _rule("databricks-token", "dapi", r"dapi[a-f0-9]{32}(?:-[0-9]{1,2})?(?![a-f0-9])"),
    _rule("linear-key", "lin_api_ lin_oauth_", r"lin_(?:api|oauth)_[A-Za-z0-9]{32,}"),
    _rule("notion-token", "secret_ ntn_", r"(?:secret_[A-Za-z0-9]{40,}|ntn_[A-Za-z0-9]{40,})(?![A-Za-z0-9])"),
    _rule("vault-token", "hvs. hvb. hvr.", r"hv[sbr]\.[A-Za-z0-9_-]{20,}"),
    _rule("vault-token", "s.", r"s\.[A-Za-z0-9]{24}(?![A-Za-z0-9_(.])"),
    _sieved("terraform-token", r"\.atlasv1\.", r"[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_-]{40,}"),
    _rule("doppler-token", "dp.", r"dp\.(?:pt|st|ct|sa|scim|audit)\.(?:[a-z0-9_-]{2,35}\.)?[A-Za-z0-9]{40,}"),
    _rule("age-key", "AGE-SECRET-KEY-", r"AGE-SECRET-KEY-(?:PQ-)?1[A-Za-z0-9]{40,}"),
    _rule("grafana-token", "glc_ glsa_", r"gl(?:c|sa)_[A-Za-z0-9_]{18,}[A-Za-z0-9+/=_]*"),
    _rule("newrelic-key", "NRAK- NRJS- NRII- NRIQ- NRRA-", r"NR(?:AK|JS|II|IQ|RA)-[A-Za-z0-9-]{19,}"),
    _rule("sentry-token", "sntrys_ sntryu_", r"sntry[su]_[A-Za-z0-9_-]{20,}[A-Za-z0-9+/=_-]*"),
    _rule("pulumi-token", "pul-", r"pul-[a-f0-9]{40}(?![a-f0-9])"),
    _rule("planetscale-token", "pscale_", r"pscale_(?:tkn|pw|oauth)_[A-Za-z0-9_.=-]{30,}"),
    _rule("supabase-key", "sbp_ sb_secret_", r"(?:sbp_[a-f0-9]{40}|sb_secret_[A-Za-z0-9_-]{20,})"),
    _rule("netlify-token", "nfp_", r"nfp_[A-Za-z0-9_-]{36,}"),
    _rule("vercel-token", "vercel_ vcp_", r"(?:vercel_blob_rw_|vcp_)[A-Za-z0-9_]{20,}"),
    _rule("render-key", "rnd_", r"rnd_[A-Za-z0-9]{28,}"),
    _rule("postman-key", "PMAK-", r"PMAK-[a-f0-9]{24}-[a-f0-9]{34}"),
    _rule("figma-token", "figd_", r"figd_[A-Za-z0-9_-]{36,}"),
    _sieved("airtable-token", r"\.[a-f0-9]{20}", r"pat[A-Za-z0-9]{14}\.[a-f0-9]{64}"),
    _rule("contentful-token", "CFPAT-", r"CFPAT-[A-Za-z0-9_-]{40,}"),
    _rule("typeform-token", "tfp_", r"tfp_[A-Za-z0-9_.=-]{40,}"),
    _rule("tailscale-key", "tskey-", r"tskey-[a-z]{3,10}-[A-Za-z0-9]{10,}(?:-[A-Za-z0-9]{10,})?"),
    _rule("onepassword-token", "ops_eyJ", r"ops_eyJ[A-Za-z0-9_+/=-]{40,}"),
    _rule(
        "launchdarkly-key", "sdk- mob- api-", r"(?:sdk|mob|api)-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    ),
    _rule("prefect-key", "pnu_ pnb_", r"pn[ub]_[A-Za-z0-9]{36}"),
    _rule("readme-key", "rdme_", r"rdme_[a-z0-9]{70}"),
    _rule("sourcegraph-token", "sgp_", r"sgp_(?:[A-Fa-f0-9]{16}_|local_)?[A-Fa-f0-9]{40}"),
    _rule("sonar-token", "sqp_ squ_ sqa_", r"sq[pua]_[a-f0-9]{40}"),
    _rule("buildkite-token", "bkua_", r"bkua_[a-f0-9]{40}"),
    _rule("circleci-token", "CCIPAT_", r"CCIPAT_[A-Za-z0-9]{22}_[a-f0-9]{40}"),
    _rule("dropbox-token", "sl.", r"sl\.(?:u\.)?[A-Za-z0-9_-]{100,}"),
    _rule("facebook-token", "EAA", r"EAA[A-Za-z0-9]{60,}"),
    _rule("twitter-token", "AAAAAAAAAAAAAAAAAAAA", r"A{20,30}(?=[A-Za-z0-9%]*[B-Za-z0-9%])[A-Za-z0-9%]{40,}"),
    _rule("mapbox-token", "sk.eyJ tk.eyJ", r"[st]k\.eyJ[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{10,}"),
    _rule("razorpay-key", "rzp_live_ rzp_test_", r"rzp_(?:live|test)_[A-Za-z0-9]{14,}"),
    _rule(
        "hubspot-token", "pat-na1- pat-eu1-", r"pat-(?:na|eu)1-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    ),
    _rule("elevenlabs-key", "sk_", r"sk_[a-f0-9]{40,}"),
    _rule("pinecone-key", "pcsk_", r"pcsk_[A-Za-z0-9_]{40,}"),
    _rule("langsmith-key", "lsv2_", r"lsv2_(?:pt|sk)_[a-f0-9]{32}_[a-f0-9]{10}"),
    _rule("neon-key", "napi_", r"napi_[a-z0-9]{40,}"),
    _rule("posthog-key", "phx_", r"phx_[A-Za-z0-9]{40,}"),
    _rule("fireworks-key", "fw_", r"fw_[A-Za-z0-9]{24,}"),
    _rule("dynatrace-token", "dt0c01. dt0s01. dt0s16.", r"dt0(?:c01|s01|s16)\.[A-Z0-9]{24}\.[A-Z0-9]{64}"),
    _rule("openshift-token", "sha256~", r"sha256~[A-Za-z0-9_-]{43}"),
    _rule("artifactory-key", "cmVmdGtu", r"cmVmdGtu[A-Za-z0-9]{50,}"),
    # Base64 of what is secret itself: a private key block, a registry's logins, a database's address
    _anywhere(
        "private-key", "LS0tLS1CRUdJTi", r"LS0tLS1CRUdJTi(?!BDRVJU|BQVUJMSUM|BQR1AgUFVC)[A-Za-z0-9+/=]{40,}"
    ),
    _rule("docker-login", "eyJhdXRocyI6", r"eyJhdXRocyI6[A-Za-z0-9+/=]{20,}"),
    _anywhere(
        "url-password",
        "cG9zdGdyZX bXlzcWw6Ly9 bW9uZ29kYi",
        r"(?:cG9zdGdyZX|bXlzcWw6Ly9|bW9uZ29kYi)[A-Za-z0-9+/]{20,}={0,2}",
    ),
    # Formats of nobody in particular
    _rule("jwt", "eyJ", _FIRST_EYJ + r"(eyJ[A-Za-z0-9_-]{15,}\.[A-Za-z0-9_-]{10,}(?:\.[A-Za-z0-9_-]*){1,3})"),
    _anywhere(
        "password-hash",
        "$2a$ $2b$ $2x$ $2y$ $1$ $5$ $6$ $y$ $apr1$",
        r"\$(?:2[abxy]\$\d\d\$[./A-Za-z0-9]{53}|[156y]\$[./A-Za-z0-9=,$]{30,}|apr1\$[./A-Za-z0-9$]{24,})",
    ),
)

_ANYWHERE = tuple(rule for rule in RULES if rule.anywhere)

_SAMPLE = regex(r"(?i)example|x{5,}|\*{3}|\.{3}|…|your|place_?holder|redacted|dummy|change_?me|0{12}")
_COUNTING = regex(r"(?i)(?:0?123456789?0?|abcdef(?:gh)?|0?987654321?)+")


def is_sample(token: str) -> bool:
    """Say whether a token of the right shape is a documentation sample or filler."""
    if _SAMPLE.search(token) or entropy(token[-24:]) < 2.0:
        return True
    return len(_COUNTING.sub("", token)) < 14 and len(token) > 18


# Every format has a stretch of at least 18 such characters, capitals or digits among them; what surrounds it
# (a prefix with a dot, a name) lies within 24 characters before.
_STRETCH = regex(r"[A-Za-z0-9_-]{18,}")
_MIXED = regex(r"[A-Z0-9]")
# Hashes, UUIDs and times: no format is that alone, unless it is the end of one with dots.
_PLAIN_HEX = regex(r"(?!fc-)[0-9a-f-]+\Z")
_REACH = 24


@lru_cache(maxsize=1)
def _heads() -> re.Pattern[str]:
    """Build the pattern of all heads, the longest first: one look at a text instead of one for each rule."""
    heads = {needle for rule in RULES if not rule.anywhere for needle in rule.needles}
    return regex(_LEFT + "(?:" + "|".join(map(re.escape, sorted(heads, key=len, reverse=True))) + ")")


def _candidates(text: str) -> Iterator[Rule]:
    """Yield the rules that could match a text, by the stretches in it that look generated."""
    parts = []
    for match in _STRETCH.finditer(text):
        stretch = match.group()
        if not _MIXED.search(stretch):
            continue
        if not _PLAIN_HEX.match(stretch) or text[match.start() - 1 : match.start()] in (".", "$"):
            parts.append(text[max(0, match.start() - _REACH) : match.end()])
    sample = "\n".join(parts)
    heads = tuple({match.group() for match in _heads().finditer(sample)})
    for rule in RULES if parts else _ANYWHERE:
        if rule.anywhere:
            if any(needle in text for needle in rule.needles):
                yield rule
        elif rule.sieve is not None:
            if sample and rule.sieve.search(sample):
                yield rule
        elif heads and any(head.startswith(rule.needles) for head in heads):
            yield rule


def find_tokens(text: str) -> Iterator[Finding]:
    """Yield every known key and token in a text; samples and fillers are left out."""
    for rule in _candidates(text):
        for match in rule.pattern.finditer(text):
            group = match.lastindex or 0
            if not is_sample(match.group(group)):
                yield Finding(rule.kind, match.start(group), match.end(group))
