"""Whether an error line says that a command was wrong as it was called, and which word of it was.

Red tests, code that does not compile and findings of a linter are the command doing its work. What passes by
itself (a network that is down, a lock) is nobody's fault.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal, NamedTuple

from holdfast.hook.patterns import regex

Reason = Literal["not installed", "not defined", "no such option", "wrong folder", "not set up", "refused"]


class CallFault(NamedTuple):
    """What was wrong with a call; ``named`` is the word that the error line names, if it names one."""

    reason: Reason
    named: str


_Q = r"[\"'`“‘]?"
_NAME = r"(?P<name>[@\w./:+-]+)"
_PATTERNS: tuple[tuple[Reason, tuple[str, ...]], ...] = (
    (
        "not defined",
        (
            rf"missing script:? {_Q}{_NAME}",
            rf"\bscript not found:? {_Q}{_NAME}",
            rf"has an? {_Q}{_NAME}{_Q} script",
            rf"couldn['’]t find a script named {_Q}{_NAME}",
            rf"^(?:error )?command {_Q}{_NAME}{_Q} not found",
            rf"no rule to make target {_Q}{_NAME}",
            rf"justfile does not contain recipes? {_Q}{_NAME}",
            rf"no tasks? {_Q}{_NAME}{_Q}(?: found)?",
            rf"task:? {_Q}{_NAME}{_Q} (?:does not exist|not found)",
            rf"don['’]t know how to build task {_Q}{_NAME}",
            rf"(?:no such|unknown|unrecognized) (?:sub)?command:? {_Q}{_NAME}",
            rf"command {_Q}{_NAME}{_Q} is not defined",
            rf"could not find (?:a )?(?:task|command|target) {_Q}{_NAME}",
            rf"no (?:bin|example|test|bench) target named {_Q}{_NAME}",
            rf"package ID specification {_Q}{_NAME}{_Q} did not match",
            rf"(?:does not contain|contains) (?:this|these) features?:? {_Q}{_NAME}",
            r"no projects matched the filters",
            rf"no workspaces? (?:named|found)(?::| matching)? ?(?:--workspace=)?{_Q}{_NAME}",
            rf"sessions? not found: {_NAME}",
            rf"no idea what {_Q}{_NAME}{_Q} is",
            rf"no such service: {_NAME}",
            rf"could not find (?:generator|rule) {_Q}{_NAME}",
        ),
    ),
    (
        "no such option",
        (
            r"(?:unknown|unrecognized|unsupported|invalid|no such|unexpected) (?:\w+ )?"
            rf"(?:option|flag|argument|arguments|parameter|shorthand flag|switch)s?:? {_Q}"
            r"(?P<name>--?[\w-]+|'?\w+)",
            r"flag provided but not defined: (?P<name>-[\w-]+)",
            rf"invalid choice: {_Q}{_NAME}",
            r"mutually exclusive|cannot be used (?:with|together)|conflicts with (?:the )?(?:option"
            r"|flag)",
            r"could not determine which binary to run|^usage(?: error)?: |refused to run",
        ),
    ),
    (
        "not installed",
        (
            rf"(?:^|: ){_NAME}: (?:command )?not found$",
            rf"command not found: {_NAME}",
            rf"{_Q}{_NAME}{_Q} is not recognized as an internal or external",
            rf"exec:? {_Q}{_NAME}{_Q}: executable file not found",
            rf"spawn {_NAME} ENOENT",
            rf"failed to spawn:? {_Q}{_NAME}",
            r"unable to find executable|could not determine executable to run",
            rf"^(?!.*ModuleNotFoundError).*\bno module named {_Q}(?P<name>[\w.]+){_Q}(?:$|[;:])",
            rf"could not find gem {_Q}{_NAME}",
            rf"(?:toolchain|component|target) {_Q}{_NAME}{_Q} (?:\S+ )?is not installed",
            r"exited with code 127\b|\bError 127\b|exit (?:code|status) 127\b",
        ),
    ),
    (
        "wrong folder",
        (
            rf"could not (?:find|locate|read) (?:an? )?{_Q}"
            r"(?P<name>Cargo\.toml|Gemfile|go\.mod|pyproject\.toml|package\.json)",
            r"(?P<name>go\.mod) file not found|cannot find main module|not a go module",
            r"couldn['’]t find a (?P<name>package\.json)",
            r"no (?P<name>package\.json|pyproject\.toml|Cargo\.toml|manifest|justfile"
            r"|Taskfile)\b.*(?:found|in)",
            r"ENOENT.*(?P<name>package\.json)|^npm (?:error|ERR!) code ENOENT$",
            r"no targets specified and no makefile found|no configuration file provided",
            r"can['’]t (?:open|read) file {_Q}(?P<name>[^'\"]+)".replace("{_Q}", _Q),
            r"could not open input file: (?P<name>\S+)",
            rf"file or directory not found: {_NAME}",
            r"cannot find module [\"'`](?P<name>/[\w./-]+)",
            rf"{_NAME}{_Q}?: (?:directory not found|no such file or directory)",
            rf"no such file or directory:? {_Q}{_NAME}",
            rf"directory prefix {_NAME} does not contain|no Go files in|no packages found",
            rf"package {_NAME} is not in (?:std|GOROOT)",
            r"not a git repository|no config file .* found",
            rf"no files matching (?:the pattern )?{_Q}{_NAME}?",
            r"no test(?:s|s? files?|s? suite)? (?:were )?found|no tests ran|collected 0 items",
            r"attempted relative import with no known parent package",
            rf"(?:path|file) (?:does not exist|not found):? {_Q}{_NAME}",
        ),
    ),
    (
        "not set up",
        (
            rf"cannot find (?:module|package) {_Q}{_NAME}",
            rf"ModuleNotFoundError: no module named {_Q}(?P<name>[\w.]+)",
            rf"cannot load such file -- {_NAME}",
            rf"no required module provides package {_NAME}",
            r"(?:did you (?:forget|run)|have you|please|you (?:must|need to)|try to|try) "
            r"(?:to )?(?:run(?:ning)?|install(?:ing)?|build(?:ing)?)\b",
            r"\brun[: ]+[`'\"][^`'\"]+[`'\"] (?:first|to (?:install|build|generate|create))",
            rf"{_Q}(?P<name>[A-Z][A-Z0-9_]{{3,}}){_Q}(?: environment variable| env var)? "
            r"(?:is |must be |was |are )?(?:not set|required|missing|undefined|unset)",
            rf"(?:missing"
            rf"|required)(?: required)? environment variables?:? {_Q}(?P<name>[A-Z][A-Z0-9_]{{3,}})",
            r"node_modules (?:is )?missing|local package\.json exists, but node_modules",
            r"virtual ?env(?:ironment)? (?:is )?not (?:found|activated)|no virtual environment found",
            r"while loading conftest|build constraints exclude all|missing go\.sum entry",
            r"couldn['’]t find (?:an? )?(?:configuration|eslint\.config|config)",
            r"\[setup failed\]|migrations are pending|not trusted|is not running|ImproperlyConfigured",
            rf"database {_Q}{_NAME}{_Q} does not exist",
        ),
    ),
    (
        "refused",
        (
            r"this project (?:is configured to use|requires|uses) (?P<name>\w+)",
            r"use [`'\"]?(?P<name>pnpm|yarn|npm|bun|uv|poetry)\b[^.]{0,30} instead",
            rf"unsupported engine|engine {_Q}\w+{_Q} is incompatible|requires (?:node|python|go|ruby"
            rf"|bun)\b",
            r"requires go >=|your ruby version is|unsupported version of the config",
            r"externally[- ]managed[- ]environment",
            rf"only allow {_NAME}",
            r"(?:command|option|flag|script|task) .{1,40} (?:has been removed|is no longer (?:supported"
            r"|available))",
            rf"{_NAME}: permission denied$",
        ),
    ),
)
_FAULTS = tuple(
    (reason, regex(pattern, re.IGNORECASE)) for reason, patterns in _PATTERNS for pattern in patterns
)
_ON_THIS_MACHINE = regex(
    r"(?:ECONNREFUSED|connection refused|could not connect|can['’]t connect|connection to server).{0,80}"
    r"(?:localhost|127\.0\.0\.1|::1|\bdb\b|postgres|redis|mysql|mongo|docker)"
    r"|(?:localhost|127\.0\.0\.1|::1|\bdb\b|postgres|redis|mysql|mongo|docker).{0,80}"
    r"(?:ECONNREFUSED|connection refused)|cannot connect to the docker daemon",
    re.IGNORECASE,
)
"""A service of the project itself that does not run: set-up, no network that is down."""
_PASSING = regex(
    r"\b(?:E(?:TIMEDOUT|CONNRESET|CONNREFUSED|NOTFOUND|AI_AGAIN|BUSY|CONNABORTED|ADDRINUSE)|TLS|HTTP [45]\d\d"
    r"|50[234])\b|(?i:could not resolve|timed? ?out\b|temporar|network|connection (?:refused|reset|closed)"
    r"|rate limit|too many requests|index\.lock|file lock|database is locked|resource busy|no space left"
    r"|certificate|proxy|fetch failed|failed to fetch|registry|unreachable|try again|address already in use"
    r"|already running|deadline exceeded|waiting to lock|acquire .{0,30}lock|is locked|lock (?:is )?held"
    r"|locked by"
    r"|another process|ENOSPC|disk (?:is )?full|disk quota|busy|service unavailable|bad gateway"
    r"|failed to write"
    r"|cannot allocate memory|out of memory|killed|signal: killed|port \d+ is (?:already )?in use)"
)
_ITS_WORK = regex(
    r"^\s*\S+\.\w{1,5}[:(]\d+(?!.*(?:executable file not found|command not found))|--- FAIL"
    r"|^FAIL(?:ED)?\b(?!.*\[setup failed\]|: (?i:no|can|target) )|\bAssertionError|\bassert\b"
    r"|(?i:expected:? .* (?:got|but|to|actual)\b)|panic:|imported and not used"
    r"|error TS(?!5\d{3}|6053|18003)\d+|error\[E\d+\]|undefined: "
    r"|^\s*E\s{2,}(?!\s|ModuleNotFoundError|ImportError)"
    r"|(?<!port )\b\d+ (?:failed|failing|errors?|problems?)\b|SyntaxError|TypeError|ReferenceError|^[✗✘×]"
    r"|\[build failed\]"
    r"|annot find module ['\"`]\.{1,2}/|could not compile|test failed|compilation failed"
    r"|expect\(received\)|\b[1-9]\d* (?:fail|failures?)\b"
    r"|\bFAIL(?:ED|URE)?\b(?!.*\[setup failed\]|: (?i:no|can|target) )|evaluation failed|: error: .*:\d+"
    r"|^\S+: error: \S+:\d+"
    r"|^\s*Expected: "
)


@lru_cache(maxsize=4096)
def call_fault(message: str) -> CallFault | None:
    """Return what an error line blames on the call or its set-up; None when it blames neither."""
    if not message or passes_by_itself(message) or _ITS_WORK.search(message):
        return None
    if _ON_THIS_MACHINE.search(message):
        return CallFault("not set up", "")
    for reason, pattern in _FAULTS:
        match = pattern.search(message)
        if match:
            name = next((name for name in match.groupdict().values() if name), "").strip("'\"`:,").rstrip(".")
            return CallFault(reason, f"-{name}" if reason == "no such option" and len(name) == 1 else name)
    return None


@lru_cache(maxsize=4096)
def passes_by_itself(message: str) -> bool:
    """Tell whether an error line speaks of something that passes: a network, a lock, a full disk."""
    return bool(_PASSING.search(message)) and not _ON_THIS_MACHINE.search(message)


def is_its_work(message: str) -> bool:
    """Tell whether an error line is a finding: a red test, code that does not compile, a linter's word."""
    return bool(_ITS_WORK.search(message))
