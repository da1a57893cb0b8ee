"""Read the edits out of a patch in Codex's own format (``*** Begin Patch`` … ``*** End Patch``)."""

from __future__ import annotations

from holdfast.transcripts.events import Edit
from holdfast.transcripts.paths import SessionPaths
from holdfast.transcripts.values import cut

BEGIN = "*** Begin Patch"
END = "*** End Patch"
_ADD, _UPDATE, _DELETE, _MOVE = "*** Add File: ", "*** Update File: ", "*** Delete File: ", "*** Move to: "


def find_patch(text: str) -> str | None:
    """Return the patch that a text holds, with its first and its last line."""
    start = text.find(BEGIN)
    if start < 0:
        return None
    end = text.find(END, start)
    return text[start:] if end < 0 else text[start : end + len(END)]


def read_patch(patch: str, paths: SessionPaths) -> tuple[Edit, ...]:
    """Return one edit for each file and hunk of a patch.

    A file that is added has no removed text; a file that is deleted or moved away has neither text, for
    the patch does not hold its content.
    """
    edits: list[Edit] = []
    path: str | None = None
    removed: list[str] = []
    added: list[str] = []
    pending = False

    def close() -> None:
        nonlocal pending
        if path is not None and (pending or removed or added):
            edits.append(Edit(path, cut("\n".join(removed)), cut("\n".join(added))))
        removed.clear()
        added.clear()
        pending = False

    for line in patch.split("\n"):
        header = next((mark for mark in (_ADD, _UPDATE, _DELETE, _MOVE) if line.startswith(mark)), None)
        if header is not None:
            pending = pending or header == _MOVE  # the file that is moved away
            close()
            path = paths.relative(line[len(header) :].strip())
            pending = header in (_ADD, _DELETE, _MOVE)
        elif line.startswith("@@"):
            if removed or added:
                close()
        elif line.startswith("***") or path is None:
            continue
        elif line.startswith("-"):
            removed.append(line[1:])
        elif line.startswith("+"):
            added.append(line[1:])
    close()
    return tuple(edits)
