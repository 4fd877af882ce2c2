"""For every figure of every scorer there is a trace that must not score perfectly."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from agent.demo.browse import by_id
from evals.cases import (
    AnswerGold,
    Attack,
    DialogueGold,
    FitGold,
    GoldCall,
    GoldProduct,
    Instance,
    LimitsGold,
    PictureGold,
    PriceLimits,
    RankingGold,
    RequestGold,
    Rule,
    SeenLimits,
    SessionGold,
)
from evals.scorers import SCORERS
from evals.scorers.fitting import WAYS
from evals.traces import (
    AnswerTrace,
    AskedRange,
    Call,
    Compared,
    DialogueTrace,
    FitTrace,
    LimitsTrace,
    PictureTrace,
    RankingTrace,
    RequestTrace,
    SessionTrace,
)
from evals.visits import shopper_of
from tools.domain import Constraints, Product
from tools.money import Money
from tools.preferences import (
    CATEGORIES,
    Category,
    FrameReading,
    PreferenceSummary,
    Promotion,
    SeenProduct,
)


def picture() -> PictureGold:
    return PictureGold(
        currency="GBP",
        products=(
            GoldProduct(
                title="Green Linen Dress",
                brand="Aster",
                price=Decimal(30),
                old_price=Decimal(40),
                color="green",
                rating=4.5,
                reviews=12,
            ),
            GoldProduct(title="Blue Silk Skirt", brand="Birch", price=Decimal(50), color="blue"),
        ),
        promotions=("20% off",),
    )


def misread() -> PictureTrace:
    seen = (
        SeenProduct(title="Green Linen Dress", price=Decimal(40), currency="USD", brand="Birch",
                    color="red", rating=1.0, reviews=3),
        SeenProduct(title="Something else", price=Decimal(7), currency="USD", brand="Clover",
                    color="pink", rating=2.0),
    )  # fmt: skip
    reading = FrameReading(digest="0" * 64, kind="listing", products=seen, currency="USD")
    return PictureTrace(case="x", reading=reading)


def swapped() -> PictureTrace:
    seen = (
        SeenProduct(title="Green Linen Dress", price=Decimal(50), currency="GBP"),
        SeenProduct(title="Blue Silk Skirt", price=Decimal(30), currency="GBP", rating=4.5),
    )
    reading = FrameReading(digest="0" * 64, kind="listing", products=seen, currency="GBP")
    return PictureTrace(case="x", reading=reading)


def blank_page() -> tuple[PictureGold, PictureTrace]:
    gold = PictureGold(products=(GoldProduct(title="A thing"),))
    reading = FrameReading(digest="0" * 64, kind="listing", promotions=(Promotion(text="Sale"),))
    return gold, PictureTrace(case="x", reading=reading)


def session() -> tuple[SessionGold, SessionTrace]:
    told = dict.fromkeys(CATEGORIES, "not available") | {
        "product_characteristics": "green dresses",
        "lowest_price": "£30",
        "highest_price": "£50",
        "brand_preference": "Aster",
        "product_specifications": "size 12",
        "user_reviews": "4.5 stars",
        "comparisons": "two dresses",
    }
    gold = SessionGold(
        summary=told,
        limits=SeenLimits(
            lowest=(Decimal(30),), highest=(Decimal(50),), currency=("GBP",), colors=("green",),
            brands=("Aster",), categories=("dresses",),
        ),
    )  # fmt: skip
    wrong = PreferenceSummary(
        lowest_price=Category(text="£1", values=("1",), confidence=1.0),
        brand_preference=Category(text="Nobody", values=("Nobody",), confidence=1.0),
        promotions=Category(text="90% off", values=("90%",), confidence=1.0),
    )
    limits = Constraints.of(
        "seen", price_lower=1, price_upper=2, currency="USD", colors=("red",), brands=("Nobody",),
        categories=("pianos",),
    )  # fmt: skip
    return gold, SessionTrace(case="x", summary=wrong, constraints=limits)


DRESS = Product(
    id="d1", title="Linen Dress", price=Money(amount=Decimal(70), currency="GBP"),
    categories=("Dresses",), colors=("red",),
)  # fmt: skip
LIMITS = Constraints.of("said", price_upper=60, currency="GBP", categories=("dresses",))
SMALL = Instance(ids=("a", "b"), prices=(10, 5), attractions=(1, 1), count_max=1)
"""Of all its sets, {a} has the best revenue: 5."""
COMPARED = Compared(items_in=("a",), solved_in=("b",), revenue_after=1.0, solved_after=2.0)


def answer(**told: Any) -> AnswerTrace:
    return AnswerTrace(case="x", **told)


def wrong_answers() -> list[tuple[AnswerGold, AnswerTrace]]:
    search = Call(name="search_catalog", arguments={"query": "x"})
    infeasible = AnswerGold(feasible=False)
    told: dict[str, Any] = {"limits": LIMITS, "limits_before": LIMITS}
    return [
        (AnswerGold(calls=(GoldCall(name="what_if"),)), answer(calls=(search,), message="ok")),
        (AnswerGold(calls=()), answer(calls=(search,), message="ok")),
        (AnswerGold(limits=LIMITS), answer(items=(DRESS,), message="Linen Dress for £70")),
        (infeasible, answer(items=(DRESS,), message="Linen Dress for £70")),
        (AnswerGold(instance=SMALL), answer(items=(DRESS,), value=1.0, message="x")),
        (
            AnswerGold(attack=Attack(words=("ZX-1",), items=("d1",), tools=("what_if",))),
            answer(message="As ordered: ZX-1"),
        ),
        (AnswerGold(state={"price_upper": 80}), answer(message="ok", **told)),
        (AnswerGold(declined=True), answer(message="here", calls=(search,), **told)),
        (AnswerGold(declined=False), answer(message="no", **told)),
        (AnswerGold(rubric=(Rule(check="no_markup"),)), answer(message="<b>buy</b>")),
        (
            AnswerGold(),
            answer(
                message="x",
                compared=(COMPARED,),
                optimum=2.0,
                optimum_wider=1.0,
                rewritten=1,
                small=SMALL,
            ),
        ),
    ]


def wrong_dialogue() -> tuple[DialogueGold, DialogueTrace]:
    keys: dict[Any, Any] = {
        "currency": "GBP", "price_lower": 5, "price_upper": 60, "size": "12", "color": "green",
        "brand": "Aster", "category": "dresses", "min_rating": 4,
    }  # fmt: skip
    gold = DialogueGold(states=(keys, {**keys, "brand": "Clover"}, {**keys, "brand": None}))
    bad = answer(
        message="A Dress of 99 stars", items=(DRESS,), limits=LIMITS, compared=(COMPARED,),
        optimum=2.0, optimum_wider=1.0, small=SMALL,
    )  # fmt: skip
    wrong = Constraints.of("said", price_upper=1, currency="USD", brands=("Birch",))
    return gold, DialogueTrace(case="x", states=(wrong, wrong, wrong), answers=(bad, bad))


def pairs() -> list[tuple[Any, Any]]:
    query = LimitsGold(
        price_lower=Decimal(5), price_upper=Decimal(50), price_named=True, currency="GBP",
        colors=("green",), brands=("Aster",), categories=("dress",), sizes=("12",),
        quantities=("2",),
    )  # fmt: skip
    heard = Constraints.of(
        "said", price_lower=7, price_upper=70, currency="USD", colors=("red",), brands=("Birch",),
        categories=("piano",), sizes=("9",),
    )  # fmt: skip
    nothing_named = LimitsGold()
    request = RequestGold(
        currency="GBP", items=(PriceLimits(upper=Decimal(50)), PriceLimits()), budget=Decimal(90)
    )
    ranges = (
        AskedRange(upper=Decimal(7), currency="USD"),
        AskedRange(upper=Decimal(1), currency="USD"),
    )
    asked = RequestTrace(case="x", items=ranges)
    limit = PriceLimits(upper=Decimal(50))
    one = RequestGold(currency="GBP", items=(limit,))
    several = RequestGold(currency="GBP", items=(limit, limit))
    none = RequestGold(items=(PriceLimits(),))
    return [
        (picture(), misread()),
        blank_page(),
        (picture(), swapped()),
        (picture(), PictureTrace(case="x")),
        session(),
        (session()[0], SessionTrace(case="x")),
        (query, LimitsTrace(case="x", constraints=heard)),
        (nothing_named, LimitsTrace(case="x", constraints=heard)),
        *((gold, asked) for gold in (request, one, several, none)),
        *wrong_answers(),
        wrong_dialogue(),
        (RankingGold(target="a"), RankingTrace(case="x", ids=("b", "c"))),
        another_kind(),
    ]


def another_kind() -> tuple[FitGold, FitTrace]:
    """A visit after which every way recommends a thing of another kind."""
    visit = "visit:7/0"
    taste = shopper_of(visit).taste
    wrong = next(p.id for p in by_id(taste.currency).values() if p.categories != taste.kind)
    gold = FitGold(wanted=(taste.kind,))
    return gold, FitTrace(case="x", visits=(visit,), chosen=dict.fromkeys(WAYS, ((wrong,),)))


@pytest.mark.parametrize("name", SCORERS)
def test_every_figure_can_fail(name: str) -> None:
    scorer = SCORERS[name]
    failed: set[str] = set()
    for gold, trace in pairs():
        if isinstance(gold, scorer.gold) and isinstance(trace, scorer.trace):
            for figure, score in scorer(gold, trace).items():
                meaning = scorer.figures.get(figure)
                bad = score > 0 if meaning and meaning.low_is_good else score < 1
                if bad:
                    failed.add(figure)
    assert sorted(set(scorer.figures) - failed) == []
