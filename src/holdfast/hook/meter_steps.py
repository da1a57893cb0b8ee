"""What the context meter looks at: the steps of a session, in one form whatever they were read from.

The hook reads them off the end of an agent's log (`meter_log`), the command line off the typed events of the
whole log (`holdfast.flow.context_steps`); what is counted is the same.
"""

from __future__ import annotations

PROMPT, CALL, RESULT, USAGE, COMPACTION, CHANGED = (
    "prompt",
    "call",
    "result",
    "usage",
    "compaction",
    "changed",
)


class Step:
    """One step of a session's own conversation, without its subagents.

    Attributes:
        kind: ``prompt`` a person's; ``call``, ``result`` of a tool; ``usage`` of a message of the model;
            ``compaction``; ``changed`` when the client itself told the model that a file changed.
        at: Seconds since the epoch; 0 when the log does not say.
        id: The call's id.
        tool: ``Bash``, ``Edit``, ``Read``, ``Ask``, ``Poll``, ``Agent``, or another name.
        key: What makes a call the same as another: its tool and all that it was given.
        path: The file that is read, edited or changed; ``command`` the shell command.
        text: What a call printed or a person said; for questions, those asked.
        failed: Whether a result is one of a failure.
        model: The model of a usage; ``used`` the tokens it read, ``window`` the window that the log states.
    """

    __slots__ = (
        "at", "command", "failed", "id", "key", "kind", "model", "path", "text", "tool", "used", "window",
    )  # fmt: skip

    def __init__(
        self,
        kind: str,
        at: float = 0.0,
        *,
        id: str = "",  # noqa: A002 - the log's own word
        tool: str = "",
        key: str = "",
        path: str = "",
        command: str = "",
        text: str = "",
        failed: bool = False,
        model: str = "",
        used: int = 0,
        window: int = 0,
    ) -> None:
        self.kind, self.at, self.id, self.tool, self.key = kind, at, id, tool, key
        self.path, self.command, self.text, self.failed = path, command, text, failed
        self.model, self.used, self.window = model, used, window


_TOOLS = {
    "Bash": (
        "bash shell exec_command run_shell_command powershell shell_command local_shell unified_exec "
        "container.exec run_terminal_cmd"
    ),
    "Edit": "edit multiedit write replace str_replace apply_patch create write_file notebookedit edit_file",
    "Read": "read view read_file notebookread",
    "Ask": "askuserquestion ask_user request_user_input ask_user_question exitplanmode",
    "Poll": (
        "bashoutput taskoutput agentoutputtool killshell write_stdin wait todowrite todo_write update_plan "
        "taskcreate taskupdate tasklist taskget toolsearch tool_search sleep"
    ),
    "Agent": "agent task spawn_agent",
}
_OF = {name: tool for tool, names in _TOOLS.items() for name in names.split()}


def tool_of(name: str) -> str:
    """Return the tool in the meter's terms: what is polled or asked repeats itself by its nature."""
    return _OF.get(name.lower(), name)


_NOT_SAID = (
    "<", "Caveat: The messages below", "This session is being continued", "[Request interrupted",
    "Stop hook feedback:", "Operation stopped by hook", "Base directory for this skill:", "# AGENTS.md",
)  # fmt: skip


def is_said(text: str) -> bool:
    """Tell whether a text of the person's role is a person's, not the client's own."""
    text = text.lstrip()
    return bool(text) and not text.startswith(_NOT_SAID)


def seconds(moment: object) -> float:
    """Return the seconds since the epoch of a time in UTC (``2026-11-23T18:01:02.5Z``); 0 without one."""
    if isinstance(moment, int | float) and not isinstance(moment, bool):
        return moment / 1000 if moment > 1e11 else float(moment)
    if not isinstance(moment, str) or len(moment) < 19:
        return 0.0
    try:
        year, month, day = int(moment[:4]), int(moment[5:7]), int(moment[8:10])
        clock = int(moment[11:13]) * 3600 + int(moment[14:16]) * 60 + int(moment[17:19])
        part = moment[19:].rstrip("Z").partition("+")[0]
        fraction = float("0" + part) if part.startswith(".") else 0.0
    except ValueError:
        return 0.0
    # days since the epoch in the proleptic Gregorian calendar, with March as the first month
    year -= month <= 2
    month += 9 if month <= 2 else -3
    days = 365 * year + year // 4 - year // 100 + year // 400 + (153 * month + 2) // 5 + day - 1 - 719468
    return days * 86400.0 + clock + fraction
