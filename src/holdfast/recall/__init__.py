"""The right thing at the right moment, or nothing."""
