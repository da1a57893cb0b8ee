"""Work that runs side by side: worktrees of its own for each session."""
