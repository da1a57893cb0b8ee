"""Give the tools of all agents one set of names."""

from __future__ import annotations

_NAMES = {
    "Bash": (
        "bash", "shell", "exec_command", "run_shell_command", "powershell", "shell_command", "container.exec",
        "local_shell", "local_shell_call", "unified_exec", "run_terminal_cmd", "execute_bash", "terminal",
    ),
    "Edit": (
        "edit", "multiedit", "replace", "str_replace", "apply_patch", "str_replace_editor", "edit_file",
        "notebookedit", "str_replace_based_edit_tool", "search_replace", "patch",
    ),
    "Write": ("write", "create", "write_file", "create_file"),
    "Read": ("read", "view", "read_file", "read_many_files", "notebookread", "view_image"),
    "Grep": ("grep", "search_file_content", "grep_files", "grep_search", "rg"),
    "Glob": ("glob", "ls", "list_directory", "list_dir", "file_search", "find"),
}  # fmt: skip
_TO_ONE = {name: tool for tool, names in _NAMES.items() for name in names}


def tool_of(name: str) -> str:
    """Return Bash, Edit, Write, Read, Grep or Glob for an agent's tool, else the agent's own name."""
    return _TO_ONE.get(name) or _TO_ONE.get(name.lower(), name)
