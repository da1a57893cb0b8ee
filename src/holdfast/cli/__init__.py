"""Thin command modules; heavy imports happen inside the commands."""
