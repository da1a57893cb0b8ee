"""From a failure episode to a candidate: what to do instead, because of what failed.

Only a fix that says something to the next session becomes a candidate: another way to call the tool, a step
that must come first, a line of configuration. Ordinary edits of the code under work (a test failed, the code
was mended) stay statistics, and so do directives that silence a linter: its message names the rule already,
and whether it may be silenced depends on a reason that the log does not hold.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from holdfast.evidence import resolution
from holdfast.evidence.episodes import Episode, Failure, Fix
from holdfast.hook import commands
from holdfast.hook.patterns import regex
from holdfast.learn.candidates import Candidate, Form
from holdfast.learn.redact import redact
from holdfast.repo.records import Applies, Evidence

MAX_SHOWN = 160
"""Characters of a command that a learning shows; a fix with a longer command is left as statistics."""

_ASSIGNMENT = regex(r"[A-Za-z_]\w*=")
_CONFIGURATION = regex(
    r"(?:^|/)(?:package\.json|pyproject\.toml|go\.mod|Cargo\.toml|tsconfig[\w.]*\.json|Makefile|Dockerfile"
    r"|\.?mise\.toml|setup\.(?:py|cfg)|tox\.ini|\.golangci\.ya?ml|\.eslintrc[\w.]*|biome\.json|\.tool-versions"
    r"|\.nvmrc|\.npmrc|\.env\.example|docker-compose[\w.]*\.ya?ml|vite\.config\.\w+|vitest\.config\.\w+"
    r"|jest\.config\.\w+|conftest\.py|requirements[\w-]*\.txt|\.github/workflows/[\w.-]+|turbo\.json"
    r"|lefthook\.yml|\.pre-commit-config\.yaml|bunfig\.toml)$"
)
_PREPARES = regex(
    r"(?:(?:npm|pnpm|yarn|bun|pip|pip3|uv|poetry|bundle|composer|cargo|go|brew|apt-get|apt|gem|mix|pdm)\s+.*"
    r"\b(?:install|ci|sync|add|get|restore|download|tidy|fetch|init)\b"
    r"|git (?:fetch|submodule|lfs)\b|git config (?!.*--(?:get|list|show))|mise (?:trust|install)\b"
    r"|docker(?:-compose| compose)? .*\b(?:up|start|pull|build)\b"
    r"|(?:npm|pnpm|yarn|bun|make|mise|just|go|cargo)(?: run)? "
    r"(?:build|generate|codegen|setup|bootstrap|prepare|migrate|db:\w+|proto|fmt|format|deps|install)\b"
    r"|chmod \+x|python3? -m venv|source )"
)
_PASSING = regex(r"--help\b|(?:^| )-h\b|--version\b|/tmp/|\bscratch|\$\(|--(?:continue|abort|skip|quit)\b")
_FREE_TEXT = frozenset("-m --message -b --body --title -t -F --notes -p --prompt -e -c --jq -q".split())
"""Options whose value is text of the user's own: another value explains no success."""
_TRIVIAL = regex(
    r"-v+|--verbose|-n|-x|-s|--limit(?:=\S+)?|--no-pager|-\d+|\d+|--oneline|-count=\d+|--color\S*|--stat|-q|--quiet|-l"
)


def candidate(episode: Episode) -> Candidate | None:
    """Return what the episode teaches, or None when it says nothing to another session."""
    failure, fix = episode.failure, episode.fix
    if fix is None or not failure.message or failure.generic:
        return None
    made = _changed_call(failure, fix) or _prepared(failure, fix) or _configured(failure, fix)
    if made is None:
        return None
    return Candidate(
        kind="failure",
        text=f"{made.text}\n\n## Details\n\n{_details(episode, made.instead)}",
        same=same_fix(failure.family, made.instead),
        applies=Applies(
            commands=(failure.owner,),
            paths=made.paths,
            families=(failure.family,),
            specifics=(failure.specific,),
        ),
        evidence=Evidence(
            line=failure.line,
            fixed_line=fix.line,
            failed=_cut(commands.normalized(failure.command), 400),
            failed_exit=failure.exit_code,
            fixed=_cut(commands.normalized(fix.command), 400),
            fixed_exit=fix.exit_code,
            edited=tuple(dict.fromkeys(edit.path for edit in fix.edits))[:20],
            commit=episode.commit,
        ),
        proven=True,
        form=made.form,
        instead=made.instead,
    )


def same_fix(family: str, instead: str) -> tuple[str, ...]:
    """Return what makes two fixes of a failure the same: what is done instead, numbers aside."""
    return "failure", family, re.sub(r"\d+", "N", instead)


class _Taught(NamedTuple):
    """What a fix teaches: in one sentence, as it is typed, and where."""

    form: Form
    text: str
    instead: str
    paths: tuple[str, ...] = ()


