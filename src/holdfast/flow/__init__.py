"""Work as it flows: the context that an agent has left, and what one session hands to the next."""
