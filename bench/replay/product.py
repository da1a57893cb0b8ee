"""Ask the product itself, through its own functions, as of a time."""

from __future__ import annotations

import importlib.util
import inspect
import os
import re
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.replay.checkout import Checkout
from bench.replay.gold_fixes import Failure, added
from bench.replay.past import Case, Commit
from bench.replay.policies import FILES, Warned, within

from holdfast.connect import setup
from holdfast.hook import signature
from holdfast.learn.ingest import ingest
from holdfast.learn.neutral import neutral_text
from holdfast.learn.outlines import developer_of
from holdfast.learn.view import View
from holdfast.recall.brief import brief
from holdfast.recall.failures import recall_failure
from holdfast.recall.hazards import hazards_of
from holdfast.recall.situation import Situation
from holdfast.recall.tokens import estimate
from holdfast.repo.location import Repository
from holdfast.repo.trust import TrustStore

SHARE = 1 / 3
"""Of a family's earlier failures that a family of the gold must make up for a warning to be about it."""


class Product:
    """Hold the product in a repository of the past: it learns from sessions as they end, and is asked."""

    name = "holdfast"

    def __init__(self, checkout: Checkout, transcripts: Path) -> None:
        self.checkout = checkout
        self.transcripts = transcripts
        self.spent: dict[str, list[float]] = defaultdict(list)
        self.named: dict[str, Counter[str]] = defaultdict(Counter)
        self.asked = 0
        repository = Repository.find(checkout.folder)
        self.at(1.0)
        setup.init(repository, private=False)
        checkout.git("add", "-A")
        checkout.git("commit", "-q", "-m", "Set up", "--allow-empty")
        TrustStore().accept(repository)
        self.view = View(repository)

    def at(self, moment: float) -> None:
        """Set the clock."""
        os.environ["HOLDFAST_NOW"] = str(moment)

    def close(self) -> None:
        """Close the index."""
        self.view.index.close()

    def committed(self, commit: Commit) -> None:
        """Take a commit; it is made before the next question."""
        self.checkout.add(commit)

    def _timed(self, name: str, ask: Callable[[], Any]) -> Any:
        started = time.perf_counter()
        answer = ask()
        self.spent[name].append(time.perf_counter() - started)
        return answer

    def _settled(self, moment: float) -> None:
        self.at(moment)
        if self.checkout.settle():
            self._timed("refresh", self.view.refresh)

    def ended(self, case: Case) -> None:
        """Let the product read a session that has ended."""
        self._settled(case.session.end)
        self.checkout.note(case.gold["edited"])
        for name, text in _guides(case):
            self.checkout.know(name, text)
        path = self.transcripts / case.session.file
        self._timed("ingest", lambda: ingest(self.view, [path]))
        for failure in case.failures:
            own = self.family(failure)
            for found in failure.found:
                self.named[own][found.family] += 1

    def family(self, failure: Failure) -> str:
        """Return the product's own family of a failing call."""
        call = failure.call
        signed = signature.sign(call.tool, call.command if call.tool == "Bash" else None, _shown(call.output))
        return neutral_text(signed.family)

    def families(self, own: str) -> tuple[str, ...]:
        """Return the gold's families that the product's family stands for, by its earlier failures."""
        counts = self.named.get(own, Counter())
        total = sum(counts.values())
        return tuple(sorted(name for name, times in counts.items() if times >= SHARE * total))

    def situation(self, case: Case, moment: float, told: frozenset[str] = frozenset()) -> Situation:
        """Return what is known of a session at a moment in it."""
        session = case.session
        done = [call for call in session.calls if call.answered and call.done < moment]
        lines = [(path, line) for call in done for path, line in added(call)]
        contexts = [tokens for at, tokens in session.contexts if at < moment]
        return Situation(
            session=session.id,
            branch=session.branch,
            developer=developer_of(session.cwd),
            now=moment,
            commands=tuple(call.command for call in done if call.command),
            edited=tuple(path for path, at in _edits(case) if at < moment),
            added=tuple(line for _, line in lines),
            told=told,
            calls=len(contexts),
            context=contexts[-1] if contexts else None,
        )

    def warn(self, case: Case) -> list[Warned]:
        """Return all hazards with their chances, the likeliest first."""
        self._settled(case.session.start)
        situation = self.situation(case, case.session.start)
        hazards = self._timed("hazards", lambda: _ask(hazards_of, self.view, situation=situation))
        return [self._warned(hazard) for hazard in hazards]

    def _warned(self, hazard: Any) -> Warned:
        worth = getattr(hazard, "worth", None)
        text = getattr(hazard, "text", "") or (hazard.item.text if hazard.item else hazard.family)
        return Warned(
            self.families(hazard.family),
            hazard.family,
            hazard.rate,
            f"- {text}",
            hazard.sessions,
            pays=worth is None or worth.pays,
        )

    def files(self, case: Case) -> list[str]:
        """Return the files likely to be edited."""
        moment = case.session.prompts[0][0]
        self._settled(moment)
        situation = self.situation(case, moment)
        if importlib.util.find_spec("holdfast.recall.files") is None:
            return []
        files_for = importlib.import_module("holdfast.recall.files").files_for
        found = self._timed(
            "files", lambda: _ask(files_for, self.view, case.prompt, situation=situation, limit=FILES)
        )
        return [one.path for one in found]

    def fix(self, case: Case, failure: Failure, at: float, told: frozenset[str] = frozenset()) -> str:
        """Return the fixes of a failure, at most three and within the budget."""
        return within((f"- {text}" for _, text in self.fixes(case, failure, at, told)), estimate)

    def fixes(
        self, case: Case, failure: Failure, at: float, told: frozenset[str] = frozenset()
    ) -> list[tuple[str, str]]:
        """Return the ids and texts of the fixes of a failure."""
        self._settled(at)
        call = failure.call
        situation = self.situation(case, at, told)
        answer = self._timed(
            "failure",
            lambda: _ask(
                recall_failure,
                self.view,
                call.command,
                _shown(call.output),
                tool=call.tool,
                situation=situation,
            ),
        )
        return [(fix.id, fix.text) for fix in answer.fixes]

    def brief(self, case: Case, told: set[str], *, prompt: bool) -> tuple[str, list[Warned]]:
        """Return the text that is shipped at a start or at the first prompt, and its warnings.

        What it tells is added to ``told``, the ids of what was told before, and not told again.
        """
        moment = case.session.prompts[0][0] if prompt else case.session.start
        self._settled(moment)
        answer = self._timed(
            "brief",
            lambda: _ask(
                brief,
                self.view,
                prompt=case.prompt if prompt else "",
                situation=self.situation(case, moment, frozenset(told)),
            ),
        )
        told.update(one.id for one in answer.considered if one.verdict == "told")
        return str(answer.text), [self._warned(hazard) for hazard in answer.hazards] if answer.text else []