def _changed_call(failure: Failure, fix: Fix) -> _Taught | None:
    if failure.tool != "Bash" or not resolution.is_usage(failure.message):
        return None
    if commands.only_views(failure.command):
        return None
    failed, fixed = _main_texts(failure, fix)
    if failed == fixed:
        return _moved(failure, fix, fixed)
    if failure.owner == "cd":
        return None
    if not showable(failed) or not showable(fixed) or _PASSING.search(fixed):
        return None
    if not _tells(failed, fixed, failure.message):
        return None
    text = f"Use `{fixed}`, not `{failed}`, which failed with “{shown(failure.message)}”."
    return _Taught("call", text, fixed)


def _moved(failure: Failure, fix: Fix, command: str) -> _Taught | None:
    """Return what is taught by the same command in another directory."""
    where, before = commands.directory(fix.command), commands.directory(failure.command)
    if not where or where == before or fix.edits or not showable(where) or not showable(command):
        return None
    return _Taught(
        "directory",
        f"Run `{command}` in `{where}`: elsewhere it failed with “{shown(failure.message)}”.",
        f"cd {where} && {command}",
        (where,),
    )


def showable(text: str) -> bool:
    """Tell whether a command or a path is one line, short enough to be shown in a learning."""
    return len(text) <= MAX_SHOWN and "\n" not in text


def _main_texts(failure: Failure, fix: Fix) -> tuple[str, str]:
    """Return the part of each command that failed and that then succeeded."""
    owner = "" if failure.owner == "cd" else failure.owner
    return commands.main_text(failure.command, owner), commands.main_text(fix.command, owner)


def _tells(failed: str, fixed: str, message: str) -> bool:
    """Tell whether the change of the call explains its success, not only another target or free text."""
    before, after = _telling_words(failed), _telling_words(fixed)
    gone, new = before - after, after - before
    if not gone and not new:
        return False
    if any(word.strip("\"'`:") and word.strip("\"'`:") in message for word in gone):
        return True
    added = {word for word in new if _ASSIGNMENT.match(word)}
    if added == new and not gone:  # the same call with a variable more may have worked without it
        return any(_named_in(word, message) for word in added)
    changed_options = {word for word in gone | new if word.startswith("-")}
    wrapped = failed in fixed and not fixed.startswith(failed)
    return wrapped or (bool(changed_options) and len(gone | new) <= 6 and len(before & after) >= 2)


def _named_in(assignment: str, message: str) -> bool:
    """Tell whether an error line names a variable."""
    name = assignment.partition("=")[0]
    return bool(name) and name in message


def _telling_words(text: str) -> set[str]:
    words = text.split()
    kept = set()
    skip = False
    for word in words:
        if skip:
            skip = word.startswith("'") and not word.endswith("'")
            continue
        if word in _FREE_TEXT:
            skip = True
        elif not _TRIVIAL.fullmatch(word):
            kept.add(word)
    return kept


def _prepared(failure: Failure, fix: Fix) -> _Taught | None:
    if failure.tool != "Bash" or fix.edits or not resolution.is_usage(failure.message):
        return None
    failed, fixed = _main_texts(failure, fix)
    if failed != fixed or not showable(fixed):
        return None
    for line in reversed(fix.between):
        first = commands.main_text(line)
        if showable(first) and _PREPARES.match(first):
            return _Taught(
                "step",
                f"Run `{first}` before `{fixed}`: without it, it failed with “{shown(failure.message)}”.",
                first,
            )
    return None


def _configured(failure: Failure, fix: Fix) -> _Taught | None:
    if failure.tool != "Bash" or len({edit.path for edit in fix.edits}) > 2:
        return None
    for edit in fix.edits:
        if not _CONFIGURATION.search(edit.path) or edit.path in failure.message:
            continue
        removed = set(edit.removed.splitlines())
        for line in edit.added.splitlines():
            named = {word for word in re.findall(r"[\w@/-]{4,}", line) if not word.isdigit()}
            if line in removed or not any(word in failure.message for word in named):
                continue
            setting = _cut(line.strip(), 120)
            return _Taught(
                "setting",
                f"When `{failure.owner}` fails with “{shown(failure.message)}”, set `{setting}` "
                f"in `{edit.path}`.",
                f"{edit.path}: {setting}",
                (edit.path,),
            )
    return None


def shown(message: str, limit: int = 140) -> str:
    """Return an error line as it is quoted: one line, cut, without the directory a path stands in."""
    text = redact(re.sub(r"(?<![\w.])/(?:[\w.@+-]+/)+(?=[\w.@+-])", "", " ".join(message.split())))
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def _cut(text: str, limit: int) -> str:
    """Redact, then cut: half a secret is not known as one."""
    return redact(text)[:limit]


def _details(episode: Episode, instead: str) -> str:
    failure, fix = episode.failure, episode.fix
    assert fix is not None
    lines = [
        f"- Tried: `{_cut(commands.normalized(failure.command), 300)}`",
        f"- Symptom: {shown(failure.message, 300)}",
    ]
    if failure.exit_code is not None:
        hidden = ", hidden by a pipe" if failure.hidden else ""
        lines.append(f"- Exit code: {failure.exit_code}{hidden}")
    lines.append(f"- Instead: `{instead}`")
    times = "once" if episode.occurrences == 1 else f"{episode.occurrences} times"
    lines.append(f"- It failed {times} in that session and took {fix.steps} calls to get past.")
    return "\n".join(lines)
