"""Compute what a perfect memory could have told in recorded sessions, by code apart from the product's.

    python bench/replay/gold.py --transcripts FOLDER [--out FILE]   # writes the gold, prints its sha256
    python bench/replay/gold.py --transcripts FOLDER --check        # says whether it is the frozen one

Four parts, for each session: WARN, the environment and tool-use failures of it that an earlier session had
met; FILES, the files it edited that a session which had ended before had edited; FIX, its failures that an
earlier ended session had met and resolved in the same way; NOISE, all its other failures, and which of them
are novel. Nothing after a moment counts for it. The first 60 % of a repository's sessions by start are
``dev``, the rest ``held``.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import statistics
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from bench.replay.gold_fixes import Failure, failures_of, prints_of
from bench.replay.gold_logs import Session, read_all

HERE = Path(__file__).parent
CODE = ("gold_logs.py", "gold_failures.py", "gold_fixes.py", "gold.py")
DEV = 0.6
INSTRUCTIONS = re.compile(r"(?:^|/)(?:CLAUDE(?:\.local)?|AGENTS|GEMINI)\.md$")
MOST_STEPS = 8
"""Calls that a failure may be said to have cost, so that one long hunt does not carry the whole."""


def main() -> int:
    """Run as a script."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--transcripts", type=Path, required=True)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--check", action="store_true")
    given = parser.parse_args()
    text = encoded(gold_of(given.transcripts))
    digest, code = hashlib.sha256(text).hexdigest(), code_digest()
    print(f"{digest}  gold\n{code}  code of the gold")
    if given.out:
        given.out.write_bytes(text)
    if given.check:
        return 0 if frozen() == {"gold": digest, "code": code} else 1
    return 0


