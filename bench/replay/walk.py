"""Walk through one repository's sessions in order of time, and ask every policy in each."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any

from bench.replay.checkout import Checkout
from bench.replay.past import Case, commits_of, moments
from bench.replay.policies import HALF_LIFE, Answers, Counted, Nothing, Policy, Searched
from bench.replay.product import Product

from holdfast.recall.tokens import estimate


class Walk:
    """One repository's sessions in order of time, and what each policy says in them."""

    def __init__(
        self,
        folder: Path,
        scratch: Path,
        repo: str,
        cases: list[Case],
        wanted: list[Case],
        tracks: tuple[str, ...],
    ) -> None:
        self.repo, self.cases, self.wanted, self.tracks = repo, cases, wanted, tracks
        self.commits = commits_of(folder, repo)
        self.product = Product(Checkout(scratch), folder)
        self.policies: list[Policy] = [
            self.product,
            Nothing(),
            Counted("most recent", 0, estimate),
            Counted("frequency × decay", HALF_LIFE, estimate),
            Searched(estimate),
        ]
        names = [policy.name for policy in self.policies]
        self.said = {name: {case.name: Answers() for case in wanted} for name in (*names, "shipped")}
        self.own = {case.name: {self.product.family(one) for one in case.failures} for case in wanted}

    def run(self) -> None:
        """Walk to the end of the last session asked about."""
        ids = {id(case) for case in self.wanted}
        last = max(case.session.end for case in self.wanted)
        told: dict[str, set[str]] = {}
        started, ended = time.perf_counter(), 0
        for moment in moments(self.cases, self.commits, last):
            case = moment.case
            if moment.commit is not None:
                self.product.committed(moment.commit)
            elif case is not None and moment.kind == "end":
                for policy in self.policies:
                    policy.ended(case)
                ended += 1
                if ended % 20 == 0:
                    passed = time.perf_counter() - started
                    print(
                        f"{self.repo}: {ended} of {len(self.cases)} sessions, {passed:.0f} s", file=sys.stderr
                    )
            elif case is not None and id(case) in ids:
                self._ask(case, moment.kind, moment.failure, told.setdefault(case.name, set()))
        self.product.close()
        os.environ.pop("HOLDFAST_NOW", None)

    def _ask(self, case: Case, kind: str, failure: dict[str, Any] | None, told: set[str]) -> None:
        if kind == "start":
            if "warn" in self.tracks:
                for policy in self.policies:
                    self.said[policy.name][case.name].warned = policy.warn(case)
            if "brief" in self.tracks:
                shipped = self.said["shipped"][case.name]
                shipped.start, shipped.warned = self.product.brief(case, told, prompt=False)
        elif kind == "prompt":
            if "files" in self.tracks:
                for policy in self.policies:
                    self.said[policy.name][case.name].files = policy.files(case)
            if "brief" in self.tracks:
                self.said["shipped"][case.name].prompt, _ = self.product.brief(case, told, prompt=True)
        elif kind == "failure" and failure is not None and "fix" in self.tracks:
            met = case.told(failure)
            for policy in self.policies:
                text = policy.fix(case, met, failure["at"])
                self.said[policy.name][case.name].fixes[failure["id"]] = text
            again = self.product.fixes(case, met, failure["at"], frozenset(told))
            new = [(id_, text) for id_, text in again if id_ not in told]
            told.update(id_ for id_, _ in new)
            self.said["shipped"][case.name].fixes[failure["id"]] = "\n".join(f"- {text}" for _, text in new)
