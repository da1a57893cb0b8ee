"""Skills: what an agent is told how to do, and where each agent finds exactly one copy of it."""

from __future__ import annotations

from holdfast.connect.skills.installation import install, installed_for, lie_in_tree, uninstall
from holdfast.connect.skills.sources import Skill, skills

__all__ = ["Skill", "install", "installed_for", "lie_in_tree", "skills", "uninstall"]
