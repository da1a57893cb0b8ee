"""Claims about redaction: what must go is gone, what must stay is untouched, and twice is once."""

from __future__ import annotations

import base64
import itertools
import random
import string
import time
from itertools import islice
from re import _parser as sre_parse  # type: ignore[attr-defined]
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.learn.redact import find, redact, redact_bytes, redact_findings, scan
from holdfast.learn.redaction.vendors import RULES

LETTERS = string.ascii_letters + string.digits
HEX = "0123456789abcdef"
_random = random.Random(20240229)


@pytest.fixture(autouse=True)
def same_tokens_in_any_order() -> None:
    _random.seed(20240229)


def text_of(alphabet: str, length: int) -> str:
    return "".join(_random.choice(alphabet) for _ in range(length))


def a(length: int) -> str:
    return text_of(LETTERS, length)


def x(length: int) -> str:
    return text_of(HEX, length)


def url_safe(length: int) -> str:
    return text_of(LETTERS + "-_", length - 1) + "a"


def jwt() -> str:
    head = base64.urlsafe_b64encode(b'{"alg":"RS256","typ":"JWT"}').decode().rstrip("=")
    body = base64.urlsafe_b64encode(b'{"sub":"' + a(12).encode() + b'"}').decode().rstrip("=")
    return f"{head}.{body}.{url_safe(43)}"


# Prefixes are split so that no line of this file is a key to anybody's scanner.
TOKENS = {
    "aws-key": "AK" + "IA" + text_of(string.ascii_uppercase + "234567", 16),
    "google-key": "AI" + "za" + url_safe(35),
    "google-secret": "GOC" + "SPX-" + url_safe(28),
    "google-token": "ya" + "29." + url_safe(60),
    "azure-secret": "abc" + "8Q" + "~" + url_safe(34),
    "azure-key": "Account" + "Key=" + a(86) + "==",
    "azure-sas": "si" + "g=" + a(43) + "%3D",
    "digitalocean-token": "dop" + "_v1_" + x(64),
    "heroku-key": "HR" + "KU-" + url_safe(60),
    "github-token": "gh" + "p_" + a(36),
    "gitlab-token": "glp" + "at-" + url_safe(20),
    "atlassian-token": "ATA" + "TT3" + url_safe(180),
    "npm-token": "np" + "m_" + a(36),
    "pypi-token": "py" + "pi-" + "AgEIcHlwaS5vcmc" + url_safe(80),
    "docker-token": "dckr" + "_pat_" + url_safe(27),
    "anthropic-key": "sk" + "-ant-api03-" + url_safe(93) + "AA",
    "openai-key": "sk" + "-proj-" + url_safe(100),
    "groq-key": "gs" + "k_" + a(52),
    "huggingface-token": "h" + "f_" + a(34),
    "slack-token": "xo" + "xb-" + "123456789012-1234567890123-" + a(24),
    "telegram-token": "7234567891:A" + "A" + url_safe(33),
    "discord-token": "M" + a(23) + "." + a(6) + "." + url_safe(38),
    "sendgrid-key": "S" + "G." + url_safe(22) + "." + url_safe(43),
    "mailgun-key": "ke" + "y-" + x(32),
    "twilio-key": "S" + "K" + x(32),
    "stripe-key": "sk" + "_live_" + a(24),
    "shopify-token": "shp" + "at_" + x(32),
    "databricks-token": "da" + "pi" + x(32),
    "linear-key": "lin" + "_api_" + a(40),
    "notion-token": "nt" + "n_" + a(46),
    "vault-token": "hv" + "s." + url_safe(90),
    "age-key": "AGE-SECRET" + "-KEY-1" + text_of(string.ascii_uppercase + string.digits, 58),
    "grafana-token": "gl" + "sa_" + a(32) + "_" + x(8),
    "tailscale-key": "ts" + "key-auth-" + a(16) + "-" + a(32),
    "jwt": jwt(),
}
FRAMES = (
    "{}",
    "the key is {} today",
    'x = "{}"',
    '{{\\"k\\": \\"{}\\"}}',
    "a\\n{}\\nb",
    "\x1b[32m{}\x1b[0m",
    "({})",
    "<{}>",
)


