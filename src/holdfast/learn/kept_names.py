"""Names under which the index keeps what is asked at a prompt: of worktrees and the commits they see."""

from __future__ import annotations

import hashlib
from pathlib import Path

COMMIT = "commit"
"""The source of commits."""
HEAD = "head:"
"""How the name begins of what a worktree stands on; its key follows."""
UNSEEN = "unseen:"
"""How the state names the commits that cannot be reached from a head, only from those of other worktrees."""


def worktree_key(root: Path) -> str:
    """Return the key under which the documents of a worktree stand in the index."""
    return hashlib.sha256(str(root).encode("utf-8", "replace")).hexdigest()[:12]
