"""Whether what is recommended keeps the limits, and whether it is the best that does."""

from __future__ import annotations

import numpy as np

from evals.cases import AnswerGold, Instance
from evals.scorers.base import Figure, Judgement, Scorer
from evals.scorers.words import close_kinds, fold, same_color, same_name, same_size
from evals.traces import AnswerTrace
from tools.colors import basic_color
from tools.domain import AttributeLimit, Constraints, GroupLimit, Product, Quantity

_SPELT_LIKE = 80.0
"""rapidfuzz ratio from which two words are one, misspelt or in another number."""


def broken_limits(product: Product, limits: Constraints) -> list[str]:
    """The hard limits that one product breaks, by path.

    Written apart from the code that applies limits, so that one mistake cannot hide another.
    """
    hard = limits.only(strength="hard")
    price = product.price
    colors = {c for color in product.colors for c in _color_names(color)}
    broken = {
        "currency": bool(hard.currency and price and price.currency != hard.currency),
        "price_lower": hard.price_lower is not None
        and (price is None or price.amount < hard.price_lower),
        "price_upper": hard.price_upper is not None
        and (price is None or price.amount > hard.price_upper),
        "colors": bool(hard.colors) and not _meets_colors(colors, hard.colors),
        "exclude.colors": _meets_colors(colors, hard.exclude.colors),
        "brands": bool(hard.brands) and not _has_brand(product, hard.brands),
        "exclude.brands": _has_brand(product, hard.exclude.brands),
        "categories": bool(hard.categories) and not _is_kind(product, hard.categories),
        "exclude.categories": _is_kind(product, hard.exclude.categories),
        "sizes": bool(hard.sizes) and not _has_size(product, hard.sizes),
        "exclude.sizes": bool(product.sizes)
        and all(_size_in(s, hard.exclude.sizes) for s in product.sizes),
        "attributes": not all(_has_attribute(product, a) for a in hard.attributes),
        "exclude.attributes": any(_has_attribute(product, a) for a in hard.exclude.attributes),
        "min_rating": hard.min_rating is not None
        and (product.rating is None or product.rating < hard.min_rating),
        "on_sale": hard.on_sale is not None and product.on_sale != hard.on_sale,
        "must_exclude": product.id in hard.must_exclude,
    }
    return [path for path, is_broken in broken.items() if is_broken]


def _color_names(color: str) -> set[str]:
    names = {same_color(color)}
    basic = basic_color(color)
    return names | {basic} if basic else names


def _meets_colors(colors: set[str], wanted: tuple[str, ...]) -> bool:
    # "navy" wants navy, "blue" takes navy too: the product's own word or its basic term.
    return any(same_color(w) in colors for w in wanted)


def _has_brand(product: Product, brands: tuple[str, ...]) -> bool:
    return product.brand is not None and same_name(product.brand) in {same_name(b) for b in brands}


def _is_kind(product: Product, kinds: tuple[str, ...]) -> bool:
    if any(close_kinds(own, kind) for own in product.categories for kind in kinds):
        return True
    # The shopper's own word is kept as it was typed: "mugs" for "Mugs & Cups", "dreses".
    own = fold(" ".join([*product.categories, product.title])).split()
    return any(all(_among(word, own) for word in fold(kind).split()) for kind in kinds)


def _among(word: str, words: list[str]) -> bool:
    from rapidfuzz import fuzz

    return any(fuzz.ratio(word, other) >= _SPELT_LIKE for other in words)


def _size_in(size: str, wanted: tuple[str, ...]) -> bool:
    return same_size(size) in {same_size(w) for w in wanted}


def _has_size(product: Product, sizes: tuple[str, ...]) -> bool:
    return any(_size_in(size, sizes) for size in product.sizes)


def _has_attribute(product: Product, limit: AttributeLimit) -> bool:
    asked = fold(limit.name)
    # "seater" for "seats": names share their stem.
    own = next(
        (v for n, v in product.attributes.items() if fold(n) == asked or fold(n)[:4] == asked[:4]),
        None,
    )
    if own is None:
        return False
    if isinstance(own, Quantity):
        in_range = (limit.lower is None or own.number >= limit.lower) and (
            limit.upper is None or own.number <= limit.upper
        )
        return in_range and (not limit.unit or fold(own.unit) == fold(limit.unit))
    values = {fold(own)} if isinstance(own, str) else {fold(v) for v in own}
    return not limit.values or bool(values & {fold(v) for v in limit.values})