@pytest.mark.parametrize("kind", sorted(TOKENS))
def test_a_token_is_removed_wherever_it_stands(kind: str) -> None:
    token = TOKENS[kind]
    for frame in FRAMES:
        shown = redact(frame.format(token))
        assert token[8:] not in shown, frame
        assert f"[redacted:{kind}]" in shown, frame


def instance(parsed: Any) -> str:
    """Write a text that a parsed pattern matches; looking around is left to chance."""
    parts = []
    for operation, argument in parsed:
        name = str(operation)
        if name == "LITERAL":
            parts.append(chr(argument))
        elif name == "IN":
            parts.append(_random.choice(members(argument)))
        elif name in ("MAX_REPEAT", "MIN_REPEAT"):
            least, _, inner = argument
            parts.append("".join(instance(inner) for _ in range(max(least, 1))))
        elif name == "SUBPATTERN":
            parts.append(instance(argument[-1]))
        elif name == "BRANCH":
            parts.append(instance(_random.choice(argument[1])))
    return "".join(parts)


def members(charset: Any) -> str:
    found = ""
    for operation, argument in charset:
        if str(operation) == "LITERAL":
            found += chr(argument)
        elif str(operation) == "RANGE":
            found += "".join(map(chr, range(argument[0], argument[1] + 1)))
        else:
            found += string.digits
    return found


@pytest.mark.parametrize(
    "number", range(len(RULES)), ids=[f"{n}-{rule.kind}" for n, rule in enumerate(RULES)]
)
def test_every_rule_is_reached_by_what_its_pattern_describes(number: int) -> None:
    _random.seed(number)  # the same tokens whichever tests ran before
    rule = RULES[number]
    drawn = (instance(sre_parse.parse(rule.pattern.pattern)) for _ in range(400))
    tokens = list(islice((token for token in drawn if rule.pattern.fullmatch(token)), 10))
    # a random token may look like a placeholder by chance, or be broken up as no real one is; most are not
    assert sum(is_removed_everywhere(token) for token in tokens) >= max(1, len(tokens) * 0.6)


def is_removed_everywhere(token: str) -> bool:
    texts = [frame.format(token) for frame in ("{}", "it says {} here", '"{}"')]
    return all(
        any(f.end - f.start >= 14 for f in find(text)) and token[-12:] not in redact(text) for text in texts
    )


def test_a_token_split_by_colour_codes_is_removed() -> None:
    token = TOKENS["github-token"]
    split = f"found \x1b[1m{token[:7]}\x1b[31m{token[7:20]}\x1b[0m{token[20:]}\x1b[K end"
    shown = redact(split)
    assert token[7:20] not in shown
    assert token[20:] not in shown
    assert shown.startswith("found ")
    assert shown.endswith(" end")


PASSWORD = "Tr0ub4" + "dor&3"
ASSIGNMENTS = (
    'password = "{}"',
    "password: {}",
    "DB_PASSWORD={}",
    "export PGPASSWORD='{}'",
    '{{"password": "{}", "user": "x"}}',
    '{{\\"db_password\\": \\"{}\\"}}',
    "--password {}",
    "--password={}",
    "<password>{}</password>",
    "- name: DB_PASSWORD\n  value: {}",
    "connect(host='h', password='{}')",
    "password: str = '{}'",
    "os.environ['DB_PASSWORD'] = '{}'",
    "ENV DB_PASSWORD {}",
    "postgres://app:{}@db.corp:5432/app",
    "redis://:{}@cache:6379/0",
    "curl -u admin:{} https://h/",
    "sshpass -p {} ssh h",
    "mysql -uroot -p{} db",
    "CREATE USER app WITH PASSWORD '{}';",
    "machine h login app password {}",
    "db:5432:app:app:{}",
    "define('DB_PASSWORD', '{}');",
    "mongosh -u app -p {} h",
    "app:{}@tcp(127.0.0.1:3306)/db",
    "jdbc:oracle:thin:scott/{}@h:1521",
    "echo {} | docker login -u x --password-stdin",
    "auth=('app', '{}')",
    'variable "db_password" {{\n  default = "{}"\n}}',
    "the password is {}",
    "keytool -storepass {} -list",
)


@pytest.mark.parametrize("frame", ASSIGNMENTS)
def test_a_password_given_to_a_name_is_removed(frame: str) -> None:
    shown = redact(frame.format(PASSWORD))
    assert PASSWORD not in shown
    assert "[redacted:" in shown


