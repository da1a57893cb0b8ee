"""The tools that agents call by the Model Context Protocol: recall, learn, cite, brief.

What agents are shown of them stands in `declared`, as plain data. `opening` answers a client's first
requests from that data at once; `server` is the official SDK's, loaded when a client wants more. `tools` says
what each tool does.
"""
