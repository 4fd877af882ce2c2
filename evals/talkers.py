"""Simulated shoppers who talk: goals, patience and changes of mind, scored by the end state.

A talker knows what it wants and says so bit by bit; the assistant has to end up with exactly those
limits, and with items that keep them. The talker without a model draws everything from a seeded
generator; one that is driven by a model speaks through the same protocol.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from evals.scorers.state import wrong_keys
from evals.scorers.whatif import broken_for
from evals.traces import AnswerTrace

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from evals.cases import StateKey

Goal = Mapping["StateKey", Any]
"""The limits that the shopper has in mind; only the keys present count."""


class Talker(Protocol):
    """Someone who talks to the assistant until satisfied or out of patience."""

    @property
    def goal(self) -> Goal:
        """What they want by now; it may change while they talk."""

    def say(self, answer: AnswerTrace | None) -> str | None:
        """The next thing said after an answer (None: the first); None when they leave."""


@dataclass(frozen=True)
class Outcome:
    """How a conversation ended."""

    name: str
    turns: int
    goal_reached: bool
    """Whether the limits in force are those the shopper ended up wanting."""
    items_fit: bool
    """Whether something was recommended and all of it keeps those limits, or it was said that
    nothing does."""
    said: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()


_KINDS = {
    "dresses": (30, 140), "boots": (40, 150), "rugs": (40, 250), "headphones": (40, 250),
    "kettles": (15, 100), "watches": (40, 350), "chairs": (60, 350), "backpacks": (30, 180),
    "table lamps": (20, 90), "sandals": (20, 70), "handbags": (25, 115), "laptops": (400, 2000),
}  # fmt: skip
_COLORS = ("black", "blue", "green", "white", "red")
_BUDGET = ("up to £{0}", "my budget is £{0}", "nothing over £{0} please", "£{0} at most", "max {0}")
_BUDGET_NOW = ("what if I went to £{0}?", "make it £{0}", "actually £{0}", "let's say £{0}")
_FLOOR = ("at least £{0}", "nothing below £{0}")
_COLOR = ("in {0}", "make it {0}", "{0} please")
_NO_COLOR = ("any colour is fine", "the colour doesn't matter")
_RATING = ("rated {0} or better", "at least {0} stars")
_IDLE = ("thanks", "why the first one?", "how many do you have?", "hmm, let me think")


@dataclass
class SeededTalker:
    """Wants a kind, a budget and perhaps more; changes its mind; says so in drawn words."""

    name: str
    goal: dict[StateKey, Any] = field(init=False)
    plan: list[tuple[dict[StateKey, Any], str]] = field(init=False)
    _step: int = 0

    def __post_init__(self) -> None:
        draw = random.Random(f"talker {self.name}")
        kind = draw.choice(sorted(_KINDS))
        low, high = _KINDS[kind]
        budget = self._amount(draw, low, high)
        opening = draw.choice(("{k} up to £{b}", "show me {k} under £{b}", "I need {k}, max £{b}"))
        self.goal = {}
        self.plan = [({"category": kind, "price_upper": budget}, opening.format(k=kind, b=budget))]
        standing: dict[StateKey, Any] = {"price_upper": budget}
        for _ in range(draw.randint(1, 5)):  # patience
            change, words = self._another(draw, low, high, standing)
            standing.update(change)
            self.plan.append((change, words))

    @staticmethod
    def _amount(draw: random.Random, low: float, high: float) -> int:
        return 5 * round(draw.uniform(low, high) / 5)

    def _another(
        self, draw: random.Random, low: int, high: int, standing: Mapping[StateKey, Any]
    ) -> tuple[dict[StateKey, Any], str]:
        kind = draw.choice(("budget", "budget", "percent", "floor", "color", "rating", "idle"))
        upper = standing["price_upper"]
        if kind == "budget":
            amount = self._amount(
                draw, max(low, (standing.get("price_lower") or 0) + 5), high * 1.2
            )
            return {"price_upper": amount}, draw.choice(_BUDGET_NOW).format(amount)
        if kind == "percent":
            return {"price_upper": round(upper * 1.2, 2)}, "20% more"
        if kind == "floor" and not standing.get("price_lower"):
            amount = self._amount(draw, low // 2, int(upper * 0.6))
            return {"price_lower": amount}, draw.choice(_FLOOR).format(amount)
        if kind == "color" and standing.get("color"):
            return {"color": None}, draw.choice(_NO_COLOR)
        if kind == "color":
            color = draw.choice(_COLORS)
            return {"color": color}, draw.choice(_COLOR).format(color)
        if kind == "rating" and not standing.get("min_rating"):
            stars = draw.choice((4, 4.5))
            return {"min_rating": stars}, draw.choice(_RATING).format(stars)
        return {}, draw.choice(_IDLE)

    def say(self, answer: AnswerTrace | None) -> str | None:
        """The next step of the plan."""
        if self._step >= len(self.plan):
            return None
        change, words = self.plan[self._step]
        self._step += 1
        self.goal.update(change)
        return words


@dataclass
class ModelTalker:
    """A shopper played by a chat model, which is told the goal and sees the answers."""

    name: str
    goal: Goal
    model: BaseChatModel
    patience: int = 8
    _said: list[Any] = field(default_factory=list)

    def say(self, answer: AnswerTrace | None) -> str | None:
        """What the model says; None once it says DONE or patience runs out."""
        from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

        from prompts import load

        if answer is not None:
            self._said.append(HumanMessage(answer.message))
        if sum(isinstance(m, AIMessage) for m in self._said) >= self.patience:
            return None
        prompt = load("shopper")
        goal = "; ".join(f"{key}: {value}" for key, value in self.goal.items())
        system, opening = prompt.render(goal=goal)
        reply = self.model.invoke([SystemMessage(system), HumanMessage(opening), *self._said])
        text = reply.text.strip()
        self._said.append(AIMessage(text))
        return None if not text or text.upper().startswith("DONE") else text


def converse(talker: Any, turn: Any, most: int = 20) -> Outcome:
    """One whole conversation.

    Args:
        talker: a `Talker`.
        turn: what was said -> the answer's trace.
        most: turns after which it ends in any case.
    """
    said: list[str] = []
    answer: AnswerTrace | None = None
    while len(said) < most and (words := talker.say(answer)) is not None:
        said.append(words)
        answer = turn(words)
    if answer is None or answer.limits is None:
        return Outcome(talker.name, 0, False, False)
    wrong = wrong_keys(talker.goal, answer.limits)
    return Outcome(
        talker.name,
        len(said),
        goal_reached=not wrong,
        items_fit=_fit(answer),
        said=tuple(said),
        wrong=tuple(wrong),
    )


def _fit(answer: AnswerTrace) -> bool:
    broken = [path for item in answer.in_force for path in broken_for(item, answer)]
    return not broken and (bool(answer.in_force) or answer.nothing_fits)


def talk(names: Sequence[str], turns: Any) -> list[Outcome]:
    """A conversation with every seeded shopper.

    Args:
        names: seeds of the shoppers.
        turns: a name -> a function from what was said to the answer's trace.
    """
    return [converse(SeededTalker(name), turns(name)) for name in names]
