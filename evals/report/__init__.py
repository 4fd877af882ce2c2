"""One self-contained page over evaluation runs: it opens offline and asks for nothing."""

from __future__ import annotations

from evals.report.page import write_report

__all__ = ["write_report"]
