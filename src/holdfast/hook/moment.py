"""One event of one session, with all that a surface needs to decide whether to say something."""

from __future__ import annotations

from .incoming import Incoming
from .journal import Journal
from .place import Place
from .published import Published
from .replies import hears
from .trusted import sha256

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Told:
    """What a surface has to say.

    Attributes:
        text: To the model; with ``deny`` the reason that it is given.
        ids: What it was made from; told once in a context.
        surface: ``start``, ``handoff``, ``prompt``, ``failure``, ``call``, ``guard`` or ``meter``.
        deny: Whether the call is stopped; ``rewrite`` what it is replaced by, or None.
        asked: Whether it may be told when enough was said already.
        noted: What else the journal keeps of it.
    """

    __slots__ = ("asked", "deny", "ids", "noted", "rewrite", "surface", "text")

    def __init__(
        self,
        text: str,
        ids: list[str],
        surface: str,
        *,
        deny: bool = False,
        rewrite: dict[str, Any] | None = None,
        asked: bool = False,
        noted: dict[str, object] | None = None,
    ) -> None:
        self.text, self.ids, self.surface = text, ids, surface
        self.deny, self.rewrite, self.asked = deny, rewrite, asked
        self.noted = noted or {}


class Moment:
    """An event, where it happened, what may be told there, and what the session was told so far.

    Attributes:
        incoming: The event; ``place`` the repository.
        published: What may be told.
        journal: The session's journal; ``key`` the session's key.
        now: Seconds since the epoch.
    """

    __slots__ = ("incoming", "journal", "key", "now", "place", "published")

    def __init__(self, incoming: Incoming, place: Place, published: Published, now: float) -> None:
        self.incoming, self.place, self.published, self.now = incoming, place, published, now
        self.key = session_key(incoming.name, incoming.session)
        self.journal = Journal(place.state, self.key, incoming.subagent)

    @property
    def meta(self) -> dict[str, Any]:
        """Return what is published of the repository as a whole: level, surfaces, prices, seed."""
        found = self.published.get("meta")
        return found if isinstance(found, dict) else {}

    def speaks(self, surface: str) -> bool:
        """Tell whether the level that was chosen has a surface, and the agent hears it; all heed guards."""
        incoming = self.incoming
        heard = surface == "guards" or hears(incoming.agent, incoming.event)
        return heard and surface in self.meta.get("surfaces", ())


def session_key(agent: str, session: str) -> str:
    """Return the key of a session, as records have it: 16 hex digits of a SHA-256."""
    return sha256(f"{agent}\n{session}".encode("utf-8", "replace"))[:16]
