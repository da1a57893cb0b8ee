"""Doctor names what an agent said of decisions, and a file that cannot be used."""

from __future__ import annotations

from holdfast.connect.diagnosis_of_symptoms import check_symptoms
from holdfast.learn import symptoms
from holdfast.learn.symptoms import Symptoms
from holdfast.repo.location import Repository


def test_what_was_said_is_counted(repository: Repository) -> None:
    assert list(check_symptoms(repository)) == []
    told = {"commit:1": Symptoms(read="a", settles=True, replaces=("b",)), "commit:2": Symptoms(read="b")}
    symptoms.add(repository, told)
    (found,) = check_symptoms(repository)
    assert (found.level, "agent: 2; decisions among them: 1; those that" in found.what) == ("ok", True)


def test_a_file_that_cannot_be_used_is_a_problem(repository: Repository) -> None:
    path = repository.ensure_state() / symptoms.FILE
    for content, said in ((b"{", "cannot be read"), (b'{"schema": 99, "documents": {}}', "newer Holdfast")):
        path.write_bytes(content)
        (found,) = check_symptoms(repository)
        assert (found.level, said in found.what) == ("problem", True)
