"""What is held out is a pure function of the unit, close to the share that was chosen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.hook.assignment import HIGHEST, SURFACES, is_held_out

TEXT = st.text(max_size=30)


@given(TEXT, TEXT, TEXT, st.floats(0, 1), st.floats(0, 1))
def test_what_is_held_out_at_a_share_is_at_every_higher_one(
    seed: str, session: str, family: str, one: float, other: float
) -> None:
    low, high = sorted((one, other))
    if is_held_out(seed, session, family, "start", low):
        assert is_held_out(seed, session, family, "start", high)


@pytest.mark.parametrize("surface", ["failure", "prompt", "guard", "meter", "", "stated"])
def test_only_hazards_at_a_start_and_warnings_are_ever_held_out(surface: str) -> None:
    assert not any(is_held_out("s", str(number), "f", surface, 1.0) for number in range(200))


@pytest.mark.parametrize("share", [0.0, -1.0, float("nan")])
def test_nothing_is_held_out_without_a_share(share: float) -> None:
    assert not any(is_held_out("s", str(number), "f", "start", share) for number in range(200))


@pytest.mark.parametrize(("share", "expected"), [(0.1, 0.1), (0.3, 0.3), (1.0, HIGHEST)])
@pytest.mark.parametrize("surface", SURFACES)
def test_the_share_is_kept(surface: str, share: float, expected: float) -> None:
    drawn = [is_held_out("seed", str(number), "family", surface, share) for number in range(4000)]
    assert sum(drawn) / len(drawn) == pytest.approx(expected, abs=0.03)


def test_seed_session_family_and_surface_each_decide() -> None:
    def drawn(seed: str = "s", family: str = "f", surface: str = "start") -> list[bool]:
        return [is_held_out(seed, str(number), family, surface, 0.5) for number in range(100)]

    assert drawn() == drawn()
    assert (
        len({tuple(drawn()), tuple(drawn("t")), tuple(drawn(family="g")), tuple(drawn(surface="call"))}) == 4
    )
    assert len(set(drawn())) == 2
