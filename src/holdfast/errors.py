"""Every error that Holdfast raises on purpose, as one tree.

::

    HoldfastError
    ├── UsageError            the call was wrong: bad option, unknown id
    ├── EnvironmentProblem    something outside must change: no git, no permission, disk full
    │   ├── RepositoryError   this is not a repository, or not one that can be used so
    │   └── GitError          git itself failed; carries its exit code and words
    ├── RecordsError          the records branch cannot be read or written safely
    │   ├── RecordsBusy       another writer holds the branch for too long
    │   └── NewerRecords      records were written by a newer Holdfast: read-only here
    ├── TranscriptError       a file is not a transcript that any reader knows
    ├── Untrusted             this repository has not been trusted on this machine
    └── Refused               a gate said no: which criterion, and how to mend it

Each message says what happened and where; ``hint`` says what to do next.
"""

from __future__ import annotations


class HoldfastError(Exception):
    """Say what happened and what to do next.

    Args:
        message: What happened, and where, in plain words.
        hint: The next step, preferably a command to run.
    """

    exit_code = 2

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n{self.hint}" if self.hint else self.message


class UsageError(HoldfastError):
    """Report a call that cannot mean anything: a bad option, an unknown id."""


class EnvironmentProblem(HoldfastError):
    """Report something outside Holdfast that must change first."""


class RepositoryError(EnvironmentProblem):
    """Report a directory that is not a git repository, or not a usable one."""


class GitError(EnvironmentProblem):
    """Report a failed git call, with its exit code and standard error."""

    def __init__(self, message: str, hint: str = "", *, returncode: int = 1, stderr: str = "") -> None:
        super().__init__(message, hint)
        self.returncode = returncode
        self.stderr = stderr


class RecordsError(HoldfastError):
    """Report records that cannot be read or written safely."""


class RecordsBusy(RecordsError):
    """Report that another writer held the records branch for too long."""


class NewerRecords(RecordsError):
    """Report records of a newer schema: they can be read, not added to, by this version."""


class TranscriptError(HoldfastError):
    """Report a file that no transcript reader recognises."""


class Untrusted(HoldfastError):
    """Report a repository that has not been trusted on this machine."""

    exit_code = 1


class Refused(HoldfastError):
    """Report that a gate said no, naming the criterion and how to mend it."""

    exit_code = 3
