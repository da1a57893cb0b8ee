"""What sessions prove: failure episodes and segments."""
