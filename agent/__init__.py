"""The LangGraph state machine and everything that runs it."""
