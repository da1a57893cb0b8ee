"""Error signatures: the family of a failure, and its specific form.

The *family* is the tool's template of the message: paths, numbers, quoted text and identifiers masked.
The *specific* signature keeps what the message is about and masks only what changes from run to run
(line numbers, durations, addresses, the directory that a path stands in).
"""

import hashlib
import re
from typing import NamedTuple

from holdfast.hook import commands

_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-_])")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")

_STRONG = re.compile(
    r"(?:^|[\s:\[(])(?:error|fatal|panic|exception|traceback|undefined|unresolved|ENOENT|EACCES|EADDRINUSE)\b"
    r"|\b\w*(?:Error|Exception)\b:|\berror(?:\[\w+\])?:|command not found|no such file|not found|cannot |can't "
    r"|could not|does not exist|permission denied|refused|unknown (?:option|flag|command|revision)|invalid "
    r"|unable to|must be|failed to|has not been|is not |timed out|unexpected |missing ",
    re.IGNORECASE,
)
_REPORTS = re.compile(
    r"^\s*(?:--- FAIL: |FAIL\b|FAILED\b|E\s{2,}\S|npm (?:ERR!|error)|error(?:\[E\d+\])?: |error TS\d+|fatal: |panic: "
    r"|make(?:\[\d+\])?: \*\*\* |Traceback \(most recent|ERROR\b.*:|×\s|✗ |✘ |\[FAIL\]|# \S+ \[\S+\]$|BUILD FAILED)"
    r"|: error(?: TS\d+|\[E\d+\])?: |: command not found$|^\S+\.go:\d+:\d+: |\(exit (?:code|status) [1-9]\d*\)"
    r"|^=+ .*\b\d+ (?:failed|errors?)\b.*=+$|^\s*\d+ (?:fail|failing|failed)\b|^Found \d+ errors?\b"
    r"|^exit (?:status|code) [1-9]|ELIFECYCLE|^script \".*\" exited with code [1-9]"
)
_GENERIC = re.compile(
    r"^(?:FAIL|FAILED|error|errors?|exit (?:code|status) <n>|process exited with code <n>|<n> (?:failed|failing|fail|errors?).*"
    r"|=+ .* =+|fail <path>.*|fail <id>(?: <id>)?|--- fail: <id>.*|make: \*\*\* .*|make\S* \*\*\* .*|traceback \(most recent call last\):?"
    r"|command failed.*|script <q> exited with code <n>|no output|interrupted.*|error: script <q> exited.*"
    r"|sibling tool call errored|\[\S+\] error task failed|found <n> errors?.*|.*elifecycle.*|npm err! code .*|error: process completed with exit code <n>.*)$",
    re.IGNORECASE,
)
_NOISE = re.compile(
    r"^(?:# \S+(?: \[\S+\])?$|ok\s|PASS\b|=== (?:RUN|PAUSE|CONT)|\?\s|\s*at \S+ \(|\s*File \"|\s*\^|\s*~|warning:|note:|hint:|\s*\d+ \|"
    r"|Wall time|Chunk ID|Total output lines|Output:?$|\$ |> |\+ )|0 errors?\b|no errors?\b|0 failed",
    re.IGNORECASE,
)

_QUOTED = re.compile(r"\"[^\"\n]{1,300}\"|'[^'\n]{1,300}'|`[^`\n]{1,300}`|“[^”\n]{1,300}”|‘[^’\n]{1,300}’")
_PATH = re.compile(
    r"(?:[A-Za-z]:\\|~?/|\.{1,2}/|\b[\w.@-]+/)[\w.@/\\+~-]*|\b[\w-]+\.(?:go|py|[jt]sx?|rs|md|json|ya?ml|toml|sh|java|rb|c|h|cpp)\b"
)
_URL = re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s\"'<>)]+", re.IGNORECASE)
_HEX = re.compile(r"\b(?:0x[0-9a-f]+|[0-9a-f]{7,64}|[0-9a-f]{8}-[0-9a-f-]{27})\b", re.IGNORECASE)
_NUMBER = re.compile(r"\d+(?:\.\d+)*(?:ms|s|m|h|MB|KB|GB|kB|B|%)?\b")
_IDENTIFIER = re.compile(
    r"\b(?=\w*(?:[a-z][A-Z]|_|[A-Z][a-z]+[A-Z]|\d))[A-Za-z_][\w.]*\b|\b[a-z]\w*\.[A-Za-z_]\w*(?:\.\w+)*\b"
)
_AFTER_COLON = re.compile(
    r"(undefined|undeclared name|unknown field|unknown command|module|package|declared and not used|--- FAIL): (\S+)"
)
_POSITION = re.compile(r"(?<=[\w)])(?::\d+){1,2}\b|\(\d+,\d+\)|\bline \d+")
_DIRECTORY = re.compile(r"(?:[A-Za-z]:)?(?:~|\.{1,2})?(?:[/\\][\w.@+~-]+)*[/\\](?=[\w.@+~-])")
_TIMES = re.compile(
    r"\b\d{4}-\d\d-\d\d[T ][\d:.]+Z?\b|\b\d\d:\d\d:\d\d(?:\.\d+)?\b|\(?\b\d+(?:\.\d+)?\s?(?:ms|s|seconds|secs)\b\)?"
)

_SHELL_CD = re.compile(r"(?:\(eval\)|-?(?:ba|z|da)?sh|/\S*sh)(?:: line \d+|:\d+)?: ?cd:")