def _broken_by_set(items: tuple[Product, ...], limits: Constraints) -> list[str]:
    hard = limits.only(strength="hard")
    ids = {item.id for item in items}
    broken = []
    if hard.count_min is not None and len(items) < hard.count_min:
        broken.append(f"{len(items)} items, at least {hard.count_min} wanted")
    if hard.count_max is not None and len(items) > hard.count_max:
        broken.append(f"{len(items)} items, at most {hard.count_max} wanted")
    if missing := [i for i in hard.must_include if i not in ids]:
        broken.append(f"item {missing[0]!r} was demanded")
    if len(ids) < len(items):
        broken.append("an item stands twice")
    return broken + [f for group in hard.group_limits for f in _broken_group(items, group)]


def _broken_group(items: tuple[Product, ...], group: GroupLimit) -> list[str]:
    counts: dict[str, int] = {}
    for item in items:
        values = {
            "brand": (item.brand,) if item.brand else (),
            "color": item.colors,
            "category": item.categories,
            "size": item.sizes,
        }[group.attribute]
        for value in {fold(v) for v in values}:
            counts[value] = counts.get(value, 0) + 1
    named = {fold(group.value): counts.get(fold(group.value), 0)} if group.value else counts
    return [
        f"{count} of {group.attribute} {value!r}"
        for value, count in named.items()
        if count < group.minimum or (group.maximum is not None and count > group.maximum)
    ]


def _judge_satisfaction(gold: AnswerGold, trace: AnswerTrace) -> Judgement:
    found = Judgement()
    if gold.feasible is False:
        found.check(
            "infeasible_said",
            trace.infeasible and not trace.items,
            "nothing meets the limits, and the answer does not say so",
        )
        return found
    if gold.limits is None:
        return found
    faults = [
        f"item {item.id!r} breaks {', '.join(paths)}"
        for item in trace.items
        if (paths := broken_limits(item, gold.limits))
    ]
    found.add("items_satisfying", len(trace.items) - len(faults), len(trace.items))
    faults += _broken_by_set(trace.items, gold.limits) if trace.items else ["no item at all"]
    found.check("satisfied", not faults)
    found.misses += faults
    return found


satisfaction = Scorer(
    "satisfaction",
    AnswerGold,
    AnswerTrace,
    _judge_satisfaction,
    {
        "satisfied": Figure("every hard limit kept", 1.0, hard=True),
        "items_satisfying": Figure("items that keep every limit"),
        "infeasible_said": Figure("an infeasible request is said to be so", 1.0, hard=True),
    },
)


def enumerate_optimum(instance: Instance) -> float:
    """The highest expected revenue by trying every set of allowed size (at most 18 items).

    Raises:
        ValueError: no set has an allowed size.
    """
    n = len(instance.ids)
    sets = (np.arange(2**n)[:, None] >> np.arange(n)) & 1
    sizes = sets.sum(axis=1)
    most = n if instance.count_max is None else instance.count_max
    sets = sets[(sizes >= instance.count_min) & (sizes <= most)]
    attraction = np.asarray(instance.attractions)
    top = sets @ (attraction * np.asarray(instance.prices))
    return float(np.max(top / (instance.outside + sets @ attraction)))


def revenue_of(instance: Instance, ids: set[str]) -> float:
    """Expected revenue of one set under the multinomial logit model."""
    chosen = np.array([i in ids for i in instance.ids], dtype=float)
    weights = chosen * np.asarray(instance.attractions)
    total = weights @ np.asarray(instance.prices)
    return float(total / (instance.outside + weights.sum()))


def _judge_optimality(gold: AnswerGold, trace: AnswerTrace) -> Judgement:
    found = Judgement()
    instance = gold.instance
    if instance is None:
        return found
    ids = {item.id for item in trace.items}
    strange = sorted(ids - set(instance.ids))
    most = len(instance.ids) if instance.count_max is None else instance.count_max
    allowed = not strange and instance.count_min <= len(ids) <= most and bool(trace.items)
    best = enumerate_optimum(instance)
    own = revenue_of(instance, ids)
    reached = allowed and own >= best * (1 - 1e-6)
    why = f"revenue {own:.6g}, the optimum is {best:.6g}"
    if strange:
        why = f"item {strange[0]!r} is not a candidate"
    elif not allowed:
        why = f"{len(ids)} items is not an allowed size"
    found.check("optimal", reached, why)
    honest = allowed and trace.value is not None and abs(trace.value - own) <= 1e-6 * max(own, 1e-9)
    found.check("value_right", honest, f"claims revenue {trace.value}, its set has {own:.6g}")
    return found


optimality = Scorer(
    "optimality",
    AnswerGold,
    AnswerTrace,
    _judge_optimality,
    {
        "optimal": Figure("revenue reaches the exact optimum", 1.0, hard=True),
        "value_right": Figure("the stated revenue is that of the set", 1.0, hard=True),
    },
)
