"""A multimodal model behind an OpenAI-compatible server reads the frames."""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from langchain_core.messages import HumanMessage, SystemMessage
from pydantic import BaseModel, ValidationError

from agent.models.answers import ask
from agent.models.image_plan import Cut, Plan, notes, picture, plan
from agent.models.image_tokens import Detail, rule_of
from agent.models.ledger import IMAGES_COST
from agent.models.vision import ImageUse, VisionResult
from agent.models.vision_reply import SummaryReply, VisionReply, reading_of, summary_of
from prompts import load
from tools.errors import InputError, InteraRecError

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from agent.capture.frames import Frame
    from tools.preferences import FrameReading, PreferenceSummary

_log = logging.getLogger(__name__)

Reply = TypeVar("Reply", bound=BaseModel)

SCREEN = 1280, 800
"""The screen by whose cost the budget of a batch is set."""
BUDGET_SCREENS = 4
"""Full screens that the pictures of a batch may cost, of ten, unless a budget is set."""


class KeptReadings(Protocol):
    """Where answers about frames are kept, for as long as the frames may be."""

    def reading(self, name: str) -> str | None:
        """The answer of that name."""

    def keep_reading(self, name: str, digests: Sequence[str], answer: str) -> None:
        """Keeps an answer; it goes with the first of the frames that goes."""


