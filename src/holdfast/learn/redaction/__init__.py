"""What redaction knows: formats of secrets, names that announce them, and the look-alikes to keep."""
