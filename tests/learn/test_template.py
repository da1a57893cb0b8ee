"""A template asks for the sections of a kind; what is read back is what a person wrote in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.cli.learn import SECTIONS as OPTIONS
from holdfast.learn.template import SECTIONS, compose, read, template
from holdfast.repo.records import KINDS, Kind

PROSE = st.text(alphabet="abc XY.`", min_size=1, max_size=60).map(str.strip).filter(bool)


def test_the_options_give_exactly_the_sections() -> None:
    assert [(name, kind) for name, kind, _ in OPTIONS] == [
        (section.option, kind) for kind, sections in SECTIONS.items() for section in sections
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_an_untouched_template_says_nothing(kind: Kind) -> None:
    assert read(template(kind), kind) == ""


@given(st.sampled_from(sorted(SECTIONS)), PROSE, st.data())
def test_what_is_filled_in_is_read_as_the_options_would_give_it(
    kind: Kind, lead: str, data: st.DataObject
) -> None:
    names = [section.option for section in SECTIONS[kind]]
    filled = data.draw(st.dictionaries(st.sampled_from(names), PROSE))
    assert read(template(kind, lead, filled), kind) == compose(kind, lead, filled)


@given(st.dictionaries(st.sampled_from([section.option for section in SECTIONS["failure"]]), PROSE))
def test_what_stands_behind_a_comment_on_its_line_is_kept(filled: dict[str, str]) -> None:
    typed = template("failure", "Use X.", filled).replace("-->\n", "--> ")
    assert all(text.split() == [] or text in read(typed, "failure") for text in filled.values())


def test_sections_stand_under_details_in_the_order_of_the_kind() -> None:
    said = compose("decision", "Use X.", {"revisit": "Never.", "context": "Y."})
    assert said == "Use X.\n\n## Details\n\n### Context\n\nY.\n\n### Revisit when\n\nNever."


def test_headings_and_comments_of_a_persons_own_stay_in_their_section() -> None:
    text = "Use X.\n\n## Context\n<!-- ask -->\n\nFirst.\n\n### Numbers\n\n| a |\n\n## Consequences\n"
    assert read(text, "decision") == "Use X.\n\n## Details\n\n### Context\n\nFirst.\n\n### Numbers\n\n| a |"


def test_a_text_without_sections_is_left_as_it_is() -> None:
    assert read("Use X.\r\n\r\n# note to self\nmore", "pattern") == "Use X.\n\n# note to self\nmore"


def test_what_was_read_is_read_again_the_same() -> None:
    text = compose("failure", "Use X.", {"tried": "Y.", "instead": "X."})
    assert read(text, "failure") == text


def test_a_failure_and_a_model_find_their_first_paragraph_in_their_sections() -> None:
    filled = {"tried": "npm install.", "why_failed": "it rewrites the lock", "instead": "Use npm ci"}
    assert compose("failure", "", filled).split("\n")[0] == (
        "Use npm ci. npm install failed: it rewrites the lock."
    )
    assert compose("model", "", {"think": "A queue."}).startswith("A queue.\n")
    assert compose("decision", "", {"context": "Y."}).startswith("## Details")
