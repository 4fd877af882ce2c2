"""The embedded reader: frames into readings, evidence and a summary, with no key and no network."""

from __future__ import annotations

from agent.reader.aggregate import collect_evidence
from agent.reader.reader import EmbeddedReader
from agent.reader.summary import summarize_readings

__all__ = ["EmbeddedReader", "collect_evidence", "summarize_readings"]