MAX_LINE = 400
"""Characters of an error line that are looked at."""


class Signature(NamedTuple):
    """The signature of a failure.

    Attributes:
        family: Tool or command family, then the masked message: readable, safe to share.
        specific: Digest (12 hex digits) of the message with only volatile parts masked.
        line: The error line it was taken from, escape sequences removed.
        generic: True when the message says only that something failed; such a family never triggers alone.
    """

    family: str
    specific: str
    line: str
    generic: bool


def plain(text: str) -> str:
    """Remove terminal escape sequences and control characters, keeping tabs and line ends."""
    return _CONTROL.sub("", _ESCAPES.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))


def sign(tool: str, command: str | None, output: str) -> Signature:
    """Return the signature of a failed call from what it printed.

    Args:
        tool: The tool (``Bash``, ``Edit`` …).
        command: The shell command line, for ``Bash``.
        output: What it printed; only its first and last 16,000 characters are looked at.
    """
    owner = (commands.family(command) or tool) if command else tool
    line = error_line(output if command else _first_line(output))
    if _SHELL_CD.match(line):
        owner = "cd"
    message = mask(line)
    generic = len(line) < 4 or is_generic(message)
    family = f"{owner}: {message}" if message else owner
    keyed = f"{owner}\n{_volatile_masked(line)}"
    return Signature(
        family[:240], hashlib.sha256(keyed.encode("utf-8", "replace")).hexdigest()[:12], line, generic
    )


def is_generic(message: str) -> bool:
    """Tell whether a masked message says only that something failed."""
    return not message or bool(_GENERIC.match(message))


def _first_line(output: str) -> str:
    # A file tool says what went wrong first and then repeats the file's own text.
    return next((line for line in plain(output[:4000]).split("\n") if line.strip()), "")


def error_line(output: str) -> str:
    """Return the line that says best what went wrong; empty when nothing was printed."""
    text = output if len(output) <= 32000 else output[:16000] + "\n" + output[-16000:]
    lines = [line.strip()[:MAX_LINE] for line in plain(text).split("\n")]
    lines = [line for line in lines if len(line) > 2]
    best, best_score = "", 0.0
    for position, line in enumerate(lines):
        score = _telling(line) - position / (len(lines) * 50)
        if score > best_score:
            best, best_score = line, score
    return best or next((line for line in lines if not _NOISE.search(line)), lines[0] if lines else "")


def _telling(line: str) -> float:
    if _NOISE.search(line):
        return 0.0
    if re.fullmatch(r"[Ee]xit (?:code|status):? \d+", line):
        return 0.05
    score = 0.0
    if _REPORTS.search(line):
        score += 2.0
    if _STRONG.search(line):
        score += 1.5
    if score and _GENERIC.match(mask(line)):
        score -= 1.9
    return score


def reports_failure(output: str) -> bool:
    """Tell whether output is a tool's failure report, as against text in which the word error occurs."""
    text = output if len(output) <= 16000 else output[:4000] + "\n" + output[-12000:]
    return any(_REPORTS.search(line[:MAX_LINE]) for line in plain(text).split("\n"))


def mask(line: str) -> str:
    """Return the template of a message: paths, numbers, quoted text, hashes and identifiers masked."""
    text = _URL.sub("<url>", line[:MAX_LINE])
    text = _TIMES.sub("<n>", text)
    text = _QUOTED.sub("<q>", text)
    text = _AFTER_COLON.sub(lambda match: f"{match.group(1)}: <id>", text)
    text = _PATH.sub("<path>", text)
    text = _HEX.sub(lambda match: "<hex>" if any(c.isdigit() for c in match.group()) else match.group(), text)
    text = re.sub(
        r"\b(TS|E|F|W|SA|S|C|B)(\d{3,5})\b", lambda m: m.group(1) + m.group(2).translate(_KEEP_DIGITS), text
    )
    text = _IDENTIFIER.sub(lambda match: match.group() if _is_error_name(match.group()) else "<id>", text)
    text = _NUMBER.sub("<n>", text)
    text = text.translate(_RESTORE_DIGITS)
    text = re.sub(
        r"(?:<(?:path|id|n)>[:.,]?){2,}", lambda match: match.group()[: match.group().index(">") + 1], text
    )
    return " ".join(text.split())[:160]


# Error codes such as TS2304 are the template itself, so their digits are carried past the number mask.
_KEEP_DIGITS = {ord("0") + digit: 0xE000 + digit for digit in range(10)}
_RESTORE_DIGITS = {0xE000 + digit: ord("0") + digit for digit in range(10)}


def _is_error_name(word: str) -> bool:
    tail = word.translate(_RESTORE_DIGITS)
    return bool(
        re.fullmatch(
            r"(?:\w+\.)*\w*(?:Error|Exception|Warning)|E[A-Z]{4,}|(?:TS|E|F|W|SA|S|C|B)\d{3,5}", tail
        )
    )


def _volatile_masked(line: str) -> str:
    text = _TIMES.sub("<t>", line[:MAX_LINE])
    text = _POSITION.sub("", text)
    text = _DIRECTORY.sub("", text)
    text = re.sub(r"\b0x[0-9a-f]+\b|\b[0-9a-f]{12,64}\b|\bpid \d+", "<x>", text, flags=re.IGNORECASE)
    return " ".join(text.split())
