"""What repeats cost, and what it changed."""
