"""The settings of a repository: ``.holdfast/config.toml`` in the tree, and this machine's own choice.

The file in the tree comes with a clone, so it counts only when exactly its bytes were accepted by
`holdfast trust`; until then the defaults are used. What a person chose for this clone alone, such as
keeping records private, is in ``settings.json`` of local state.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from holdfast.errors import EnvironmentProblem, UsageError
from holdfast.hook import assignment, levels, published
from holdfast.repo import bounded_toml, git, safe_read
from holdfast.repo.items import CONFIG
from holdfast.repo.location import Repository
from holdfast.repo.replacing import replace
from holdfast.repo.trust import TrustState

Mode = Literal["shared", "private"]

_Tokens = Annotated[int, msgspec.Meta(ge=0, le=100_000)]


class Brief(msgspec.Struct, frozen=True, kw_only=True):
    """How much a session is told unasked.

    Attributes:
        start_tokens: Tokens at its start, at most.
        prompt_tokens: Tokens at its first prompt, at most.
    """

    start_tokens: _Tokens = 300
    prompt_tokens: _Tokens = 200


_Price = Annotated[float, msgspec.Meta(ge=0, le=1000)]


class Price(msgspec.Struct, frozen=True, kw_only=True):
    """What a model's tokens cost, in fresh input tokens.

    Attributes:
        cache_write: A token that is written to the prompt cache; ``cache_read`` one that is read from it.
        output: A token that the model writes.
    """

    cache_write: _Price = 1.25
    cache_read: _Price = 0.1
    output: _Price = 5.0


class Prices(Price, frozen=True, kw_only=True):
    """What tokens cost: of any model, and of those named in ``models``."""

    models: dict[str, Price] = {}

    def of(self, model: str = "") -> Price:
        """Return the prices of a model."""
        return self.models.get(model, self)


class Worktree(msgspec.Struct, frozen=True, kw_only=True):
    """How `holdfast run worktree` makes a worktree.

    Attributes:
        folder: Where it lies: relative to the main worktree, ``{repository}`` being that one's name.
        copy: Paths and patterns, as `git` has them, of untracked files that it gets a copy of.
    """

    folder: str = "../{repository}-worktrees"
    copy: tuple[str, ...] = ()


_Window = Annotated[int, msgspec.Meta(ge=1000, le=100_000_000)]


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """How the context of a session is measured.

    Attributes:
        windows: Tokens that a model reads at most, by the beginning of its name; ``*`` for every other.
    """

    windows: dict[str, _Window] = {}


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of a repository."""

    brief: Brief = Brief()
    prices: Prices = Prices()
    worktree: Worktree = Worktree()
    context: Context = Context()


