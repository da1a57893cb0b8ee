"""The remotes of a repository, and the records that each of them holds: fetch and push of one branch."""

from __future__ import annotations

import re

from holdfast.errors import EnvironmentProblem, GitError
from holdfast.repo import chain, git
from holdfast.repo.location import Repository

SHARED = "refs/heads/holdfast"
"""The branch of records, here and at every remote."""

_COPIES = "refs/remotes/"
_QUIET = ("-c", "gc.auto=0", "-c", "maintenance.auto=false", "-c", "fetch.writeCommitGraph=false")


def names(repository: Repository) -> list[str]:
    """Return the names of this repository's remotes."""
    return repository.git("remote").decode("utf-8", "replace").split()


def tracking_ref(remote: str) -> str:
    """Return the ref under which the records of a remote are kept here."""
    return f"{_COPIES}{remote}/holdfast"


def is_tracking(ref: str) -> bool:
    """Tell whether a ref with records is the copy of a remote's."""
    return ref.startswith(_COPIES)


def name_of(ref: str) -> str:
    """Return the remote that a tracking ref belongs to."""
    return ref.removeprefix(_COPIES).removesuffix("/holdfast")


def fetch(repository: Repository, remote: str) -> str | None:
    """Fetch the records of a remote and return where they are, or None when it has none.

    Raises:
        EnvironmentProblem: The remote cannot be reached.
    """
    ref = tracking_ref(remote)
    args = [*_QUIET, "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-prune", "--refmap="]
    args += ["--recurse-submodules=no", "--", remote, f"+{SHARED}:{ref}"]
    try:
        git.run(args, cwd=repository.directory, network=True)
    except GitError as error:
        if "couldn't find remote ref" in error.stderr:
            return None
        problem = _unreachable(remote, error, "read")
        if "exists; cannot create" in error.stderr:
            problem.hint = (
                f"A copy of a branch that is gone there is in the way: `git remote prune {remote}`."
            )
        raise problem from error
    return repository.git("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}").decode().strip()


def fetch_left_out(repository: Repository, remote: str, theirs: str) -> None:
    """Fetch what a partial clone left out of the records at a tip.

    Raises:
        GitError: The remote does not give it.
    """
    # as git itself asks for promised objects (its promisor-remote.c)
    args = [*_QUIET, "-c", "fetch.negotiationAlgorithm=noop", "fetch", "--quiet", "--no-tags", "--refmap="]
    args += ["--no-write-fetch-head", "--recurse-submodules=no", "--filter=blob:none", "--stdin"]
    args += ["--", remote]
    for _ in range(2):  # folders first, where they were left out too; then what is in them
        if lacking := chain.lacking(repository, [theirs]):
            lines = "".join(f"{one}\n" for one in sorted(lacking)).encode()
            git.run(args, cwd=repository.directory, input=lines, network=True)


def push(repository: Repository, remote: str, tip: str) -> bool:
    """Push records without force; returns False when the remote moved meanwhile.

    Raises:
        EnvironmentProblem: The remote cannot be reached, or refused the push.
    """
    args = [*_QUIET, "-c", f"remote.{remote}.mirror=false", "push", "--quiet", "--porcelain", "--no-verify"]
    args += ["--no-follow-tags", "--no-signed", "--recurse-submodules=no", "--", remote, f"{tip}:{SHARED}"]
    with git.start(args, cwd=repository.directory, network=True) as process:
        out, err = process.communicate()
    if process.returncode == 0:
        return True
    words = out.decode("utf-8", "replace") + err.decode("utf-8", "replace")
    in_the_way = re.search(r"'refs/heads/(holdfast/[^']+)' exists", words)
    if in_the_way:
        raise EnvironmentProblem(
            f"The remote `{remote}` has a branch `{in_the_way[1]}`, which leaves no room for `holdfast`.",
            "Rename that branch there, then run `holdfast sync` again; your records are complete without it.",
        )
    if re.search(
        r"\[rejected\].*\((fetch first|non-fast-forward)\)|cannot lock ref|failed to update ref", words
    ):
        return False
    refusal = re.search(r"\[remote rejected\].*\((.*)\)", words)
    if refusal:
        raise EnvironmentProblem(
            f"The remote `{remote}` refused the branch `holdfast`: {refusal[1]}.",
            "Allow pushing that branch there, or keep the records here; they are complete without it.",
        )
    error = git.failure(args, process.returncode, err, repository.directory)
    raise _unreachable(remote, error, "written") if isinstance(error, GitError) else error


def _unreachable(remote: str, error: GitError, how: str) -> EnvironmentProblem:
    words = [line.rstrip(".") for line in error.stderr.splitlines() if line.strip()]
    end = next((number for number, line in enumerate(words) if line.startswith("fatal:")), len(words) - 1)
    said = ": ".join(line.removeprefix("fatal: ") for line in words[max(0, end - 1) : end + 1])
    return EnvironmentProblem(
        f"The remote `{remote}` cannot be {how}: {said}.",
        f"Try `git fetch {remote}`, which may ask you to sign in; then `holdfast sync` again. "
        "Your records are complete without it.",
    )
