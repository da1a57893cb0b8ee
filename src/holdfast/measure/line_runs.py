"""What became of a line's command in each session: did it work at once, and if not, what then worked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

import msgspec

from holdfast.evidence.episodes import Episode
from holdfast.evidence.session_facts import CommandRun, SessionFacts
from holdfast.hook import commands
from holdfast.measure.call_faults import CallFault, call_fault, is_its_work, passes_by_itself
from holdfast.measure.following import behind_runner, follows, words_of
from holdfast.measure.line_cures import Cure, cure_of, fitting, folder_of

_Words = tuple[str, ...]
_PURPOSES = (
    (
        "test",
        re.compile(
            r"(?:^|[\s:_/-])(?:tests?|pytest|jest|vitest|rspec|mocha|nextest|gotestsum|phpunit|tox|nox)\b"
        ),
    ),
    ("lint", re.compile(r"\b(?:lint|eslint|ruff|clippy|golangci-lint|biome|rubocop|flake8|pylint)\b")),
    ("format", re.compile(r"\b(?:fmt|format|prettier|black|gofmt|rustfmt|goimports)\b")),
    ("types", re.compile(r"\b(?:type-?check|types|tsc|mypy|pyright)\b")),
    ("build", re.compile(r"\b(?:build|compile|bundle)\b")),
    ("install", re.compile(r"\b(?:install|ci|sync|setup|bootstrap)\b")),
    ("serve", re.compile(r"\b(?:dev|serve|start|server|runserver)\b")),
    ("generate", re.compile(r"\b(?:gen|generate|codegen)\b")),
    ("migrate", re.compile(r"\bmigrat\w*\b")),
)
_KINDS = re.compile(r"(?<![a-z])(?:integration|e2e|unit|smoke|acceptance|canary|fix|watch|coverage)(?![a-z])")
_FINDINGS = frozenset(["lint", "format"])
"""Purposes whose commands fail on what they find, and which another call of the same tool then mends."""
_HISTORY = frozenset("git gh glab hg jj".split())
"""Programs that fail on the state of the history, not on how they are called."""
_VERSION = re.compile(r"[\d.]+$")
_ALIKE = 0.6


class SessionRuns(msgspec.Struct):
    """One session's runs in order, by their program, and the episode of each that failed.

    What ``npx`` and the like run stands under its own program too.
    """

    facts: SessionFacts
    runs: list[CommandRun]
    episodes: dict[tuple[int, str], Episode]
    by_program: dict[str, list[CommandRun]]


Ordered = list[SessionRuns]


class Trial(msgspec.Struct, kw_only=True):
    """What became of a line's command in one session.

    Attributes:
        worked: It succeeded at least once; ``worked_at_once`` the first time.
        blames: The first failure blames the call or its set-up.
        sure: That it is the line's fault needs no second session that says the same.
        passed_by: It never worked, and another command for the same purpose then did; ``at_once`` without
            anything but commands in between.
        named: The word that the error line names.
        signature: What is the same in two failures of one cause; empty when it says too little.
        failed: The runs that failed so.
        seconds, tokens: From failure to success, at most.
    """

    session: str
    worked: bool
    worked_at_once: bool
    blames: bool = False
    sure: bool = False
    passed_by: bool = False
    at_once: bool = False
    named: str = ""
    signature: str = ""
    message: str = ""
    failed: list[CommandRun] = []
    cure: Cure | None = None
    seconds: int = 0
    tokens: int = 0


def ordered(sessions: Sequence[SessionFacts]) -> Ordered:
    """Return the sessions by time, each with its runs; what a fork's log only copies stands once."""
    seen: set[tuple[int, str]] = set()
    found = []
    for session in sorted(sessions, key=lambda one: (one.started or 0.0, one.name)):
        runs = []
        for run in session.runs:
            key = run.call, run.text
            if not (run.call and key in seen):
                seen.add(key)
                runs.append(run)
        if runs or session.edited:
            found.append(SessionRuns(session, runs, _episodes(session, runs), _by_program(runs)))
    return found


def since(known: Ordered, start: float | None) -> Ordered:
    """Return the sessions that began at a time or later, and those whose time is not known."""
    if start is None:
        return known
    return [one for one in known if one.facts.started is None or one.facts.started >= start]


