"""Whether a command that a session ran is one that an instruction line names."""

from __future__ import annotations

from functools import lru_cache

from holdfast.learn.instruction_commands import PLACE, assignments, parts

_RUNNERS = frozenset("npm pnpm yarn".split())
_SCRIPTS_BY_NAME = frozenset("test start stop restart".split())
_ALIASES = {("npm", "t"): "test", ("npm", "tst"): "test", ("npm", "i"): "install", ("pnpm", "i"): "install"}
_SETTING_UP = frozenset(
    "cd export source . set unset echo printf pushd popd eval mkdir rm cp mv touch ln chmod true".split()
)
_BEHIND_RUNNER = frozenset(
    [("npx",), ("bunx",), ("pnpx",), ("pnpm", "exec"), ("pnpm", "dlx"), ("yarn", "dlx")]
)
_OF_PROGRAM = {
    ("git commit", "--no-verify"): "-n",
    ("git add", "--all"): "-A",
    ("git push", "--force"): "-f",
    ("git clean", "--force"): "-f",
    ("git checkout", "--force"): "-f",
    ("npm install", "--global"): "-g",
    ("npm install", "--save-dev"): "-D",
}
"""Long options and the short ones that mean the same, by command."""


@lru_cache(maxsize=8192)
def words_of(text: str) -> tuple[str, ...]:
    """Return the words of the command that a run is, in the one form in which commands are compared."""
    return folded(next(iter(parts(text)), []))


def folded(words: list[str]) -> tuple[str, ...]:
    """Return words in the one form in which commands are compared (``npm test`` is ``npm run test``)."""
    found = list(words)
    if len(found) > 1 and found[0] in _RUNNERS:
        found[1] = _ALIASES.get((found[0], found[1]), found[1])
        if found[1] in ("run", "run-script") and len(found) > 2 and not found[2].startswith("-"):
            if found[0] != "npm" or found[2] in _SCRIPTS_BY_NAME:
                del found[1]
            else:
                found[1] = "run"
    return tuple(found)


def asked(command: str) -> list[tuple[str, ...]]:
    """Return the words of each command that a line tells to run, up to the first that stands for others.

    Set-up such as ``cd`` is left out, and so is what says too little once its places are taken away.
    """
    found = []
    for words in parts(command):
        whole = folded(words)
        fixed = whole[: whole.index(PLACE)] if PLACE in whole else whole
        fixed = tuple(word for word in fixed if PLACE not in word)
        if fixed and fixed[0] not in _SETTING_UP and (len(fixed) > 1 or fixed == whole):
            found.append(fixed)
    return found


def follows(run: tuple[str, ...], command: tuple[str, ...]) -> bool:
    """Tell whether a run is the command, with or without further arguments."""
    return run[: len(command)] == command


def sets_more(run_text: str, command: str) -> bool:
    """Tell whether a run sets a variable that the line's command does not set."""
    return bool(assignments(run_text) - assignments(command))


def breaks(run: tuple[str, ...], forbidden: tuple[str, ...], *, program: str = "") -> bool:
    """Tell whether a run is what a line forbids.

    The words that are no options must begin the run in this order; the options may stand anywhere.

    Args:
        run: The words of the run.
        forbidden: The words that the line forbids; options alone when only those are forbidden.
        program: The command that an option alone belongs to, such as ``git commit``.
    """
    plain = [word for word in forbidden if not word.startswith("-")]
    options = [word for word in forbidden if word.startswith("-") and word != "--"]
    wanted = program.split() if program and not plain else plain
    if not wanted:
        return False
    ran = [word for word in run if not word.startswith("-")]
    given = [word for word in _until_text(run) if word.startswith("-")]
    named = " ".join(ran[:2])
    return ran[: len(wanted)] == wanted and all(_has(given, option, named) for option in options)


def behind_runner(run: tuple[str, ...]) -> tuple[str, ...]:
    """Return what ``npx`` and the like run, without its version; the words themselves when nothing does."""
    for runner in _BEHIND_RUNNER:
        if run[: len(runner)] == runner:
            rest = list(run[len(runner) :])
            while rest and rest[0].startswith("-"):
                rest.pop(0)
            if rest and "@" in rest[0][1:]:
                rest[0] = rest[0][0] + rest[0][1:].partition("@")[0]
            return tuple(rest)
    return run


def _until_text(run: tuple[str, ...]) -> list[str]:
    """Return the words that may be options: not the text behind ``-m``, nor what stands behind ``--``."""
    found: list[str] = []
    skip = False
    for word in run:
        if word == "--":
            break
        if not skip:
            found.append(word)
        skip = word in ("-m", "--message", "--body", "--title", "-e", "-c", "--grep")
    return found


def _has(given: list[str], option: str, named: str) -> bool:
    if option in given:
        return True
    if option.startswith("--"):
        if any(word.partition("=")[0] == option for word in given):
            return True
        short = _OF_PROGRAM.get((named, option))
        return short is not None and any(_bundles(word, short) for word in given)
    long = next((long for (of, long), short in _OF_PROGRAM.items() if of == named and short == option), None)
    return (long is not None and long in given) or any(_bundles(word, option) for word in given)


def _bundles(word: str, short: str) -> bool:
    """Tell whether ``-rf`` holds ``-f``, or ``-fr`` both of ``-rf``."""
    if word.startswith("--") or not short[1:].isalpha() or not word[1:].isalpha():
        return word == short
    return set(short[1:]) <= set(word[1:]) and len(word) <= 5
