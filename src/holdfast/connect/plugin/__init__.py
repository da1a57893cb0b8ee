"""One plug-in package for Claude Code and Codex, built from the same sources as everything else."""