class HostedVision:
    """Reads frames with a hosted model, in one strict-schema call a batch.

    Of the frames only what is new is sent (`agent.models.image_plan`). The same frames under the
    same words, model and settings are asked about once, where answers can be kept.
    """

    concurrent = True
    """Several batches may be read at the same time."""

    def __init__(
        self,
        chat: BaseChatModel,
        detail: Detail = "high",
        *,
        budget: int | None = None,
        kept: KeptReadings | None = None,
    ) -> None:
        """
        Args:
            chat: the model.
            detail: as the server is asked to look at pictures.
            budget: tokens that the pictures of a batch may cost; None: what four full screens do.
            kept: where answers are kept; None: nowhere.
        """
        self._chat = chat
        self._detail = detail
        self._kept = kept
        self.name: str = getattr(chat, "model_name", chat._llm_type)
        self.server: str = getattr(chat, "server", "")
        self._rule = rule_of(self.name)
        self._budget = budget or BUDGET_SCREENS * self._rule.tokens(*SCREEN, detail)

    def read(
        self,
        frames: Sequence[Frame],
        *,
        before: Sequence[FrameReading],
        running: PreferenceSummary | None,
        prompts: Path | None = None,
    ) -> VisionResult:
        """Reads a batch.

        Raises:
            ModelUnavailable: twice an answer that does not fit the schema or the number of frames.
            InteraRecError: a frame that the gate has not cleared; it is not sent.
        """
        from agent.reader import collect_evidence

        for frame in frames:
            if not frame.checked:
                raise InteraRecError(f"{frame.name} was not looked at by the gate and is not sent")
        prompt = load("summarize", prompts)
        system, user = prompt.render(
            running_summary=running.model_dump_json() if running else "none yet",
            first_frame=len(before),
            frame_count=len(frames),
        )
        planned = plan(frames, self._rule, self._detail, self._budget)
        told = [user, notes(planned.cuts, len(before))]
        name = self._name(frames, planned, system, *told)
        reply = self._remembered(name, VisionReply)
        remembered = reply is not None
        if reply is None:
            content = [{"type": "text", "text": text} for text in told if text]
            content += [self._image(f, c) for f, c in zip(frames, planned.cuts, strict=True)]
            asked = HumanMessage(content, additional_kwargs={IMAGES_COST: planned.tokens})  # type: ignore[arg-type]
            reply = ask(
                self._chat,
                VisionReply,
                [SystemMessage(system), asked],
                check=lambda answer: _wrong_with(answer, frames, len(before)),
            )
            self._keep(name, [f.digest for f in frames], reply)
        readings = [reading_of(f.digest, r) for f, r in zip(frames, reply.frames, strict=True)]
        whole = [*before, *readings]
        images = ImageUse(
            pictures=len(frames),
            tokens=planned.tokens,
            full_size=planned.full_size,
            budget=planned.budget,
            remembered=remembered,
        )
        return VisionResult(
            readings,
            summary_of(reply.summary, len(whole)),
            collect_evidence(whole),
            {prompt.name: prompt.stamp},
            images,
        )

    def merge(
        self,
        running: PreferenceSummary | None,
        parts: Sequence[PreferenceSummary],
        digests: Sequence[str],
        prompts: Path | None = None,
    ) -> tuple[PreferenceSummary, str]:
        """One summary of summaries that were made at the same time, and the prompt's stamp.

        Args:
            running: the summary that each of the parts refines.
            parts: one a batch, in order.
            digests: the frames of the session, in order.

        Raises:
            ModelUnavailable: twice an answer that does not fit the schema.
        """
        prompt = load("merge", prompts)
        system, user = prompt.render(
            running_summary=running.model_dump_json() if running else "none yet",
            summaries=json.dumps([p.model_dump(mode="json") for p in parts], ensure_ascii=False),
        )
        messages = [SystemMessage(system), HumanMessage(user)]
        name = sha256("\0".join((self._model(), system, user)).encode()).hexdigest()
        reply = self._remembered(name, SummaryReply)
        if reply is None:
            reply = ask(self._chat, SummaryReply, messages)
            self._keep(name, digests, reply)
        return summary_of(reply, len(digests)), prompt.stamp

    def _image(self, frame: Frame, cut: Cut) -> dict[str, Any]:
        # The native form, because the standard image block loses `detail` on the wire.
        sent, kind = picture(frame, cut)
        data = base64.b64encode(sent).decode("ascii")
        url = f"data:{kind};base64,{data}"
        return {"type": "image_url", "image_url": {"url": url, "detail": self._detail}}

    def _name(self, frames: Sequence[Frame], planned: Plan, *texts: str) -> str:
        """What an answer is kept under: a digest of all that decides it.

        The rendered texts hold the words of the prompt and the running summary.
        """
        shown = [(f.digest, *_place(c)) for f, c in zip(frames, planned.cuts, strict=True)]
        form = VisionReply.model_json_schema()
        whole = json.dumps([self._model(), self._detail, form, texts, shown], sort_keys=True)
        return sha256(whole.encode()).hexdigest()

    def _model(self) -> str:
        return f"{self.name} at {self.server}, {getattr(self._chat, 'temperature', None)}"

    def _remembered(self, name: str, schema: type[Reply]) -> Reply | None:
        kept = None if self._kept is None else self._kept.reading(name)
        try:
            return schema.model_validate_json(kept) if kept else None
        except ValidationError:
            return None  # damaged: it is asked for again

    def _keep(self, name: str, digests: Sequence[str], reply: BaseModel) -> None:
        if self._kept is None:
            return
        try:
            self._kept.keep_reading(name, digests, reply.model_dump_json())
        except InteraRecError as error:
            # The answer is there; that it must be asked for again is no reason to lose it.
            _log.warning("an answer about screenshots is not kept: %s", error)


def _wrong_with(reply: VisionReply, frames: Sequence[Frame], before: int) -> str:
    """What is wrong with an answer that has the right form, in words that a model can act on."""
    if len(reply.frames) != len(frames):
        return f"frames: it has {len(reply.frames)} entries, one for each of {len(frames)} is asked"
    try:
        for frame, answer in zip(frames, reply.frames, strict=True):
            reading_of(frame.digest, answer)
        summary_of(reply.summary, before + len(frames))
    except InputError as error:
        return str(error)
    return ""


def _place(cut: Cut) -> tuple[int, ...]:
    return cut.left, cut.top, cut.right, cut.bottom, *cut.size
