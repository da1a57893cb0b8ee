"""What a command printed and whether it failed, out of the text that some agents put around it for the model.

Copilot CLI says the exit code in the last line; Gemini CLI and Qwen Code name fields, one a line, with the
output between them. The readers of their logs take the same apart (`holdfast.transcripts.copilot_results`,
`holdfast.transcripts.gemini_results`), so that a failure has one signature here and there. The formats are
those of Copilot CLI 1.0, Gemini CLI 0.61 and Qwen Code 0.15.
"""

from __future__ import annotations

_LONGEST, _MOST_DIGITS = 200, 9
_FIELDS = ("Stderr", "Error", "Exit Code", "Signal", "Background PIDs", "Process Group PGID")
_NOTHING = ("", "0", "(none)", "(empty)")
_OPENS, _CLOSES = "<untrusted_context>", "</untrusted_context>"


def read(text: str) -> tuple[str, bool | None]:
    """Return what a command printed, and whether it failed; None for what does not say so."""
    body = text.rstrip()
    if body.endswith(">") and "exit code " in body[-_LONGEST:]:
        return _before_last_line(text, body)
    wrapped = body.startswith(_OPENS) and body.endswith(_CLOSES)
    inside = body[len(_OPENS) : -len(_CLOSES)].strip("\n") if wrapped else text
    if inside.startswith(("Output:", "Stdout:", "Command: ")):
        return _fields_of(inside)
    return text, None


def _before_last_line(text: str, body: str) -> tuple[str, bool | None]:
    printed, _, last = body.rpartition("<")
    said, _, code = last[:-1].rpartition(" with exit code ")
    if not _is_code(code) or not said.endswith(("completed", "exited")):
        return text, None
    return printed.removesuffix("\n"), int(code) != 0


def _fields_of(body: str) -> tuple[str, bool | None]:
    at = min(
        (place for place in (_start(body, name) for name in ("Output:", "Stdout:")) if place >= 0), default=-1
    )
    if at < 0:
        return body, None
    lines = body[at:].removeprefix(" ").split("\n")
    fields: dict[str, str] = {}
    end, place = len(lines), len(_FIELDS)
    while end:
        name, colon, value = lines[end - 1].partition(":")
        if not colon or name not in _FIELDS[:place]:
            break
        place = _FIELDS.index(name)
        fields[name] = value.removeprefix(" ")
        end -= 1
    shown = "\n".join(lines[:end])
    shown = "" if shown in ("(empty)", "(none)") else shown
    extra = [fields[name] for name in ("Stderr", "Error") if fields.get(name, "(none)") not in _NOTHING]
    code = fields.get("Exit Code", "")
    killed = any(fields.get(name, "0") not in _NOTHING for name in ("Signal", "Error"))
    failed = int(code) != 0 if _is_code(code) else killed
    return "\n".join([shown, *extra] if shown else extra), failed


def _is_code(text: str) -> bool:
    """Tell whether a text is an exit code, as the readers of logs take it: of nine digits at most."""
    digits = text.removeprefix("-")
    return len(digits) <= _MOST_DIGITS and digits.isdecimal()


def _start(body: str, name: str) -> int:
    """Return where the text behind a field's name begins; -1 where the field is not there."""
    if body.startswith(name):
        return len(name)
    at = body.find(f"\n{name}")
    return -1 if at < 0 else at + 1 + len(name)