def _by_program(runs: list[CommandRun]) -> dict[str, list[CommandRun]]:
    found: dict[str, list[CommandRun]] = {}
    for run in runs:
        words = words_of(run.text)
        for program in {word for form in (words, behind_runner(words)) for word in form[:1]}:
            found.setdefault(program, []).append(run)
    return found


def _episodes(session: SessionFacts, runs: list[CommandRun]) -> dict[tuple[int, str], Episode]:
    """Return the episode of each failed run: the one that it began, else one that it repeats."""
    begun: dict[int, list[Episode]] = {}
    for call, episode in zip(session.failed_calls, session.episodes, strict=False):
        begun.setdefault(call, []).append(episode)
    left = {id(episode): episode.occurrences - 1 for episode in session.episodes}
    found: dict[tuple[int, str], Episode] = {}
    for run in runs:
        if run.status != "failed":
            continue
        mine = [episode for episode in begun.get(run.call, []) if run.call]
        if not mine:
            mine = [
                episode
                for episode in session.episodes
                if episode.failure.owner == run.family
                and left[id(episode)] > 0
                and episode.failure.line <= run.line
                and (episode.fix is None or episode.fix.line >= run.line)
            ][-1:]
            for episode in mine:
                left[id(episode)] -= 1
        if mine:
            found[run.step, run.text] = mine[0]
    return found


def trials(
    session: SessionRuns, mine: list[CommandRun], words: _Words, command: str, folder: str
) -> Trial | None:
    """Return what became of a line's command in a session; None when nothing can be said.

    Args:
        session: The session.
        mine: The runs that follow the line, in order.
        words: The words of the line's command.
        command: The line's whole command, which may change folder first.
        folder: The folder that its code block changed to.
    """
    root = session.facts.root
    wanted = folder_of(command, root) or folder.removeprefix("./").rstrip("/")
    tried = [run for run in mine if run.status != "rejected" and _in_folder(session, run, wanted)]
    tried = [run for run in tried if not passes_by_itself(_message(session, run))]
    if not tried:
        return None
    trial = Trial(
        session=session.facts.name,
        worked=any(run.status == "ok" for run in tried),
        worked_at_once=tried[0].status == "ok",
    )
    if not trial.worked_at_once:
        _judge(trial, session, tried, words)
    return trial


def _in_folder(session: SessionRuns, run: CommandRun, wanted: str) -> bool:
    """Tell whether a run was where the line says; what succeeded is taken to have been."""
    episode = session.episodes.get((run.step, run.text))
    return episode is None or folder_of(episode.failure.command, session.facts.root) == wanted


def _message(session: SessionRuns, run: CommandRun) -> str:
    episode = session.episodes.get((run.step, run.text))
    return episode.failure.message if episode is not None else ""


def _judge(trial: Trial, session: SessionRuns, tried: list[CommandRun], words: _Words) -> None:
    first = tried[0]
    episode = session.episodes.get((first.step, first.text))
    if episode is None:
        return
    run_words = words_of(first.text)
    trial.message = episode.failure.message
    telling = not episode.failure.generic and not is_its_work(trial.message)
    trial.signature = episode.failure.specific if telling else ""
    fault = call_fault(trial.message)
    blamed = fault is not None and _is_of_line(fault, words, run_words[len(words) :])
    trial.cure = cure_of(episode, words, run_words, session.facts.root)
    other = None if trial.cure or trial.worked else _other_way(session, first, words)
    doubtful = words[0] in _HISTORY or (purpose_of(words) or ("",))[0] in _FINDINGS
    if other is not None and not blamed and (doubtful or _is_variant(words_of(other.text), words)):
        other = None
    if other is not None:
        trial.cure = Cure(fitting(words_of(other.text), words, run_words))
    if blamed and fault is not None:
        trial.blames = not _mended_by_itself(episode, trial)
        trial.named = fault.named
        trial.sure = fault.reason != "not set up" or trial.cure is not None
        if trial.cure is None and fault.reason == "not defined":
            trial.cure = _next_of_program(session, first, words)
    elif other is not None:
        trial.passed_by = True
        trial.at_once = _only_commands_between(session, first, other)
    elif trial.cure is not None and not trial.worked and not doubtful:
        trial.passed_by = trial.at_once = True
    trial.failed = [run for run in tried if run.status == "failed"]
    if trial.blames or trial.passed_by:
        _note_cost(trial, session, episode, first, other)


