"""The second reading of a turn: phrases, weights, and when the grammar's reading is given up."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from random import Random

import numpy as np
import pytest

from agent.language import OperationClassifier, Understanding, parse
from agent.language.operations.classifier import BUCKETS, DIMENSION, ENCODER, features
from agent.language.operations.encoder import find_encoder
from agent.language.operations.labels import HEADS, possible, read_by_grammar
from agent.language.operations.view import View, view_amounts, view_turn
from agent.language.parse import read_turn
from agent.language.training.examples import (
    PHRASES,
    VOCABULARY,
    labels_of,
    make_examples,
    phrases_digest,
    read_phrases,
)
from agent.language.training.fit import fit_heads
from tests.support.shop import small_catalog
from tools.changes import Reset, Restore, SetPrice, ShiftPrice, WantValues
from tools.domain import Constraints, Provenance

SAID = Provenance(source="said", strength="hard", turn=1)


def standing(**limits: object) -> Constraints:
    return Constraints.model_validate(limits | {"provenance": dict.fromkeys(limits, SAID)})


BUDGET = standing(price_upper=Decimal(80), currency="GBP", brands=("Sony",))


class Sure(OperationClassifier):
    """A classifier that is sure of one operation of one head, and of nothing else."""

    said: tuple[str, str, float]

    def __init__(self, head: str, label: str, share: float = 0.99) -> None:
        super().__init__({})
        object.__setattr__(self, "said", (head, label, share))

    def probabilities(
        self, head: str, view: View, current: Constraints, understood: Understanding
    ) -> dict[str, float]:
        wanted, label, share = self.said
        return dict.fromkeys(HEADS[head], 0.0) | ({label: share} if head == wanted else {})


def test_the_weights_belong_to_the_phrases_and_the_features() -> None:
    with (files("agent.language.operations") / "weights.npz").open("rb") as stream:
        stored = np.load(stream, allow_pickle=False)
        assert str(stored["phrases"]) == phrases_digest(), "fit the classifier anew"
        widths = {stored[head].shape[1] for head in HEADS}
        assert {head: stored[head].shape[0] for head in HEADS} == {
            head: len(labels) for head, labels in HEADS.items()
        }
    read = read_turn("make it 60", VOCABULARY, BUDGET, (), "GBP")
    row = features(view_turn(read.symbols), BUDGET, read.understood, None)
    assert widths == {len(row) + 1}
    assert len(row) > BUCKETS + DIMENSION


def test_every_operation_has_phrases_enough_to_learn_from() -> None:
    counts: Counter[tuple[str, str]] = Counter()
    for path in PHRASES.glob("*.txt"):
        for _, operations, first in read_phrases(path):
            counts.update(labels_of(operations, first=first).items())
    for head, labels in HEADS.items():
        for label in labels:
            assert counts[head, label] >= 80, (head, label)


def test_examples_are_the_same_every_time() -> None:
    path = PHRASES / "terse.txt"
    assert make_examples([path], copies=2) == make_examples([path], copies=2)
    assert sum(1 for _ in read_phrases(path)) > 600


@pytest.mark.parametrize(
    ("head", "label", "said", "change"),
    [
        (
            "price",
            "up",
            "20 pounds",
            ShiftPrice(direction="up", amount=Decimal(20), currency="GBP"),
        ),
        ("price", "set_lower", "20 pounds", SetPrice(lower=Decimal(20), currency="GBP")),
        ("price", "range", "20 and 40", SetPrice(lower=Decimal(20), upper=Decimal(40))),
        ("price", "up_percent", "15%", ShiftPrice(direction="up", percent=Decimal(15))),
        ("price", "free_upper", "gone", Reset(family="price_upper")),
        ("price", "first", "as it was", Restore(to="first", family="price")),
        ("price", "undo", "hm", Restore(to="undo")),
        ("brands", "free", "Bosch", Reset(family="brands")),
        ("sizes", "want", "a 10", WantValues(field="sizes", values=("10",))),
    ],
)
def test_an_operation_becomes_its_change(head: str, label: str, said: str, change: object) -> None:
    classifier = Sure(head, label)
    understood = parse(said, vocabulary=VOCABULARY, current=BUDGET, classifier=classifier)
    assert change in understood.changes
    assert understood.question is None


def test_the_amount_in_force_is_not_the_new_one() -> None:
    understood = parse(
        "80, well, 60 rather than the old 80",
        vocabulary=VOCABULARY,
        current=BUDGET,
        classifier=Sure("price", "set_upper"),
    )
    assert understood.changes == (SetPrice(upper=Decimal(60)),)


def test_an_unsure_classifier_changes_nothing() -> None:
    for said in ("up to £60", "20 more", "any brand", "why not the blue one?", "thanks"):
        alone = parse(said, vocabulary=VOCABULARY, current=BUDGET)
        unsure = Sure("price", "undo", share=0.79)
        assert parse(said, vocabulary=VOCABULARY, current=BUDGET, classifier=unsure) == alone


def test_nothing_impossible_is_chosen() -> None:
    classifier = OperationClassifier.load()
    random = Random(5)
    words = [
        w for path in PHRASES.glob("*.txt") for t, _, _ in read_phrases(path) for w in t.split()
    ]
    for current in (Constraints(), BUDGET, standing(price_lower=Decimal(10), colors=("red",))):
        for _ in range(60):
            said = " ".join(random.choices(words, k=random.randint(1, 9)))
            read = read_turn(said, VOCABULARY, current, (), "GBP")
            if not read.symbols:
                continue
            view = view_turn(read.symbols)
            for head in HEADS:
                shares = classifier.probabilities(head, view, current, read.understood)
                assert sum(shares.values()) == pytest.approx(1)
                by = read_by_grammar(head, read.understood)
                for label, share in shares.items():
                    assert share == 0 or possible(head, label, view, current, by)


def test_the_classifier_reads_without_an_encoder_what_no_phrase_list_knows() -> None:
    for said, change in (
        ("my mum is chipping in £20 so add that to what i can spend", ("up", Decimal(20))),
        ("just spent £15 on lunch, so take that off my budget", ("down", Decimal(15))),
    ):
        understood = parse(
            said,
            vocabulary=VOCABULARY,
            current=BUDGET,
            currency="GBP",
            classifier=OperationClassifier.load(),
        )
        assert [
            (c.direction, c.amount) for c in understood.changes if isinstance(c, ShiftPrice)
        ] == [change]


def test_a_view_masks_what_varies() -> None:
    read = read_turn("a red Sony in size 10 for 20 pounds, 5% off", VOCABULARY, BUDGET, (), "GBP")
    view = view_turn(read.symbols)
    assert {"<colors>", "<brands>", "<sizes>", "<n>", "<p>"} <= set(view.words)
    assert view.values["colors"] == ("red",)


def test_a_first_request_is_viewed_around_its_money() -> None:
    said = "a 3 seater sofa with 6 legs, anywhere from 120 up to 300 euros please"
    read = read_turn(said, VOCABULARY, Constraints(), (), "EUR")
    view = view_amounts(read.symbols)
    assert view is not None
    assert [s.number for s in view.amounts] == [120, 300]
    assert view_amounts(read_turn("a sofa", VOCABULARY, Constraints()).symbols) is None


def test_fitting_learns_what_it_is_shown() -> None:
    examples = make_examples([PHRASES / "systematic.txt"], copies=1)
    rows = [
        features(e.view, e.current, e.understood, None, wish="wish" in e.labels) for e in examples
    ]
    classifier = OperationClassifier(fit_heads(examples, rows))
    right = 0
    for example in examples[:200]:
        shares = classifier.probabilities(
            "price", example.view, example.current, example.understood
        )
        right += max(shares, key=lambda label: shares[label]) == example.labels.get("price")
    assert right > 190


def test_no_encoder_is_taken_from_another_model(tmp_path: Path) -> None:
    shop = small_catalog(tmp_path)
    assert shop.manifest["encoder"]["digest"] != ENCODER
    assert find_encoder([shop], tmp_path) is None
    assert find_encoder([]) is None
