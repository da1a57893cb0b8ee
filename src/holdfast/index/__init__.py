"""The derived SQLite store: views and full text. It holds no policy and can be deleted."""

from holdfast.index.documents import Document, Hit, Occurrence, Stretch
from holdfast.index.store import Index

__all__ = ["Document", "Hit", "Index", "Occurrence", "Stretch"]
