"""Tell which files are likely to be edited for a task: those that like tasks edited before.

Six lists rank files: of the sessions nearest to the task, newer ones more; of the nearest commits; of this
branch; by words of the task in their names; edited together with files that the task names; of this
developer's last sessions. They are fused by reciprocal rank (Cormack et al., 2009): a file's score is the sum
over the lists of ``weight / (5 + rank)``. Any of them may be empty: commits alone will do, and sessions
alone. Constants stand on plateaus, not on peaks: ``bench/replay`` says what they are worth.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from holdfast.hook import clock
from holdfast.hook.patterns import regex
from holdfast.index.documents import Document, Hit
from holdfast.learn.outlines import developer_of
from holdfast.learn.sources.edited import is_inside
from holdfast.learn.view import View
from holdfast.recall.situation import Situation

MAX_TASK = 1000
"""Characters of a task that are searched for; it says what it is about before that."""
_MAX_READ = 20_000
"""Characters of a task in which names of files are looked for."""
HALF_LIFE = 5.0
"""Days in which a session's say halves: work goes on where it was lately."""
NEAREST_SESSIONS, NEAREST_COMMITS, NEAREST_NAMES = 20, 20, 60
WEIGHTS = {"sessions": 1.0, "commits": 1.0, "branch": 1.0, "names": 1.0, "together": 1.0, "developer": 0.25}
SHORT, LEAST_SHARE = 4, 0.25
"""Of a task of so few words a hit must share this much of their idf; of a longer one any word counts."""
_LOOKED_FOR = 50
"""Files that sessions edited, of which one must be in the worktree before absence says anything."""
_NEAR = 5
"""What is added to a rank before it is inverted: less gives more to the first of each list."""
_TOLD = 5
"""Nearest sessions and commits that are counted in words."""
_MAX_NAMED = 8
"""Files named by the task, or edited already, of which those edited with them are looked up."""
_MAX_WITH = 60
"""Sessions and commits that are looked at for one of these."""
_MAX_OF_BRANCH, _MAX_OF_DEVELOPER, _MAX_LATEST = 20, 8, 60
_COMMON = frozenset({"main", "master", "trunk", "develop", "dev", "HEAD"})
"""Branches on which anything is done."""
_NAME = regex(
    r"(?<![\w.@+-])(?:[\w@+-][\w.@+-]{0,120}\.[A-Za-z]\w{0,9}|(?:Make|Docker|Just|Rake|Gem|Proc)file)(?![\w@+-])"
)
"""Words of a task that look like the name of a file."""
_ODDS, _PER_SCORE, _PER_NEARNESS = -3.7, 4.13, 1.08
"""Of the chance ``1 / (1 + exp(-(odds + per_score * score + per_nearness * nearness)))``, fitted by logistic
regression to what sessions then edited. A rank alone says little: something always comes first."""


class LikelyFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file that the task is likely to edit.

    Attributes:
        path: Relative to the worktree.
        chance: That a session with this task edits it, 0 to 1, as measured for such a score and nearness.
        score: Share, 0 to 1, of the score of a file that comes first in every list; they are ordered by it.
        why: In a few words.
    """

    path: str
    chance: float
    score: float
    why: str


def files_for(
    view: View, task: str, *, situation: Situation | None = None, limit: int = 5
) -> list[LikelyFile]:
    """Return the files of the worktree that a task is likely to edit, likeliest first.

    Left out are those that the task names, or that the session edited already; they raise the ones that were
    edited together with them.

    Args:
        view: The repository's view.
        task: What is to be done, in words; may be empty.
        situation: What is known of the session that asks.
        limit: Files at most.
    """
    root = view.repository.root
    if root is None or limit <= 0:
        return []
    asked = _Asked(view, task, situation or Situation())
    found: list[LikelyFile] = []
    elsewhere = _is_elsewhere(view, root)
    for path, score in asked.ranked():
        if not (_exists(root, path) or (elsewhere and asked.is_own(path))):
            continue
        share = round(score / _BEST, 4)
        chance = chance_of(share, asked.nearness(path))
        found.append(LikelyFile(path=path, chance=chance, score=share, why=asked.why(path)))
        if len(found) == limit:
            break
    return found


def chance_of(score: float, nearness: float) -> float:
    """Return the chance that a file is edited, as measured.

    Args:
        score: As of `LikelyFile`.
        nearness: Share, 0 to 1, of the task's idf that the nearest session, commit or name with it matches.
    """
    return round(1 / (1 + math.exp(-(_ODDS + _PER_SCORE * score + _PER_NEARNESS * nearness))), 3)


_BEST = sum(WEIGHTS.values()) / _NEAR

_Ranks = Mapping[str, float]


class _Asked:
    """One question, and the lists that answer it."""

    def __init__(self, view: View, task: str, situation: Situation) -> None:
        self._view, self._index = view, view.index
        self._situation = situation
        self._text = task[:MAX_TASK]
        self._now = clock.now() if situation.now is None else situation.now
        branch = situation.branch or current_branch(view.repository.git_dir)
        self._branch = "" if branch in _COMMON else branch
        self._developer = situation.developer or _this_developer(view.repository.root)
        self._names = frozenset(_NAME.findall(task[:_MAX_READ]))
        self._nearness: dict[str, float] = defaultdict(float)
        self._near_sessions: list[Document] = []
        self._near_commits: list[Document] = []
        by_name = self._hits(self._text, NEAREST_NAMES, "file")
        self._lists: dict[str, _Ranks] = {
            "sessions": self._of_sessions(),
            "commits": self._of_commits(),
            "branch": self._of_branch(),
            "names": {hit.document.title: hit.score for hit in by_name},
            "developer": self._of_developer(),
        }
        self._lists["together"] = self._together()

    def ranked(self) -> list[tuple[str, float]]:
        """Return paths with their fused scores, best first."""
        scores: dict[str, float] = defaultdict(float)
        for name, ranks in self._lists.items():
            for rank, path in enumerate(sorted(ranks, key=lambda path: (-ranks[path], path))):
                scores[path] += WEIGHTS[name] / (_NEAR + rank)
        left = ((path, score) for path, score in scores.items() if not self._is_known(path))
        return sorted(left, key=lambda item: (-item[1], item[0]))

    def nearness(self, path: str) -> float:
        """Return how near the nearest session, commit or name with a path is to the task."""
        return self._nearness.get(path, 0.0)

    def is_own(self, path: str) -> bool:
        """Tell whether a session of this machine edited a path, or a commit in view changed it."""
        return is_inside(path) and bool(self._mine(self._index.by_path(path, ["session", "commit"], 5)))

    def why(self, path: str) -> str:
        """Say in a few words what speaks for a path."""
        said = [
            _counted(path, self._near_sessions, "edited", "session"),
            _counted(path, self._near_commits, "changed", "commit"),
            "edited on this branch" if path in self._lists["branch"] else "",
            self._company(path),
            "named like the task" if path in list(self._lists["names"])[:_TOLD] else "",
            "edited lately" if path in self._lists["developer"] else "",
        ]
        return ", ".join([words for words in said if words][:2]) or "near to the task"

    def _company(self, path: str) -> str:
        if path not in self._lists["together"]:
            return ""
        return "edited together with " + next(
            (Path(anchor).name for anchor, paths in self._with.items() if path in paths), "what is named"
        )

    def _is_known(self, path: str) -> bool:
        return path in self._situation.edited or path.rpartition("/")[2] in self._names

    def _hits(self, text: str, limit: int, source: str) -> list[Hit]:
        hits = self._index.search(text, limit, sources=[source]) if text.strip() else []
        near = [hit for hit in hits if _is_close(hit) and self._counts(hit.document)]
        for hit in near:
            for path in hit.document.paths:
                self._nearness[path] = max(self._nearness[path], hit.idf_share)
        return near

    def _counts(self, document: Document) -> bool:
        """Tell whether a document is of this worktree's past, and not of the session that asks."""
        own = bool(document.session) and document.session == self._situation.session
        return not own and document.state != "superseded" and self._view.sees(document)

    def _fresh(self, document: Document) -> float:
        days = max(0.0, self._now - document.at) / 86400 if document.at is not None else 0.0
        return float(2.0 ** (-days / HALF_LIFE))

    def _of_sessions(self) -> _Ranks:
        hits = self._hits(f"{self._text}\n{self._branch}", NEAREST_SESSIONS, "session")
        weighed = [(hit.score * self._fresh(hit.document), hit.document) for hit in hits]
        weighed.sort(key=lambda item: (-item[0], item[1].id))
        self._near_sessions = [document for _, document in weighed if document.paths][:_TOLD]
        return _shared_out(weighed)

    def _of_commits(self) -> _Ranks:
        hits = self._hits(f"{self._text}\n{self._branch}", NEAREST_COMMITS, "commit")
        self._near_commits = [hit.document for hit in hits if hit.document.paths][:_TOLD]
        return _shared_out((hit.score, hit.document) for hit in hits if "wide" not in hit.document.tags)

    def _of_branch(self) -> _Ranks:
        if not self._branch:
            return {}
        return _newest_first(
            self._mine(self._index.by_branch(self._branch, ["session"], _MAX_OF_BRANCH)), 0.8
        )

    def _of_developer(self) -> _Ranks:
        if not self._developer:
            return {}
        latest = self._mine(self._index.all(sources=["session"], limit=_MAX_LATEST))
        own = [document for document in latest if document.author == self._developer and document.paths]
        return _newest_first(own[:_MAX_OF_DEVELOPER], 0.5)

    def _mine(self, documents: Iterable[Document]) -> list[Document]:
        return [document for document in documents if self._counts(document)]

    def _named(self) -> list[str]:
        """Return the files that the session edited, then those that the task names."""
        near = (path for name in ("names", "sessions", "commits") for path in self._lists[name])
        named = [path for path in near if path.rpartition("/")[2] in self._names]
        return list(dict.fromkeys([*reversed(self._situation.edited), *named]))[:_MAX_NAMED]

    def _together(self) -> _Ranks:
        """Rank files by the share of the sessions and commits of the anchors that had them too."""
        ranks: dict[str, float] = defaultdict(float)
        self._with: dict[str, set[str]] = {}
        for anchor in self._named():
            documents = self._mine(self._index.by_path(anchor, ["session", "segment", "commit"], _MAX_WITH))
            sessions = {document.session for document in documents if document.source == "session"}
            counted = [
                document
                for document in documents
                if document.source != "segment" or document.session not in sessions
            ]
            for document in counted:
                weight = 0.5 if document.source == "commit" else 1.0
                for path in document.paths:
                    if path != anchor and "wide" not in document.tags:
                        ranks[path] += weight / (len(counted) + 2)
                        self._with.setdefault(anchor, set()).add(path)
        return ranks


