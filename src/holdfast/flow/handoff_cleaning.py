"""Make what a session said fit to be kept and told: redacted, without this machine's names, one line each."""

from __future__ import annotations

from collections.abc import Iterable

from holdfast.flow.handoff_words import shortened
from holdfast.hook.quoting import quoted
from holdfast.learn.gate import is_safe
from holdfast.learn.neutral import neutral_text, secrets_in

MAX_TEXTS = 1500
"""Texts in which secrets are looked for: the latest."""
WORDS = 60
"""Words of one text that are kept."""


class Cleaning:
    """Clean the texts of one session.

    Args:
        root: The session's root, which becomes ``.``.
        said: What the session ran and was asked: a secret that one text tells is taken out of all.
    """

    def __init__(self, root: str | None, said: Iterable[str]) -> None:
        self._root = root
        self._secrets = secrets_in(list(dict.fromkeys(said))[-MAX_TEXTS:])

    def line(self, text: str, most: int = WORDS) -> str:
        """Return a text as one clean line of so many words at most."""
        for secret in self._secrets:
            text = text.replace(secret, "[redacted:secret]")
        return shortened(quoted(neutral_text(text, self._root)), most)

    def lines(self, texts: Iterable[str], most: int, *, of_person: bool = False) -> list[str]:
        """Return the latest texts as clean lines, each once, in their order.

        What orders harm is left out, unless it is a person's own: an agent or a program was put up to it.
        """
        cleaned: dict[str, str] = {}
        for text in texts:
            line = self.line(text)
            key = line.casefold().rstrip(" .!")
            if key and (of_person or is_safe(line)):
                cleaned.pop(key, None)
                cleaned[key] = line
        return list(cleaned.values())[-most:]
