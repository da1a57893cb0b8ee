"""Every command explains itself: what it does, one example that fits, and ``--json``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import click
import pytest

from holdfast.cli.main import COMMANDS
from holdfast.connect.levels import FOR_PROGRAMS

Run = Callable[..., Any]


def walk() -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name in COMMANDS:
        command: click.Command = import_module(f"holdfast.cli.{name}").command
        yield (name,), command
        if isinstance(command, click.Group):
            for sub, found in command.commands.items():
                yield (name, sub), found


ALL = dict(walk())


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_help_has_an_example_of_this_very_command(path: tuple[str, ...], holdfast: Run) -> None:
    done = holdfast(*path, "--help")
    assert (done.code, done.err) == (0, "")
    example = done.out.partition("Example:")[2]
    assert f"holdfast {path[0]}" in example
    assert done.out.startswith("Usage: holdfast ")


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_help_fits_a_terminal(path: tuple[str, ...], holdfast: Run) -> None:
    assert max(map(len, holdfast(*path, "--help").out.splitlines())) <= 100


FOR_PEOPLE = [p for p, c in ALL.items() if not isinstance(c, click.Group) and p[0] not in FOR_PROGRAMS]


@pytest.mark.parametrize("path", FOR_PEOPLE, ids=" ".join)
def test_every_command_has_json_and_says_where_it_works(path: tuple[str, ...]) -> None:
    options = {option for parameter in ALL[path].params for option in parameter.opts}
    assert {"--json", "-C"} <= options


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_every_option_is_explained(path: tuple[str, ...]) -> None:
    for parameter in ALL[path].params:
        if isinstance(parameter, click.Option):
            assert parameter.help, parameter.opts