def current_branch(git_dir: Path) -> str:
    """Return the branch that a worktree is on, "" when on none; without running git."""
    try:
        head = (git_dir / "HEAD").read_text("utf-8", "replace").strip()
    except OSError:
        return ""
    return head.removeprefix("ref: refs/heads/") if head.startswith("ref: refs/heads/") else ""


def _this_developer(root: Path | None) -> str:
    return developer_of(str(root)) or developer_of(str(Path("~").expanduser()))


def _is_close(hit: Hit) -> bool:
    """Tell whether a hit shares more with a short task than a word that many tasks have."""
    return hit.of > SHORT or hit.idf_share >= LEAST_SHARE


def _shared_out(weighed: Iterable[tuple[float, Document]]) -> _Ranks:
    """Give each document's weight to its files: a file of many says less."""
    ranks: dict[str, float] = defaultdict(float)
    for weight, document in weighed:
        for path in document.paths:
            ranks[path] += weight / math.sqrt(len(document.paths))
    return ranks


def _newest_first(documents: Iterable[Document], keeps: float) -> _Ranks:
    ranks: dict[str, float] = defaultdict(float)
    for age, document in enumerate(documents):
        for path in document.paths:
            ranks[path] += keeps**age
    return ranks


def _counted(path: str, near: list[Document], done: str, what: str) -> str:
    count = sum(path in document.paths for document in near)
    if not count:
        return ""
    if len(near) == 1:
        return f"{done} in the nearest {what}"
    return f"{done} in {count} of the {len(near)} nearest {what}s"


def _is_elsewhere(view: View, root: Path) -> bool:
    """Tell whether the worktree holds nothing that sessions edited: it is no checkout of their files."""
    edited = view.index.all(sources=["file"], limit=_LOOKED_FOR)
    return bool(edited) and not any(_exists(root, document.title) for document in edited)


def _exists(root: Path, path: str) -> bool:
    if not is_inside(path):
        return False
    try:
        return (root / path).is_file()
    except (OSError, ValueError):
        return False
