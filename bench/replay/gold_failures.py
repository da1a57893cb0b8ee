"""Find the failures in a session's calls: their class, their family, and their specific signature.

Patterns of its own, for the gold. Three classes: ``tool`` (a tool refused its input), ``environment`` (a
command could not do its work: not found, no such file, unknown flag, no network), ``code`` (compiler, linter,
test: the work in progress). A command whose failure a pipe hides counts when a runner's own report says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bench.replay.gold_logs import Call

RUNNERS = re.compile(
    r"(?:^|[;&|(]\s*|\bexec\s+--\s+)(?:\w+=\S+\s+)*(?:sudo |time |timeout \S+ |npx |rtk |env )*"
    r"(mise|go|golangci-lint|gofmt|make|npm|pnpm|yarn|bun|bunx|node|tsc|biome|eslint|vitest|jest|cargo|rustc"
    r"|python3?|pytest|uv|ruff|mypy|pip|gradle|mvn|docker|kubectl|terraform|git|gh|brew|curl|jq|entire|agentv)\b"
)
SHOWS = re.compile(
    r"^\s*(?:cat|less|head|tail|sed|awk|grep|rg|ag|echo|printf|git (?:log|show|diff|grep|blame))\b"
)
HIDES = re.compile(r"\||\|\||;|\btrue\b|2>&1")
ENVIRONMENT = [
    re.compile(rx, re.IGNORECASE)
    for rx in (
        r"command not found",
        r"no such file or directory",
        r"permission denied",
        r"operation not permitted",
        r"\b(?:unknown|unrecognized|unexpected|invalid|illegal|unsupported) "
        r"(?:flag|option|command|subcommand|argument|shorthand|field|json field|switch)",
        r"^usage: ",
        r"^(?:\(eval\)|zsh|bash|sh|/bin/\w+|/usr/bin/\w+):\S*\s*\S+",
        r"^fatal: ",
        r"^error: (?:pathspec|unknown|failed to|your local changes|cannot"
        r"|could not|script|module|the following)",
        r"cannot find module|no module named|module not found|script not found|missing script",
        r"\bHTTP (?:4|5)\d\d\b|^GraphQL: |^gh: |could not resolve to",
        r"timed? ?out\b|timeout waiting",
        r"connection refused|could not resolve host|ENOTFOUND|ECONNREFUSED|network is unreachable",
        r"directory not found|no Go files in|cannot find package|cannot find main module"
        r"|does not contain (?:main module|package)",
        r"no tasks? .*found|mise ERROR (?!task failed)|no rule to make target",
        r"^jq: |JSONDecodeError|unexpected end of json",
        r"^Traceback \(most recent call last\)|^\w*Error: ",
        r"did not match any files|ignored by one of your \.gitignore|not a git repository|nothing to commit",
        r"already exists\b|already in use|address already in use|device not configured",
        r"detached HEAD|CONFLICT \(|could not apply|unmerged files|rejected",
        r"none of the others can be|required flag|accepts \d+ arg|requires? (?:at least|an? )",
        r"sandbox|not allowed|approval|was blocked",
    )
]
CODE = (
    r"\(\w+\)$|undefined|cannot use|declared and not|imported and not|expected|error|missing|not enough"
    r"|too many a"
)
"""What compilers and linters say."""
PLACE = re.compile(
    r"^\s*(?P<path>[\w@./~+-]+\.\w{1,5})[:(](?P<line>\d+)(?:[:,](?P<column>\d+))?\)?:?\s*(?P<said>\S.*)$"
)
TSC = re.compile(r"^(?P<path>\S+\.tsx?)\((?P<line>\d+),\d+\): (?P<said>error TS\d+: .*)$")
TEST = re.compile(
    r"^FAIL\t(\S+\t.*|\S+ \[.*\])$|^\s*--- FAIL: (\S+)"
    r"|^\s*\(fail\) (.+?)(?: \[[\d.]+ ?m?s\])?$|^FAILED (\S+)|^not ok \d+ - (.+)$"
)
NOISE = re.compile(
    r"^(?:Exit code:? \d+|\[[\w:-]+\] (?:\$|ERROR task failed).*|\$ .*|\s*\^?\s*|warning: .*|hint: .*)$"
)
SHELL = re.compile(
    r"^(?:\(eval\):(?:\w+:)?\d*:?|(?:/\w+)*/?(?:zsh|bash|sh): ?(?:line )?\d+:|zsh:\d+:|zsh:"
    r"|(?P<name>ls|cat|cd|cp|mv|rm|find|grep|rg|sed|awk|head|tail|wc|stat|diff|touch|mkdir|chmod|open|xargs"
    r"|sort|file):)"
    r" *(?P<said>.*(?:no such file or directory|command not found|permission denied|no matches found"
    r"|parse error"
    r"|bad substitution|unmatched|illegal option|invalid option|unrecognized (?:option|flag)|is a directory"
    r"|not a directory|file exists|unknown file attribute|bad pattern|read-only variable|syntax error"
    r"|unexpected|unknown option|bad math|bad flag).*)$",
    re.IGNORECASE,
)
TAGS = re.compile(r"</?[\w_-]+>")
QUOTED = re.compile(r"\"[^\"\n]*\"|`[^`\n]*`|(?<!\w)'[^'\n]*'(?!\w)|“[^”]*”")
PATHS = re.compile(
    r"(?<![\w/])(?:~|\.{1,2})?/?(?:[\w@.+-]+/)+[\w@.+*-]*|(?<!\w)[\w-]+\.(?:go|ts|tsx|js|json|md|py|ya?ml|toml|sh|txt|jsonl)\b"
)
IDS = re.compile(r"\b[0-9a-f]{7,64}\b|\b[0-9a-f]{8}-[0-9a-f-]{27}\b")
NUMBERS = re.compile(r"(?<![A-Z0-9])\d+(?:\.\d+)*")


@dataclass(frozen=True)
class Finding:
    """Hold one failure in one call.

    Attributes:
        kind: ``tool``, ``environment`` or ``code``.
        family: What kind of failure, with paths, numbers and quoted text masked.
        specific: The same with what tells it from others of its family.
        line: The line that says it.
        path: The file it is about, as named, else empty.
        generic: True when nothing but "it failed" is said.
    """

    kind: str
    family: str
    specific: str
    line: str
    path: str = ""
    generic: bool = False


def program(command: str) -> str:
    """Return the program of a command line with its subcommand: its first runner, else its first word."""
    rest = re.sub(r"^\s*(?:cd \S+\s*(?:&&|;)\s*|export \S+\s*(?:&&|;)\s*|\w+=\S+\s+)+", "", command.strip())
    found = list(RUNNERS.finditer(rest))
    begin = rest[found[0].start(1) :] if found else rest
    words = re.split(r"\s+", begin.strip())[:4]
    out = [words[0].rsplit("/", 1)[-1]] if words and re.fullmatch(r"[\w./+-]+", words[0]) else ["sh"]
    for word in words[1:]:
        if word.startswith("-") or not re.fullmatch(r"[\w:-]+", word):
            break
        out.append(word)
        if out[0] not in ("mise", "npm", "pnpm", "yarn", "bun", "gh", "uv", "docker") or len(out) == 3:
            break
    return " ".join(out)


def masked(text: str) -> str:
    """Return a line with what differs from case to case masked: quoted text, paths, ids, numbers."""
    text = QUOTED.sub("«q»", TAGS.sub("", text))
    text = NUMBERS.sub("«n»", IDS.sub("«h»", PATHS.sub("«p»", text))).strip(" .:").lower()
    return re.sub(r"(no such file or directory|command not found|permission denied)\b.*", r"\1", text)[:160]


def exact(text: str) -> str:
    """Return a line as its specific signature has it: only ids, numbers and folders of paths masked."""
    text = re.sub(r"(?<![\w/])(?:~|\.{1,2})?/?(?:[\w@.+-]+/)+(?=[\w@.+*-])", "", TAGS.sub("", text))
    return NUMBERS.sub("«n»", IDS.sub("«h»", text)).strip()[:240]


def findings(call: Call) -> list[Finding]:
    """Return the failures of a call, in the order reported; empty when it worked."""
    if not call.answered or call.rejected:
        return []
    if call.tool != "Bash":
        return [_of_tool(call)] if call.failed and call.output.strip() else []
    hidden = not call.failed
    shell = list(dict.fromkeys(_of_shell(call.command, call.output)))
    if hidden and (
        SHOWS.match(call.command) or not RUNNERS.search(call.command) or not HIDES.search(call.command)
    ):
        return shell
    head = program(call.command)
    found = shell or list(dict.fromkeys(_of_output(head, call.output, hidden=hidden)))
    if found or hidden:
        return found
    lines = [line for line in call.output.splitlines() if not NOISE.match(line)]
    if not lines:
        return [Finding("code", f"{head}: failed", f"{head}: failed", "", generic=True)]
    return [
        Finding(
            "code", f"{head}: {masked(lines[-1])}", f"{head}: {exact(lines[-1])}", lines[-1], generic=True
        )
    ]


def _of_tool(call: Call) -> Finding:
    line = TAGS.sub("", call.output.strip()).splitlines()[0]
    line = re.split(r"\bString:|\. Available |\. Did you mean|\. Note:", line)[0].strip()[:200]
    path = call.path
    name = path.rsplit("/", 1)[-1]
    kind = "environment" if call.tool.startswith("mcp__") or call.tool == "WebFetch" else "tool"
    return Finding(kind, f"{call.tool}: {masked(line)}", f"{call.tool}: {exact(line)} | {name}", line, path)


def _of_shell(command: str, output: str) -> Iterator[Finding]:
    """Yield what the shell itself, or a small program that the command names, says it could not do."""
    for line in output.splitlines()[:60]:
        if found := SHELL.match(line):
            said, name = found["said"], found["name"] or ""
            if name and not re.search(rf"(?<![\w/]){re.escape(name)}\b", command):
                continue
            masks = masked(
                re.sub(
                    r"^.*: (?=no such file|permission denied|is a directory)", "", said, flags=re.IGNORECASE
                )
            )
            yield Finding("environment", f"shell: {masks}", f"shell: {exact(line)}", line)
            return


def _of_output(head: str, output: str, *, hidden: bool) -> Iterator[Finding]:
    """Yield what a command's output reports; of a hidden failure only what a runner itself reports."""
    told = 0
    for line in output.splitlines()[:400]:
        line = line.rstrip()[:400]
        if NOISE.match(line) or told > 40:
            continue
        if place := TSC.match(line) or PLACE.match(line):
            said = place["said"].removeprefix("vet: ")
            if re.match(r": #|# |too many errors|\(fail\)|\w: ", said) or said.endswith("..."):
                continue
            if (
                "/integration_test" not in line
                and re.search(r"_test\.go:\d+: ", line)
                and not re.search(CODE, said)
            ):
                continue  # what a test prints of itself; its name is reported below
            if not re.search(r"[a-z]{3}", said) or re.match(
                r"\d{4}[/-]\d\d[/-]\d\d|INFO|DEBUG|.*\bcomponent=", said
            ):
                continue
            if hidden and not re.search(CODE, said):
                continue
            told += 1
            linter = re.search(r"\((\w+)\)$", said)
            label = f"{linter[1]}: " if linter else ""
            yield Finding("code", f"{label}{masked(said)}", f"{label}{exact(said)}", line, place["path"])
        elif test := TEST.match(line):
            name = next(one for one in test.groups() if one)
            if told and line.startswith("FAIL\t"):
                continue
            told += 1
            yield Finding("code", f"{head}: test failed", f"test failed: {exact(name)}", line)
        elif (
            not hidden or re.match(r"fatal: |[Ee]rror: |usage: |.*command not found|mise ERROR", line)
        ) and any(rx.search(line) for rx in ENVIRONMENT):
            if told:
                continue  # the first report of a command is its failure, the rest its echo
            told += 1
            kind = "code" if re.match(r"^\s*\w*(?:Assertion|Type|Reference)Error", line) else "environment"
            yield Finding(kind, f"{head}: {masked(line)}", f"{head}: {exact(line)}", line)