def encoded(gold: dict[str, Any]) -> bytes:
    """Return the gold as the bytes that its digest is of."""
    return json.dumps(gold, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def code_digest() -> str:
    """Return the digest of the code that computes the gold."""
    return hashlib.sha256(b"\0".join((HERE / name).read_bytes() for name in CODE)).hexdigest()


def frozen() -> dict[str, str]:
    """Return the digests that were committed before anything was tuned."""
    path = HERE / "GOLD.sha256"
    rows = (
        [line.split() for line in path.read_text().splitlines() if line[:1] not in ("#", "")]
        if path.exists()
        else []
    )
    return {row[1]: row[0] for row in rows}


def gold_of(folder: Path) -> dict[str, Any]:
    """Compute the gold of a folder of transcripts, one entry a session, in order of start."""
    sessions = read_all(folder)
    by_repo: dict[str, list[Session]] = defaultdict(list)
    for session in sessions:
        by_repo[session.repo].append(session)
    out: list[dict[str, Any]] = []
    for repo, those in sorted(by_repo.items()):
        known = committed_files(folder, repo)
        out.extend(_Repository(those, known).gold())
    return {"version": 1, "sessions": out}


def committed_files(folder: Path, repo: str) -> set[str]:
    """Return every path that a commit of the repository names; only used to write paths alike."""
    path = folder / f"{repo.rsplit('/', 1)[-1]}-commits.jsonl"
    rows = path.read_text().splitlines() if path.exists() else []
    return {name for row in rows for name in json.loads(row)["files"]}


def relative(path: str, session: Session, known: set[str]) -> str:
    """Return a path as the repository names it; empty when it lies outside.

    The longest end of it that a commit names; else what follows the directory of the session.
    """
    parts = [part for part in path.strip().split("/") if part not in ("", ".")]
    for begin in range(len(parts)):
        rest = "/".join(parts[begin:])
        if rest in known and (begin == 0 or len(parts) - begin > 1 or path.startswith(session.cwd)):
            return rest
    if not path.startswith("/"):
        return "/".join(parts)
    root = session.cwd.rstrip("/")
    if root and path.startswith(root + "/"):
        rest = path[len(root) + 1 :]
        return re.sub(r"^\.worktrees/(?:[^/]+/){1,2}(?=\w)", "", rest)
    return ""


class _Repository:
    """Hold the sessions of one repository in order, with their failures, and what each moment could know."""

    def __init__(self, sessions: list[Session], known: set[str]) -> None:
        self.sessions = sessions
        self.known = known
        self.failures = [failures_of(session) for session in sessions]
        self.done = [[(call.done, prints_of(call)) for call in session.calls] for session in sessions]
        self.all_done = [{one for _, prints in rows for one in prints} for rows in self.done]
        self.edited = [self._edited(session) for session in sessions]
        self.guides = sorted(self._guides())

    def _edited(self, session: Session) -> dict[str, float]:
        """Return the files a session edited, by when it first did; a rejected or failed edit is none."""
        first: dict[str, float] = {}
        for call in session.calls:
            if call.answered and not call.failed and not call.rejected:
                for edit in call.edits:
                    if name := relative(edit.path, session, self.known):
                        first.setdefault(name, call.at)
        return first

    def _guides(self) -> list[tuple[float, str]]:
        """Return what CLAUDE.md and AGENTS.md were seen to say: read, written, or stated to an agent."""
        found: list[tuple[float, str]] = []
        for session in self.sessions:
            found.extend((session.start, text) for text in session.instructions)
            for call in session.calls:
                if INSTRUCTIONS.search(call.path) and not call.failed:
                    found.append((call.done, call.output))
                edits = [edit for edit in call.edits if not call.failed and INSTRUCTIONS.search(edit.path)]
                found.extend((call.done, edit.new) for edit in edits)
        return found

    def gold(self) -> list[dict[str, Any]]:
        """Return the gold of each session."""
        cut = int(len(self.sessions) * DEV)
        return [self._of(place, "dev" if place < cut else "held") for place in range(len(self.sessions))]

    def _of(self, place: int, part: str) -> dict[str, Any]:
        session = self.sessions[place]
        contexts = [tokens for _, tokens in session.contexts]
        return {
            "file": session.file,
            "repo": session.repo,
            "session": session.id,
            "part": part,
            "start": session.start,
            "end": session.end,
            "asked": session.prompts[0][0] if session.prompts else None,
            "calls": len(contexts) or len(session.calls),
            "context": int(statistics.median(contexts)) if contexts else None,
            "written": session.outputs // max(len(contexts), 1),
            "warn": self._warn(place),
            "met": sorted({f.family for one in self.failures[place] for f in one.found if f.kind != "code"}),
            "files": self._files(place),
            "edited": sorted(self.edited[place]),
            "failures": [self._failure(place, failure) for failure in self.failures[place]],
        }

    def _earlier(self, place: int, moment: float) -> list[int]:
        """Return the sessions of other files that had ended at a moment."""
        return [n for n, other in enumerate(self.sessions) if n != place and other.end < moment]

    def _warn(self, place: int) -> dict[str, list[str]]:
        """Return the families and specific signatures of this session that were met before it began."""
        start = self.sessions[place].start
        before = {
            (level, getattr(found, level))
            for other, rows in enumerate(self.failures)
            if other != place
            for failure in rows
            if failure.call.at < start
            for found in failure.found
            if found.kind != "code" and not found.generic
            for level in ("family", "specific")
        }
        here = [found for failure in self.failures[place] for found in failure.found if found.kind != "code"]
        return {
            level: sorted({getattr(f, level) for f in here if (level, getattr(f, level)) in before})
            for level in ("family", "specific")
        }

    def _files(self, place: int) -> list[str]:
        """Return the files edited that an ended session edited, without those that the prompt names."""
        session = self.sessions[place]
        if not session.prompts:
            return []
        at, prompt = session.prompts[0]
        before = {name for n in self._earlier(place, at) for name in self.edited[n]}
        low = prompt.lower()
        return sorted(
            name
            for name, when in self.edited[place].items()
            if when >= at and name in before and name.rsplit("/", 1)[-1].lower() not in low
        )

    def _failure(self, place: int, failure: Failure) -> dict[str, Any]:
        """Return one failing call: what it met, what it cost, whether it is novel, and its gold fixes."""
        session, call = self.sessions[place], failure.call
        moment = call.done or call.at
        earlier = self._earlier(place, moment)
        families = {found.family for found in failure.found}
        met = {found.family for n in earlier for one in self.failures[n] for found in one.found}
        exact = {found.specific for n in earlier for one in self.failures[n] for found in one.found}
        specifics = {found.specific for found in failure.found}
        until = min([at for at in session.compactions if at > moment], default=session.end + 1)
        steps = failure.resolved - failure.at if failure.resolved >= 0 else None
        return {
            "id": call.id,
            "at": moment,
            "kind": sorted({found.kind for found in failure.found}),
            "families": sorted(families),
            "specifics": sorted(specifics),
            "generic": all(found.generic for found in failure.found),
            "agent": bool(call.agent),
            "hidden": not call.failed,
            "novel": not (families & met) and not (specifics & exact),
            "seen": "specific" if specifics & exact else "family" if families & met else "no",
            "steps": steps,
            "context": call.context or None,
            "left": sum(moment < at <= until for at, _ in session.contexts),
            "fix": self._fixes(place, failure, earlier, moment),
        }

    def _fixes(self, place: int, failure: Failure, earlier: list[int], moment: float) -> list[dict[str, Any]]:
        """Return the fixes that an ended session had found for the same failure, and that were news."""
        before = {one for at, prints in self.done[place] if at < moment for one in prints}
        told = self._told(moment) + failure.call.output
        out = []
        for specific, prints in sorted(failure.fixes.items()):
            met = [
                n
                for n in earlier
                if any(f.specific == specific for one in self.failures[n] for f in one.found)
            ]
            for mark in sorted(prints):
                kind, _, body = mark.partition(":")
                fixed = [
                    n for n in met if any(mark in one.fixes.get(specific, ()) for one in self.failures[n])
                ]
                if not fixed or mark in before or (kind == "directive" and body in told) or body in told:
                    continue
                common = sum(mark in self.all_done[n] or self._ran(n, kind, body) for n in earlier)
                lift = (len(fixed) / len(met)) / max(common / len(earlier), 1 / len(earlier))
                if lift >= 2:
                    out.append(
                        {"specific": specific, "fix": mark, "lift": round(lift, 3), "sessions": len(fixed)}
                    )
        return out

    def _ran(self, place: int, kind: str, body: str) -> bool:
        """Tell whether a session ran a command with all these words."""
        if kind != "command":
            return False
        words = set(body.split())
        return any(one.startswith("ran:") and words <= set(one[4:].split()) for one in self.all_done[place])

    def _told(self, moment: float) -> str:
        """Return what the instruction files said by then; if none was seen by then, the first that was."""
        said = [text for at, text in self.guides if at <= moment] or [text for _, text in self.guides[:1]]
        return "\n".join(said)


if __name__ == "__main__":
    sys.exit(main())
