"""Error signatures: the family of a failure, and its specific form.

The *family* is the tool's template of the message: paths, numbers, quoted text and identifiers masked.
The *specific* signature keeps what the message is about and masks only what changes from run to run
(line numbers, durations, addresses, the directory that a path stands in).

Every pattern is applied to at most `MAX_LINE` characters, or is linear in the text.
"""

from __future__ import annotations

import re

from . import blame, commands
from .patterns import regex
from .trusted import sha256

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple
else:
    from .tuples import NamedTuple

_ESCAPES = regex(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-_])")
_CONTROL = regex(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
"""What is invisible, moves the cursor, reorders text, or is no character at all."""

_STRONG = regex(
    r"(?:^|[\s:\[(])(?:error|fatal|panic|exception|traceback|undefined|unresolved|enoent|eacces|eaddrinuse)\b"
    r"|(?:error|exception):|\berror\[\w+\]:|no such file|not found|cannot "
    r"|can't |could not|does not exist|permission denied|refused|unknown (?:option|flag|command|revision)"
    r"|invalid |unable to|must be|failed to|has not been|is not |timed out|unexpected |missing "
    r"|\b[1-9]\d* (?:problems?|issues?) found|style issues found"
)
"""Sought in the line in lower case, which is quicker than ignoring case."""
_REPORTS = regex(
    r"^\s*(?:--- FAIL: |FAIL\b|FAILED\b|E\s{2,}\S|npm (?:ERR!|error)|error(?:\[E\d+\])?: |error TS\d+|fatal: "
    r"|panic: |make(?:\[\d+\])?: \*\*\* |Traceback \(most recent|ERROR: |ERROR (?:in|at|collecting) |×\s|✗ "
    r"|✘ |\[FAIL\]|\[[\w:.-]+\] ERROR task failed|# \S+ \[\S+\]$|BUILD FAILED|FAILURE: |test result: FAILED"
    r"|Tests:? +[1-9]\d* failed)"
    r"|^\S+: (?:fatal )?error(?: TS\d+|\[E\d+\])?: |: command not found$|\(exit (?:code|status) [1-9]\d*\)"
    r"|^\S+\.[A-Za-z]{1,5}:\d+:\d+: (?!warning|note|info|hint)|^\S+\.[cm]?tsx?\(\d+,\d+\): error"
    r"|^=+ .*\b[1-9]\d* (?:failed|errors?)\b.*=+$|^\s*[1-9]\d* (?:fail|failing|failed)\b"
    r"|^Found [1-9]\d* errors?\b"
    r"|^exit (?:status|code) [1-9]|ELIFECYCLE|^(?:error: )?script \".*\" exited with code [1-9]"
)
_GENERIC = regex(
    r"(?:FAIL|FAILED|error|errors?|exit (?:code|status) <n>|process exited with code <n>"
    r"|<n> (?:failed|failing|fail|errors?).*|=+ .* =+|fail <path>.*|fail <id>(?: <id>)?|--- fail: <id>.*"
    r"|make\S* \*\*\* .*|traceback \(most recent call last\):?|command failed.*|no output|interrupted.*"
    r"|(?:error: )?script <q> exited.*|sibling tool call errored|\[\S+\] error task failed"
    r"|found <n> errors?.*|.*elifecycle.*|npm err! code .*"
    r"|error: process completed with exit code <n>.*|tests:? +<n> failed.*"
    r"|test result: failed.*|build failed.*|<path> <path>|<path>)\Z",
    re.IGNORECASE,
)
_NOISE = regex(
    r"^(?:# \S+(?: \[\S+\])?$|ok\s|PASS\b|=== (?:RUN|PAUSE|CONT)|\?\s|\s*at \S+ \(|\s*File \"|\s*\^|\s*~"
    r"|warning:|note:|hint:|\s*\d+ \||Wall time|Chunk ID|Total output lines|Output:?$|\$ |> |\+ "
    r"|\[[\w:.-]+\] \$ |panic\("
    r"|goroutine \d|\S+\.go:\d+ \+0x|Resolving dependencies|Resolved, downloaded|Saved lockfile"
    r"|Checking formatting|func [\w(]|return |if err|t\.(?:Fatal|Error)f?\()"
    r"|(?<!\d)0 (?:errors?|failed|problems)\b|\bno errors?\b",
    re.IGNORECASE,
)
_EXPECTED = regex(r"_test\.go:\d+: .*(?:expected|want|got )", re.IGNORECASE)
_BLAMED_TEST = regex(r"_test\.go:\d+: .*(?:should|failed|error|must|no such)", re.IGNORECASE)
_RAISED = regex(r"(?:\w+\.)*\w*(?:Error|Exception|Interrupt)(?:: |$)")
_PLACE = regex(r"\S+\.[A-Za-z]{1,5}:\d+(?::\d+)?: ")
_EXIT_CODE = regex(r"[Ee]xit (?:code|status):? \d+")

_QUOTED = regex(
    r"\"[^\"\n]{1,300}\"|(?<!\w)'[^'\n]{1,300}'(?!\w)|`[^`\n]{1,300}`|“[^”\n]{1,300}”|‘[^’\n]{1,300}’"
)
_PATH = regex(
    r"(?:[A-Za-z]:\\|~?/|\.{1,2}/|\b[\w.@-]+/)[\w.@/\\+~-]*"
    r"|\b[\w-]+\.(?:go|py|[jt]sx?|rs|md|json|ya?ml|toml|sh|java|rb|c|h|cpp)\b"
)
_URL = regex(r"\b[a-z][a-z0-9+.-]*://[^\s\"'<>)]+", re.IGNORECASE)
_UUID = regex(r"\b[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\b")
_HEX = regex(r"\b(?:0[xX][0-9A-Fa-f]+|[0-9A-Fa-f]{7,64})\b")
_NUMBER = regex(r"\d+(?:\.\d+)*(?:ms|s|m|h|MB|KB|GB|kB|B|%)?\b")
_IDENTIFIER = regex(
    r"\b(?=\w*(?:[a-z][A-Z]|_|[A-Z][a-z]+[A-Z]|\d))[A-Za-z_][\w.]*\b|\b[a-z]\w*\.[A-Za-z_]\w*(?:\.\w+)*\b"
)
_AFTER_COLON = regex(
    r"(undefined|undeclared name|unknown field|unknown command|module|package|declared and not used"
    r"|--- FAIL): (\S+)"
)
_CODE = regex(r"\b(TS|E|F|W|SA|S|C|B|G)(\d{3,5})\b")
_ERROR_NAME = regex(r"(?:\w+\.)*\w*(?:Error|Exception|Warning)|E[A-Z]{4,}|(?:TS|E|F|W|SA|S|C|B|G)\d{3,5}")
_MASKS_IN_A_ROW = regex(r"(?:<(?:path|id|n)>[:.,]?){2,}")
_POSITION = regex(r"(?<=[\w)])(?::\d+){1,2}\b|\(\d+,\d+\)|\bline \d+")
_DIRECTORY = regex(r"(?:[A-Za-z]:)?(?:~|\.{1,2})?(?:[/\\][\w.@+~-]+)*[/\\](?=[\w.@+~-])")
_LEADING_FOLDERS = regex(r"(?<![\w.@+~/\\-])(?:[\w.@+~-]+[/\\])+(?=[\w.@+~-])")
_TIMES = regex(
    r"\b\d{4}-\d\d-\d\d[T ][\d:.]+Z?\b|\b\d\d:\d\d:\d\d(?:\.\d+)?\b"
    r"|\(?\b\d+(?:\.\d+)?\s?(?:ms|s|seconds|secs)\b\)?"
)
_ADDRESSES = regex(r"\b0x[0-9a-f]+\b|\b[0-9a-f]{12,64}\b|\bpid \d+", re.IGNORECASE)

_SHELL_CD = regex(r"(?:\(eval\)|-?(?:ba|z|da)?sh|/\S*sh)(?:: line \d+|:\d+)?: ?cd:")
_SAID_BY = regex(r"(?:/[\w./-]*/)?(\(eval\)|-?[A-Za-z][\w.+-]*)(?::\d+|: line \d+)?: ?\S")
_SHELLS = regex(r"\(eval\)|-?(?:ba|z|da|k)?sh")

MAX_LINE = 400
"""Characters of an error line that are looked at."""
_ENDS = 16_000
"""Characters that are looked at, at the start and at the end of an output."""


class Signature(NamedTuple):
    """The signature of a failure.

    Attributes:
        family: Tool or command family, then the masked message: readable, safe to share.
        specific: Digest (12 hex digits) of the message with only volatile parts masked.
        line: The error line it was taken from, escape sequences removed.
        generic: True when the message says only that something failed; such a family never triggers alone.
        owner: The command family that failed, ``cd`` when a directory could not be entered, else the tool.
    """

    family: str
    specific: str
    line: str
    generic: bool
    owner: str = ""


def plain(text: str) -> str:
    """Remove terminal escape sequences, control and invisible characters, keeping tabs and line ends."""
    return _CONTROL.sub("", _ESCAPES.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))


