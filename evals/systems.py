"""The systems under test behind one small face: a case goes in, its trace comes out.

Everything here that knows how the product is called stands in this file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from evals.cases import Case, LimitsGold, PictureGold
from evals.traces import (
    AskedRange,
    DialogueTrace,
    LimitsTrace,
    PictureTrace,
    RequestTrace,
    SessionTrace,
    Trace,
)
from tools.domain import Constraints
from tools.errors import InputError

if TYPE_CHECKING:
    from agent.language import SimpleVocabulary, Understanding


class System(Protocol):
    """Something that can be tried on cases."""

    @property
    def name(self) -> str:
        """What it is called in results, the model's name included."""

    def run(self, case: Case) -> Trace:
        """What it does with one case.

        Raises:
            InteraRecError: it refuses the case; that is recorded, and the run goes on.
        """


StartSystem = Callable[[], System]
"""Makes the system; called once in every worker, so it has to be picklable."""


class Reader:
    """Stages one and two: pictures into readings, sessions into a summary and limits."""

    def __init__(self) -> None:
        from agent.config import load_settings

        self._settings = load_settings()
        self.name = f"reader {self._settings.vision_model}"

    def run(self, case: Case) -> Trace:
        """Read the case's frames as `interarec read` does."""
        from agent.capture.take import take
        from agent.reading import read_session

        taken = take([Path(frame) for frame in case.frames])
        read = read_session(taken.kept, self._settings)
        if isinstance(case.gold, PictureGold):
            return PictureTrace(case=case.id, reading=read.readings[0])
        return SessionTrace(
            case=case.id, summary=read.summary, evidence=read.evidence, constraints=read.limits
        )


def vocabulary_of(cases: Sequence[Case]) -> Mapping[str, tuple[str, ...]]:
    """The shop's vocabulary that the golds of some queries amount to."""
    golds = [case.gold for case in cases if isinstance(case.gold, LimitsGold)]
    return {
        field: tuple(dict.fromkeys(v for gold in golds for v in getattr(gold, field)))
        for field in ("brands", "colors", "categories", "sizes")
    }


def halves(cases: Sequence[Case]) -> tuple[list[Case], list[Case]]:
    """Two halves by the hash of the id: the first to build from, the second to be tested on."""
    first = {c.id for c in cases if sha256(c.id.encode()).digest()[0] % 2 == 0}
    return [c for c in cases if c.id in first], [c for c in cases if c.id not in first]


class Language:
    """Words to limits with the embedded grammar: dialogues, queries and requests."""

    def __init__(self, vocabulary: Mapping[str, tuple[str, ...]] | None = None) -> None:
        from agent.language import OperationClassifier, SimpleVocabulary
        from tools.catalog.embedding import ready_encoder

        self.name = "language embedded"
        self._classifier = OperationClassifier.load(ready_encoder())
        words = vocabulary or {}
        self._vocabulary: SimpleVocabulary = SimpleVocabulary(
            brands=words.get("brands", ()),
            colors=words.get("colors", ()),
            categories=words.get("categories", ()),
            sizes=words.get("sizes", ()),
        )

    def run(self, case: Case) -> Trace:
        """Follow the case's turns; what cannot be applied leaves the limits as they were."""
        states: list[Constraints] = []
        current = Constraints()
        understood: Understanding | None = None
        for turn, text in enumerate(case.texts, start=1):
            understood = self._parse(text, current)
            current = self._applied(current, understood, turn, states)
            states.append(current)
        match case.gold.kind:
            case "dialogue":
                return DialogueTrace(case=case.id, states=tuple(states))
            case "request":
                return _request(case.id, current, understood)
            case "limits":
                return LimitsTrace(case=case.id, constraints=current)
        raise InputError(f"the language system does not run cases of kind {case.gold.kind!r}")

    def _parse(self, text: str, current: Constraints) -> Understanding:
        from agent.language import parse

        return parse(
            text,
            vocabulary=self._vocabulary,
            current=current,
            classifier=self._classifier,
        )

    def _applied(
        self,
        current: Constraints,
        understood: Understanding,
        turn: int,
        history: Sequence[Constraints],
    ) -> Constraints:
        from tools.changes import apply_changes

        try:
            return apply_changes(current, understood.changes, turn=turn, history=history)
        except InputError:
            # As in the product: an impossible change is answered with its reason, nothing moves.
            return current


def _request(case: str, limits: Constraints, understood: Understanding | None) -> RequestTrace:
    wishes = understood.wishes if understood else ()
    items = [
        AskedRange(lower=w.price_lower, upper=w.price_upper, currency=w.currency) for w in wishes
    ]
    whole = AskedRange(lower=limits.price_lower, upper=limits.price_upper, currency=limits.currency)
    total = understood.budget_total if understood else None
    budget = None if total is None else AskedRange(upper=total, currency=limits.currency)
    if budget is not None and not items:
        items = [AskedRange()]
    return RequestTrace(case=case, items=tuple(items or [whole]), budget=budget)
