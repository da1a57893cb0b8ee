from __future__ import annotations

from holdfast.evidence.session_facts import FirstEdit, SessionFacts
from holdfast.measure.orientation import Orientation, OrientationFile, orientation


def session(key: str, first: FirstEdit | None, edited: tuple[str, ...] = ()) -> SessionFacts:
    return SessionFacts(key=key, agent="codex", name=key, first_edit=first, edited=edited)


def test_the_medians_and_the_files_read_first_are_told() -> None:
    sessions = [
        session("a", FirstEdit(4, 1000, ("src/a.py", "/etc/hosts")), ("src/a.py",)),
        session("b", FirstEdit(9, 15_000, ("src/a.py", "README.md")), ("src/b.py",)),
        session("c", FirstEdit(30, 90_000, ("src/a.py", "README.md"))),
        session("d", None),
    ]
    assert orientation(sessions) == Orientation(
        sessions=3,
        median_calls=9,
        median_tokens=15_000,
        files=(OrientationFile("src/a.py", 3, 1),),
    )


def test_a_fork_counts_once_and_no_session_gives_nothing() -> None:
    one = session("a", FirstEdit(4, 1000, ("x.py",)))
    assert orientation([one, one, one]).sessions == 1
    assert orientation([]) == Orientation()
