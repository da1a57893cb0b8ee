"""What became of a line's command in each session: did it work at once, and if not, what then worked."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from holdfast.evidence.episodes import Episode
from holdfast.evidence.session_facts import CommandRun, SessionFacts
from holdfast.measure.call_faults import CallFault, call_fault, is_its_work, passes_by_itself
from holdfast.measure.following import behind_runner, words_of
from holdfast.measure.line_cures import Cure, cure_of, fitting, folder_of, within
from holdfast.measure.other_ways import (
    does_the_same,
    fails_by_nature,
    next_of_program,
    only_commands_between,
    other_way,
)

_Words = tuple[str, ...]


_MANIFESTS = frozenset("package.json cargo.toml go.mod pyproject.toml gemfile manage.py makefile".split())
"""Files whose absence tells of the wrong folder; that of any other may be what a test found."""


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
    """Tell whether a run was where the line says."""
    return within(run.folder, session.facts.root) == wanted


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
    other = None
    if blamed and fault is not None:
        if trial.cure is None and not trial.worked:
            other = other_way(session.runs, first, words)
        trial.named = fault.named
        trial.cure = trial.cure or _cured_by(other, session, first, words, fault)
        trial.blames = not (trial.worked and trial.cure is None and episode.fix is not None)
        trial.sure = fault.reason != "not set up" or trial.cure is not None
    elif not trial.worked and not fails_by_nature(words):
        other = _pass_by(trial, session, first, words)
    trial.failed = [run for run in tried if run.status == "failed"]
    if trial.blames or trial.passed_by:
        _note_cost(trial, session, episode, first, other)


def _cured_by(
    other: CommandRun | None, session: SessionRuns, first: CommandRun, words: _Words, fault: CallFault
) -> Cure | None:
    if other is not None:
        return Cure(fitting(words_of(other.text), words, words_of(first.text)))
    instead = next_of_program(session.runs, first, words) if fault.reason == "not defined" else None
    return Cure(instead) if instead else None


def _pass_by(trial: Trial, session: SessionRuns, first: CommandRun, words: _Words) -> CommandRun | None:
    """Note that the session got on in another way; return the run that did so, when it is another command."""
    finding = is_its_work(trial.message)
    if not finding and not trial.signature:
        trial.cure = None
        return None
    if trial.cure is not None:
        asked_otherwise = bool(trial.cure.words)
        same = asked_otherwise and does_the_same(trial.cure.words, words, finding=finding)
        trial.passed_by = trial.at_once = same or (not asked_otherwise and not finding)
        if not trial.passed_by:
            trial.cure = None
        return None
    other = other_way(session.runs, first, words, finding=finding)
    if other is not None:
        trial.cure = Cure(fitting(words_of(other.text), words, words_of(first.text)))
        trial.passed_by = True
        trial.at_once = only_commands_between(session.runs, first, other)
    return other


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
    return fault.reason != "wrong folder" or in_own or named.rsplit("/", 1)[-1] in _MANIFESTS


def _names(named: str, word: str) -> bool:
    if named == word or (named.startswith("-") and word.partition("=")[0] == named):
        return True
    return (
        len(named) > 2
        and not named.startswith("-")
        and (named in word or (len(word) > 2 and named.endswith("/" + word)))
    )


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