def sign(tool: str, command: str | None, output: str) -> Signature:
    """Return the signature of a failed call from what it printed.

    Args:
        tool: The tool (``Bash``, ``Edit`` …).
        command: The shell command line, for ``Bash``.
        output: What it printed; only its first and last 16,000 characters are looked at.
    """
    owner = tool
    if command:
        line = complaint(command, output) if commands.only_views(command) else ""
        line = line or error_line(output)
        owner = "cd" if _SHELL_CD.match(line) else blame.blamed(command, line, _ends(output)) or tool
    else:
        line = error_line(_first_line(output))
    message = mask(line)
    generic = len(line) < 4 or is_generic(message)
    family = f"{owner}: {message}" if message else owner
    keyed = f"{owner}\n{_volatile_masked(line)}"
    digest = sha256(keyed.encode("utf-8", "replace"))[:12]
    return Signature(family[:240], digest, line, generic, owner)


def is_generic(message: str) -> bool:
    """Tell whether a masked message says only that something failed."""
    return not message or bool(_GENERIC.match(message))


def _ends(output: str) -> str:
    return plain(output if len(output) <= 2 * _ENDS else output[:_ENDS] + "\n" + output[-_ENDS:])


def _first_line(output: str) -> str:
    # A file tool says what went wrong first and then repeats the file's own text.
    return next((line for line in plain(output[:4000]).split("\n") if line.strip()), "")


