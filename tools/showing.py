"""Products, solutions and what-ifs as the JSON that models and people are shown."""

from __future__ import annotations

from typing import Any

from tools.domain import Product
from tools.solution import Scenario, Solution


def show_product(product: Product, *, whole: bool = False) -> dict[str, Any]:
    """A product as JSON for a model or a person; `whole` adds description and attributes."""
    shown: dict[str, Any] = {
        "id": product.id,
        "title": product.title,
        "price": float(product.price.amount) if product.price else None,
        "currency": product.price.currency if product.price else None,
        "list_price": float(product.list_price.amount) if product.list_price else None,
        "brand": product.brand,
        "colors": list(product.colors),
        "rating": product.rating,
        "reviews": product.reviews,
    }
    if whole:
        shown |= {
            "categories": list(product.categories),
            "sizes": list(product.sizes),
            "attributes": product.model_dump(mode="json")["attributes"],
            "description": product.description[:1000],
            "stock": product.stock,
        }
    return shown


def show_solution(solution: Solution) -> dict[str, Any]:
    """A solution as JSON: plain numbers beside a currency code."""
    return {
        "status": solution.status,
        "objective": solution.objective,
        "currency": solution.currency,
        "items": [
            {
                "id": item.id,
                "title": item.title,
                "price": float(item.price.amount),
                "currency": item.price.currency,
                "list_price": float(item.list_price.amount) if item.list_price else None,
                "choice_probability": round(item.choice_probability, 6),
                "reason": "; ".join(item.reasons),
            }
            for item in solution.items
        ],
        "expected_revenue": solution.expected_revenue,
        "purchase_probability": solution.purchase_probability,
        "surplus": solution.surplus,
        "bound": solution.bound,
        "gap": solution.gap,
        "candidates": solution.candidates,
        "proof": solution.proof,
        "conflicts": [list(c) for c in solution.conflicts],
        "relaxations": [list(r) for r in solution.relaxations],
        "relaxed": [r.model_dump() for r in solution.relaxed],
        "limit_costs": [c.model_dump() for c in solution.limit_costs],
        "utility_source": solution.utility_source,
        "warnings": list(solution.warnings),
    }


def show_scenario(scenario: Scenario) -> dict[str, Any]:
    """A what-if as JSON: both limits, both solutions and what changed."""
    d = scenario.difference
    return {
        "limits_before": scenario.before.to_json(),
        "limits_after": scenario.after.to_json(),
        "before": show_solution(scenario.solution_before),
        "after": show_solution(scenario.solution_after),
        "difference": {
            "items_in": [item.id for item in d.items_in],
            "items_out": [item.id for item in d.items_out],
            "revenue_before": d.revenue_before,
            "revenue_after": d.revenue_after,
            "surplus_before": d.surplus_before,
            "surplus_after": d.surplus_after,
        },
    }
