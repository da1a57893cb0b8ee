"""Find what is broken or missing, and say how to mend it: what `holdfast doctor` does.

Each check is a function that looks at one thing, changes nothing, and says what it found. A check that
cannot look says that too, so one fault never hides another.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import msgspec

from holdfast.connect import (
    diagnosis_of_capture,
    diagnosis_of_documents,
    diagnosis_of_readers,
    diagnosis_of_records,
    diagnosis_of_semantics,
    diagnosis_of_sources,
    diagnosis_of_state,
    diagnosis_of_symptoms,
    diagnosis_of_wiring,
)
from holdfast.connect.finding import Finding, note, ok, problem
from holdfast.errors import HoldfastError
from holdfast.repo import git, writing
from holdfast.repo.branch import RecordsBranch
from holdfast.repo.location import Repository

__all__ = ["Diagnosis", "Finding", "diagnose"]

OLDEST_GIT = (2, 31)
"""The oldest git that every call here works with."""


class Diagnosis(msgspec.Struct, frozen=True, kw_only=True):
    """All findings, and whether one of them is a problem; and what was mended before, in sentences."""

    healthy: bool
    findings: tuple[Finding, ...]
    mended: tuple[str, ...] = ()


_Check = Callable[[Repository], Iterable[Finding]]


def diagnose(directory: Path | str = ".") -> Diagnosis:
    """Look at this machine, and at the repository that a directory lies in."""
    findings = [
        *_looked("git", check_git),
        *_looked("search", check_search),
        *_looked("readers", diagnosis_of_readers.check_readers),
        *_looked("transcripts kept", diagnosis_of_readers.check_retention),
    ]
    try:
        repository = Repository.find(directory)
    except HoldfastError as error:
        findings.append(problem("repository", error.message, hint=error.hint))
    else:
        for check in REPOSITORY_CHECKS:
            name = check.__name__.removeprefix("check_").replace("_", " ")
            findings += _looked(name, lambda check=check: check(repository))  # type: ignore[misc]
    findings = _without_repeats(findings)
    return Diagnosis(
        healthy=all(finding.level != "problem" for finding in findings), findings=tuple(findings)
    )


def check_git() -> Iterator[Finding]:
    """Check that git is there and new enough."""
    told = git.run(["version"], cwd=Path.cwd()).decode("utf-8", "replace").strip()
    numbers = told.removeprefix("git version ").split(".")[:2]
    version = tuple(int(number) for number in numbers if number.isdigit())
    if version < OLDEST_GIT:
        wanted = ".".join(map(str, OLDEST_GIT))
        yield problem("git", f"{told} is too old: {wanted} is the oldest that works.", hint="Upgrade git.")
    else:
        yield ok("git", told)


def check_search() -> Iterator[Finding]:
    """Check that SQLite has full-text search."""
    database = sqlite3.connect(":memory:")
    try:
        database.execute("CREATE VIRTUAL TABLE words USING fts5(text)")
    except sqlite3.OperationalError as error:
        yield problem(
            "search",
            f"SQLite {sqlite3.sqlite_version} of this Python has no full-text search ({error}).",
            hint="Use a Python whose sqlite3 has FTS5: those of python.org, Debian, Homebrew and uv do.",
        )
    else:
        yield ok("search", f"SQLite {sqlite3.sqlite_version} with full-text search")
    finally:
        database.close()


def check_identity(repository: Repository) -> Iterator[Finding]:
    """Say under which name records will be written."""
    person = RecordsBranch(repository).person()
    if person == writing.Person(*writing.NOBODY):
        yield note(
            "identity",
            f"git does not know your name, so records are signed {person.email}",
            hint='git config user.name "…" and git config user.email "…"',
        )
    else:
        yield ok("identity", f"records are signed {person.name} <{person.email}>")


def check_repository(repository: Repository) -> Iterator[Finding]:
    """Say what kind of repository this is, where that changes what can be done."""
    if repository.root is None:
        yield note(
            "repository", "a bare repository: it holds records and has no sessions", repository.git_dir
        )
    elif repository.head() is None:
        yield note("repository", "nothing is committed yet", repository.root)
    else:
        yield ok("repository", "found", repository.root)
    if repository.git("rev-parse", "--is-shallow-repository").strip() == b"true":
        yield note(
            "repository",
            "a shallow clone: commits that learnings name may be missing, and the ledger shows only in part",
            repository.directory,
            hint="git fetch --unshallow",
        )


REPOSITORY_CHECKS: tuple[_Check, ...] = (
    check_identity,
    check_repository,
    diagnosis_of_state.check_set_up,
    diagnosis_of_state.check_local_state,
    diagnosis_of_state.check_trust,
    diagnosis_of_wiring.check_agents,
    diagnosis_of_wiring.check_prompt_cost,
    diagnosis_of_state.check_settings,
    diagnosis_of_state.check_wording,
    diagnosis_of_records.check_branch,
    diagnosis_of_records.check_records,
    diagnosis_of_records.check_remotes,
    diagnosis_of_readers.check_understood,
    diagnosis_of_capture.check_capture,
    diagnosis_of_documents.check_documents,
    diagnosis_of_sources.check_sources,
    diagnosis_of_state.check_index,
    diagnosis_of_semantics.check_meaning,
    diagnosis_of_symptoms.check_symptoms,
    diagnosis_of_state.check_private_originals,
)
"""The checks of a repository, in the order they are shown."""


def _without_repeats(findings: list[Finding]) -> list[Finding]:
    """Return the findings with each said once: one fault can keep several checks from looking."""
    return list({(finding.what, finding.where): finding for finding in reversed(findings)}.values())[::-1]


def _looked(name: str, check: Callable[[], Iterable[Finding]]) -> list[Finding]:
    """Run a check; what keeps it from looking becomes a finding of its own."""
    found: list[Finding] = []
    try:
        found.extend(check())
    except HoldfastError as error:
        found.append(problem(name, error.message, hint=error.hint))
    except OSError as error:
        found.append(problem(name, f"cannot be looked at: {error}", hint="Look at the path named here."))
    return found
