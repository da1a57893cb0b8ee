"""``holdfast status --context``: how full a session's context is, and with what."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from holdfast.cli.output import bad, count, dim, emit, good, plain, strong, wrapped

if TYPE_CHECKING:
    from holdfast.flow.context import ContextUse
    from holdfast.repo.location import Repository

_NAMES = {
    "instructions": "instructions",
    "tool_definitions": "tool definitions",
    "conversation": "conversation",
    "file_reads": "file reads",
    "command_output": "command output",
    "agent_output": "agent output",
    "holdfast": "Holdfast",
    "other": "not told apart",
}
_WIDTH = 24
_FROM = {
    "log": "as its log states",
    "config": "as config.toml sets",
    "table": "",
    "seen": "at least: more was used than is known for it",
}
_FULL, _FILLING = 70, 40


def show_context(directory: Path | str | None, session: str = "", *, as_json: bool = False) -> int:
    """Print what fills the context of a session; returns the exit code.

    Args:
        directory: Where the repository is looked for.
        session: The session's id, the beginning of it, or the path of its log; "" for the one going on.
        as_json: Whether to print one JSON document.
    """
    from holdfast.flow.context import read_context
    from holdfast.flow.context_session import find_session, tokens_told
    from holdfast.repo import config
    from holdfast.repo.location import Repository
    from holdfast.repo.trust import TrustStore

    repository = Repository.find(directory or ".")
    origin = find_session(repository, session, _may_look)
    weights, on_record, compacted = _known(repository)
    chosen = config.load(TrustStore().state(repository)).config.context.windows
    use = read_context(
        origin, chosen=chosen, weights=weights, told=lambda session: tokens_told(repository, session)
    )
    import msgspec

    use = msgspec.structs.replace(use, on_record=on_record, compacted=compacted)
    emit(use, "holdfast.status-context/1", as_json, _lines)
    return 0


def _known(repository: Repository) -> tuple[dict[str, tuple[float, ...]], int, int]:
    """Return what texts cost each model here, the sessions on record, and how many ran out of memory."""
    from holdfast.cli.opening import open_view
    from holdfast.flow.context import out_of_memory
    from holdfast.recall.figures import figures_of
    from holdfast.repo import config

    if config.settings(repository) is None:
        return {}, 0, 0
    with open_view(repository.directory) as view:
        models = figures_of(view).models
        weights = {name: figures.weights for name, figures in models.items() if figures.weights}
        return weights, *out_of_memory(view.index.stretches())


def _may_look() -> bool:
    from holdfast.transcripts.discovery import WHERE

    if not sys.stdin.isatty():
        return False
    return click.confirm(f"Look in {WHERE} for the last session here?", default=True, abort=True, err=True)


def _lines(use: ContextUse) -> Iterator[str]:
    yield _heading(use)
    total = use.used or sum(part.tokens for part in use.parts)
    for part in use.parts:
        share = 100 * part.tokens / total if total else 0.0
        bar = "█" * round(share / 100 * _WIDTH)
        name = _NAMES.get(part.name, part.name)
        yield f"  {name:<17}{'≈' + _short(part.tokens):>7} {share:>3.0f} %  {dim(bar)}".rstrip()
        if part.name == "tool_definitions" and not use.told_apart:
            yield dim("          with the agent's own prompt: its log does not tell them apart")
        inside = {"file_reads": use.files, "instructions": use.instruction_files}.get(part.name, ())
        for file in inside:
            times = f", {file.times} times" if file.times > 1 else ""
            yield dim(plain(f"    {_short(file.tokens):>6}  {file.path}{times}"))
    yield ""
    yield from _models(use)
    yield from _life(use)
    if use.worn:
        yield ""
        yield strong("Worn out")
        for sign in use.worn[:6]:
            yield wrapped(sign.line, first=f"  {bad('·')} ", indent="    ")
        if len(use.worn) > 6:
            yield dim(f"  … and {len(use.worn) - 6} more: `holdfast status --context --json`")
    yield ""
    yield f"Next: {_advice(use)}"


def _heading(use: ContextUse) -> str:
    model = f"{use.agent} {use.session[:8]}" + (f", {use.model}" if use.model else "")
    if not use.used:
        return wrapped(f"what its log shows ({model}; it states no tokens).", first=f"{strong('Context')}: ")
    if use.percent is None:
        return wrapped(
            f"{_short(use.used)} tokens ({model}; its window is not known).", first=f"{strong('Context')}: "
        )
    paint = bad if use.percent >= _FULL else good if use.percent < _FILLING else strong
    whence = f"; {_FROM[use.window_from]}" if _FROM.get(use.window_from) else ""
    full = f"{paint(f'{use.percent} % full')}, {_short(use.used)} of {_short(use.window)} tokens"
    return f"{strong('Context')}: {full} ({plain(model)}{whence})."


def _models(use: ContextUse) -> Iterator[str]:
    """Say what each model used, where there were several."""
    if len(use.models) > 1:
        for each in use.models:
            most = _short(each.peak) + (f" of {_short(each.window)}" if each.window else "")
            yield f"  {plain(each.model)}: {count(each.messages, 'message')}, at most {most} tokens"
        yield ""


def _life(use: ContextUse) -> Iterator[str]:
    since = "Since the last compaction" if use.out_of_memory else "So far"
    yield f"{since}: {count(use.exchanges, 'exchange')}, {count(use.minutes, 'minute')} of work."
    if use.out_of_memory:
        at = f" (at {', '.join(map(_short, use.lost_at[-4:]))} tokens)" if use.lost_at else ""
        yield wrapped(
            f"compacted {count(use.out_of_memory, 'time')}{at}: what was not written down by then is lost.",
            first=f"{strong('Out of memory')}: ",
        )
    if use.on_record and use.compacted:
        share = 100 * use.compacted // use.on_record
        of_all = f"Of {count(use.on_record, 'session')} on record here"
        yield dim(f"{of_all} {use.compacted:,} ran out of memory ({share} %).")


def _advice(use: ContextUse) -> str:
    if use.percent is not None and use.percent >= _FULL:
        return "commit or write down what is done, decided and open; then a fresh session."
    if use.worn or (use.percent or 0) >= _FILLING:
        return "finish the task in hand; begin the next one in a fresh session."
    return "nothing to do: there is room."


def _short(tokens: int) -> str:
    if tokens >= 1_000_000:
        return f"{tokens / 1_000_000:.3g}M"
    if tokens >= 10_000:
        return f"{tokens / 1000:.0f}k"
    return f"{tokens / 1000:.1f}k" if tokens >= 1000 else str(tokens)
