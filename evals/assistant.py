"""The whole graph as a system under test: shop, models and prompts as a shopper meets them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.models.factory import EMBEDDED
from evals.cases import Case, DialogueGold
from evals.dialogue import Dialogue
from evals.pictures import frames_of
from evals.recognised import with_lines
from evals.traces import AnswerTrace, DialogueTrace, PictureTrace, SessionTrace, Trace
from evals.visits import fit_trace, is_visit, visit_trace
from tools.errors import InputError, InteraRecError, RunStopped

if TYPE_CHECKING:
    from collections.abc import Callable

    from agent.capture.frames import Frame
    from agent.config import Settings
    from agent.context import Context
    from agent.state import State
    from evals.replay import ReplayCache
    from tools.catalog import Catalog


@dataclass(frozen=True)
class Assistant:
    """Runs cases through the graph; one conversation each.

    Args:
        model: `embedded` or `openai:MODEL`, for chat and vision alike.
        prompts: a folder whose prompt files replace the shipped ones.
        replay: folder of recorded model answers; None: models are called.
        record: keep new answers there instead of refusing calls that are not.
    """

    model: str = "embedded"
    prompts: Path | None = None
    replay: Path | None = None
    record: bool = False

    @property
    def name(self) -> str:
        """Model and prompts."""
        return f"{self.model} with {self.prompts.name if self.prompts else 'shipped prompts'}"

    @cached_property
    def _settings(self) -> Settings:
        from agent.config import load_settings

        return load_settings(chat_model=self.model, vision_model=self.model, prompts=self.prompts)

    @cached_property
    def _demo(self) -> Context:
        from agent.assembly import make_context

        try:
            return self._replayed(make_context(self._settings))
        except RunStopped:
            raise
        except InteraRecError as error:
            # No case is at fault, and none can be run.
            raise RunStopped(str(error)) from None

    @cached_property
    def _cache(self) -> ReplayCache | None:
        from evals.replay import ReplayCache

        return (
            ReplayCache(self.replay, "record" if self.record else "replay") if self.replay else None
        )

    def _replayed(self, context: Context) -> Context:
        if self._cache is None:
            return context
        for model in (context.chat, getattr(context.vision, "model", None)):
            if model is not None and model is not context.embedded_chat:
                model.cache = self._cache
        return context

    def _context(self, case: Case) -> Context:
        if not case.shop:
            return self._demo
        from evals.shops import shop

        catalog = shop(Path(case.shop), self._settings.home)
        return in_shop(self._demo, catalog)

    def run(self, case: Case) -> Trace:
        """The conversation of a case: its pictures with the first turn, then turn by turn.

        Raises:
            InputError: a picture or the shop cannot be used.
            RunStopped: the model cannot be used, or a recorded answer is missing.
        """
        context = self._context(case)
        if self._cache is not None:
            self._cache.told = f"case {case.id!r} of {self.name}"
        if case.gold.kind == "fit":
            return fit_trace(case, context, self.prompts)
        if is_visit(case):
            return visit_trace(case, context, self.prompts)
        if case.gold.kind == "picture":
            frames = self._frames(case)
            read = context.vision.read(frames, before=(), running=None, prompts=self.prompts)
            return PictureTrace(case=case.id, reading=read.readings[0])
        answers = []
        for dialogue in self.turns(case):
            answers.append(dialogue.trace())
            if self.model != EMBEDDED and answers[-1].degraded:
                # The embedded model answered; its scores must not stand under another's name.
                raise RunStopped(f"{self.model} could not be used: {answers[-1].degraded[0]}")
        return _trace(case, dialogue.states, answers)

    def turns(self, case: Case) -> Iterator[Dialogue]:
        """The dialogue of a case after each of its turns; nothing is judged.

        Raises:
            InputError: a picture or the shop cannot be used.
            RunStopped: the model cannot be used, or a recorded answer is missing.
        """
        frames = self._frames(case)
        dialogue = Dialogue(self._context(case), case.id)
        for number, text in enumerate(case.texts or ("",)):
            dialogue.turn(text, frames if number == 0 else ())
            yield dialogue

    def _frames(self, case: Case) -> list[Frame]:
        home = self._settings.home
        frames = frames_of(case.frames, home)
        # A hosted model looks at the pictures itself.
        return with_lines(frames, home) if self.model == EMBEDDED else frames

    def conversation(self, name: str) -> Callable[[str], AnswerTrace]:
        """A conversation in the demo shop: what is said -> the trace of the answer."""
        dialogue = Dialogue(self._demo, name)

        def answer(text: str) -> AnswerTrace:
            dialogue.turn(text)
            return dialogue.trace()

        return answer


def in_shop(context: Context, catalog: Catalog) -> Context:
    """The same run in another shop."""
    from agent.language.operations import find_encoder
    from agent.models.embedded import EmbeddedChatModel

    market = catalog.currency or ""
    embedded = EmbeddedChatModel(
        vocabularies={market: catalog.vocabulary()}, encode=find_encoder([catalog])
    )

    def here(model: Any) -> Any:
        return embedded if model is context.embedded_chat else model

    return replace(
        context,
        markets={market: catalog},
        chat=here(context.chat),
        second_chat=here(context.second_chat),
        embedded_chat=embedded,
    )


def _trace(case: Case, states: Sequence[State], answers: Sequence[AnswerTrace]) -> Trace:
    last = answers[-1]
    if isinstance(case.gold, DialogueGold):
        limits = tuple(state["limits"] for state in states)
        return DialogueTrace(case=case.id, states=limits, answers=tuple(answers))
    if case.gold.kind == "answer":
        return last.model_copy(
            update={
                "compared": tuple(c for answer in answers for c in answer.compared),
                "usage": tuple(u for answer in answers for u in answer.usage),
            }
        )
    if case.gold.kind == "session":
        state = states[-1]
        return SessionTrace(
            case=case.id,
            summary=state.get("summary"),
            evidence=state.get("evidence"),
            constraints=state["limits"],
        )
    raise InputError(f"the assistant does not run cases of kind {case.gold.kind!r}")