SECRET_VALUES = (
    "API_KEY={}",
    'api_key = "{}"',
    "client_secret: {}",
    '"accessToken": "{}"',
    "https://h/x?access_token={}&y=1",
    "Authorization: Bearer {}",
    "Authorization: token {}",
    "X-Api-Key: {}",
    "Cookie: sessionid={}; theme=dark",
    "Set-Cookie: sid={}; Path=/; HttpOnly",
    "https://hooks.slack.com/services/T00AAAA11/B00BBBB22/{}",
    "https://discord.com/api/webhooks/123456789012345678/{}",
    "//registry.corp/:_authToken={}",
    'gh secret set DEPLOY_TOKEN --body "{}"',
    "kind: Secret\ndata:\n  url: {}\n",
    '{{"name": "sid", "value": "{}", "domain": ".corp-x.io"}}',
    "h.corp-x.io\tTRUE\t/\tTRUE\t1799999999\tsid\t{}",
    "curl -b 'sid={}; theme=dark' https://h/",
    "https://h/x.zip?X-Amz-Signature={}",
    "Private-Lines: 1\n{}\nPrivate-MAC: none",
    "https://{}@github.com/o/r.git",
    "npm config set //registry.corp-x.io/:_authToken {}",
)


@pytest.mark.parametrize("frame", SECRET_VALUES)
def test_a_generated_value_is_removed_where_secrets_stand(frame: str) -> None:
    secret = a(40)
    shown = redact(frame.format(secret))
    assert secret not in shown
    assert secret[:12] not in shown


def key_block(kind: str = "RSA ") -> str:
    lines = "\n".join(a(64) for _ in range(6))
    return f"-----BEGIN {kind}PRIV" + f"ATE KEY-----\n{lines}\n-----END {kind}PRIV" + "ATE KEY-----"


@pytest.mark.parametrize("kind", ["RSA ", "", "OPENSSH ", "EC ", "ENCRYPTED "])
def test_a_private_key_is_removed_whole_cut_short_and_escaped(kind: str) -> None:
    block = key_block(kind)
    lines = block.split("\n")
    for text in (
        block,
        "\n".join(lines[:4]),
        block.replace("\n", "\\n"),
        "\n".join(lines[:3]).replace("\n", "\\n"),
    ):
        shown = redact(f"before {text}\nafter it")
        assert lines[1] not in shown
        assert lines[2][:20] not in shown
        assert shown == "before [redacted:private-key]\nafter it"


def test_the_end_of_a_private_key_is_removed() -> None:
    lines = key_block().split("\n")
    shown = redact("\n".join(lines[3:]) + "\nafter")
    assert lines[4] not in shown
    assert shown.endswith("after")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/home/alice/x", "~/x"),
        ("cd /Users/alice/work && ls", "cd ~/work && ls"),
        ("/Users/alice", "~"),
        ("file:///Users/alice/x", "file://~/x"),
        ("C:\\Users\\alice\\x", "~\\x"),
        ("C:\\\\Users\\\\alice\\\\x", "~\\\\x"),
        ("C:/Users/alice/x", "~/x"),
        ("/mnt/c/Users/alice/x", "~/x"),
        ("%2FUsers%2Falice%2Fx", "~%2Fx"),
        ("~/.claude/projects/-Users-alice-Work-api/1.jsonl", "~/.claude/projects/~-Work-api/1.jsonl"),
        ("-home-alice-src", "~-src"),
        ("\\/home\\/alice\\/x", "~\\/x"),
    ],
)
def test_a_home_directory_loses_its_name(text: str, expected: str) -> None:
    assert redact(text) == expected


@pytest.mark.parametrize(
    "address", ["bob.smith@" + "corp-x.com", "b+tag@" + "mail.corp-x.co.uk", "mailto:bob@" + "corp-x.io"]
)
def test_a_persons_address_is_removed(address: str) -> None:
    shown = redact(f"From: Bob <{address}>")
    assert "bob" not in shown.replace("Bob", "")
    assert "[redacted:email]" in shown