def _is_of_line(fault: CallFault, words: _Words, extra: _Words) -> bool:
    """Tell whether the line's own words are to blame, not what the session added to them."""
    named = fault.named.lower()
    own = [word.lower() for word in words]
    if not named:
        return fault.reason in ("not set up", "not installed", "refused") or not extra
    in_own = any(_names(named, word) for word in own)
    if not in_own and any(_names(named, word.lower()) for word in extra):
        return False
    if fault.reason in ("no such option", "not defined"):
        return in_own
    return True


def _names(named: str, word: str) -> bool:
    if named == word or (named.startswith("-") and word.partition("=")[0] == named):
        return True
    return (
        len(named) > 2
        and not named.startswith("-")
        and (named in word or (len(word) > 2 and named.endswith("/" + word)))
    )


def _mended_by_itself(episode: Episode, trial: Trial) -> bool:
    """Tell whether the same call later worked: by an edit of the project, or without anything."""
    return trial.worked and trial.cure is None and episode.fix is not None


def _other_way(session: SessionRuns, first: CommandRun, words: _Words) -> CommandRun | None:
    """Return the next success of another command for the same purpose, as wide as the line's own."""
    purpose = purpose_of(words)
    for run in session.runs:
        if run.step <= first.step or run.status != "ok":
            continue
        other = words_of(run.text)
        if not other or follows(other, words) or _narrows(other, words):
            continue
        if (purpose and purpose_of(other) == purpose) or _alike(other, words):
            return run
    return None


def _next_of_program(session: SessionRuns, first: CommandRun, words: _Words) -> Cure | None:
    """Return what the session had the same program do instead, when it did so within a few commands."""
    later = [run for run in session.runs if run.step > first.step and not commands.only_views(run.text)]
    for run in later[:2]:
        other = words_of(run.text)
        if run.status == "ok" and other[:1] == words[:1] and not follows(other, words):
            return Cure(fitting(other, words, words))
    return None


def purpose_of(words: _Words) -> tuple[str, frozenset[str]] | None:
    """Return what a command is for (``test``, ``lint`` …) and which kind of it; None when not known."""
    text = " ".join(words[:4])
    kinds = frozenset(_KINDS.findall(text))
    return next(((name, kinds) for name, pattern in _PURPOSES if pattern.search(text)), None)


def _narrows(other: _Words, words: _Words) -> bool:
    """Tell whether a command looks at one target where the line's looks at all."""
    return other != fitting(other, words, words)


def _alike(other: _Words, words: _Words) -> bool:
    """Tell whether a command is the line's own in another spelling, of its program or of what it does."""
    one, two = " ".join(other), " ".join(words)
    if one.replace("-", " ") == two.replace("-", " "):
        return True
    if len(words) < 2 or len(other) < 2:
        return bool(_VERSION.sub("", one) == _VERSION.sub("", two))
    if other[0] != words[0]:
        return _VERSION.sub("", other[0]) == _VERSION.sub("", words[0]) and other[1:] == words[1:]
    one, two = " ".join(other[1:]), " ".join(words[1:])
    return len(two) > 3 and SequenceMatcher(None, one, two, autojunk=False).ratio() >= _ALIKE


def _is_variant(other: _Words, words: _Words) -> bool:
    """Tell whether one is the other with more said of what it does (``test`` and ``test:ci``)."""
    one, two = other[-1], words[-1]
    return one != two and (one.startswith((f"{two}:", f"{two}-")) or two.startswith((f"{one}:", f"{one}-")))


def _only_commands_between(session: SessionRuns, first: CommandRun, other: CommandRun) -> bool:
    """Tell whether nothing but commands lies between, so that no edit can have made the difference."""
    steps = {run.step for run in session.runs if first.step < run.step < other.step}
    return other.step - first.step - 1 <= len(steps)


def _note_cost(
    trial: Trial, session: SessionRuns, episode: Episode, first: CommandRun, other: CommandRun | None
) -> None:
    if episode.fix is not None:
        trial.seconds, trial.tokens = episode.fix.seconds, episode.fix.tokens
    elif other is not None and session.facts.calls:
        share = min(1.0, (other.step - first.step) / session.facts.calls)
        trial.seconds, trial.tokens = (
            round(session.facts.seconds * share),
            round(session.facts.tokens * share),
        )
