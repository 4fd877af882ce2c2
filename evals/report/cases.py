"""The cases that a report shows in full: the worst first, each with what happened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from evals.report.read import Column
from evals.scorers import SCORERS, figures

WORST = 40
"""Cases shown in full."""


def worst_cases(columns: Sequence[Column]) -> list[dict[str, Any]]:
    """Cases with a miss: those that fall behind the first column, then hard figures, then means."""
    known = figures(SCORERS.values())
    firsts: dict[str, Column] = {}
    for column in columns:
        firsts.setdefault(column.suite, column)
    whole = {
        suite: {row["case"]: _goods(row, known) for row in column.rows}
        for suite, column in firsts.items()
    }
    found = []
    for number, column in enumerate(columns):
        for row in column.rows:
            if not row["misses"]:
                continue
            goods = _goods(row, known)
            before = whole[column.suite].get(row["case"], {})
            missed = [name for name, good in goods.items() if good < 1]
            fell = [name for name, good in goods.items() if good < before.get(name, good)]
            found.append(
                {
                    "column": column,
                    "number": number,
                    "row": row,
                    "missed": missed,
                    "hard": any(known[name].hard for name in missed),
                    "fell": fell,
                    "before": firsts[column.suite].label,
                    "mean": sum(goods.values()) / len(goods) if goods else 0.0,
                    "answers": _answers(row),
                    "concluded": _concluded(row["trace"]),
                }
            )
    found.sort(key=lambda case: (not case["fell"], not case["hard"], case["mean"]))
    return found[:WORST]


def _goods(row: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, float]:
    """Figure -> how good it is in this case, 1 at best."""
    return {
        name: 1 - score if known[name].low_is_good else score
        for name, score in row["scores"].items()
        if name in known
    }


def _answers(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Turn by turn: what was said, which tools ran, what was answered."""
    trace = row["trace"]
    answers = trace.get("answers") or ([trace] if "message" in trace else [])
    texts = row["texts"]
    first = len(texts) - len(answers)
    return [
        {
            "turn": first + number + 1,
            "said": texts[first + number] if 0 <= first + number < len(texts) else "",
            "calls": answer.get("calls", ()),
            "message": answer.get("message", ""),
            "missed": [m for m in row["misses"] if m.startswith(f"turn {first + number + 1}")],
        }
        for number, answer in enumerate(answers)
    ]


def _concluded(trace: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Label and text of what was read or summed up, where the case is no conversation."""
    if summary := trace.get("summary"):
        return [
            (key.replace("_", " "), category.get("text") or "not available")
            for key, category in summary.items()
        ]
    reading = trace.get("reading") or {}
    parts = ("price", "list_price", "currency", "brand", "color", "rating", "reviews")
    return [
        (p.get("title", ""), "; ".join(f"{n} {p[n]}" for n in parts if p.get(n) is not None))
        for p in reading.get("products", ())
    ] + [("promotion", p.get("text", "")) for p in reading.get("promotions", ())]
