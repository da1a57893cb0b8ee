"""The records branch, records, events, trust, config, ids, and the few git calls."""
