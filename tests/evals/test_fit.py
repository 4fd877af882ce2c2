"""Simulated shoppers and the scorer that judges a recommendation by their hidden taste."""

from __future__ import annotations

from decimal import Decimal

import pytest

from agent.demo.browse import by_id
from evals.cases import FitGold
from evals.fit import PLACES, Score, score, summarise_fit, unmet
from evals.scorers import judge_case, scorers_for
from evals.scorers.fitting import WAYS
from evals.shoppers import WITHHELD, WRONG_KIND, Shopper, shopper, shoppers
from evals.suites import SUITES
from evals.traces import FitTrace
from evals.visits import shopper_of
from tools.domain import Money, Product


@pytest.fixture(scope="module")
def people() -> list[Shopper]:
    return shoppers(12, 7)


def best_of(person: Shopper) -> tuple[list[Product], frozenset[str], float]:
    """Five of the withheld products, all of them, and the enjoyment of the best."""
    withheld = person.withheld()
    unseen = person.unseen(person.shown)
    best = max(map(person.taste.enjoyment, unseen))
    return [p for p in unseen if p.id in withheld][:PLACES], withheld, best


def test_the_same_seed_gives_the_same_shoppers_however_many(people: list[Shopper]) -> None:
    again = shoppers(3, 7)
    assert again == people[:3]
    assert shoppers(3, 8) != again


def test_later_visits_are_for_other_things_by_the_same_person(people: list[Shopper]) -> None:
    twice = shoppers(12, 7, visits=2)
    assert twice[:12] == people
    for first, second in zip(people, twice[12:], strict=True):
        assert second.name == first.name
        assert second.taste.weights == first.taste.weights
        assert second.taste.thrift == first.taste.thrift
        assert second.steps != first.steps
    assert any(b.taste.kind != a.taste.kind for a, b in zip(people, twice[12:], strict=True))


def test_one_visit_is_as_among_all_visits(people: list[Shopper]) -> None:
    assert shopper(7, 2) == people[2]
    assert shopper(7, 2, visit=3) == shoppers(3, 7, visits=3)[8]


def test_the_suite_says_what_its_shoppers_want() -> None:
    cases = SUITES["fit"].cases()
    assert len(cases) == 30
    for case in cases:
        gold = case.gold
        assert isinstance(gold, FitGold)
        assert gold.wanted == tuple(shopper_of(name).taste.kind for name in case.frames)


def test_a_shopper_who_is_shown_nothing_is_not_served() -> None:
    (case,) = SUITES["fit"].cases()[:1]
    nothing = FitTrace(case=case.id, visits=case.frames, chosen=dict.fromkeys(WAYS, ((),) * 4))
    found = judge_case(scorers_for(case), case, nothing).scores
    assert found["fit_balanced"] == found["hits_balanced"] == 0
    assert found["regret_balanced"] > 1
    best = tuple(tuple(sorted(shopper_of(name).withheld()))[:PLACES] for name in case.frames)
    found = judge_case(
        scorers_for(case), case, nothing.model_copy(update={"chosen": {"balanced": best}})
    ).scores
    assert found["fit_balanced"] == found["hits_balanced"] == 1


def test_visits_of_one_shopper_are_one_cluster() -> None:
    names = [str(i) for i in range(10)] * 3
    hits = [h for h in (1, 2, 3) for _ in range(10)]
    others = {name: scores([1] * 30) for name in ("search", "popular", "best sellers")}
    line, *_ = summarise_fit({"balanced": scores(hits), **others}, names)
    assert line.regret.clusters == 10
    assert line.hits_over["search"].clusters == 10


def test_what_is_withheld_was_not_shown_and_is_liked_best(people: list[Shopper]) -> None:
    for person in people:
        withheld = person.withheld()
        assert len(withheld) == WITHHELD
        assert not withheld & person.shown
        enjoyed = {p.id: person.taste.enjoyment(p) for p in person.unseen(person.shown)}
        others = [joy for key, joy in enjoyed.items() if key not in withheld]
        assert min(enjoyed[key] for key in withheld) >= max(others)


def test_readings_show_what_the_shop_sells_and_something_was_opened(people: list[Shopper]) -> None:
    for person in people:
        catalog = by_id(person.taste.currency)
        titles = {catalog[key].title for key in person.shown}
        read = [p for reading in person.readings for p in reading.products]
        assert {p.title for p in read} == titles
        assert any(p.opened for p in read)
        assert len(person.readings) == sum("did" in step for step in person.steps)


def test_a_taste_minds_kind_ceiling_and_wishes(people: list[Shopper]) -> None:
    for person in people:
        taste = person.taste
        (item, *_), _, _ = best_of(person)
        fair, dear = (
            item.model_copy(update={"price": Money(amount=Decimal(end), currency=taste.currency)})
            for end in (taste.budget, taste.ceiling * 1.2)
        )
        assert taste.enjoyment(dear) < taste.enjoyment(fair) - 0.5
        other = item.model_copy(update={"categories": ("Elsewhere",)})
        assert taste.enjoyment(other) == WRONG_KIND


def test_a_dear_product_of_the_wrong_kind_earns_more_and_loses(people: list[Shopper]) -> None:
    for person in people:
        taste = person.taste
        good, withheld, best = best_of(person)
        planted = good[0].model_copy(
            update={
                "id": "planted",
                "categories": ("Home", "Pianos"),
                "price": Money(amount=Decimal(99_999), currency=taste.currency),
            }
        )
        right = score(taste, good, withheld, best)
        wrong = score(taste, [planted, *good[1:]], withheld, best)
        only = score(taste, [planted], withheld, best)
        assert wrong.spend > right.spend
        assert (right.right_kind, right.hits) == (PLACES, PLACES)
        assert (wrong.right_kind, wrong.hits) == (PLACES - 1, PLACES - 1)
        assert only.regret > 1 > right.regret >= 0
        assert only.hits == 0


def test_an_empty_answer_is_no_hit_and_regretted(people: list[Shopper]) -> None:
    _, withheld, best = best_of(people[0])
    nothing = score(people[0].taste, [], withheld, best)
    assert (nothing.items, nothing.hits) == (0, 0)
    assert nothing.regret == best - WRONG_KIND


def scores(hits: list[int], right_kind: int = PLACES) -> list[Score]:
    return [Score(right_kind, PLACES, h, 0.1, 1.0) for h in hits]


def test_what_is_asked_is_found_unmet_only_when_it_is() -> None:
    names = [str(i) for i in range(30)]
    low, high = [0, 1, 1, 2, 1] * 6, [2, 3, 3, 4, 2] * 6
    others = {"search": scores(low), "popular": scores(low), "best sellers": scores([0] * 30)}
    assert unmet(summarise_fit({"balanced": scores(high), **others}, names)) == []
    same = unmet(summarise_fit({"balanced": scores(low), **others}, names))
    assert [sentence.split(":")[0] for sentence in same] == [
        "the hit rate is not above search",
        "the hit rate is not above popular",
    ]
    astray = unmet(summarise_fit({"balanced": scores(high, right_kind=4), **others}, names))
    assert astray == ["category fit is 0.800, below 0.95"]
