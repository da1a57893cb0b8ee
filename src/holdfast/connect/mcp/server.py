"""The server itself, of the official SDK: what each request is answered with, over lines or over HTTP."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

from holdfast.connect.mcp import declared
from holdfast.connect.mcp.asker import Asker, asker_of
from holdfast.errors import EnvironmentProblem

try:
    import anyio
    import anyio.to_thread
    import mcp_types as types
    from mcp.server.lowlevel import Server
    from mcp.server.stdio import stdio_server
except ImportError as error:
    raise EnvironmentProblem(
        "The tools for agents need the official SDK of the Model Context Protocol.",
        'Install it: python -m pip install "holdfast[mcp]"',
    ) from error

if TYPE_CHECKING:
    from mcp.server.context import ServerRequestContext

AT_ONCE = 4
"""Calls of tools that are worked on at a time; more wait."""


def make_server(directory: Path, environment: Mapping[str, str] | None = None) -> Server[Any]:
    """Return a server whose tools answer of the repository around a directory.

    Args:
        directory: Where.
        environment: What the client told by the variables that it set; nothing where several may ask.
    """
    tools = [types.Tool.model_validate(each) for each in declared.TOOLS]
    limiter = anyio.CapacityLimiter(AT_ONCE)

    async def list_tools(
        _: ServerRequestContext[Any], __: types.PaginatedRequestParams | None
    ) -> types.ListToolsResult:
        return types.ListToolsResult(tools=tools)

    async def call_tool(
        context: ServerRequestContext[Any], params: types.CallToolRequestParams
    ) -> types.CallToolResult:
        from holdfast.connect.mcp.tools import call

        asker = _asker(context, environment or {})
        arguments = params.arguments or {}
        answer = await anyio.to_thread.run_sync(
            lambda: call(directory, params.name, arguments, asker), limiter=limiter
        )
        return types.CallToolResult(content=[types.TextContent(text=answer.text)], is_error=answer.failed)

    return Server(
        declared.NAME,
        version=declared.VERSION,
        instructions=declared.INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


def serve_lines(directory: Path, incoming: object, outgoing: object) -> None:
    """Serve one client over lines of JSON until they end.

    Args:
        directory: Where the client works.
        incoming: A text file to read lines from.
        outgoing: A text file to write lines to.
    """

    async def run() -> None:
        server = make_server(directory, os.environ)
        reading = anyio.wrap_file(cast("IO[str]", incoming))
        writing = anyio.wrap_file(cast("IO[str]", outgoing))
        async with stdio_server(reading, writing) as (messages, answers):
            await server.run(messages, answers, server.create_initialization_options())

    anyio.run(run)


def _asker(context: ServerRequestContext[Any], environment: Mapping[str, str]) -> Asker:
    params = context.session.client_params
    name = params.client_info.name if params is not None else ""
    return asker_of(name, dict(context.meta or {}), environment)
