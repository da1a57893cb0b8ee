"""The few git calls: the one place in Holdfast that starts git.

Every call is a list of arguments without a shell, in an environment of its own:

- variables that point git at another repository (``git rev-parse --local-env-vars``, set for
  instance inside a hook) are removed. Configuration given by ``git -c`` or ``GIT_CONFIG_COUNT`` is
  kept, as git itself keeps it for submodules: credentials and ``safe.directory`` arrive by it;
- no hook of the user runs (``core.hooksPath``), no file-system monitor is started, nothing prompts,
  nothing opens an editor or a pager, no optional lock is taken on the user's index;
- nothing is fetched or sent but by a call that says ``network``: in a partial clone git would fetch what
  it lacks whenever it reads, by whatever program the repository's own settings name;
- messages are in English, because failures are told apart by them.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from holdfast.errors import EnvironmentProblem, GitError, RepositoryError
from holdfast.hook.patterns import regex

_REDIRECTING = (
    # git rev-parse --local-env-vars, without the two that only carry configuration
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_CONFIG",
    "GIT_OBJECT_DIRECTORY",
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_GRAFT_FILE",
    "GIT_INDEX_FILE",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_REPLACE_REF_BASE",
    "GIT_PREFIX",
    "GIT_INTERNAL_SUPER_PREFIX",
    "GIT_SHALLOW_FILE",
    "GIT_COMMON_DIR",
    # set for hooks and for servers; each changes which refs or objects are written
    "GIT_NAMESPACE",
    "GIT_QUARANTINE_PATH",
    "GIT_REFLOG_ACTION",
    # each would change what the calls here print or match
    "GIT_LITERAL_PATHSPECS",
    "GIT_GLOB_PATHSPECS",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_ICASE_PATHSPECS",
    "GIT_EXTERNAL_DIFF",
    "GIT_DIFF_OPTS",
    "GIT_AUTHOR_DATE",
    "GIT_COMMITTER_DATE",
)

_FIXED = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_EDITOR": "false",
    "GIT_SEQUENCE_EDITOR": "false",
    "GIT_PAGER": "cat",
    "GIT_MERGE_AUTOEDIT": "no",
    "LC_ALL": "C",
    "LANGUAGE": "C",
}

_OFFLINE = {
    "GIT_NO_LAZY_FETCH": "1",  # since git 2.45; the next one holds for every git
    "GIT_ALLOW_PROTOCOL": "",
}

_OPTIONS = (
    "--no-pager",
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "log.showSignature=false",
    "-c",
    "color.ui=false",
)

_DISK_PROBLEMS = (
    (
        ("No space left on device", "Disk quota exceeded"),
        "the disk is full",
        "Free some space and try again.",
    ),
    (
        ("Read-only file system",),
        "the file system is read-only",
        "Make it writable, or work in a copy of the repository that is.",
    ),
    (
        ("Permission denied", "insufficient permission", "Operation not permitted"),
        "this user may not write there",
        "Give this user write access to the repository's git directory and try again.",
    ),
    (("File too large",), "a limit on file size was reached", "Raise the limit (`ulimit -f`) and try again."),
)

_ELSEWHERE = regex(r"^remote:|Permission denied(?: \(|, please)")
"""What a remote says of itself, and what ssh says of a key or password: no disk of this machine."""

_LEFT_OUT = ("lazy fetching disabled", "from promisor remote")


def environment(extra: Mapping[str, str] | None = None, *, network: bool = False) -> dict[str, str]:
    """Return the environment that git is called with, ``extra`` laid over it."""
    kept = {name: value for name, value in os.environ.items() if name not in _REDIRECTING}
    return {**kept, **_FIXED, **({} if network else _OFFLINE), **(extra or {})}


def run(
    args: Sequence[str],
    *,
    cwd: Path | str,
    input: bytes | IO[bytes] | None = None,  # noqa: A002 - the name subprocess uses
    check: bool = True,
    env: Mapping[str, str] | None = None,
    network: bool = False,
) -> bytes:
    """Run git once and return its standard output.

    Args:
        args: Arguments after ``git``.
        cwd: Directory to run in: decides the repository.
        input: Bytes for standard input, or an open file for it; nothing by default.
        check: Raise when git exits other than 0; otherwise return what it printed.
        env: Variables laid over the environment.
        network: Let it reach a remote.

    Raises:
        GitError: git failed; carries its exit code and standard error.
        RepositoryError: git refuses this repository; the hint quotes its own next step.
        EnvironmentProblem: git is not installed, or the disk is full or read-only.
    """
    with start(args, cwd=cwd, stdin=input, env=env, network=network) as process:
        out, err = process.communicate(input if isinstance(input, bytes) else None)
    if check and process.returncode != 0:
        raise failure(args, process.returncode, err, cwd)
    return out


def succeeds(args: Sequence[str], *, cwd: Path | str) -> bool:
    """Run git for its answer alone: exit 0 is yes, 1 is no.

    Raises:
        GitError: git exited otherwise, so there is no answer.
    """
    with start(args, cwd=cwd) as process:
        _, err = process.communicate()
    if process.returncode not in (0, 1):
        raise failure(args, process.returncode, err, cwd)
    return process.returncode == 0


@contextmanager
def stream(
    args: Sequence[str],
    *,
    cwd: Path | str,
    input: bytes = b"",  # noqa: A002 - the name subprocess uses
) -> Iterator[IO[bytes]]:
    """Run git and give its standard output to read while it runs, to its end.

    Input and messages go through temporary files, so neither side can block the other however much
    is written. Leaving the block waits for git, and raises as `run` does when it failed; leaving it
    by an exception stops git and lets the exception pass.
    """
    import tempfile  # slow to import, and rarely needed

    with tempfile.TemporaryFile() as source, tempfile.TemporaryFile() as messages:
        source.write(input)
        source.seek(0)
        with start(args, cwd=cwd, stdin=source, stderr=messages) as process:
            assert process.stdout is not None
            try:
                yield process.stdout
            finally:
                process.stdout.close()
                code = process.wait()
        messages.seek(0)
        if code != 0:
            raise failure(args, code, messages.read(), cwd)


def start(
    args: Sequence[str],
    *,
    cwd: Path | str,
    stdin: bytes | IO[bytes] | None = None,
    stderr: int | IO[bytes] = subprocess.PIPE,
    env: Mapping[str, str] | None = None,
    pass_fds: Sequence[int] = (),
    network: bool = False,
) -> subprocess.Popen[bytes]:
    """Start git and return the process; bytes for ``stdin`` mean that the caller will write them.

    It inherits ``pass_fds``, to hold a lock while it lives.

    Raises:
        RepositoryError: The directory is not there or may not be entered.
        EnvironmentProblem: git is not installed.
    """
    source: int | IO[bytes]
    if stdin is None:
        source = subprocess.DEVNULL
    elif isinstance(stdin, bytes):
        source = subprocess.PIPE
    else:
        source = stdin
    try:
        return subprocess.Popen(
            ["git", *_OPTIONS, *args],
            cwd=cwd,
            stdin=source,
            stdout=subprocess.PIPE,
            stderr=stderr,
            env=environment(env, network=network),
            pass_fds=tuple(pass_fds),
        )
    except FileNotFoundError as error:
        if not Path(cwd).is_dir():
            raise RepositoryError(f"There is no directory {cwd}.", "Check the path.") from error
        raise EnvironmentProblem(
            "git is not installed, or not on PATH.",
            "Install it: `apt install git`, `dnf install git`, `brew install git`, or https://git-scm.com.",
        ) from error
    except NotADirectoryError as error:
        raise RepositoryError(f"{cwd} is not a directory.", "Give the directory of a repository.") from error
    except PermissionError as error:
        raise RepositoryError(f"This user may not enter {cwd}.", "Ask its owner for access.") from error


def read_object(out: IO[bytes]) -> bytes | None:
    """Read one answer of ``cat-file --batch``; None for an object that is missing."""
    header = out.readline().split()
    if len(header) != 3 or not header[2].isdigit():
        return None
    data = out.read(int(header[2]))
    out.read(1)
    return data


def failure(args: Sequence[str], returncode: int, stderr: bytes, cwd: Path | str) -> EnvironmentProblem:
    """Return the error that says why git failed, and what to do next."""
    words = stderr.decode("utf-8", "replace").strip()
    if "detected dubious ownership" in words:
        steps = [line.strip() for line in words.splitlines() if "safe.directory" in line]
        return RepositoryError(
            f"git refuses to use the repository at {cwd}: it belongs to another user.",
            f"If you trust it, run: {steps[0]}" if steps else words,
        )
    if returncode == -signal.SIGXFSZ:
        words = "File too large"
    here = "\n".join(line for line in words.splitlines() if not _ELSEWHERE.search(line))
    for signs, reason, hint in _DISK_PROBLEMS:
        if any(sign in here for sign in signs):
            return EnvironmentProblem(f"git could not write in {cwd}: {reason} ({_last_line(here)}).", hint)
    named = next((word for word in args if not word.startswith("-") and "=" not in word), "")
    hint = "Run `git fsck` there if this repeats; nothing was changed by the failed call."
    if any(sign in words for sign in _LEFT_OUT):
        hint = "This partial clone left out what was asked for. Get the records: `holdfast sync`."
    return GitError(
        f"`git {named}` failed in {cwd} (exit {returncode}): {words or 'it said nothing'}",
        hint,
        returncode=returncode,
        stderr=words,
    )


def disk_problem(error: OSError, what: str) -> EnvironmentProblem:
    """Return the error for a file of ours that could not be written, in the words of `run`."""
    words = error.strerror or str(error)
    for signs, reason, hint in _DISK_PROBLEMS:
        if any(sign in words for sign in signs):
            return EnvironmentProblem(f"{what}: {reason}.", hint)
    return EnvironmentProblem(
        f"{what}: {words}.", "Look at the path named here: Holdfast needs to write there."
    )


def _last_line(words: str) -> str:
    lines = [line for line in words.splitlines() if line.strip()]
    return lines[-1].strip() if lines else "no message"
