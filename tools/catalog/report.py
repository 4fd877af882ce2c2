"""One page that shows what is in a catalogue: counts, prices, words, coverage, quarantine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from tools.catalog.catalog import Catalog
from tools.domain import show_money

_BARS = 30
_SELLING = {
    "transactions": "fitted to sales", "ratings": "by ratings", "equal": "not known",
}  # fmt: skip

_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{{ name }}</title>
<style>
 body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 62rem; padding: 0 1rem;
        color: #1c2733; background: #fff }
 h1 { margin: 0 } h2 { margin: 2rem 0 .5rem; font-size: 1.1rem }
 .figures { display: flex; flex-wrap: wrap; gap: 1rem 2.5rem; margin: 1rem 0 }
 .figures b { display: block; font-size: 1.5rem }
 table { border-collapse: collapse; width: 100% } td { padding: .1rem .5rem .1rem 0 }
 td.n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums }
 td.bar { width: 45% } td.bar i { display: block; height: .8rem; background: #4a7fb5 }
 .columns { display: grid; gap: 0 2rem;
            grid-template-columns: repeat(auto-fit, minmax(18rem, 1fr)) }
 svg { width: 100%; height: auto; display: block } svg rect { fill: #4a7fb5 }
 .axis { display: flex; justify-content: space-between; margin: 0; font-size: .8rem }
 section { max-width: 30rem } .muted { color: #5b6a78 }
 tr:nth-child(even) td { background: #f4f7fa }
</style>
<h1>{{ name }}</h1>
<p class="muted">from {{ source.file }}, {{ source.rows | n }} rows read,
{{ source.quarantined | n }} quarantined; version {{ version[:12] }} of {{ created }}</p>
<div class="figures">
{% for label, value in figures %}<div><b>{{ value }}</b>{{ label }}</div>{% endfor %}
</div>
{% if bars %}
<h2>Prices</h2>
<svg viewBox="0 0 900 166" role="img" aria-label="Number of products by price">
{% for bar in bars %}<rect x="{{ bar.x }}" y="{{ bar.y }}" width="{{ bar.width }}"
 height="{{ bar.height }}"><title>{{ bar.label }}: {{ bar.count }}</title></rect>{% endfor %}
</svg>
<p class="axis">{% for tick in ticks %}<span>{{ tick }}</span>{% endfor %}</p>
<p class="muted">Bars are of equal width in the logarithm of the price.</p>
{% endif %}
<h2>What the products say</h2>
<table>{% for label, count, share in coverage %}<tr><td>{{ label }}</td>
<td class="n">{{ count | n }}</td><td class="bar"><i style="width: {{ share }}%"></i></td>
<td class="n">{{ share }} %</td></tr>{% endfor %}</table>
<div class="columns">
{% for title, values, total in lists %}{% if values %}<section>
<h2>{{ title }} ({{ total | n }})</h2>
<table>{% for v in values %}<tr><td>{{ v.value }}</td><td class="n">{{ v.count | n }}</td></tr>
{% endfor %}</table></section>{% endif %}{% endfor %}
</div>
{% if attributes %}<h2>Attributes ({{ attributes | length }})</h2>
<table>{% for a in attributes[:40] %}<tr><td>{{ a.name }}</td><td class="n">{{ a.count | n }}</td>
<td>{% if a.lower is not none %}{{ "%g" | format(a.lower) }} to {{ "%g" | format(a.upper) }}
 {{ a.unit }}{% endif %} {{ a.values[:6] | map(attribute="value") | join(", ") }}</td></tr>
{% endfor %}</table>{% endif %}
</html>
"""


def write_report(catalog: Catalog, path: Path) -> None:
    """Write the page: one file, no script, nothing loaded from elsewhere.

    Args:
        catalog: what it is about.
        path: of the HTML file.
    """
    from jinja2 import Environment

    facts = catalog.facts()
    bars, ticks = _histogram(catalog)
    words = catalog.vocabulary()
    figures: list[tuple[str, Any]] = [
        ("products in stock", f"{facts.count:,}"),
        ("out of stock", f"{facts.out_of_stock:,}"),
        ("on sale", f"{facts.on_sale:,}") if catalog.priced else ("", "no prices"),
    ]
    if facts.price_lower is not None and facts.price_upper is not None:
        low, high = (show_money(p, facts.currency) for p in (facts.price_lower, facts.price_upper))
        figures.append(("prices", f"{low} to {high}"))
    if facts.mean_rating is not None:
        figures.append((f"mean of {facts.rated:,} ratings", facts.mean_rating))
    figures.append(("how well things sell", _SELLING[catalog.utility_source]))
    manifest = catalog.manifest
    environment = Environment(autoescape=True, trim_blocks=True)
    environment.filters["n"] = "{:,}".format
    page = environment.from_string(_PAGE).render(
        name=catalog.name,
        version=catalog.version,
        created=manifest.get("updated", manifest["created"]),
        source=manifest["source"],
        figures=figures,
        bars=bars,
        ticks=ticks,
        coverage=_coverage(catalog),
        lists=[
            ("Brands", facts.brands[:20], facts.brand_count),
            ("Colours", facts.colors[:20], facts.color_count),
            ("Categories", facts.categories[:20], facts.category_count),
            ("Sizes", facts.sizes[:20], facts.size_count),
        ],
        attributes=list(words.attributes.values()),
    )
    path.write_text(page, "utf-8")


_SHOWN = {"color": "colour"}


def _coverage(catalog: Catalog) -> list[tuple[str, int, float]]:
    columns, n = catalog.columns, len(catalog)
    counts = {
        "price": int(np.isfinite(columns.price).sum()),
        "list price above the price": int((columns.list_price > columns.price).sum()),
        "rating": int(np.isfinite(columns.rating).sum()),
        "number of reviews": int((columns.reviews >= 0).sum()),
        "stock": int((columns.stock >= 0).sum()),
    }
    for field, members in columns.members.items():
        counts[_SHOWN.get(field, field)] = int((np.diff(members.starts) > 0).sum())
    return [(label, count, round(100 * count / n, 1)) for label, count in counts.items()]


def _histogram(catalog: Catalog) -> tuple[list[dict[str, Any]], list[str]]:
    prices = catalog.prices[np.isfinite(catalog.prices)]
    if not len(prices):
        return [], []
    low, high = float(prices.min()), float(prices.max())
    edges = np.geomspace(low, high, _BARS + 1) if high > low else np.array([low, low * 1.01])
    counts, _ = np.histogram(prices, np.concatenate([edges[:-1], [np.inf]]))
    width = 900 / len(counts)
    bars = []
    for number, count in enumerate(counts.tolist()):
        height = round(160 * count / max(counts), 1)
        first, last = (show_money(round(edges[number + i], 2), catalog.currency) for i in (0, 1))
        bars.append(
            {
                "x": round(number * width, 1),
                "y": 165 - height,
                "width": round(width - 2, 1),
                "height": height,
                "count": count,
                "label": f"{first} to {last}",
            }
        )
    ticks = [
        show_money(round(at, 2), catalog.currency) for at in (low, float(np.sqrt(low * high)), high)
    ]
    return bars, ticks
