"""The story page: one self-contained HTML file that tells how a recommendation came about."""

from __future__ import annotations

from agent.report.page import render, write_page
from agent.report.story import Story, tell

__all__ = ["Story", "render", "tell", "write_page"]
