"""The check of `holdfast doctor` that looks at what the user's agent said of decisions."""

from __future__ import annotations

from collections.abc import Iterator

from holdfast.connect.finding import Finding, ok, problem
from holdfast.learn import symptoms
from holdfast.repo.location import Repository

_NAME = "symptoms"


def check_symptoms(repository: Repository) -> Iterator[Finding]:
    """Say how many decisions are met by symptoms; silent when nobody asked an agent for any."""
    path = repository.state_dir / symptoms.FILE
    if not path.exists():
        return
    unusable = symptoms.problem(repository)
    if unusable:
        hint = "Move it away, and ask again: `holdfast ingest --symptoms`"
        yield problem(_NAME, f"{unusable} Decisions are found by their words alone.", path, hint)
        return
    kept = symptoms.read(repository).values()
    settling = sum(each.settles for each in kept)
    replaced = sum(bool(each.replaces) for each in kept)
    told = f"texts read by your agent: {len(kept):,}; decisions among them: {settling:,}"
    more = f"those that replace an earlier one: {replaced:,}; deleting the file ends their effect"
    yield ok(_NAME, f"{told}; {more}", path)
