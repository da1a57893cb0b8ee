"""Prove that a person chose something for a clone on this machine, beside the choice in its local state.

Local state travels with a copied or unpacked clone, so what it names may be a stranger's. The proof lies
outside the repository, where trust is kept.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec

from holdfast.errors import EnvironmentProblem
from holdfast.repo import git, trust
from holdfast.repo.location import Repository
from holdfast.repo.replacing import replace
from holdfast.repo.trust_file import TrustFile


def prove(repository: Repository, name: str, value: object) -> None:
    """Keep the proof that ``value`` was chosen under ``name`` for a clone.

    Raises:
        EnvironmentProblem: There is no place of the user's own to keep it in.
    """
    store = TrustFile()
    if problem := store.problem(repository):
        raise EnvironmentProblem(problem, store.way_out(repository))
    path = _proof(repository, name, value)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        replace(path, msgspec.json.encode(value))
    except OSError as error:
        raise git.disk_problem(error, f"Cannot write {path}") from error


def is_proven(repository: Repository, name: str, value: object) -> bool:
    """Tell whether a person chose this for this clone on this machine."""
    if TrustFile().problem(repository):
        return False
    try:
        return _proof(repository, name, value).read_bytes() == msgspec.json.encode(value)
    except OSError:
        return False


def _proof(repository: Repository, name: str, value: object) -> Path:
    named = msgspec.json.encode([trust.key(repository), value])
    return TrustFile().folder / name / hashlib.sha256(named).hexdigest()
