"""What is left of the list that an agent keeps for itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from holdfast.flow.task_lists import TaskLists
from holdfast.transcripts.origin import FileOrigin


def left(tmp_path: Path, *records: Any) -> list[str]:
    path = tmp_path / "log.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    lists = TaskLists()
    lists.read(FileOrigin(path))
    return lists.left()


def claude(name: str, given: Any, call: str = "", **more: Any) -> dict[str, Any]:
    block = {"type": "tool_use", "id": call or f"{name}{given}", "name": name, "input": given}
    return {"type": "assistant", "message": {"content": [block]}, **more}


def todo(*tasks: tuple[str, str]) -> dict[str, Any]:
    return {"todos": [{"content": text, "status": status} for text, status in tasks]}


def test_the_last_whole_list_stands_and_what_was_begun_comes_first(tmp_path: Path) -> None:
    first = todo(("a", "in_progress"), ("b", "pending"))
    last = todo(("a", "completed"), ("b", "pending"), ("c", "in_progress"))
    assert left(tmp_path, claude("TodoWrite", first), claude("TodoWrite", last)) == ["c", "b"]


def test_tasks_that_are_created_one_by_one_are_known_by_their_number(tmp_path: Path) -> None:
    records = [
        claude("TaskCreate", {"subject": "a", "description": "long"}, "1"),
        claude("TaskCreate", {"subject": "b"}, "2"),
        claude("TaskCreate", {"subject": "c"}, "3"),
        claude("TaskUpdate", {"taskId": "1", "status": "completed"}, "4"),
        claude("TaskUpdate", {"taskId": "3", "status": "deleted"}, "5"),
        claude("TaskUpdate", {"taskId": "9", "status": "completed"}, "6"),
    ]
    assert left(tmp_path, *records) == ["b"]


def test_a_plan_of_codex_is_read_from_its_arguments(tmp_path: Path) -> None:
    plan = {"plan": [{"step": "a", "status": "completed"}, {"step": "b", "status": "pending"}]}
    call = {"type": "function_call", "name": "update_plan", "call_id": "c1", "arguments": json.dumps(plan)}
    assert left(tmp_path, {"type": "response_item", "payload": call}) == ["b"]


def test_the_same_call_in_another_record_counts_once(tmp_path: Path) -> None:
    record = claude("TaskCreate", {"subject": "a"}, "1")
    second = claude("TaskCreate", {"subject": "b"}, "2")
    wire = {"type": "api-request", "body": second}
    done = claude("TaskUpdate", {"taskId": "1", "status": "completed"}, "3")
    assert left(tmp_path, record, record, wire, second, done) == ["b"]


def test_a_subagents_list_and_what_is_no_list_are_passed_over(tmp_path: Path) -> None:
    aside = claude("TodoWrite", todo(("a", "pending")), isSidechain=True)
    broken: list[Any] = [
        claude("TodoWrite", given) for given in (None, [], {"todos": "x"}, {"todos": [1, None]})
    ]
    assert left(tmp_path, aside, *broken, "TodoWrite", 7) == []