def _ask(function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    """Call a function with those of the named arguments that it takes."""
    takes = inspect.signature(function).parameters
    return function(*arguments, **{name: value for name, value in named.items() if name in takes})


def _guides(case: Case) -> list[tuple[str, str]]:
    """Return what the session read in the repository's CLAUDE.md or AGENTS.md, where it read all of it."""
    found = []
    for call in case.session.calls:
        name = call.path.removeprefix(f"{case.session.cwd.rstrip('/')}/")
        whole = not {"offset", "limit", "view_range"} & set(call.given)
        if call.tool == "Read" and name in ("CLAUDE.md", "AGENTS.md") and whole and not call.failed:
            found.append((name, re.sub(r"(?m)^ *\d+(?:→|\t)", "", call.output)))
    return found


def _shown(output: str) -> str:
    """Return an output as an agent's hook has it: without the marks that its log puts around an error."""
    return output.replace("<tool_use_error>", "").replace("</tool_use_error>", "")


def _edits(case: Case) -> list[tuple[str, float]]:
    """Return the files that a session edited, by when it first did, named as the repository does."""
    edited = case.gold["edited"]
    out: list[tuple[str, float]] = []
    for call in case.session.calls:
        if call.answered and not call.failed and not call.rejected:
            for edit in call.edits:
                out.extend((path, call.done) for path in edited if edit.path.endswith(path))
    return list(dict.fromkeys(out))
