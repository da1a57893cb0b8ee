"""What is set up in a repository and in each agent; undo and doctor."""