def complaint(command: str, output: str) -> str:
    """Return the first line that the shell or a program of the command says itself; empty without one.

    What else a viewing command prints is text from elsewhere, whatever errors that tells of.
    """
    names = {words[0].rsplit("/", 1)[-1] for _, words in commands.split(command)}
    if names & {"git", "gh"}:
        names |= {"fatal", "error", "usage"}
    for line in _ends(output).split("\n"):
        said_by = _SAID_BY.match(line.strip()[:MAX_LINE])
        if said_by and (said_by.group(1) in names or _SHELLS.fullmatch(said_by.group(1))):
            return line.strip()[:MAX_LINE]
    return ""


def error_line(output: str) -> str:
    """Return the line that says best what went wrong; empty when nothing was printed."""
    lines = [line.strip()[:MAX_LINE] for line in _ends(output).split("\n")]
    lines = [line for line in lines if len(line) > 2]
    best, best_score = "", 0.0
    for position, line in enumerate(lines):
        later = position / (len(lines) * 50)
        score = _telling(line, best_score + later) - later
        if score > best_score:
            best, best_score = line, score
    return best or next((line for line in lines if not _NOISE.search(line)), lines[0] if lines else "")


def _telling(line: str, least: float) -> float:
    """Return how well a line says what went wrong: 0 for noise, more for what a tool reports.

    What says no more than ``least`` may be given too high a figure below it.
    """
    if _EXIT_CODE.fullmatch(line):
        return 0.05
    if _NOISE.search(line):
        return 0.0
    if _EXPECTED.search(line):
        return 4.0
    if _BLAMED_TEST.search(line):
        return 3.6
    score = 0.0
    if _REPORTS.search(line):
        score += 2.0
    if _STRONG.search(line.lower()):
        score += 1.5
    if _RAISED.match(line):
        score += 1.0
    if _PLACE.match(line):
        score += 0.6
    return min(score, 0.2) if score > least and is_generic(mask(line)) else score


def reports_failure(output: str) -> bool:
    """Tell whether output is a tool's failure report, as against text in which the word error occurs."""
    return any(_REPORTS.search(line[:MAX_LINE]) for line in _ends(output).split("\n"))


def mask(line: str) -> str:
    """Return the template of a message: paths, numbers, quoted text, hashes and identifiers masked."""
    text = _URL.sub("<url>", line[:MAX_LINE].translate(_NO_PRIVATE_USE))
    text = _TIMES.sub("<n>", text)
    text = _QUOTED.sub("<q>", text)
    text = _AFTER_COLON.sub(r"\1: <id>", text)
    text = _PATH.sub("<path>", text)
    text = _UUID.sub("<hex>", text)
    text = _HEX.sub(lambda match: "<hex>" if any(c.isdigit() for c in match.group()) else match.group(), text)
    text = _CODE.sub(lambda match: match.group(1) + match.group(2).translate(_KEEP_DIGITS), text)
    text = _IDENTIFIER.sub(lambda match: match.group() if _is_error_name(match.group()) else "<id>", text)
    text = _NUMBER.sub("<n>", text)
    text = text.translate(_RESTORE_DIGITS)
    text = _MASKS_IN_A_ROW.sub(lambda match: match.group().partition(">")[0] + ">", text)
    return " ".join(text.split())[:160]


# Error codes such as TS2304 are the template itself, so their digits are carried past the number mask.
_KEEP_DIGITS = {ord("0") + digit: 0xE000 + digit for digit in range(10)}
_RESTORE_DIGITS = {private: digit for digit, private in _KEEP_DIGITS.items()}
_NO_PRIVATE_USE = dict.fromkeys(_RESTORE_DIGITS)


def _is_error_name(word: str) -> bool:
    return _ERROR_NAME.fullmatch(word.translate(_RESTORE_DIGITS)) is not None


def _volatile_masked(line: str) -> str:
    text = _TIMES.sub("<t>", line[:MAX_LINE])
    text = _POSITION.sub("", text)
    text = _LEADING_FOLDERS.sub("", text)
    text = _DIRECTORY.sub("", text)
    text = _ADDRESSES.sub("<x>", text)
    return " ".join(text.split())
