"""The symptoms of decisions as documents, each named after the document that it belongs to.

They are asked for by name and stand in no list of what is known. The file is small and seldom changes, so a
change of it is read whole.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from holdfast.index.documents import Document
from holdfast.learn import symptoms
from holdfast.learn.sources import Budget, Filled
from holdfast.repo.location import Repository

SYMPTOMS = "symptoms"
NOTHING = "nothing"
"""The kind of those of a document in which the agent found no decision; they hold no words."""
REPLACED = "replaced by "
"""How the state of one begins that no longer holds; the digests of what took its place follow."""
_STAMP = "stamp"


class Symptoms:
    """Give the index the symptoms that are kept on this machine."""

    name = SYMPTOMS

    def changes(self, repository: Repository, held: Mapping[str, str], budget: Budget) -> Filled:  # noqa: ARG002
        """Return all of them when their file is another one than when ``held`` was kept."""
        try:
            status = (repository.state_dir / symptoms.FILE).stat()
            stamp: str | None = f"{status.st_mtime_ns}:{status.st_size}:{status.st_ino}"
        except OSError:
            stamp = None
        if stamp == held.get(_STAMP):
            return Filled()
        kept = symptoms.read(repository) if stamp else {}
        replaced: dict[str, list[str]] = defaultdict(list)
        for found in kept.values():
            for digest in found.replaces:
                replaced[digest].append(found.read)
        add = [_document(name, found, replaced.get(found.read, ())) for name, found in kept.items()]
        return Filled(add=add, state={_STAMP: stamp}, anew=bool(held))


def was_compared(found: Document) -> bool:
    """Tell whether what these symptoms belong to was compared with earlier decisions."""
    return found.evidence > 0


def _document(name: str, found: symptoms.Symptoms, by: Sequence[str]) -> Document:
    state = REPLACED + " ".join(sorted(set(by))) if by else ""
    return Document(
        id=f"{SYMPTOMS}:{name}",
        source=SYMPTOMS,
        kind=SYMPTOMS if found.settles else NOTHING,
        title="",
        text="\n".join(found.met),
        trusted=False,
        state=state,
        digest=found.read,
        evidence=int(found.compared),
    )
