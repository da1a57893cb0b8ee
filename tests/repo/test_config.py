from __future__ import annotations

from pathlib import Path

import pytest

from holdfast.errors import EnvironmentProblem, UsageError
from holdfast.repo import config
from holdfast.repo.config import Settings
from holdfast.repo.location import Repository
from holdfast.repo.trust import TrustStore
from holdfast.testing.repositories import make_repository


def put(repository: Repository, text: str) -> None:
    assert repository.root is not None
    file = repository.root / ".holdfast" / "config.toml"
    file.parent.mkdir(exist_ok=True)
    file.write_text(text)


def loaded(repository: Repository, *, accept: bool = True) -> config.Loaded:
    if accept:
        TrustStore().accept(repository)
    return config.load(TrustStore().state(repository))


def test_without_a_file_the_defaults_hold(repository: Repository) -> None:
    found = loaded(repository)
    assert (found.config.brief.start_tokens, found.config.brief.prompt_tokens) == (300, 200)
    assert not found.used
    assert found.warnings == ()


def test_an_accepted_file_is_used(repository: Repository) -> None:
    put(repository, "[brief]\nstart_tokens = 120\n")
    found = loaded(repository)
    assert found.used
    assert (found.config.brief.start_tokens, found.config.brief.prompt_tokens) == (120, 200)


def test_a_file_that_is_not_trusted_is_not_used_and_says_so(repository: Repository) -> None:
    put(repository, "[brief]\nstart_tokens = 100000\n")
    found = loaded(repository, accept=False)
    assert found.config == config.Config()
    assert "not trusted" in found.warnings[0]


def test_a_broken_file_that_is_not_trusted_is_no_error(repository: Repository) -> None:
    put(repository, "[brief\n")
    assert loaded(repository, accept=False).config == config.Config()


def test_what_was_checked_is_used_not_what_stands_there_later(repository: Repository) -> None:
    put(repository, "[brief]\nstart_tokens = 120\n")
    TrustStore().accept(repository)
    state = TrustStore().state(repository)
    put(repository, "[brief]\nstart_tokens = 99999\n")
    assert config.load(state).config.brief.start_tokens == 120


def test_a_linked_file_is_never_used(repository: Repository, tmp_path: Path) -> None:
    (tmp_path / "other.toml").write_text("[brief]\nstart_tokens = 1\n")
    assert repository.root is not None
    (repository.root / ".holdfast").mkdir()
    (repository.root / ".holdfast/config.toml").symlink_to(tmp_path / "other.toml")
    found = loaded(repository)
    assert found.config == config.Config()
    assert "never read" in found.warnings[0]


def test_keys_that_nothing_reads_are_named_with_their_line() -> None:
    found, warnings = config.parse(
        '[brief]\nstart_tokens = 1\nstrat_tokens = 2\n\n[checks.test]\nrun = "x"\n'
    )
    assert found.brief.start_tokens == 1
    assert warnings == (
        ".holdfast/config.toml, line 3: nothing in this version reads `brief.strat_tokens`.",
        ".holdfast/config.toml, line 5: nothing in this version reads `checks`.",
    )


def test_a_syntax_error_names_its_line() -> None:
    with pytest.raises(EnvironmentProblem, match=r"config\.toml is not readable TOML: .*line 2"):
        config.parse("[brief]\nstart_tokens = \n")


@pytest.mark.parametrize("value", ['"many"', "-1", "1.5", "true", "1_000_000"])
def test_a_value_of_the_wrong_kind_names_key_and_line(value: str) -> None:
    with pytest.raises(EnvironmentProblem, match=r"line 3: `brief\.start_tokens`"):
        config.parse(f"[brief]\n# a comment\nstart_tokens = {value}\n")


@pytest.mark.parametrize("text", ["a." * 20_000 + "a = 1", "x = " + "[" * 30_000, "x = " + "9" * 6000])
def test_a_hostile_file_is_an_error_in_bounded_time(text: str) -> None:
    with pytest.raises(EnvironmentProblem):
        config.parse(text)


def test_the_commented_template_is_valid_and_changes_nothing() -> None:
    assert config.parse(config.TEMPLATE) == (config.Config(), ())
    uncommented = config.TEMPLATE.replace("# start_tokens", "start_tokens").replace("# prompt_", "prompt_")
    assert config.parse(uncommented) == (config.Config(), ())


def test_the_template_replaces_nothing(repository: Repository) -> None:
    assert config.write_template(repository)
    put(repository, "mine = 1\n")
    assert not config.write_template(repository)
    assert repository.root is not None
    assert (repository.root / ".holdfast/config.toml").read_text() == "mine = 1\n"


def test_a_bare_repository_has_no_place_for_the_template(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="bare"):
        config.write_template(make_repository(tmp_path / "bare.git", bare=True))


def test_the_mode_is_none_until_it_is_chosen(repository: Repository) -> None:
    assert config.mode(repository) is None
    config.save(repository, Settings(mode="private"))
    assert config.mode(repository) == "private"


def test_damaged_settings_are_an_error_not_a_silent_change_to_shared(repository: Repository) -> None:
    config.save(repository, Settings(mode="private"))
    (repository.state_dir / "settings.json").write_text("{")
    with pytest.raises(EnvironmentProblem, match="damaged") as caught:
        config.mode(repository)
    assert "holdfast init" in caught.value.hint


def test_choosing_one_thing_leaves_the_others(repository: Repository) -> None:
    config.save(repository, Settings(mode="private", wrote={"a": "b"}))
    assert config.choose(repository, archive=True) == Settings(mode="private", wrote={"a": "b"}, archive=True)
    config.choose(repository, wording=("llm", "-m", "x"), wording_calls=2)
    assert config.settings(repository) == Settings(
        mode="private", wrote={"a": "b"}, archive=True, wording=("llm", "-m", "x"), wording_calls=2
    )


def test_nothing_is_chosen_for_a_repository_that_is_not_set_up(repository: Repository) -> None:
    with pytest.raises(UsageError, match="not set up") as caught:
        config.choose(repository, archive=True)
    assert caught.value.hint == "holdfast init"


def test_a_choice_out_of_its_bounds_changes_nothing(repository: Repository) -> None:
    config.save(repository, Settings(mode="shared"))
    with pytest.raises(UsageError, match="wording_seconds"):
        config.choose(repository, wording_seconds=0)
    assert config.settings(repository) == Settings(mode="shared")
