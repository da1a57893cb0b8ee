"""Tuition: what sessions keep paying for again, and the cheapest cure of each that lasts.

Everything is computed in memory from transcripts; nothing is written, and no records are needed.
"""
