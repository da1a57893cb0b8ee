"""Set a repository up: what `holdfast init` does; `holdfast.connect.removal` takes it back.

Setting up touches nothing of the user's: no file, branch, index or setting of git. It records a choice
(shared or private records) in local state, and trust where there is nothing to distrust. The records
branch is made by the first record.
"""

from __future__ import annotations

import hashlib

import msgspec
from msgspec.structs import replace

from holdfast.connect.wiring.installing import Wiring
from holdfast.errors import EnvironmentProblem, RepositoryError
from holdfast.hook import levels
from holdfast.repo import branch, chain, checkout, config, own_state, remotes, trust, writing
from holdfast.repo.config import Mode, Settings
from holdfast.repo.items import CONFIG
from holdfast.repo.location import Repository


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What was done, or would be.

    Attributes:
        did: Sentences: what changed.
        notes: Sentences: what is worth knowing about this repository.
        left: Sentences: what was not removed, and where it is.
        mode: Whether records are shared or private; None after an undo.
        identity: Who records are signed by.
        trusted: Whether agents may be told what this repository holds.
        level: How much of Holdfast is installed, listed and said unasked.
        wiring: What happened to the settings of agents; None where they were left alone.
        next: One command to go on with.
    """

    did: tuple[str, ...]
    notes: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    mode: Mode | None = None
    identity: str = ""
    trusted: bool = False
    dry_run: bool = False
    level: str = levels.DEFAULT
    wiring: Wiring | None = None
    next: str = "holdfast ingest"


def init(
    repository: Repository,
    *,
    private: bool | None = None,
    level: str | None = None,
    with_config: bool = False,
    dry_run: bool = False,
    store: trust.TrustStore | None = None,
) -> Report:
    """Set a repository up; doing it again changes nothing.

    Args:
        repository: Which.
        private: Keep records on a private ref instead of the branch ``holdfast``; None keeps what was
            chosen before, else shares.
        level: How much is installed, listed and said unasked; None keeps what was chosen before.
        with_config: Write a commented ``.holdfast/config.toml`` unless there is one.
        dry_run: Say what would be done and do nothing.
        store: Where trust is kept; the user's by default.

    Raises:
        RepositoryError: There is no room for the branch ``holdfast``; the hint names the way out.
        EnvironmentProblem: Local state, or the file asked for, cannot be written; or the git directory does
            not know of this worktree.
    """
    store = store or trust.TrustStore()
    if repository.is_known is False:
        raise EnvironmentProblem(store.file.problem(repository), store.file.way_out(repository))
    before = config.settings(repository)
    mode = _mode(private, before)
    chosen = level or (before.level if before else levels.DEFAULT)
    records = branch.RecordsBranch(repository, private=mode == "private")
    if mode == "shared":
        _refuse_without_room(records)
    can_trust, was_trusted = _nothing_to_distrust(repository, store), store.state(repository).trusted
    did = [*_mode_done(mode, before), *_level_done(chosen, before)]
    wrote = dict(before.wrote) if before else {}
    if with_config:
        did += _write_config(repository, wrote, dry_run=dry_run)
    if can_trust and not was_trusted:
        did.append("Trusted this repository: it holds no settings, guidance or records by others.")
    if not dry_run:
        settings = replace(before or Settings(mode=mode), mode=mode, level=chosen, wrote=wrote)
        _save(repository, settings, store, can_trust=can_trust)
    trusted = can_trust or was_trusted
    return Report(
        did=tuple(did) or ("Nothing to do: it is set up already.",),
        notes=tuple(_notes(repository, records, trusted=trusted)),
        mode=mode,
        identity="{} <{}>".format(*records.person()),
        trusted=trusted,
        dry_run=dry_run,
        level=chosen,
        next=_next(chosen, trusted=trusted, learned=bool(records.tips())),
    )


def _save(repository: Repository, settings: Settings, store: trust.TrustStore, *, can_trust: bool) -> None:
    """Keep what was chosen, and accept what the repository holds unless it is or must be looked at first."""
    newly = can_trust and not store.state(repository).trusted
    config.save(repository, replace(settings, trusted=newly or settings.trusted))
    if newly:
        store.accept(repository)


def _next(level: str, *, trusted: bool, learned: bool) -> str:
    """Return the one command to go on with: of the level, and of use now."""
    if not trusted:
        return "holdfast trust"
    if not levels.speaks(level, "start"):
        return "holdfast tuition"
    return "holdfast status" if learned else "holdfast ingest"


def _mode(private: bool | None, before: Settings | None) -> Mode:
    if private is not None:
        return "private" if private else "shared"
    return before.mode if before else "shared"


def _mode_done(mode: Mode, before: Settings | None) -> list[str]:
    if before is not None and before.mode == mode:
        return []
    if mode == "private":
        did = ["Chose private records: they stay on a ref of this clone that nothing fetches or pushes."]
        if before is not None:
            did.append("Records written until now stay on the branch `holdfast`.")
        return did
    return ["Chose shared records: the branch `holdfast`, made by the first record. Nothing is sent unasked."]


def _level_done(level: str, before: Settings | None) -> list[str]:
    if level == (before.level if before else levels.DEFAULT):
        return []
    return [f"Chose the level {level}. What was learned at another one stays."]


def _refuse_without_room(records: branch.RecordsBranch) -> None:
    in_the_way = records.blocked_by()
    if in_the_way:
        raise RepositoryError(
            f"git cannot make a branch `holdfast` beside {', '.join(in_the_way)}.",
            "Keep the records on a private ref, `holdfast init --private`, or rename those branches.",
        )
    for ref, tip in records.tips().items():
        if ref == branch.PRIVATE:
            continue
        names = records.repository.git("ls-tree", "-z", "--name-only", tip).decode("utf-8", "replace")
        strange = [name for name in names.split("\0") if name and name not in chain.FOLDERS]
        if strange:
            raise RepositoryError(
                f"{ref} is there already, and it is not a records branch: it holds {', '.join(strange[:5])}.",
                "Keep the records on a private ref, `holdfast init --private`, or rename that branch.",
            )


def _nothing_to_distrust(repository: Repository, store: trust.TrustStore) -> bool:
    """Tell whether there is nothing that a person would have to look at before trusting.

    Records that came with a clone always need a look, even those that bear this user's address: anyone
    can write any address.
    """
    if store.file.problem(repository):
        return False
    tips = branch.RecordsBranch(repository).tips()
    if any(remotes.is_tracking(ref) for ref in tips):
        return False
    state = store.state(repository, trust.seen_identities(repository))
    return not state.items and not state.new_identities and _own(repository, state.documents)


def _own(repository: Repository, documents: tuple[str, ...]) -> bool:
    """Tell whether the documents can only be this user's: not committed yet, or by nobody else.

    Where there is a remote the commits may have come from it, under any address.
    """
    if not documents or repository.head() is None:
        return True
    out = repository.git("log", "--no-mailmap", "--encoding=UTF-8", "--format=%ae", "HEAD", "--", *documents)
    authors = set(out.decode("utf-8", "replace").split())
    return not authors or (authors <= {trust.own_identity(repository)} and not remotes.names(repository))


def _write_config(repository: Repository, wrote: dict[str, str], *, dry_run: bool) -> list[str]:
    if dry_run:
        return [f"Would write {CONFIG} unless it is there."]
    if not config.write_template(repository):
        return [f"Left {CONFIG} as it is."]
    wrote[CONFIG] = hashlib.sha256(config.TEMPLATE.encode()).hexdigest()
    return [f"Wrote {CONFIG}, with every setting explained; commit it when you want to share it."]


def made_elsewhere(repository: Repository) -> list[str]:
    """Say where local state lies that another user made, or that came with a copy."""
    return [
        f"Local state that was made elsewhere lies in {path}: nothing of it counts or is read; yours is "
        f"{repository.state_dir}. If you made it, copy its files there, all but `mark` and `trust-id`."
        for path in own_state.others(repository)
    ]


def _notes(repository: Repository, records: branch.RecordsBranch, *, trusted: bool) -> list[str]:
    notes = made_elsewhere(repository)
    if records.person() == writing.Person(*writing.NOBODY):
        notes.append(
            f"git does not know your name, so records will be signed {writing.NOBODY[1]}; "
            "`git config user.name` and `user.email` change that."
        )
    if repository.root is None:
        notes.append("This is a bare repository: it can hold and exchange records, and has no sessions.")
    elif repository.head() is None:
        notes.append("Nothing is committed here yet; that is no hindrance.")
    notes.extend(
        f"The branch `holdfast` is checked out in {worktree}; nothing can be written until it is not."
        for worktree in checkout.worktrees_at(repository, records.ref)
    )
    if not trusted:
        notes.append(
            "This repository holds texts, commands or records that you have not accepted on this machine: "
            "nothing of it runs or reaches an agent until `holdfast trust`."
        )
    return notes
