"""One small block in the instructions that agents read, managed: written, checked and taken out again.

It says that there is something to ask, and how. `text` is the block, `places` the files for a set of agents.
"""

from __future__ import annotations

from holdfast.connect.blocks.checking import Checked, Standing, check
from holdfast.connect.blocks.text import TEXT, render
from holdfast.connect.blocks.writing import remove, write

__all__ = ["TEXT", "Checked", "Standing", "check", "remove", "render", "write"]
