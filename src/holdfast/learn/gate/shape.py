"""Read the outward shape of a text: logs, diffs, code, tables, headings and change lists are no sentences."""

from __future__ import annotations

import re

from holdfast.hook.patterns import regex
from holdfast.learn.gate.features.words import DEEDS
from holdfast.learn.gate.text import Text

_LINE = 400
"""Characters of a line that are read for its shape."""
_LOG = regex(
    r"\s*(?:(?:error|fatal|warn(?:ing)?|info|debug|notice|fail(?:ed|ure)?|ok|pass(?:ed)?|panic"
    r"|hint|remote|traceback|exception|caused by|note)\b ?[:\t(\[]"
    r"|(?:FAIL|PASS|ok|ERR!|FAILED|PASSED)\b(?:\s|$)|npm (?:ERR|WARN)|To \S+[:/]\S+|! \["
    r"|\[\w+ [0-9a-f]{7,}\]|Ran \d+ |On branch |=== |--- (?:PASS|FAIL"
    r"|SKIP|RESULT)|Traceback \(|File \".*\", line \d+|at \S+ ?\(|\d{4}-\d\d-\d\d[T ]"
    r"|\[?\d\d:\d\d:\d\d"
    r"|\[[A-Z]+\]|E {2,}|>>> |\$ |% |[•●⎿└├│✓✗✔✘×]|(?:process )?exit(?:ed)? (?:code|with code"
    r"|status)|chunk id:|wall time:|original token|output:$|\S+\.\w{1,4}:\d+(?::\d+)?:"
    r"|(?:HEAD|branch|worktree|commit|tree|parent|author|date) \S+$|\w*Error: |Keeping \w+ \w+ at:"
    r"|[\w.]+\.{4,}|Failed to \w+ )",
    re.IGNORECASE,
)
_SURE_LOG = regex(
    r"\s*(?:=== |--- (?:PASS|FAIL|SKIP)|npm (?:ERR|WARN)|Traceback \(|at \S+ \(|\S+\(\d+,\d+\): "
    r"|\S+:\d+:\d+:?\s|\d+:\d+\s+(?:error|warning)\b|[\w./-]+/[\w.-]+\.\w{1,4}\s*$|[│├└✓✗✖]|error\[\w+\]:"
    r"|\S+ - error | {2,}(?:-\w, )?--[a-z][\w-]+ |\d{4}-\d\d-\d\d[T ]\d)"
)
_RESULT = regex(r"(?:exit code:? \d+|chunk id: \w+) *$", re.IGNORECASE | re.MULTILINE)
"""How an agent's client begins the output of a command."""
_DOTS = regex(r"\.{6,}|─{4,}|={6,}|\[build failed\]|\[rejected\]|\d+ (?:passed|failed)\b", re.IGNORECASE)
_DIFF = regex(
    r"(?:@@ |diff --git |index [0-9a-f]{6,}|\+\+\+ |--- [ab/]|[-+](?:$|//|[\t{}()]|\s{2,}|(?:func"
    r"|def|class|const|let|var|import|from|return|type|if|for|use|pub|package)\b))"
)
_HUNK = regex(r"@@ -\d+(?:,\d+)? \+\d")
_CODE = regex(
    r"\s*(?:(?:async |export |pub |public |private |static )*(?:def|func|function|fn"
    r"|class|interface|struct|enum|impl|import|const|let|var|return|package|type|#include"
    r"|using|export|from)\b .*[({=;:\[\"'].*|\}.*|\)[;,]?|if \(.*|for \(.*|@\w+\(.*|\w+\(.*\);?"
    r"|(?:package|import|use|module|namespace) [\w.\"'/{}:]+;?)$"
)
_SENTENCE = regex(r"(?:\b[a-z]{2,}\b[ ,]+){4}")
_TABLE = regex(r"\s*\|.*\|\s*$")
_LABEL = regex(r"\s*(?:#{1,6} .*|\*\*[^*]{1,60}:?\*\*:?|[A-Z][\w &/-]{0,60}:)\s*$")
_ITEM = regex(r"\s*(?:[-*•]|\d{1,2}[.)]) ")
_VERB = regex(
    r"\b(?:is|are|was|be|has|have|had|does|do|did|can|cannot|can't|must|should|will|won't|don't"
    r"|use[sd]?|run[s]?|need[s]?|set[s]?|fail(?:s|ed)?|get[s]?|return[s]?|require[s]?|make[s]?"
    r"|break[s]?|never|always|only|not|live[s]?|read[s]?|write[s]?|\w+ed)\b",
    re.IGNORECASE,
)