KEPT = (
    "--- PASS: TestIsShadowBranch/7_hex_chars (0.00s)",
    "session_id=0bb9a2d9-a51e-4d5a-8275-566c766a0ff2 component=auth",
    "key: npm-linux-a948904f2f0f479b8f8197694b30184b0d2ed1c1cd2a1ec0fb85d299a192a447",
    "password: z.string().min(8), password: hashedPassword,",
    "PASSWORD=$(cat /run/secrets/db_password)",
    "password: ${DB_PASSWORD:-}",
    "https://host:8080/path@2x.png",
    "main.go:5432:12:undefined:foo",
    "secretName: ledger-db-credentials-v2",
    "const token = req.headers.authorization?.split(' ')[1];",
    '"AWS::IAM::AccessKey": "62d91b17309e76c8"',
    "(?P<password>[^\\s/]*)",
    '__all__ = ["splitpasswd", "splitport", "splitquery"]',
    "commit 9fceb02d0ae598e95dc970b74767f19372d61af8",
    "id: 123e4567-e89b-42d3-a456-426614174000",
    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    '"integrity": "sha384-oqVuAfXRKap7fdgcCY5uykM6+R9GqQ8K/uxy9rx7HNQlGYl1kPzQho1wx4JwY8wC"',
    "API_KEY=${API_KEY}",
    "API_KEY=$API_KEY",
    "api_key: <your-key>",
    "password: changeme",
    'token = "xxxxxxxxxxxxxxxx"',
    "AWS_ACCESS_KEY_ID=AKIA" + "IOSFODNN7EXAMPLE",
    "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    'key = os.environ["API_KEY"]',
    "token = process.env.GITHUB_TOKEN",
    "def login(user: str, password: str, token: str | None = None) -> None:",
    "password = getpass()",
    "password=self.password, token=token",
    "secret: ${{ secrets.NPM_TOKEN }}",
    'client = Client(api_key=os.getenv("API_KEY"))',
    "Authorization: Bearer $TOKEN",
    "Authorization: Bearer <token>",
    "headers = {'Authorization': f'Bearer {token}'}",
    "noreply@github.com",
    "12345+name@users.noreply.github.com",
    "someone@example.com",
    "git@github.com:owner/name.git",
    "npm install react@18.2.0 @types/node@20.1.0 @scope/name",
    "@pytest.mark.parametrize('x', [1])",
    "@app.route('/home/settings')",
    "01ARZ3NDEKTSV4RRFFQ69G5FAV",
    "test_redaction_of_a_password_in_a_url_keeps_the_user_name",
    "max_tokens: 4096, input_tokens=1234567890, token_count = 12",
    "nextPageToken: string",
    "src/components/home/index.ts and src/Users/list.tsx",
    "postgres://user:password@localhost/db",
    "https://example.com/home/page",
    "-----BEGIN RSA PRIVATE KEY-----",
    'if "-----BEGIN PRIVATE KEY-----" in text: raise ValueError("private key")',
    "error: password authentication failed for user",
    "the token is invalid; the password is required",
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk",
    "secrets: inherit",
    "password_field = 'input[type=password]'",
    "CSS: color: var(--token-color-primary)",
    "go: github.com/foo/bar v0.0.0-20240102150405-abcdef123456",
    "curl -u $USER:$PASS https://h/",
    "docker run -u 1000:1000 img",
)


@pytest.mark.parametrize("text", KEPT)
def test_what_is_no_secret_stays(text: str) -> None:
    assert redact(text) == text


def test_findings_point_at_the_secret_in_the_text_given() -> None:
    token = TOKENS["github-token"]
    text = f"\x1b[1mx\x1b[0m /home/alice {token} end"
    clean, findings = redact_findings(text)
    assert [f.kind for f in findings] == ["home", "github-token"]
    assert text[findings[1].start : findings[1].end] == token
    assert find(text) == findings
    assert clean == "\x1b[1mx\x1b[0m ~ [redacted:github-token] end"


def test_a_scan_names_line_and_kind_without_the_secret() -> None:
    token = TOKENS["aws-key"]
    sentences = scan("learnings/a.md", f"one\ntwo {token}\n".encode())
    assert sentences == ["learnings/a.md, line 2: what looks like an aws key"]
    assert scan("a.txt", b"\xff\xfe" + f"k {token}".encode("utf-16-le")) != []
    assert scan("a.txt", b"\x00\xff plain \x80") == []


def test_bytes_that_are_not_text_survive() -> None:
    token = TOKENS["npm-token"].encode()
    assert redact_bytes(b"\xff\x80 " + token + b" \xfe") == b"\xff\x80 [redacted:npm-token] \xfe"


