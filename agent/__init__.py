"""The LangGraph state machine and everything that runs it."""

import os

# Read by langgraph when it is first imported: a checkpoint then builds only types that the state's
# schema names (CVE-2026-28277).
os.environ.setdefault("LANGGRAPH_STRICT_MSGPACK", "true")
