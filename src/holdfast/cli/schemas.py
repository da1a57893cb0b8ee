"""The JSON that commands print: one schema for each name, shipped with the package.

``python -m holdfast.cli.schemas`` writes them to ``holdfast/schemas/<name>-<version>.json``. They are made
from the types that the commands print, and a test holds the two equal.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module, resources
from pathlib import Path
from typing import Any

import msgspec

DOCUMENTS: dict[str, tuple[str, ...]] = {
    "audit/1": ("holdfast.measure.audit:Audit",),
    "brief-handoff/1": ("holdfast.flow.handoff_answer:HandoffAnswer",),
    "brief/1": ("holdfast.recall.brief:Brief",),
    "cite/1": ("holdfast.learn.citing:Cited",),
    "digest/1": ("holdfast.measure.digest:Digest",),
    "doctor/1": ("holdfast.connect.diagnosis:Diagnosis",),
    "error/1": ("holdfast.cli.output:FailureDocument",),
    "ingest-due/1": ("holdfast.learn.capture:Captured",),
    "ingest-hold-out/1": ("holdfast.evidence.holdouts:HeldOut",),
    "ingest-symptoms/1": ("holdfast.recall.asking:Asked",),
    "ingest/1": ("holdfast.learn.report:IngestReport",),
    "init/1": ("holdfast.connect.setup:Report",),
    "learn-export/1": ("holdfast.recall.export:Exported",),
    "learn-import/1": ("holdfast.learn.imports:ImportReport",),
    "learn-quoted/1": ("holdfast.learn.quoted:Quoted",),
    "learn-session/1": ("holdfast.cli.learn_session:SessionAnswers",),
    "learn-wording/1": ("holdfast.cli.learn_wording:Chosen",),
    "learn/1": ("holdfast.learn.write:Written",),
    "ledger/1": ("holdfast.cli.ledger:_Answer",),
    "mcp/1": ("holdfast.connect.mcp.http:Address",),
    "recall-approach/1": ("holdfast.recall.approach:ApproachAnswer",),
    "recall-call/1": ("holdfast.recall.before_call:CallAnswer",),
    "recall-failure/1": ("holdfast.recall.failures:FailureAnswer",),
    "recall/1": ("holdfast.recall.search:Found",),
    "review-done/1": ("holdfast.cli.review:Done",),
    "review-guard-done/1": ("holdfast.cli.review_guard_text:Decided",),
    "review-guard-test/1": ("holdfast.measure.guard_trial:Tested",),
    "review-guard/1": ("holdfast.cli.review_guard_text:Guarding",),
    "review/1": ("holdfast.recall.queue:Queue",),
    "run-worktree/1": ("holdfast.crew.worktree:Made",),
    "status-quiet/1": ("holdfast.cli.status:Silence",),
    "status-context/1": ("holdfast.flow.context:ContextUse",),
    "status/1": ("holdfast.measure.overview:Overview",),
    "sync-check/1": ("holdfast.connect.blocks.checking:Checked",),
    "sync/1": ("holdfast.cli.sync:_Answer", "holdfast.cli.sync:_Preview"),
    "tour/1": ("holdfast.measure.tour:Tour",),
    "trust/1": ("holdfast.cli.trust:_Answer",),
    "tuition/1": ("holdfast.measure.tuition.report:Tuition",),
    "why-line/1": ("holdfast.recall.why_line:LineReason",),
    "why/1": ("holdfast.recall.why:Reason",),
}
"""The types behind each name; where there are several, a document is of one of them."""

_REFERENCE = "#/$defs/{name}"


def schema(name: str) -> dict[str, Any]:
    """Return the JSON schema (draft 2020-12) of the documents of a name such as ``status/1``."""
    types = [_load(place) for place in DOCUMENTS[name]]
    _, parts = msgspec.json.schema_components(types, ref_template=_REFERENCE)
    for struct in _structs(msgspec.inspect.multi_type_info(types)):
        part = parts[struct.__name__]
        part["required"] = _always_there(struct)
        if "description" in part:  # the first sentence of the docstring; what follows is for its reader
            part["description"] = part["description"].partition("\n\n")[0]
    tops = [_top(parts.pop(type_.__name__), name) for type_ in types]
    document = tops[0] if len(tops) == 1 else {"anyOf": tops}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"holdfast.{name}",
        **document,
        **({"$defs": dict(sorted(parts.items()))} if parts else {}),
    }


def file_name(name: str) -> str:
    """Return the file in ``holdfast/schemas`` that holds the schema of a name."""
    return f"{name.replace('/', '-')}.json"


def render(name: str) -> str:
    """Return the text of a schema's file."""
    return msgspec.json.format(msgspec.json.encode(schema(name)), indent=2).decode() + "\n"


def shipped(name: str) -> dict[str, Any]:
    """Return the schema of a name as it is shipped with the package."""
    text = resources.files("holdfast").joinpath("schemas", file_name(name)).read_text("utf-8")
    found: dict[str, Any] = msgspec.json.decode(text)
    return found


def write(folder: Path) -> None:
    """Write every schema into a folder."""
    folder.mkdir(exist_ok=True)
    for name in DOCUMENTS:
        (folder / file_name(name)).write_text(render(name), "utf-8")


def _load(place: str) -> type[msgspec.Struct]:
    module, _, name = place.partition(":")
    found: type[msgspec.Struct] = getattr(import_module(module), name)
    return found


def _top(part: dict[str, Any], name: str) -> dict[str, Any]:
    """Return a document's schema with the field that names it."""
    properties = {"schema": {"const": f"holdfast.{name}"}, **part["properties"]}
    named = {key: value for key, value in part.items() if key != "title"}
    return {**named, "properties": properties, "required": ["schema", *part["required"]]}


def _structs(infos: Any) -> Iterator[type[msgspec.Struct]]:
    """Yield the struct types among types and in what they hold."""
    if isinstance(infos, msgspec.inspect.StructType):
        yield infos.cls
        yield from _structs([field.type for field in infos.fields])
    elif isinstance(infos, list | tuple):
        for info in infos:
            yield from _structs(info)
    elif isinstance(infos, msgspec.inspect.Type):
        for name in infos.__struct_fields__:
            yield from _structs(getattr(infos, name))


def _always_there(struct: type[msgspec.Struct]) -> list[str]:
    """Return the fields that are always printed: all, unless the type leaves defaults out."""
    fields = msgspec.structs.fields(struct)
    omits = struct.__struct_config__.omit_defaults
    return [field.encode_name for field in fields if not omits or field.required]


if __name__ == "__main__":
    write(Path(__file__).parent.parent / "schemas")
