"""What is asked for by name is given; what holds no more apart, what may not be told is counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from holdfast.errors import UsageError
from holdfast.learn import write
from holdfast.learn.view import View
from holdfast.recall.items import Known
from holdfast.recall.named import Asked, Named, by_id, by_issue, by_path, by_tag, named
from holdfast.repo.location import Repository
from holdfast.repo.records import Applies
from holdfast.testing import repositories

CART = "Round prices in the cart with `Decimal`, because floats failed the totals test (#42)."


@pytest.fixture
def shop(empty: Repository) -> Iterator[View]:
    with View(empty) as view:
        applies = Applies(paths=("src/shop/",), tags=("Money",))
        write.learn_text(view, CART, applies=applies, anyway="for the test")
        write.learn_text(
            view, "Use `uv`, since `pip` failed here; see SHOP-7 for why.", anyway="for the test"
        )
        yield view


def texts(found: Named) -> list[str]:
    return [item.text for item in found.items]


def test_an_id_names_one_item(shop: View) -> None:
    document = shop.learnings()[0]
    assert texts(by_id(Known(shop), document.id[:6])) == [document.text]
    with pytest.raises(UsageError):
        by_id(Known(shop), "zzzz")


def test_a_commit_is_named_as_it_was_shown(shop: View) -> None:
    assert shop.repository.root is not None
    repositories.run_git(
        shop.repository.directory, "commit", "--allow-empty", "-q", "-m", "Keep carts for 30 days"
    )
    sha = repositories.run_git(shop.repository.directory, "rev-parse", "HEAD").strip()
    shop.refresh()
    assert texts(by_id(Known(shop), f"commit:{sha[:12]}")) == ["Keep carts for 30 days"]
    with pytest.raises(UsageError):
        by_id(Known(shop), "commit:ffff")


def test_what_stands_in_a_file_is_meant_too(shop: View) -> None:
    assert shop.repository.root is not None
    (shop.repository.root / "decisions.md").write_text("# Decisions\n\n- Carts live for 30 days.\n")
    shop.refresh()
    assert texts(by_path(Known(shop), "decisions.md")) == ["Carts live for 30 days."]


@pytest.mark.parametrize("path", ["src/shop/cart.py", "./src/shop/deep/down.py", "src/shop/"])
def test_a_file_is_meant_by_the_folders_it_lies_in(shop: View, path: str) -> None:
    assert texts(by_path(Known(shop), path)) == [CART]


@pytest.mark.parametrize("path", ["src/shopping/cart.py", "src", "", "/", "../src/shop/x"])
def test_another_folder_is_not_meant(shop: View, path: str) -> None:
    assert texts(by_path(Known(shop), path)) == []


def test_a_tag_is_told_from_a_word_of_the_text(shop: View) -> None:
    assert texts(by_tag(Known(shop), "money")) == [CART]
    assert texts(by_tag(Known(shop), "cart")) == []


@pytest.mark.parametrize("issue", ["42", "#42"])
def test_a_number_names_an_issue_only_where_it_stands_as_one(shop: View, issue: str) -> None:
    write.learn_text(shop, "Wait 42 seconds for the broker, since it fails earlier.", anyway="for the test")
    assert texts(by_issue(Known(shop), issue)) == [CART]


def test_the_key_of_an_issue_is_found_whole(shop: View) -> None:
    assert len(by_issue(Known(shop), "shop-7").items) == 1
    assert by_issue(Known(shop), "SHOP-77").items == []


def test_what_holds_no_more_is_given_apart(shop: View) -> None:
    (kept,) = by_tag(Known(shop), "Money").items
    write.retire(shop, kept.id, "moved")
    found = by_tag(Known(shop), "Money")
    assert (found.items, [item.text for item in found.withheld]) == ([], [CART])


def test_what_a_stranger_recorded_is_counted_and_left_to_recall(
    shop: View, tmp_path: Path, fetch_records: Callable[..., None]
) -> None:
    other = repositories.make_repository(tmp_path / "other")
    other.git("config", "user.email", "someone-else@example.invalid")
    fetch_records(other, shop.repository)
    with View(other) as view:
        found = by_tag(Known(view), "Money")
    assert (found.items, found.left_out) == ([], 1)


def test_names_are_answered_in_their_order(shop: View) -> None:
    asked = Asked(tags=("Money",), paths=("src/shop/cart.py",), issues=("42", "9"))
    assert [found.name for found in named(Known(shop), asked)] == [
        "path src/shop/cart.py", "tag Money", "issue 42", "issue 9",
    ]  # fmt: skip
