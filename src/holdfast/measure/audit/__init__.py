"""Audit a memory: junk, duplicates, contradictions, secrets and references to what is no longer there."""

from holdfast.measure.audit.finding import CLASSES, Audit, Class, Finding, NotRead, Place
from holdfast.measure.audit.run import audit

__all__ = ["CLASSES", "Audit", "Class", "Finding", "NotRead", "Place", "audit"]