class Loaded(msgspec.Struct, frozen=True, kw_only=True):
    """Settings as they were found.

    Attributes:
        warnings: Sentences about the file: keys that nothing reads, or that it is not used.
        used: Whether the file of the tree was used; False too when there is none.
    """

    config: Config = Config()
    warnings: tuple[str, ...] = ()
    used: bool = False


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What was chosen for this clone, on this machine.

    Attributes:
        mode: Whether records are written to the shared branch or to a private ref.
        level: How much is installed, listed and said unasked (`holdfast.connect.levels`).
        offered: The levels that `holdfast status` has named as the next one; each is named once.
        wrote: Digests of files that `holdfast init` wrote in the tree, by path.
        trusted: Whether `holdfast init` recorded trust, because nothing could run or be injected.
        archive: Whether `holdfast ingest` keeps a copy of each transcript that it reads.
        wording: The command, as its arguments, by which the user's own agent words what events proved;
            empty for none.
        wording_calls: How often one ingest runs it, at most.
        wording_seconds: Seconds that one call of it may take.
        semantic: The model by which texts are also found by their meaning: the path of its folder; empty for
            none.
        hold_out: The share of hazards and warnings that is left untold, to measure what telling does
            (`holdfast.hook.assignment`); 0 for none.
    """

    mode: Mode
    level: str = levels.DEFAULT
    offered: tuple[str, ...] = ()
    wrote: dict[str, str] = {}
    trusted: bool = False
    archive: bool = False
    wording: tuple[str, ...] = ()
    wording_calls: Annotated[int, msgspec.Meta(ge=0, le=1000)] = 5
    wording_seconds: Annotated[int, msgspec.Meta(ge=1, le=3600)] = 60
    semantic: str = ""
    hold_out: Annotated[float, msgspec.Meta(ge=0, le=assignment.HIGHEST)] = assignment.DEFAULT


def load(state: TrustState) -> Loaded:
    """Return the settings of a repository whose trust was looked at.

    The text is that which was compared with what was accepted, not read again.

    Raises:
        EnvironmentProblem: The file is trusted and broken; the message names the line.
    """
    item = next((item for item in state.items if item.name == CONFIG), None)
    if item is None:
        return Loaded()
    if not state.trusted:
        return Loaded(warnings=(f"{CONFIG} is not used, because it is not trusted: the defaults hold.",))
    if item.kind == "refused":
        return Loaded(warnings=(f"{CONFIG} {item.does}: the defaults hold.",))
    config, warnings = parse(item.text)
    return Loaded(config=config, warnings=warnings, used=True)


def parse(text: str) -> tuple[Config, tuple[str, ...]]:
    """Read settings from the text of a ``config.toml``; the warnings name what nothing reads.

    Raises:
        EnvironmentProblem: It is no TOML, or a value is not of its kind; the message names the line.
    """
    try:
        tables = bounded_toml.read(text)
    except ValueError as error:
        raise EnvironmentProblem(
            f"{CONFIG} is not readable TOML: {error}.",
            "Mend that line, or remove the file: the defaults hold without it.",
        ) from error
    try:
        config = msgspec.convert(tables, Config)
    except msgspec.ValidationError as error:
        raise EnvironmentProblem(*_wrong_value(text, str(error))) from error
    return config, tuple(
        f"{CONFIG}{_line(text, name)}: nothing in this version reads `{name}`."
        for name in _unread(tables, Config, "")
    )


def mode(repository: Repository) -> Mode | None:
    """Return whether records are shared or private here; None before `holdfast init`."""
    found = settings(repository)
    return found.mode if found is not None else None


def settings(repository: Repository) -> Settings | None:
    """Return what was chosen for this clone; None before `holdfast init`.

    Raises:
        EnvironmentProblem: The file is damaged, so that nobody can tell whether records are private.
    """
    path = repository.state_dir / "settings.json"
    try:
        return msgspec.json.decode(path.read_bytes(), type=Settings)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise git.disk_problem(error, f"Cannot read {path}") from error
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise EnvironmentProblem(
            f"{path} is damaged: {error}.", f"Remove it and choose again: `rm {path}`, then `holdfast init`."
        ) from error


def save(repository: Repository, chosen: Settings) -> None:
    """Keep what was chosen for this clone.

    Raises:
        EnvironmentProblem: It cannot be written.
    """
    path = repository.ensure_state() / "settings.json"
    try:
        replace(path, msgspec.json.format(msgspec.json.encode(chosen)) + b"\n")
        _withdraw(repository, chosen.level)
    except OSError as error:
        raise git.disk_problem(error, f"Cannot write {path}") from error


def _withdraw(repository: Repository, level: str) -> None:
    """Take back what hooks may tell when it was published for another level; the next use publishes anew."""
    path = repository.state_dir / published.NAME
    if published.meta_of(str(path)).get("level") != level:
        path.unlink(missing_ok=True)


def choose(repository: Repository, **chosen: Any) -> Settings:
    """Change some of what was chosen for this clone, and return all of it.

    Args:
        repository: The clone.
        chosen: Fields of `Settings` with their new values.

    Raises:
        UsageError: It is not set up, or a value is out of its bounds.
        EnvironmentProblem: The file is damaged, or cannot be written.
    """
    before = settings(repository)
    if before is None:
        raise UsageError("This repository is not set up, so nothing can be chosen for it.", "holdfast init")
    try:
        after = msgspec.convert({**msgspec.structs.asdict(before), **chosen}, Settings)
    except msgspec.ValidationError as error:
        raise UsageError(f"That cannot be chosen: {error}.", "Give another value.") from error
    if after != before:
        save(repository, after)
    if after.hold_out != before.hold_out:
        (repository.state_dir / published.NAME).unlink(missing_ok=True)  # the next use publishes anew
    return after


TEMPLATE = """\
# Settings of Holdfast for everybody who works in this repository.
# Every line here is optional; what is commented out shows the default.
# After a change, each person accepts it once on their machine: holdfast trust

[brief]
# How many tokens an agent is told unasked, at most.
# start_tokens = 300    # at the start of a session
# prompt_tokens = 200   # at its first prompt

[prices]
# What a token costs, as a share of a fresh input token: it decides what is worth telling.
# cache_write = 1.25
# cache_read = 0.1
# output = 5

[worktree]
# What `holdfast run worktree NAME` makes: where, and with a copy of which untracked files.
# folder = "../{repository}-worktrees"
# copy = []             # for instance [".env", "services/*/.env"]

[context.windows]
# How many tokens a model reads at most, by the beginning of its name, where Holdfast has it wrong.
# "claude-sonnet-4-5" = 1000000
"""


def write_template(repository: Repository) -> bool:
    """Write a commented ``.holdfast/config.toml``; tells whether it did, since an existing one stays.

    Raises:
        UsageError: The repository has no worktree.
        EnvironmentProblem: It cannot be written, or ``.holdfast`` is a link.
    """
    if repository.root is None:
        raise UsageError(
            "A bare repository has no files to put settings in.", "Run it in a clone, or leave out --config."
        )
    try:
        safe_read.create(repository.root, CONFIG, TEMPLATE.encode())
    except FileExistsError:
        return False
    return True


def _unread(tables: dict[str, Any], kind: type[msgspec.Struct], above: str) -> list[str]:
    fields = {field.encode_name: field.type for field in msgspec.structs.fields(kind)}
    found = []
    for name, value in tables.items():
        inner = fields.get(name)
        if name not in fields:
            found.append(above + name)
        elif isinstance(value, dict) and isinstance(inner, type) and issubclass(inner, msgspec.Struct):
            found.extend(_unread(value, inner, f"{above}{name}."))
    return found


def _wrong_value(text: str, told: str) -> tuple[str, str]:
    """Return message and hint for a value of the wrong kind, from msgspec's ``… - at `$.a.b```."""
    what, _, place = told.partition(" - at `$.")
    name = place.rstrip("`")
    return (
        f"{CONFIG}{_line(text, name)}: `{name}`: {what}.",
        "Mend that value, or take the line out: the default holds without it.",
    )


def _line(text: str, name: str) -> str:
    """Return ``, line N`` for a key of a TOML text, as well as a look at the lines can tell."""
    section, _, key = name.rpartition(".")
    current = ""
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if stripped.startswith("["):
            current = stripped.strip("[]").split("#")[0].strip(" ]")
            if current == name or current.startswith(f"{name}."):
                return f", line {number}"
        elif current == section and stripped.split("=")[0].strip() == key:
            return f", line {number}"
    return ""
