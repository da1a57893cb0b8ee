"""Events become candidates; redaction and the quality gate decide what is kept."""
