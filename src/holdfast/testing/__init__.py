"""Temporary repositories, sample sessions and a clock, for your tests and ours."""