def test_lone_surrogates_pass() -> None:
    assert redact("\ud800 password = 'Tr0ub4dor3' \udfff") == "\ud800 password = '[redacted:password]' \udfff"


PIECES = st.one_of(
    st.sampled_from(
        [*TOKENS.values(), PASSWORD, "A1b2C3d4" * 8, "-----BEGIN PRIVATE KEY-----", "a=b1c2d3e4;"]
    ),
    st.sampled_from(
        ["password", "token", "key", "Cookie: ", "Bearer ", "Authorization: ", "home", "<password>"]
    ),
    st.sampled_from(
        ["/home/alice", "/Users/", "C:\\Users\\bob", "-Users-al-x", "bob@corp-x.com", "u:p4ss@h", "://"]
    ),
    st.sampled_from(
        [
            "=",
            ":",
            '"',
            "'",
            "\\",
            "\\n",
            "\\u001b[0m",
            "\x1b[31m",
            " ",
            "\n",
            "@",
            "--",
            ",",
            ">",
            "%2F",
            "İ",
        ]
    ),
    st.sampled_from(["[redacted:secret]", "[redacted:", "~", "-----END PRIVATE KEY-----"]),
    st.text(max_size=12),
)


@settings(max_examples=400, deadline=None)
@given(st.lists(PIECES, max_size=14).map("".join))
def test_twice_is_once(text: str) -> None:
    clean, findings = redact_findings(text)
    assert redact(clean) == clean
    assert len(clean) <= len(text) + 32 * len(findings)
    for left, right in itertools.pairwise(findings):
        assert left.end <= right.start


HOSTILE = (
    *(
        "password",
        "password=",
        "password: '",
        "token ",
        "a@",
        "a.a@b.",
        "@a.com",
        "://a:",
        "://a:b@",
        "eyJ",
        "eyJa.",
    ),
    *(
        "/home/",
        "/home/a",
        "-Users-",
        "%2Fhome",
        "C:\\Users\\",
        "\\",
        "\\n",
        "\x1b[",
        "\x1b[0m",
        "sk-",
        "A",
        "a",
        "0",
    ),
    *(
        "-----BEGIN PRIVATE KEY-----\n",
        "-----END PRIVATE KEY-----\n",
        "Cookie: a=",
        "a=b;",
        "Authorization:",
        "curl -u a:",
    ),
    *(
        "Authorization: Bearer ",
        "key-",
        "s.",
        '"',
        "'",
        "echo a|",
        "login a password ",
        "mysql -",
        "<password>",
        "secret_",
    ),
    *(
        "x" * 40 + "-",
        "M" + "a" * 25 + ".",
        "https://",
        "[redacted:",
        " ",
        "\n",
        "AccountKey=",
        "apikey,\n",
        "password is ",
    ),
    *(
        "a:1234:",
        "{",
        "$",
        "${",
        "docker login ",
        "7z a",
        "zip ",
        "auth(",
        'variable "a_key" {',
        "password (",
        "/mnt/a a",
    ),
    *("_eyJ", "Comment: Private-Lines: 1\n", "private Private-Lines: 1\n", "pass:-", "-home-._a"),
)


def seconds(text: str) -> float:
    began = time.process_time()
    redact(text)
    return time.process_time() - began


@pytest.mark.parametrize("piece", HOSTILE)
def test_hostile_input_takes_time_in_proportion_to_its_length(piece: str) -> None:
    small, large = (piece * (size // len(piece)) for size in (8_000, 64_000))
    # eight times the text takes eight times as long; read anew at each of its places, sixty-four times
    growth = (seconds(large) / max(min(seconds(small) for _ in range(3)), 0.0005) for _ in range(5))
    assert any(times < 24 for times in growth)


def test_a_scan_names_the_line_of_each_finding() -> None:
    data = b"fine\njon.smith@acme.dev and ann.lee@acme.dev\n\nsam.day@acme.dev\n"
    assert scan("a.md", data) == [f"a.md, line {line}: an e-mail address" for line in (2, 2, 4)]


def test_what_follows_an_address_given_as_a_user_is_no_password() -> None:
    told = "Use `deploy --user ada@lovelace.net`, which failed with “no”."
    assert redact(told) == "Use `deploy --user [redacted:email]`, which failed with “no”."