_DEED_ITEM = regex(
    rf"^ *(?:[-*•]|\d{{1,2}}[.)]) +(?:{'|'.join(sorted(DEEDS))})\b", re.IGNORECASE | re.MULTILINE
)

Fault = tuple[str, str]
_CHANGES: Fault = (
    "It lists what one change did; git keeps that.",
    "Say why it was needed, or what breaks without it.",
)


def fault(text: Text, *, reasoned: bool) -> Fault | None:
    """Return (reason, mend) when the shape alone shows that a text is no learning.

    Args:
        text: the candidate.
        reasoned: True when it has words of cause or rule: one quoted log line is then no log.
    """
    lines = [line[:_LINE] for line in text.lines]
    if not lines or not text.plain.strip("□◇ .…!,:;-") or _only_labels(lines):
        return "There is no sentence in it.", "Write one sentence: what to do or know, where, and why."
    if _share(lines, _TABLE) >= 0.5:
        return "It is a table.", "Say in one sentence what the table shows."
    if _share(lines, _DIFF) >= 0.4 or any(map(_HUNK.match, lines)):
        return "It is a diff.", "Say what must be written so, and why."
    logs = sum(1 for line in lines if _LOG.match(line) or _DOTS.search(line))
    sure = bool(_RESULT.match(text.lead)) or _share(lines, _SURE_LOG) >= 0.5
    if sure or (logs / len(lines) >= 0.5 and not (reasoned and logs == 1)):
        return (
            "It is output of a tool.",
            "Say what caused it and what to do about it; quote only the line that identifies it.",
        )
    unquoted = [line for line in lines if "`" not in line and not line.lstrip().startswith("// ")]
    if sum(map(_is_code, unquoted)) > 0.5 * len(unquoted):
        return "It is code.", "Say in a sentence what the code must do here, and why."
    return _list_fault(text, lines)


def _list_fault(text: Text, lines: list[str]) -> Fault | None:
    items = [line for line in lines if _ITEM.match(line)]
    deeds = len(_DEED_ITEM.findall(text.lead))
    if len(items) >= 2 and deeds * 2 > len(items):
        return _CHANGES
    subjects = sum(1 for line in items if re.match(r"^\s*[-*•] \w+(?:\([\w-]+\))?!?: ", line))
    if len(items) >= 2 and subjects * 2 > len(items) and "`" not in text.lead:
        return _CHANGES
    if (
        len(items) >= 2
        and _only_labels([line for line in lines if line not in items])
        and sum(1 for line in items if not _VERB.search(line)) * 2 > len(items)
    ):
        return "It is a list of topics.", "Say for the one that matters what to do and why."
    return None


def _share(lines: list[str], pattern: re.Pattern[str]) -> float:
    return sum(1 for line in lines if pattern.match(line)) / len(lines) if lines else 0.0


def _is_code(line: str) -> bool:
    """Tell whether a line is code and no sentence with some code in it."""
    if _SENTENCE.search(line):
        return False
    return line.rstrip().endswith(("{", "}", ";")) or _CODE.match(line) is not None


def _only_labels(lines: list[str]) -> bool:
    return all(_LABEL.match(line) for line in lines)
